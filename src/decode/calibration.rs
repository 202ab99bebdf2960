//! How probable it is that a word stands for itself, weighed again where no profile lists its swap.
//!
//! In: what a search found at a place, and what it does not weigh enough: how usual the words are and whether the word as it stands fits the
//! topic. Out: a probability. The search is too sure that rare words were swapped ("racecourse", "beetroot": a language model knows too
//! little of them); a logistic regression over these signs sets that right. `examples/calibrate.rs` fits it; docs/ACCURACY.md tells
//! what it is worth.

/// Log odds that a word stands for itself: weight of each feature, and what is added.
const WEIGHTS: [f32; Signs::FEATURES] = [0.55, -0.26, 0.72, 0.12, 2.48, 0.60];
const BIAS: f32 = -0.56;
/// Log probability of a word below which it is rare.
const RARE: f32 = -10.5;
/// Posterior from which a word is left alone in any case.
const LIKELY: f32 = 0.3;
/// Least posterior that is told from zero.
const LEAST: f32 = 1e-6;

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
}

impl Signs {
    /// Number of [`Signs::features`].
    pub const FEATURES: usize = 6;

    /// Whether it can be doubted that the word stands for itself.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.posterior < LIKELY
    }

    /// The signs as numbers, each the greater the more it speaks for the word as it stands.
    #[must_use]
    pub fn features(&self) -> [f32; Self::FEATURES] {
        let rarity = (RARE - self.frequency).max(0.0);
        let lone = if self.lone { 1.0 } else { 0.0 };
        [self.posterior.max(LEAST).ln(), -self.frequency, rarity, -self.plaintext, self.topic, lone]
    }

    /// Probability that the word stands for itself.
    #[must_use]
    pub fn identity(&self) -> f32 {
        if !self.is_open() {
            return self.posterior;
        }
        let odds = self.features().iter().zip(WEIGHTS).fold(BIAS, |sum, (feature, weight)| sum + weight * feature);
        1.0 / (1.0 + (-odds).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBTFUL: Signs = Signs { posterior: 0.02, frequency: -9.0, plaintext: -8.0, topic: 0.0, lone: true };

    #[test]
    fn rare_words_and_words_of_the_topic_rather_stand_for_themselves() {
        assert!(Signs { frequency: -13.0, ..DOUBTFUL }.identity() > 2.0 * DOUBTFUL.identity());
        assert!(Signs { topic: 0.5, ..DOUBTFUL }.identity() > 2.0 * DOUBTFUL.identity());
        assert!(Signs { posterior: 0.001, ..DOUBTFUL }.identity() < DOUBTFUL.identity());
    }

    #[test]
    fn what_is_likely_itself_is_left_to_the_search() {
        let likely = Signs { posterior: 0.4, ..DOUBTFUL };
        assert!(!likely.is_open() && (likely.identity() - 0.4).abs() < f32::EPSILON);
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
