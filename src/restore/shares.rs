//! What the decoder found, summed up over a text: how much is swapped, and how much of that a profile knows.
//!
//! In: [`Readings`]. Out: shares and probabilities, from 0 to 1.

use crate::decode::{Origin, Place, Readings, unlisted_share};
use crate::detect::{Judgement, Verdict};
use crate::lexicon::Profile;
use crate::text::Segments;

/// Confidence of its pairs from which on a word that stays counts as left alone by a spinner that lists it.
const SURELY_LISTED: f32 = 0.8;

/// Whether a place lies in a paragraph that is spun.
pub(super) fn is_spun(judgement: &Judgement, found: &Segments, place: &Place) -> bool {
    is_spun_paragraph(judgement, paragraph_of(found, place))
}

/// Whether the paragraph with this index is spun.
pub(super) fn is_spun_paragraph(judgement: &Judgement, paragraph: usize) -> bool {
    judgement.paragraphs.get(paragraph) == Some(&Verdict::Spun)
}

/// Index of the paragraph that a place lies in.
pub(super) fn paragraph_of(found: &Segments, place: &Place) -> usize {
    found.paragraphs.partition_point(|paragraph| paragraph.end <= place.tokens.start)
}

/// Probability that the word at a place is not itself.
pub(super) fn swap_probability(readings: &Readings, place: &Place) -> f32 {
    let candidates = readings.candidates(place).iter().zip(readings.posterior(place));
    candidates.filter(|(c, _)| c.origin != Origin::Identity).map(|(_, share)| share).sum()
}

/// Of what is held to be swapped at the places that are `asked` for, the share that the profile does not list.
pub(super) fn unlisted(readings: &Readings, asked: impl Fn(&Place) -> bool) -> f32 {
    unlisted_share(readings.places.iter().filter(|place| asked(place)).map(|place| (readings.candidates(place), readings.posterior(place))))
}

/// Of the words that the profile lists, the share that is swapped, at the places that are `asked` for.
pub(super) fn used(readings: &Readings, profile: &Profile, asked: impl Fn(&Place) -> bool) -> f32 {
    let listed: Vec<bool> = readings.words.iter().map(|(word, _)| profile.listed(word) >= SURELY_LISTED).collect();
    let (mut swapped, mut kept) = (0.0f32, 0.0f32);
    for place in readings.places.iter().filter(|place| asked(place)) {
        let swap = swap_probability(readings, place);
        swapped += swap;
        if listed.get(place.word) == Some(&true) {
            kept += 1.0 - swap;
        }
    }
    swapped / (swapped + kept).max(f32::MIN_POSITIVE)
}
