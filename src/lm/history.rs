//! What a model has behind a state, so that many words can be asked about.
//!
//! In: a state. Out: for each word its log probability and the state behind it. All that a state leads to is asked of the memory at once, when
//! the history is made.

use super::lookup::{Range, in_step};
use super::model::{MAX_ORDER, NONE, NgramModel, State};
use super::score::{LanguageModel, LogProb};
use super::vocabulary::WordId;

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
    words: &'a [WordId],
    /// What is added to the log probability if a word is none of them.
    backoff: f32,
}

impl Followers<'_> {
    const NONE: Self = Self { start: 0, words: &[], backoff: 0.0 };
}

impl<'a> NgramModel<'a> {
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
