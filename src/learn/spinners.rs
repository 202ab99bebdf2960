//! Is this one spinner, or are there several in one folder?
//!
//! In: rows of garbled texts. Out: groups of texts. A spinner gives itself away by its most frequent cipher words: they stand bare in nearly
//! all of its articles and in none of another's, and so do the plain words that it never lets through. Two subjects differ in words too, but not
//! in dozens of words that stand in every other article of the one and never in the other.

use std::collections::{BTreeMap, BTreeSet};

use super::row::Row;
use crate::text::Shape;

/// Fewest articles of a spinner that is told apart.
const FEWEST: usize = 3;
/// Share of the articles of one group that must hold a word, and of the other group that may, for the word to tell them apart.
const PRESENT: f32 = 0.5;
const ABSENT: f32 = 0.06;
/// How far beyond chance the word must tell them apart, as a log likelihood ratio in nats: among few articles nothing does.
const BEYOND_CHANCE: f32 = 6.0;
/// Fewest words that tell two spinners apart, in both directions together, and in each.
const TELLING: (usize, usize) = (16, 4);
/// Rounds of sorting the articles into two groups.
const ROUNDS: usize = 20;

/// The groups, each sorted, the largest first; one if nothing tells them apart.
pub(super) fn groups(rows: &[&Row]) -> Vec<Vec<usize>> {
    let words: Vec<BTreeSet<u32>> =
        rows.iter().map(|row| row.iter().filter(|item| item.shape() == Some(Shape::BARE)).map(|item| item.key).collect()).collect();
    let mut done: Vec<Vec<usize>> = Vec::new();
    let mut open = vec![(0..rows.len()).collect::<Vec<_>>()];
    while let Some(group) = open.pop() {
        match split(&group, &words) {
            Some((one, other)) => open.extend([one, other]),
            None => done.push(group),
        }
    }
    done.sort_by_key(|group| (std::cmp::Reverse(group.len()), group.first().copied()));
    done
}

/// Share of the articles of a group that hold each word.
fn shares(group: &[usize], words: &[BTreeSet<u32>]) -> BTreeMap<u32, f32> {
    let mut out: BTreeMap<u32, f32> = BTreeMap::new();
    for word in group.iter().filter_map(|&article| words.get(article)).flatten() {
        *out.entry(*word).or_default() += 1.0 / group.len().max(1) as f32;
    }
    out
}

fn split(group: &[usize], words: &[BTreeSet<u32>]) -> Option<(Vec<usize>, Vec<usize>)> {
    if group.len() < 2 * FEWEST {
        return None;
    }
    // only words of many articles; one article's own words say nothing of a spinner
    let all = shares(group, words);
    let common: BTreeSet<u32> = all.iter().filter(|(_, share)| (0.08..0.95).contains(*share)).map(|(&word, _)| word).collect();
    let own: BTreeMap<usize, BTreeSet<u32>> =
        group.iter().filter_map(|&article| Some((article, words.get(article)?.intersection(&common).copied().collect()))).collect();
    let distance = |one: usize, other: usize| match (own.get(&one), own.get(&other)) {
        (Some(one), Some(other)) => {
            let both = one.intersection(other).count() as f32;
            1.0 - both / (one.len() as f32 * other.len() as f32).sqrt().max(1.0)
        }
        _ => 0.0,
    };
    let farthest = |from: usize| group.iter().copied().max_by(|&a, &b| distance(from, a).total_cmp(&distance(from, b)).then(b.cmp(&a)));
    let first = farthest(*group.first()?)?;
    let second = farthest(first)?;
    let mut one: Vec<usize> = group.iter().copied().filter(|&article| distance(first, article) <= distance(second, article)).collect();
    for _ in 0..ROUNDS {
        let other: Vec<usize> = group.iter().copied().filter(|article| !one.contains(article)).collect();
        let (left, right) = (shares(&one, words), shares(&other, words));
        // log likelihood ratio, each word present or absent
        let leans = |article: &usize| {
            let Some(own) = own.get(article) else { return false };
            let sum: f32 = common
                .iter()
                .map(|word| {
                    let share = |shares: &BTreeMap<u32, f32>| shares.get(word).copied().unwrap_or(0.0).clamp(0.02, 0.98);
                    let (left, right) = (share(&left), share(&right));
                    if own.contains(word) { (left / right).ln() } else { ((1.0 - left) / (1.0 - right)).ln() }
                })
                .sum();
            sum >= 0.0
        };
        let next: Vec<usize> = group.iter().copied().filter(leans).collect();
        if next == one {
            break;
        }
        one = next;
    }
    let other: Vec<usize> = group.iter().copied().filter(|article| !one.contains(article)).collect();
    if one.len().min(other.len()) < FEWEST {
        return None;
    }
    let (left, right) = (shares(&one, words), shares(&other, words));
    let sizes = (one.len() as f32, other.len() as f32);
    let telling = |here: &BTreeMap<u32, f32>, there: &BTreeMap<u32, f32>, sizes: (f32, f32)| {
        let tells = |&(word, &share): &(&u32, &f32)| {
            let elsewhere = there.get(word).copied().unwrap_or(0.0);
            share >= PRESENT && elsewhere <= ABSENT && beyond_chance((share, sizes.0), (elsewhere, sizes.1)) >= BEYOND_CHANCE
        };
        here.iter().filter(tells).count()
    };
    let (here, there) = (telling(&left, &right, sizes), telling(&right, &left, (sizes.1, sizes.0)));
    (here + there >= TELLING.0 && here.min(there) >= TELLING.1).then_some((one, other))
}

/// Log likelihood ratio, in nats, of a word standing in two groups with these shares of so many articles, against one share in both.
fn beyond_chance(one: (f32, f32), other: (f32, f32)) -> f32 {
    let likelihood = |share: f32, own: f32| {
        let term = |part: f32, log: f32| if part > 0.0 { part * log.max(1e-6).ln() } else { 0.0 };
        term(own, share) + term(1.0 - own, 1.0 - share)
    };
    let both = (one.0 * one.1 + other.0 * other.1) / (one.1 + other.1);
    [one, other].iter().map(|&(share, articles)| articles * (likelihood(share, share) - likelihood(both, share))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_tells_only_among_enough_articles() {
        assert!(beyond_chance((1.0, 3.0), (0.0, 4.0)) < BEYOND_CHANCE);
        assert!((beyond_chance((1.0, 7.0), (0.0, 7.0)) - 14.0 * 2.0f32.ln()).abs() < 1e-3);
        assert!(beyond_chance((0.5, 40.0), (0.5, 40.0)).abs() < 1e-3);
    }
}
