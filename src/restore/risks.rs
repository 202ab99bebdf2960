//! How much of the risk that a preset allows is taken, by what an edit rests on.
//!
//! In: a profile, and whether the posteriors come from the reranker or from a second opinion. Out: the greatest odds of a word as it stands against the reading that is put in its place.

use crate::lexicon::Profile;

/// The most that is risked in any case.
const MOST_RISK: f32 = 0.42;
/// Of what is held to be swapped the share that a list does not hold, up to which it counts as whole, and from which on as half: it is below 0.04 where all
/// pairs are listed, 0.03 to 0.15 where nine in ten are, 0.15 to 0.64 where half of them are.
const NEARLY_NONE: f32 = 0.05;
const A_HALF: f32 = 0.3;

/// What the risk that a preset allows is multiplied by.
pub(super) struct Risks {
    /// Of an edit that a list says which people wrote down, if it holds all that is swapped, and if it holds a part; and of one that it does not say.
    written: f32,
    partly: f32,
    beyond_written: f32,
    /// Of any edit where the list was counted, on text enough to have met the frequent words; and on less.
    counted: f32,
    lacking: f32,
    /// Of any edit where the list was deciphered.
    deciphered: f32,
    /// Of an edit where nothing is known of the spinner.
    unknown: f32,
    /// The most that is risked where there is a list.
    most: f32,
}

/// By the reranker.
pub(super) const RERANKED: Risks =
    Risks { written: 2.5, partly: 0.78, beyond_written: 0.78, counted: 1.0, lacking: 0.75, deciphered: 1.2, unknown: 1.4, most: MOST_RISK };
/// Where doubtful places were read again by a second opinion: then the posteriors are less sure of themselves.
pub(super) const REREAD: Risks =
    Risks { written: 7.5, partly: 7.5, beyond_written: 0.8, counted: 5.25, lacking: 5.0, deciphered: 5.0, unknown: 1.2, most: 2.0 };

impl Risks {
    /// The greatest odds of a word that is edited, by the `risk` that a preset allows; `listed` if the list in use says the edit. `beyond` is the share of what is
    /// held to be swapped that the list does not hold.
    pub(super) fn of(&self, risk: f32, profile: Option<&Profile>, listed: bool, beyond: f32) -> f32 {
        let Some(profile) = profile else { return (risk * self.unknown).min(MOST_RISK) };
        let share = match profile.lacking() > 0.0 {
            true if profile.is_well_counted() => self.counted,
            true if profile.is_counted() => self.lacking,
            true => self.deciphered,
            false if listed => {
                let part = ((beyond - NEARLY_NONE) / (A_HALF - NEARLY_NONE)).clamp(0.0, 1.0);
                self.written.powf(1.0 - part) * self.partly.powf(part)
            }
            false => self.beyond_written,
        };
        (risk * share).min(self.most)
    }
}
