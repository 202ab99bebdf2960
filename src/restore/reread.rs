//! A second opinion on doubtful places, between decoding and decision.
//!
//! In: a text, and its places with the posterior of each reading. Out: new posteriors. Who gives it is not known here: the neural model
//! does (feature `neural`).

use super::pieces::bytes_of;
use super::shares::{is_spun, swap_probability};
use crate::decode::Decoding;
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
pub(super) fn reread(second: &dyn Reread, text: &str, tokens: &[Token], found: &Segments, decoding: &mut Decoding, judgement: &Judgement) {
    let mut order: Vec<usize> = (0..decoding.places.len()).collect();
    order.sort_by_key(|&index| (decoding.places[index].tokens.start, std::cmp::Reverse(decoding.places[index].tokens.end)));
    let (mut asked, mut doubts, mut behind) = (Vec::new(), Vec::new(), 0);
    for index in order {
        let place = &decoding.places[index];
        let likely = place.tokens.len() == 1 || swap_probability(decoding, place) > 0.5;
        if place.tokens.start < behind || !is_spun(judgement, found, place) || !likely {
            continue;
        }
        let (Some((_, candidates)), Some(span)) = (decoding.words.get(place.word), bytes_of(place.tokens, tokens)) else { continue };
        if candidates.len() != place.posterior.len() || candidates.is_empty() {
            continue;
        }
        let case = tokens.get(place.tokens.start).and_then(Token::shape).map(|shape| shape.case);
        let carried = |text: &String| case.map_or_else(|| text.clone(), |case| case.carry(text));
        let readings = candidates.iter().map(|candidate| carried(&candidate.text)).collect();
        doubts.push(Doubt { span, word: place.word, readings, posterior: &place.posterior });
        asked.push(index);
        behind = place.tokens.end;
    }
    let answers = second.reread(text, &doubts);
    for (index, posterior) in asked.into_iter().zip(answers) {
        if posterior.len() == decoding.places[index].posterior.len() {
            decoding.places[index].posterior = posterior;
        }
    }
}
