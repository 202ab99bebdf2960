//! The plain words that a cipher word may stand for.
//!
//! In: a cipher word and the models. Out: its [`Candidate`]s, most probable first, itself among them.

use rustc_hash::FxHashSet;

use super::cipher::{Cipher, open_prior};
use super::links::Links;
use crate::lexicon::thesaurus::{Limits, Relation, Way};
use crate::lexicon::{CLOSED_CLASS, Source};
use crate::lm::reading::token_key;
use crate::lm::{LanguageModel, NgramModel, WordId, hash_word, special};

/// Why a plain word is a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// The word stands for itself.
    Identity,
    /// A pair of the profile: its confidence, count and source.
    Listed {
        /// Confidence of the pair.
        confidence: f32,
        /// How often the pair was counted.
        count: f32,
        /// Whence it is known.
        source: Source,
    },
    /// The thesaurus connects the two.
    Related {
        /// First step from the cipher word.
        relation: Relation,
        /// Number of steps.
        distance: u8,
    },
    /// A word of a closed class, connected by nothing.
    Open,
}

/// A plain word, or phrase, that a cipher word may stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The plain text, lower case.
    pub text: String,
    /// Hash of the text: equal for equal plaintexts.
    pub(super) key: u64,
    /// Its words in the model.
    pub ids: Vec<WordId>,
    /// Log probability of the cipher word given the plain word, in nats, before the document was seen.
    pub prior: f32,
    /// Why it is here.
    pub origin: Origin,
}

/// Log probability of one word among all that the model does not know: they are many.
pub(super) const UNKNOWN_WORD: f32 = -11.0;
/// Log probability of one small number among all that the model has in one class.
const ONE_NUMBER: f32 = -3.7;

/// A candidate that has yet to be chosen: a single word of the model. Small, for those of thousands of words are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    pub(super) id: WordId,
    /// First step and number of steps, if the thesaurus connects the two.
    related: Option<(Relation, u8)>,
    pub(super) prior: f32,
}

/// What may stand behind a cipher word in any text: what stays in any case, and leads to choose from.
#[derive(Clone, Debug, Default)]
pub(super) struct Leads {
    /// The word itself, and what the profile lists.
    pub(super) sure: Vec<Candidate>,
    /// Relatives and words of closed classes, most probable first.
    pub(super) rest: Vec<Lead>,
}

/// How much less probable an image is that the model does not know, in nats: of what WordNet offers, spinners choose the
/// current words (of the observed pairs of the family `beryllium` 4 in 77 have such an image, 15 in 100 of the relatives to choose from).
const RARE_IMAGE: f32 = -2.0;
/// The same for an image that no dictionary knows either: a name, or a slip of the pen.
const NO_WORD: f32 = -8.0;
/// Most leads of one word, and where a profile is known.
const MAX_LEADS: usize = 300;
const MAX_UNLISTED_LEADS: usize = 16;

/// What may stand behind the cipher word `word` (lower case); only what the profile lists if it is a phrase.
/// `open` is what [`open`] makes of the cipher.
pub(super) fn leads(word: &str, cipher: &Cipher<'_>, open: &[Open], links: &Links<'_>, model: &NgramModel<'_>) -> Leads {
    let vocabulary = model.vocabulary();
    let mut leads = Leads::default();
    let phrase = word.contains(' ');
    let own = vocabulary.id_or_unknown(&token_key(word));
    if !phrase {
        let frequency = if own == special::UNKNOWN { UNKNOWN_WORD } else { model.unigram(own).0 };
        let class = if word.starts_with(|c: char| c.is_ascii_digit()) { ONE_NUMBER } else { 0.0 };
        leads.sure.push(candidate(word, cipher.identity(word, frequency) + class, Origin::Identity, model));
    }
    for pair in cipher.profile.into_iter().flat_map(|profile| profile.behind(word)) {
        let prior = cipher.listed(&pair.plain, pair.confidence);
        let origin = Origin::Listed { confidence: pair.confidence, count: pair.count, source: pair.source };
        leads.sure.push(candidate(&pair.plain, prior, origin, model));
    }
    if phrase {
        return leads;
    }
    let image = match own == special::UNKNOWN {
        true if links.thesaurus().contains(word) => RARE_IMAGE,
        true => NO_WORD,
        false => 0.0,
    };
    let mut seen: FxHashSet<WordId> = leads.sure.iter().flat_map(|c| &c.ids).copied().collect();
    // two steps lead to what a spinner hardly ever takes: where a list holds nearly all swaps they only make noise
    let limits = Limits { max_distance: if cipher.is_listed() { 1 } else { 2 }, max_number: 500, ..Limits::default() };
    let ways = links.thesaurus().ways(word, &limits);
    // by what a word would be worth if no profile listed it: to ask the profile about each would take most of the time
    let mut rest: Vec<(f32, WordId, Option<Way>)> = Vec::with_capacity(ways.len() + open.len());
    seen.reserve(ways.len() + open.len());
    for way in ways {
        let Some(id) = links.id(way.word()) else { continue };
        if seen.insert(id) {
            let frequency = model.unigram(id).0;
            rest.push((cipher.guess(frequency).ln() + links.thesaurus().share(way) + frequency, id, Some(way)));
        }
    }
    let number = if cipher.is_listed() { MAX_UNLISTED_LEADS } else { MAX_LEADS };
    rest.extend(open.iter().filter(|open| seen.insert(open.id)).take(number).map(|open| (open.guess, open.id, None)));
    let better = |a: &(f32, WordId, Option<Way>), b: &(f32, WordId, Option<Way>)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if rest.len() > number {
        rest.select_nth_unstable_by(number, better);
        rest.truncate(number);
    }
    rest.sort_unstable_by(better);
    let lead = |(_, id, way): (f32, WordId, Option<Way>)| {
        let frequency = model.unigram(id).0;
        let share = way.map_or_else(|| open_prior(frequency).ln(), |way| links.thesaurus().share(way));
        Lead {
            id,
            related: way.map(|way| (way.relation(), way.distance())),
            prior: image + cipher.unlisted(links.is_listed(id), frequency) + share,
        }
    };
    leads.rest = rest.into_iter().map(lead).collect();
    leads
}

/// A word of a closed class: the same for every cipher word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    id: WordId,
    /// What it would be worth if no profile listed it.
    guess: f32,
}

/// The words that may stand behind any cipher word, the most probable first.
pub(super) fn open(cipher: &Cipher<'_>, model: &NgramModel<'_>) -> Vec<Open> {
    let words = CLOSED_CLASS.iter().filter_map(|text| model.vocabulary().id(text));
    let open = |id: WordId| {
        let frequency = model.unigram(id).0;
        let guess = cipher.guess(frequency).ln() + open_prior(frequency).ln() + frequency;
        Open { id, guess }
    };
    let mut out: Vec<Open> = words.map(open).collect();
    out.sort_unstable_by(|a, b| b.guess.total_cmp(&a.guess).then(a.id.cmp(&b.id)));
    out
}

impl Lead {
    /// The lead as a candidate.
    pub(super) fn candidate(&self, model: &NgramModel<'_>) -> Candidate {
        let text = model.vocabulary().word(self.id).to_owned();
        let origin = self.related.map_or(Origin::Open, |(relation, distance)| Origin::Related { relation, distance });
        Candidate { key: hash_word(&text), text, ids: vec![self.id], prior: self.prior, origin }
    }
}

fn candidate(text: &str, prior: f32, origin: Origin, model: &NgramModel<'_>) -> Candidate {
    let ids = text.split(' ').map(|word| model.vocabulary().id_or_unknown(&token_key(word))).collect();
    Candidate { key: hash_word(text), text: text.to_owned(), ids, prior, origin }
}
