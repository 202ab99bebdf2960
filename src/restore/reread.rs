//! A second opinion on doubtful places, between decoding and decision.
//!
//! In: a text, and its places with the posterior of each reading. Out: new posteriors. Who gives it is not known here: the neural model
//! does (feature `neural`).

use crate::text::{Byte, Span};

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
