//! Places counted in characters instead of bytes, as Python and the dolma toolkit count them.
//!
//! In: a text and bytes of it, asked for in rising order. Out: how many characters stand before them. Each stretch is counted once.

use super::{Byte, Span};

/// Counts the characters up to a byte.
#[derive(Debug)]
pub struct Characters<'t> {
    text: &'t str,
    byte: usize,
    count: usize,
}

impl<'t> Characters<'t> {
    /// At the start of a text.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        Self { text, byte: 0, count: 0 }
    }

    /// The number of characters before a byte; going back is allowed, and counts anew.
    pub fn before(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.count) = (0, 0);
        }
        let between = Span::<Byte>::new(self.byte, byte).of(self.text).unwrap_or("");
        self.count += between.chars().count();
        self.byte = byte;
        self.count
    }

    /// Start and end of a span, in characters.
    pub fn span(&mut self, span: Span<Byte>) -> (usize, usize) {
        (self.before(span.start), self.before(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let mut places = Characters::of("é in \u{1f600} on");
        assert_eq!(places.span(Span::new(3, 5)), (2, 4));
        assert_eq!(places.span(Span::new(11, 13)), (7, 9));
        assert_eq!(places.span(Span::new(0, 2)), (0, 1));
    }
}
