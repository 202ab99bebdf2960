//! Which cipher word owns a plaintext: a spinner maps a plain word one way, so two words that claim the same are at odds.
//!
//! In: for each cipher word how well each candidate explains its places. Out: for each plaintext the word that keeps it, by the assignment
//! with the greatest sum of scores. Found by an auction (Bertsekas 1988): whoever has no plaintext bids for the best at the going prices,
//! and bids as much as it would lose by taking the second best.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

/// What a word takes part with.
pub(super) struct Bidder {
    /// Index of the word.
    pub(super) word: usize,
    /// Number of each plaintext that it may stand for, and its score in nats.
    pub(super) claims: Vec<(usize, f32)>,
    /// What it costs to stand for a plaintext that another word owns, in nats.
    pub(super) sharing: f32,
}

/// Least raise of a price, in nats: the sum is the best but for so much for each word.
const RAISE: f32 = 0.5;

/// For each plaintext that is claimed the word that owns it.
pub(super) fn owners(bidders: &[Bidder]) -> FxHashMap<usize, usize> {
    let mut market: FxHashMap<usize, (f32, usize)> = FxHashMap::default();
    let mut waiting: VecDeque<usize> = (0..bidders.len()).collect();
    while let Some(index) = waiting.pop_front() {
        let Bidder { claims, sharing, .. } = &bidders[index];
        let free = claims.iter().map(|claim| claim.1).fold(f32::NEG_INFINITY, f32::max);
        // the second best is at least to share
        let (mut best, mut second) = ((f32::NEG_INFINITY, 0), free - sharing);
        for &(key, score) in claims {
            let value = score - market.get(&key).map_or(0.0, |entry| entry.0);
            if value > best.0 {
                second = second.max(best.0);
                best = (value, key);
            } else {
                second = second.max(value);
            }
        }
        if best.0 <= free - sharing {
            continue;
        }
        let entry = market.entry(best.1).or_insert((0.0, index));
        entry.0 += best.0 - second + RAISE;
        let before = std::mem::replace(&mut entry.1, index);
        if before != index {
            waiting.push_back(before);
        }
    }
    market.into_iter().map(|(key, (_, index))| (key, bidders[index].word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bidder(word: usize, claims: &[(usize, f32)]) -> Bidder {
        Bidder { word, claims: claims.to_vec(), sharing: 100.0 }
    }

    #[test]
    fn the_sum_decides_and_not_who_came_first() {
        let found = owners(&[bidder(0, &[(1, 50.0), (2, 45.0)]), bidder(1, &[(1, 40.0), (3, -20.0)])]);
        assert_eq!((found.get(&1), found.get(&2)), (Some(&1), Some(&0)));
    }

    #[test]
    fn who_has_nothing_else_shares() {
        let found = owners(&[bidder(0, &[(1, 50.0)]), bidder(1, &[(1, 40.0), (2, -90.0)])]);
        assert_eq!(found.get(&1), Some(&0));
        assert_eq!(found.len(), 1);
    }
}
