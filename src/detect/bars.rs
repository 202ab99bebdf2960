//! What the evidence of a text must come to, by what is assumed of the spinner.
//!
//! In: the thresholds for a known spinner. Out: [`Bar`]s; a text is spun if it reaches one of them in all respects. Each says little in one
//! respect and asks for more in another, and was set so that none of 1,975 clean texts reaches it.

use serde::{Deserialize, Serialize};

/// Least evidence of a spun text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Bar {
    /// Log likelihood ratio that a spun document reaches, in nats.
    pub ratio: f32,
    /// Log likelihood ratio for each touchable word that a spun stretch reaches, in nats.
    pub ratio_per_word: f32,
    /// The same where swapped words come again and again: old prose has unlikely words, but not the same ones throughout.
    pub repeated_ratio_per_word: f32,
    /// Log probability of each word, cipher included, that a spun stretch reaches once it is deciphered, in nats: what
    /// is deciphered must be English.
    pub fluency: f32,
    /// Least number of different swapped words in a spun document.
    pub swaps: usize,
    /// Least share of touchable words that are certainly swapped.
    pub sure: f32,
    /// Least number of swaps that the network surely expects, beyond what it expects in clean text, in square roots of the number of places that can
    /// be read in several ways.
    pub excess: f32,
    /// Least share of those places at which it does.
    pub expected: f32,
}

impl Default for Bar {
    fn default() -> Self {
        Self {
            ratio: 24.0,
            ratio_per_word: 0.35,
            repeated_ratio_per_word: 0.16,
            fluency: -7.4,
            swaps: 5,
            sure: 0.0,
            excess: 0.0,
            expected: 0.0,
        }
    }
}

/// By which factor the ratio must be higher where a known spinner is assumed to swap only some of what it lists: then words that it lists, and
/// that stand in the text as they are, speak no longer against it.
const SPARING_SCALE: f32 = 3.4;
/// Least number of different swapped words then.
const SPARING_SWAPS: usize = 10;
/// How much more fluent a text must be then, in nats a word: most of it is as it was written.
const SPARING_FLUENCY: f32 = 1.0;

/// By which factor the ratio must be higher where no profile explains the text.
const UNKNOWN_SCALE: f32 = 2.0;
/// How much less fluent a text may be that no profile explains, in nats a word: not all of it is deciphered.
const UNKNOWN_FLUENCY: f32 = 0.6;
/// Log likelihood ratio for each touchable word from which such a text need not be fluent, in nats: so many words of it are swapped
/// that few are deciphered. What else is not English has unlikely words, but no likelier ones behind them.
const DENSE_RATIO_PER_WORD: f32 = 0.35;
/// Share of words that are certainly swapped in such a text, and its different swapped words. Of 5,375 clean paragraphs of 60 to 130 words none comes to
/// more than 18 nats and eight such words.
const DENSE_SURE: f32 = 0.07;
const DENSE_SWAPS: usize = 8;

/// Share of strangers ([`super::Sifted::strangers`]) from which on weaker likelihoods are enough. Of 1,975 clean texts one has more, with a
/// ratio of 0.02 a word; rows of words without sense have more, and ratios of at most 0.01.
const MANY_STRANGERS: f32 = 0.17;
/// Log likelihood ratio for each touchable word that is enough then, in nats.
const STRANGE_RATIO_PER_WORD: f32 = 0.1;

/// Share of words that are certainly swapped from which on weaker likelihoods are enough: where little is swapped, the words that are not speak
/// against it. Of 2,674 clean texts, all decoded, those that are so fluent have ratios of at most 0.066 a word, or eight different swaps.
const MANY_SURE: f32 = 0.04;
/// Log likelihood ratio for each touchable word that is enough then, in nats.
const SURE_RATIO_PER_WORD: f32 = 0.075;
/// How much more fluent a text must be then than others of unknown spinners, in nats a word; and its different swapped words.
const SURE_FLUENCY: f32 = 1.5;
const SURE_SWAPS: usize = 9;

/// How much more fluent than others of unknown spinners a text must be where fewer words are certainly swapped, in nats a word: whatever clean
/// text the decoder finds likelier words in (verse, old prose, jargon) is not. Of 2,674 clean texts those that are so fluent have up to 0.07 nats a
/// word, but for one that the sieve clears.
const FLUENT: f32 = 1.7;
/// What is enough then: log likelihood ratio and the same for each touchable word, in nats, and the share of words that are certainly swapped.
const FLUENT_RATIO: f32 = 20.0;
const FLUENT_RATIO_PER_WORD: f32 = 0.08;
const FLUENT_SURE: f32 = 0.018;

/// What is enough where the network expects so many swaps: of 9,796 clean texts, all decoded, that come so far otherwise none has more than 0.93 (a
/// letter by somebody who loves rare synonyms), the next 0.56.
const EXCESS: f32 = 1.0;
const EXPECTED_RATIO: f32 = 8.0;
const EXPECTED_RATIO_PER_WORD: f32 = 0.1;
/// Share of the places at which it does, from which on such a text need not be fluent either: short ones are hardly deciphered. Clean texts have 0.18 at most (a
/// chat without capitals).
const CROWDED: f32 = 0.22;

impl Bar {
    /// For a known spinner that swaps only some of what it lists.
    #[must_use]
    pub fn sparing(self) -> Self {
        Self { ratio: self.ratio * SPARING_SCALE, swaps: SPARING_SWAPS, fluency: self.fluency + SPARING_FLUENCY, ..self }
    }

    /// For a spinner that no profile knows, in a text with that share of strangers.
    #[must_use]
    pub fn unknown(self, strangers: f32) -> [Self; 6] {
        let usual = Self { ratio: self.ratio * UNKNOWN_SCALE, fluency: self.fluency - UNKNOWN_FLUENCY, ..self };
        let usual = match strangers >= MANY_STRANGERS {
            true => {
                Self { ratio: self.ratio, ratio_per_word: STRANGE_RATIO_PER_WORD, repeated_ratio_per_word: STRANGE_RATIO_PER_WORD, ..usual }
            }
            false => usual,
        };
        let least = |ratio_per_word: f32| Self { ratio_per_word, repeated_ratio_per_word: ratio_per_word, ..usual };
        let dense =
            Self { ratio: self.ratio, fluency: f32::NEG_INFINITY, swaps: DENSE_SWAPS, sure: DENSE_SURE, ..least(DENSE_RATIO_PER_WORD) };
        let sure = Self {
            ratio: self.ratio,
            fluency: usual.fluency + SURE_FLUENCY,
            swaps: SURE_SWAPS,
            sure: MANY_SURE,
            ..least(SURE_RATIO_PER_WORD)
        };
        let fluent = Self {
            ratio: FLUENT_RATIO,
            fluency: usual.fluency + FLUENT,
            swaps: SURE_SWAPS,
            sure: FLUENT_SURE,
            ..least(FLUENT_RATIO_PER_WORD)
        };
        let expected = Self { ratio: EXPECTED_RATIO, excess: EXCESS, ..least(EXPECTED_RATIO_PER_WORD) };
        let crowded = Self { fluency: f32::NEG_INFINITY, expected: CROWDED, ..expected };
        [usual, dense, sure, fluent, expected, crowded]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_less_in_one_respect_asks_for_more_in_another() {
        let known = Bar::default();
        let sparing = known.sparing();
        assert!(sparing.ratio > known.ratio && sparing.swaps > known.swaps && sparing.fluency > known.fluency);
        let [usual, dense, sure, fluent, expected, crowded] = known.unknown(0.1);
        assert!(crowded.fluency < expected.fluency && crowded.expected > expected.expected);
        assert!(expected.excess > 0.0 && expected.ratio < fluent.ratio);
        assert!(usual.ratio > known.ratio && usual.fluency < known.fluency);
        assert!(dense.fluency < usual.fluency && dense.sure > 0.0 && dense.swaps > usual.swaps);
        assert!(sure.ratio < usual.ratio && sure.sure > 0.0 && sure.fluency > usual.fluency);
        assert!(fluent.sure < sure.sure && fluent.ratio < sure.ratio && fluent.fluency > sure.fluency);
        let [strange, ..] = known.unknown(0.2);
        assert!(strange.ratio < usual.ratio && strange.ratio_per_word < usual.ratio_per_word);
    }
}
