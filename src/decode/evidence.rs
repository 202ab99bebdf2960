//! What the rounds so far tell of each swap: determinism, topic and vocabulary of the document.
//!
//! In: a passage and what the last search found at each place. Out: the log probability of every choice at a place, from the prior and
//! from all *other* places, so that no place confirms itself.
//!
//! A spinner maps a plain word the same way throughout, and mostly a cipher word stands for one plain word in one document. So
//! the places of a cipher word are evidence for each other: what the language model says of a candidate at one place
//! counts at the others (the naive-Bayes product over the occurrences of a type). And a plain word that the document shows
//! elsewhere, as itself or behind another cipher word, is hardly behind this one. Words that the document uses are
//! likely to be used again: a cache unigram over the model's, as in the dynamic marginal adaptation of Kneser, Peters and Klakow (1997).
//! Words that fit the topic gain by the cosine of their vector.

use rustc_hash::FxHashMap;

use super::DecodeOptions;
use super::candidates::{Candidate, Origin};
use super::cipher::Cipher;
use super::decoder::Place;
use super::passage::{Passage, Slot};
use crate::lm::{LanguageModel, NgramModel, Topic, WordId, special};

/// Most that a word gains by standing elsewhere in the document, as a factor of its probability.
const MAX_CACHE_GAIN: f32 = 300.0;

/// Least that one place says of a candidate, in nats: the search may have been wrong about its neighbours.
const WORST_FIT: f32 = -6.0;
/// What each certain use of a plaintext behind another cipher word costs, in nats: a spinner maps a word one way.
const FUNCTION: f32 = 2.0;
/// Probability that it is behind this one all the same, and if the profile lists the pair.
const SLIP: f32 = 0.02;
const LISTED_SLIP: f32 = 0.2;
/// Weight of what was assumed of a class of words, in word types.
const LISTED_PRIOR: f32 = 8.0;

/// What is known before a round.
pub(super) struct Evidence<'d, 'a> {
    model: NgramModel<'a>,
    options: DecodeOptions,
    words: &'d [(String, Vec<Candidate>)],
    /// For each candidate of each word: log likelihood of all places of the word together, tempered.
    support: Vec<Vec<f32>>,
    /// For each word the number of its places.
    number: Vec<usize>,
    /// For each candidate of each word: in how many places it is certain.
    pairs: Vec<Vec<f32>>,
    /// The same for each plaintext, over all cipher words.
    plains: FxHashMap<u64, f32>,
    cache: FxHashMap<WordId, f32>,
    total: f32,
    topic: Topic,
    /// For each class of frequency: log of how much likelier words are swapped, and are not, than was assumed.
    rates: [(f32, f32); CLASSES],
}

/// Classes of frequency: how much of its words a spinner lists differs between them.
const CLASSES: usize = 5;

fn class_of(frequency: f32) -> usize {
    [-6.5, -8.0, -9.5, -11.0].iter().filter(|&&limit| frequency < limit).count()
}

impl<'d, 'a> Evidence<'d, 'a> {
    /// What is known before the first round: nothing but the priors.
    pub(super) fn none(model: NgramModel<'a>, options: DecodeOptions, words: &'d [(String, Vec<Candidate>)]) -> Self {
        let zeros = || words.iter().map(|(_, list)| vec![0.0; list.len()]).collect();
        Self {
            model,
            options,
            words,
            support: zeros(),
            number: vec![0; words.len()],
            pairs: zeros(),
            plains: FxHashMap::default(),
            cache: FxHashMap::default(),
            total: 0.0,
            topic: Topic::default(),
            rates: [(0.0, 0.0); CLASSES],
        }
    }

    /// What the last round found.
    pub(super) fn of(
        model: NgramModel<'a>,
        options: DecodeOptions,
        words: &'d [(String, Vec<Candidate>)],
        passage: &Passage,
        places: &[Place],
        cipher: &Cipher<'_>,
    ) -> Self {
        let mut found = Self::none(model, options, words);
        for place in places {
            found.number[place.word] += 1;
            for (sum, &fit) in found.support[place.word].iter_mut().zip(&place.fit) {
                *sum += options.joint_weight * fit.max(WORST_FIT);
            }
        }
        for sentence in &passage.sentences {
            for slot in &sentence.slots {
                match slot {
                    Slot::Break => {}
                    Slot::Fixed(ids) => found.remember(ids, 1.0),
                    Slot::Open(place, _) => {
                        if let Some((choice, count)) = certain_choice(&places[*place]) {
                            let word = places[*place].word;
                            let candidate = &words[word].1[choice];
                            found.pairs[word][choice] += count;
                            *found.plains.entry(candidate.key).or_default() += count;
                            found.remember(&candidate.ids, count);
                        }
                    }
                }
            }
        }
        found.rates = found.swap_rates(cipher);
        found
    }

    /// How many of the words of each class of frequency this spinner lists, by what is certain in this document.
    fn swap_rates(&self, cipher: &Cipher<'_>) -> [(f32, f32); CLASSES] {
        // types seen swapped, types seen, sum of what was assumed
        let mut classes = [(0.0f32, 0.0f32, 0.0f32); CLASSES];
        for (word, (text, candidates)) in self.words.iter().enumerate() {
            for (candidate, &count) in candidates.iter().zip(&self.pairs[word]) {
                let all = self.plains.get(&candidate.key).copied().unwrap_or(0.0);
                if count <= 0.0 || all <= 0.0 || matches!(candidate.origin, Origin::Listed { .. }) || candidate.ids.len() != 1 {
                    continue;
                }
                let share = count / all * all.min(1.0);
                let frequency = self.model.unigram(candidate.ids[0]).0;
                let class = &mut classes[class_of(frequency)];
                class.0 += if candidate.text == *text { 0.0 } else { share };
                class.1 += share;
                class.2 += share * cipher.guess(frequency);
            }
        }
        classes.map(|(swapped, seen, assumed)| {
            let before = (assumed + 0.1 * cipher.guess(-9.0)) / (seen + 0.1);
            let now = (LISTED_PRIOR * before + swapped) / (LISTED_PRIOR + seen);
            ((now / before).ln(), ((1.0 - now) / (1.0 - before)).ln())
        })
    }

    fn remember(&mut self, ids: &[WordId], count: f32) {
        let vectors = self.model.vectors();
        for &id in ids {
            *self.cache.entry(id).or_default() += count;
            self.total += count;
            self.topic.add(&vectors, id, count * self.content(id));
        }
    }

    /// How much a word tells of the topic: little if it is frequent (Arora, Liang and Ma 2017).
    fn content(&self, id: WordId) -> f32 {
        if id <= special::BREAK { 0.0 } else { 1e-3 / (1e-3 + self.model.unigram(id).0.exp()) }
    }

    /// The topic around a place, without what stands there.
    fn around(&self, place: &Place) -> Topic {
        if self.total < 1.0 {
            return Topic::default();
        }
        let mut topic = self.topic;
        if let Some((choice, count)) = certain_choice(place) {
            let vectors = self.model.vectors();
            for &id in &self.words[place.word].1[choice].ids {
                topic.add(&vectors, id, -count * self.content(id));
            }
        }
        topic.unit()
    }

    /// The log probability of each choice at a place.
    pub(super) fn weights(&self, place: &Place) -> Vec<f32> {
        let candidates = &self.words[place.word].1;
        let mut weights: Vec<f32> =
            candidates.iter().enumerate().map(|(choice, c)| c.prior + self.free(place.word, choice, c) + self.rate(c)).collect();
        let others = self.number[place.word].saturating_sub(1);
        if others > 0 {
            let mut joint: Vec<f32> = weights
                .iter()
                .zip(&self.support[place.word])
                .zip(&place.fit)
                .map(|((weight, support), fit)| weight + support - self.options.joint_weight * fit.max(WORST_FIT))
                .collect();
            let most = joint.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = joint.iter().map(|score| (score - most).exp()).sum();
            let norm = most + sum.ln();
            let n = others as f32;
            let share = self.options.sense_weight * n / (n + 0.5);
            joint.iter_mut().for_each(|score| *score -= norm);
            for (weight, joint) in weights.iter_mut().zip(joint) {
                *weight = ((1.0 - share) * weight.exp() + share * joint.exp()).max(1e-12).ln();
            }
        }
        let around = self.around(place);
        let vectors = self.model.vectors();
        for (choice, (weight, candidate)) in weights.iter_mut().zip(candidates).enumerate() {
            let own = certain(place.posterior.get(choice).copied().unwrap_or(0.0));
            let fit: f32 = candidate.ids.iter().map(|&id| self.content(id) * around.fit(&vectors, id)).sum();
            *weight += self.cached(&candidate.ids, own) + self.options.topic_weight * fit;
        }
        weights
    }

    /// How much likelier the choice is than was assumed, by what this spinner swaps in this document.
    fn rate(&self, candidate: &Candidate) -> f32 {
        let frequency = candidate.ids.first().map_or(0.0, |&id| self.model.unigram(id).0);
        let (swapped, stays) = self.rates[class_of(frequency)];
        match candidate.origin {
            Origin::Identity => stays,
            Origin::Listed { .. } => 0.0,
            _ => swapped,
        }
    }

    /// How far a plaintext is free to stand behind a word, in nats: not if it is behind others.
    fn free(&self, word: usize, choice: usize, candidate: &Candidate) -> f32 {
        let all = self.plains.get(&candidate.key).copied().unwrap_or(0.0);
        let elsewhere = (all - self.pairs[word][choice]).max(0.0);
        let slip = if matches!(candidate.origin, Origin::Listed { .. }) { LISTED_SLIP } else { SLIP };
        (slip + (1.0 - slip) * (-FUNCTION * elsewhere).exp()).ln()
    }

    /// What the document adds to the log probability of a plaintext.
    fn cached(&self, ids: &[WordId], own: f32) -> f32 {
        if self.total < 1.0 {
            return 0.0;
        }
        let weight = self.options.cache_weight;
        let gain = |&id: &WordId| {
            let count = (self.cache.get(&id).copied().unwrap_or(0.0) - own).max(0.0);
            let ratio = count / self.total / self.model.unigram(id).0.exp();
            ((1.0 - weight) + weight * ratio.min(MAX_CACHE_GAIN)).ln()
        };
        ids.iter().filter(|&&id| id != special::UNKNOWN).map(gain).sum()
    }
}

/// The choice of a place that is more likely than not, and what it counts as evidence.
fn certain_choice(place: &Place) -> Option<(usize, f32)> {
    place.posterior.iter().position(|&share| share > 0.5).map(|choice| (choice, certain(place.posterior[choice])))
}

/// What a posterior counts as evidence for other places: nothing up to one half.
fn certain(share: f32) -> f32 {
    (2.0 * share - 1.0).clamp(0.0, 1.0)
}
