//! Garbled articles without an original: what the decoder finds in all of them together.
//!
//! In: garbled texts, clean texts, models, and what is known of the spinner so far (perhaps nothing). Out: pairs with the number of tokens in
//! which each is expected. All articles are decoded as one, so that a swap which one article shows clearly decides the doubtful places of
//! the others. Where nothing is known, the shapes that the spinner touches are found first, on a sample.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::Models;
use crate::decode::{Cipher, DecodeOptions, Decoder, Readings, ShapeCount, SureSwaps};
use crate::lexicon::{Choice, Pair, Profile, Source, Support, TouchRule};
use crate::text::{TokenKind, tokenise};

/// Most plaintext candidates of a word, besides what is listed: with many places to look at, there is no need to choose early.
const CANDIDATES: usize = 80;
/// Most words that they are chosen from: with 150, which are enough for one article, two and a half points fewer are restored, with 300 a quarter.
const LEADS: usize = 500;
/// Round before which the candidates are chosen anew: by then most of the words beside a place are read right.
const RESELECT: usize = 2;
/// Weight of the words that an article has used already.
const BURST_WEIGHT: f32 = 0.2;
/// Hypotheses worse than the best by more than this are dropped, in nats: here a mistake is made for good.
const BEAM_WIDTH: f32 = 12.0;
/// From which share of unseen pairs on the shapes are not taken from those seen.
const SCANTY: f32 = 0.3;
/// Articles on which the shapes are found.
const SAMPLE: usize = 24;
/// A shape is touched if of the words that are swapped elsewhere so many are in it too.
const TOUCHED: f32 = 0.6;
/// Places that a surely swapped word has at least, and the share of them at which it is read so.
const SURE_PLACES: f32 = 3.0;
const SURE: f32 = 0.9;
/// Places of a shape without which it is taken as not touched.
const MIN_PLACES: usize = 30;
/// Expected tokens below which a pair is forgotten, and below which it is weak if no clean text has the plain word.
const FORGOTTEN: f32 = 0.5;
const USUAL: f32 = 4.0;
/// A pair is firm if the log probability that its cipher word stands for itself is below this in the mean over its places, in nats.
const FIRM: f32 = -4.3;
/// Tokens that speak against any pair beforehand.
const DOUBT: f32 = 1.0;

/// The pairs that the articles show beside those known; `rounds` times estimated.
pub(super) fn decipher(
    garbled: &[&str],
    clean: &[&str],
    models: Models<'_>,
    known: &Profile,
    rounds: usize,
    jobs: NonZeroUsize,
) -> Profile {
    let missing = if known.pairs().is_empty() { 1.0 } else { known.lacking() };
    // few pairs say little of the shapes, and many say all
    let touch = if missing > SCANTY { touched(garbled, clean, models, jobs) } else { known.touch };
    let cipher = Cipher::partly_known(known, touch, missing);
    let options = DecodeOptions {
        leads: LEADS,
        candidates: CANDIDATES,
        read_candidates: CANDIDATES,
        unlisted_candidates: CANDIDATES,
        rounds,
        listed_rounds: rounds,
        reselect: RESELECT,
        listed_reselect: RESELECT,
        burst_weight: BURST_WEIGHT,
        beam_width: BEAM_WIDTH,
        ..DecodeOptions::default()
    };
    let decoder = Decoder::new(models.model, models.thesaurus, cipher, options);
    let collection = decoder.decode_together(garbled, clean, jobs);
    estimate(&expected(&collection), known, cipher.touch, &vocabulary(clean))
}

/// The shapes that the spinner swaps: a plain word that it surely swaps where it stands bare is gone from them, and its image is there.
fn touched(garbled: &[&str], clean: &[&str], models: Models<'_>, jobs: NonZeroUsize) -> TouchRule {
    let step = garbled.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&str> = garbled.iter().copied().step_by(step).collect();
    let decoder = Decoder::new(models.model, models.thesaurus, Cipher::unlisted_spinner(TouchRule::BARE), DecodeOptions::default());
    let swaps = SureSwaps::of(&decoder.decode_together(&sample, clean, jobs), SURE_PLACES, SURE, |_| true);
    let mut shapes = [ShapeCount::default(); TouchRule::SHAPES];
    for text in garbled {
        swaps.count(text, &tokenise(text), &mut shapes);
    }
    TouchRule::of(shapes.map(|shape| shape.swapped + shape.stayed >= MIN_PLACES && shape.exceeds(TOUCHED)))
}

/// What the articles show of a swap.
#[derive(Clone, Copy, Default)]
struct Shown {
    /// Expected tokens.
    tokens: f32,
    /// Articles with any.
    articles: u32,
    /// Places where it is a serious reading, and the sum over them of the log probability that the word stands for itself.
    places: f32,
    stays: f32,
}

impl Shown {
    /// Whether the swap is surely more than a word that the language model thinks unlikely (docs/ACCURACY.md has what the line lets through).
    fn is_firm(&self) -> bool {
        self.stays < FIRM * self.places
    }
}

/// The swaps of all articles; what stands for itself is among them.
type Expected = BTreeMap<(String, String), Shown>;

/// Posterior below which a reading of a place is no sign of it in its article, and from which it is a serious one.
const NOTICED: f32 = 0.05;
const SERIOUS: f32 = 0.3;

fn expected(collection: &Readings) -> Expected {
    let mut last: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut counts: BTreeMap<(usize, usize), Shown> = BTreeMap::new();
    for place in &collection.places {
        for (choice, &share) in collection.posterior(place).iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let key = (place.word, choice);
            let shown = counts.entry(key).or_default();
            shown.tokens += share;
            if share >= NOTICED && last.insert(key, place.document) != Some(place.document) {
                shown.articles += 1;
            }
            if share >= SERIOUS {
                shown.places += 1.0;
                shown.stays += collection.posterior(place).first().map_or(0.0, |itself| itself.max(1e-6).ln());
            }
        }
    }
    let mut out = Expected::new();
    for ((word, choice), shown) in counts {
        let Some((cipher, candidates)) = collection.words.get(word) else { continue };
        if let Some(candidate) = candidates.get(choice) {
            out.insert((candidate.text.clone(), cipher.clone()), shown);
        }
    }
    out
}

fn estimate(expected: &Expected, known: &Profile, touch: TouchRule, usual: &BTreeSet<String>) -> Profile {
    let mut all: BTreeMap<&str, f32> = BTreeMap::new();
    for ((plain, _), shown) in expected {
        *all.entry(plain).or_default() += shown.tokens;
    }
    let mut pairs = Vec::new();
    let mut support = BTreeMap::new();
    for ((plain, cipher), shown) in expected {
        let Shown { tokens, articles, .. } = *shown;
        if plain == cipher || tokens < FORGOTTEN {
            continue;
        }
        let confidence = tokens / (all.get(plain.as_str()).copied().unwrap_or(tokens) + DOUBT);
        let unusual = !usual.is_empty() && !usual.contains(plain);
        let weak = !shown.is_firm() || unusual && tokens < USUAL;
        let found = Support { aligned: 0, kept: 0, expected: tokens, articles, choice: Choice::Always, weak };
        support.insert((plain.clone(), cipher.clone()), found);
        pairs.push(Pair { plain: plain.clone(), cipher: cipher.clone(), count: tokens.round(), confidence, source: Source::Deciphered });
    }
    Profile::new(&known.name, known.version, touch, pairs).with_support(support)
}

/// The words of the clean texts.
fn vocabulary(clean: &[&str]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for text in clean {
        let tokens = tokenise(text);
        out.extend(tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word(_))).map(|token| token.text(text).to_lowercase()));
    }
    out
}
