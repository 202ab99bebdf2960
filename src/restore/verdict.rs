//! The verdict on a text, by what the decoder made of it.
//!
//! In: a decoding and bars. Out: a [`Judgement`] of the text and of its paragraphs.

use std::collections::HashMap;

use super::shares::paragraph_of;
use crate::decode::{Decoding, Origin, Place, Readings};
use crate::detect::{Bar, DetectOptions, Judgement, Swaps, judge};
use crate::text::Segments;

/// Probability that a word is swapped from which on it certainly is.
const SURE: f32 = 0.95;

/// The verdict on what was decoded, if one of the bars is enough.
pub(super) fn judgement(decoding: &Decoding, found: &Segments, bars: &[Bar], options: &DetectOptions) -> Judgement {
    let swaps = |marked: &[bool]| {
        let mut places: HashMap<usize, usize> = HashMap::new();
        let (mut sure, mut expected, mut open) = (0, 0, 0);
        let readings = &decoding.readings;
        for place in readings.places.iter().filter(|place| marked.get(paragraph_of(found, place)) == Some(&true)) {
            open += usize::from(readings.candidates(place).len() > 1);
            expected += usize::from(place.expects_swap());
            let swap = likely_swap(readings, place);
            if swap > 0.5 {
                *places.entry(place.word).or_default() += 1;
                sure += usize::from(swap > SURE);
            }
        }
        let repeated = places.values().filter(|&&places| places > 1).sum();
        Swaps { words: places.len(), repeated, sure, expected, open }
    };
    judge(&decoding.paragraphs, &swaps, bars, options)
}

/// Probability that the word at a place is not itself, but for the frequent words that anything may stand for.
fn likely_swap(readings: &Readings, place: &Place) -> f32 {
    let (mut frequent, mut others) = (0.0f32, 0.0f32);
    for (candidate, share) in readings.candidates(place).iter().zip(readings.posterior(place)) {
        match candidate.origin {
            Origin::Frequent => frequent += share,
            Origin::Identity => {}
            _ => others += share,
        }
    }
    others / (1.0 - frequent).max(f32::MIN_POSITIVE)
}
