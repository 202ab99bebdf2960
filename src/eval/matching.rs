//! What is the same in two rows of words: the longest common block, then the longest on either side of it, and so on.
//!
//! In: two rows. Out: [`Step`]s that tile both. This is the matching of Ratcliff and Obershelp with the tie rules of Python's
//! `difflib` (no word counts as junk), so that anyone can check our numbers with ten lines of Python.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// A stretch of the one row and what stands for it in the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The same words on both sides.
    pub(super) equal: bool,
    /// In the first row.
    pub(super) before: Range<usize>,
    /// In the second row.
    pub(super) after: Range<usize>,
}

/// The steps from one row to the other.
pub(super) fn steps<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<Step> {
    let (mut at, mut to) = (0, 0);
    let mut out: Vec<Step> = Vec::new();
    let end = Block { before: before.len(), after: after.len(), len: 0 };
    for block in blocks(before, after).into_iter().chain([end]) {
        if at < block.before || to < block.after {
            out.push(Step { equal: false, before: at..block.before, after: to..block.after });
        }
        (at, to) = (block.before + block.len, block.after + block.len);
        if block.len > 0 {
            out.push(Step { equal: true, before: block.before..at, after: block.after..to });
        }
    }
    out
}

#[derive(Clone, Copy, Default)]
struct Block {
    before: usize,
    after: usize,
    len: usize,
}

/// The common blocks, in order; neighbours that touch on both sides are one.
fn blocks<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<Block> {
    let mut index: HashMap<&T, Vec<usize>> = HashMap::new();
    for (at, word) in after.iter().enumerate() {
        index.entry(word).or_default().push(at);
    }
    let places: Vec<&[usize]> = before.iter().map(|word| index.get(word).map_or(&[][..], Vec::as_slice)).collect();
    let mut runs = (vec![0; after.len() + 1], vec![0; after.len() + 1]);
    let mut found = Vec::new();
    let mut open = vec![(0..before.len(), 0..after.len())];
    while let Some((left, right)) = open.pop() {
        let block = longest(&places, &left, &right, &mut runs);
        if block.len > 0 {
            open.push((left.start..block.before, right.start..block.after));
            open.push((block.before + block.len..left.end, block.after + block.len..right.end));
            found.push(block);
        }
    }
    found.sort_by_key(|block| block.before);
    found.dedup_by(|next, last| {
        let joined = last.before + last.len == next.before && last.after + last.len == next.after;
        last.len += if joined { next.len } else { 0 };
        joined
    });
    found
}

/// The longest common block inside both ranges: the first of equals. `places` says where each word of the first row stands in the
/// second; `runs` are two rows of zeros, and are so again at the end.
fn longest(places: &[&[usize]], left: &Range<usize>, right: &Range<usize>, runs: &mut (Vec<usize>, Vec<usize>)) -> Block {
    let inside = |word: usize| {
        let places = places.get(word).copied().unwrap_or(&[]);
        let from = places.partition_point(|&at| at < right.start);
        places[from..].iter().copied().take_while(|&at| at < right.end)
    };
    let (last, next) = (&mut runs.0, &mut runs.1);
    let mut best = Block { before: left.start, after: right.start, len: 0 };
    for word in left.clone() {
        for at in inside(word) {
            // runs stand one place further on, so that there is always a place before
            let len = last[at] + 1;
            next[at + 1] = len;
            if len > best.len {
                best = Block { before: word + 1 - len, after: at + 1 - len, len };
            }
        }
        if word > left.start {
            inside(word - 1).for_each(|at| last[at + 1] = 0);
        }
        std::mem::swap(last, next);
    }
    if !left.is_empty() {
        inside(left.end - 1).for_each(|at| last[at + 1] = 0);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let (before, after): (Vec<&str>, Vec<&str>) = (before.split(' ').collect(), after.split(' ').collect());
        let step = |step: Step| {
            let (from, to) = (before[step.before].join(" "), after[step.after].join(" "));
            if step.equal { from } else { format!("[{from}>{to}]") }
        };
        steps(&before, &after).into_iter().map(step).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_steps_are_those_of_difflib() {
        let cases = [
            ("it is a new year", "it is simply a caller solar year", "it is [>simply] a [new>caller solar] year"),
            ("a b c d", "b d", "[a>] b [c>] d"),
            ("a b", "c d", "[a b>c d]"),
            ("q a b x c d", "a b y c d f", "[q>] a b [x>y] c d [>f]"),
            ("a x a x b", "x a b", "[a>] x a [x>] b"),
            ("p a b q a b", "a b q p a b", "[>a b q] p a b [q a b>]"),
        ];
        for (before, after, expected) in cases {
            assert_eq!(shown(before, after), expected);
        }
    }
}
