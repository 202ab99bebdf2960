//! The thesaurus graph: which plain words may stand behind a cipher word.
//!
//! In: the bytes of a thesaurus file (see `format.rs`) and a word of a garbled text. Out: the plain words in
//! reach, nearest first, with the way that leads to them.

mod format;
mod relation;
mod share;
#[cfg(test)]
#[cfg(feature = "build")]
mod tests;
mod walk;

pub use format::ThesaurusError;
pub use relation::{Inflection, PartOfSpeech, Relation};
#[cfg(feature = "build")]
pub(crate) use share::kin;

#[cfg(feature = "build")]
pub(crate) use format::{ID_BITS, MAX_RANK, SECTIONS, assemble, pack, pack_lists};
use format::{Tables, id};
pub(crate) use walk::Way;

/// How far a query goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Greatest number of pointers between the cipher word and a plain word; at most 3 are followed.
    pub max_distance: u8,
    /// Greatest number of plain words; the nearest stay.
    pub max_number: usize,
    /// From the second step on, the pointers of one relation are followed only if the synset has at most so
    /// many: a hypernym with thousands of hyponyms says nothing about any of them.
    pub max_fan_out: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_distance: 2, max_number: 400, max_fan_out: 60 }
    }
}

/// A plain word that may stand behind a cipher word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plaintext<'a> {
    /// The plain word, lower-case; a phrase has single spaces.
    pub word: &'a str,
    /// The first step from the cipher word.
    pub relation: Relation,
    /// Number of pointers on the way; one more if only one of the two words was inflected.
    pub distance: u8,
    /// Rank of the sense of the cipher word that was used, from 0, within its part of speech.
    pub cipher_sense: u8,
    /// Rank of the synset that was reached among the senses of the plain word, from 0.
    pub plain_sense: u8,
    /// Whether both words were carried through the same inflection (took, removed).
    pub inflected: bool,
}

/// One sense of a lemma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sense {
    /// Number of the synset in this file.
    pub synset: u32,
    /// Part of speech of the synset.
    pub part_of_speech: PartOfSpeech,
    /// Rank of this sense of the word within the part of speech, from 0.
    pub rank: u8,
    /// How often the sense is tagged in WordNet's texts: 0 for never, else 1 + ceil(log2 count).
    pub count: u8,
}

/// A loaded thesaurus; borrows the bytes of the file.
#[derive(Clone, Debug)]
pub struct Thesaurus<'a> {
    tables: Tables<'a>,
}

impl<'a> Thesaurus<'a> {
    /// Checks the bytes of a thesaurus file and looks into them; nothing is copied.
    ///
    /// # Errors
    ///
    /// If the bytes are not a thesaurus of this version, or damaged.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, ThesaurusError> {
        let thesaurus = Self::open(bytes)?;
        thesaurus.tables.check()?;
        Ok(thesaurus)
    }

    /// The same for bytes that were checked before: only their header and lengths are looked at.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ThesaurusError> {
        Tables::open(bytes).map(|tables| Self { tables })
    }

    /// Every word in the order of its bytes: lemmas, phrases, inflected forms.
    pub fn words(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.tables.words).map(|id| self.tables.word(id))
    }

    /// Whether the word is a lemma, a phrase or an inflected form.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.tables.find(word).is_some()
    }

    /// The senses of a lemma, parts of speech in their order, then WordNet's order; none for a mere form.
    #[must_use]
    pub fn senses(&self, lemma: &str) -> Vec<Sense> {
        self.tables.find(lemma).map_or_else(Vec::new, |lemma| self.senses_of(lemma).collect())
    }

    /// The lemmas that a form may be an inflection of.
    #[must_use]
    pub fn lemmas(&self, form: &str) -> Vec<(&'a str, Inflection)> {
        let Some(form) = self.tables.find(form) else { return Vec::new() };
        self.tables.lemmas(form).map(|lemma| (self.tables.word(id(lemma)), inflection(lemma))).collect()
    }

    /// The forms of a lemma under one inflection, the usual spelling first.
    #[must_use]
    pub fn forms(&self, lemma: &str, inflection: Inflection) -> Vec<&'a str> {
        let Some(lemma) = self.tables.find(lemma) else { return Vec::new() };
        let forms = self.tables.forms(lemma).filter(|&(_, code)| Inflection::from_code(code) == inflection);
        forms.map(|(form, _)| self.tables.word(form)).collect()
    }

    /// The plain words that the cipher word (lower-case; phrases with single spaces) may stand for, each once
    /// in its best way, sorted by distance, sum of the sense ranks, word.
    #[must_use]
    pub fn plaintexts(&self, cipher: &str, limits: &Limits) -> Vec<Plaintext<'a>> {
        self.ways(cipher, limits).into_iter().map(|way| self.plaintext(way)).collect()
    }

    /// A way, unpacked.
    fn plaintext(&self, way: Way) -> Plaintext<'a> {
        Plaintext {
            word: self.spelling(way.word()),
            relation: way.relation(),
            distance: way.distance(),
            cipher_sense: way.cipher_sense(),
            plain_sense: way.plain_sense(),
            inflected: way.inflected(),
        }
    }

    /// The word with this number; numbers follow the order of [`Thesaurus::words`].
    pub(crate) fn spelling(&self, word: u32) -> &'a str {
        self.tables.word(word as usize)
    }

    /// Number of words.
    pub(crate) fn number_of_words(&self) -> usize {
        self.tables.words
    }

    fn senses_of(&self, lemma: usize) -> impl Iterator<Item = Sense> + '_ {
        self.tables.senses.list(lemma).map(|item| Sense {
            synset: item & ((1 << format::ID_BITS) - 1),
            part_of_speech: self.part_of_speech(id(item)),
            rank: small(item >> format::ID_BITS & format::MAX_RANK),
            count: small(item >> (format::ID_BITS + 6) & 15),
        })
    }

    fn part_of_speech(&self, synset: usize) -> PartOfSpeech {
        let [verb, adjective, adverb] = self.tables.starts.map(|start| start as usize);
        match synset {
            _ if synset < verb => PartOfSpeech::Noun,
            _ if synset < adjective => PartOfSpeech::Verb,
            _ if synset < adverb => PartOfSpeech::Adjective,
            _ => PartOfSpeech::Adverb,
        }
    }

    /// Lemmas of a synset with the rank of the sense.
    fn members(&self, synset: u32) -> impl Iterator<Item = (usize, u8)> + '_ {
        self.tables.members.list(synset as usize).map(|item| (id(item), small(item >> format::ID_BITS)))
    }
}

fn inflection(lemma: u32) -> Inflection {
    Inflection::from_code(lemma >> format::ID_BITS)
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn number(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}
