//! What speaks at each place for the word as it stands.
//!
//! In: a passage, and what was found in it. Out: the [`Signs`] of each place, for the calibration to weigh. They are taken off the readings of the
//! whole text once, after the last round.

use rustc_hash::FxHashMap;

use super::{Decoder, Place, Readings};
use crate::decode::calibration::Signs;
use crate::decode::candidates::{Candidate, Origin, UNKNOWN_WORD};
use crate::decode::passage::{Passage, Slot};
use crate::lexicon::CLOSED_CLASS;
use crate::lm::{LanguageModel, WordId, special};

/// Log probability of a frequent word, in nats, and how many of them are assumed to be swapped and to stay.
const FREQUENT: f32 = -9.0;
const FEW_FREQUENT: f32 = 0.5;
/// Posterior from which a plaintext counts among those of a text.
const POSSIBLE: f32 = 0.01;
impl Decoder<'_> {
    /// Whether a plaintext is a frequent word that a dictionary lists, and not one that carries grammar.
    fn is_frequent(&self, candidate: &Candidate) -> bool {
        let frequent = candidate.ids.first().is_some_and(|&id| self.model.unigram(id).0 > FREQUENT);
        frequent && CLOSED_CLASS.binary_search(&candidate.text.as_str()).is_err() && self.glossary.is_headword(&candidate.text)
    }

    /// What speaks at each place for the word as it stands.
    pub(super) fn signs(&self, passage: &Passage, readings: &Readings) -> Vec<Signs> {
        let mut number = vec![0usize; readings.words.len()];
        // at how many places each plaintext is expected, and behind which word
        let mut expected: FxHashMap<u64, f32> = FxHashMap::default();
        let mut behind: FxHashMap<(usize, u64), f32> = FxHashMap::default();
        // of frequent headwords, how many are expected, and how many of these swapped
        let (mut frequent, mut swapped) = (2.0 * FEW_FREQUENT, FEW_FREQUENT);
        let mut is_frequent: FxHashMap<u64, bool> = FxHashMap::default();
        for place in &readings.places {
            number[place.word] += 1;
            let likely = readings.candidates(place).iter().zip(readings.posterior(place)).filter(|(_, share)| **share > POSSIBLE);
            for (candidate, share) in likely {
                *expected.entry(candidate.key).or_default() += share;
                *behind.entry((place.word, candidate.key)).or_default() += share;
                if *is_frequent.entry(candidate.key).or_insert_with(|| self.is_frequent(candidate)) {
                    frequent += share;
                    swapped += if candidate.origin == Origin::Identity { 0.0 } else { *share };
                }
            }
        }
        let mut fixed: FxHashMap<WordId, usize> = FxHashMap::default();
        for slot in passage.sentences.iter().flat_map(|sentence| &sentence.slots) {
            if let Slot::Fixed(ids) = slot
                && let [id] = **ids
                && id > special::BREAK
            {
                *fixed.entry(id).or_default() += 1;
            }
        }
        let of_word = |&id: &WordId| self.model.unigram(id).0 + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 };
        let frequency = |candidate: &Candidate| candidate.ids.first().map_or(0.0, of_word);
        let headwords: Vec<bool> = readings.words.iter().map(|(word, _)| self.glossary.is_headword(word)).collect();
        let listing = |word: &str| self.cipher.profile.map_or(0.0, |profile| profile.listed(word));
        let swappable: Vec<f32> = readings.words.iter().map(|(word, _)| listing(word)).collect();
        let of_place = |place: &Place| {
            let (lone, headword) = (number[place.word] == 1, headwords[place.word]);
            let (topic, odds, rate, swappable) = (place.topic, place.odds, swapped / frequent, swappable[place.word]);
            let mut signs = Signs { topic, lone, headword, odds, rate, swappable, ..Signs::default() };
            for (candidate, &share) in readings.candidates(place).iter().zip(readings.posterior(place)) {
                if candidate.origin == Origin::Identity {
                    (signs.posterior, signs.frequency) = (share, frequency(candidate));
                    signs.untouched = candidate.ids.first().and_then(|id| fixed.get(id)).copied().unwrap_or(0);
                } else if share > signs.share {
                    (signs.plaintext, signs.share, signs.prior) = (frequency(candidate), share, candidate.prior);
                    signs.same = behind.get(&(place.word, candidate.key)).map_or(0.0, |places| places - share);
                    signs.listed = matches!(candidate.origin, Origin::Listed { .. });
                    signs.synonym = matches!(candidate.origin, Origin::Related { distance: 0, .. });
                    signs.elsewhere = expected.get(&candidate.key).map_or(0.0, |places| places - share);
                }
            }
            signs.confidence = signs.share / (1.0 - signs.posterior).max(signs.share).max(f32::MIN_POSITIVE);
            signs
        };
        readings.places.iter().map(of_place).collect()
    }
}
