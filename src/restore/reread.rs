//! A second opinion on doubtful places, between decoding and decision.
//!
//! In: a text, and its places with the posterior of each reading. Out: new posteriors. Who gives it is not known here: the neural model
//! does (feature `neural`).

use super::pieces::bytes_of;
use super::shares::{is_spun, swap_probability};
use crate::decode::Readings;
use crate::detect::Judgement;
use crate::text::{Byte, Segments, Span, Token};

/// A place of a text, and what may stand there.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt<'d> {
    /// Where it stands.
    pub span: Span<Byte>,
    /// Which cipher word stands there: places with equal numbers have the same word, and the same readings in the same order.
    pub word: usize,
    /// The readings, in the letter case of the place; the word itself may be one of them.
    pub readings: Vec<String>,
    /// Posterior probability of each reading; the rest to one is for readings that are not told.
    pub posterior: &'d [f32],
}

/// Reads doubtful places again.
pub trait Reread: std::fmt::Debug + Sync {
    /// New posteriors for `doubts`, which stand in the order of the text and do not overlap. Each place keeps the sum of its
    /// posteriors. The same text and doubts get the same answer, always.
    fn reread(&self, text: &str, doubts: &[Doubt<'_>]) -> Vec<Vec<f32>>;
}

/// Puts the posteriors of a second opinion in place of the decoder's, in the paragraphs that are spun. A phrase that is likely stands for
/// the words inside it.
pub(super) fn reread(second: &dyn Reread, text: &str, tokens: &[Token], found: &Segments, readings: &mut Readings, judgement: &Judgement) {
    let mut order: Vec<usize> = (0..readings.places.len()).collect();
    order.sort_by_key(|&index| (readings.places[index].tokens.start, std::cmp::Reverse(readings.places[index].tokens.end)));
    let (mut asked, mut doubts, mut behind) = (Vec::new(), Vec::new(), 0);
    for index in order {
        let place = &readings.places[index];
        let likely = place.tokens.len() == 1 || swap_probability(readings, place) > 0.5;
        if place.tokens.start < behind || !is_spun(judgement, found, place) || !likely {
            continue;
        }
        let (candidates, posterior) = (readings.candidates(place), readings.posterior(place));
        let Some(span) = bytes_of(place.tokens, tokens) else { continue };
        if candidates.len() != posterior.len() || candidates.is_empty() {
            continue;
        }
        let case = tokens.get(place.tokens.start).and_then(Token::shape).map(|shape| shape.case);
        let carried = |text: &String| case.map_or_else(|| text.clone(), |case| case.carry(text));
        let texts = candidates.iter().map(|candidate| carried(&candidate.text)).collect();
        doubts.push(Doubt { span, word: place.word, readings: texts, posterior });
        asked.push(index);
        behind = place.tokens.end;
    }
    let answers = second.reread(text, &doubts);
    for (index, posterior) in asked.into_iter().zip(answers) {
        readings.replace(index, &posterior);
    }
}
