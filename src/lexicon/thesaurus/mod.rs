//! The thesaurus graph: which plain words may stand behind a cipher word.
//!
//! In: the bytes of a thesaurus file (see `format.rs`) and a word of a garbled text. Out: the plain words in
//! reach, nearest first, with the way that leads to them. Not obvious: the walk goes by levels from all
//! senses of the cipher word at once and stops as soon as a level has filled the list, so the first visit to
//! a synset is the best one and far neighbours cost nothing where near ones are enough.

mod format;
mod relation;
mod share;
#[cfg(test)]
#[cfg(feature = "build")]
mod tests;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

pub use format::ThesaurusError;
pub use relation::{Inflection, PartOfSpeech, Relation};
#[cfg(feature = "build")]
pub(crate) use share::kin;

#[cfg(feature = "build")]
pub(crate) use format::{ID_BITS, MAX_RANK, SECTIONS, assemble, pack, pack_lists};
use format::{Tables, id};

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
    /// What the nearest relatives of the plain word come to, as a code: see [`Plaintext::share`].
    kin: u8,
}

impl Plaintext<'_> {
    fn ranks(&self) -> u16 {
        u16::from(self.plain_sense) + u16::from(self.cipher_sense)
    }
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
        Tables::from_bytes(bytes).map(|tables| Self { tables })
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
        let Some(cipher) = self.tables.find(cipher) else { return Vec::new() };
        let mut walks = vec![Walk::new(self, cipher, None)];
        walks.extend(self.tables.lemmas(cipher).map(|lemma| Walk::new(self, id(lemma), Some(inflection(lemma)))));
        let mut found = Vec::new();
        let mut known = Set::default();
        known.insert(number(cipher));
        for distance in 0..=limits.max_distance.min(3) {
            let mut level = Vec::new();
            for walk in &mut walks {
                if distance > 0 {
                    walk.advance(self, limits);
                }
                walk.emit(self, distance, &mut level);
            }
            level.retain(|(word, _)| !known.contains(word));
            level.sort_unstable_by_key(|(word, way)| (*word, way.ranks(), way.relation, !way.inflected, way.cipher_sense));
            level.dedup_by_key(|(word, _)| *word);
            known.extend(level.iter().map(|(word, _)| *word));
            level.sort_unstable_by_key(|(word, way)| (way.ranks(), *word));
            let level = level.into_iter().take(limits.max_number - found.len());
            found.extend(level.map(|(word, way)| self.plaintext(word as usize, way)));
            if found.len() >= limits.max_number {
                break;
            }
        }
        found
    }

    /// A way with the word that it leads to.
    fn plaintext(&self, word: usize, way: Plaintext<'a>) -> Plaintext<'a> {
        Plaintext { word: self.tables.word(word), kin: self.tables.kin(word), ..way }
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

/// A synset on the way.
#[derive(Clone, Copy)]
struct Step {
    cipher_sense: u8,
    relation: Relation,
    synset: u32,
}

/// The walk from one reading of the cipher word: level by level through the synsets.
struct Walk {
    lemma: usize,
    /// The inflection that leads from the lemma to the cipher word, if it is not the lemma itself.
    inflection: Option<Inflection>,
    depth: u8,
    before: Vec<Step>,
    now: Vec<Step>,
    seen: Set,
    /// Words derived from the lemma itself: word, rank of the cipher's sense, of its own sense.
    stems: Vec<(usize, u8, u8)>,
}

impl Walk {
    fn new(thesaurus: &Thesaurus<'_>, lemma: usize, inflection: Option<Inflection>) -> Self {
        let mut seen = Set::default();
        let now = thesaurus.senses_of(lemma);
        let now = now.filter(|sense| inflection.is_none_or(|inflection| inflection.fits(sense.part_of_speech)));
        let now = now.map(|sense| Step { cipher_sense: sense.rank, relation: Relation::SameSynset, synset: sense.synset });
        let now: Vec<Step> = now.filter(|step| seen.insert(step.synset)).collect();
        Self { lemma, inflection, depth: 0, before: Vec::new(), now, seen, stems: Vec::new() }
    }

    /// Takes one step over all pointers; a synset stays with the best way that reached it first.
    fn advance(&mut self, thesaurus: &Thesaurus<'_>, limits: &Limits) {
        let fan_out = if self.depth == 0 { usize::MAX } else { limits.max_fan_out };
        self.depth += 1;
        let tables = &thesaurus.tables;
        let mut next = Vec::new();
        for step in &self.now {
            let pointers = tables.pointers.list(step.synset as usize);
            let lexical = tables.lexical.list(step.synset as usize);
            for list in [runs(pointers, fan_out).collect::<Vec<_>>(), runs(lexical, fan_out).collect()] {
                for item in list {
                    let pointer = Relation::from_code(item >> format::ID_BITS & 15);
                    if self.depth == 1 {
                        self.stems.extend(stem(thesaurus, self.lemma, step, pointer, item));
                    }
                    let relation = match (self.depth, step.relation, pointer) {
                        (1, _, pointer) => pointer,
                        (2, Relation::Hypernym, Relation::Hyponym) => Relation::CoHyponym,
                        (_, first, _) => first,
                    };
                    next.push(Step { cipher_sense: step.cipher_sense, relation, synset: number(id(item)) });
                }
            }
        }
        next.sort_unstable_by_key(|step| (step.cipher_sense, step.relation, step.synset));
        next.retain(|step| self.seen.insert(step.synset));
        self.before = std::mem::replace(&mut self.now, next);
    }

    /// Adds the ids of the plain words of this level and the ways to them, the words still empty: inflected
    /// like the cipher word, or one step late otherwise.
    fn emit<'a>(&self, thesaurus: &Thesaurus<'a>, distance: u8, level: &mut Vec<(u32, Plaintext<'a>)>) {
        let plain = |word: usize, step: &Step, plain_sense: u8, inflected: bool| {
            let Step { cipher_sense, relation, .. } = *step;
            let way = Plaintext { word: "", relation, distance, cipher_sense, plain_sense, inflected, kin: 0 };
            (number(word), way)
        };
        for (steps, late) in [(&self.now, false), (&self.before, true)] {
            for step in steps {
                let fits = |inflection: Inflection| inflection.fits(thesaurus.part_of_speech(step.synset as usize));
                for (lemma, rank) in thesaurus.members(step.synset) {
                    let relation = if lemma == self.lemma && late { Relation::SameLemma } else { step.relation };
                    let step = &Step { relation, ..*step };
                    if late == self.inflection.is_some() {
                        level.push(plain(lemma, step, rank, false));
                    }
                    if late || self.inflection.is_some() {
                        for (form, code) in thesaurus.tables.forms(lemma) {
                            let form_of = Inflection::from_code(code);
                            let same = self.inflection == Some(form_of);
                            // Other forms only of the plain words of an uninflected lemma, or of the very lemma.
                            if fits(form_of) && if late { self.inflection.is_none() || lemma == self.lemma } else { same } {
                                level.push(plain(form, step, rank, same));
                            }
                        }
                    }
                }
            }
        }
        let wanted = if self.inflection.is_none() { 1 } else { 2 };
        for &(word, cipher_sense, rank) in self.stems.iter().filter(|_| distance == wanted) {
            let step = Step { cipher_sense, relation: Relation::SameLemma, synset: 0 };
            level.push(plain(word, &step, rank, false));
        }
    }
}

/// The word at the other end of a derivation that starts at the cipher word itself.
fn stem(thesaurus: &Thesaurus<'_>, lemma: usize, step: &Step, pointer: Relation, item: u32) -> Option<(usize, u8, u8)> {
    if !pointer.is_stem() {
        return None;
    }
    let ends = item >> (format::ID_BITS + 4);
    let (source, target) = ((ends & 31).checked_sub(1)?, (ends >> 5).checked_sub(1)?);
    let (word, _) = thesaurus.members(step.synset).nth(source as usize)?;
    let (stem, rank) = thesaurus.members(number(id(item))).nth(target as usize)?;
    (word == lemma).then_some((stem, step.cipher_sense, rank))
}

/// The items of a list without the runs of one relation that are longer than `fan_out`.
fn runs(list: impl ExactSizeIterator<Item = u32> + Clone, fan_out: usize) -> impl Iterator<Item = u32> {
    let code = |item: &u32| item >> format::ID_BITS & 15;
    let crowded = list.len() > fan_out;
    let mut counts = [0_usize; 16];
    if crowded {
        list.clone().for_each(|item| counts[code(&item) as usize] += 1);
    }
    list.filter(move |item| counts[code(item) as usize] <= fan_out)
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

type Set = HashSet<u32, BuildHasherDefault<Mixer>>;

/// Hashes an id with one multiplication: ids are ours, nobody attacks with them.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(u32::from(byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}
