//! What is the same in every round: the candidates with what they weigh alone, and what stands in the text whatever is behind its places.
//!
//! In: a passage, the candidates of its words, and text that is known to be plain. Out: a [`Frame`]: tables with one entry for each
//! candidate of each word; and once it is settled, which the first round does not ask for, the [`Count`] of what cannot be anything else.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::DecodeOptions;
use super::candidates::{Candidate, Origin, frequency};
use super::cipher::Cipher;
use super::passage::{Passage, Slot};
use super::select::Words;
use crate::lm::{LanguageModel, NgramModel, Topic, WordId, hash_word, special};

/// Most that a word gains by standing elsewhere in the document, as a factor of its probability.
pub(super) const MAX_CACHE_GAIN: f32 = 300.0;
/// Weight of the background against the language model, and the fewest words that make one.
const BACKGROUND_WEIGHT: f32 = 0.3;
const MIN_BACKGROUND: f32 = 2_000.0;

/// How often words stand in text that is known to be plain: clean articles on the same subjects, and what a spinner cannot have touched.
#[derive(Debug, Default)]
pub(super) struct Background {
    /// By the hash of the word in lower case.
    counts: FxHashMap<u64, f32>,
    total: f32,
}

impl Background {
    /// Counts a word.
    pub(super) fn add(&mut self, word: &str) {
        *self.counts.entry(hash_word(&word.to_lowercase())).or_default() += 1.0;
        self.total += 1.0;
    }

    /// What it adds to the log probability of a word, of which the model says `alone`.
    fn gain(&self, candidate: &Candidate, alone: f32) -> f32 {
        if self.total < MIN_BACKGROUND {
            return 0.0;
        }
        let count = self.counts.get(&candidate.key).copied().unwrap_or(0.0);
        let ratio = count / self.total / alone.exp();
        ((1.0 - BACKGROUND_WEIGHT) + BACKGROUND_WEIGHT * ratio.min(MAX_CACHE_GAIN)).ln()
    }
}

/// What a document is about: the words that stay in it, and those that are certain.
#[derive(Clone, Default)]
pub(super) struct Subject {
    pub(super) counts: FxHashMap<WordId, f32>,
    pub(super) total: f32,
    pub(super) topic: Topic,
}

/// What stands where, as far as it is certain.
#[derive(Clone)]
pub(super) struct Count {
    /// For each entry of the frame: in how many places it is certain.
    pub(super) pairs: Vec<f32>,
    /// The same for each plaintext, over all cipher words.
    pub(super) plains: Vec<f32>,
    /// For each document, what it is about.
    pub(super) subjects: Vec<Subject>,
}

/// What is the same in every round.
pub(super) struct Frame<'d, 'a> {
    pub(super) model: NgramModel<'a>,
    pub(super) options: DecodeOptions,
    pub(super) cipher: Cipher<'a>,
    pub(super) passage: &'d Passage,
    pub(super) words: &'d Words,
    /// For each place the words beside it, as they stand; none until the frame is settled, and so with what has places below.
    pub(super) between: Vec<(WordId, WordId)>,
    /// The places of single words that can be read in several ways.
    pub(super) uncertain: Vec<usize>,
    /// For each word its places, but for those that can be read in one way only.
    pub(super) open: Vec<Vec<usize>>,
    /// For each word its first entry in the tables below, and one more.
    first: Vec<usize>,
    /// For each candidate its log probability without context, and what the background adds to it.
    pub(super) alone: Vec<f32>,
    pub(super) gains: Vec<f32>,
    /// For each candidate the number of its plaintext.
    pub(super) plain: Vec<usize>,
    /// What cannot be anything else.
    pub(super) fixed: Count,
}

impl<'d, 'a> Frame<'d, 'a> {
    pub(super) fn new(
        model: NgramModel<'a>,
        options: DecodeOptions,
        cipher: Cipher<'a>,
        passage: &'d Passage,
        words: &'d Words,
        background: &Background,
    ) -> Self {
        let mut first = Vec::with_capacity(words.len() + 1);
        let (mut alone, mut gains, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers: FxHashMap<u64, usize> = FxHashMap::default();
        for candidates in words.iter().map(|(_, candidates)| candidates) {
            first.push(alone.len());
            for candidate in candidates.iter() {
                let own: f32 = candidate.ids.iter().map(|&id| frequency(&model, id)).sum();
                alone.push(own);
                gains.push(background.gain(candidate, own));
                let next = numbers.len();
                plain.push(*numbers.entry(candidate.key).or_insert(next));
            }
        }
        first.push(alone.len());
        let subjects = vec![Subject::default(); passage.documents];
        let fixed = Count { pairs: vec![0.0; alone.len()], plains: vec![0.0; numbers.len()], subjects };
        let (between, uncertain, open) = (Vec::new(), Vec::new(), vec![Vec::new(); words.len()]);
        Self { model, options, cipher, passage, words, between, uncertain, open, first, alone, gains, plain, fixed }
    }

    /// For each candidate at each place its log probability before anything is known of this text.
    pub(super) fn priors(&self) -> Vec<f32> {
        let of_word =
            |word: usize| self.words[word].1.iter().zip(&self.gains[self.of(word)]).map(|(candidate, gain)| candidate.prior + gain);
        self.passage.places.iter().flat_map(|position| of_word(position.word)).collect()
    }

    /// The entries of a word.
    pub(super) fn of(&self, word: usize) -> Range<usize> {
        self.first[word]..self.first[word + 1]
    }

    /// The candidates of a place.
    pub(super) fn candidates(&self, place: usize) -> &'d [Candidate] {
        &self.words[self.passage.places[place].word].1
    }

    /// Whether a list holds all that may stand at a place.
    pub(super) fn is_listed(&self, place: usize) -> bool {
        let listed = |candidate: &Candidate| matches!(candidate.origin, Origin::Identity | Origin::Listed { .. });
        self.candidates(place).last().is_some_and(listed)
    }

    /// Counts what cannot be anything else, and notes where all else stands, if that has not been done.
    pub(super) fn settle(&mut self) {
        if self.between.len() == self.passage.places.len() {
            return;
        }
        self.between = between(self.passage);
        let mut fixed = std::mem::replace(&mut self.fixed, Count { pairs: Vec::new(), plains: Vec::new(), subjects: Vec::new() });
        for sentence in &self.passage.sentences {
            for (at, slot) in sentence.slots.iter().enumerate() {
                match slot {
                    Slot::Break => {}
                    Slot::Fixed(ids) => self.remember(&mut fixed.subjects[sentence.document], ids, 1.0),
                    Slot::Open(place, _) => {
                        // what lies inside a phrase is not there if the phrase is
                        let phrased = sentence.phrases.iter().any(|&(from, to, _)| (from..to).contains(&at));
                        if self.candidates(*place).len() == 1 && !phrased {
                            self.count(&mut fixed, *place, 0, 1.0);
                        } else {
                            self.uncertain.push(*place);
                            self.open[self.passage.places[*place].word].push(*place);
                        }
                    }
                }
            }
            for &(.., place) in &sentence.phrases {
                self.open[self.passage.places[place].word].push(place);
            }
        }
        self.fixed = fixed;
    }

    /// Counts a choice of a place that is certain.
    pub(super) fn count(&self, count: &mut Count, place: usize, choice: usize, share: f32) {
        let position = &self.passage.places[place];
        let entry = self.of(position.word).start + choice;
        count.pairs[entry] += share;
        count.plains[self.plain[entry]] += share;
        self.remember(&mut count.subjects[position.document], &self.words[position.word].1[choice].ids, share);
    }

    fn remember(&self, subject: &mut Subject, ids: &[WordId], share: f32) {
        let vectors = self.model.vectors();
        for &id in ids {
            *subject.counts.entry(id).or_default() += share;
            subject.total += share;
            subject.topic.add(&vectors, id, share * self.content(id));
        }
    }

    /// How much a word tells of the topic: little if it is frequent (Arora, Liang and Ma 2017).
    pub(super) fn content(&self, id: WordId) -> f32 {
        if id <= special::BREAK { 0.0 } else { 1e-3 / (1e-3 + self.model.unigram(id).0.exp()) }
    }

    /// Log probability of the first word of a candidate in plain English.
    pub(super) fn frequency(&self, candidate: &Candidate) -> f32 {
        candidate.ids.first().map_or(0.0, |&id| self.model.unigram(id).0)
    }
}

/// For each place the words beside it, as they stand; the borders of the sentence for none.
fn between(passage: &Passage) -> Vec<(WordId, WordId)> {
    let mut out = vec![(special::START, special::END); passage.places.len()];
    for sentence in &passage.sentences {
        for (at, slot) in sentence.slots.iter().enumerate() {
            if let Slot::Open(place, _) = slot {
                let id = |beside: Option<(WordId, bool)>, border| beside.map_or(border, |(id, _)| id);
                out[*place] = (id(sentence.left(at), special::START), id(sentence.right(at), special::END));
            }
        }
    }
    out
}
