//! A text and where it stands in the bytes that hold it.
//!
//! In: raw bytes piece by piece: taken as they are, decoded, or left out. Out: the text, and the way back: the raw span of a span
//! of the text, and how a word is written there. So an edit replaces the bytes of its own words and no others. A span that
//! covers left-out bytes (a tag inside a word) has no way back.

use crate::text::{Byte, Span};

/// How text is written in the raw bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Writing {
    /// As it is.
    #[default]
    Plain,
    /// In a JSON string.
    Json,
    /// Between HTML tags.
    Html,
}

/// What stands for itself nowhere in a page, and how it is written; the ampersand first.
const ESCAPED: [(char, &str); 5] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];

impl Writing {
    /// A word as it is written in the raw bytes.
    #[must_use]
    pub fn write(self, word: &str) -> String {
        match self {
            Self::Plain => word.to_owned(),
            Self::Json => {
                let quoted = serde_json::Value::from(word).to_string();
                quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or("").to_owned()
            }
            // quotes too: where the page has one that is open, they would close it
            Self::Html => ESCAPED.iter().fold(word.to_owned(), |word, (plain, written)| word.replace(*plain, written)),
        }
    }
}

/// Bytes of the text and the raw bytes behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    text: usize,
    text_len: usize,
    raw: usize,
    raw_len: usize,
    /// Byte for byte the same, so that it may be cut anywhere.
    same: bool,
}

/// A text and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The text.
    pub text: String,
    /// How words are written in the raw bytes.
    pub writing: Writing,
    /// What stays as it is, in bytes of the text, sorted.
    pub frozen: Vec<Span<Byte>>,
    pieces: Vec<Piece>,
}

impl Passage {
    /// An empty passage.
    #[must_use]
    pub fn new(writing: Writing) -> Self {
        Self { writing, ..Self::default() }
    }

    /// Raw bytes that are the text.
    #[must_use]
    pub fn plain(text: String) -> Self {
        let mut passage = Self::new(Writing::Plain);
        passage.keep(0, &text);
        passage
    }

    /// Adds text that stands at `raw` as it is.
    pub fn keep(&mut self, raw: usize, text: &str) {
        let at = self.text.len();
        self.text.push_str(text);
        if let Some(last) = self.pieces.last_mut()
            && last.same
            && last.raw + last.raw_len == raw
        {
            last.text_len += text.len();
            last.raw_len += text.len();
            return;
        }
        self.add(Piece { text: at, text_len: text.len(), raw, raw_len: text.len(), same: true });
    }

    /// Adds a character that is written in some other way at `raw`.
    pub fn decode(&mut self, raw: usize, raw_len: usize, character: char) {
        let at = self.text.len();
        self.text.push(character);
        self.add(Piece { text: at, text_len: character.len_utf8(), raw, raw_len, same: false });
    }

    /// Adds a break that stands for no raw bytes, for what is left out there.
    pub fn part(&mut self, with: &str) {
        if !self.text.is_empty() && !self.text.ends_with(with) {
            let at = self.text.len();
            self.text.push_str(with);
            self.add(Piece { text: at, text_len: with.len(), raw: 0, raw_len: 0, same: false });
        }
    }

    fn add(&mut self, piece: Piece) {
        if piece.text_len > 0 {
            self.pieces.push(piece);
        }
    }

    /// Whether a span touches what stays as it is.
    #[must_use]
    pub fn is_frozen(&self, span: Span<Byte>) -> bool {
        let next = self.frozen.partition_point(|frozen| frozen.end <= span.start);
        self.frozen.get(next).is_some_and(|frozen| frozen.start < span.end)
    }

    /// Where the text under a span stands in the raw bytes; `None` if it is not in one piece there.
    #[must_use]
    pub fn raw(&self, span: Span<Byte>) -> Option<Span<Byte>> {
        let first = self.pieces.partition_point(|piece| piece.text + piece.text_len <= span.start);
        let mut pieces = self.pieces.get(first..)?.iter();
        let piece = pieces.next().filter(|piece| piece.text <= span.start && !span.is_empty())?;
        let into = span.start - piece.text;
        if into > 0 && !piece.same {
            return None;
        }
        let start = piece.raw + into;
        let mut last = piece;
        while last.text + last.text_len < span.end {
            let next = pieces.next()?;
            if next.raw_len == 0 || last.raw + last.raw_len != next.raw {
                return None;
            }
            last = next;
        }
        let left = last.text + last.text_len - span.end;
        if last.raw_len == 0 || (left > 0 && !last.same) {
            return None;
        }
        Some(Span::new(start, last.raw + last.raw_len - left))
    }

    /// The raw bytes with words put in, each given as it is written there, in place of spans of the text, which are sorted; a span that
    /// is not in one piece stays.
    #[must_use]
    pub fn replaced(&self, raw: &[u8], words: impl IntoIterator<Item = (Span<Byte>, String)>) -> Vec<u8> {
        let mut out = Vec::with_capacity(raw.len());
        let mut at = 0;
        for (span, word) in words {
            let Some(span) = self.raw(span) else { continue };
            out.extend_from_slice(raw.get(at..span.start).unwrap_or(&[]));
            out.extend_from_slice(word.as_bytes());
            at = span.end;
        }
        out.extend_from_slice(raw.get(at..).unwrap_or(&[]));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_find_their_way_back() {
        // raw: `ab\ncd<i>ef</i>`
        let mut passage = Passage::new(Writing::Json);
        passage.keep(0, "ab");
        passage.decode(2, 2, '\n');
        passage.keep(4, "cd");
        passage.keep(9, "ef");
        passage.part("\n\n");
        assert_eq!(passage.text, "ab\ncdef\n\n");
        let raw = |start, end| passage.raw(Span::new(start, end)).map(|span| (span.start, span.end));
        assert_eq!(raw(0, 2), Some((0, 2)));
        assert_eq!(raw(1, 4), Some((1, 5)));
        assert_eq!(raw(2, 3), Some((2, 4)));
        assert_eq!(raw(3, 5), Some((4, 6)));
        assert_eq!(raw(5, 7), Some((9, 11)));
        for (start, end) in [(3, 7), (5, 8), (7, 9), (0, 0), (7, 99)] {
            assert_eq!(raw(start, end), None, "{start}..{end}");
        }
        assert_eq!(Writing::Json.write("a\"b\\"), "a\\\"b\\\\");
        assert_eq!(Writing::Html.write("a&b\"'<>"), "a&amp;b&quot;&#39;&lt;&gt;");
    }
}
