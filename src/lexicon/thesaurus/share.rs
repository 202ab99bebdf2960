//! Which share of the swaps of a plain word goes to one of its relatives.
//!
//! In: the way between the two words, and how many relatives the plain word has. Out: a probability. A spinner takes one of the relatives,
//! near ones more often; so where a word has many, each of them has less. What the relatives of a word come to is worked
//! out when the thesaurus is built, and stored in a byte.

#[cfg(feature = "build")]
use super::Limits;
use super::{Relation, Thesaurus, Way};

/// What the relatives that are one step away come to for a plain word, if it has as many as most.
const USUAL: f32 = 0.55;
/// Added to what they come to: a word without near relatives may have far ones.
#[cfg(feature = "build")]
const OTHERS: f32 = 0.05;
/// Steps of the code to the factor *e*, and the code of 1.
const STEPS: f32 = 32.0;
const ONE: f32 = 128.0;

impl Thesaurus<'_> {
    /// Log probability that a spinner which swaps the plain word for a relative takes this one; set on spun text of our own articles.
    pub(crate) fn share(&self, way: Way) -> f32 {
        share(way, self.tables.kin(way.word() as usize))
    }
}

/// The share of a way to a word whose nearest relatives come to what the code `kin` stands for, as a logarithm.
fn share(way: Way, kin: u8) -> f32 {
    nearness(way) + USUAL.ln() - decode(kin)
}

/// How much nearer this way is than others, as a logarithm.
fn nearness(way: Way) -> f32 {
    let near: f32 = match (way.distance(), way.relation()) {
        (0, _) => 0.06,
        (1, Relation::SimilarTo) => 0.02,
        (1, Relation::SameLemma) => 0.012,
        (1, Relation::Hypernym | Relation::Hyponym) => 0.006,
        (1, _) => 0.003,
        (2, Relation::SameLemma | Relation::SimilarTo) => 0.001,
        (2, _) => 0.0004,
        _ => 0.00005,
    };
    near.ln() - f32::from(way.plain_sense().min(12)) * 0.10 - f32::from(way.cipher_sense().min(12)) * 0.06
}

/// What the nearest relatives of a word come to, as a code.
#[cfg(feature = "build")]
pub(crate) fn kin(thesaurus: &Thesaurus<'_>, word: &str) -> u8 {
    let limits = Limits { max_distance: 1, max_number: 500, ..Limits::default() };
    encode(OTHERS + thesaurus.ways(word, &limits).iter().map(|&way| nearness(way).exp()).sum::<f32>())
}

#[cfg(any(test, feature = "build"))]
fn encode(sum: f32) -> u8 {
    let code = sum.ln().mul_add(STEPS, ONE).round().clamp(0.0, 255.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in the range of a byte")]
    let code = code as u8;
    code
}

/// What a code stands for, as a logarithm.
fn decode(code: u8) -> f32 {
    (f32::from(code) - ONE) / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(relation: Relation, distance: u8, plain_sense: u8) -> Way {
        Way::new(7, distance, relation, 0, plain_sense, false)
    }

    #[test]
    fn near_relatives_have_more_and_one_of_many_has_less() {
        let share = |relation, distance, kin| share(way(relation, distance, 0), encode(kin)).exp();
        assert!(share(Relation::SameSynset, 0, 0.5) > share(Relation::Hypernym, 1, 0.5));
        assert!(share(Relation::Hypernym, 1, 0.5) > share(Relation::Hypernym, 2, 0.5));
        let (few, many) = (share(Relation::Hypernym, 1, 0.1), share(Relation::Hypernym, 1, 1.0));
        assert!((few / many / 10.0 - 1.0).abs() < 0.05, "{few} {many}");
    }

    #[test]
    fn near_senses_have_more() {
        assert!(nearness(way(Relation::SameSynset, 0, 0)) > nearness(way(Relation::SameSynset, 0, 3)));
    }

    #[test]
    fn codes_are_kept() {
        (0..=u8::MAX).for_each(|code| assert_eq!(encode(decode(code).exp()), code));
    }
}
