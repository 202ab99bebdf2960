//! The walk over the thesaurus graph, level by level, and the ways that it finds.
//!
//! In: the tables and a cipher word. Out: [`Way`]s, nearest first. Not obvious: the walk goes by levels from all senses of the cipher word
//! at once and stops as soon as a level has filled the list, so the first visit to a synset is the best one and far neighbours cost nothing
//! where near ones are enough. Ways and steps are packed into numbers whose order is the order of preference: a level may hold thousands.

use super::format::{self, id};
use super::relation::{Inflection, Relation};
use super::{Limits, Thesaurus, inflection, number, small};

/// The way from the cipher word to a plain word. From the highest bits down: number of the plain word (18 bits), sum of the ranks of the
/// senses (7), relation (4), whether the two are inflected unlike (1), rank of the cipher word's sense (6), distance (2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way(u64);

impl Way {
    pub(super) fn new(word: u32, distance: u8, relation: Relation, cipher_sense: u8, plain_sense: u8, inflected: bool) -> Self {
        let ranks = u64::from(cipher_sense) + u64::from(plain_sense);
        let path = u64::from(relation as u8) << 9 | u64::from(!inflected) << 8 | u64::from(cipher_sense) << 2 | u64::from(distance);
        Self(u64::from(word) << 20 | ranks << 13 | path)
    }

    fn bits(self, from: u32, number: u32) -> u8 {
        small(u32::try_from(self.0 >> from & ((1 << number) - 1)).unwrap_or(u32::MAX))
    }

    /// Number of the plain word.
    pub(crate) fn word(self) -> u32 {
        u32::try_from(self.0 >> 20).unwrap_or(u32::MAX)
    }

    fn ranks(self) -> u8 {
        self.bits(13, 7)
    }

    pub(crate) fn relation(self) -> Relation {
        Relation::from_code(u32::from(self.bits(9, 4)))
    }

    pub(crate) fn inflected(self) -> bool {
        self.bits(8, 1) == 0
    }

    pub(crate) fn cipher_sense(self) -> u8 {
        self.bits(2, 6)
    }

    pub(crate) fn plain_sense(self) -> u8 {
        self.ranks().saturating_sub(self.cipher_sense())
    }

    pub(crate) fn distance(self) -> u8 {
        self.bits(0, 2)
    }
}

impl Thesaurus<'_> {
    /// The ways from the cipher word (lower-case; phrases with single spaces), one for each plain word, its best, sorted by distance,
    /// sum of the sense ranks, word.
    pub(crate) fn ways(&self, cipher: &str, limits: &Limits) -> Vec<Way> {
        let Some(cipher) = self.tables.find(cipher) else { return Vec::new() };
        let mut walks = vec![Walk::new(self, cipher, None)];
        walks.extend(self.tables.lemmas(cipher).map(|lemma| Walk::new(self, id(lemma), Some(inflection(lemma)))));
        let mut found: Vec<Way> = Vec::new();
        let mut known = Set::new(self.tables.words);
        known.insert(number(cipher));
        let mut level = Vec::new();
        for distance in 0..=limits.max_distance.min(3) {
            level.clear();
            for walk in &mut walks {
                if distance > 0 {
                    walk.advance(self, limits);
                }
                walk.emit(self, distance, &mut level);
            }
            level.sort_unstable();
            level.dedup_by_key(|way| way.word());
            level.retain(|way| known.insert(way.word()));
            let (order, room) = (|way: &Way| (way.ranks(), way.word()), limits.max_number - found.len());
            if level.len() > room {
                level.select_nth_unstable_by_key(room, order);
                level.truncate(room);
            }
            level.sort_unstable_by_key(order);
            found.extend(&level);
            if found.len() >= limits.max_number {
                break;
            }
        }
        found
    }
}

/// A synset on the way. From the highest bits down: rank of the cipher word's sense (6 bits), relation (4), synset (18).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Step(u32);

impl Step {
    fn new(cipher_sense: u8, relation: Relation, synset: u32) -> Self {
        Self(u32::from(cipher_sense) << 22 | u32::from(relation as u8) << format::ID_BITS | synset)
    }

    fn cipher_sense(self) -> u8 {
        small(self.0 >> 22)
    }

    fn relation(self) -> Relation {
        Relation::from_code(self.0 >> format::ID_BITS & 15)
    }

    fn synset(self) -> u32 {
        number(id(self.0))
    }
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
        let mut seen = Set::new(thesaurus.tables.synsets);
        let now = thesaurus.senses_of(lemma);
        let now = now.filter(|sense| inflection.is_none_or(|inflection| inflection.fits(sense.part_of_speech)));
        let now = now.map(|sense| Step::new(sense.rank, Relation::SameSynset, sense.synset));
        let now: Vec<Step> = now.filter(|step| seen.insert(step.synset())).collect();
        Self { lemma, inflection, depth: 0, before: Vec::new(), now, seen, stems: Vec::new() }
    }

    /// Takes one step over all pointers; a synset stays with the best way that reached it first.
    fn advance(&mut self, thesaurus: &Thesaurus<'_>, limits: &Limits) {
        let fan_out = if self.depth == 0 { usize::MAX } else { limits.max_fan_out };
        self.depth += 1;
        let tables = &thesaurus.tables;
        let mut next = Vec::new();
        for &step in &self.now {
            let (synset, cipher_sense) = (step.synset() as usize, step.cipher_sense());
            let mut follow = |item: u32| {
                let pointer = Relation::from_code(item >> format::ID_BITS & 15);
                if self.depth == 1 {
                    self.stems.extend(stem(thesaurus, self.lemma, step, pointer, item));
                }
                let relation = match (self.depth, step.relation(), pointer) {
                    (1, _, pointer) => pointer,
                    (2, Relation::Hypernym, Relation::Hyponym) => Relation::CoHyponym,
                    (_, first, _) => first,
                };
                next.push(Step::new(cipher_sense, relation, number(id(item))));
            };
            runs(tables.pointers.list(synset), fan_out).for_each(&mut follow);
            runs(tables.lexical.list(synset), fan_out).for_each(follow);
        }
        next.sort_unstable();
        next.retain(|step| self.seen.insert(step.synset()));
        self.before = std::mem::replace(&mut self.now, next);
    }

    /// Adds the ways to the plain words of this level: inflected like the cipher word, or one step late otherwise.
    fn emit(&self, thesaurus: &Thesaurus<'_>, distance: u8, level: &mut Vec<Way>) {
        for (steps, late) in [(&self.now, false), (&self.before, true)] {
            for step in steps {
                let (synset, cipher_sense) = (step.synset(), step.cipher_sense());
                let fits = |inflection: Inflection| inflection.fits(thesaurus.part_of_speech(synset as usize));
                for (lemma, rank) in thesaurus.members(synset) {
                    let relation = if lemma == self.lemma && late { Relation::SameLemma } else { step.relation() };
                    let way = |word: usize, inflected: bool| Way::new(number(word), distance, relation, cipher_sense, rank, inflected);
                    if late == self.inflection.is_some() {
                        level.push(way(lemma, false));
                    }
                    if late || self.inflection.is_some() {
                        for (form, code) in thesaurus.tables.forms(lemma) {
                            let form_of = Inflection::from_code(code);
                            let same = self.inflection == Some(form_of);
                            // Other forms only of the plain words of an uninflected lemma, or of the very lemma.
                            if fits(form_of) && if late { self.inflection.is_none() || lemma == self.lemma } else { same } {
                                level.push(way(form, same));
                            }
                        }
                    }
                }
            }
        }
        let wanted = if self.inflection.is_none() { 1 } else { 2 };
        for &(word, cipher_sense, rank) in self.stems.iter().filter(|_| distance == wanted) {
            level.push(Way::new(number(word), distance, Relation::SameLemma, cipher_sense, rank, false));
        }
    }
}

/// The word at the other end of a derivation that starts at the cipher word itself.
fn stem(thesaurus: &Thesaurus<'_>, lemma: usize, step: Step, pointer: Relation, item: u32) -> Option<(usize, u8, u8)> {
    if !pointer.is_stem() {
        return None;
    }
    let ends = item >> (format::ID_BITS + 4);
    let (source, target) = ((ends & 31).checked_sub(1)?, (ends >> 5).checked_sub(1)?);
    let (word, _) = thesaurus.members(step.synset()).nth(source as usize)?;
    let (stem, rank) = thesaurus.members(number(id(item))).nth(target as usize)?;
    (word == lemma).then_some((stem, step.cipher_sense(), rank))
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

/// A set of numbers below a bound, one bit each.
struct Set(Vec<u64>);

impl Set {
    fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    /// Adds a number; whether it was new. One beyond the bound, which only a damaged file holds, is not.
    fn insert(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut(number as usize / 64) else { return false };
        let new = *word >> (number % 64) & 1 == 0;
        *word |= 1 << (number % 64);
        new
    }
}
