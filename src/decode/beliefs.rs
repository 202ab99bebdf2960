//! What the searches so far have found: for each candidate at each place its posterior and its fit.
//!
//! In: places and the candidates of their words. Out: tables with one entry for each candidate at each place, in the order of the places,
//! so that those of a sentence stand together. A search of a sentence fills in its part.

use std::ops::Range;

use super::candidates::Candidate;
use super::passage::Position;
use super::select::Words;

/// What is assumed of a candidate that no search has tried at a place, in nats below the best.
const UNTRIED: f32 = -3.0;
/// Probability of all other readings of a place below which it is settled.
const SETTLED: f32 = 0.002;
/// What a reading is granted that did not come into the beam.
const UNSEEN: f32 = 1e-3;

/// The tables.
#[derive(Debug)]
pub(super) struct Beliefs {
    /// For each place its first entry, and one more.
    first: Vec<usize>,
    /// Posterior of each candidate.
    pub(super) posterior: Vec<f32>,
    /// What the sentence alone says of each candidate: log likelihood, relative to the best; for a candidate that the last search left
    /// out, what an earlier one found.
    pub(super) fit: Vec<f32>,
    /// Log probability of each candidate when the sentence was searched; negative infinity if it has not been.
    pub(super) weight: Vec<f32>,
}

impl Beliefs {
    /// Nothing is known yet.
    pub(super) fn new(positions: &[Position], words: &Words) -> Self {
        let mut first = Vec::with_capacity(positions.len() + 1);
        let mut entries = 0;
        first.push(entries);
        first.extend(positions.iter().map(|position| {
            entries += words[position.word].1.len();
            entries
        }));
        Self { first, posterior: vec![0.0; entries], fit: vec![0.0; entries], weight: vec![f32::NEG_INFINITY; entries] }
    }

    /// The entries of a place.
    pub(super) fn of(&self, place: usize) -> Range<usize> {
        self.first[place]..self.first[place + 1]
    }

    /// The entries of a row of places.
    pub(super) fn of_all(&self, places: Range<usize>) -> Range<usize> {
        self.first[places.start]..self.first[places.end]
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.posterior.len()
    }

    /// The same where words have other candidates `now` than `before`.
    pub(super) fn carried_over(&self, positions: &[Position], before: &Words, now: &Words) -> Self {
        let mut new = Self::new(positions, now);
        for (place, position) in positions.iter().enumerate() {
            let (from, to) = (self.of(place), new.of(place));
            let (before, now) = (&before[position.word].1, &now[position.word].1);
            for (entry, candidate) in to.zip(now.iter()) {
                match alike(before, candidate).map(|choice| from.start + choice) {
                    Some(old) => {
                        new.posterior[entry] = self.posterior[old];
                        new.fit[entry] = self.fit[old];
                        new.weight[entry] = self.weight[old];
                    }
                    None => new.fit[entry] = UNTRIED,
                }
            }
        }
        new
    }

    /// The choice of a place that is more likely than not, and what it counts as evidence for other places.
    pub(super) fn certain(&self, place: usize) -> Option<(usize, f32)> {
        let posterior = &self.posterior[self.of(place)];
        posterior.iter().position(|&share| share > 0.5).map(|choice| (choice, certain(posterior[choice])))
    }

    /// Whether all candidates of a place have been tried, and all but one of them were next to impossible when it was searched.
    pub(super) fn is_firm(&self, place: usize) -> bool {
        let entries = self.of(place);
        let tried = self.weight[entries.clone()].iter().all(|&weight| weight > f32::NEG_INFINITY);
        tried && self.posterior[entries].iter().any(|&share| share > 1.0 - SETTLED)
    }

    /// The likeliest choice of a place, if it is settled: certain when it was searched, and certain still with these `weights` instead of
    /// those of the search, the rest of the sentence being as it was.
    pub(super) fn settled(&self, place: usize, weights: &[f32]) -> Option<usize> {
        let entries = self.of(place);
        let best = entries.clone().max_by(|&a, &b| self.posterior[a].total_cmp(&self.posterior[b]))?;
        if self.posterior[best] < 1.0 - SETTLED {
            return None;
        }
        let change = |entry: usize| weights[entry] - self.weight[entry];
        let others = entries.clone().filter(|&entry| entry != best);
        let odds: f32 = others.map(|entry| self.posterior[entry].max(UNSEEN) * (change(entry) - change(best)).exp()).sum();
        (odds < SETTLED).then(|| best - entries.start)
    }

    /// Notes what the search of a sentence found with these weights at one of its places, and what its candidates weighed there.
    pub(super) fn note(&mut self, place: usize, found: &[f32], tried: &[f32], weights: &[f32]) {
        let entries = self.of(place);
        self.weight[entries.clone()].copy_from_slice(weights);
        let mut best = f32::NEG_INFINITY;
        for ((entry, &share), &weight) in entries.clone().zip(found).zip(tried) {
            self.posterior[entry] = share.min(1.0);
            if weight > f32::NEG_INFINITY {
                self.fit[entry] = share.min(1.0).ln() - weight;
                best = best.max(self.fit[entry]);
            }
        }
        entries.zip(tried).filter(|(_, weight)| **weight > f32::NEG_INFINITY).for_each(|(entry, _)| self.fit[entry] -= best);
    }
}

/// Which of the candidates has the same plaintext.
fn alike(candidates: &[Candidate], candidate: &Candidate) -> Option<usize> {
    candidates.iter().position(|other| other.key == candidate.key)
}

/// What a posterior counts as evidence for other places: nothing up to one half.
pub(super) fn certain(share: f32) -> f32 {
    (2.0 * share - 1.0).clamp(0.0, 1.0)
}
