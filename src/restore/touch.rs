//! Which other shapes than bare words a spinner touches that nobody knows, and which capitals are names all the same.
//!
//! In: what a text tells that was decoded as if only bare lower-case words had been swapped. Out: a touch rule, and the words that stay. Not obvious: most
//! names stand in capitals, and a language model knows little of them, so of those words only the ones are open that begin a sentence and are no name.

use std::collections::HashSet;

use super::shares::is_spun;
use crate::decode::{Readings, ShapeCount, SureSwaps};
use crate::detect::{Judgement, Verdict};
use crate::lexicon::TouchRule;
use crate::text::{Case, Segments, Setting, Shape, Token, TokenKind};

/// Share of the places of a word, at least, at which it is surely read as another.
const SURE: f32 = 0.5;
/// Share of the words of a shape that has to be swapped.
const TOUCHED: f32 = 0.5;
/// Swapped words that show it of a shape which few words have.
const SHOWN: usize = 3;

/// What the spinner of a text touches beside bare words, if anything, and where the words begin that stay all the same; only what is spun is looked at.
pub(super) fn beyond_bare(
    readings: &Readings,
    judgement: &Judgement,
    text: &str,
    tokens: &[Token],
    found: &Segments,
) -> Option<(TouchRule, HashSet<usize>)> {
    let swaps = SureSwaps::of(readings, 1.0, SURE, |place| is_spun(judgement, found, place));
    let mut shown = [ShapeCount::default(); TouchRule::SHAPES];
    let spun = found.paragraphs.iter().zip(&judgement.paragraphs).filter(|(_, verdict)| **verdict == Verdict::Spun);
    spun.for_each(|(span, _)| swaps.count(text, tokens.get(span.start..span.end).unwrap_or(&[]), &mut shown));
    let rule = rule(&shown);
    (rule != TouchRule::BARE).then(|| (rule, names(text, tokens, found, &swaps)))
}

/// What a spinner touches, by what each shape shows.
fn rule(shown: &[ShapeCount; TouchRule::SHAPES]) -> TouchRule {
    let mut touched = shown.map(|shape| shape.swapped >= SHOWN && shape.exceeds(TOUCHED));
    let index = |case: Case, setting: Setting| TouchRule::index(Shape { case, setting });
    let common = [index(Case::Lower, Setting::Punctuated), index(Case::Title, Setting::Bare)];
    common.iter().flatten().for_each(|&at| touched[at] = shown[at].exceeds(TOUCHED));
    // few words have both a capital and a mark beside them
    if let Some(both) = index(Case::Title, Setting::Punctuated) {
        touched[both] = common.iter().flatten().all(|&at| touched[at]);
    }
    TouchRule::of(touched).union(TouchRule::BARE)
}

/// Where the words with a capital begin that are names, or may be: they stand inside a sentence somewhere, and are no image of a bare word.
fn names(text: &str, tokens: &[Token], found: &Segments, swaps: &SureSwaps) -> HashSet<usize> {
    let is_title = |token: &Token| token.shape().is_some_and(|shape| shape.case == Case::Title);
    let mut inside: HashSet<&str> = HashSet::new();
    let mut at_start: Vec<&Token> = Vec::new();
    let mut out = HashSet::new();
    for sentence in &found.sentences {
        let mut begins = true;
        for token in tokens.get(sentence.start..sentence.end).unwrap_or(&[]) {
            if is_title(token) && !swaps.is_image(token.text(text)) {
                if begins {
                    at_start.push(token);
                } else {
                    inside.insert(token.text(text));
                    out.insert(token.span().start);
                }
            }
            begins = match token.kind {
                TokenKind::Word(_) | TokenKind::Number => false,
                // what is said begins with a capital too
                TokenKind::Punctuation => begins || matches!(token.text(text), "\"" | "\u{201c}" | "\u{2018}"),
                _ => begins,
            };
        }
    }
    out.extend(at_start.iter().filter(|token| inside.contains(token.text(text))).map(|token| token.span().start));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{segments, tokenise};

    fn shown(counts: [(usize, usize); TouchRule::SHAPES]) -> [ShapeCount; TouchRule::SHAPES] {
        counts.map(|(swapped, stayed)| ShapeCount { swapped, stayed })
    }

    #[test]
    fn a_shape_is_touched_if_most_of_its_words_are_swapped() {
        let of = |counts| rule(&shown(counts)).to_string();
        let none = (0, 0);
        assert_eq!(of([(88, 1), (0, 3), none, none, (0, 1), none, none, none]), "lower-bare");
        assert_eq!(of([(88, 1), (3, 1), none, (1, 0), (0, 2), none, none, none]), "lower-bare lower-punctuated");
        assert_eq!(
            of([(88, 1), (3, 0), none, (3, 0), (1, 0), (0, 2), none, none]),
            "lower-bare lower-punctuated lower-hyphenated title-bare title-punctuated"
        );
        assert_eq!(of([(88, 1), (1, 1), none, none, (2, 0), none, none, none]), "lower-bare title-bare");
    }

    #[test]
    fn capitals_inside_a_sentence_are_names_and_then_everywhere() {
        let text = "Pell said no. However the weather, Mr Pell told us, \"Never mind\". Never again in Larkspur.";
        let tokens = tokenise(text);
        let swaps = SureSwaps::of(&Readings::default(), 1.0, SURE, |_| true);
        let names = names(text, &tokens, &segments(text, &tokens), &swaps);
        let named: Vec<&str> = tokens.iter().filter(|token| names.contains(&token.span().start)).map(|token| token.text(text)).collect();
        assert_eq!(named, ["Pell", "Mr", "Pell", "Larkspur"]);
    }
}
