//! Garbled articles without an original: what the decoder finds in all of them together.
//!
//! In: garbled texts, clean texts, models, and what is known of the spinner so far (perhaps nothing). Out: pairs with the number of tokens in
//! which each is expected and its posterior. The articles are decoded, the swaps of all of them are counted by their probability, the
//! table is estimated anew, and so again: a swap that one article shows clearly decides the doubtful places of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::num::NonZeroUsize;

use super::Models;
use crate::batch::ordered;
use crate::decode::{Cipher, DecodeOptions, Decoder, Origin};
use crate::lexicon::{Choice, Pair, Profile, Source, Support};
use crate::text::{TokenKind, segments, tokenise};

/// Posterior below which a reading of a place counts for nothing.
const NOTICED: f32 = 0.05;
/// Expected tokens below which a pair is forgotten, and below which it is weak.
const FORGOTTEN: f32 = 0.5;
const WEAK: f32 = 1.5;
/// Tokens that speak against any pair beforehand.
const DOUBT: f32 = 1.0;

/// Expected tokens of a swap, and the articles they are in.
type Expected = BTreeMap<(String, String), (f32, u32)>;

/// The pairs that the articles show beside those known; `rounds` times estimated.
pub(super) fn decipher(
    garbled: &[&str],
    clean: &[&str],
    models: Models<'_>,
    known: &Profile,
    rounds: usize,
    jobs: NonZeroUsize,
) -> Profile {
    let usual = vocabulary(clean);
    let mut found = known.filtered(|_| false);
    for _ in 0..rounds {
        let assumed = known.merged(&found);
        let cipher = if assumed.pairs().is_empty() { Cipher::unknown(known.touch) } else { Cipher::known(&assumed) };
        let decoder = Decoder::new(models.model, models.thesaurus, cipher, DecodeOptions::default());
        let mut expected = Expected::new();
        let sink = |one: BTreeMap<(String, String), f32>| {
            for (swap, tokens) in one {
                let entry = expected.entry(swap).or_default();
                *entry = (entry.0 + tokens, entry.1 + 1);
            }
            Ok::<(), Infallible>(())
        };
        let Ok(()) = ordered(jobs, garbled.iter(), |text| counted(&decoder, text), sink);
        found = estimate(&expected, known, &usual);
    }
    found
}

/// The expected swaps of one article; what stands for itself is in it too.
fn counted(decoder: &Decoder<'_>, text: &str) -> BTreeMap<(String, String), f32> {
    let tokens = tokenise(text);
    let decoding = decoder.decode(text, &tokens, &segments(text, &tokens), &|_| false);
    let mut out: BTreeMap<(String, String), f32> = BTreeMap::new();
    for place in &decoding.places {
        let Some((word, candidates)) = decoding.words.get(place.word) else { continue };
        for (candidate, &share) in candidates.iter().zip(&place.posterior).filter(|(_, share)| **share >= NOTICED) {
            let plain = if candidate.origin == Origin::Identity { word } else { &candidate.text };
            *out.entry((plain.clone(), word.clone())).or_default() += share;
        }
    }
    out
}

fn estimate(expected: &Expected, known: &Profile, usual: &BTreeSet<String>) -> Profile {
    let mut all: BTreeMap<&str, f32> = BTreeMap::new();
    for ((plain, _), (tokens, _)) in expected {
        *all.entry(plain).or_default() += tokens;
    }
    let mut pairs = Vec::new();
    let mut support = BTreeMap::new();
    for ((plain, cipher), &(tokens, articles)) in expected {
        let is_known = known.images(plain).iter().any(|pair| pair.cipher == *cipher);
        if plain == cipher || is_known || tokens < FORGOTTEN {
            continue;
        }
        let confidence = tokens / (all.get(plain.as_str()).copied().unwrap_or(tokens) + DOUBT);
        let unusual = !usual.is_empty() && !usual.contains(plain);
        let weak = tokens < WEAK || confidence < super::table::FIRM || unusual;
        let found = Support { aligned: 0, kept: 0, expected: tokens, articles, choice: Choice::Always, weak };
        support.insert((plain.clone(), cipher.clone()), found);
        pairs.push(Pair { plain: plain.clone(), cipher: cipher.clone(), count: tokens.round(), confidence, source: Source::Deciphered });
    }
    Profile::new(&known.name, known.version, known.touch, pairs).with_support(support)
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
