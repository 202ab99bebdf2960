//! WordNet and inflection tables to a thesaurus file.
//!
//! In: the database files of WordNet (`man 5 wndb`) and the two tables of lemminflect. Out: the bytes of a
//! thesaurus file, the same on every run. Not obvious: WordNet stores some pointers in one direction only
//! (entailment, pertainym), but a spinner may have used either, so every missing inverse is added.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::BuildError;
use crate::lexicon::thesaurus::{
    ID_BITS, Inflection, MAX_RANK, PartOfSpeech, Relation, SECTIONS, Thesaurus, assemble, kin, pack, pack_lists,
};

/// Longer phrases are left out: no spinner swaps a word for them.
const MAX_PHRASE_WORDS: usize = 3;
/// Members of a synset beyond this number cannot be the end of a pointer between words.
const MAX_MEMBER: u32 = 31;
/// File suffix and letter of each part of speech, in the order of the thesaurus file.
const PARTS: [(&str, PartOfSpeech); 4] =
    [("noun", PartOfSpeech::Noun), ("verb", PartOfSpeech::Verb), ("adj", PartOfSpeech::Adjective), ("adv", PartOfSpeech::Adverb)];
/// The forms of "to be", which the inflection table lacks.
const TO_BE: [(&str, Inflection); 7] = [
    ("am", Inflection::Base),
    ("are", Inflection::Base),
    ("is", Inflection::ThirdPerson),
    ("was", Inflection::Past),
    ("were", Inflection::Past),
    ("been", Inflection::PastParticiple),
    ("being", Inflection::Ing),
];

/// Where the sources are. Tables may be compressed with gzip.
#[derive(Clone, Debug)]
pub struct ThesaurusSources {
    /// Folder with `index.{noun,verb,adj,adv,sense}` and `data.{noun,verb,adj,adv}`.
    pub wordnet: PathBuf,
    /// lemminflect's `infl_lu.csv`: lemma, word class, forms.
    pub inflections: PathBuf,
    /// lemminflect's `lemma_lu.csv`: form, word class, lemmas.
    pub lemmas: PathBuf,
}

/// A source file in memory; makes errors that name it.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn read(path: &Path) -> Result<Self, BuildError> {
        let failed = |source| BuildError::Read { path: path.to_owned(), source };
        let bytes = fs::read(path).map_err(failed)?;
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).map_err(failed)?;
        } else {
            text = String::from_utf8(bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// Lines with their numbers, without the licence at the head of WordNet's files and empty ones.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.is_empty() && !line.starts_with(' '))
    }

    fn error(&self, line: usize, problem: impl Into<String>) -> BuildError {
        BuildError::Line { path: self.path.clone(), line, problem: problem.into() }
    }
}

/// The fields of one line of WordNet, read one after the other.
struct Fields<'a> {
    source: &'a Source,
    line: usize,
    fields: std::str::SplitAsciiWhitespace<'a>,
}

impl<'a> Fields<'a> {
    fn new(source: &'a Source, line: usize, text: &'a str) -> Self {
        Self { source, line, fields: text.split_ascii_whitespace() }
    }

    fn text(&mut self, what: &str) -> Result<&'a str, BuildError> {
        self.fields.next().ok_or_else(|| self.source.error(self.line, format!("the line ends where {what} is expected")))
    }

    fn number(&mut self, what: &str, radix: u32) -> Result<u32, BuildError> {
        let field = self.text(what)?;
        u32::from_str_radix(field, radix).map_err(|_| self.source.error(self.line, format!("{what} is not a number: {field:?}")))
    }

    fn skip(&mut self, count: u32, what: &str) -> Result<(), BuildError> {
        (0..count).try_for_each(|_| self.text(what).map(drop))
    }
}

/// A synset by its place in WordNet: part of speech and offset.
type Place = (PartOfSpeech, u32);

/// One line of a data file.
struct Synset {
    place: Place,
    /// The words as kept: `None` where one is left out.
    words: Vec<Option<String>>,
    /// Relation, target, number of the source word and of the target word (0 = any).
    pointers: Vec<(Relation, Place, u32, u32)>,
}

/// What the sources say, before ids are given.
#[derive(Default)]
struct Sources {
    /// Senses of each lemma, in order.
    senses: BTreeMap<(String, PartOfSpeech), Vec<u32>>,
    /// Tag count of each sense that has one.
    counts: BTreeMap<(String, Place), u32>,
    synsets: Vec<Synset>,
    /// Lemma and inflection, then the forms in order of preference.
    forms: BTreeMap<(String, Inflection), Vec<String>>,
}

/// Reads WordNet and the inflection tables and writes a thesaurus file.
///
/// # Errors
///
/// If a source cannot be read, a line is malformed, or a table is too large for the format.
pub fn build_thesaurus(sources: &ThesaurusSources) -> Result<Vec<u8>, BuildError> {
    let mut read = Sources::default();
    for (suffix, part) in PARTS {
        read.index(&Source::read(&sources.wordnet.join(format!("index.{suffix}")))?, part)?;
        read.data(&Source::read(&sources.wordnet.join(format!("data.{suffix}")))?, part)?;
    }
    read.sense_counts(&Source::read(&sources.wordnet.join("index.sense"))?)?;
    let listed = read.inflections(&Source::read(&sources.inflections)?)?;
    read.more_forms(&Source::read(&sources.lemmas)?, &listed)?;
    read.regular_plurals(&listed);
    read.write()
}

/// The lemma as the thesaurus spells it; `None` if it has digits or is a long phrase.
fn kept(word: &str) -> Option<String> {
    let spelled = word.to_lowercase().replace('_', " ");
    let fits = !spelled.contains(|character: char| character.is_ascii_digit())
        && spelled.split(' ').count() <= MAX_PHRASE_WORDS
        && u8::try_from(spelled.len()).is_ok();
    fits.then_some(spelled)
}

/// The part of speech behind WordNet's letter.
fn part_of_letter(letter: &str) -> Option<PartOfSpeech> {
    Some(match letter {
        "n" => PartOfSpeech::Noun,
        "v" => PartOfSpeech::Verb,
        "a" | "s" => PartOfSpeech::Adjective,
        "r" => PartOfSpeech::Adverb,
        _ => return None,
    })
}

impl Sources {
    /// `index.pos`: lemma, pos, synset count, pointer count, pointer symbols, sense count, tagged, offsets.
    fn index(&mut self, source: &Source, part: PartOfSpeech) -> Result<(), BuildError> {
        for (line, text) in source.lines() {
            let mut fields = Fields::new(source, line, text);
            let Some(lemma) = kept(fields.text("the lemma")?) else { continue };
            fields.skip(1, "the part of speech")?;
            let senses = fields.number("the number of synsets", 10)?;
            let pointers = fields.number("the number of pointers", 10)?;
            fields.skip(pointers, "a pointer symbol")?;
            fields.skip(2, "a sense count")?;
            let offsets = (0..senses).map(|_| fields.number("a synset offset", 10)).collect::<Result<_, _>>()?;
            self.senses.insert((lemma, part), offsets);
        }
        Ok(())
    }

    /// `data.pos`: offset, lexicographer file, type, words, pointers, frames, gloss.
    fn data(&mut self, source: &Source, part: PartOfSpeech) -> Result<(), BuildError> {
        for (line, text) in source.lines() {
            let mut fields = Fields::new(source, line, text);
            let place = (part, fields.number("the synset offset", 10)?);
            fields.skip(2, "the synset type")?;
            let mut synset = Synset { place, words: Vec::new(), pointers: Vec::new() };
            for _ in 0..fields.number("the number of words", 16)? {
                let word = fields.text("a word")?;
                fields.skip(1, "a lexical id")?;
                let word = kept(word.split_once('(').map_or(word, |(bare, _)| bare));
                synset.words.push(word.filter(|word| !synset.words.iter().flatten().any(|other| other == word)));
            }
            for _ in 0..fields.number("the number of pointers", 10)? {
                let symbol = fields.text("a pointer symbol")?;
                let relation = Relation::from_symbol(symbol);
                let relation = relation.ok_or_else(|| source.error(line, format!("unknown pointer symbol {symbol:?}")))?;
                let offset = fields.number("the target of a pointer", 10)?;
                let letter = fields.text("the part of speech of a pointer")?;
                let target = part_of_letter(letter).ok_or_else(|| source.error(line, format!("unknown part of speech {letter:?}")))?;
                let ends = fields.number("the words of a pointer", 16)?;
                synset.pointers.push((relation, (target, offset), ends >> 8, ends & 0xff));
            }
            for word in synset.words.iter().flatten() {
                if !self.senses.get(&(word.clone(), part)).is_some_and(|senses| senses.contains(&place.1)) {
                    return Err(source.error(line, format!("{word:?} does not list this synset in the index file")));
                }
            }
            self.synsets.push(synset);
        }
        Ok(())
    }

    /// `index.sense`: lemma%type:..., offset, sense number, tag count.
    fn sense_counts(&mut self, source: &Source) -> Result<(), BuildError> {
        for (line, text) in source.lines() {
            let mut fields = Fields::new(source, line, text);
            let key = fields.text("the sense key")?;
            let parsed = key.split_once('%').and_then(|(lemma, rest)| Some((lemma, rest.split_once(':')?.0)));
            let (lemma, kind) = parsed.ok_or_else(|| source.error(line, format!("not a sense key: {key:?}")))?;
            let part = match kind {
                "1" => PartOfSpeech::Noun,
                "2" => PartOfSpeech::Verb,
                "3" | "5" => PartOfSpeech::Adjective,
                "4" => PartOfSpeech::Adverb,
                _ => return Err(source.error(line, format!("unknown synset type {kind:?}"))),
            };
            let offset = fields.number("the synset offset", 10)?;
            fields.skip(1, "the sense number")?;
            let count = fields.number("the tag count", 10)?;
            if let (Some(lemma), 1..) = (kept(lemma), count) {
                *self.counts.entry((lemma, (part, offset))).or_default() += count;
            }
        }
        Ok(())
    }

    fn add_form(&mut self, lemma: &str, inflection: Inflection, form: &str) {
        let known = PARTS.iter().any(|&(_, part)| inflection.fits(part) && self.senses.contains_key(&(lemma.to_owned(), part)));
        let form = kept(form.trim()).filter(|form| known && !form.is_empty() && form != lemma);
        if let Some(form) = form {
            let forms = self.forms.entry((lemma.to_owned(), inflection)).or_default();
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }

    /// `infl_lu.csv`; answers which lemma and word class it has a row for.
    fn inflections(&mut self, source: &Source) -> Result<BTreeSet<(String, String)>, BuildError> {
        let mut listed = BTreeSet::new();
        for (form, inflection) in TO_BE {
            self.add_form("be", inflection, form);
        }
        for (line, text) in source.lines() {
            let [lemma, class, columns @ ..] = &*text.split(',').collect::<Vec<_>>() else {
                return Err(source.error(line, "expected lemma, word class and forms"));
            };
            let lemma = lemma.to_lowercase();
            let inflections: &[Inflection] = match *class {
                "noun" => &[Inflection::Plural],
                "verb" => &[Inflection::Past, Inflection::PastParticiple, Inflection::Ing, Inflection::ThirdPerson],
                "adj" | "adv" => &[Inflection::Comparative, Inflection::Superlative],
                _ => return Err(source.error(line, format!("unknown word class {class:?}"))),
            };
            if columns.len() != inflections.len() {
                return Err(source.error(line, format!("expected {} columns of forms, found {}", inflections.len(), columns.len())));
            }
            for (&inflection, &column) in inflections.iter().zip(columns) {
                let like_past = inflection == Inflection::PastParticiple && column.is_empty();
                let column = if like_past { columns.first().copied().unwrap_or_default() } else { column };
                column.split('/').for_each(|form| self.add_form(&lemma, inflection, form));
            }
            listed.insert((lemma, (*class).to_owned()));
        }
        Ok(listed)
    }

    /// `lemma_lu.csv`, for the lemmas that the other table lacks; the form shows the inflection.
    fn more_forms(&mut self, source: &Source, listed: &BTreeSet<(String, String)>) -> Result<(), BuildError> {
        for (line, text) in source.lines() {
            let [form, class, lemmas] = *text.split(',').collect::<Vec<_>>() else {
                return Err(source.error(line, "expected form, word class, lemmas"));
            };
            let form = form.to_lowercase();
            let inflections: &[Inflection] = match class {
                "noun" => &[Inflection::Plural],
                "verb" if form.contains('\'') => &[],
                "verb" if form.ends_with("ing") => &[Inflection::Ing],
                "verb" if form.ends_with('s') => &[Inflection::ThirdPerson],
                "verb" => &[Inflection::Past, Inflection::PastParticiple],
                "adj" | "adv" if form.ends_with("er") => &[Inflection::Comparative],
                "adj" | "adv" if form.ends_with("est") => &[Inflection::Superlative],
                _ => &[],
            };
            for lemma in lemmas.split('/').map(str::to_lowercase).filter(|lemma| lemma != "be") {
                if !listed.contains(&(lemma.clone(), class.to_owned())) {
                    inflections.iter().for_each(|&inflection| self.add_form(&lemma, inflection, &form));
                }
            }
        }
        Ok(())
    }

    /// Plurals by rule for the nouns of both gaps that WordNet has seen in use (act, county, occurrence).
    fn regular_plurals(&mut self, listed: &BTreeSet<(String, String)>) {
        let forms: BTreeSet<&String> = self.forms.values().flatten().collect();
        let used = self.counts.keys().filter(|(_, (part, _))| *part == PartOfSpeech::Noun).map(|(lemma, _)| lemma);
        let lacks = used.filter(|lemma| {
            let letters = lemma.len() > 2 && lemma.bytes().all(|byte| byte.is_ascii_lowercase());
            letters && !listed.contains(&((*lemma).clone(), "noun".into())) && !forms.contains(lemma) && !lemma.ends_with('s')
        });
        let lacks: BTreeSet<String> =
            lacks.filter(|lemma| !self.forms.contains_key(&((*lemma).clone(), Inflection::Plural))).cloned().collect();
        for lemma in lacks {
            let stem = lemma.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
            let sibilant = lemma.ends_with(['x', 'z']) || lemma.ends_with("ch") || lemma.ends_with("sh");
            let plural = stem.map_or_else(|| format!("{lemma}{}", if sibilant { "es" } else { "s" }), |stem| format!("{stem}ies"));
            self.add_form(&lemma, Inflection::Plural, &plural);
        }
    }

    /// Gives ids and writes the sections in the order of the format.
    fn write(mut self) -> Result<Vec<u8>, BuildError> {
        self.synsets.sort_by_key(|synset| synset.place);
        let words: BTreeSet<&str> =
            self.senses.keys().map(|(lemma, _)| &**lemma).chain(self.forms.values().flatten().map(|form| &**form)).collect();
        let words = numbered(words, "words")?;
        let synsets = numbered(self.synsets.iter().map(|synset| synset.place), "synsets")?;
        let word_id = |word: &str| words.get(word).copied().unwrap_or_default();
        let rank = |word: &str, (part, offset): Place| {
            let senses = self.senses.get(&(word.to_owned(), part));
            let rank = senses.and_then(|senses| senses.iter().position(|&other| other == offset)).unwrap_or_default();
            u32::try_from(rank).map_or(MAX_RANK, |rank| rank.min(MAX_RANK))
        };

        let mut senses = vec![Vec::new(); words.len()];
        for ((lemma, part), offsets) in &self.senses {
            let list = senses.get_mut(word_id(lemma) as usize);
            let packed = offsets.iter().filter_map(|&offset| {
                let synset = synsets.get(&(*part, offset))?;
                let count = self.counts.get(&(lemma.clone(), (*part, offset))).map_or(0, |count| 1 + count.next_power_of_two().ilog2());
                Some(synset | rank(lemma, (*part, offset)) << ID_BITS | count.min(15) << (ID_BITS + 6))
            });
            list.into_iter().for_each(|list: &mut Vec<u32>| list.extend(packed.clone()));
        }
        let members = |synset: &Synset| {
            let words = synset.words.iter().flatten();
            words.map(|word| word_id(word) | rank(word, synset.place) << ID_BITS).collect()
        };
        let members: Vec<Vec<u32>> = self.synsets.iter().map(members).collect();
        let [pointers, lexical] = self.pointers(&synsets);

        // Sorted by lemma and inflection as keys of a map are; word ids keep the order of the words.
        let mut forms: Vec<(u32, u32)> = Vec::new();
        for ((lemma, inflection), list) in &self.forms {
            let key = word_id(lemma) | (*inflection as u32) << ID_BITS;
            forms.extend(list.iter().map(|form| (word_id(form), key)));
        }
        let mut order: Vec<(u32, u32)> = forms.iter().map(|&(form, _)| form).zip(0..).collect();
        order.sort_unstable();

        let spelling: Vec<Vec<u32>> = words.keys().map(|word| word.bytes().map(u32::from).collect()).collect();
        let starts = [PartOfSpeech::Verb, PartOfSpeech::Adjective, PartOfSpeech::Adverb];
        let starts = starts.map(|part| self.synsets.partition_point(|synset| synset.place.0 < part));
        let shape = [words.len(), synsets.len()].into_iter().chain(starts).filter_map(|size| u32::try_from(size).ok());
        let too_many = |what| move || BuildError::TooMany { what };
        let mut sections: Vec<Vec<u8>> = vec![pack::<4>(&shape.collect::<Vec<_>>())];
        sections.extend(pack_lists::<1, 1>(&spelling).ok_or_else(too_many("letters in a word"))?);
        sections.extend(pack_lists::<1, 4>(&senses).ok_or_else(too_many("senses of a word"))?);
        sections.extend(pack_lists::<1, 3>(&members).ok_or_else(too_many("words in a synset"))?);
        sections.extend(pack_lists::<2, 3>(&pointers).ok_or_else(too_many("pointers of a synset"))?);
        sections.extend(pack_lists::<1, 4>(&lexical).ok_or_else(too_many("pointers between the words of a synset"))?);
        sections.push(pack::<3>(&forms.iter().map(|form| form.0).collect::<Vec<_>>()));
        sections.push(pack::<3>(&forms.iter().map(|form| form.1).collect::<Vec<_>>()));
        sections.push(pack::<3>(&order.iter().map(|entry| entry.1).collect::<Vec<_>>()));
        // what the relatives of a word come to is asked of the thesaurus as it is without that
        sections.push(vec![0; words.len()]);
        let mut sections: [Vec<u8>; SECTIONS.len()] = sections.try_into().map_err(|_| too_many("sections")())?;
        let file = assemble(&sections).ok_or_else(too_many("bytes"))?;
        let thesaurus = Thesaurus::from_bytes(&file)?;
        if let Some(last) = sections.last_mut() {
            *last = words.keys().map(|word| kin(&thesaurus, word)).collect();
        }
        assemble(&sections).ok_or_else(too_many("bytes"))
    }

    /// Pointers of each synset, between synsets and between words, with every inverse, sorted.
    fn pointers(&self, ids: &BTreeMap<Place, u32>) -> [Vec<Vec<u32>>; 2] {
        let mut sets = [const { Vec::new() }; 2];
        sets.iter_mut().for_each(|sets| sets.resize(self.synsets.len(), BTreeSet::new()));
        // Number of each word of a synset among the words that were kept; 0 for those left out.
        let end = |synset: u32, number: u32| -> Option<u32> {
            let words = &self.synsets.get(synset as usize)?.words;
            let number = usize::try_from(number).ok()?.checked_sub(1)?;
            words.get(number)?.as_ref()?;
            u32::try_from(words.iter().take(number + 1).flatten().count()).ok().filter(|&number| number <= MAX_MEMBER)
        };
        for (source, synset) in (0..).zip(&self.synsets) {
            for &(relation, place, from, to) in &synset.pointers {
                let Some(&target) = ids.get(&place) else { continue };
                // Some usage domains have hundreds of words; which ones does not matter to any query.
                let lexical = usize::from((from != 0 || to != 0) && relation != Relation::Domain);
                let (from, to) = if lexical == 1 { (from, to) } else { (0, 0) };
                let (from, to) = (end(source, from).unwrap_or_default(), end(target, to).unwrap_or_default());
                let ways = [(source, relation, target, from, to), (target, relation.inverse(), source, to, from)];
                for (at, relation, other, from, to) in ways {
                    if let Some(set) = sets.get_mut(lexical).and_then(|sets| sets.get_mut(at as usize)) {
                        set.insert((relation, other, from, to));
                    }
                }
            }
        }
        let packed = |(relation, target, from, to): &(Relation, u32, u32, u32)| {
            target | (*relation as u32) << ID_BITS | from << (ID_BITS + 4) | to << (ID_BITS + 9)
        };
        sets.map(|sets| sets.iter().map(|set| set.iter().map(packed).collect()).collect())
    }
}

/// Gives each key, in order, its number.
fn numbered<K: Ord>(keys: impl IntoIterator<Item = K>, what: &'static str) -> Result<BTreeMap<K, u32>, BuildError> {
    let ids: BTreeMap<K, u32> = keys.into_iter().zip(0..).collect();
    if ids.len() > 1 << ID_BITS { Err(BuildError::TooMany { what }) } else { Ok(ids) }
}
