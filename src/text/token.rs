//! Lossless tokeniser: the spans of the tokens tile the input, so joined tokens give it back byte for byte.
//!
//! One pass, linear time. A word is a run of letters and combining marks with single apostrophes inside
//! ("don't", "union's"); a hyphen ends it, for spinners look up white-space chunks and we keep the parts apart.

use super::protect::protected;
use super::shape::{Case, Setting, Shape};
use super::span::{Byte, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// Letters, with inner apostrophes.
    Word(Shape),
    /// Starts with a digit: "60", "1,200", "2nd", "40pc".
    Number,
    /// White space without a line break.
    Space,
    /// White space that holds at least one line break.
    LineBreak,
    /// One character of punctuation, symbol or control.
    Punctuation,
    /// Web address.
    Url,
    /// E-mail address.
    Email,
    /// `@name` or `#topic`.
    Handle,
    /// Code span, fenced block, path or qualified name.
    Code,
    /// HTML or XML tag or comment.
    Tag,
    /// HTML character reference.
    Entity,
}

/// A token: its kind and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    start: u32,
    end: u32,
}

impl Token {
    /// Where it stands in the text, in bytes.
    #[must_use]
    pub fn span(&self) -> Span<Byte> {
        Span::new(self.start as usize, self.end as usize)
    }

    /// Its text; empty if `text` is not the text that it was cut from.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        self.span().of(text).unwrap_or("")
    }

    /// Its shape, if it is a word.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        match self.kind {
            TokenKind::Word(shape) => Some(shape),
            _ => None,
        }
    }
}

/// Cuts `text` into tokens. Text behind the first 4 GiB is not looked at (spans are 32 bits wide);
/// [`crate::restore`] cuts documents into sections far below that.
#[must_use]
pub fn tokenise(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 3);
    let mut cutter = Cutter::at(text, 0);
    while cutter.chunk(&mut tokens) {}
    tokens
}

/// Cuts tokens off the head of a text, a chunk at a time: what stands between white space, and the white space behind it.
pub(super) struct Cutter<'t> {
    text: &'t str,
    /// Where the next token begins.
    pub(super) at: usize,
    /// Whether white space, the border of the text or an opening mark stands before.
    at_start: bool,
    before: Option<char>,
}

impl<'t> Cutter<'t> {
    /// At the start of a chunk: the border of the text or white space stands before.
    pub(super) fn at(text: &'t str, at: usize) -> Self {
        Self { text, at, at_start: true, before: None }
    }

    /// Adds the tokens of the next chunk; no is the answer at the end of the text.
    pub(super) fn chunk(&mut self, tokens: &mut Vec<Token>) -> bool {
        let first = tokens.len();
        while let Some(token) = self.token() {
            let ends = matches!(token.kind, TokenKind::Space | TokenKind::LineBreak);
            if ends {
                shape_chunk(self.text, tokens.get_mut(first..).unwrap_or(&mut []));
            }
            tokens.push(token);
            if ends {
                return true;
            }
        }
        shape_chunk(self.text, tokens.get_mut(first..).unwrap_or(&mut []));
        false
    }

    /// The next token; words have no shape yet.
    fn token(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..)?;
        let first = rest.chars().next()?;
        let (len, kind) = if let Some(found) = usual(rest.as_bytes(), self.at_start) {
            found
        } else if first.is_whitespace() {
            let len = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
            let broken = rest.as_bytes()[..len].iter().any(|&b| b == b'\n' || b == b'\r');
            (len, if broken { TokenKind::LineBreak } else { TokenKind::Space })
        } else if let Some(found) = protected(rest, self.before, self.at_start) {
            found
        } else if is_letter(first) {
            (word_len(rest), TokenKind::Word(Shape::BARE))
        } else if first.is_numeric() {
            (number_len(rest), TokenKind::Number)
        } else {
            (first.len_utf8(), TokenKind::Punctuation)
        };
        let (start, end) = (u32::try_from(self.at).ok()?, u32::try_from(self.at + len).ok()?);
        self.at_start = matches!(kind, TokenKind::Space | TokenKind::LineBreak | TokenKind::Tag)
            || (self.at_start && kind == TokenKind::Punctuation && opens(first));
        self.before = rest.get(..len).and_then(|piece| piece.chars().next_back());
        self.at += len;
        Some(Token { kind, start, end })
    }
}

/// What nearly all text is made of, and told at a glance: a chunk that begins with ASCII letters and has nothing but ASCII punctuation behind
/// them, which is never protected, and single spaces.
fn usual(rest: &[u8], at_start: bool) -> Option<(usize, TokenKind)> {
    let after = |len: usize| rest.get(len).copied().unwrap_or(b' ');
    match rest {
        [b' ', next, ..] if next.is_ascii_graphic() => Some((1, TokenKind::Space)),
        [first, ..] if at_start && first.is_ascii_alphabetic() => {
            let len = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let marks = rest[len..].iter().take(MAX_MARKS).take_while(|byte| byte.is_ascii_punctuation() && **byte != b'/').count();
            matches!(after(len + marks), b' ' | b'\n' | b'\r' | b'\t').then_some((len, TokenKind::Word(Shape::BARE)))
        }
        _ => None,
    }
}

/// Most marks behind a word that are usual.
const MAX_MARKS: usize = 8;

/// Gives the words of a chunk their shapes, now that the whole chunk is known.
fn shape_chunk(text: &str, chunk: &mut [Token]) {
    let words = chunk.iter().filter(|t| matches!(t.kind, TokenKind::Word(_))).count();
    if words == 0 {
        return;
    }
    if let [word] = chunk {
        let piece = word.text(text);
        let setting = if is_possessive(piece) { Setting::Possessive } else { Setting::Bare };
        word.kind = TokenKind::Word(Shape { case: Case::of(piece), setting });
        return;
    }
    let only_word_and_punctuation =
        chunk.iter().all(|t| matches!(t.kind, TokenKind::Word(_) | TokenKind::Punctuation | TokenKind::Tag | TokenKind::Entity));
    let hyphenated = chunk.windows(3).any(|w| {
        matches!(
            (w[0].kind, w[2].kind),
            (TokenKind::Word(_), TokenKind::Word(_)) | (TokenKind::Number, TokenKind::Word(_)) | (TokenKind::Word(_), TokenKind::Number)
        ) && matches!(w[1].text(text), "-" | "\u{2010}" | "\u{2011}")
    });
    let dashes = chunk.iter().any(|t| matches!(t.text(text), "\u{2013}" | "\u{2014}"));
    for index in 0..chunk.len() {
        let TokenKind::Word(_) = chunk[index].kind else { continue };
        let word = chunk[index].text(text);
        let setting = if is_possessive(word) {
            Setting::Possessive
        } else if hyphenated {
            Setting::Hyphenated
        } else if only_word_and_punctuation && (words == 1 || dashes) && !code_mark_beside(chunk, index, text) {
            Setting::Punctuated
        } else {
            Setting::Mixed
        };
        chunk[index].kind = TokenKind::Word(Shape { case: Case::of(word), setting });
    }
}

/// Whether a neighbour inside the chunk is a mark that prose does not attach to words.
fn code_mark_beside(chunk: &[Token], index: usize, text: &str) -> bool {
    let odd = |t: &Token| {
        t.kind == TokenKind::Punctuation
            && t.text(text)
                .chars()
                .all(|c| matches!(c, '=' | '\\' | '/' | '{' | '}' | '|' | '~' | '^' | '+' | '$' | '<' | '>' | '_' | '@' | '#' | '%'))
    };
    index.checked_sub(1).and_then(|i| chunk.get(i)).is_some_and(odd) || chunk.get(index + 1).is_some_and(odd)
}

fn is_possessive(word: &str) -> bool {
    let Some(head) = word.strip_suffix('s').or_else(|| word.strip_suffix('S')) else { return false };
    head.ends_with(['\'', '\u{2019}']) && head.chars().count() > 1
}

fn opens(c: char) -> bool {
    matches!(c, '(' | '[' | '"' | '\'' | '\u{2018}' | '\u{201c}' | '*' | '_' | '<' | '>')
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}

/// Letters, marks and joiners that continue a word.
fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}')
}

/// Combining marks of the scripts that a scraped page is likely to hold (general category M, by block).
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5c7 | 0x610..=0x61a | 0x64b..=0x65f | 0x670 | 0x900..=0x903 | 0x93a..=0x94f | 0x951..=0x957 | 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e | 0x1ab0..=0x1aff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

fn word_len(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if continues_word(c) {
            end = index + c.len_utf8();
        } else if matches!(c, '\'' | '\u{2019}') && index == end && chars.peek().is_some_and(|&(_, next)| next.is_alphabetic()) {
            // an apostrophe inside: the letter behind it goes on
        } else {
            break;
        }
        if matches!(c, '\'' | '\u{2019}') {
            end = index + c.len_utf8();
        }
    }
    end
}

fn number_len(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        let inner = matches!(c, '.' | ',' | ':') && chars.peek().is_some_and(|&(_, next)| next.is_numeric());
        if c.is_alphanumeric() || is_mark(c) || inner {
            end = index + c.len_utf8();
        } else {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<(String, Case, Setting)> {
        tokenise(text).iter().filter_map(|t| t.shape().map(|s| (t.text(text).to_owned(), s.case, s.setting))).collect()
    }

    #[test]
    fn tokens_tile_the_text() {
        for text in ["", " ", "a", "'Tis don't  union's\r\n\tend.", "é\u{301}x 3.5m 40pc… <b>be</b>&nbsp;or", "\u{feff}x\u{0}y"] {
            let joined: String = tokenise(text).iter().map(|t| t.text(text)).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn what_is_told_at_a_glance_is_what_a_closer_look_tells() {
        for text in [
            "word",
            "word, next",
            "word.",
            "word... x",
            "don't",
            "a/b",
            "word/",
            "www.x",
            "http://x",
            "x@y.z",
            "e.g. x",
            "word\u{a0}x",
            "caf\u{e9} x",
            "a",
            "word)]} x",
        ] {
            // behind white space, with and without what follows to be looked at
            let careful = protected(text, None, true).map_or_else(|| word_len(text), |(len, _)| len);
            if let Some((len, kind)) = usual(text.as_bytes(), true) {
                assert_eq!((len, matches!(kind, TokenKind::Word(_)), protected(text, None, true)), (careful, true, None), "{text}");
            }
        }
        assert!(usual(b"word, next", true).is_some() && usual(b"a/b", true).is_none() && usual(b"word, next", false).is_none());
    }

    #[test]
    fn settings_are_told_apart() {
        use Setting::{Bare, Hyphenated, Mixed, Possessive, Punctuated};
        let expect = [
            ("work", Bare),
            ("working,", Punctuated),
            ("'working", Punctuated),
            ("union's", Possessive),
            ("work-life", Hyphenated),
            ("four-day", Hyphenated),
            ("and/or", Mixed),
            ("x=be", Mixed),
            ("2nd-be", Hyphenated),
            ("e.g.", Mixed),
        ];
        for (text, setting) in expect {
            assert_eq!(shapes(text).last().map(|s| s.2), Some(setting), "{text}");
        }
    }

    #[test]
    fn apostrophes_stay_inside_words_only() {
        let words: Vec<String> = shapes("'Don't rock 'n' roll,' O\u{2019}Brien").into_iter().map(|s| s.0).collect();
        assert_eq!(words, ["Don't", "rock", "n", "roll", "O\u{2019}Brien"]);
    }
}
