//! What stands behind one cipher word, by all of its places together.
//!
//! In: for each candidate its prior and how often its plaintext is behind other cipher words, for each place the likelihood of each
//! candidate. Out: for each place the log probability of each candidate, from the prior and from the *other* places.
//!
//! Few places: one candidate is behind all of them (the product of the others' likelihoods). Many: a mixture, estimated by
//! expectation-maximisation inside the word and begun half-way between the two, since most words have one sense in a text
//! (Gale, Church and Yarowsky 1992), but some ("digit" for "two", "three" and "four") have several.

/// Most places that are taken to share one candidate.
const FEW: usize = 6;
/// Rounds of the estimate of a mixture.
const ROUNDS: usize = 8;
/// Weight of the prior against the places, in places.
const PRIOR_PLACES: f32 = 4.0;
/// Places granted to a candidate before it is asked which share of its plaintext is behind this word.
const GRANTED: f32 = 0.5;

/// A cipher word in a passage.
pub(super) struct Word<'w> {
    /// Log probability of each candidate before any place is looked at.
    pub(super) prior: &'w [f32],
    /// Log of how free each candidate is, where its plaintext is behind other words too.
    pub(super) free: &'w [f32],
    /// In how many places the plaintext of each candidate is certain behind other words.
    pub(super) elsewhere: &'w [f32],
    /// For each place the likelihood of each candidate, the best at one, in one row behind the other; none if there is but one place.
    pub(super) likelihoods: &'w [f32],
}

impl Word<'_> {
    /// For each place the log probability of each candidate, in one row behind the other; `weight` (0 to 1) says how far one sense is expected
    /// throughout.
    pub(super) fn predict(&self, weight: f32) -> Vec<f32> {
        match self.likelihoods.len() / self.prior.len() {
            0 | 1 => self.prior.iter().zip(self.free).map(|(prior, free)| prior + free).collect(),
            few if few <= FEW => self.one_sense(few, weight),
            many => self.mixture(many),
        }
    }

    fn places(&self) -> std::slice::ChunksExact<'_, f32> {
        self.likelihoods.chunks_exact(self.prior.len())
    }

    fn one_sense(&self, number: usize, weight: f32) -> Vec<f32> {
        let others = (number - 1) as f32;
        let weight = weight * others / (others + 0.5);
        let alone: Vec<f32> = self.prior.iter().zip(self.free).map(|(prior, free)| prior + free).collect();
        let shared: Vec<f32> =
            alone.iter().zip(self.elsewhere).map(|(alone, elsewhere)| alone + others * share(others, 1.0, *elsewhere).ln()).collect();
        let logs: Vec<f32> = self.likelihoods.iter().map(|likelihood| likelihood.ln()).collect();
        let mut out = Vec::with_capacity(self.likelihoods.len());
        let mut joint = vec![0.0; alone.len()];
        for at in 0..number {
            joint.copy_from_slice(&shared);
            for (_, rest) in logs.chunks_exact(alone.len()).enumerate().filter(|(other, _)| *other != at) {
                joint.iter_mut().zip(rest).for_each(|(sum, log)| *sum += log);
            }
            normalise(&mut joint);
            let mixed = |(alone, joint): (&f32, &f32)| ((1.0 - weight) * alone.exp() + weight * joint).max(1e-12).ln();
            out.extend(alone.iter().zip(&joint).map(mixed));
        }
        out
    }

    fn mixture(&self, number: usize) -> Vec<f32> {
        let width = self.prior.len();
        let number = number as f32;
        let prior: Vec<f32> = self.prior.iter().map(|prior| prior.exp()).collect();
        // of each place the part of each candidate; and their sums
        let mut parts = vec![0.0f32; self.likelihoods.len()];
        let mut sums = vec![0.0f32; width];
        for round in 0..ROUNDS {
            let shares: Vec<f32> = sums.iter().zip(self.elsewhere).map(|(sum, elsewhere)| share(*sum, GRANTED, *elsewhere)).collect();
            for (part, likelihood) in parts.chunks_exact_mut(width).zip(self.places()) {
                for choice in 0..width {
                    let others = (sums[choice] - part[choice]).max(0.0);
                    part[choice] = likelihood[choice] * (PRIOR_PLACES * prior[choice] + others) * shares[choice];
                }
                let total = part.iter().sum::<f32>().max(f32::MIN_POSITIVE);
                part.iter_mut().for_each(|value| *value /= total);
            }
            if round == 0 {
                let joint = self.joint(number);
                for part in parts.chunks_exact_mut(width) {
                    part.iter_mut().zip(&joint).for_each(|(value, joint)| *value = 0.5 * (*value + joint));
                }
            }
            sums.fill(0.0);
            for part in parts.chunks_exact(width) {
                sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        let of_choice = |(index, part): (usize, &f32)| {
            let choice = index % width;
            let others = (sums[choice] - part).max(0.0);
            let counted = (PRIOR_PLACES * prior[choice] + others) / (PRIOR_PLACES + number - 1.0);
            (counted * share(others, GRANTED, self.elsewhere[choice])).max(1e-14).ln()
        };
        parts.iter().enumerate().map(of_choice).collect()
    }

    /// The probability of each candidate if one of them is behind all places.
    fn joint(&self, number: f32) -> Vec<f32> {
        let of_choice = |choice: usize| {
            let fits: f32 = self.places().map(|likelihood| likelihood[choice].ln()).sum();
            self.prior[choice] + fits + number * share(number, GRANTED, self.elsewhere[choice]).ln()
        };
        let mut joint: Vec<f32> = (0..self.prior.len()).map(of_choice).collect();
        normalise(&mut joint);
        joint
    }
}

/// Which share of the places of a plaintext are behind this word: a spinner maps a word one way.
fn share(here: f32, granted: f32, elsewhere: f32) -> f32 {
    (here + granted) / (here + granted + elsewhere)
}

/// Log scores to probabilities that add up to one.
fn normalise(scores: &mut [f32]) {
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - best).exp());
    let total: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= total);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predict(prior: [f32; 2], elsewhere: [f32; 2], likelihoods: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let word = Word { prior: &prior.map(f32::ln), free: &[0.0; 2], elsewhere: &elsewhere, likelihoods: &likelihoods.concat() };
        word.predict(0.95).chunks_exact(2).map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn a_lone_place_has_its_prior() {
        assert_eq!(predict([0.6, 0.1], [0.0; 2], &[vec![0.01, 1.0]]), [[0.6f32.ln(), 0.1f32.ln()]]);
    }

    #[test]
    fn places_are_evidence_for_each_other() {
        for number in [3, 30] {
            let clear = predict([0.6, 0.001], [0.0; 2], &vec![vec![0.01, 1.0]; number]);
            assert!(clear.iter().all(|place| place[1] > place[0]), "{number}: {clear:?}");
        }
    }

    #[test]
    fn no_place_confirms_itself() {
        let found = predict([0.6, 0.1], [0.0; 2], &[vec![0.001, 1.0], vec![1.0, 0.001]]);
        assert!(found[0][0] > found[0][1] && found[1][0] < found[1][1], "{found:?}");
    }

    #[test]
    fn a_plaintext_behind_another_word_is_hardly_behind_this_one() {
        let likelihoods = vec![vec![0.5, 1.0]; 30];
        assert!(predict([0.1, 0.1], [0.0; 2], &likelihoods).iter().all(|place| place[1] > place[0]));
        assert!(predict([0.1, 0.1], [0.0, 400.0], &likelihoods).iter().all(|place| place[1] < place[0]));
    }

    #[test]
    fn a_word_may_have_two_senses() {
        let mut likelihoods = vec![vec![1.0, 0.002]; 20];
        likelihoods.extend(vec![vec![0.002, 1.0]; 20]);
        let found = predict([0.1, 0.1], [0.0; 2], &likelihoods);
        assert!(found.iter().flatten().all(|score| *score > -2.0), "{found:?}");
    }
}
