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
use super::candidates::{Candidate, Origin, UNKNOWN_WORD};
use super::cipher::Cipher;
use super::decoder::Place;
use super::owners::{Bidder, owners};
use super::passage::{Passage, Slot};
use super::senses;
use crate::lm::{LanguageModel, NgramModel, Topic, WordId, hash_word, special};

/// Most that a word gains by standing elsewhere in the document, as a factor of its probability.
const MAX_CACHE_GAIN: f32 = 300.0;

/// Weight of the background against the language model, and the fewest words that make one.
const BACKGROUND_WEIGHT: f32 = 0.3;
const MIN_BACKGROUND: f32 = 2_000.0;
/// How far the background counts where the places of a word are taken together.
const BACKGROUND_SHARE: f32 = 0.7;
/// Round from which on the bursts of words count: what the frequent words are must be settled by then. And most that a word gains by one.
const BURST_ROUND: usize = 4;
const MAX_BURST_GAIN: f32 = 3_000.0;
/// Least that one place says of a candidate, in nats: the search may have been wrong about its neighbours.
const WORST_FIT: f32 = -6.0;
/// What each certain use of a plaintext behind another cipher word costs, in nats: a spinner maps a word one way.
const FUNCTION: f32 = 2.0;
/// Probability that it is behind this one all the same, and if the profile lists the pair.
const SLIP: f32 = 0.02;
const LISTED_SLIP: f32 = 0.2;
/// Places from which a cipher word may own its plaintext, what sharing one costs at each place in nats, and what the claims of the others
/// count against the owner.
const OWNER_PLACES: usize = 40;
const SHARING: f32 = 3.0;
const CONTESTED: f32 = 0.1;
/// Weight of what was assumed of a class of words, in word types.
const LISTED_PRIOR: f32 = 8.0;

/// What a document is about: the words that stay in it, and those that are certain.
#[derive(Clone, Default)]
struct Subject {
    counts: FxHashMap<WordId, f32>,
    total: f32,
    topic: Topic,
}

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

/// What is the same in every round.
pub(super) struct Frame<'d, 'a> {
    model: NgramModel<'a>,
    options: DecodeOptions,
    cipher: Cipher<'a>,
    passage: &'d Passage,
    words: &'d [(String, Vec<Candidate>)],
    /// For each place the words beside it, as they stand.
    between: Vec<(WordId, WordId)>,
    /// For each candidate of each word its log probability without context, and what the background adds to it.
    alone: Vec<Vec<f32>>,
    gains: Vec<Vec<f32>>,
}

impl<'d, 'a> Frame<'d, 'a> {
    pub(super) fn new(
        model: NgramModel<'a>,
        options: DecodeOptions,
        cipher: Cipher<'a>,
        passage: &'d Passage,
        words: &'d [(String, Vec<Candidate>)],
        background: &Background,
    ) -> Self {
        let alone = |candidate: &Candidate| -> f32 {
            candidate.ids.iter().map(|&id| model.unigram(id).0 + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 }).sum()
        };
        let alone: Vec<Vec<f32>> = words.iter().map(|(_, list)| list.iter().map(alone).collect()).collect();
        let gain = |((_, list), alone): (&(String, Vec<Candidate>), &Vec<f32>)| -> Vec<f32> {
            list.iter().zip(alone).map(|(candidate, &alone)| background.gain(candidate, alone)).collect()
        };
        let gains = words.iter().zip(&alone).map(gain).collect();
        Self { model, options, cipher, passage, words, between: between(passage), alone, gains }
    }
}

/// What is known before a round.
pub(super) struct Evidence<'d, 'a> {
    frame: &'d Frame<'d, 'a>,
    /// For each place the log probability of each choice, by the prior and the other places; none before the first round.
    predicted: Vec<Vec<f32>>,
    /// For each candidate of each word: in how many places it is certain.
    pairs: Vec<Vec<f32>>,
    /// The same for each plaintext, over all cipher words.
    plains: FxHashMap<u64, f32>,
    /// For each plaintext the frequent cipher word that it belongs to, if any claims it.
    owners: FxHashMap<u64, usize>,
    /// Number of the round, from 0.
    round: usize,
    /// For each document, what it is about.
    subjects: Vec<Subject>,
    /// Words that stay or are certain, in all documents.
    total: f32,
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
    pub(super) fn none(frame: &'d Frame<'d, 'a>) -> Self {
        Self {
            frame,
            predicted: Vec::new(),
            pairs: frame.words.iter().map(|(_, list)| vec![0.0; list.len()]).collect(),
            plains: FxHashMap::default(),
            owners: FxHashMap::default(),
            subjects: Vec::new(),
            total: 0.0,
            round: 0,
            rates: [(0.0, 0.0); CLASSES],
        }
    }

    /// What the last round found.
    pub(super) fn of(frame: &'d Frame<'d, 'a>, places: &[Place], round: usize) -> Self {
        let Frame { passage, words, .. } = *frame;
        let mut found = Self::none(frame);
        found.round = round;
        found.subjects = vec![Subject::default(); passage.documents];
        let mut of_word: Vec<Vec<usize>> = words.iter().map(|_| Vec::new()).collect();
        places.iter().enumerate().for_each(|(index, place)| of_word[place.word].push(index));
        for sentence in &passage.sentences {
            for slot in &sentence.slots {
                match slot {
                    Slot::Break => {}
                    Slot::Fixed(ids) => found.remember(sentence.document, ids, 1.0),
                    Slot::Open(place, _) => {
                        if let Some((choice, count)) = certain_choice(&places[*place]) {
                            let word = places[*place].word;
                            let candidate = &words[word].1[choice];
                            found.pairs[word][choice] += count;
                            *found.plains.entry(candidate.key).or_default() += count;
                            found.remember(sentence.document, &candidate.ids, count);
                        }
                    }
                }
            }
        }
        found.total = found.subjects.iter().map(|subject| subject.total).sum();
        found.rates = found.swap_rates();
        found.owners = found.owners(&of_word, places);
        found.predicted = vec![Vec::new(); places.len()];
        for (word, indices) in of_word.iter().enumerate() {
            found.gather(word, indices, places);
        }
        found
    }

    /// For each plaintext the frequent word that it belongs to: without that two words which have once been taken for each other stay so.
    fn owners(&self, of_word: &[Vec<usize>], places: &[Place]) -> FxHashMap<u64, usize> {
        let bidder = |(word, indices): (usize, &Vec<usize>)| {
            let candidates = self.frame.words[word].1.iter();
            let mut claims: Vec<(u64, f32)> = candidates.map(|candidate| (candidate.key, candidate.prior + self.rate(candidate))).collect();
            for &index in indices {
                let fits = places[index].fit.iter().map(|fit| self.frame.options.joint_weight * fit.max(WORST_FIT));
                claims.iter_mut().zip(fits).for_each(|(claim, fit)| claim.1 += fit);
            }
            Bidder { word, claims, sharing: SHARING * indices.len() as f32 }
        };
        let frequent = of_word.iter().enumerate().filter(|(_, indices)| indices.len() >= OWNER_PLACES);
        owners(&frequent.map(bidder).collect::<Vec<_>>())
    }

    /// Notes, for each place of a word, what the other places of the word tell.
    fn gather(&mut self, word: usize, indices: &[usize], places: &[Place]) {
        let candidates = &self.frame.words[word].1;
        let each = |of: &dyn Fn(usize, &Candidate) -> f32| -> Vec<f32> {
            candidates.iter().enumerate().map(|(choice, candidate)| of(choice, candidate)).collect()
        };
        // the same words on both sides say the same again
        let mut alike: FxHashMap<(WordId, WordId), f32> = FxHashMap::default();
        indices.iter().for_each(|&index| *alike.entry(self.frame.between[index]).or_default() += 1.0);
        let likelihood = |&index: &usize| -> Vec<f32> {
            let weight = self.frame.options.joint_weight / alike.get(&self.frame.between[index]).copied().unwrap_or(1.0);
            let sums: Vec<f32> =
                places[index].fit.iter().zip(self.gained(word, index, indices, places)).map(|(fit, gain)| fit + gain).collect();
            let best = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            sums.iter().map(|sum| (weight * (sum - best).max(WORST_FIT)).exp()).collect()
        };
        let likelihoods: Vec<Vec<f32>> = indices.iter().map(likelihood).collect();
        let all = senses::Word {
            prior: &each(&|_, candidate| candidate.prior + self.rate(candidate)),
            free: &each(&|choice, candidate| self.free(word, choice, candidate)),
            elsewhere: &each(&|choice, candidate| self.elsewhere(word, choice, candidate)),
            likelihoods: &likelihoods,
        };
        for (&index, predicted) in indices.iter().zip(all.predict(self.frame.options.sense_weight)) {
            self.predicted[index] = predicted;
        }
    }

    /// What vocabulary adds to the likelihood of each candidate at one of the places `indices` of a word: that of the background, and that
    /// a word which an article, or this site, has used it uses again. Whatever stands behind the places, it is as frequent here as they are: so
    /// a word that is rare elsewhere ("thanked", in the releases of one office) does not lose to a frequent one at each of them.
    fn gained(&self, word: usize, index: usize, indices: &[usize], places: &[Place]) -> Vec<f32> {
        let background = self.frame.gains[word].iter().map(|gain| BACKGROUND_SHARE * gain);
        let weight = if self.round < BURST_ROUND { 0.0 } else { self.frame.options.burst_weight };
        let place = &places[index];
        let Some(subject) = self.subject(place).filter(|_| weight > 0.0 && indices.len() > 1) else { return background.collect() };
        let others = indices.iter().filter(|&&other| places[other].document == place.document).count() - 1;
        let frequency = (others as f32 / subject.total).max((indices.len() - 1) as f32 / self.total);
        let burst = |&alone: &f32| ((1.0 - weight) + weight * (frequency / alone.exp()).min(MAX_BURST_GAIN)).ln();
        background.zip(&self.frame.alone[word]).map(|(gain, alone)| gain + burst(alone)).collect()
    }

    /// How many of the words of each class of frequency this spinner lists, by what is certain in this document.
    fn swap_rates(&self) -> [(f32, f32); CLASSES] {
        // types seen swapped, types seen, sum of what was assumed
        let mut classes = [(0.0f32, 0.0f32, 0.0f32); CLASSES];
        for (word, (text, candidates)) in self.frame.words.iter().enumerate() {
            for (candidate, &count) in candidates.iter().zip(&self.pairs[word]) {
                let all = self.plains.get(&candidate.key).copied().unwrap_or(0.0);
                if count <= 0.0 || all <= 0.0 || matches!(candidate.origin, Origin::Listed { .. }) || candidate.ids.len() != 1 {
                    continue;
                }
                let share = count / all * all.min(1.0);
                let frequency = self.frame.model.unigram(candidate.ids[0]).0;
                let class = &mut classes[class_of(frequency)];
                class.0 += if candidate.text == *text { 0.0 } else { share };
                class.1 += share;
                class.2 += share * self.frame.cipher.guess(frequency);
            }
        }
        classes.map(|(swapped, seen, assumed)| {
            let before = (assumed + 0.1 * self.frame.cipher.guess(-9.0)) / (seen + 0.1);
            let now = (LISTED_PRIOR * before + swapped) / (LISTED_PRIOR + seen);
            ((now / before).ln(), ((1.0 - now) / (1.0 - before)).ln())
        })
    }

    fn remember(&mut self, document: usize, ids: &[WordId], count: f32) {
        let vectors = self.frame.model.vectors();
        for &id in ids {
            let content = self.content(id);
            let subject = &mut self.subjects[document];
            *subject.counts.entry(id).or_default() += count;
            subject.total += count;
            subject.topic.add(&vectors, id, count * content);
        }
    }

    /// How much a word tells of the topic: little if it is frequent (Arora, Liang and Ma 2017).
    fn content(&self, id: WordId) -> f32 {
        if id <= special::BREAK { 0.0 } else { 1e-3 / (1e-3 + self.frame.model.unigram(id).0.exp()) }
    }

    fn subject(&self, place: &Place) -> Option<&Subject> {
        self.subjects.get(place.document).filter(|subject| subject.total >= 1.0)
    }

    /// The topic around a place, without what stands there.
    fn around(&self, place: &Place) -> Topic {
        let Some(subject) = self.subject(place) else { return Topic::default() };
        let mut topic = subject.topic;
        if let Some((choice, count)) = certain_choice(place) {
            let vectors = self.frame.model.vectors();
            for &id in &self.frame.words[place.word].1[choice].ids {
                topic.add(&vectors, id, -count * self.content(id));
            }
        }
        topic.unit()
    }

    /// How well the word of a place, as it stands, fits the topic around it, as a cosine.
    pub(super) fn topic(&self, place: &Place) -> f32 {
        let own = self.frame.words[place.word].1.iter().find(|candidate| candidate.origin == Origin::Identity);
        let Some(&id) = own.and_then(|candidate| candidate.ids.first()) else { return 0.0 };
        self.around(place).fit(&self.frame.model.vectors(), id)
    }

    /// The log probability of each choice at a place.
    pub(super) fn weights(&self, index: usize, place: &Place) -> Vec<f32> {
        let candidates = &self.frame.words[place.word].1;
        let mut weights: Vec<f32> = match self.predicted.get(index) {
            Some(predicted) => predicted.clone(),
            None => return candidates.iter().zip(&self.frame.gains[place.word]).map(|(candidate, gain)| candidate.prior + gain).collect(),
        };
        let around = self.around(place);
        let subject = self.subject(place);
        let vectors = self.frame.model.vectors();
        for (choice, (weight, candidate)) in weights.iter_mut().zip(candidates).enumerate() {
            let own = certain(place.posterior.get(choice).copied().unwrap_or(0.0));
            let fit: f32 = candidate.ids.iter().map(|&id| self.content(id) * around.fit(&vectors, id)).sum();
            *weight += self.frame.gains[place.word][choice]
                + subject.map_or(0.0, |subject| self.cached(subject, &candidate.ids, own))
                + self.frame.options.topic_weight * fit;
        }
        weights
    }

    /// How much likelier the choice is than was assumed, by what this spinner swaps in this document.
    fn rate(&self, candidate: &Candidate) -> f32 {
        let frequency = candidate.ids.first().map_or(0.0, |&id| self.frame.model.unigram(id).0);
        let (swapped, stays) = self.rates[class_of(frequency)];
        match candidate.origin {
            Origin::Identity => stays,
            Origin::Listed { .. } => 0.0,
            _ => swapped,
        }
    }

    /// In how many places the plaintext is certain behind other cipher words; the claims of others count little against its owner.
    fn elsewhere(&self, word: usize, choice: usize, candidate: &Candidate) -> f32 {
        let all = self.plains.get(&candidate.key).copied().unwrap_or(0.0);
        let others = (all - self.pairs[word][choice]).max(0.0);
        if choice != 0 && self.owners.get(&candidate.key) == Some(&word) { CONTESTED * others } else { others }
    }

    /// How far a plaintext is free to stand behind a word, in nats: not if it is behind others.
    fn free(&self, word: usize, choice: usize, candidate: &Candidate) -> f32 {
        let elsewhere = self.elsewhere(word, choice, candidate);
        let slip = if matches!(candidate.origin, Origin::Listed { .. }) { LISTED_SLIP } else { SLIP };
        (slip + (1.0 - slip) * (-FUNCTION * elsewhere).exp()).ln()
    }

    /// What the document adds to the log probability of a plaintext.
    fn cached(&self, subject: &Subject, ids: &[WordId], own: f32) -> f32 {
        if subject.total < 1.0 {
            return 0.0;
        }
        let weight = self.frame.options.cache_weight;
        let gain = |&id: &WordId| {
            let count = (subject.counts.get(&id).copied().unwrap_or(0.0) - own).max(0.0);
            let ratio = count / subject.total / self.frame.model.unigram(id).0.exp();
            ((1.0 - weight) + weight * ratio.min(MAX_CACHE_GAIN)).ln()
        };
        ids.iter().filter(|&&id| id != special::UNKNOWN).map(gain).sum()
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

/// The choice of a place that is more likely than not, and what it counts as evidence.
fn certain_choice(place: &Place) -> Option<(usize, f32)> {
    place.posterior.iter().position(|&share| share > 0.5).map(|choice| (choice, certain(place.posterior[choice])))
}

/// What a posterior counts as evidence for other places: nothing up to one half.
fn certain(share: f32) -> f32 {
    (2.0 * share - 1.0).clamp(0.0, 1.0)
}
