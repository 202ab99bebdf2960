//! The n-gram model over the tables of a model file: back-off scoring with a state of a few trie indices.
//!
//! A state holds, for each length of context, the index of that context in its table. Scoring a word
//! is then one search among the children of each context, which yields at once the probability and the
//! next state.

use super::context::ContextModel;
use super::format::CHILD_BLOCK;
use super::lookup::{self, IN_STEP, Range, in_step};
use super::score::{LanguageModel, LogProb};
use super::topic::Vectors;
use super::vocabulary::{Vocabulary, WordId, special};

/// Highest order of a model.
pub const MAX_ORDER: usize = 4;
/// Marks a context that the model does not have.
pub(super) const NONE: u32 = u32::MAX;

/// Unigram tables, indexed by word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unigrams<'a> {
    pub(super) prob: &'a [f32],
    pub(super) backoff: &'a [f32],
    pub(super) child: &'a [u32],
}

/// Tables of an order between the unigrams and the highest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Middle<'a> {
    pub(super) word: &'a [u16],
    pub(super) prob: &'a [u8],
    pub(super) backoff: &'a [u8],
    pub(super) child_base: &'a [u32],
    pub(super) child_offset: &'a [u16],
    /// 256 probabilities, then 256 back-offs.
    pub(super) codes: &'a [f32],
}

impl Middle<'_> {
    pub(super) const EMPTY: Self = Self { word: &[], prob: &[], backoff: &[], child_base: &[], child_offset: &[], codes: &[] };

    fn children(&self, index: usize) -> (usize, usize) {
        let at = |i: usize| {
            let base = self.child_base.get(i / CHILD_BLOCK).copied().unwrap_or(0);
            let offset = self.child_offset.get(i).copied().unwrap_or(0);
            base as usize + offset as usize
        };
        (at(index), at(index + 1))
    }
}

/// Tables of the highest order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    pub(super) word: &'a [u16],
    pub(super) prob: &'a [u8],
    pub(super) codes: &'a [f32],
}

/// An n-gram model with back-off, read in place.
#[derive(Clone, Copy, Debug)]
pub struct NgramModel<'a> {
    pub(super) vocabulary: Vocabulary<'a>,
    pub(super) order: usize,
    pub(super) unigrams: Unigrams<'a>,
    pub(super) middle: [Middle<'a>; MAX_ORDER - 2],
    pub(super) leaf: Leaf<'a>,
    pub(super) vectors: Vectors<'a>,
    pub(super) context: Option<ContextModel<'a>>,
}

/// Which contexts of the words before the model has: index of the context of each length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) context: [u32; MAX_ORDER - 1],
}

impl State {
    pub(super) const EMPTY: Self = Self { context: [NONE; MAX_ORDER - 1] };
}

impl<'a> NgramModel<'a> {
    /// The words of the model.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary<'a> {
        self.vocabulary
    }

    /// The word vectors of the model; empty if it has none.
    #[must_use]
    pub fn vectors(&self) -> Vectors<'a> {
        self.vectors
    }

    /// The network that goes with the model, if there is one.
    #[must_use]
    pub fn context(&self) -> Option<ContextModel<'a>> {
        self.context
    }

    /// The model and a network that goes with it.
    #[must_use]
    pub fn with_context(self, context: ContextModel<'a>) -> Self {
        Self { context: Some(context), ..self }
    }

    /// Order of the model.
    #[must_use]
    pub fn order(&self) -> usize {
        self.order
    }

    /// Number of n-grams of each order, unigrams first.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        let middle = self.middle.iter().take(self.order - 2).map(|level| level.word.len());
        std::iter::once(self.unigrams.prob.len()).chain(middle).chain(std::iter::once(self.leaf.word.len())).collect()
    }

    /// The state that knows one word before, and nothing else.
    #[must_use]
    pub fn after(&self, word: WordId) -> State {
        let mut state = State::EMPTY;
        state.context[0] = u32::from(word);
        state
    }

    /// Log probability (natural, nats) of `word` behind one word, nothing else being known; behind a break, without any context.
    #[must_use]
    pub fn pair(&self, before: WordId, word: WordId) -> LogProb {
        if before == special::BREAK {
            return self.unigram(word);
        }
        LogProb(self.bigram(before, word).unwrap_or_else(|| self.unigram(word).0 + self.backoff_after(before)))
    }

    /// Log probability (natural, nats) of `word` behind `before`, if the model has the two in a row.
    pub(crate) fn bigram(&self, before: WordId, word: WordId) -> Option<f32> {
        let (start, words) = self.children(1, u32::from(before))?;
        lookup::find(words, word).map(|at| self.prob(2, start + at))
    }

    /// The same of many pairs, each a word and the one behind it; all are searched in step.
    pub(crate) fn bigrams(&self, mut pairs: impl Iterator<Item = (WordId, WordId)>, found: &mut Vec<Option<f32>>) {
        found.clear();
        loop {
            let (mut ranges, mut starts, mut number) = ([Range::EMPTY; IN_STEP], [0; IN_STEP], 0);
            for ((range, first), (before, word)) in ranges.iter_mut().zip(&mut starts).zip(pairs.by_ref()) {
                let (start, words) = self.children(1, u32::from(before)).unwrap_or_default();
                (*range, *first) = (Range::of(words, word), start);
                number += 1;
            }
            if number == 0 {
                return;
            }
            in_step(&mut ranges[..number]);
            found.extend(ranges[..number].iter().zip(starts).map(|(range, start)| range.found().map(|at| self.prob(2, start + at))));
        }
    }

    /// What is added to the log probability of a word alone, if the model has not seen it behind `before`.
    pub(crate) fn backoff_after(&self, before: WordId) -> f32 {
        self.backoff(1, u32::from(before))
    }

    /// The children of context `index` of length `len`: index of the first in the table of order `len + 1`, and their words.
    pub(super) fn children(&self, len: usize, index: u32) -> Option<(usize, &'a [u16])> {
        let (start, end) = if len == 1 {
            let child = self.unigrams.child;
            (*child.get(index as usize)? as usize, *child.get(index as usize + 1)? as usize)
        } else {
            self.middle[len - 2].children(index as usize)
        };
        let words = if len + 1 == self.order { self.leaf.word } else { self.middle[len - 1].word };
        words.get(start..end).map(|words| (start, words))
    }

    pub(super) fn backoff(&self, len: usize, index: u32) -> f32 {
        let found = if len == 1 {
            self.unigrams.backoff.get(index as usize).copied()
        } else {
            let level = &self.middle[len - 2];
            level.backoff.get(index as usize).and_then(|&code| level.codes.get(256 + code as usize).copied())
        };
        found.unwrap_or(0.0)
    }

    pub(super) fn prob(&self, order: usize, index: usize) -> f32 {
        let found = if order == self.order {
            self.leaf.prob.get(index).and_then(|&code| self.leaf.codes.get(code as usize).copied())
        } else {
            let level = &self.middle[order - 2];
            level.prob.get(index).and_then(|&code| level.codes.get(code as usize).copied())
        };
        found.unwrap_or(-30.0)
    }
}

impl LanguageModel for NgramModel<'_> {
    type State = State;

    fn sentence_start(&self) -> State {
        let mut state = State::EMPTY;
        state.context[0] = u32::from(special::START);
        state
    }

    fn no_context(&self) -> State {
        State::EMPTY
    }

    fn score(&self, state: &State, word: WordId) -> (LogProb, State) {
        self.history(state).score(word)
    }

    fn unigram(&self, word: WordId) -> LogProb {
        LogProb(self.unigrams.prob.get(word as usize).copied().unwrap_or(-30.0))
    }
}
