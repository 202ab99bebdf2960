//! The shape of a word: its letter case and what stands around it up to the next white space.
//!
//! A spinner's touch rule is a set of shapes, so these are the classes in which spinners differ,
//! not a full orthography.

use serde::{Deserialize, Serialize};

/// Letter case of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// All letters lower case, or of a script without case.
    Lower,
    /// First letter upper case, the rest lower ("Ministers", also "I" and "A").
    Title,
    /// All letters upper case, at least two ("PCS").
    Upper,
    /// Anything else ("McGoldrick", "iPhone").
    Mixed,
}

impl Case {
    /// Case of a word; characters that are no letters do not count.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let mut letters = word.chars().filter(|c| c.is_alphabetic());
        let Some(first) = letters.next() else { return Self::Lower };
        let first_upper = first.is_uppercase();
        let (mut upper, mut lower) = (0usize, 0usize);
        for letter in letters {
            if letter.is_uppercase() {
                upper += 1;
            } else {
                lower += 1;
            }
        }
        match (first_upper, upper, lower) {
            (false, 0, _) => Self::Lower,
            (true, 0, _) => Self::Title,
            (true, _, 0) => Self::Upper,
            _ => Self::Mixed,
        }
    }

    /// `word`, which is lower case, in this case; mixed case is left as it is.
    #[must_use]
    pub fn carry(self, word: &str) -> String {
        match self {
            Self::Lower | Self::Mixed => word.to_owned(),
            Self::Upper => word.to_uppercase(),
            Self::Title => {
                let mut chars = word.chars();
                chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
            }
        }
    }
}

/// What shares the white-space-delimited chunk with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Nothing: white space, or the border of the text, on both sides.
    Bare,
    /// Punctuation before or behind ("working,", "'Ministers").
    Punctuated,
    /// The word ends in 's or s' ("union's").
    Possessive,
    /// Part of a hyphenated compound ("work-life").
    Hyphenated,
    /// Anything else: digits, slashes, markup, an inner full stop ("and/or", "x=be").
    Mixed,
}

/// Case and setting of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Letter case of the word itself.
    pub case: Case,
    /// What it is attached to.
    pub setting: Setting,
}

impl Shape {
    /// A bare lower-case word: the shape that every known spinner touches.
    pub const BARE: Self = Self { case: Case::Lower, setting: Setting::Bare };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_told_and_carried() {
        for (word, case) in [("be", Case::Lower), ("Be", Case::Title), ("I", Case::Title), ("PCS", Case::Upper), ("iPhone", Case::Mixed)] {
            assert_eq!(Case::of(word), case, "{word}");
        }
        assert_eq!(Case::Title.carry("état"), "État");
        assert_eq!(Case::Upper.carry("be"), "BE");
        assert_eq!(Case::Title.carry(""), "");
    }
}
