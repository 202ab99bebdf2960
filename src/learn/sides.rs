//! What one pair of texts, laid side by side, says of the spinner.
//!
//! In: an alignment. Out: [`Sides`]: single words that were swapped, words that stayed, and gaps that are no matter of single
//! words. Only what the alignment trusts is read.

use super::align::Alignment;
use super::row::{Item, Row};
use crate::text::Shape;

/// A mark between words in [`Sides::plain`] that no phrase goes over.
pub(super) const BREAK: u32 = u32::MAX;

/// A place where the two texts have different numbers of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// Of the original.
    pub(super) plain: Vec<u32>,
    /// Of the garbled text.
    pub(super) cipher: Vec<u32>,
    /// The words before, the same on both sides; [`BREAK`] if there is none.
    pub(super) before: u32,
    /// The word behind.
    pub(super) behind: u32,
}

/// What one pair of texts says.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    /// Plain word, cipher word, shape of the plain word.
    pub(super) swapped: Vec<(u32, u32, Shape)>,
    /// Words that stayed, with their shape.
    pub(super) kept: Vec<(u32, Shape)>,
    /// Other gaps.
    pub(super) gaps: Vec<Gap>,
    /// The original's words as far as it is trusted.
    pub(super) plain: Vec<u32>,
}

impl Sides {
    /// Reads an alignment.
    pub(super) fn of(garbled: &Row, plain: &Row, found: &Alignment) -> Self {
        let mut sides = Self::default();
        let word = |item: Option<&Item>| item.filter(|item| item.is_word()).map_or(BREAK, |item| item.key);
        for step in &found.steps {
            let (left, right) = (garbled.get(step.garbled.clone()).unwrap_or(&[]), plain.get(step.plain.clone()).unwrap_or(&[]));
            let trusted = |at: usize| found.trusted.get(at) == Some(&true);
            if step.same {
                for (at, item) in step.garbled.clone().zip(right) {
                    if trusted(at) {
                        sides.plain.push(word(Some(item)));
                        sides.kept.extend(item.shape().map(|shape| (item.key, shape)));
                    } else if sides.plain.last() != Some(&BREAK) {
                        sides.plain.push(BREAK);
                    }
                }
                continue;
            }
            let inside = step.garbled.clone().all(trusted);
            let around = trusted(step.garbled.start.saturating_sub(1)) && trusted(step.garbled.end.min(garbled.len().saturating_sub(1)));
            if !inside || !around {
                sides.plain.push(BREAK);
                continue;
            }
            sides.plain.extend(right.iter().map(|item| word(Some(item))));
            let all_words = left.iter().chain(right).all(|item| item.is_word());
            if left.len() == right.len() {
                for (cipher, plain) in left.iter().zip(right).filter(|(cipher, plain)| cipher.is_word() && plain.is_word()) {
                    if let Some(shape) = plain.shape().or(cipher.shape()).filter(|_| cipher.key != plain.key) {
                        sides.swapped.push((plain.key, cipher.key, shape));
                    }
                }
            } else if all_words {
                sides.gaps.push(Gap {
                    plain: right.iter().map(|item| item.key).collect(),
                    cipher: left.iter().map(|item| item.key).collect(),
                    before: step.garbled.start.checked_sub(1).map_or(BREAK, |at| word(garbled.get(at))),
                    behind: word(garbled.get(step.garbled.end)),
                });
            }
        }
        sides
    }

    /// Adds what another text says.
    pub(super) fn extend(&mut self, other: Self) {
        self.swapped.extend(other.swapped);
        self.kept.extend(other.kept);
        self.gaps.extend(other.gaps);
        self.plain.push(BREAK);
        self.plain.extend(other.plain);
    }

    /// Words that were swapped, and words that could have been seen swapped.
    pub(super) fn size(&self) -> (usize, usize) {
        let swapped = self.swapped.len() + self.gaps.len();
        (swapped, swapped + self.kept.len())
    }
}
