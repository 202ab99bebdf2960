//! One pass over a text for who asks for single words only: the words and paragraphs of the tokeniser, without tokens.
//!
//! In: a text. Out: place and [`WordKey`] of each word of the wanted shapes, paragraph ends, and the number of all words. Plain chunks ("word",
//! "Word,", "1,200") are told by their bytes, eight at a time; any other goes to the tokeniser, so both find the same words. Nothing is
//! allocated for a word.

use super::segment::goes_on;
use super::shape::{Case, Shape};
use super::span::{Byte, Span};
use super::token::{Cutter, Token, TokenKind};

/// What a text is scanned for.
pub trait Scanned {
    /// A bare lower-case word.
    fn bare(&mut self, key: WordKey, span: Span<Byte>);
    /// A word of another wanted shape.
    fn word(&mut self, key: WordKey, span: Span<Byte>, shape: Shape);
    /// Words of other shapes, one or more.
    fn others(&mut self);
    /// The end of a paragraph, and where in the text it is, in bytes.
    fn paragraph(&mut self, at: usize);
}

/// Which words are reported one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Bare lower-case words.
    Bare,
    /// All: a little slower.
    All,
}

/// The lower-case form of a word as a number, the same for the same letters; different words share one by a chance of 1 in 2^64, and words of up to
/// eight bytes never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordKey(pub u64);

impl WordKey {
    const START: Self = Self(0);

    /// Of a lower-case word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::of_bytes(word.as_bytes())
    }

    fn of_bytes(word: &[u8]) -> Self {
        (0..word.len()).step_by(8).fold(Self::START, |key, at| key.and(block(word, at)))
    }

    /// With the next eight bytes, padded with zeros. Each step can be undone, so that one block gives as many keys as it has values.
    #[inline]
    fn and(self, block: u64) -> Self {
        let mixed = (self.0.rotate_left(23) ^ block).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ (mixed >> 32))
    }

    /// With the first `letters` of the next eight bytes, fewer than eight.
    #[inline]
    fn ending(self, block: u64, letters: usize) -> Self {
        if letters == 0 { self } else { self.and(block & !(u64::MAX << (8 * letters))) }
    }
}

/// Scans a text and tells how many words it has, in the sense of the tokeniser.
pub fn scan(text: &str, wanted: Wanted, on: &mut impl Scanned) -> usize {
    let bytes = text.as_bytes();
    let mut words = 0;
    let mut gap = Gap::default();
    let mut at = 0;
    let mut chunk: Vec<Token> = Vec::new();
    while at < bytes.len() {
        let (key, end) = lower(bytes, at);
        if end > at && class(bytes, end).0 == SPACE {
            gap.end(true, at, on);
            on.bare(key, Span::new(at, end));
            words += 1;
            at = gap.skip(bytes, end);
        } else if let Some(found) = plain(bytes, at, end).filter(|found| wanted == Wanted::Bare || found.bare || found.words == 0) {
            gap.end(found.lower, at, on);
            words += found.words;
            if found.bare {
                let word = bytes.get(at..found.end).unwrap_or(&[]);
                on.bare(WordKey::of_bytes(word), Span::new(at, found.end));
            } else if found.words > 0 {
                on.others();
            }
            at = gap.skip(bytes, found.end);
        } else {
            let mut cutter = Cutter::at(text, at);
            chunk.clear();
            cutter.chunk(&mut chunk);
            let behind = chunk.pop_if(|token| matches!(token.kind, TokenKind::Space | TokenKind::LineBreak));
            if let Some(first) = chunk.first() {
                gap.end(goes_on(first), at, on);
            }
            for (token, shape) in chunk.iter().filter_map(|token| Some((token, token.shape()?))) {
                words += 1;
                if wanted == Wanted::All || shape == Shape::BARE {
                    let word = token.text(text);
                    let key =
                        if word.is_ascii() && shape.case == Case::Lower { WordKey::of(word) } else { WordKey::of(&word.to_lowercase()) };
                    if shape == Shape::BARE { on.bare(key, token.span()) } else { on.word(key, token.span(), shape) }
                } else {
                    on.others();
                }
            }
            if let Some(space) = behind {
                gap.widen(space.text(text).as_bytes());
            }
            at = gap.skip(bytes, cutter.at);
        }
    }
    on.paragraph(at);
    words
}

/// White space since the last token: whether it ends a paragraph is told by the token behind it.
#[derive(Default)]
struct Gap {
    broken: bool,
    lines: usize,
}

impl Gap {
    /// A token follows at `at`: a lower-case word or not.
    #[inline]
    fn end(&mut self, lower: bool, at: usize, on: &mut impl Scanned) {
        if self.broken {
            if self.lines != 1 || !lower {
                on.paragraph(at);
            }
            *self = Self::default();
        }
    }

    fn widen(&mut self, space: &[u8]) {
        self.lines += space.iter().filter(|&&byte| byte == b'\n').count();
        self.broken |= space.iter().any(|&byte| byte == b'\n' || byte == b'\r');
    }

    /// Passes over ASCII white space.
    #[inline]
    fn skip(&mut self, bytes: &[u8], mut at: usize) -> usize {
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | 0x0b | 0x0c => {}
                b'\n' => {
                    self.lines += 1;
                    self.broken = true;
                }
                b'\r' => self.broken = true,
                _ => break,
            }
            at += 1;
        }
        at
    }
}

/// Key and end of the run of lower-case ASCII letters that begins at `at`.
#[inline]
fn lower(bytes: &[u8], at: usize) -> (WordKey, usize) {
    let first = block(bytes, at);
    let letters = run(first);
    if letters < 8 {
        return (WordKey::START.ending(first, letters), at + letters);
    }
    longer(bytes, at + 8, WordKey::START.and(first))
}

/// The same for what follows the first eight letters of a word.
fn longer(bytes: &[u8], mut at: usize, mut key: WordKey) -> (WordKey, usize) {
    loop {
        let block = block(bytes, at);
        let letters = run(block);
        if letters == 8 {
            key = key.and(block);
            at += 8;
            continue;
        }
        return (key.ending(block, letters), at + letters);
    }
}

/// How many of eight bytes are lower-case letters before the first that is none.
#[inline]
fn run(block: u64) -> usize {
    (others(block).trailing_zeros() / 8) as usize
}

/// Eight bytes as a number, the first lowest; zeros behind the end.
#[inline]
fn block(bytes: &[u8], at: usize) -> u64 {
    if let Some(block) = bytes.get(at..at + 8).and_then(|block| <[u8; 8]>::try_from(block).ok()) {
        return u64::from_le_bytes(block);
    }
    bytes.get(at..).unwrap_or(&[]).iter().rev().fold(0, |block, &byte| block << 8 | u64::from(byte))
}

/// The highest bit of each byte that is no lower-case ASCII letter.
#[inline]
fn others(block: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let low = block & !HIGH;
    let from_a = low + (0x80 - b'a' as u64) * ONES;
    let above_z = low + (0x7f - b'z' as u64) * ONES;
    (!from_a | above_z | block) & HIGH
}

/// A chunk of letters, digits and the marks of prose.
struct Plain {
    end: usize,
    words: usize,
    /// Whether it begins with a lower-case word.
    lower: bool,
    /// Whether it is a bare lower-case word.
    bare: bool,
}

const SPACE: u8 = 1;
const LETTER: u8 = 2;
const DIGIT: u8 = 4;
/// Marks that may stand before a word or number.
const OPEN: u8 = 8;
/// Marks that may stand behind.
const CLOSE: u8 = 16;
/// Between letters, part of the word.
const APOSTROPHE: u8 = 32;
/// Between letters, between two words.
const DASH: u8 = 64;

/// What each ASCII byte may be in a plain chunk; 0 is what makes it none.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' => SPACE,
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b'\'' => OPEN | CLOSE | APOSTROPHE,
            b'-' => OPEN | CLOSE | DASH,
            b'"' | b'*' => OPEN | CLOSE,
            b'(' | b'[' | b'$' | b'>' => OPEN,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'%' | b'=' | b'+' | b'|' => CLOSE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// The class of the character at `at`, letters beyond ASCII apart, and where the next one begins; the end of the text is white space.
#[inline]
fn class(bytes: &[u8], at: usize) -> (u8, usize) {
    match bytes.get(at) {
        None => (SPACE, at),
        // dashes, curly quotes, an ellipsis
        Some(0xe2) if bytes.get(at + 1) == Some(&0x80) => {
            let class = match bytes.get(at + 2) {
                Some(0x93 | 0x94) => OPEN | CLOSE | DASH,
                Some(0x99) => OPEN | CLOSE | APOSTROPHE,
                Some(0x98 | 0x9c | 0x9d) => OPEN | CLOSE,
                Some(0xa6) => CLOSE,
                _ => 0,
            };
            (class, at + 3)
        }
        Some(&byte) => (CLASS[usize::from(byte)], at + 1),
    }
}

/// Where the run of characters of these classes that begins at `at` ends.
fn pass(bytes: &[u8], mut at: usize, classes: u8) -> usize {
    loop {
        let (class, next) = class(bytes, at);
        if class & classes == 0 {
            return at;
        }
        at = next;
    }
}

/// Where the run of letters of one or two bytes that begins at `at` ends, and whether one of them is upper case.
fn letters(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut upper = false;
    while let Some(&byte) = bytes.get(at) {
        if CLASS[usize::from(byte)] == LETTER {
            upper |= byte.is_ascii_uppercase();
            at += 1;
            continue;
        }
        let second = bytes.get(at + 1).copied().unwrap_or(0);
        let letter =
            if matches!(byte, 0xc3..=0xdf) { char::from_u32(u32::from(byte & 0x1f) << 6 | u32::from(second & 0x3f)) } else { None };
        // those in title case are neither upper nor lower
        match letter.filter(|c| c.is_alphabetic() && !matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}')) {
            Some(letter) => upper |= letter.is_uppercase(),
            None => break,
        }
        at += 2;
    }
    (at, upper)
}

/// The chunk at `at`, if it is words with hyphens or dashes between them, or digits, and marks around: no address or code can be among those.
/// Up to `known` it is lower-case letters.
fn plain(bytes: &[u8], at: usize, known: usize) -> Option<Plain> {
    let is_end = |at: usize| class(bytes, at).0 == SPACE;
    let opened = if known > at { at } else { pass(bytes, at, OPEN) };
    let (mut end, mut upper) = letters(bytes, known.max(opened));
    if end == opened {
        let end = pass(bytes, opened, DIGIT | OPEN | CLOSE);
        return (is_end(end) && end > at).then_some(Plain { end, words: 0, lower: false, bare: false });
    }
    let mut words = 1;
    let mut possessive = false;
    loop {
        let (mark, behind) = class(bytes, end);
        if mark & (APOSTROPHE | DASH) == 0 {
            break;
        }
        let (next, more) = letters(bytes, behind);
        if next == behind {
            break;
        }
        words += usize::from(mark & DASH != 0);
        possessive = mark & APOSTROPHE != 0 && matches!(bytes.get(behind..next), Some(b"s" | b"S"));
        // only the first word tells how the chunk begins
        upper |= more && words == 1;
        end = next;
    }
    let closed = pass(bytes, end, CLOSE);
    let lower = opened == at && !upper;
    let bare = lower && closed == end && words == 1 && !possessive;
    is_end(closed).then_some(Plain { end: closed, words, lower, bare })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{segments, tokenise};

    /// Keys and shapes of the words, by paragraph.
    #[derive(Default)]
    struct Found(Vec<(WordKey, Shape)>, Vec<usize>);

    impl Scanned for Found {
        fn bare(&mut self, key: WordKey, _: Span<Byte>) {
            self.0.push((key, Shape::BARE));
        }
        fn word(&mut self, key: WordKey, _: Span<Byte>, shape: Shape) {
            self.0.push((key, shape));
        }
        fn others(&mut self) {}
        fn paragraph(&mut self, _: usize) {
            self.1.push(self.0.len());
        }
    }

    /// What the tokeniser finds; paragraphs without words count for nothing.
    fn check(text: &str) {
        let tokens = tokenise(text);
        let words = tokens.iter().filter(|token| token.shape().is_some()).count();
        for wanted in [Wanted::Bare, Wanted::All] {
            let (mut keys, mut ends) = (Vec::new(), Vec::new());
            for paragraph in segments(text, &tokens).paragraphs {
                for token in &tokens[paragraph.start..paragraph.end] {
                    let shape = token.shape().filter(|&shape| wanted == Wanted::All || shape == Shape::BARE);
                    keys.extend(shape.map(|shape| (WordKey::of(&token.text(text).to_lowercase()), shape)));
                }
                ends.push(keys.len());
            }
            let mut found = Found::default();
            assert_eq!(scan(text, wanted, &mut found), words, "{text:?}");
            assert_eq!(found.0, keys, "{text:?} {wanted:?}");
            let distinct = |mut ends: Vec<usize>| {
                ends.dedup();
                ends.retain(|&end| end > 0);
                ends
            };
            assert_eq!(distinct(found.1), distinct(ends), "{text:?} {wanted:?}");
        }
    }

    #[test]
    fn a_scan_finds_what_the_tokeniser_finds() {
        for text in [
            "",
            " \n",
            "be",
            "a line that\ngoes on.\nNew one \n\n lower\n(in brackets)\n\"Quoted,\" he said\r\nafter\rlast",
            "eightlet nineletter seventeenletterss internationalisation x",
            "don't o'clock 'tis rock 'n' roll workers' union's well-known e.g. and/or a60 60a 1,200.5 12-15 -- - $5 ($6) 60% word% ()",
            "http://x.org/in word@example.org #be @be be_in std::be be() www.be.org example.com \"example.com\" 'be:in' be:: ::be",
            "<a href=\"in on\">be</a> in `be in on` be &amp; be & <!-- at -->by ``` in\non ``` at",
            "don\u{2019}t \u{2018}don't\u{2019} it's its' It's o'clock's o's A'B a'B a''b a-'b a'-b well-known Well-known well-Known x\u{2014}y \u{2013}x \u{2026} x\u{2026}y",
            "\u{e9}t\u{e9} \u{c9}t\u{e9} l\u{2019}\u{e9}t\u{e9} d'\u{e9}t\u{e9}, \u{439}\u{439} \u{419}\u{439} \u{5d0}\u{5d1} e\u{301} \u{f7} \u{aa} \u{1c5} \u{e9}7 \u{4e2d}\u{6587} \u{627}\u{64b}",
            "> quoted >> [1] *be* a* =be= be= |be| + be+ 12:30 (1) 5% $5 -5 \u{2014} 1\u{2013}2 be: in; on?! -- --be be--in",
            "caf\u{e9} na\u{ef}ve \u{201c}be\u{201d} in\u{a0}on \u{2003}at\n\u{a0}by \u{2014} or\u{2014}if \u{1c5}x \u{130}x \u{2028}in\n\u{85}\nbe",
            "in\u{0}on \u{7f} \u{1f}be {be} [in] *on* _at_ |by| ~or~ ^if^ +as+ =an= \\is\\",
            "(\"be\") ''in'' ($on) $at) be\" .be -be be- be-- --be ?in %on 1st be1 1-be be-1 1:be.",
        ] {
            check(text);
        }
    }

    #[test]
    fn any_mixture_of_pieces_is_scanned_as_it_is_tokenised() {
        let pieces = [
            "be",
            "in",
            " ",
            " ",
            " ",
            "\n",
            "\n\n",
            "\r\n",
            "\u{a0}",
            ".",
            ",",
            "'",
            "\"",
            "(",
            ")",
            "-",
            "<",
            ">",
            "`",
            "&",
            ";",
            "amp",
            "@",
            "#",
            "/",
            ":",
            "_",
            "Be",
            "X",
            "7",
            "$",
            "%",
            "\u{e9}",
            "\u{2019}",
            "\u{2014}",
            "s",
            "lowercaseletters",
            "www",
            "com",
            "\u{1f600}",
        ];
        let mut state = 1u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[usize::try_from(state >> 33).unwrap() % pieces.len()]);
            }
            check(&text);
        }
    }

    #[test]
    fn keys_of_different_words_differ() {
        let words = ["be", "by", "astatine", "astatines", "eb", "internationalisation", "internationalization", "a", "aa"];
        let mut keys: Vec<WordKey> = words.iter().map(|word| WordKey::of(word)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), words.len());
    }
}
