//! What is assumed of a spinner before a document is seen: the probability of a cipher word given a plain word.
//!
//! With a profile: its pairs, with their confidence, and little else. Without: the thesaurus, and an open list of frequent
//! words, since spinners hit function words first and arbitrarily. The inverse rule is here: a word that the
//! spinner lists hardly ever stands for itself.

use crate::lexicon::{Profile, TouchRule};

/// A spinner as the decoder sees it.
#[derive(Clone, Copy, Debug)]
pub struct Cipher<'a> {
    /// The profile, if the family is known.
    pub profile: Option<&'a Profile>,
    /// In which shapes words are swapped.
    pub touch: TouchRule,
    /// Least probability that a word which the profile does not list is swapped.
    unlisted: f32,
    /// Which share of the pairs of the profile is in use.
    used: f32,
}

/// Probability that a listed word slips through unswapped, at the least.
const SLIP: f32 = 0.015;
/// Probability that a word which the profile does not list is swapped all the same, for a word of one in ten thousand: lists hold
/// the frequent words first, so what is missing is rare.
const UNLISTED_SWAP: f32 = 0.01;
/// Probability that a word is swapped which the spinner was seen to leave alone.
const STAYS: f32 = 0.0005;
/// Probability that a listed word is swapped for something else than the list says.
const OTHER_IMAGE: f32 = 0.0003;
/// Probability that an unlisted word is swapped, from which on the list does not count as whole.
const MOSTLY_LISTED: f32 = 0.05;
/// Probability that any word is swapped, when the family is unknown, and so is how much it swaps: as little as is worth looking for, since
/// a text that is swapped more says so (see `Evidence::swap_rates`).
const UNKNOWN_SWAP: f32 = 0.1;
/// The same where it is known that there is a spinner, and that it is at work on what the profile does not list.
const SPUN_SWAP: f32 = 0.35;
/// What is assumed to be missing from the profile of a spinner that is known in part, as a share of all swaps, if the profile knows of no more: more
/// brings more, and more harm.
const LACKING: f32 = 0.3;
/// Share of its list that a spinner uses which swaps sparingly.
const SPARING: f32 = 0.5;
/// Probability of one given cipher word for one of the most frequent plain words, when nothing connects them.
const OPEN: f32 = 1e-5;
/// The same for a plain word that is less frequent: arbitrary swaps hit function words; and for a frequent one of an open class, which one in four times
/// has an image that the thesaurus does not connect with it (of those that the family `beryllium` swaps), any of some ten thousand words.
const RARER_OPEN: f32 = 2.2e-6;
pub(super) const OF_OPEN_CLASS: f32 = 5e-6;
/// Log probability in plain English of the rarest words that count as function words.
const FUNCTION_WORD: f32 = -7.5;

impl<'a> Cipher<'a> {
    /// A known family.
    #[must_use]
    pub fn known(profile: &'a Profile) -> Self {
        Self { profile: Some(profile), touch: profile.touch, unlisted: 0.0, used: 1.0 }
    }

    /// A family of which there is a list, known in part if that knows of so much that it lacks.
    #[must_use]
    pub fn by(profile: &'a Profile) -> Self {
        if profile.is_short() { Self::known_in_part(profile) } else { Self::known(profile) }
    }

    /// A known family, in a text of which it swaps only some of the words that it lists.
    #[must_use]
    pub fn sparing(profile: &'a Profile) -> Self {
        Self { used: SPARING, ..Self::known(profile) }
    }

    /// A spinner that may be there or not, and of which nothing is known but the shapes it touches.
    #[must_use]
    pub fn unknown(touch: TouchRule) -> Self {
        Self { profile: None, touch, unlisted: UNKNOWN_SWAP, used: 1.0 }
    }

    /// A spinner that is there, and of which nothing else is known but the shapes it touches.
    #[must_use]
    pub fn unlisted_spinner(touch: TouchRule) -> Self {
        Self { profile: None, touch, unlisted: SPUN_SWAP, used: 1.0 }
    }

    /// A spinner of which a profile lists a part, of one text: how much is missing is what the profile knows to be, but not less than is worth looking for.
    #[must_use]
    pub fn known_in_part(profile: &'a Profile) -> Self {
        Self::partly_known(profile, profile.touch, LACKING.max(profile.lacking()))
    }

    /// A spinner of which part has been seen: of all swapped tokens, the share `missing` is of words that the profile does not list.
    #[must_use]
    pub fn partly_known(profile: &'a Profile, touch: TouchRule, missing: f32) -> Self {
        let missing = missing.clamp(0.0, 1.0);
        let unlisted = SPUN_SWAP * missing / (1.0 - SPUN_SWAP * (1.0 - missing));
        Self { profile: Some(profile), touch, unlisted, used: 1.0 }
    }

    /// The same spinner, touching other shapes.
    #[must_use]
    pub(super) fn touching(self, touch: TouchRule) -> Self {
        Self { touch, ..self }
    }

    /// Whether a profile is there that lists nearly all of what the spinner swaps.
    pub(super) fn is_listed(&self) -> bool {
        self.profile.is_some() && self.unlisted < MOSTLY_LISTED
    }

    /// Whether the profile has met every frequent word: then no function word is missing.
    pub(super) fn lists_frequent_words(&self) -> bool {
        self.profile.is_some_and(Profile::is_well_counted)
    }

    /// Probability that a word which no profile lists is swapped, by its log probability in plain English.
    pub(super) fn guess(&self, frequency: f32) -> f32 {
        match self.profile {
            None => self.unlisted,
            Some(_) => unlisted_swap(frequency).max(self.unlisted),
        }
    }

    /// Probability that `plain`, whose log probability in plain English is `frequency`, is swapped at all.
    fn swap(&self, plain: &str, frequency: f32) -> f32 {
        match self.profile {
            None => self.unlisted,
            Some(profile) => {
                let listed = profile.listed(plain);
                match listed > 0.0 {
                    true => self.used * listed.min(1.0 - SLIP),
                    false if profile.stays(plain) > 0 => STAYS,
                    false => unlisted_swap(frequency).max(self.unlisted),
                }
            }
        }
    }

    /// Log probability that a plain word stands for itself.
    #[must_use]
    pub fn identity(&self, word: &str, frequency: f32) -> f32 {
        (1.0 - self.swap(word, frequency)).ln()
    }

    /// Log probability of a listed pair: its confidence, shared with the other images of the plain word.
    #[must_use]
    pub fn listed(&self, plain: &str, confidence: f32) -> f32 {
        let total: f32 = self.profile.map_or(0.0, |profile| profile.images(plain).iter().map(|pair| pair.confidence).sum());
        (self.swap(plain, 0.0) * confidence / total.max(confidence).max(1e-6)).ln()
    }

    /// Log probability that a word, whose log probability in plain English is `frequency`, is swapped for something that the profile does
    /// not say; it hardly is if what the spinner makes of it is `known`.
    pub(super) fn unlisted(&self, known: bool, frequency: f32) -> f32 {
        if known { OTHER_IMAGE.ln() } else { self.guess(frequency).ln() }
    }
}

fn unlisted_swap(frequency: f32) -> f32 {
    let rarity = (1e-4f32.ln() - frequency).max(-2.0);
    (UNLISTED_SWAP * (rarity / 2.0).exp()).min(0.1)
}

/// Share of the swaps of a plain word of a closed class that go to one given word which nothing connects with it.
pub(super) fn open_prior(frequency: f32) -> f32 {
    if frequency < FUNCTION_WORD { RARER_OPEN } else { OPEN }
}
