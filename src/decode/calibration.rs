//! How probable it is that a word stands for itself, weighed again.
//!
//! In: what a search found at a place, and what it does not weigh enough: how usual the words are, whether the word as it stands fits the
//! topic, whether one plaintext is clearly the likeliest, what stands elsewhere in the text. Out: a probability. The search is too sure that rare
//! words were swapped ("racecourse", "beetroot": a language model knows too little of them); a logistic regression over these signs sets that right.
//! `examples/calibrate.rs` fits it; docs/ACCURACY.md tells what it is worth.

/// Log odds that a word stands for itself, where no profile lists the swap: weight of each feature, and what is added.
const UNLISTED: [f32; Signs::FEATURES] =
    [0.24, -0.08, 0.42, 0.33, 1.63, 0.96, -1.73, 1.05, 1.40, 0.02, 0.25, 1.92, 0.17, 1.75, -1.04, 1.61, 0.18, -2.26];
const UNLISTED_BIAS: f32 = -2.28;
/// The same where a profile does; fitted as the example does it, on other articles and before the network had a say there. What the example fits now, to texts in
/// which all is swapped that the list has, leaves more undone where little is (docs/ACCURACY.md).
const LISTED: [f32; Signs::FEATURES] =
    [0.68, 0.06, -0.03, 0.20, 1.40, -0.26, -1.32, 0.0, 0.54, -0.85, 0.0, 0.58, 2.60, -0.13, 0.24, 1.26, 1.52, 0.41];
const LISTED_BIAS: f32 = -2.33;
/// Log probability of a word below which it is rare.
const RARE: f32 = -10.5;
/// Posterior from which a word is left alone in any case.
const LIKELY: f32 = 0.5;
/// Least posterior that is told from zero.
const LEAST: f32 = 1e-6;
/// Least probability that a word which a profile swaps for sure slips through.
const LEAST_SLIP: f32 = 0.001;
/// Log odds from which more tell nothing.
const MOST_ODDS: f32 = 8.0;
/// Least confidence that is told from none.
const UNSURE: f32 = 0.002;

/// What speaks for and against a word having been swapped.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signs {
    /// Posterior probability that it stands for itself, by the search.
    pub posterior: f32,
    /// Log probability of the word in plain English without context, in nats.
    pub frequency: f32,
    /// The same of its likeliest plaintext.
    pub plaintext: f32,
    /// How well the word fits the topic of the document, as a cosine.
    pub topic: f32,
    /// Whether it stands only once.
    pub lone: bool,
    /// Posterior probability of its likeliest plaintext, among all that is not the word itself.
    pub confidence: f32,
    /// Whether that is of the same synset.
    pub synonym: bool,
    /// At how many other places of the text that plaintext is expected.
    pub elsewhere: f32,
    /// How often the word stands where the spinner touches nothing: what it put in is seldom there by chance.
    pub untouched: usize,
    /// Log odds of a swap by the network, in nats; zero where it was not asked.
    pub odds: f32,
    /// Posterior probability of the likeliest plaintext.
    pub share: f32,
    /// Log probability of the word given its likeliest plaintext, before the document was seen.
    pub prior: f32,
    /// At how many other places of the word that plaintext is expected.
    pub same: f32,
    /// Whether the word is in the dictionary as it stands, not as a form of another: spinners go by what a dictionary lists.
    pub headword: bool,
    /// Share of the frequent headwords of the text that are swapped, by what is expected so far.
    pub rate: f32,
    /// Whether a profile lists the swap.
    pub listed: bool,
    /// Probability that the spinner swaps the word as it stands, by a profile: if so, it can hardly stand for itself.
    pub swappable: f32,
}

impl Signs {
    /// Number of [`Signs::features`].
    pub const FEATURES: usize = 18;

    /// Whether it can be doubted that the word stands for itself.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.posterior < LIKELY
    }

    /// The signs as numbers, each the greater the more it speaks for the word as it stands.
    #[must_use]
    pub fn features(&self) -> [f32; Self::FEATURES] {
        let rarity = (RARE - self.frequency).max(0.0);
        let number = |sign: bool| if sign { 1.0 } else { 0.0 };
        [
            self.posterior.max(LEAST).ln(),
            -self.frequency,
            rarity,
            -self.plaintext,
            self.topic,
            number(self.lone),
            -self.confidence.clamp(UNSURE, 1.0).ln(),
            number(self.synonym),
            self.elsewhere.max(0.0).ln_1p(),
            (self.untouched as f32).ln_1p(),
            -self.odds.clamp(-MOST_ODDS, MOST_ODDS),
            -self.share.max(LEAST).ln(),
            -self.prior,
            -self.same.max(0.0).ln_1p(),
            number(self.headword),
            -self.rate,
            (1.0 - self.swappable).max(LEAST_SLIP).ln(),
            number(self.swappable <= 0.0),
        ]
    }

    /// Probability that the word stands for itself.
    #[must_use]
    pub fn identity(&self) -> f32 {
        if !self.is_open() {
            return self.posterior;
        }
        let (weights, bias) = if self.listed { (LISTED, LISTED_BIAS) } else { (UNLISTED, UNLISTED_BIAS) };
        let odds = self.features().iter().zip(weights).fold(bias, |sum, (feature, weight)| sum + weight * feature);
        1.0 / (1.0 + (-odds).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBTFUL: Signs = Signs {
        posterior: 0.02,
        frequency: -9.0,
        plaintext: -8.0,
        topic: 0.0,
        lone: true,
        confidence: 0.9,
        synonym: false,
        elsewhere: 0.0,
        untouched: 0,
        odds: 3.0,
        share: 0.85,
        prior: -6.0,
        same: 0.0,
        headword: true,
        rate: 0.8,
        listed: false,
        swappable: 0.0,
    };

    #[test]
    fn rare_words_and_words_of_the_topic_rather_stand_for_themselves() {
        assert!(Signs { frequency: -13.0, ..DOUBTFUL }.identity() > 2.0 * DOUBTFUL.identity());
        assert!(Signs { topic: 0.5, ..DOUBTFUL }.identity() > 2.0 * DOUBTFUL.identity());
        assert!(Signs { posterior: 0.001, ..DOUBTFUL }.identity() < DOUBTFUL.identity());
    }

    #[test]
    fn words_that_could_be_anything_or_that_the_network_expects_rather_stand_for_themselves() {
        assert!(Signs { share: 0.3, ..DOUBTFUL }.identity() > 1.5 * DOUBTFUL.identity());
        assert!(Signs { odds: -3.0, ..DOUBTFUL }.identity() > 1.5 * DOUBTFUL.identity());
    }

    #[test]
    fn a_word_that_the_profile_swaps_hardly_stands_for_itself() {
        let listed = Signs { listed: true, prior: -0.1, ..DOUBTFUL };
        assert!(Signs { swappable: 0.98, ..listed }.identity() < 0.2 * listed.identity());
    }

    #[test]
    fn what_is_likely_itself_is_left_to_the_search() {
        let likely = Signs { posterior: 0.6, ..DOUBTFUL };
        assert!(!likely.is_open() && (likely.identity() - 0.6).abs() < f32::EPSILON);
    }

    #[test]
    fn any_signs_give_a_probability() {
        for posterior in [0.0, 1e-30, 0.29, 1.0] {
            for frequency in [0.0, -40.0] {
                let found = Signs { posterior, frequency, ..DOUBTFUL }.identity();
                assert!((0.0..=1.0).contains(&found), "{posterior} {frequency}: {found}");
            }
        }
    }
}
