//! The plain words that a cipher word may stand for.
//!
//! In: a cipher word and the models. Out: its [`Candidate`]s, most probable first, itself among them.

use rustc_hash::FxHashSet;

use super::cipher::Cipher;
use crate::lexicon::Source;
use crate::lexicon::thesaurus::{Limits, Relation, Thesaurus};
use crate::lm::reading::{token_key, word_key};
use crate::lm::{LanguageModel, NgramModel, WordId, special};

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
    /// A frequent word, connected by nothing.
    Open,
}

/// A plain word, or phrase, that a cipher word may stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The plain text, lower case.
    pub text: String,
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
/// Frequent words, by rank in the model, that may stand behind any cipher word.
const OPEN_RANKS: WordId = 300;

/// A candidate before its text is copied.
struct Lead<'w> {
    text: &'w str,
    id: WordId,
    prior: f32,
    origin: Origin,
}

/// The candidates of the cipher word `word` (lower case), at most `limit` besides itself and what the profile lists.
pub(super) fn candidates(
    word: &str,
    cipher: &Cipher<'_>,
    thesaurus: &Thesaurus<'_>,
    model: &NgramModel<'_>,
    limit: usize,
) -> Vec<Candidate> {
    let vocabulary = model.vocabulary();
    let own = vocabulary.id_or_unknown(&token_key(word));
    let frequency = if own == special::UNKNOWN { UNKNOWN_WORD } else { model.unigram(own).0 };
    let class = if word.starts_with(|c: char| c.is_ascii_digit()) { ONE_NUMBER } else { 0.0 };
    let mut out = vec![candidate(word, cipher.identity(word, frequency) + class, Origin::Identity, model)];
    for pair in cipher.profile.into_iter().flat_map(|profile| profile.behind(word)) {
        let prior = cipher.listed(&pair.plain, pair.confidence);
        let origin = Origin::Listed { confidence: pair.confidence, count: pair.count, source: pair.source };
        out.push(candidate(&pair.plain, prior, origin, model));
    }
    if limit == 0 {
        return out;
    }
    let mut seen: FxHashSet<WordId> = out.iter().flat_map(|c| &c.ids).copied().collect();
    let mut rest: Vec<Lead<'_>> = Vec::new();
    let limits = Limits { max_distance: 2, max_number: 400, ..Limits::default() };
    for way in thesaurus.plaintexts(word, &limits) {
        let Some(id) = vocabulary.id(&word_key(way.word)) else { continue };
        if seen.insert(id) {
            let origin = Origin::Related { relation: way.relation, distance: way.distance };
            rest.push(Lead { text: way.word, id, prior: cipher.related(&way, model.unigram(id).0), origin });
        }
    }
    for id in special::BREAK + 1..=special::BREAK + OPEN_RANKS {
        let text = vocabulary.word(id);
        if text.bytes().all(|b| b.is_ascii_lowercase()) && seen.insert(id) {
            rest.push(Lead { text, id, prior: cipher.open(text, model.unigram(id).0), origin: Origin::Open });
        }
    }
    // what is both probable as a swap and frequent as a word
    let weight = |lead: &Lead<'_>| lead.prior + model.unigram(lead.id).0;
    rest.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.text.cmp(b.text)));
    out.extend(rest.into_iter().take(limit).map(|lead| Candidate {
        text: lead.text.to_owned(),
        ids: vec![lead.id],
        prior: lead.prior,
        origin: lead.origin,
    }));
    out
}

fn candidate(text: &str, prior: f32, origin: Origin, model: &NgramModel<'_>) -> Candidate {
    let ids = text.split(' ').map(|word| model.vocabulary().id_or_unknown(&token_key(word))).collect();
    Candidate { text: text.to_owned(), ids, prior, origin }
}
