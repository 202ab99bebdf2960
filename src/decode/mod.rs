//! From garbled tokens to a plan of edits: candidates, lattice, search, confidence.
//!
//! In: a tokenised text, the models, and what is assumed of the spinner ([`Cipher`]). Out: a [`Decoding`]: for
//! every token that may have been swapped the posterior of its plaintext candidates, and for every
//! paragraph how much better a cipher explains it than plain English. Deciding is left to [`Plan`].

mod beliefs;
mod candidates;
mod cipher;
mod compose;
mod decoder;
mod evidence;
mod frame;
mod glossary;
mod lattice;
mod links;
mod owners;
mod passage;
mod phrases;
mod plan;
mod reranker;
mod search;
mod select;
mod senses;
mod signs;
mod surroundings;
mod sweep;
mod touched;

pub use candidates::{Candidate, Origin, unlisted_share};
pub use cipher::Cipher;
pub use compose::Trace;
pub use decoder::{Decoder, Decoding, Place, Readings};
pub use plan::{Alternative, Edit, Plan, PlanError, Reason, Undecided};
pub use reranker::{Reranker, RerankerError};
pub use signs::{NAMES, Row, SIGNS, Signs};
pub use touched::{ShapeCount, SureSwaps};

/// How the decoder works; the defaults are those of the presets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecodeOptions {
    /// Most hypotheses kept at one place of a sentence.
    pub beam: usize,
    /// The same where a profile is known that lists nearly all swaps: there is less to choose from.
    pub listed_beam: usize,
    /// Hypotheses worse than the best by more than this, in nats, are dropped.
    pub beam_width: f32,
    /// Times that the swap counts of the document are estimated anew.
    pub rounds: usize,
    /// The same where a profile is known that lists nearly all swaps: what it lists is settled at once.
    pub listed_rounds: usize,
    /// Before which round the candidates are chosen anew, by the words beside them as they are read by then; 0 for never.
    pub reselect: usize,
    /// The same where a profile is known that lists nearly all swaps; there they are chosen before the second round in any case.
    pub listed_reselect: usize,
    /// Weight of the words that the document uses anyway, against the language model.
    pub cache_weight: f32,
    /// What a word gains that fits the topic perfectly, in nats.
    pub topic_weight: f32,
    /// Weight of what the network expects at a place that no list has, against the language model.
    pub context_weight: f32,
    /// The same at a place that a list has.
    pub listed_context_weight: f32,
    /// Weight of what a cipher word stands for elsewhere in the document, 0 to 1.
    pub sense_weight: f32,
    /// How far the places of a cipher word count as evidence for each other, 0 to 1: their sentences are not independent.
    pub joint_weight: f32,
    /// Weight of the words that an article has used already where the places of a cipher word are taken together, 0 to 1: rare words
    /// come in bursts, and a burst of an unlikely word is no sign of a cipher.
    pub burst_weight: f32,
    /// Most words that the candidates of a cipher word are chosen from before the text has been read; then all words of closed classes are looked at too.
    pub leads: usize,
    /// Most plaintext candidates of a token, besides itself and what the profile lists.
    pub candidates: usize,
    /// The same once the text has been read.
    pub read_candidates: usize,
    /// The same where a profile is known: what it does not list is the exception.
    pub unlisted_candidates: usize,
    /// Most of both where a text of an unknown spinner is only weighed.
    pub weighed_leads: usize,
    /// See [`DecodeOptions::weighed_leads`].
    pub weighed_candidates: usize,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            beam: 12,
            listed_beam: 9,
            beam_width: 9.0,
            rounds: 4,
            listed_rounds: 2,
            reselect: 2,
            listed_reselect: 0,
            cache_weight: 0.05,
            topic_weight: 5.0,
            context_weight: 0.8,
            listed_context_weight: 0.5,
            sense_weight: 0.95,
            joint_weight: 0.7,
            burst_weight: 0.0,
            leads: 150,
            candidates: 30,
            read_candidates: 60,
            unlisted_candidates: 2,
            weighed_leads: 50,
            weighed_candidates: 8,
        }
    }
}
