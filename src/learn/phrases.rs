//! Replacements that are no matter of single words: "year" for "solar year", "is a" for "is simply a".
//!
//! In: the gaps of all pairs of texts, and the pairs of single words that are sure. Out: phrases with counts. A gap is first cleared of sure
//! pairs at its ends. If words are left on one side only, their neighbours belong to the phrase; which of them, is told by what
//! is always so: "a" seldom becomes "simply a", but "is a" always becomes "is simply a".

use std::collections::{BTreeMap, BTreeSet};

use super::sides::{BREAK, Gap, Sides};

/// Longest phrase of the original, and of the garbled text.
const LONGEST: (usize, usize) = (4, 6);
/// Share of the occurrences that must be replaced to call it a rule.
const RULE: f32 = 0.8;

/// A phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Of the original.
    pub(super) plain: Vec<u32>,
    /// Of the garbled text.
    pub(super) cipher: Vec<u32>,
    /// How often it was seen.
    pub(super) seen: u32,
    /// How often the plain phrase stands in the originals.
    pub(super) occurs: u32,
    /// Number of articles.
    pub(super) articles: u32,
    /// Whether its borders are guessed.
    pub(super) guessed: bool,
}

/// Plain and garbled words.
type Swap = (Vec<u32>, Vec<u32>);

/// The phrases of all pairs of texts.
pub(super) fn phrases(sides: &[&Sides], firm: &BTreeSet<(u32, u32)>) -> Vec<Phrase> {
    let mut events: Vec<(usize, Vec<Swap>)> = Vec::new();
    for (article, side) in sides.iter().enumerate() {
        events.extend(side.gaps.iter().map(|gap| (article, readings(gap, firm))).filter(|event| !event.1.is_empty()));
    }
    let mut counts: BTreeMap<&Swap, u32> = BTreeMap::new();
    let mut occurs: BTreeMap<&[u32], u32> = BTreeMap::new();
    for reading in events.iter().flat_map(|event| &event.1) {
        *counts.entry(reading).or_default() += 1;
        occurs.insert(&reading.0, 0);
    }
    for side in sides {
        for len in 1..=LONGEST.0 {
            for words in side.plain.windows(len) {
                if let Some(count) = occurs.get_mut(words) {
                    *count += 1;
                }
            }
        }
    }
    let often = |reading: &Swap| (counts.get(reading).copied().unwrap_or(0), occurs.get(reading.0.as_slice()).copied().unwrap_or(0));
    let mut chosen: BTreeMap<&Swap, (u32, BTreeSet<usize>, bool)> = BTreeMap::new();
    for (article, readings) in &events {
        let value = |reading: &&Swap| {
            let (seen, all) = often(reading);
            let share = seen as f32 / all.max(seen).max(1) as f32;
            // a rule with many cases and few words; else whatever is most nearly a rule
            if share >= RULE { (1.0, seen, std::cmp::Reverse(reading.0.len())) } else { (share, 0, std::cmp::Reverse(reading.0.len())) }
        };
        let best = readings.iter().max_by(|a, b| {
            let (a_value, b_value) = (value(a), value(b));
            a_value.0.total_cmp(&b_value.0).then((a_value.1, a_value.2).cmp(&(b_value.1, b_value.2))).then(b.cmp(a))
        });
        if let Some(best) = best {
            let entry = chosen.entry(best).or_default();
            entry.0 += 1;
            entry.1.insert(*article);
            entry.2 |= readings.len() > 1;
        }
    }
    let phrase = |(swap, (seen, articles, guessed)): (&Swap, (u32, BTreeSet<usize>, bool))| Phrase {
        plain: swap.0.clone(),
        cipher: swap.1.clone(),
        seen,
        occurs: often(swap).1,
        articles: u32::try_from(articles.len()).unwrap_or(u32::MAX),
        guessed,
    };
    chosen.into_iter().map(phrase).collect()
}

/// What a gap may mean.
fn readings(gap: &Gap, firm: &BTreeSet<(u32, u32)>) -> Vec<Swap> {
    let (mut plain, mut cipher) = (gap.plain.as_slice(), gap.cipher.as_slice());
    // each neighbour on both sides
    let (mut before, mut behind) = ((gap.before, gap.before), (gap.behind, gap.behind));
    while let (Some((&one, plain_rest)), Some((&other, cipher_rest))) = (plain.split_first(), cipher.split_first()) {
        if !firm.contains(&(one, other)) {
            break;
        }
        (plain, cipher, before) = (plain_rest, cipher_rest, (one, other));
    }
    while let (Some((&one, plain_rest)), Some((&other, cipher_rest))) = (plain.split_last(), cipher.split_last()) {
        if !firm.contains(&(one, other)) {
            break;
        }
        (plain, cipher, behind) = (plain_rest, cipher_rest, (one, other));
    }
    let joined = |left: bool, right: bool| -> Swap {
        let side = |middle: &[u32], before: u32, behind: u32| -> Vec<u32> {
            let (before, behind) = (left.then_some(before), right.then_some(behind));
            before.into_iter().chain(middle.iter().copied()).chain(behind).collect()
        };
        (side(plain, before.0, behind.0), side(cipher, before.1, behind.1))
    };
    let mut out = match (plain.is_empty(), cipher.is_empty()) {
        (true, true) => Vec::new(),
        (false, false) => vec![joined(false, false)],
        _ => vec![joined(true, false), joined(false, true), joined(true, true)],
    };
    out.retain(|(plain, cipher)| {
        let fits = plain.len() <= LONGEST.0 && cipher.len() <= LONGEST.1;
        fits && !plain.is_empty() && !cipher.is_empty() && !plain.contains(&BREAK) && !cipher.contains(&BREAK) && plain != cipher
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_borders_of_a_phrase_are_where_the_rule_is() {
        // 1 is, 2 a, 3 simply, 4 the, 5 year, 6 solar
        let gap = |cipher: u32, before: u32, behind: u32| Gap { plain: Vec::new(), cipher: vec![cipher], before, behind };
        let side = Sides {
            gaps: vec![gap(3, 1, 2), gap(3, 1, 2), gap(6, 4, 5), gap(6, 2, 5)],
            plain: vec![1, 2, BREAK, 1, 2, BREAK, 1, 9, 2, BREAK, 4, 5, BREAK, 2, 5, BREAK, 4, 9, 2, 1],
            ..Sides::default()
        };
        let found = phrases(&[&side], &BTreeSet::new());
        let found: Vec<(Vec<u32>, Vec<u32>, u32)> = found.into_iter().map(|phrase| (phrase.plain, phrase.cipher, phrase.seen)).collect();
        assert_eq!(found, [(vec![1, 2], vec![1, 3, 2], 2), (vec![5], vec![6, 5], 2)]);
    }

    #[test]
    fn sure_pairs_are_cleared_from_the_ends() {
        let gap = Gap { plain: vec![1, 2, 3], cipher: vec![11, 20, 21, 13], before: BREAK, behind: BREAK };
        assert_eq!(readings(&gap, &BTreeSet::from([(1, 11), (3, 13)])), [(vec![2], vec![20, 21])]);
    }
}
