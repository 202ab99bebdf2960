//! How much of the risk that a preset allows is taken, by what an edit rests on.
//!
//! In: a profile, and whether the posteriors come from the reranker or from a second opinion. Out: factors of the greatest probability that an edited word was right.

use crate::lexicon::Profile;

/// The most that is risked in any case.
pub(super) const MOST_RISK: f32 = 0.32;
/// What the risk that a preset allows is multiplied by.
pub(super) struct Risks {
    /// Of an edit that the profile in use lists: of one that people wrote down, and of one that was counted, where fewer words may be damaged.
    written: f32,
    counted: f32,
    /// The same of one that was counted and lacks much.
    lacking: f32,
    /// The most that is risked with these.
    pub(super) most: f32,
    /// Of an edit where nothing is known of the spinner.
    pub(super) unknown: f32,
}

/// By the reranker.
pub(super) const RERANKED: Risks = Risks { written: 2.6, counted: 1.15, lacking: 1.0, most: MOST_RISK, unknown: 1.25 };
/// Where doubtful places were read again by a second opinion: then the posteriors are less sure of themselves.
pub(super) const REREAD: Risks = Risks { written: 7.5, counted: 5.25, lacking: 5.0, most: 2.0, unknown: 1.2 };

impl Risks {
    /// Of an edit that this profile lists.
    pub(super) fn listed(&self, profile: &Profile) -> f32 {
        match profile.lacking() {
            lacking if lacking <= 0.0 => self.written,
            _ if profile.is_well_counted() => self.counted,
            _ => self.lacking,
        }
    }
}
