//! Words looked up in sorted lists, several in step.
//!
//! In: lists of words. Out: where a word stands in each. The tables of a model are larger than the caches of a processor, so that a search mostly
//! waits for memory; searches that go on in step, without a branch, wait together.

use super::vocabulary::WordId;

/// Searches that go on in step: about as many as a processor waits for at the same time.
pub(super) const IN_STEP: usize = 12;

/// Where among sorted words one may stand.
#[derive(Clone, Copy)]
pub(super) struct Range<'a> {
    words: &'a [WordId],
    word: WordId,
    at: usize,
    pub(super) size: usize,
}

impl<'a> Range<'a> {
    pub(super) const EMPTY: Self = Self { words: &[], word: 0, at: 0, size: 0 };

    /// All places where a word may stand.
    #[inline]
    pub(super) fn of(words: &'a [WordId], word: WordId) -> Self {
        let words = possible(words, word);
        Self { words, word, at: 0, size: words.len() }
    }

    /// Keeps the half in which the word may stand; one place stays one place.
    #[inline]
    pub(super) fn halve(&mut self) {
        let half = self.size / 2;
        let middle = self.words.get(self.at + half).copied().unwrap_or(WordId::MAX);
        // no branch: half of the guesses would be wrong, and the other searches would wait
        self.at = std::hint::select_unpredictable(middle > self.word, self.at, self.at + half);
        self.size -= half;
    }

    /// The place of the word, if it is there.
    #[inline]
    pub(super) fn found(&self) -> Option<usize> {
        (self.words.get(self.at) == Some(&self.word)).then_some(self.at)
    }
}

/// Where a word stands, looked for alone.
#[inline]
pub(super) fn find(words: &[WordId], word: WordId) -> Option<usize> {
    possible(words, word).binary_search(&word).ok()
}

/// The words among which one may stand: they are sorted and different, so it is not behind the place of its number.
#[inline]
fn possible(words: &[WordId], word: WordId) -> &[WordId] {
    words.get(..usize::from(word) + 1).unwrap_or(words)
}

/// Narrows all ranges down to one place.
#[inline]
pub(super) fn in_step(ranges: &mut [Range<'_>]) {
    while ranges.iter().any(|range| range.size > 1) {
        ranges.iter_mut().for_each(Range::halve);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_where_it_stands() {
        for len in 0..40u16 {
            let words: Vec<WordId> = (0..len).map(|at| 3 * at + at % 2).collect();
            let mut ranges: Vec<Range<'_>> = (0..130).map(|word| Range::of(&words, word)).collect();
            in_step(&mut ranges);
            for (word, range) in (0..).zip(&ranges) {
                assert_eq!(range.found(), words.binary_search(&word).ok(), "{word} in {words:?}");
                assert_eq!(find(&words, word), range.found(), "{word} in {words:?}");
            }
        }
    }
}
