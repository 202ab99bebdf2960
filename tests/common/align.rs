//! Word alignment of an original with its spun or restored form, and what it says of a repair.
//!
//! In: texts. Out: for each word of the original what stands for it elsewhere. Words are white-space chunks; the alignment is the
//! cheapest row of substitutions, insertions and deletions, with inserted words counted to the word before them ("is" is
//! "is simply" where "is a" became "is simply a").

use std::ops::Range;

/// One word of the original.
pub(crate) struct Word {
    pub(crate) original: String,
    /// Which white-space chunks of the spun text stand for it.
    pub(crate) chunks: Range<usize>,
    spun: String,
    restored: String,
}

impl Word {
    pub(crate) fn swapped(&self) -> bool {
        self.spun != self.original
    }

    pub(crate) fn right(&self) -> bool {
        self.restored == self.original
    }

    pub(crate) fn changed(&self) -> bool {
        self.restored != self.spun
    }
}

/// How well a text was restored, word by word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) words: usize,
    pub(crate) swapped: usize,
    /// Swapped words that are the original's again.
    pub(crate) restored: usize,
    /// Swapped words that were changed to something else.
    pub(crate) wrong: usize,
    /// Swapped words that stayed.
    pub(crate) left: usize,
    /// Words that were not swapped, and changed.
    pub(crate) damaged: usize,
}

impl Counts {
    pub(crate) fn of(words: &[Word]) -> Self {
        let mut counts = Self { words: words.len(), ..Self::default() };
        for word in words {
            let slot = match (word.swapped(), word.right(), word.changed()) {
                (true, true, _) => &mut counts.restored,
                (true, false, true) => &mut counts.wrong,
                (true, false, false) => &mut counts.left,
                (false, _, true) => &mut counts.damaged,
                (false, _, false) => continue,
            };
            *slot += 1;
        }
        counts.swapped = counts.restored + counts.wrong + counts.left;
        counts
    }
}

/// The words of an original with what stands for them in the spun and in the restored text.
pub(crate) fn compare(original: &str, spun: &str, restored: &str) -> Vec<Word> {
    let [plain, garbled, mended] = [original, spun, restored].map(|text| text.split_whitespace().collect::<Vec<_>>());
    let (to_garbled, to_mended) = (align(&plain, &garbled), align(&plain, &mended));
    let words = plain.iter().zip(to_garbled).zip(to_mended);
    words
        .map(|((word, chunks), mended_chunks)| Word {
            original: (*word).to_owned(),
            spun: garbled[chunks.clone()].join(" "),
            restored: mended[mended_chunks].join(" "),
            chunks,
        })
        .collect()
}

/// For each word of `before` the words of `after` that stand for it; the ranges tile `after`.
fn align(before: &[&str], after: &[&str]) -> Vec<Range<usize>> {
    if before.is_empty() {
        return Vec::new();
    }
    let width = after.len() + 1;
    let mut cost = vec![0usize; (before.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for i in 0..=before.len() {
        for j in 0..=after.len() {
            cost[at(i, j)] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let other = usize::from(before[i - 1] != after[j - 1]);
                    (cost[at(i - 1, j - 1)] + other).min(cost[at(i - 1, j)] + 1).min(cost[at(i, j - 1)] + 1)
                }
            };
        }
    }
    let mut ends = vec![0; before.len()];
    let (mut i, mut j) = (before.len(), after.len());
    ends[i - 1] = j;
    while i > 0 {
        // inserted words first: they go to the word before them
        if j > 0 && cost[at(i, j)] == cost[at(i, j - 1)] + 1 {
            j -= 1;
            continue;
        }
        if j > 0 && cost[at(i, j)] == cost[at(i - 1, j - 1)] + usize::from(before[i - 1] != after[j - 1]) {
            j -= 1;
        }
        i -= 1;
        if i > 0 {
            ends[i - 1] = j;
        }
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, &end)| start..end).collect()
}

mod tests {
    use super::*;

    #[test]
    fn phrases_are_followed_and_words_are_counted() {
        let original = "It is a new year and we can go on";
        let spun = "It is simply a caller solar year and we tin spell connected";
        let restored = "It is a new solar year also we can spell in";
        let counts = Counts::of(&compare(original, spun, restored));
        // is, new, can restored; on wrong; go left; "year" carries nothing, "new" carries "solar"; and damaged
        assert_eq!(counts, Counts { words: 10, swapped: 5, restored: 2, wrong: 2, left: 1, damaged: 1 });
    }

    #[test]
    fn the_ranges_tile() {
        for (before, after) in [("a b c", "a b c"), ("a b c", ""), ("a", "x y z"), ("a b c d", "b d")] {
            let (before, after): (Vec<_>, Vec<_>) = (before.split_whitespace().collect(), after.split_whitespace().collect());
            let ranges = align(&before, &after);
            assert_eq!(ranges.len(), before.len());
            assert_eq!(ranges.iter().map(ExactSizeIterator::len).sum::<usize>(), after.len());
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}
