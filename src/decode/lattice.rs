//! The lattice of a sentence: at each token the plain words that may stand there.
//!
//! In: the readings of a sentence and the candidates of its touchable tokens. Out: slots from left to right, each with
//! arcs to a later slot. A fixed token is one arc; a phrase of the profile is an arc over several slots.

use crate::lm::WordId;

/// One way on from a slot.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    /// Slot that it leads to.
    pub(super) to: usize,
    /// Words of the plain text.
    pub(super) ids: Vec<WordId>,
    /// Log probability of what stands in the text, given these words.
    pub(super) weight: f32,
    /// Which candidate it is: index of the place, index of the candidate. `None` for fixed tokens.
    pub(super) choice: Option<(usize, usize)>,
    /// Number of candidates of the place.
    pub(super) choices: usize,
}

/// Arcs by the slot where they start; the last slot has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Lattice {
    pub(super) slots: Vec<Vec<Arc>>,
    /// Slots in front of which the context is lost.
    pub(super) breaks: Vec<bool>,
}
