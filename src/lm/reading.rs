//! How a text is read by the language model: tokens to symbols.
//!
//! Words in lower case (a few names that are common words in lower case keep theirs inside a sentence:
//! "May", "US"), numbers as classes, commas and dashes as symbols, quotation marks passed over, sentence
//! ends as one symbol. The same code reads the training text and the text to restore.

use std::borrow::Cow;

use crate::text::{Case, Segments, Span, Token, TokenKind, TokenUnit};

/// Forms that keep their case inside a sentence, because in lower case they are another word.
pub const CASED: [&str; 40] = [
    "Bath", "Bell", "Bill", "Black", "Brown", "Bush", "Chad", "China", "Church", "Cook", "Frank", "Grace", "Grant", "Green", "Hill",
    "Hope", "IT", "Japan", "Jordan", "King", "Long", "March", "Mark", "May", "Nice", "Polish", "Price", "Rice", "Rose", "Short", "Stone",
    "Sun", "Turkey", "US", "WHO", "Wales", "White", "Will", "Wood", "Young",
];

/// What one token is to the language model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading<'t> {
    /// A word or a class; the key into the vocabulary.
    Word(Cow<'t, str>),
    /// A word with a possessive ending: the word, then `'s`.
    Possessive(Cow<'t, str>),
    /// Something that no vocabulary holds: an address, code.
    Opaque,
    /// Passed over: white space, quotation marks, tags.
    Nothing,
    /// A break: the words before it tell nothing of those behind.
    Break,
}

/// Reads the tokens of one sentence; one reading a token.
#[must_use]
pub fn read_sentence<'t>(text: &'t str, tokens: &[Token]) -> Vec<Reading<'t>> {
    let shouting = is_shouting(tokens);
    let mut first = true;
    let mut out = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let piece = token.text(text);
        let reading = match token.kind {
            TokenKind::Word(shape) => {
                let keep_case = !first && !shouting && shape.case != Case::Lower;
                first = false;
                read_word(piece, keep_case)
            }
            TokenKind::Number => {
                first = false;
                Reading::Word(Cow::Borrowed(number_class(piece)))
            }
            TokenKind::Space | TokenKind::LineBreak | TokenKind::Tag | TokenKind::Entity => Reading::Nothing,
            TokenKind::Url | TokenKind::Email | TokenKind::Handle | TokenKind::Code => Reading::Opaque,
            TokenKind::Punctuation => read_mark(piece, index, text, tokens),
        };
        out.push(reading);
    }
    out
}

/// The sentences of a text, each with the readings of its tokens.
pub fn sentences<'t>(
    text: &'t str,
    tokens: &'t [Token],
    segments: &'t Segments,
) -> impl Iterator<Item = (Span<TokenUnit>, Vec<Reading<'t>>)> + use<'t> {
    segments.sentences.iter().map(move |&span| (span, read_sentence(text, tokens.get(span.start..span.end).unwrap_or(&[]))))
}

/// The vocabulary key of a single lower-case word, such as a plaintext candidate.
#[must_use]
pub fn word_key(word: &str) -> Cow<'_, str> {
    match read_word(word, false) {
        Reading::Word(key) => key,
        _ => Cow::Borrowed(word),
    }
}

/// The vocabulary key of a single lower-case word or number.
#[must_use]
pub fn token_key(piece: &str) -> Cow<'_, str> {
    if piece.starts_with(|c: char| c.is_numeric()) { Cow::Borrowed(number_class(piece)) } else { word_key(piece) }
}

fn is_shouting(tokens: &[Token]) -> bool {
    let (mut upper, mut other) = (0, 0);
    for shape in tokens.iter().filter_map(Token::shape) {
        if shape.case == Case::Upper {
            upper += 1;
        } else if shape.case != Case::Title {
            other += 1;
        }
    }
    upper >= 3 && other == 0
}

fn read_word(piece: &str, keep_case: bool) -> Reading<'_> {
    if keep_case && CASED.binary_search(&piece).is_ok() {
        return Reading::Word(Cow::Borrowed(piece));
    }
    let key: Cow<'_, str> = if piece.bytes().all(|b| b.is_ascii_lowercase()) {
        Cow::Borrowed(piece)
    } else if piece.is_ascii() {
        Cow::Owned(piece.to_ascii_lowercase())
    } else {
        Cow::Owned(piece.replace('\u{2019}', "'").replace('\u{ad}', "").to_lowercase())
    };
    if let Some(head) = key.strip_suffix("'s")
        && !matches!(head, "it" | "he" | "she" | "that" | "what" | "let" | "there" | "here" | "who" | "where")
    {
        return Reading::Possessive(Cow::Owned(head.to_owned()));
    }
    Reading::Word(key)
}

/// Class of a number token: year, decade, ordinal, amount of percent, or any number.
fn number_class(piece: &str) -> &'static str {
    let bytes = piece.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = bytes.get(digits..).unwrap_or(&[]);
    match rest {
        b"" if digits == 4 && (bytes.starts_with(b"1") || bytes.starts_with(b"20")) => "<year>",
        b"s" if digits == 4 || digits == 2 => "<decade>",
        b"st" => "1st",
        b"nd" => "2nd",
        b"rd" => "3rd",
        b"th" => "<ordinal>",
        b"pc" => "<percent>",
        _ => "<number>",
    }
}

fn read_mark<'t>(piece: &str, index: usize, text: &str, tokens: &[Token]) -> Reading<'t> {
    let symbol = match piece {
        "," => ",",
        ";" | ":" => ";",
        "(" | "[" => "(",
        ")" | "]" => ")",
        "\u{2013}" | "\u{2014}" | "\u{2026}" => "--",
        "%" => "%",
        "&" => "and",
        "-" => {
            let neighbour = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|t| (t.kind, t.text(text)));
            let (before, after) = (neighbour(index.checked_sub(1)), neighbour(Some(index + 1)));
            let spaced =
                |side: &Option<(TokenKind, &str)>| side.is_none_or(|(kind, _)| matches!(kind, TokenKind::Space | TokenKind::LineBreak));
            if spaced(&before) && spaced(&after) || after.is_some_and(|(_, text)| text == "-") {
                "--"
            } else {
                return Reading::Nothing;
            }
        }
        "|" => return Reading::Break,
        _ => return Reading::Nothing,
    };
    Reading::Word(Cow::Borrowed(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{segments, tokenise};

    fn keys(text: &str) -> Vec<String> {
        let tokens = tokenise(text);
        let found = segments(text, &tokens);
        let mut out = Vec::new();
        for (_, readings) in sentences(text, &tokens, &found) {
            for reading in readings {
                match reading {
                    Reading::Word(key) => out.push(key.into_owned()),
                    Reading::Possessive(key) => out.extend([key.into_owned(), "'s".to_owned()]),
                    Reading::Opaque => out.push("?".into()),
                    Reading::Break => out.push("|".into()),
                    Reading::Nothing => {}
                }
            }
            out.push("</s>".into());
        }
        out
    }

    #[test]
    fn a_sentence_is_read_as_symbols() {
        assert_eq!(
            keys(
                "May said the \u{2018}union\u{2019}s\u{2019} 4-day week, in May 2024 \u{2013} 60% of it \u{2013} didn\u{2019}t work. See www.example.org"
            ),
            [
                "may", "said", "the", "union", "'s", "<number>", "day", "week", ",", "in", "May", "<year>", "--", "<number>", "%", "of",
                "it", "--", "didn't", "work", "</s>", "see", "?", "</s>"
            ]
        );
    }

    #[test]
    fn the_cased_forms_are_sorted() {
        assert!(CASED.is_sorted());
    }
}
