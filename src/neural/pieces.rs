//! Text to the pieces that the network reads: byte-pair encoding as GPT-2 has it, digits one by one.
//!
//! In: vocabulary and merges of a GGUF file. Out: the numbers of the pieces of a text. Text is first cut into words with the blank before
//! them; no piece reaches over such a cut, so a word that starts behind a blank can be encoded by itself.

use rustc_hash::FxHashMap;

use super::NeuralError;
use super::gguf::{Gguf, Value};

/// Number of a piece in the vocabulary of the network.
pub(super) type Piece = u32;

/// The vocabulary of a network.
#[derive(Debug)]
pub(super) struct Pieces {
    /// The piece of each single byte; bytes that the network never saw have none, and are passed over.
    bytes: Vec<Option<Piece>>,
    /// Two pieces that become one: which merge it is, the first goes first, and the one.
    merges: FxHashMap<(Piece, Piece), (usize, Piece)>,
    /// What stands before a text.
    pub(super) start: Piece,
}

/// The piece between two texts.
const START: &str = "<|endoftext|>";

/// What the cutting sees in a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    Blank,
    Sign,
}

fn kind(c: char) -> Kind {
    match c {
        c if c.is_alphabetic() => Kind::Letter,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_whitespace() => Kind::Blank,
        _ => Kind::Sign,
    }
}

impl Pieces {
    /// Reads the vocabulary.
    pub(super) fn of(file: &Gguf) -> Result<Self, NeuralError> {
        match file.value("tokenizer.ggml.model") {
            Some(Value::Text(model)) if model == "gpt2" => {}
            other => return Err(NeuralError::Unfit { what: format!("its text is cut in another way than GPT-2's ({other:?})") }),
        }
        let mut numbers: FxHashMap<&str, Piece> = FxHashMap::default();
        for (piece, number) in file.texts("tokenizer.ggml.tokens")?.iter().zip(0..) {
            numbers.insert(piece, number);
        }
        let piece = |text: &str| numbers.get(text).copied().ok_or_else(|| NeuralError::lacks(&format!("the piece `{text}`")));
        let bytes = (0..=u8::MAX).map(|byte| numbers.get(&*shown(byte).encode_utf8(&mut [0; 4])).copied()).collect();
        let mut merges = FxHashMap::default();
        for (rank, merge) in file.texts("tokenizer.ggml.merges")?.iter().enumerate() {
            let Some((left, right)) = merge.split_once(' ') else {
                return Err(NeuralError::Damaged { what: format!("merge {rank} has no two sides") });
            };
            merges.insert((piece(left)?, piece(right)?), (rank, piece(&format!("{left}{right}"))?));
        }
        Ok(Self { bytes, merges, start: piece(START)? })
    }

    /// The pieces of a text.
    pub(super) fn encode(&self, text: &str) -> Vec<Piece> {
        let mut out = Vec::new();
        for word in words(text) {
            let mut pieces: Vec<Piece> = word.bytes().filter_map(|byte| *self.bytes.get(usize::from(byte))?).collect();
            let first = |pieces: &[Piece]| {
                let pairs = pieces.windows(2).enumerate();
                pairs.filter_map(|(at, pair)| Some((*self.merges.get(&(pair[0], pair[1]))?, at))).min()
            };
            while let Some(((_, merged), at)) = first(&pieces) {
                pieces.splice(at..at + 2, [merged]);
            }
            out.append(&mut pieces);
        }
        out
    }
}

/// The character that stands for a byte in the vocabulary: itself if it can be seen, else one behind all bytes.
pub(super) fn shown(byte: u8) -> char {
    let seen = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if seen(byte) {
        return char::from(byte);
    }
    let hidden = (0..byte).filter(|&other| !seen(other)).count();
    u32::try_from(hidden).ok().and_then(|hidden| char::from_u32(256 + hidden)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Cuts a text into words, each with the blank before it, digits, signs and white space.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(word(rest));
        out.push(word);
        rest = behind;
    }
    out
}

/// Length of the first word, in bytes; not zero.
fn word(text: &str) -> usize {
    const ENDINGS: [&str; 7] = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    if let Some(ending) = ENDINGS.iter().find(|ending| text.starts_with(**ending)) {
        return ending.len();
    }
    let behind = text.strip_prefix(' ').unwrap_or(text);
    let blank = text.len() - behind.len();
    let run = |text: &str, wanted: Kind| text.find(|c| kind(c) != wanted).unwrap_or(text.len());
    match (behind.chars().next().map(kind), blank) {
        (Some(same @ (Kind::Letter | Kind::Sign)), _) => blank + run(behind, same),
        (Some(Kind::Digit), 0) => behind.chars().next().map_or(0, char::len_utf8),
        _ => {
            let white = run(text, Kind::Blank);
            let (space, next) = text.split_at(white);
            let last = space.chars().next_back().map_or(0, char::len_utf8);
            // the last blank goes with the word behind it, if it is not the only one
            let joined = next.chars().next().is_some_and(|c| kind(c) != Kind::Digit) && white > last;
            if joined { white - last } else { white }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_as_the_network_learned_it() {
        let cases: [(&str, &[&str]); 7] = [
            ("The man's 25 cats, ran.", &["The", " man", "'s", " ", "2", "5", " cats", ",", " ran", "."]),
            ("a  b", &["a", " ", " b"]),
            ("a \n\nb", &["a", " \n", "\n", "b"]),
            ("end.  ", &["end", ".", "  "]),
            ("é \"x\"", &["é", " \"", "x", "\""]),
            ("they're", &["they", "'re"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_byte_is_shown_as_one_character() {
        let all: std::collections::BTreeSet<char> = (0..=u8::MAX).map(shown).collect();
        assert_eq!(all.len(), 256);
        assert_eq!((shown(b' '), shown(b'\n'), shown(b'a')), ('Ġ', 'Ċ', 'a'));
    }
}
