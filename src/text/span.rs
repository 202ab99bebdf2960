//! Typed spans: a range of bytes and a range of tokens cannot be confused.
//!
//! The only place that slices a `str`; slicing answers `None` where a bound is outside the text or
//! inside a character, so that no input can cause a panic.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// Unit of a span over the bytes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Byte {}

/// Unit of a span over the tokens of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenUnit {}

/// A half-open range `start..end` counted in units of `U`.
pub struct Span<U> {
    /// First unit inside.
    pub start: usize,
    /// First unit behind.
    pub end: usize,
    unit: PhantomData<U>,
}

impl<U> Span<U> {
    /// The span `start..end`; an end before the start counts as empty at `start`.
    #[inline]
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start), unit: PhantomData }
    }

    /// Number of units inside.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether nothing is inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `index` lies inside.
    #[must_use]
    pub fn contains(self, index: usize) -> bool {
        self.start <= index && index < self.end
    }
}

impl Span<Byte> {
    /// The text under the span, `None` where it does not fall on character borders of `text`.
    #[must_use]
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }
}

impl<U> Clone for Span<U> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<U> Copy for Span<U> {}
impl<U> PartialEq for Span<U> {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }
}
impl<U> Eq for Span<U> {}
impl<U> PartialOrd for Span<U> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<U> Ord for Span<U> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.start, self.end).cmp(&(other.start, other.end))
    }
}
impl<U> Hash for Span<U> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.start, self.end).hash(state);
    }
}
impl<U> fmt::Debug for Span<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_inside_a_character_gives_nothing() {
        let span = Span::<Byte>::new(1, 2);
        assert_eq!(span.of("é"), None);
        assert_eq!(Span::<Byte>::new(0, 2).of("é"), Some("é"));
        assert_eq!(Span::<Byte>::new(0, 9).of("é"), None);
    }

    #[test]
    fn a_reversed_span_is_empty() {
        assert!(Span::<Byte>::new(5, 2).is_empty());
    }
}
