//! The scoring contract of a language model, and the unit of its scores.

use std::hash::Hash;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use super::vocabulary::WordId;

/// A natural logarithm of a probability, in nats. Zero is certainty.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct LogProb(pub f32);

impl LogProb {
    /// Logarithm of `probability`, which is at least `1e-30` for this purpose.
    #[must_use]
    pub fn of(probability: f32) -> Self {
        Self(probability.max(1e-30).ln())
    }

    /// The same in decimal logarithms, as language-model tools print it.
    #[must_use]
    pub fn log10(self) -> f32 {
        self.0 / std::f32::consts::LN_10
    }
}

impl Add for LogProb {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl AddAssign for LogProb {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}
impl Sub for LogProb {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl Neg for LogProb {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl Sum for LogProb {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

/// What the decoder needs of a language model.
pub trait LanguageModel {
    /// What of the words before matters; equal states score every continuation alike.
    type State: Copy + Eq + Hash;

    /// The state at the start of a sentence.
    fn sentence_start(&self) -> Self::State;

    /// The state after a break: nothing is known of the words before.
    fn no_context(&self) -> Self::State;

    /// Log probability (natural, nats) of `word` after `state`, and the state behind it.
    fn score(&self, state: &Self::State, word: WordId) -> (LogProb, Self::State);

    /// Log probability of `word` without any context.
    fn unigram(&self, word: WordId) -> LogProb;
}
