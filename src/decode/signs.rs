//! What there is to know of each reading of a place once a text has been searched, for the reranker to weigh.
//!
//! In: a passage, and what was found in it. Out: [`Signs`], taken off the readings of the whole text once; and from them, for a place, a
//! [`Row`] of numbers for each of its candidates: what the search and the network make of it and of the others, how usual it is, how it is related to
//! the word that stands there, and where else in the text it is expected.

use rustc_hash::FxHashMap;

use super::candidates::{Candidate, Origin, frequency};
use super::decoder::{Place, Readings};
use super::glossary::Glossary;
use super::passage::{Passage, Slot};
use crate::lexicon::{CLOSED_CLASS, Profile};
use crate::lm::{NgramModel, WordId, special};
use crate::text::{Case, Setting};

/// Log probability of a frequent word, in nats, and how many of them are assumed to be swapped and to stay.
const FREQUENT: f32 = -9.0;
const FEW_FREQUENT: f32 = 0.5;
/// Places on either side of one by which it is told how much of the text is swapped there.
const AROUND: usize = 60;
/// Posterior from which a plaintext counts among those of a text.
const POSSIBLE: f32 = 0.01;
/// Log probabilities below which more tell nothing: of the search, of the network, of a prior and of a word in plain English.
const LEAST_POSTERIOR: f32 = -14.0;
const LEAST_EXPECTED: f32 = -25.0;
const LEAST_PRIOR: f32 = -30.0;
/// Least probability that a word which a profile swaps for sure slips through.
const LEAST_SLIP: f32 = 0.001;
/// Endings that a word and its image mostly share.
const ENDINGS: [&str; 7] = ["ing", "ed", "s", "ly", "er", "est", "tion"];

/// Number of signs of a reading.
pub const SIGNS: usize = NAMES.len();
/// The signs of one reading.
pub type Row = [f32; SIGNS];
/// What the signs are, in order.
pub const NAMES: [&str; 30] = [
    "log-posterior",
    "log-network",
    "log-prior",
    "log-frequency",
    "itself",
    "open",
    "listed",
    "synonym",
    "steps",
    "closed-class",
    "same-ending",
    "log-posterior-of-best-other",
    "log-network-of-best-other",
    "log-posterior-of-itself",
    "log-network-of-itself",
    "log-posterior-over-best-other",
    "log-network-over-best-other",
    "log-places-of-word",
    "log-expected-at-other-places-of-word",
    "log-expected-behind-other-words",
    "log-frequency-of-itself",
    "topic-of-itself",
    "log-places-untouched",
    "headword",
    "swap-rate",
    "log-slip",
    "no-plain-word-of-list",
    "capital",
    "capital-inside-sentence",
    "beside-a-mark",
];

/// What a text as a whole tells of its readings.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// For each cipher word.
    words: Vec<OfWord>,
    /// At how many places each plaintext is expected, by the hash of the text; and behind which word.
    expected: FxHashMap<u64, f32>,
    behind: FxHashMap<(usize, u64), f32>,
    /// For each place, of the frequent headwords up to there, how many are expected, and how many of them swapped; and none before the first.
    frequent: Vec<(f32, f32)>,
}

/// What is the same at all places of a cipher word.
#[derive(Clone, Debug)]
struct OfWord {
    places: f32,
    /// Log probability in plain English of the word as it stands, and of each candidate, in nats.
    own: f32,
    frequencies: Vec<f32>,
    /// How often the word stands where the spinner touches nothing: what it put in is seldom there by chance.
    untouched: f32,
    /// Whether the word is in the dictionary as it stands, not as a form of another: spinners go by what a dictionary lists.
    headword: bool,
    /// Probability that the spinner swaps the word as it stands, by a profile: if so, it can hardly stand for itself.
    swappable: f32,
}

impl Signs {
    /// What the readings of a passage tell, by the `profile` if there is one.
    pub(super) fn of(
        passage: &Passage,
        readings: &Readings,
        profile: Option<&Profile>,
        model: &NgramModel<'_>,
        glossary: &Glossary<'_>,
    ) -> Self {
        let frequency = |candidate: &Candidate| candidate.ids.first().map_or(0.0, |&id| frequency(model, id));
        let mut untouched: FxHashMap<WordId, f32> = FxHashMap::default();
        for slot in passage.sentences.iter().flat_map(|sentence| &sentence.slots) {
            if let Slot::Fixed(ids) = slot
                && let [id] = **ids
                && id > special::BREAK
            {
                *untouched.entry(id).or_default() += 1.0;
            }
        }
        let of_word = |(word, candidates): &(String, std::sync::Arc<[Candidate]>)| {
            let itself = candidates.iter().find(|candidate| candidate.origin == Origin::Identity);
            OfWord {
                places: 0.0,
                own: itself.map_or(0.0, frequency),
                frequencies: candidates.iter().map(frequency).collect(),
                untouched: itself.and_then(|own| own.ids.first()).and_then(|id| untouched.get(id)).copied().unwrap_or(0.0),
                headword: glossary.is_headword(word),
                swappable: profile.map_or(0.0, |profile| profile.listed(word)),
            }
        };
        let mut signs = Self { words: readings.words.iter().map(of_word).collect(), ..Self::default() };
        let (mut frequent, mut swapped) = (0.0, 0.0);
        signs.frequent.push((frequent, swapped));
        let mut counts: FxHashMap<u64, bool> = FxHashMap::default();
        for place in &readings.places {
            signs.words[place.word].places += 1.0;
            let likely = readings.candidates(place).iter().zip(readings.posterior(place)).filter(|(_, share)| **share > POSSIBLE);
            for (candidate, share) in likely {
                *signs.expected.entry(candidate.key).or_default() += share;
                *signs.behind.entry((place.word, candidate.key)).or_default() += share;
                // frequent words that a dictionary lists, and that do not carry grammar
                let counts = counts.entry(candidate.key).or_insert_with(|| {
                    let closed = CLOSED_CLASS.binary_search(&candidate.text.as_str()).is_ok();
                    frequency(candidate) > FREQUENT && !closed && glossary.is_headword(&candidate.text)
                });
                if *counts {
                    frequent += share;
                    swapped += if candidate.origin == Origin::Identity { 0.0 } else { *share };
                }
            }
            signs.frequent.push((frequent, swapped));
        }
        signs
    }

    /// Share of the frequent headwords around a place that are swapped, by what is expected so far: a page may be spun in part.
    fn rate(&self, index: usize) -> f32 {
        let at = |index: usize| self.frequent.get(index.min(self.frequent.len().saturating_sub(1))).copied().unwrap_or((0.0, 0.0));
        let (from, to) = (at(index.saturating_sub(AROUND)), at(index + AROUND + 1));
        (to.1 - from.1 + FEW_FREQUENT) / (to.0 - from.0 + 2.0 * FEW_FREQUENT)
    }

    /// The signs of each candidate of a place of these readings.
    #[must_use]
    pub fn rows(&self, readings: &Readings, place: &Place) -> Vec<Row> {
        let Some(word) = self.words.get(place.word) else { return Vec::new() };
        let (candidates, posterior, expected) = (readings.candidates(place), readings.posterior(place), readings.expected(place));
        let log = |share: f32| share.max(f32::MIN_POSITIVE).ln().max(LEAST_POSTERIOR);
        let network = |log: f32| log.max(LEAST_EXPECTED);
        let mut own = (LEAST_POSTERIOR, LEAST_EXPECTED);
        let mut other = own;
        for ((candidate, &share), &expected) in candidates.iter().zip(posterior).zip(expected) {
            let best = if candidate.origin == Origin::Identity { &mut own } else { &mut other };
            *best = (best.0.max(log(share)), best.1.max(network(expected)));
        }
        let cipher = readings.words.get(place.word).map_or("", |(word, _)| word.as_str());
        let number = |sign: bool| if sign { 1.0 } else { 0.0 };
        let rate = self.rate(readings.index_of(place));
        let capital = place.shape.case != Case::Lower;
        let of_candidate = |at: usize| {
            let (candidate, share, expected) = (&candidates[at], posterior[at], network(expected[at]));
            let behind = self.behind.get(&(place.word, candidate.key)).copied().unwrap_or(0.0);
            let others = self.expected.get(&candidate.key).map_or(0.0, |all| all - behind);
            let (synonym, steps) = match candidate.origin {
                Origin::Related { distance, .. } => (distance == 0, f32::from(distance)),
                _ => (false, 0.0),
            };
            [
                log(share),
                expected,
                candidate.prior.max(LEAST_PRIOR),
                word.frequencies[at].max(LEAST_PRIOR),
                number(candidate.origin == Origin::Identity),
                number(candidate.origin == Origin::Open),
                number(matches!(candidate.origin, Origin::Listed { .. })),
                number(synonym),
                steps,
                number(CLOSED_CLASS.binary_search(&candidate.text.as_str()).is_ok()),
                number(ending(cipher) == ending(&candidate.text)),
                other.0,
                other.1,
                own.0,
                own.1,
                log(share) - other.0,
                expected - other.1,
                word.places.ln(),
                (behind - if share > POSSIBLE { share } else { 0.0 }).max(0.0).ln_1p(),
                others.max(0.0).ln_1p(),
                word.own.max(LEAST_PRIOR),
                place.topic,
                word.untouched.ln_1p(),
                number(word.headword),
                rate,
                (1.0 - word.swappable).max(LEAST_SLIP).ln(),
                number(word.swappable <= 0.0),
                number(capital),
                number(capital && !place.first),
                number(place.shape.setting != Setting::Bare),
            ]
        };
        (0..candidates.len().min(posterior.len()).min(expected.len())).map(of_candidate).collect()
    }
}

fn ending(word: &str) -> Option<usize> {
    ENDINGS.iter().position(|ending| word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Cipher, DecodeOptions, Decoder};
    use crate::embedded;
    use crate::lexicon::TouchRule;
    use crate::text::{segments, tokenise};

    const AT_ONCE: [&str; 5] = ["itself", "listed", "headword", "log-places-of-word", "log-slip"];

    fn sign(row: &Row, name: &str) -> f32 {
        row[NAMES.iter().position(|known| *known == name).unwrap()]
    }

    #[test]
    fn each_candidate_has_its_signs() {
        let (model, thesaurus, profiles) = (embedded::model().unwrap(), embedded::thesaurus().unwrap(), embedded::profiles().unwrap());
        let text = "the committee volition beryllium told of the program, and the program volition not beryllium changed.";
        let tokens = tokenise(text);
        for cipher in [Cipher::known(&profiles[0]), Cipher::unknown(TouchRule::BARE)] {
            let decoder = Decoder::new(model, &thesaurus, cipher, DecodeOptions::default());
            let decoding = decoder.decode(text, &tokens, &segments(text, &tokens), &|_| false);
            let place = decoding.readings.places.iter().find(|place| tokens[place.tokens.start].text(text) == "volition").unwrap();
            let rows = decoding.signs.rows(&decoding.readings, place);
            assert_eq!(rows.len(), decoding.readings.candidates(place).len());
            assert!(rows.iter().flatten().all(|sign| sign.is_finite()));
            let will = decoding.readings.candidates(place).iter().position(|candidate| candidate.text == "will").unwrap();
            let listed = if cipher.profile.is_some() { 1.0 } else { 0.0 };
            for (name, expected) in AT_ONCE.into_iter().zip([0.0, listed, 1.0, 2f32.ln(), 0.0]) {
                assert!((sign(&rows[will], name) - expected).abs() < 1e-6, "{name}: {}", sign(&rows[will], name));
            }
            let posterior = decoding.posterior(place);
            assert!(posterior.len() == rows.len() && (0.0..=1.0001).contains(&posterior.iter().sum::<f32>()));
        }
    }
}
