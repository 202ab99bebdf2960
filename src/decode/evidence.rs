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

use super::beliefs::{Beliefs, certain};
use super::candidates::{Candidate, Origin};
use super::frame::{Count, Frame, MAX_CACHE_GAIN, Subject};
use super::owners::{Bidder, owners};
use super::senses;
use crate::lm::{LanguageModel, Topic, WordId, special};

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

/// What is known before a round.
pub(super) struct Evidence<'d, 'a> {
    frame: &'d Frame<'d, 'a>,
    beliefs: &'d Beliefs,
    /// For each candidate at each place its log probability by the prior and the other places; none before the first round.
    predicted: Vec<f32>,
    count: Count,
    /// For each document its topic at length one.
    topics: Vec<Topic>,
    /// For each plaintext the frequent cipher word that it belongs to, if any claims it.
    owners: FxHashMap<usize, usize>,
    /// Number of the round, from 0.
    round: usize,
    /// Words that stay or are certain, in all documents.
    total: f32,
    /// For each class of frequency: log of how much likelier words are swapped, and are not, than was assumed.
    rates: [(f32, f32); CLASSES],
}

/// Of one word, for each candidate what it weighs alone; for each place the likelihoods; and how many places have the same words on both sides.
#[derive(Default)]
struct Gathered {
    prior: Vec<f32>,
    free: Vec<f32>,
    elsewhere: Vec<f32>,
    likelihoods: Vec<f32>,
    alike: FxHashMap<(WordId, WordId), f32>,
}

/// Classes of frequency: how much of its words a spinner lists differs between them.
const CLASSES: usize = 5;

fn class_of(frequency: f32) -> usize {
    [-6.5, -8.0, -9.5, -11.0].iter().filter(|&&limit| frequency < limit).count()
}

impl<'d, 'a> Evidence<'d, 'a> {
    /// What the last search found.
    pub(super) fn of(frame: &'d Frame<'d, 'a>, beliefs: &'d Beliefs, round: usize) -> Self {
        let mut count = frame.fixed.clone();
        for &place in &frame.uncertain {
            if let Some((choice, share)) = beliefs.certain(place) {
                frame.count(&mut count, place, choice, share);
            }
        }
        let total = count.subjects.iter().map(|subject| subject.total).sum();
        let topics = count.subjects.iter().map(|subject| subject.topic.unit()).collect();
        let (owners, predicted, rates) = (FxHashMap::default(), vec![0.0; beliefs.len()], [(0.0, 0.0); CLASSES]);
        let mut found = Self { frame, beliefs, predicted, count, topics, owners, round, total, rates };
        found.rates = found.swap_rates();
        found.owners = found.owners();
        let mut gathered = Gathered::default();
        for word in 0..frame.words.len() {
            found.gather(word, &mut gathered);
        }
        found
    }

    /// For each plaintext the frequent word that it belongs to: without that two words which have once been taken for each other stay so.
    fn owners(&self) -> FxHashMap<usize, usize> {
        let bidder = |(word, places): (usize, &Vec<usize>)| {
            let entries = self.frame.of(word);
            let candidates = self.frame.words[word].1.iter().zip(entries);
            let mut claims: Vec<(usize, f32)> =
                candidates.map(|(candidate, entry)| (self.frame.plain[entry], candidate.prior + self.rate(candidate))).collect();
            for &place in places {
                let fits = self.beliefs.fit[self.beliefs.of(place)].iter().map(|fit| self.frame.options.joint_weight * fit.max(WORST_FIT));
                claims.iter_mut().zip(fits).for_each(|(claim, fit)| claim.1 += fit);
            }
            Bidder { word, claims, sharing: SHARING * places.len() as f32 }
        };
        let frequent = self.frame.open.iter().enumerate().filter(|(_, places)| places.len() >= OWNER_PLACES);
        let mut owners = owners(&frequent.map(bidder).collect::<Vec<_>>());
        // a word that cannot be anything else does not bid for itself
        owners.retain(|&plain, _| self.frame.fixed.plains[plain] < OWNER_PLACES as f32);
        owners
    }

    /// Notes, for each place of a word, what the other places of the word tell; `room` is to work in.
    fn gather(&mut self, word: usize, room: &mut Gathered) {
        let places = &self.frame.open[word];
        if places.iter().all(|&place| self.is_firm(place)) {
            return;
        }
        let candidates = &self.frame.words[word].1;
        let Gathered { prior, free, elsewhere, likelihoods, alike } = room;
        prior.clear();
        free.clear();
        elsewhere.clear();
        likelihoods.clear();
        for (candidate, entry) in candidates.iter().zip(self.frame.of(word)) {
            prior.push(candidate.prior + self.rate(candidate));
            free.push(self.free(word, entry, candidate));
            elsewhere.push(self.elsewhere(word, entry, candidate));
        }
        if places.len() > 1 {
            self.likelihoods(word, places, alike, likelihoods);
        }
        let predicted = senses::Word { prior, free, elsewhere, likelihoods }.predict(self.frame.options.sense_weight);
        for (&place, predicted) in places.iter().zip(predicted.chunks_exact(candidates.len())) {
            self.predicted[self.beliefs.of(place)].copy_from_slice(predicted);
        }
    }

    /// For each place of a word the likelihood of each candidate, the best at one.
    fn likelihoods(&self, word: usize, places: &[usize], alike: &mut FxHashMap<(WordId, WordId), f32>, out: &mut Vec<f32>) {
        // the same words on both sides say the same again
        alike.clear();
        places.iter().for_each(|&place| *alike.entry(self.frame.between[place]).or_default() += 1.0);
        for &place in places {
            let weight = self.frame.options.joint_weight / alike.get(&self.frame.between[place]).copied().unwrap_or(1.0);
            let start = out.len();
            out.extend_from_slice(&self.beliefs.fit[self.beliefs.of(place)]);
            let likelihoods = &mut out[start..];
            self.add_gained(word, place, places, likelihoods);
            let best = likelihoods.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            likelihoods.iter_mut().for_each(|sum| *sum = (weight * (*sum - best).max(WORST_FIT)).exp());
        }
    }

    /// What vocabulary adds to the likelihood of each candidate at one of the `places` of a word, of which there are several: that of the background, and that
    /// a word which an article, or this site, has used it uses again. Whatever stands behind the places, it is as frequent here as they are: so
    /// a word that is rare elsewhere ("thanked", in the releases of one office) does not lose to a frequent one at each of them.
    fn add_gained(&self, word: usize, place: usize, places: &[usize], likelihoods: &mut [f32]) {
        let entries = self.frame.of(word);
        likelihoods.iter_mut().zip(&self.frame.gains[entries.clone()]).for_each(|(sum, gain)| *sum += BACKGROUND_SHARE * gain);
        let weight = if self.round < BURST_ROUND { 0.0 } else { self.frame.options.burst_weight };
        let Some(subject) = self.subject(place).filter(|_| weight > 0.0) else { return };
        let document = |place: usize| self.frame.passage.places[place].document;
        let others = places.iter().filter(|&&other| document(other) == document(place)).count() - 1;
        let frequency = (others as f32 / subject.total).max((places.len() - 1) as f32 / self.total);
        let burst = |&alone: &f32| ((1.0 - weight) + weight * (frequency / alone.exp()).min(MAX_BURST_GAIN)).ln();
        likelihoods.iter_mut().zip(&self.frame.alone[entries]).for_each(|(sum, alone)| *sum += burst(alone));
    }

    /// How many of the words of each class of frequency this spinner lists, by what is certain in this document.
    fn swap_rates(&self) -> [(f32, f32); CLASSES] {
        // types seen swapped, types seen, sum of what was assumed
        let mut classes = [(0.0f32, 0.0f32, 0.0f32); CLASSES];
        for (word, (_, candidates)) in self.frame.words.iter().enumerate() {
            for (candidate, entry) in candidates.iter().zip(self.frame.of(word)) {
                let (count, all) = (self.count.pairs[entry], self.count.plains[self.frame.plain[entry]]);
                if count <= 0.0 || all <= 0.0 || matches!(candidate.origin, Origin::Listed { .. }) || candidate.ids.len() != 1 {
                    continue;
                }
                let share = count / all * all.min(1.0);
                let frequency = self.frame.frequency(candidate);
                let class = &mut classes[class_of(frequency)];
                class.0 += if candidate.origin == Origin::Identity { 0.0 } else { share };
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

    fn subject(&self, place: usize) -> Option<&Subject> {
        let document = self.frame.passage.places[place].document;
        self.count.subjects.get(document).filter(|subject| subject.total >= 1.0)
    }

    /// The topic around a place, without what stands there.
    fn around(&self, place: usize) -> Topic {
        let Some(subject) = self.subject(place) else { return Topic::default() };
        let Some((choice, share)) = self.beliefs.certain(place) else { return self.topics[self.frame.passage.places[place].document] };
        let mut topic = subject.topic;
        let vectors = self.frame.model.vectors();
        for &id in &self.frame.candidates(place)[choice].ids {
            topic.add(&vectors, id, -share * self.frame.content(id));
        }
        topic.unit()
    }

    /// How well the word of a place, as it stands, fits the topic around it, as a cosine.
    pub(super) fn topic(&self, place: usize) -> f32 {
        let own = self.frame.candidates(place).iter().find(|candidate| candidate.origin == Origin::Identity);
        let Some(&id) = own.and_then(|candidate| candidate.ids.first()) else { return 0.0 };
        self.around(place).fit(&self.frame.model.vectors(), id)
    }

    /// Whether a place is so certain that nothing in the document would change it. A candidate that no list holds may have been improbable only for that.
    fn is_firm(&self, place: usize) -> bool {
        self.beliefs.is_firm(place) && self.frame.is_listed(place)
    }

    /// For each candidate at each place its log probability; what it was before where the place is certain.
    pub(super) fn weights(&self) -> Vec<f32> {
        let mut weights = self.beliefs.weight.clone();
        for &place in self.frame.open.iter().flatten().filter(|&&place| !self.is_firm(place)) {
            self.weigh(place, &mut weights[self.beliefs.of(place)]);
        }
        weights
    }

    fn weigh(&self, place: usize, weights: &mut [f32]) {
        let entries = self.beliefs.of(place);
        let gains = &self.frame.gains[self.frame.of(self.frame.passage.places[place].word)];
        let around = self.around(place);
        let subject = self.subject(place);
        let vectors = self.frame.model.vectors();
        for (((weight, candidate), entry), gain) in weights.iter_mut().zip(self.frame.candidates(place)).zip(entries).zip(gains) {
            let own = certain(self.beliefs.posterior[entry]);
            let fit: f32 = candidate.ids.iter().map(|&id| self.frame.content(id) * around.fit(&vectors, id)).sum();
            *weight = self.predicted[entry]
                + gain
                + subject.map_or(0.0, |subject| self.cached(subject, &candidate.ids, own))
                + self.frame.options.topic_weight * fit;
        }
    }

    /// How much likelier the choice is than was assumed, by what this spinner swaps in this document.
    fn rate(&self, candidate: &Candidate) -> f32 {
        let (swapped, stays) = self.rates[class_of(self.frame.frequency(candidate))];
        match candidate.origin {
            Origin::Identity => stays,
            Origin::Listed { .. } => 0.0,
            _ => swapped,
        }
    }

    /// In how many places the plaintext is certain behind other cipher words; the claims of others count little against its owner.
    fn elsewhere(&self, word: usize, entry: usize, candidate: &Candidate) -> f32 {
        let plain = self.frame.plain[entry];
        let others = (self.count.plains[plain] - self.count.pairs[entry]).max(0.0);
        let owned = candidate.origin != Origin::Identity && self.owners.get(&plain) == Some(&word);
        if owned { CONTESTED * others } else { others }
    }

    /// How far a plaintext is free to stand behind a word, in nats: not if it is behind others.
    fn free(&self, word: usize, entry: usize, candidate: &Candidate) -> f32 {
        let elsewhere = self.elsewhere(word, entry, candidate);
        let slip = if matches!(candidate.origin, Origin::Listed { .. }) { LISTED_SLIP } else { SLIP };
        (slip + (1.0 - slip) * (-FUNCTION * elsewhere).exp()).ln()
    }

    /// What the document adds to the log probability of a plaintext.
    fn cached(&self, subject: &Subject, ids: &[WordId], own: f32) -> f32 {
        let weight = self.frame.options.cache_weight;
        let gain = |&id: &WordId| {
            let count = (subject.counts.get(&id).copied().unwrap_or(0.0) - own).max(0.0);
            let ratio = count / subject.total / self.frame.model.unigram(id).0.exp();
            ((1.0 - weight) + weight * ratio.min(MAX_CACHE_GAIN)).ln()
        };
        ids.iter().filter(|&&id| id != special::UNKNOWN).map(gain).sum()
    }
}
