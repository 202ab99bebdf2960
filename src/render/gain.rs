//! How much better a sentence reads with an edit than without it.
//!
//! In: a language model, a text, its plan. Out: for each edit the model's gain in decimal orders of magnitude: the restored sentence
//! against the same sentence with this one word left as it was. What the decoder weighs besides (the profile, the topic, the rest of
//! the document) is not in it: that is in the confidence.

use crate::decode::Plan;
use crate::lm::reading::{Reading, read_sentence};
use crate::lm::{LanguageModel, NgramModel, special};
use crate::text::{Byte, Span, segments, tokenise};

/// The gain of each edit, in the order of the plan.
pub(super) fn gains(model: &NgramModel<'_>, text: &str, plan: &Plan) -> Vec<f32> {
    let tokens = tokenise(text);
    let start = |at: usize| tokens.get(at).map_or(text.len(), |token| token.span().start);
    let ends: Vec<usize> = segments(text, &tokens).sentences.iter().map(|sentence| start(sentence.end)).collect();
    let sentence = |at: usize| ends.partition_point(|&end| end <= at);
    let border = |index: usize| if index == 0 { 0 } else { ends.get(index - 1).copied().unwrap_or(text.len()) };
    let mut out = Vec::with_capacity(plan.edits.len());
    for (number, edit) in plan.edits.iter().enumerate() {
        let index = sentence(edit.span.start);
        let whole = Span::new(border(index), border(index + 1).max(edit.span.end));
        let read = |left: Option<usize>| likelihood(model, &with_edits(text, whole, plan, left));
        out.push((read(None) - read(Some(number))) / std::f32::consts::LN_10);
    }
    out
}

/// A stretch of text with all its edits but one.
fn with_edits(text: &str, whole: Span<Byte>, plan: &Plan, left: Option<usize>) -> String {
    let first = plan.edits.partition_point(|edit| edit.span.start < whole.start);
    let mut out = String::with_capacity(whole.len());
    let mut at = whole.start;
    for (number, edit) in plan.edits.iter().enumerate().skip(first).take_while(|(_, edit)| edit.span.end <= whole.end) {
        out.push_str(Span::<Byte>::new(at, edit.span.start).of(text).unwrap_or(""));
        out.push_str(if left == Some(number) { &edit.from } else { &edit.to });
        at = edit.span.end;
    }
    out.push_str(Span::<Byte>::new(at, whole.end).of(text).unwrap_or(""));
    out
}

/// Log likelihood of a sentence, in nats.
fn likelihood(model: &NgramModel<'_>, sentence: &str) -> f32 {
    let tokens = tokenise(sentence);
    let vocabulary = model.vocabulary();
    let mut ids = Vec::with_capacity(tokens.len());
    for reading in read_sentence(sentence, &tokens) {
        match reading {
            Reading::Nothing => {}
            Reading::Break => ids.push(special::BREAK),
            Reading::Opaque => ids.push(special::UNKNOWN),
            Reading::Word(key) => ids.push(vocabulary.id_or_unknown(&key)),
            Reading::Possessive(key) => ids.extend([vocabulary.id_or_unknown(&key), vocabulary.id_or_unknown("'s")]),
        }
    }
    ids.push(special::END);
    let mut state = model.sentence_start();
    let mut sum = 0.0;
    for id in ids {
        if id == special::BREAK {
            state = model.no_context();
            continue;
        }
        let (score, next) = model.score(&state, id);
        sum += score.0;
        state = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Edit, Reason};

    #[test]
    fn the_right_word_gains_and_the_wrong_one_loses() {
        let model = crate::embedded::model().unwrap();
        let text = "Nothing here. The talks could beryllium held successful the spring. They went home.";
        let edit = |from: &str, to: &str| {
            let start = text.find(from).unwrap();
            let span = Span::new(start, start + from.len());
            Edit { span, from: from.into(), to: to.into(), reason: Reason::Open, confidence: 1.0, alternatives: Vec::new() }
        };
        let plan =
            Plan { edits: vec![edit("beryllium", "be"), edit("successful", "in"), edit("home", "beryllium")], undecided: Vec::new() };
        let found = gains(&model, text, &plan);
        assert!(found.len() == 3 && found[0] > 2.0 && found[1] > 2.0 && found[2] < -2.0, "{found:?}");
    }
}
