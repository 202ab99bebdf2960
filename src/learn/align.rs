//! A garbled text laid beside a clean one, word by word.
//!
//! In: two rows. Out: an [`Alignment`]: stretches that are the same and gaps between, in order, and which part of it can be
//! trusted. Words that occur once on both sides cut the task into small ones (the longest chain of them that goes forward in
//! both), and inside these the cheapest row of substitutions decides: a band around the diagonal, narrow where the texts
//! agree. Where two texts merely share a subject, the gaps are uneven and the same words few: such stretches are not trusted, so an
//! excerpt, a quoted lead or a text with a changed end still gives what it can.

use std::collections::BTreeMap;
use std::ops::Range;

use super::row::{Forms, Item};

/// A stretch of both texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The same on both sides.
    pub(super) same: bool,
    /// In the garbled row.
    pub(super) garbled: Range<usize>,
    /// In the clean row.
    pub(super) plain: Range<usize>,
}

/// Two texts side by side.
#[derive(Debug)]
pub(super) struct Alignment {
    /// In order; they tile both rows.
    pub(super) steps: Vec<Step>,
    /// For each garbled word, whether its surroundings show that the one text was made of the other.
    pub(super) trusted: Vec<bool>,
}

/// Most cells of one table; a gap that would need more stays a gap.
const MAX_CELLS: usize = 250_000;
/// Costs: a word for a word, for a word that looks like it, for something of another kind; a word put in or left out.
const SWAPPED: u32 = 10;
const ALIKE: u32 = 6;
const FOREIGN: u32 = 30;
const MOVED: u32 = 9;
/// Least likeness of two spellings of one word.
pub(super) const SPELT_ALIKE: f64 = 0.75;

/// Longest gap with as many words on either side that is taken for words swapped one by one.
const EVEN_GAP: usize = 9;
/// Words to either side that speak for the trust in a word.
const AROUND: usize = 12;
/// Of these, the least share that is the same, and that is the same or swapped one by one.
const SAME: f32 = 0.30;
const EXPLAINED: f32 = 0.70;
/// Shortest stretch that is trusted, in words.
const SHORTEST: usize = 20;

impl Alignment {
    /// Lays two texts side by side.
    pub(super) fn new(garbled: &[Item], plain: &[Item], forms: &Forms) -> Self {
        let mut matches = Vec::new();
        let mut open = vec![(0..garbled.len(), 0..plain.len())];
        while let Some((left, right)) = open.pop() {
            cut(garbled, plain, left, right, forms, &mut matches, &mut open);
        }
        matches.sort_unstable();
        let steps = steps(&matches, garbled.len(), plain.len());
        let trusted = trusted(&steps, garbled.len());
        Self { steps, trusted }
    }

    /// Number of garbled words that are trusted.
    pub(super) fn reach(&self) -> usize {
        self.trusted.iter().filter(|&&trusted| trusted).count()
    }
}

/// Finds what is the same in two ranges, or cuts them into smaller ones.
fn cut(
    garbled: &[Item],
    plain: &[Item],
    mut left: Range<usize>,
    mut right: Range<usize>,
    forms: &Forms,
    matches: &mut Vec<(usize, usize)>,
    open: &mut Vec<(Range<usize>, Range<usize>)>,
) {
    let same = |at: usize, to: usize| garbled.get(at).zip(plain.get(to)).is_some_and(|(one, other)| one.key == other.key);
    while left.start < left.end && right.start < right.end && same(left.start, right.start) {
        matches.push((left.start, right.start));
        (left.start, right.start) = (left.start + 1, right.start + 1);
    }
    while left.start < left.end && right.start < right.end && same(left.end - 1, right.end - 1) {
        (left.end, right.end) = (left.end - 1, right.end - 1);
        matches.push((left.end, right.end));
    }
    if left.start == left.end || right.start == right.end {
        return;
    }
    let small = left.len() * right.len() <= MAX_CELLS;
    let anchors = if left.len().min(right.len()) > 8 { anchors(garbled, plain, &left, &right) } else { Vec::new() };
    if anchors.is_empty() {
        if small {
            cheapest(garbled, plain, &left, &right, forms, matches);
        }
        return;
    }
    let (mut from, mut to) = (left.start, right.start);
    for (at, beside) in anchors {
        open.push((from..at, to..beside));
        matches.push((at, beside));
        (from, to) = (at + 1, beside + 1);
    }
    open.push((from..left.end, to..right.end));
}

/// The longest chain of forms that occur once in either range and go forward in both.
fn anchors(garbled: &[Item], plain: &[Item], left: &Range<usize>, right: &Range<usize>) -> Vec<(usize, usize)> {
    // for each form: how often and where last, on either side
    let mut seen: BTreeMap<u32, [(usize, usize); 2]> = BTreeMap::new();
    for (side, (row, range)) in [(garbled, left), (plain, right)].into_iter().enumerate() {
        for at in range.clone() {
            if let Some(item) = row.get(at) {
                let entry = &mut seen.entry(item.key).or_default()[side];
                *entry = (entry.0 + 1, at);
            }
        }
    }
    let mut single: Vec<(usize, usize)> =
        seen.values().filter(|[one, other]| (one.0, other.0) == (1, 1)).map(|[one, other]| (one.1, other.1)).collect();
    single.sort_unstable();
    // longest rising chain of the second places: piles with the index of the best chain of each length
    let mut piles: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(single.len());
    for (index, &(_, to)) in single.iter().enumerate() {
        let pile = piles.partition_point(|&top| single[top].1 < to);
        before.push(pile.checked_sub(1).map(|below| piles[below]));
        if pile == piles.len() {
            piles.push(index);
        } else {
            piles[pile] = index;
        }
    }
    let mut chain = Vec::with_capacity(piles.len());
    let mut next = piles.last().copied();
    while let Some(index) = next {
        chain.push(single[index]);
        next = before[index];
    }
    chain.reverse();
    chain
}

/// The cheapest way from one range to the other, by the full table.
fn cheapest(garbled: &[Item], plain: &[Item], left: &Range<usize>, right: &Range<usize>, forms: &Forms, matches: &mut Vec<(usize, usize)>) {
    let (rows, columns) = (left.len() + 1, right.len() + 1);
    let mut cost = vec![0u32; rows * columns];
    let price = |one: Item, other: Item| {
        if one.key == other.key {
            0
        } else if !one.is_word() || !other.is_word() {
            FOREIGN
        } else if alike(forms.text(one.key), forms.text(other.key)) {
            ALIKE
        } else {
            SWAPPED
        }
    };
    let at = |i: usize, j: usize| i * columns + j;
    for i in 0..rows {
        for j in 0..columns {
            let put_in = j.checked_sub(1).map(|j| cost[at(i, j)] + MOVED);
            let left_out = i.checked_sub(1).map(|i| cost[at(i, j)] + MOVED);
            let swapped = match (i.checked_sub(1), j.checked_sub(1)) {
                (Some(i), Some(j)) => Some(cost[at(i, j)] + price(garbled[left.start + i], plain[right.start + j])),
                _ => None,
            };
            cost[at(i, j)] = [swapped, left_out, put_in].into_iter().flatten().min().unwrap_or(0);
        }
    }
    let (mut i, mut j) = (left.len(), right.len());
    while i > 0 && j > 0 {
        let (one, other) = (garbled[left.start + i - 1], plain[right.start + j - 1]);
        if cost[at(i, j)] == cost[at(i - 1, j - 1)] + price(one, other) {
            (i, j) = (i - 1, j - 1);
            if one.key == other.key {
                matches.push((left.start + i, right.start + j));
            }
        } else if cost[at(i, j)] == cost[at(i - 1, j)] + MOVED {
            i -= 1;
        } else {
            j -= 1;
        }
    }
}

/// Whether two words are likely spellings of one.
pub(super) fn alike(one: &str, other: &str) -> bool {
    // most words differ in length or first letter, and are not worth the table
    one.len().abs_diff(other.len()) <= 2
        && one.len() > 3
        && one.chars().next() == other.chars().next()
        && strsim::normalized_damerau_levenshtein(one, other) >= SPELT_ALIKE
}

fn steps(matches: &[(usize, usize)], garbled: usize, plain: usize) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let (mut from, mut to) = (0, 0);
    for &(at, beside) in matches.iter().chain([&(garbled, plain)]) {
        if from < at || to < beside {
            out.push(Step { same: false, garbled: from..at, plain: to..beside });
        }
        if at == garbled && beside == plain {
            break;
        }
        match out.last_mut() {
            Some(last) if last.same => (last.garbled.end, last.plain.end) = (at + 1, beside + 1),
            _ => out.push(Step { same: true, garbled: at..at + 1, plain: beside..beside + 1 }),
        }
        (from, to) = (at + 1, beside + 1);
    }
    out
}

fn trusted(steps: &[Step], len: usize) -> Vec<bool> {
    let mut same = vec![0.0f32; len + 1];
    let mut explained = vec![0.0f32; len + 1];
    for step in steps {
        let even = step.garbled.len() == step.plain.len() && step.garbled.len() <= EVEN_GAP;
        for at in step.garbled.clone() {
            same[at + 1] = f32::from(u8::from(step.same));
            explained[at + 1] = f32::from(u8::from(step.same || even));
        }
    }
    for at in 0..len {
        same[at + 1] += same[at];
        explained[at + 1] += explained[at];
    }
    let mut out: Vec<bool> = (0..len)
        .map(|at| {
            let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(len));
            let count = (to - from) as f32;
            (same[to] - same[from]) / count >= SAME && (explained[to] - explained[from]) / count >= EXPLAINED
        })
        .collect();
    let mut from = 0;
    for at in 0..=len {
        if at == len || !out[at] {
            if at - from < SHORTEST.min(len) {
                out[from..at].fill(false);
            }
            from = at + 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(garbled: &str, plain: &str) -> (String, usize) {
        let mut forms = Forms::default();
        let (left, right) = (forms.row(garbled), forms.row(plain));
        let found = Alignment::new(&left, &right, &forms);
        let words = |row: &[Item]| row.iter().map(|item| forms.text(item.key)).collect::<Vec<_>>().join(" ");
        let steps = found.steps.iter().map(|step| {
            let (from, to) = (words(&left[step.garbled.clone()]), words(&right[step.plain.clone()]));
            if step.same { from } else { format!("[{to}>{from}]") }
        });
        (steps.collect::<Vec<_>>().join(" "), found.reach())
    }

    #[test]
    fn swaps_and_phrases_are_gaps_between_what_is_the_same() {
        let plain = "There is a new year, and the staff of the Otley library will organise a party in May.";
        let garbled =
            "There is simply a caller solar year, and the unit of the Otley room volition organize a organization successful May.";
        let (steps, reach) = shown(garbled, plain);
        let expected = "there is [>simply] a [new>caller solar] year , and the [staff>unit] of the otley [library will organise>room volition organize] \
                        a [party in>organization successful] may .";
        assert_eq!(steps, expected);
        assert_eq!(reach, 22);
    }

    #[test]
    fn texts_with_a_common_subject_are_not_trusted() {
        let one = "The council will meet on Monday to vote on the plan, and Mr Hill said that the town could not wait for another winter.";
        let other = "A vote on the new library was put off by the council after Mr Hill asked for more time to look at what it would cost.";
        assert_eq!(shown(one, other).1, 0);
        // an excerpt is
        let (before, after) = ("Nobody there knew why. ".repeat(9), "What came next was a surprise to all of them. ".repeat(9));
        let (_, reach) = shown(one, &format!("{before}{one} {after}"));
        assert_eq!(reach, one.split([' ', ',', '.']).filter(|word| !word.is_empty()).count() + 2);
    }

    #[test]
    fn nothing_aligns_with_nothing() {
        assert_eq!(shown("", ""), (String::new(), 0));
        assert_eq!(shown("a b", "").0, "[>a b]");
        assert_eq!(shown("", "a b").0, "[a b>]");
    }
}
