//! Garbled articles without an original: what the decoder finds in all of them together.
//!
//! In: garbled texts, clean texts, models, and what is known of the spinner so far (perhaps nothing). Out: pairs with the number of tokens in
//! which each is expected. All articles are decoded as one, so that a swap which one article shows clearly decides the doubtful places of
//! the others. Where nothing is known, the shapes that the spinner touches are found first, on a sample.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::Models;
use crate::decode::{Cipher, Collection, DecodeOptions, Decoder, Origin, Place};
use crate::lexicon::{Choice, Pair, Profile, Source, Support, TouchRule};
use crate::text::{Token, TokenKind, tokenise};

/// Most plaintext candidates of a word, besides what is listed: with many places to look at, there is no need to choose early.
const CANDIDATES: usize = 80;
/// Round before which the candidates are chosen anew: by then most of the words beside a place are read right.
const RESELECT: usize = 2;
/// Articles on which the shapes are found.
const SAMPLE: usize = 24;
/// A shape is touched if its words are swapped at this rate at least, bare lower-case words being at one.
const TOUCHED: f32 = 0.4;
/// Places of a shape without which it is taken as not touched.
const MIN_PLACES: usize = 30;
/// Expected tokens below which a pair is forgotten, and below which it is weak if no clean text has the plain word.
const FORGOTTEN: f32 = 0.5;
const USUAL: f32 = 4.0;
/// A pair is firm if its mean margin over the word itself and this much for each factor e of its places add up to so much, in nats.
const PLACES_WEIGHT: f32 = 2.0;
const FIRM_MARGIN: f32 = 9.5;
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
    let cipher = if known.pairs().is_empty() { Cipher::unknown(touched(garbled, clean, models, jobs)) } else { Cipher::known(known) };
    let options =
        DecodeOptions { candidates: CANDIDATES, unlisted_candidates: CANDIDATES, rounds, reselect: RESELECT, ..DecodeOptions::default() };
    let decoder = Decoder::new(models.model, models.thesaurus, cipher, options);
    let collection = decoder.decode_together(garbled, clean, jobs);
    estimate(&expected(&collection), known, cipher.touch, &vocabulary(clean))
}

/// The shapes that the spinner swaps at nearly the rate of bare lower-case words.
fn touched(garbled: &[&str], clean: &[&str], models: Models<'_>, jobs: NonZeroUsize) -> TouchRule {
    let step = garbled.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&str> = garbled.iter().copied().step_by(step).collect();
    let decoder = Decoder::new(models.model, models.thesaurus, Cipher::unknown(TouchRule::ANY), DecodeOptions::default());
    let collection = decoder.decode_together(&sample, clean, jobs);
    let tokens: Vec<Vec<Token>> = sample.iter().map(|text| tokenise(text)).collect();
    // of each shape the places, and how many of them are swapped
    let mut shapes = [(0usize, 0.0f32); TouchRule::SHAPES];
    for place in &collection.places {
        let token = tokens.get(place.document).and_then(|tokens| tokens.get(place.tokens.start));
        if let Some(index) = token.and_then(Token::shape).and_then(TouchRule::index) {
            shapes[index].0 += 1;
            shapes[index].1 += 1.0 - stays(&collection, place);
        }
    }
    let rate = |(places, swapped): (usize, f32)| swapped / places.max(1) as f32;
    let bare = rate(shapes[0]);
    TouchRule::of(shapes.map(|shape| shape.0 >= MIN_PLACES && rate(shape) > TOUCHED * bare))
}

/// Probability that the word at a place stands for itself.
fn stays(collection: &Collection, place: &Place) -> f32 {
    let candidates = collection.words.get(place.word).map_or(&[][..], |word| &word.1);
    candidates.iter().zip(&place.posterior).filter(|(candidate, _)| candidate.origin == Origin::Identity).map(|(_, share)| share).sum()
}

/// What the articles show of a swap.
#[derive(Clone, Copy, Default)]
struct Shown {
    /// Expected tokens.
    tokens: f32,
    /// Articles with any.
    articles: u32,
    /// Places where it is a serious reading, and the sum over them of how much better it fits than the word itself, in nats.
    places: f32,
    margins: f32,
}

impl Shown {
    /// Whether the swap is surely more than a word that the language model thinks unlikely (docs/ACCURACY.md has what the line lets through).
    fn is_firm(&self) -> bool {
        self.margins / self.places.max(1.0) + PLACES_WEIGHT * self.places.max(1.0).ln() >= FIRM_MARGIN
    }
}

/// The swaps of all articles; what stands for itself is among them.
type Expected = BTreeMap<(String, String), Shown>;

/// Posterior below which a reading of a place is no sign of it in its article, and from which it is a serious one.
const NOTICED: f32 = 0.05;
const SERIOUS: f32 = 0.3;

fn expected(collection: &Collection) -> Expected {
    let mut last: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut counts: BTreeMap<(usize, usize), Shown> = BTreeMap::new();
    for place in &collection.places {
        for (choice, &share) in place.posterior.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let key = (place.word, choice);
            let shown = counts.entry(key).or_default();
            shown.tokens += share;
            if share >= NOTICED && last.insert(key, place.document) != Some(place.document) {
                shown.articles += 1;
            }
            if share >= SERIOUS {
                shown.places += 1.0;
                shown.margins += place.margin(choice, 0);
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
        let is_known = known.images(plain).iter().any(|pair| pair.cipher == *cipher);
        if plain == cipher || is_known || tokens < FORGOTTEN {
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
