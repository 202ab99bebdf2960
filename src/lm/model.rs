//! The n-gram model over the tables of a model file: back-off scoring with a state of a few trie indices.
//!
//! A state holds, for each length of context, the index of that context in its table. Scoring a word
//! is then one search among the children of each context, which yields at once the probability and the
//! next state. The tables are larger than the caches of a processor, so what takes time is to wait for memory: a [`History`] asks for all that
//! a state leads to at once, and searches the children of all contexts in step.

use super::format::CHILD_BLOCK;
use super::score::{LanguageModel, LogProb};
use super::topic::Vectors;
use super::vocabulary::{Vocabulary, WordId, special};

/// Highest order of a model.
pub const MAX_ORDER: usize = 4;
/// Marks a context that the model does not have.
const NONE: u32 = u32::MAX;

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
}

/// Which contexts of the words before the model has: index of the context of each length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    context: [u32; MAX_ORDER - 1],
}

impl State {
    const EMPTY: Self = Self { context: [NONE; MAX_ORDER - 1] };
}

/// The words before, with all that the model has behind them: for each length of context the words that follow it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History<'m, 'a> {
    model: &'m NgramModel<'a>,
    followers: [Followers<'a>; MAX_ORDER - 1],
}

/// The children of one context.
#[derive(Clone, Copy, Debug)]
struct Followers<'a> {
    /// Index of the first in the table of its order.
    start: usize,
    words: &'a [u16],
    /// What is added to the log probability if a word is none of them.
    backoff: f32,
}

impl Followers<'_> {
    const NONE: Self = Self { start: 0, words: &[], backoff: 0.0 };
}

impl History<'_, '_> {
    /// Log probability of a word behind this history, and the state behind it.
    pub(crate) fn score(&self, word: WordId) -> (LogProb, State) {
        let mut next = State::EMPTY;
        next.context[0] = u32::from(word);
        let model = self.model;
        // the longest context that has the word, and what the longer ones add
        let (mut longest, mut backoff) = (None, [0.0; MAX_ORDER - 1]);
        for (len, found) in (1..model.order).zip(self.find(word)) {
            match found {
                Some(index) => {
                    (longest, backoff) = (Some((len + 1, index)), [0.0; MAX_ORDER - 1]);
                    if len + 1 < model.order {
                        next.context[len] = u32::try_from(index).unwrap_or(NONE);
                    }
                }
                None => backoff[len - 1] = self.followers[len - 1].backoff,
            }
        }
        let score = match longest {
            Some((order, index)) => model.prob(order, index),
            None => model.unigram(word).0,
        };
        (LogProb(backoff.iter().fold(score, |sum, backoff| sum + backoff)), next)
    }

    /// For each length of context the index of the word among its children.
    fn find(&self, word: WordId) -> [Option<usize>; MAX_ORDER - 1] {
        let mut ranges = self.followers.map(|followers| Range::of(followers.words, word));
        // the longer the context, the fewer its children: the first is narrowed alone, then all in step
        while ranges.iter().skip(1).all(|longer| ranges[0].size > longer.size.max(1)) {
            ranges[0].halve();
        }
        in_step(&mut ranges);
        let mut found = [None; MAX_ORDER - 1];
        for ((found, range), followers) in found.iter_mut().zip(&ranges).zip(&self.followers) {
            *found = range.found().map(|at| followers.start + at);
        }
        found
    }
}

/// Searches that go on in step: about as many as a processor waits for at the same time.
const IN_STEP: usize = 12;

/// Where among sorted words one may stand.
#[derive(Clone, Copy)]
struct Range<'a> {
    words: &'a [WordId],
    word: WordId,
    at: usize,
    size: usize,
}

impl<'a> Range<'a> {
    const EMPTY: Self = Self { words: &[], word: 0, at: 0, size: 0 };

    /// All places where a word may stand: they are sorted and different, so none is behind the place of its number.
    #[inline]
    fn of(words: &'a [WordId], word: WordId) -> Self {
        Self { words, word, at: 0, size: words.len().min(usize::from(word) + 1) }
    }

    /// Keeps the half in which the word may stand; one place stays one place.
    #[inline]
    fn halve(&mut self) {
        let half = self.size / 2;
        let middle = self.words.get(self.at + half).copied().unwrap_or(WordId::MAX);
        // no branch: half of the guesses would be wrong, and the other searches would wait
        self.at = std::hint::select_unpredictable(middle > self.word, self.at, self.at + half);
        self.size -= half;
    }

    /// The place of the word, if it is there.
    #[inline]
    fn found(&self) -> Option<usize> {
        (self.words.get(self.at) == Some(&self.word)).then_some(self.at)
    }
}

/// Narrows all ranges down to one place.
#[inline]
fn in_step(ranges: &mut [Range<'_>]) {
    while ranges.iter().any(|range| range.size > 1) {
        ranges.iter_mut().for_each(Range::halve);
    }
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
        self.child(1, u32::from(before), word).map(|index| self.prob(2, index))
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

    /// What the model has behind a state.
    pub(crate) fn history(&self, state: &State) -> History<'_, 'a> {
        let mut followers = [Followers::NONE; MAX_ORDER - 1];
        for (len, (followers, &context)) in (1..self.order).zip(followers.iter_mut().zip(&state.context)) {
            if context != NONE {
                let (start, words) = self.children(len, context).unwrap_or_default();
                *followers = Followers { start, words, backoff: self.backoff(len, context) };
            }
        }
        History { model: self, followers }
    }

    /// The children of context `index` of length `len`: index of the first in the table of order `len + 1`, and their words.
    fn children(&self, len: usize, index: u32) -> Option<(usize, &'a [u16])> {
        let (start, end) = if len == 1 {
            let child = self.unigrams.child;
            (*child.get(index as usize)? as usize, *child.get(index as usize + 1)? as usize)
        } else {
            self.middle[len - 2].children(index as usize)
        };
        let words = if len + 1 == self.order { self.leaf.word } else { self.middle[len - 1].word };
        words.get(start..end).map(|words| (start, words))
    }

    /// Index of `word` among the children of context `index` of length `len`, in the table of order `len + 1`.
    fn child(&self, len: usize, index: u32, word: WordId) -> Option<usize> {
        let (start, words) = self.children(len, index)?;
        // sorted and different, so no word stands behind the place of its number
        let words = words.get(..usize::from(word) + 1).unwrap_or(words);
        words.binary_search(&word).ok().map(|at| start + at)
    }

    fn backoff(&self, len: usize, index: u32) -> f32 {
        let found = if len == 1 {
            self.unigrams.backoff.get(index as usize).copied()
        } else {
            let level = &self.middle[len - 2];
            level.backoff.get(index as usize).and_then(|&code| level.codes.get(256 + code as usize).copied())
        };
        found.unwrap_or(0.0)
    }

    fn prob(&self, order: usize, index: usize) -> f32 {
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
