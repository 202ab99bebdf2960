//! Pieces of a text: sections, neighbourhoods, the middle.
//!
//! In: a text. Out: spans of bytes that begin and end between characters, for any text.

use crate::text::{Byte, Span, Token, TokenUnit};

/// Longest section that is decided as one, in bytes.
pub(super) const MAX_SECTION: usize = 200_000;
/// Bytes on both sides of suspicious paragraphs of a long text that are decoded with them, to see whether the suspicion stands.
pub(super) const NEIGHBOURHOOD: usize = 4_000;
/// Bytes from the middle of a text that are weighed first, where a spinner nobody knows is suspected.
pub(super) const SAMPLE: usize = 1_200;

/// The bytes of some tokens.
pub(super) fn bytes_of(span: Span<TokenUnit>, tokens: &[Token]) -> Option<Span<Byte>> {
    let (first, last) = (tokens.get(span.start)?, tokens.get(span.end.checked_sub(1)?)?);
    Some(Span::new(first.span().start, last.span().end))
}

/// A span of a piece as one of the text in which the piece begins at `offset`.
pub(super) fn shift(span: Span<Byte>, offset: usize) -> Span<Byte> {
    Span::new(span.start + offset, span.end + offset)
}

/// A span with its neighbourhood: on both sides at most `reach` bytes, up to a line break, nothing if there is none.
pub(super) fn widened(text: &str, span: Span<Byte>, reach: usize) -> Span<Byte> {
    let bytes = text.as_bytes();
    let is_break = |at: &usize| bytes.get(*at) == Some(&b'\n') && text.is_char_boundary(*at + 1);
    let (low, high) = (span.start.saturating_sub(reach), bytes.len().min(span.end + reach));
    let start = if low == 0 { 0 } else { (low..span.start).find(is_break).map_or(span.start, |at| at + 1) };
    let end = if high == bytes.len() { high } else { (span.end..high).rev().find(is_break).map_or(span.end, |at| at + 1) };
    Span::new(start, end)
}

/// [`SAMPLE`] bytes, or little more, from the middle of a text.
pub(super) fn middle(text: &str) -> Span<Byte> {
    let boundary = |at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    let half = text.len() / 2;
    Span::new(boundary(half.saturating_sub(SAMPLE / 2)), boundary(text.len().min(half + SAMPLE / 2)))
}

/// Cuts a text into sections of bounded length.
pub(super) fn sections(text: &str) -> Vec<Span<Byte>> {
    let mut out = Vec::new();
    let mut start = 0;
    while text.len() - start > MAX_SECTION {
        let end = start + section_end(&text.as_bytes()[start..]);
        out.push(Span::new(start, end));
        start = end;
    }
    out.push(Span::new(start, text.len()));
    out
}

/// Where the first section of a text in UTF-8 ends: at a paragraph end, else at white space, else anywhere between characters.
pub(super) fn section_end(text: &[u8]) -> usize {
    let Some(window) = text.get(..MAX_SECTION).filter(|window| window.len() < text.len()) else { return text.len() };
    let late = MAX_SECTION / 2;
    let cut = |found: Option<usize>| found.filter(|&at| at > late);
    let is_inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    cut(window.windows(2).rposition(|w| w == b"\n\n").map(|at| at + 2))
        .or_else(|| cut(window.iter().rposition(|&b| b == b'\n').map(|at| at + 1)))
        .or_else(|| cut(window.iter().rposition(|&b| b == b' ').map(|at| at + 1)))
        .unwrap_or_else(|| (late..=MAX_SECTION).rev().find(|&at| !is_inside(at)).unwrap_or(MAX_SECTION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbourhood_begins_and_ends_with_a_line() {
        let line = "a line of text \u{e9}\n";
        let text = line.repeat(2_000);
        let at = line.len() * 1_000;
        let near = widened(&text, Span::new(at, at + line.len()), NEIGHBOURHOOD);
        assert!(near.len() > NEIGHBOURHOOD && near.len() <= 2 * NEIGHBOURHOOD + line.len());
        assert!(near.of(&text).is_some_and(|piece| piece.starts_with("a line") && piece.ends_with('\n')));
        assert_eq!(widened("in on", Span::new(3, 5), NEIGHBOURHOOD), Span::new(0, 5));
        let long = "\u{1f600}".repeat(NEIGHBOURHOOD);
        assert!(middle(&long).of(&long).is_some_and(|piece| piece.len().abs_diff(SAMPLE) < 8));
        assert!(middle("\u{e9}").of("\u{e9}").is_some());
        let whole = "x".repeat(3 * NEIGHBOURHOOD);
        assert_eq!(widened(&whole, Span::new(5_000, 6_000), NEIGHBOURHOOD), Span::new(5_000, 6_000));
    }

    #[test]
    fn sections_tile_a_long_text() {
        for text in ["x".repeat(500_001), "ab \u{e9}\n".repeat(120_000), String::new(), "\u{1f600}".repeat(90_000)] {
            let found = sections(&text);
            assert!(found.iter().all(|span| span.len() <= MAX_SECTION && span.of(&text).is_some()));
            assert_eq!(found.iter().map(|span| span.len()).sum::<usize>(), text.len());
        }
    }
}
