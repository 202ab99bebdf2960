//! A text as the decoder sees it: sentences of slots, and the places that may have been swapped.
//!
//! In: a tokenised text, which tokens may have been swapped, and the phrases of the profile. Out: a [`Passage`]: each cipher word once,
//! the places where it stands, and the sentences that the lattices are made of.

use std::borrow::Cow;
use std::ops::{Deref, Range};

use rustc_hash::FxHashMap;

use super::phrases::Phrases;
use crate::lm::reading::{Reading, read_sentence};
use crate::lm::{Vocabulary, WordId, special};
use crate::text::{Segments, Shape, Span, Token, TokenKind, TokenUnit};

/// Longest sentence that is decoded as one, in tokens; a longer one is cut.
const MAX_SENTENCE: usize = 400;

/// What the decoder reads of one text, or of several that one spinner made.
#[derive(Clone, Debug, Default)]
pub(super) struct Passage {
    /// Each cipher word or phrase, in lower case, once.
    pub(super) words: Vec<String>,
    /// Where they stand.
    pub(super) places: Vec<Position>,
    pub(super) sentences: Vec<Sentence>,
    /// Number of texts.
    pub(super) documents: usize,
    index: FxHashMap<String, usize>,
}

/// Where a cipher word stands.
#[derive(Clone, Debug)]
pub(super) struct Position {
    pub(super) tokens: Span<TokenUnit>,
    pub(super) word: usize,
    pub(super) document: usize,
    /// Letter case of the word and what stands beside it; that of a bare word for a phrase.
    pub(super) shape: Shape,
    /// Whether it is the first word of its sentence.
    pub(super) first: bool,
}

/// A sentence as prepared for the search.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    pub(super) document: usize,
    /// Index of the paragraph in its text.
    pub(super) paragraph: usize,
    pub(super) slots: Vec<Slot>,
    /// Its places.
    pub(super) places: Range<usize>,
    /// Places that span several slots: first slot, slot behind, place.
    pub(super) phrases: Vec<(usize, usize, usize)>,
}

/// What stands at one position of a sentence.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// Words that stay.
    Fixed(Standing),
    /// A place, and its words as they stand.
    Open(usize, Standing),
    /// What stands before is unknown.
    Break,
}

/// What a token is to the model, as it stands: a word, or a word and its possessive ending.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    Word([WordId; 1]),
    Possessive([WordId; 2]),
}

impl Deref for Standing {
    type Target = [WordId];

    fn deref(&self) -> &[WordId] {
        match self {
            Self::Word(ids) => ids,
            Self::Possessive(ids) => ids,
        }
    }
}

/// A text and which of its tokens may have been swapped.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t [Token],
    pub(super) segments: &'t Segments,
    /// Whether the token with this index may have been swapped.
    pub(super) touchable: &'t dyn Fn(usize) -> bool,
}

impl Sentence {
    /// The word before a slot, as it stands, and whether it stays; the start of the sentence for none, nothing behind a break.
    pub(super) fn left(&self, at: usize) -> Option<(WordId, bool)> {
        at.checked_sub(1).map_or(Some((special::START, true)), |before| match self.slots.get(before)? {
            Slot::Break => None,
            Slot::Fixed(ids) => ids.last().map(|&id| (id, true)),
            Slot::Open(_, ids) => ids.last().map(|&id| (id, false)),
        })
    }

    /// The same for the word behind it.
    pub(super) fn right(&self, at: usize) -> Option<(WordId, bool)> {
        self.slots.get(at + 1).map_or(Some((special::END, true)), |slot| match slot {
            Slot::Break => None,
            Slot::Fixed(ids) => ids.first().map(|&id| (id, true)),
            Slot::Open(_, ids) => ids.first().map(|&id| (id, false)),
        })
    }
}

impl Passage {
    /// Adds a text: cuts it into sentences of slots.
    pub(super) fn add(&mut self, source: &Source<'_>, phrases: &Phrases, vocabulary: &Vocabulary<'_>) {
        let mut paragraph = 0;
        for &span in &source.segments.sentences {
            while source.segments.paragraphs.get(paragraph).is_some_and(|p| p.end <= span.start) {
                paragraph += 1;
            }
            let tokens = source.tokens.get(span.start..span.end).unwrap_or(&[]);
            let readings = read_sentence(source.text, tokens);
            let mut from = 0;
            while from < tokens.len() {
                let to = (from + MAX_SENTENCE).min(tokens.len());
                let mut sentence = self.sentence(source, span.start + from, &readings[from..to], phrases, vocabulary);
                sentence.paragraph = paragraph;
                if from > 0 {
                    sentence.slots.insert(0, Slot::Break);
                    for phrase in &mut sentence.phrases {
                        phrase.0 += 1;
                        phrase.1 += 1;
                    }
                }
                if !sentence.slots.is_empty() {
                    self.sentences.push(sentence);
                }
                from = to;
            }
        }
        self.documents += 1;
    }

    fn sentence(
        &mut self,
        source: &Source<'_>,
        offset: usize,
        readings: &[Reading<'_>],
        phrases: &Phrases,
        vocabulary: &Vocabulary<'_>,
    ) -> Sentence {
        let from = self.places.len();
        let words = readings.iter().filter(|reading| !matches!(reading, Reading::Nothing)).count();
        let slots = Vec::with_capacity(words);
        let mut sentence = Sentence { document: self.documents, paragraph: 0, slots, places: from..from, phrases: Vec::new() };
        // a mark more where two words are not joined
        let mut bare: Vec<&str> = Vec::with_capacity(2 * words);
        let mut slot_of: Vec<(usize, usize)> = Vec::with_capacity(2 * words);
        let mut joined = true;
        for (index, reading) in (offset..).zip(readings) {
            let Some(token) = source.tokens.get(index) else { continue };
            let fixed = match reading {
                Reading::Nothing => {
                    joined &= token.kind == TokenKind::Space;
                    continue;
                }
                Reading::Break => {
                    sentence.slots.push(Slot::Break);
                    joined = false;
                    continue;
                }
                Reading::Opaque => Standing::Word([special::UNKNOWN]),
                Reading::Word(key) => Standing::Word([vocabulary.id_or_unknown(key)]),
                Reading::Possessive(key) => Standing::Possessive([vocabulary.id_or_unknown(key), vocabulary.id_or_unknown("'s")]),
            };
            let piece = token.text(source.text);
            let touchable = (source.touchable)(index);
            if !joined {
                bare.push("");
                slot_of.push((usize::MAX, usize::MAX));
            }
            joined = true;
            bare.push(if touchable { piece } else { "" });
            slot_of.push((sentence.slots.len(), index));
            if touchable {
                let place = self.place(Span::new(index, index + 1), piece, token.shape().unwrap_or(Shape::BARE), sentence.slots.is_empty());
                sentence.slots.push(Slot::Open(place, fixed));
            } else {
                sentence.slots.push(Slot::Fixed(fixed));
            }
        }
        for found in phrases.find(&bare) {
            let (Some(&(first, first_token)), Some(&(last, last_token))) = (slot_of.get(found.first), slot_of.get(found.last)) else {
                continue;
            };
            let place = self.place(Span::new(first_token, last_token + 1), found.phrase, Shape::BARE, false);
            sentence.phrases.push((first, last + 1, place));
        }
        sentence.places.end = self.places.len();
        sentence
    }

    fn place(&mut self, tokens: Span<TokenUnit>, piece: &str, shape: Shape, first: bool) -> usize {
        let lower = piece.bytes().all(|byte| byte.is_ascii_lowercase());
        let key = if lower { Cow::Borrowed(piece) } else { Cow::Owned(piece.to_lowercase()) };
        let word = match self.index.get(&*key) {
            Some(&word) => word,
            None => {
                self.words.push(key.to_string());
                self.index.insert(key.into_owned(), self.words.len() - 1);
                self.words.len() - 1
            }
        };
        self.places.push(Position { tokens, word, document: self.documents, shape, first });
        self.places.len() - 1
    }
}
