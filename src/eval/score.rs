//! How well a text was restored, word by word.
//!
//! In: garbled, original and restored text. Out: a [`Score`]. Words are what stands between white space, compared without
//! regard to case. Original and restored text are both laid beside the garbled one, so a word that became two, or two that became one,
//! count right; and a repair is asked about the garbled words, for these are what it was given.

use std::ops::{AddAssign, Range};

use serde::Serialize;

use super::matching::steps;

/// Counts of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Words of the original.
    pub words: usize,
    /// Garbled words that are not the original's.
    pub swapped: usize,
    /// Of these: the original's again.
    pub restored: usize,
    /// Of these: changed to something else.
    pub wrong: usize,
    /// Of these: left as they stood.
    pub undecided: usize,
    /// Garbled words that are the original's.
    pub kept: usize,
    /// Of these: changed.
    pub damaged: usize,
    /// Words to be replaced, put in or taken out to make the original of the garbled text.
    pub errors_before: usize,
    /// The same, of the restored text.
    pub errors_after: usize,
}

impl Score {
    /// Compares three forms of a text.
    #[must_use]
    pub fn of(garbled: &str, original: &str, restored: &str) -> Self {
        let [garbled, original, restored] = [garbled, original, restored].map(words);
        let (to_original, to_restored) = (beside(&garbled, &original), beside(&garbled, &restored));
        let mut score = Self {
            words: original.len(),
            errors_before: errors(&garbled, &original),
            errors_after: errors(&restored, &original),
            ..Self::default()
        };
        for ((word, truth), found) in garbled.iter().zip(to_original).zip(to_restored) {
            let word = std::slice::from_ref(word);
            let (truth, found) = (original.get(truth).unwrap_or(&[]), restored.get(found).unwrap_or(&[]));
            let slot = if truth == word {
                score.damaged += usize::from(found != word);
                &mut score.kept
            } else {
                score.swapped += 1;
                match found {
                    found if found == truth => &mut score.restored,
                    found if found == word => &mut score.undecided,
                    _ => &mut score.wrong,
                }
            };
            *slot += 1;
        }
        score
    }

    /// Share of the swapped words that are the original's again.
    #[must_use]
    pub fn restored_share(&self) -> f64 {
        share(self.restored, self.swapped)
    }

    /// Share of the swapped words that were changed to something else.
    #[must_use]
    pub fn wrong_share(&self) -> f64 {
        share(self.wrong, self.swapped)
    }

    /// Share of the other words that were changed.
    #[must_use]
    pub fn damaged_share(&self) -> f64 {
        share(self.damaged, self.kept)
    }

    /// Word error rate of the garbled text.
    #[must_use]
    pub fn error_rate_before(&self) -> f64 {
        share(self.errors_before, self.words)
    }

    /// Word error rate of the restored text.
    #[must_use]
    pub fn error_rate_after(&self) -> f64 {
        share(self.errors_after, self.words)
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.words += other.words;
        self.swapped += other.swapped;
        self.restored += other.restored;
        self.wrong += other.wrong;
        self.undecided += other.undecided;
        self.kept += other.kept;
        self.damaged += other.damaged;
        self.errors_before += other.errors_before;
        self.errors_after += other.errors_after;
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

/// For each word of `row` the words of `other` that stand for it. Rows of one length are laid side by side as they are.
fn beside(row: &[String], other: &[String]) -> Vec<Range<usize>> {
    if row.len() == other.len() {
        return (0..row.len()).map(|at| at..at + 1).collect();
    }
    let mut out = vec![0..0; row.len()];
    for step in steps(row, other) {
        let (from, to) = (step.before, step.after);
        if from.is_empty() {
            // words put in belong to the word before them
            if let Some(last) = from.start.checked_sub(1).and_then(|at| out.get_mut(at)) {
                *last = if last.start >= last.end { to } else { last.start..to.end };
            }
            continue;
        }
        let last = from.end - 1;
        for (at, slot) in from.clone().zip(out.iter_mut().skip(from.start)) {
            let start = (to.start + at - from.start).min(to.end);
            *slot = start..if at == last { to.end } else { (start + 1).min(to.end) };
        }
    }
    out
}

fn errors(row: &[String], other: &[String]) -> usize {
    steps(row, other).iter().filter(|step| !step.equal).map(|step| step.before.len().max(step.after.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_where_they_were_garbled() {
        let garbled = "It is simply a caller solar year and we tin spell connected to Leeds";
        let original = "It is a new year and we can go on to Leeds";
        let restored = "it is a new solar year also we can spell in to Leeds";
        let score = Score::of(garbled, original, restored);
        // "is simply" and "tin" are right; "caller solar" has become "new solar": one right, one left; "connected" is wrong, "spell" left
        let expected =
            Score { words: 12, swapped: 6, restored: 3, wrong: 1, undecided: 2, kept: 8, damaged: 1, errors_before: 6, errors_after: 4 };
        assert_eq!(score, expected);
    }

    #[test]
    fn nothing_is_counted_of_nothing() {
        assert_eq!(Score::of("", "", ""), Score::default());
        assert!(Score::default().restored_share().abs() < 1e-9);
        let lost = Score::of("a b", "a b", "");
        assert_eq!((lost.kept, lost.damaged, lost.errors_after), (2, 2, 2));
    }
}
