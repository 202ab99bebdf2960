//! Which share of the swaps of a plain word goes to one of its relatives.
//!
//! In: the way between the two words, and how many relatives the plain word has. Out: a probability. A spinner takes one of the relatives,
//! near ones more often; so where a word has many, each of them has less. What the relatives of a word come to is worked
//! out when the thesaurus is built, and stored in a byte.

#[cfg(feature = "build")]
use super::{Limits, Thesaurus};
use super::{Plaintext, Relation};

/// What the relatives that are one step away come to for a plain word, if it has as many as most.
const USUAL: f32 = 0.55;
/// Added to what they come to: a word without near relatives may have far ones.
#[cfg(feature = "build")]
const OTHERS: f32 = 0.05;
/// Steps of the code to the factor *e*, and the code of 1.
const STEPS: f32 = 32.0;
const ONE: f32 = 128.0;

impl Plaintext<'_> {
    /// Probability that a spinner which swaps the plain word for a relative takes this one; set on spun text of our own articles.
    #[must_use]
    pub fn share(&self) -> f32 {
        self.nearness() * USUAL / decode(self.kin)
    }

    /// How much nearer this way is than others.
    fn nearness(&self) -> f32 {
        let near = match (self.distance, self.relation) {
            (0, _) => 0.06,
            (1, Relation::SimilarTo) => 0.02,
            (1, Relation::SameLemma) => 0.012,
            (1, Relation::Hypernym | Relation::Hyponym) => 0.006,
            (1, _) => 0.003,
            (2, Relation::SameLemma | Relation::SimilarTo) => 0.001,
            (2, _) => 0.0004,
            _ => 0.00005,
        };
        let senses = f32::from(self.plain_sense.min(12)) * 0.10 + f32::from(self.cipher_sense.min(12)) * 0.06;
        near * (-senses).exp()
    }
}

/// What the nearest relatives of a word come to, as a code.
#[cfg(feature = "build")]
pub(crate) fn kin(thesaurus: &Thesaurus<'_>, word: &str) -> u8 {
    let limits = Limits { max_distance: 1, max_number: 500, ..Limits::default() };
    encode(OTHERS + thesaurus.plaintexts(word, &limits).iter().map(Plaintext::nearness).sum::<f32>())
}

#[cfg(any(test, feature = "build"))]
fn encode(sum: f32) -> u8 {
    let code = sum.ln().mul_add(STEPS, ONE).round().clamp(0.0, 255.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in the range of a byte")]
    let code = code as u8;
    code
}

fn decode(code: u8) -> f32 {
    ((f32::from(code) - ONE) / STEPS).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(relation: Relation, distance: u8, kin: f32) -> Plaintext<'static> {
        Plaintext { word: "will", relation, distance, cipher_sense: 0, plain_sense: 0, inflected: false, kin: encode(kin) }
    }

    #[test]
    fn near_relatives_have_more_and_one_of_many_has_less() {
        let share = |relation, distance, kin| way(relation, distance, kin).share();
        assert!(share(Relation::SameSynset, 0, 0.5) > share(Relation::Hypernym, 1, 0.5));
        assert!(share(Relation::Hypernym, 1, 0.5) > share(Relation::Hypernym, 2, 0.5));
        let (few, many) = (share(Relation::Hypernym, 1, 0.1), share(Relation::Hypernym, 1, 1.0));
        assert!((few / many / 10.0 - 1.0).abs() < 0.05, "{few} {many}");
    }

    #[test]
    fn codes_are_kept() {
        (0..=u8::MAX).for_each(|code| assert_eq!(encode(decode(code)), code));
    }
}
