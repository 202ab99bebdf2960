//! For each cipher word what it may stand for, in any text.
//!
//! In: a cipher word. Out: its [`Leads`]: what stays in any case, and what there is to choose from. Leads are found once a word; what
//! there is to choose from, which takes a walk through the thesaurus, when it is first asked for.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::candidates::{Candidate, Origin, UNKNOWN_WORD};
use super::cipher::{Cipher, OF_OPEN_CLASS, open_prior};
use super::links::Links;
use crate::lexicon::CLOSED_CLASS;
use crate::lexicon::thesaurus::{Limits, Relation, Thesaurus, Way};
use crate::lm::reading::token_key;
use crate::lm::{LanguageModel, NgramModel, WordId, hash_word, special};

/// How much less probable an image is that the model does not know, in nats: of what WordNet offers, spinners choose the
/// current words (of the observed pairs of the family `beryllium` 4 in 77 have such an image, 15 in 100 of the relatives to choose from).
const RARE_IMAGE: f32 = -2.0;
/// The same for an image that no dictionary knows either: a name, or a slip of the pen.
const NO_WORD: f32 = -8.0;
/// Most leads of one word where a profile is known.
const MAX_UNLISTED_LEADS: usize = 16;
/// Log probability of one small number among all that the model has in one class.
const ONE_NUMBER: f32 = -3.7;
/// Log probability in plain English from which on a word of an open class may stand behind any cipher word: some 400 of them.
const FREQUENT: f32 = -8.5;
/// Fewest letters of such a word.
const FEWEST_LETTERS: usize = 3;
/// Words whose leads are remembered from one document to the next: where a list holds nearly all swaps, which leaves few leads, and elsewhere.
const MAX_MET: usize = 12_000;
const MAX_MET_UNLISTED: usize = 6_000;

/// What one spinner's words may stand for.
#[derive(Debug)]
pub(super) struct Glossary<'a> {
    cipher: Cipher<'a>,
    model: NgramModel<'a>,
    links: Links<'a>,
    /// The words that may stand behind any cipher word, the most probable first.
    open: Vec<Open>,
    /// The same words, to look one up.
    closed: FxHashSet<WordId>,
    /// Frequent words of open classes, which may stand behind any cipher word too, in the order of their numbers, once somebody has asked.
    frequent: OnceLock<Vec<WordId>>,
    /// Most leads of one word, where no profile is known.
    most: usize,
    /// Leads of words met before: a pure function of the word, so it does not matter who filled it in.
    met: RwLock<FxHashMap<String, Arc<Leads>>>,
}

/// What may stand behind a cipher word in any text.
#[derive(Debug)]
pub(super) struct Leads {
    word: String,
    /// The word itself, and what the profile lists.
    pub(super) sure: Arc<[Candidate]>,
    /// Relatives and words of closed classes, most probable first, as many as are asked for; behind them the other words of closed classes, and last the
    /// frequent ones of open classes. Empty for a phrase.
    rest: OnceLock<Vec<Lead>>,
}

/// A candidate that has yet to be chosen: a single word of the model. Small, for those of thousands of words are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    pub(super) id: WordId,
    /// First step and number of steps, if the thesaurus connects the two.
    related: Option<(Relation, u8)>,
    /// Whether it is a frequent word of an open class, connected by nothing.
    frequent: bool,
    pub(super) prior: f32,
}

/// A word of a closed class: the same for every cipher word.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: WordId,
    /// What it would be worth if no profile listed it.
    guess: f32,
}

impl<'a> Glossary<'a> {
    pub(super) fn new(model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, cipher: Cipher<'a>, most: usize) -> Self {
        let links = Links::new(thesaurus, model.vocabulary(), cipher.profile);
        let open = if cipher.lists_frequent_words() { Vec::new() } else { open(&cipher, &model) };
        let closed = open.iter().map(|open| open.id).collect();
        Self { cipher, model, links, open, closed, frequent: OnceLock::new(), most, met: RwLock::default() }
    }

    /// What may stand behind a cipher word or phrase (lower case).
    pub(super) fn leads(&self, word: &str) -> Arc<Leads> {
        if let Some(found) = self.met.read().unwrap_or_else(PoisonError::into_inner).get(word) {
            return Arc::clone(found);
        }
        let found = Arc::new(Leads { word: word.to_owned(), sure: self.sure(word), rest: OnceLock::new() });
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        if met.len() < if self.cipher.is_listed() { MAX_MET } else { MAX_MET_UNLISTED } {
            met.insert(word.to_owned(), Arc::clone(&found));
        }
        found
    }

    /// What there is to choose from beside the sure candidates.
    pub(super) fn rest<'l>(&self, leads: &'l Leads) -> &'l [Lead] {
        leads.rest.get_or_init(|| if leads.word.contains(' ') { Vec::new() } else { self.relatives(&leads.word, &leads.sure) })
    }

    /// Whether the thesaurus has a word as it stands, not as a form of another.
    pub(super) fn is_headword(&self, word: &str) -> bool {
        !self.links.thesaurus().senses(word).is_empty()
    }

    fn own(&self, word: &str) -> WordId {
        self.model.vocabulary().id_or_unknown(&token_key(word))
    }

    /// The word itself, if it is not a phrase, and what the profile lists.
    fn sure(&self, word: &str) -> Arc<[Candidate]> {
        let (cipher, model) = (&self.cipher, &self.model);
        let itself = || {
            let own = self.own(word);
            let frequency = if own == special::UNKNOWN { UNKNOWN_WORD } else { model.unigram(own).0 };
            let class = if word.starts_with(|c: char| c.is_ascii_digit()) { ONE_NUMBER } else { 0.0 };
            Candidate::new(word, cipher.identity(word, frequency) + class, Origin::Identity, model)
        };
        let listed = cipher.profile.into_iter().flat_map(|profile| profile.behind(word)).map(|pair| {
            let origin = Origin::Listed { confidence: pair.confidence, count: pair.count, source: pair.source };
            Candidate::new(&pair.plain, cipher.listed(&pair.plain, pair.confidence), origin, model)
        });
        (!word.contains(' ')).then(itself).into_iter().chain(listed).collect()
    }

    /// Relatives of a word, and words of closed classes.
    fn relatives(&self, word: &str, sure: &[Candidate]) -> Vec<Lead> {
        let Self { cipher, model, links, open, closed, most, .. } = self;
        let frequent = self.frequent.get_or_init(|| if cipher.is_listed() { Vec::new() } else { frequent(model, closed) });
        let image = match self.own(word) == special::UNKNOWN {
            true if links.thesaurus().contains(word) => RARE_IMAGE,
            true => NO_WORD,
            false => 0.0,
        };
        let mut seen: FxHashSet<WordId> = sure.iter().flat_map(|candidate| &candidate.ids).copied().collect();
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
        let number = if cipher.is_listed() { MAX_UNLISTED_LEADS } else { *most };
        rest.extend(open.iter().filter(|open| seen.insert(open.id)).map(|open| (open.guess, open.id, None)));
        let better = |a: &(f32, WordId, Option<Way>), b: &(f32, WordId, Option<Way>)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if rest.len() > number {
            rest.select_nth_unstable_by(number, better);
            let mut behind = rest.split_off(number);
            behind.retain(|(_, id, _)| !cipher.is_listed() && (closed.contains(id) || frequent.binary_search(id).is_ok()));
            behind.sort_unstable_by(better);
            rest.sort_unstable_by(better);
            rest.append(&mut behind);
        } else {
            rest.sort_unstable_by(better);
        }
        let lead = |id: WordId, way: Option<Way>, share: f32, frequent: bool| Lead {
            id,
            related: way.map(|way| (way.relation(), way.distance())),
            frequent,
            prior: image + cipher.unlisted(links.is_known(id), model.unigram(id).0) + share,
        };
        let of_open_class = frequent.iter().filter(|id| !seen.contains(id)).map(|&id| lead(id, None, OF_OPEN_CLASS.ln(), true));
        let share =
            |id: WordId, way: Option<Way>| way.map_or_else(|| open_prior(model.unigram(id).0).ln(), |way| links.thesaurus().share(way));
        rest.into_iter().map(|(_, id, way)| lead(id, way, share(id, way), false)).chain(of_open_class).collect()
    }
}

/// The words that may stand behind any cipher word, the most probable first.
fn open(cipher: &Cipher<'_>, model: &NgramModel<'_>) -> Vec<Open> {
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

/// The frequent words that are not of closed classes.
fn frequent(model: &NgramModel<'_>, closed: &FxHashSet<WordId>) -> Vec<WordId> {
    let vocabulary = model.vocabulary();
    let is_one = |&id: &WordId| {
        let word = vocabulary.word(id);
        let spelt = word.len() >= FEWEST_LETTERS && word.bytes().all(|letter| letter.is_ascii_lowercase());
        spelt && model.unigram(id).0 > FREQUENT && !closed.contains(&id)
    };
    (0..vocabulary.len()).filter_map(|id| WordId::try_from(id).ok()).filter(is_one).collect()
}

impl Lead {
    /// The lead as a candidate.
    pub(super) fn candidate(&self, model: &NgramModel<'_>) -> Candidate {
        let text = model.vocabulary().word(self.id).to_owned();
        let origin = match self.related {
            Some((relation, distance)) => Origin::Related { relation, distance },
            None if self.frequent => Origin::Frequent,
            None => Origin::Open,
        };
        Candidate { key: hash_word(&text), text, ids: vec![self.id], prior: self.prior, origin }
    }
}
