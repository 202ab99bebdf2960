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
use crate::lexicon::{CLOSED_CLASS, Profile, Source};
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
/// Most that the network says of a candidate against the word itself at one place, and at all others, in nats.
const MOST_SAID: f32 = 10.0;
const MOST_SAID_ELSEWHERE: f32 = 30.0;
/// Least confidence that is told from none.
const LEAST_CONFIDENCE: f32 = 0.01;
/// Endings that a word and its image mostly share.
const ENDINGS: [&str; 7] = ["ing", "ed", "s", "ly", "er", "est", "tion"];

/// Number of signs of a reading.
pub const SIGNS: usize = NAMES.len();
/// The signs of one reading.
pub type Row = [f32; SIGNS];
macro_rules! signs {
    ($($sign:ident $name:literal)*) => {
        /// Where each sign stands in a row.
        #[derive(Clone, Copy)]
        enum Sign {
            $($sign),*
        }

        /// What the signs are, in order.
        pub const NAMES: [&str; [$(Sign::$sign),*].len()] = [$($name),*];
    };
}

signs! {
    Posterior "log-posterior"
    Network "log-network"
    Prior "log-prior"
    Frequency "log-frequency"
    Itself "itself"
    Open "open"
    Listed "listed"
    Synonym "synonym"
    Steps "steps"
    Closed "closed-class"
    Grammar "closed-class-in-no-dictionary"
    SameEnding "same-ending"
    PosteriorOfOther "log-posterior-of-best-other"
    NetworkOfOther "log-network-of-best-other"
    PosteriorOfItself "log-posterior-of-itself"
    NetworkOfItself "log-network-of-itself"
    PosteriorOverOther "log-posterior-over-best-other"
    NetworkOverOther "log-network-over-best-other"
    Places "log-places-of-word"
    AtOtherPlaces "log-expected-at-other-places-of-word"
    BehindOthers "log-expected-behind-other-words"
    FrequencyOfItself "log-frequency-of-itself"
    Topic "topic-of-itself"
    PlacesUntouched "log-places-untouched"
    Headword "headword"
    Rate "swap-rate"
    GrammarRate "swap-rate-of-words-in-no-dictionary"
    Slip "log-slip"
    NoPlainWord "no-plain-word-of-list"
    Capital "capital"
    CapitalInside "capital-inside-sentence"
    Mark "beside-a-mark"
    Counted "counted-list"
    Lacking "lacking-of-list"
    Stays "log-places-seen-to-stay"
    StaysOfItself "log-places-itself-seen-to-stay"
    Count "log-count-of-pair"
    Confidence "log-confidence-of-pair"
    Choices "log-number-of-listed-readings"
    NetworkElsewhere "network-over-itself-at-other-places"
}

/// What a text as a whole tells of its readings.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// For each cipher word its candidates.
    words: Vec<Vec<OfCandidate>>,
    /// For each place, what is expected up to there; and nothing before the first.
    up_to: Vec<Swapped>,
}

/// Of two kinds of frequent words, how many there are, and how many of them are swapped: those that a dictionary lists and that do not carry grammar, and
/// those of closed classes that no dictionary lists, which only some spinners swap.
#[derive(Clone, Copy, Debug, Default)]
struct Swapped {
    headwords: [f32; 2],
    grammar: [f32; 2],
}

impl Swapped {
    fn less(self, before: Self) -> Self {
        let less = |[all, swapped]: [f32; 2], before: [f32; 2]| [all - before[0], swapped - before[1]];
        Self { headwords: less(self.headwords, before.headwords), grammar: less(self.grammar, before.grammar) }
    }
}

/// Share of some words that is swapped, a few assumed before any is seen.
fn rate([all, swapped]: [f32; 2]) -> f32 {
    (swapped + FEW_FREQUENT) / (all + 2.0 * FEW_FREQUENT)
}

/// What is the same of a candidate of a word at all places of the word.
#[derive(Clone, Debug)]
struct OfCandidate {
    /// The signs, those left out that differ from place to place.
    row: Row,
    /// At how many places of the word it is expected.
    places: f32,
    /// How much likelier than the word itself the network holds it to be at all places of the word, in nats.
    said: f32,
}

impl Signs {
    /// What the readings of a passage tell, by the `profile` if there is one; only the paragraphs that are said to count.
    pub(super) fn of(
        passage: &Passage,
        readings: &Readings,
        counts: &dyn Fn(usize) -> bool,
        profile: Option<&Profile>,
        model: &NgramModel<'_>,
        glossary: &Glossary<'_>,
    ) -> Self {
        let frequency = |candidate: &Candidate| candidate.ids.first().map_or(0.0, |&id| frequency(model, id));
        let mut untouched: FxHashMap<WordId, f32> = FxHashMap::default();
        let counting = || passage.sentences.iter().filter(|sentence| counts(sentence.paragraph));
        for slot in counting().flat_map(|sentence| &sentence.slots) {
            if let Slot::Fixed(ids) = slot
                && let [id] = **ids
                && id > special::BREAK
            {
                *untouched.entry(id).or_default() += 1.0;
            }
        }
        // asked once for each plaintext: it is a candidate of many words
        let mut headwords: FxHashMap<u64, bool> = FxHashMap::default();
        let mut is_headword =
            |candidate: &Candidate| *headwords.entry(candidate.key).or_insert_with(|| glossary.is_headword(&candidate.text));
        let stays = |word: &str| profile.map_or(0.0, |profile| (profile.stays(word) as f32).ln_1p());
        let of_word = |(word, candidates): &(String, std::sync::Arc<[Candidate]>)| {
            let mut common = [0.0; SIGNS];
            let itself = candidates.iter().find(|candidate| candidate.origin == Origin::Identity);
            common[Sign::FrequencyOfItself as usize] = itself.map_or(0.0, frequency).max(LEAST_PRIOR);
            let untouched = itself.and_then(|own| own.ids.first()).and_then(|id| untouched.get(id)).copied().unwrap_or(0.0);
            common[Sign::PlacesUntouched as usize] = untouched.ln_1p();
            common[Sign::Headword as usize] = number(glossary.is_headword(word));
            let swappable = profile.map_or(0.0, |profile| profile.listed(word));
            common[Sign::Slip as usize] = (1.0 - swappable).max(LEAST_SLIP).ln();
            common[Sign::NoPlainWord as usize] = number(swappable <= 0.0);
            if let Some(profile) = profile {
                common[Sign::Counted as usize] = number(profile.lacking() > 0.0);
                common[Sign::Lacking as usize] = profile.lacking();
                common[Sign::StaysOfItself as usize] = stays(word);
            }
            let ending = ending(word);
            let choices = candidates.iter().filter(|candidate| matches!(candidate.origin, Origin::Listed { .. })).count();
            common[Sign::Choices as usize] = (choices as f32).ln_1p();
            let of_candidate = |candidate: &Candidate| {
                common[Sign::Stays as usize] = stays(&candidate.text);
                let mut signs = OfCandidate::new(candidate, frequency(candidate), ending, common);
                let is_closed = signs.row[Sign::Closed as usize] > 0.0;
                signs.row[Sign::Grammar as usize] = number(is_closed && !is_headword(candidate));
                signs
            };
            candidates.iter().map(of_candidate).collect()
        };
        let mut words: Vec<Vec<OfCandidate>> = readings.words.iter().map(of_word).collect();
        let mut so_far = Swapped::default();
        let mut counted = vec![false; readings.places.len()];
        counting().for_each(|sentence| counted[sentence.places.clone()].fill(true));
        // for each word its places, for each plaintext at how many places it is expected, for each place the frequent headwords up to there
        let (mut places, mut expected, mut up_to) = (vec![0.0f32; words.len()], FxHashMap::<u64, f32>::default(), vec![so_far]);
        for (place, counted) in readings.places.iter().zip(counted) {
            if !counted {
                up_to.push(so_far);
                continue;
            }
            places[place.word] += 1.0;
            let over_itself = said_over_itself(readings, place);
            words[place.word].iter_mut().zip(readings.expected(place)).for_each(|(signs, &said)| signs.said += over_itself(said));
            let candidates = words[place.word].iter_mut().zip(readings.candidates(place));
            for ((signs, candidate), &share) in candidates.zip(readings.posterior(place)).filter(|(_, share)| **share > POSSIBLE) {
                signs.places += share;
                *expected.entry(candidate.key).or_default() += share;
                let kind = match (signs.row[Sign::Closed as usize] > 0.0, signs.row[Sign::Grammar as usize] > 0.0) {
                    (_, true) => &mut so_far.grammar,
                    (false, _) if signs.row[Sign::Frequency as usize] > FREQUENT && is_headword(candidate) => &mut so_far.headwords,
                    _ => continue,
                };
                kind[0] += share;
                kind[1] += if candidate.origin == Origin::Identity { 0.0 } else { share };
            }
            up_to.push(so_far);
        }
        for ((signs, (_, candidates)), places) in words.iter_mut().zip(&readings.words).zip(places) {
            for (signs, candidate) in signs.iter_mut().zip(candidates.iter()) {
                let others = expected.get(&candidate.key).map_or(0.0, |all| all - signs.places);
                signs.row[Sign::Places as usize] = places.max(1.0).ln();
                signs.row[Sign::BehindOthers as usize] = others.max(0.0).ln_1p();
            }
        }
        Self { words, up_to }
    }

    /// What is expected around a place: a page may be spun in part.
    fn around(&self, index: usize) -> Swapped {
        let at = |index: usize| self.up_to.get(index.min(self.up_to.len().saturating_sub(1))).copied().unwrap_or_default();
        at(index + AROUND + 1).less(at(index.saturating_sub(AROUND)))
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
        let around = self.around(readings.index_of(place));
        let over_itself = said_over_itself(readings, place);
        let capital = place.shape.case != Case::Lower;
        let row = |((signs, &share), &expected): ((&OfCandidate, &f32), &f32)| {
            let mut row = signs.row;
            let own_share = if share > POSSIBLE { share } else { 0.0 };
            let of_place = [
                (Sign::Posterior, log(share)),
                (Sign::Network, network(expected)),
                (Sign::PosteriorOfOther, other.0),
                (Sign::NetworkOfOther, other.1),
                (Sign::PosteriorOfItself, own.0),
                (Sign::NetworkOfItself, own.1),
                (Sign::PosteriorOverOther, log(share) - other.0),
                (Sign::NetworkOverOther, network(expected) - other.1),
                (Sign::AtOtherPlaces, (signs.places - own_share).max(0.0).ln_1p()),
                (Sign::NetworkElsewhere, (signs.said - over_itself(expected)).clamp(-MOST_SAID_ELSEWHERE, MOST_SAID_ELSEWHERE)),
                (Sign::Topic, place.topic),
                (Sign::Rate, rate(around.headwords)),
                (Sign::GrammarRate, rate(around.grammar)),
                (Sign::Capital, number(capital)),
                (Sign::CapitalInside, number(capital && !place.first)),
                (Sign::Mark, number(place.shape.setting != Setting::Bare)),
            ];
            of_place.into_iter().for_each(|(sign, value)| row[sign as usize] = value);
            row
        };
        word.iter().zip(posterior).zip(expected).map(row).collect()
    }
}

impl OfCandidate {
    /// With what all candidates of its word have in `common`.
    fn new(candidate: &Candidate, frequency: f32, ending_of_word: Option<usize>, common: Row) -> Self {
        let mut row = common;
        let (synonym, steps) = match candidate.origin {
            Origin::Related { distance, .. } => (distance == 0, f32::from(distance)),
            _ => (false, 0.0),
        };
        row[Sign::Prior as usize] = candidate.prior.max(LEAST_PRIOR);
        row[Sign::Frequency as usize] = frequency.max(LEAST_PRIOR);
        row[Sign::Itself as usize] = number(candidate.origin == Origin::Identity);
        row[Sign::Open as usize] = number(matches!(candidate.origin, Origin::Open | Origin::Frequent));
        row[Sign::Listed as usize] = number(matches!(candidate.origin, Origin::Listed { .. }));
        row[Sign::Count as usize] = match candidate.origin {
            Origin::Listed { count, source: Source::Aligned, .. } => count.ln_1p(),
            _ => 0.0,
        };
        row[Sign::Synonym as usize] = number(synonym);
        row[Sign::Steps as usize] = steps;
        row[Sign::Closed as usize] = number(CLOSED_CLASS.binary_search(&candidate.text.as_str()).is_ok());
        row[Sign::SameEnding as usize] = number(ending_of_word == ending(&candidate.text));
        row[Sign::Confidence as usize] = match candidate.origin {
            Origin::Listed { confidence, .. } => confidence.max(LEAST_CONFIDENCE).ln(),
            _ => 0.0,
        };
        Self { row, places: 0.0, said: 0.0 }
    }
}

/// How much likelier than the word itself the network holds a candidate of a place to be that it gives this log probability, in nats.
fn said_over_itself(readings: &Readings, place: &Place) -> impl Fn(f32) -> f32 + use<> {
    let mut said = readings.candidates(place).iter().zip(readings.expected(place));
    let own = said.find(|(candidate, _)| candidate.origin == Origin::Identity).map_or(0.0, |(_, said)| *said);
    move |said| (said - own).clamp(-MOST_SAID, MOST_SAID)
}

fn number(sign: bool) -> f32 {
    if sign { 1.0 } else { 0.0 }
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
            let mut decoding = decoder.decode(text, &tokens, &segments(text, &tokens), &|_| false);
            decoder.weigh_again(&mut decoding, &|_| true);
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
