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
    /// A word of a wanted shape.
    fn word(&mut self, key: WordKey, span: Span<Byte>, shape: Shape);
    /// Words of other shapes, one or more.
    fn others(&mut self);
    /// The end of a paragraph, and where in the text it is, in bytes.
    fn paragraph(&mut self, at: usize);
}

/// Which words are reported to [`Scanned::word`].
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
        let mut key = Self::START;
        for block in word.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            for (byte, &found) in bytes.iter_mut().zip(block) {
                *byte = found;
            }
            key = key.and(u64::from_le_bytes(bytes));
        }
        key
    }

    /// With the next eight bytes, padded with zeros. Each step can be undone, so that one block gives as many keys as it has values.
    #[inline]
    fn and(self, block: u64) -> Self {
        let mixed = (self.0.rotate_left(23) ^ block).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ (mixed >> 32))
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
        if let Some((key, end)) = bare(bytes, at) {
            gap.end(true, at, on);
            on.word(key, Span::new(at, end), Shape::BARE);
            words += 1;
            at = gap.skip(bytes, end);
        } else if let Some(found) = plain(bytes, at).filter(|found| wanted == Wanted::Bare || found.words == 0) {
            gap.end(found.lower, at, on);
            if found.words > 0 {
                on.others();
                words += found.words;
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
                    on.word(key, token.span(), shape);
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

/// The key and the end of the word at `at`, if the chunk is lower-case ASCII letters and nothing else.
#[inline]
fn bare(bytes: &[u8], mut at: usize) -> Option<(WordKey, usize)> {
    let start = at;
    let mut key = WordKey::START;
    loop {
        let block = block(bytes, at);
        let letters = (others(block).trailing_zeros() / 8) as usize;
        if letters == 8 {
            key = key.and(block);
            at += 8;
            continue;
        }
        if letters > 0 {
            key = key.and(block & !(u64::MAX << (8 * letters)));
            at += letters;
        }
        let alone = bytes.get(at).is_none_or(|&byte| CLASS[usize::from(byte)] == SPACE);
        return (alone && at > start).then_some((key, at));
    }
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

/// A chunk that is no prose but a word or a number and marks around it.
struct Plain {
    end: usize,
    words: usize,
    /// Whether it begins with a lower-case word.
    lower: bool,
}

const SPACE: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const DIGIT: u8 = 8;
/// Marks that may stand before a word or number.
const OPEN: u8 = 16;
/// Marks that may stand behind.
const CLOSE: u8 = 32;

/// What each byte may be in a plain chunk; 0 is what makes it none.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' => SPACE,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'"' | b'\'' => OPEN | CLOSE,
            b'(' | b'$' => OPEN,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b'%' | b'-' => CLOSE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// The chunk at `at`, if it is marks, letters (or digits and marks, without letters), marks: no address, code or compound can be among those, and
/// there is no bare word in it, or it would have been found.
#[inline]
fn plain(bytes: &[u8], at: usize) -> Option<Plain> {
    let class = |at: usize| bytes.get(at).map_or(SPACE, |&byte| CLASS[usize::from(byte)]);
    let pass = |mut at: usize, over: u8| {
        while class(at) & over != 0 {
            at += 1;
        }
        at
    };
    let opened = pass(at, OPEN);
    let letters = pass(opened, LOWER | UPPER);
    let (end, words) = if letters > opened { (pass(letters, CLOSE), 1) } else { (pass(opened, DIGIT | CLOSE), 0) };
    let cased = || bytes.get(opened..letters).is_some_and(|word| word.iter().any(u8::is_ascii_uppercase));
    (class(end) == SPACE && end > at).then(|| Plain { end, words, lower: words > 0 && opened == at && !cased() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{segments, tokenise};

    /// Keys and shapes of the words, by paragraph.
    #[derive(Default)]
    struct Found(Vec<(WordKey, Shape)>, Vec<usize>);

    impl Scanned for Found {
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
