//! Interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999, section 3).
//!
//! In: the word numbers of a text. Out: [`Grams`], a back-off model in memory: sorted keys with
//! probabilities and back-off weights. N-grams below a count cutoff are dropped after discounting, and their mass goes
//! to the back-off weight.

use super::BuildError;
use super::count::{Counts, count_ngrams, suffix};
use crate::lm::{WordId, special};

/// A back-off model in memory: for each order the sorted n-grams, their probability, and their back-off weight as context.
#[derive(Clone, Default)]
pub(super) struct Grams {
    pub(super) levels: Vec<Level>,
}

/// The n-grams of one order.
#[derive(Clone, Default)]
pub(super) struct Level {
    pub(super) keys: Vec<u64>,
    pub(super) prob: Vec<f32>,
    pub(super) backoff: Vec<f32>,
    /// Share of the text that the n-gram makes up (raw count over tokens); zero where unknown.
    pub(super) share: Vec<f32>,
}

impl Level {
    pub(super) fn find(&self, key: u64) -> Option<usize> {
        self.keys.binary_search(&key).ok()
    }
}

impl Grams {
    /// Probability of the last word of an n-gram of `order` words after the others.
    pub(super) fn prob(&self, key: u64, order: usize) -> f64 {
        let mut weight = 1.0;
        for k in (1..=order).rev() {
            if let Some(level) = self.levels.get(k - 1) {
                let gram = suffix(key, k);
                if let Some(at) = level.find(gram) {
                    return weight * f64::from(level.prob[at]);
                }
                if k > 1
                    && let Some(context) = self.levels.get(k - 2)
                    && let Some(at) = context.find(gram >> 16)
                {
                    weight *= f64::from(context.backoff[at]);
                }
            }
        }
        0.0
    }
}

/// Estimates a model of `order` from `ids`; `words` is the size of the vocabulary.
pub(super) fn estimate(ids: &[WordId], order: usize, words: usize, cutoffs: [u32; 4], budget: usize) -> Result<Grams, BuildError> {
    let tokens = ids.iter().filter(|&&id| !matches!(id, special::START | special::BREAK)).count().max(1);
    let mut raw = Vec::new();
    for k in 1..=order {
        raw.push(count_ngrams(ids, k, budget, false)?);
    }
    let mut adjusted: Vec<Counts> = Vec::new();
    for k in 1..order {
        let longer = count_ngrams(ids, k + 1, budget, true)?;
        adjusted.push(continuation(&raw[k - 1], &longer, k));
    }
    adjusted.push(raw[order - 1].clone());

    let mut grams = Grams::default();
    for k in 1..=order {
        let counts = &adjusted[k - 1];
        let discount = Discount::of(counts);
        let mut level = Level::default();
        let mut at = 0;
        while at < counts.keys.len() {
            let context = counts.keys[at] >> 16;
            let end = at + counts.keys[at..].iter().take_while(|&&key| key >> 16 == context).count();
            let total: f64 = (at..end).map(|i| event_count(counts, i, k)).sum();
            let mut kept_mass = 0.0;
            let first = level.keys.len();
            for i in at..end {
                let count = event_count(counts, i, k);
                let raw_count = raw[k - 1].get(counts.keys[i]).unwrap_or(0);
                if k > 1 && raw_count < cutoffs[k - 1] {
                    continue;
                }
                let mass = (count - discount.of_count(count)).max(0.0) / total.max(1.0);
                kept_mass += mass;
                level.keys.push(counts.keys[i]);
                level.prob.push(mass as f32);
                level.backoff.push(1.0);
                level.share.push((f64::from(raw_count) / tokens as f64) as f32);
            }
            let left = (1.0 - kept_mass).max(0.0);
            if k == 1 {
                let uniform = left / words as f64;
                for i in first..level.keys.len() {
                    let start = level.keys[i] == u64::from(special::START) || level.keys[i] == u64::from(special::BREAK);
                    level.prob[i] = if start { 1e-12 } else { level.prob[i] + uniform as f32 };
                }
            } else {
                for i in first..level.keys.len() {
                    let lower = grams.prob(suffix(level.keys[i], k - 1), k - 1);
                    level.prob[i] += (left * lower) as f32;
                }
                if let Some(parent) = grams.levels.get_mut(k - 2)
                    && let Some(index) = parent.find(context)
                {
                    parent.backoff[index] = left as f32;
                }
            }
            at = end;
        }
        grams.levels.push(level);
    }
    Ok(grams)
}

fn event_count(counts: &Counts, index: usize, order: usize) -> f64 {
    let start = order == 1 && (counts.keys[index] == u64::from(special::START) || counts.keys[index] == u64::from(special::BREAK));
    if start { 0.0 } else { f64::from(counts.counts[index]) }
}

/// Number of different words before each n-gram; n-grams that start a sentence keep their raw count.
fn continuation(raw: &Counts, longer: &Counts, order: usize) -> Counts {
    let left = Counts::of_keys(longer.keys.iter().map(|&key| suffix(key, order)).collect());
    let mut out = Counts::default();
    for (&key, &count) in raw.keys.iter().zip(&raw.counts) {
        let starts = super::count::word_at(key, order, 0) == special::START;
        out.keys.push(key);
        out.counts.push(if starts { count } else { left.get(key).unwrap_or(1) });
    }
    out
}

/// The three discounts of an order, from its counts of counts.
struct Discount([f64; 3]);

impl Discount {
    fn of(counts: &Counts) -> Self {
        let mut n = [0f64; 5];
        for &count in &counts.counts {
            if (1..=4).contains(&count) {
                n[count as usize] += 1.0;
            }
        }
        if n[1..].contains(&0.0) {
            return Self([0.5, 0.75, 0.9]); // too little text for an estimate
        }
        let y = n[1] / (n[1] + 2.0 * n[2]);
        let d = |k: usize| (k as f64 - (k as f64 + 1.0) * y * n[k + 1] / n[k]).clamp(0.1, k as f64 - 0.05);
        Self([d(1), d(2), d(3)])
    }

    fn of_count(&self, count: f64) -> f64 {
        if count < 0.5 {
            0.0
        } else if count < 1.5 {
            self.0[0]
        } else if count < 2.5 {
            self.0[1]
        } else {
            self.0[2]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::count::pack;

    #[test]
    fn probabilities_add_up_to_one_in_every_context() {
        let words = 30;
        let ids: Vec<WordId> = (0..4000u32)
            .map(|i| {
                if i % 9 == 0 {
                    special::START
                } else if i % 9 == 8 {
                    special::END
                } else {
                    4 + ((i * i * 31 + i / 7) % 20) as WordId
                }
            })
            .collect();
        let grams = estimate(&ids, 3, words, [1, 1, 1, 2], 1 << 20).unwrap();
        for context in [[5, 7], [9, 4], [special::START, 6], [12, 12]] {
            let sum: f64 = (0..words as WordId).map(|w| grams.prob(pack(&[context[0], context[1], w]), 3)).sum();
            // words never seen have no unigram entry here: their uniform share is what is missing
            assert!((0.9..=1.001).contains(&sum), "{context:?}: {sum}");
        }
    }
}
