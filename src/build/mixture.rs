//! Linear interpolation of back-off models into one, and pruning by relative entropy.
//!
//! In: component models with weights. Out: one back-off model with every n-gram that any component has, as
//! SRILM's static mixture does (Stolcke 2002); then the n-grams whose loss costs least per byte are dropped
//! (Stolcke 1998), with history probabilities taken from raw counts, since Kneser-Ney lower orders are no
//! marginals (Chelba et al. 2010).

use super::count::{suffix, word_at};
use super::kneser_ney::{Grams, Level};
use crate::lm::WordId;

/// A component of the mixture.
pub(super) struct Part {
    pub(super) grams: Grams,
    pub(super) weight: f64,
    /// Words that the component does not know by design (punctuation, number classes): skipped or cutting the context.
    pub(super) skips: Vec<WordId>,
    pub(super) cuts: Vec<WordId>,
}

impl Part {
    /// Probability of the last word of the n-gram, in the component's own view of the context.
    pub(super) fn prob(&self, key: u64, order: usize) -> f64 {
        if self.skips.is_empty() && self.cuts.is_empty() {
            return self.grams.prob(key, order);
        }
        let last = word_at(key, order, order - 1);
        if self.skips.binary_search(&last).is_ok() || self.cuts.binary_search(&last).is_ok() {
            return 0.0;
        }
        let (mut packed, mut len) = (u64::from(last), 1);
        for position in (0..order - 1).rev() {
            let word = word_at(key, order, position);
            if self.cuts.binary_search(&word).is_ok() {
                break;
            }
            if self.skips.binary_search(&word).is_err() {
                packed |= u64::from(word) << (16 * len);
                len += 1;
            }
        }
        self.grams.prob(packed, len)
    }

    fn share(&self, key: u64, order: usize) -> f64 {
        let Some(level) = self.grams.levels.get(order - 1) else { return 0.0 };
        let Some(at) = level.find(key) else { return 0.0 };
        let share = f64::from(level.share[at]);
        if share > 0.0 || order == 0 {
            return share;
        }
        // a ready table has no counts: the chain rule stands in
        (1..=order).map(|k| self.grams.prob(key >> (16 * (order - k)), k)).product()
    }
}

/// The mixture of `parts`, normalised.
pub(super) fn mix(parts: &[Part], order: usize) -> Grams {
    let mut grams = Grams::default();
    for k in 1..=order {
        let mut keys: Vec<u64> = Vec::new();
        for part in parts {
            if let Some(level) = part.grams.levels.get(k - 1) {
                keys.extend(&level.keys);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let half = keys.len() / 2;
        let fill = |keys: &[u64]| -> (Vec<f32>, Vec<f32>) {
            keys.iter()
                .map(|&key| {
                    let prob: f64 = parts.iter().map(|part| part.weight * part.prob(key, k)).sum();
                    let share: f64 = parts.iter().map(|part| part.weight * part.share(key, k)).sum();
                    (prob.max(1e-12) as f32, share as f32)
                })
                .unzip()
        };
        let (first, second) = keys.split_at(half);
        let (mut left, right) = std::thread::scope(|scope| {
            let other = scope.spawn(|| fill(second));
            (fill(first), other.join().unwrap_or_default())
        });
        left.0.extend(right.0);
        left.1.extend(right.1);
        let backoff = vec![1.0; keys.len()];
        grams.levels.push(Level { keys, prob: left.0, backoff, share: left.1 });
    }
    for k in 2..=order {
        renormalise(&mut grams, k);
    }
    grams
}

/// Sets the back-off weights of the contexts of order `k - 1` so that each distribution adds up to one.
fn renormalise(grams: &mut Grams, k: usize) {
    let Some(level) = grams.levels.get(k - 1) else { return };
    let mut weights = Vec::new();
    let mut at = 0;
    while at < level.keys.len() {
        let context = level.keys[at] >> 16;
        let (mut seen, mut lower) = (0.0, 0.0);
        while at < level.keys.len() && level.keys[at] >> 16 == context {
            seen += f64::from(level.prob[at]);
            lower += grams.prob(suffix(level.keys[at], k - 1), k - 1);
            at += 1;
        }
        weights.push((context, ((1.0 - seen).max(1e-6) / (1.0 - lower).max(1e-6)) as f32));
    }
    if let Some(parent) = grams.levels.get_mut(k - 2) {
        parent.backoff.fill(1.0);
        for (context, weight) in weights {
            if let Some(at) = parent.find(context) {
                parent.backoff[at] = weight;
            }
        }
    }
}

/// Bytes that an n-gram of order `k` takes in the file of a model of `order`.
pub(super) fn bytes_of(k: usize, order: usize) -> f64 {
    if k == order { 3.0 } else { 6.25 }
}

/// Drops the n-grams that cost least per byte until the tables fit `max_bytes`.
pub(super) fn prune(grams: &Grams, order: usize, max_bytes: usize) -> Grams {
    let losses: Vec<Vec<f32>> = (2..=order).map(|k| losses(grams, k, bytes_of(k, order))).collect();
    let (mut low, mut high) = (-80.0f32, 0.0f32); // natural logarithm of the threshold
    let mut best = vec![];
    for _ in 0..24 {
        let middle = (low + high) / 2.0;
        let keep = kept(grams, &losses, order, middle.exp());
        let size: f64 = keep.iter().enumerate().map(|(i, k)| k.iter().filter(|&&keep| keep).count() as f64 * bytes_of(i + 2, order)).sum();
        if size > max_bytes as f64 {
            low = middle;
        } else {
            high = middle;
            best = keep;
        }
    }
    let mut out = Grams { levels: vec![grams.levels[0].clone()] };
    for (level, keep) in grams.levels.iter().skip(1).zip(&best) {
        let mut small = Level::default();
        for (at, _) in keep.iter().enumerate().filter(|&(_, &keep)| keep) {
            small.keys.push(level.keys[at]);
            small.prob.push(level.prob[at]);
            small.backoff.push(1.0);
            small.share.push(level.share[at]);
        }
        out.levels.push(small);
    }
    for k in 2..=order {
        renormalise(&mut out, k);
    }
    out
}

fn kept(grams: &Grams, losses: &[Vec<f32>], order: usize, threshold: f32) -> Vec<Vec<bool>> {
    let mut keep: Vec<Vec<bool>> = losses.iter().map(|level| level.iter().map(|&loss| loss >= threshold).collect()).collect();
    for k in (3..=order).rev() {
        let (lower, upper) = keep.split_at_mut(k - 2);
        let (children, parents) = (&grams.levels[k - 1].keys, &grams.levels[k - 2].keys);
        let mut parent = 0;
        for (at, &key) in children.iter().enumerate() {
            if upper[0][at] {
                while parents.get(parent).is_some_and(|&p| p < key >> 16) {
                    parent += 1;
                }
                if parents.get(parent) == Some(&(key >> 16)) {
                    lower[k - 3][parent] = true;
                } else {
                    upper[0][at] = false; // its context is in no component
                }
            }
        }
    }
    keep
}

/// Relative entropy per byte that dropping each n-gram of order `k` would cost.
fn losses(grams: &Grams, k: usize, bytes: f64) -> Vec<f32> {
    let level = &grams.levels[k - 1];
    let parents = &grams.levels[k - 2];
    let mut out = Vec::with_capacity(level.keys.len());
    let mut at = 0;
    while at < level.keys.len() {
        let context = level.keys[at] >> 16;
        let end = at + level.keys[at..].iter().take_while(|&&key| key >> 16 == context).count();
        let lower: Vec<f64> = (at..end).map(|i| grams.prob(suffix(level.keys[i], k - 1), k - 1)).collect();
        let seen: f64 = (at..end).map(|i| f64::from(level.prob[i])).sum();
        let numerator = (1.0 - seen).max(1e-6);
        let denominator = (1.0 - lower.iter().sum::<f64>()).max(1e-6);
        let history = parents.find(context).map_or(0.0, |i| f64::from(parents.share[i])).max(1e-12);
        let backoff = numerator / denominator;
        for (i, &low) in (at..end).zip(&lower) {
            let p = f64::from(level.prob[i]);
            let without = (numerator + p) / (denominator + low);
            let loss = -history * (p * ((low * without).max(1e-30).ln() - p.ln()) + numerator * (without.ln() - backoff.ln()));
            out.push((loss / bytes) as f32);
        }
        at = end;
    }
    out
}

/// Expectation-maximisation of the mixture weights on n-grams of a text that no component saw.
pub(super) fn tune(parts: &[Part], ngrams: &[(u64, usize)]) -> (Vec<f64>, f64) {
    let probs: Vec<Vec<f64>> = ngrams.iter().map(|&(key, order)| parts.iter().map(|part| part.prob(key, order)).collect()).collect();
    let mut weights: Vec<f64> = vec![1.0 / parts.len() as f64; parts.len()];
    let mut perplexity = 0.0;
    for _ in 0..50 {
        let mut expected = vec![0.0; parts.len()];
        let mut log = 0.0;
        for row in &probs {
            let total: f64 = row.iter().zip(&weights).map(|(p, w)| p * w).sum::<f64>().max(1e-12);
            log += total.ln();
            for (sum, (p, w)) in expected.iter_mut().zip(row.iter().zip(&weights)) {
                *sum += p * w / total;
            }
        }
        let all: f64 = expected.iter().sum::<f64>().max(1e-12);
        weights = expected.iter().map(|e| e / all).collect();
        perplexity = (-log / probs.len().max(1) as f64).exp();
    }
    (weights, perplexity)
}
