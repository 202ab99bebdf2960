//! A plain word that a cipher word may stand for.
//!
//! In: a plain text, its prior and why it is there. Out: a [`Candidate`], with its words in the model.

use crate::lexicon::Source;
use crate::lexicon::thesaurus::Relation;
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
    /// A frequent word of an open class, connected by nothing. The verdict does not go by it: it is no more than one guess among hundreds.
    Frequent,
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

/// Log probability of a word in plain English without context, in nats; of one unknown word, not of all.
pub(super) fn frequency(model: &NgramModel<'_>, id: WordId) -> f32 {
    model.unigram(id).0 + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 }
}

/// Of what is held to be swapped, the share that no list holds, 0 to 1; a reading is the candidates of a place with their posteriors.
pub fn unlisted_share<'r>(readings: impl Iterator<Item = (&'r [Candidate], &'r [f32])>) -> f32 {
    let (mut listed, mut unlisted) = (0.0f32, 0.0f32);
    for (candidate, share) in readings.flat_map(|(candidates, posterior)| candidates.iter().zip(posterior)) {
        match candidate.origin {
            Origin::Identity => {}
            Origin::Listed { .. } => listed += share,
            Origin::Related { .. } | Origin::Open | Origin::Frequent => unlisted += share,
        }
    }
    unlisted / (listed + unlisted).max(f32::MIN_POSITIVE)
}

impl Candidate {
    pub(super) fn new(text: &str, prior: f32, origin: Origin, model: &NgramModel<'_>) -> Self {
        let ids = text.split(' ').map(|word| model.vocabulary().id_or_unknown(&token_key(word))).collect();
        Self { key: hash_word(text), text: text.to_owned(), ids, prior, origin }
    }
}
