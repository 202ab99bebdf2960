//! Fits the weights of `src/decode/calibration.rs`: how probable it is that a word stands for itself, by all its signs.
//!
//!     cargo run --release --example calibrate
//!
//! What no list has: every other article of the corpus is spun by made-up spinners that swap much and little, and decoded with no list at hand, and with a
//! list of half of what is swapped. What a list has: articles of `corpus/held-out`, which no model has read, spun by the shipped spinner, and by
//! made-up ones of which 50 other articles were learned side by side. A logistic regression (Newton's method, with a little ridge) over the places
//! that may be edited gives the weights. The other articles, behind other spinners where nothing or half is known, tell what they are worth.
//! The same inputs give the same numbers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use unspin::decode::{Cipher, DecodeOptions, Decoder, Origin, Place, Signs};
use unspin::embedded;
use unspin::eval::{invent, spin};
use unspin::learn::{Article, LearnOptions, Models, learn};
use unspin::lexicon::{Profile, TouchRule};
use unspin::lm::hash_word;
use unspin::text::{segments, tokenise};

const FEATURES: usize = Signs::FEATURES;
/// Weights, and what is added to their sum.
type Weights = [f64; FEATURES + 1];

/// Seeds of the spinners to fit by, and to measure by.
const FITTED: std::ops::Range<u64> = 200..212;
const MEASURED: std::ops::Range<u64> = 300..306;
/// Of ten pairs of a spinner, how many it keeps, in turn: the others are not swapped.
const KEPT: [u64; 3] = [10, 7, 4];
/// What is assumed to be missing from a list of half of the swaps, as by `restore`.
const LACKING: f32 = 0.1;
/// Weight of the ridge.
const RIDGE: f64 = 1.0;
const STEPS: usize = 25;
/// Articles of `corpus/held-out`: one of so many, how many in all, and how many of these are learned from.
const EVERY: usize = 2;
const HELD_OUT: usize = 200;
const TAUGHT: usize = 50;
/// Seeds of the spinners that are learned, and what they touch.
const TAUGHT_BY: [u64; 3] = [401, 402, 403];
const TOUCHED: &str = "lower-bare lower-punctuated title-bare title-punctuated";

/// A place that may be edited.
struct Case {
    signs: Signs,
    swapped: bool,
    /// Whether the likeliest plaintext is the right one.
    right: bool,
}

fn main() -> Result<()> {
    let articles = articles()?;
    let half = |odd: usize| -> Vec<&String> { articles.iter().skip(odd).step_by(2).collect() };
    anstream::println!("what no list has");
    let mut fitted = cases(&half(0), FITTED, false)?.open;
    fitted.extend(cases(&half(0), FITTED, true)?.open);
    let weights = fitted_to(&fitted);
    for (listed, known) in [(false, "nothing"), (true, "half of the swaps; of what is not listed")] {
        tell(known, &cases(&half(1), MEASURED, listed)?, &weights);
    }
    anstream::println!("\nwhat a list has");
    let held_out = held_out()?;
    let (taught, rest) = held_out.split_at(TAUGHT);
    let mut fitted = Vec::new();
    let mut measured = Vec::new();
    let thesaurus = embedded::thesaurus()?;
    for (name, spinner, list) in lists(taught)? {
        let mut halves = [Cases::default(), Cases::default()];
        let decoder = Decoder::new(embedded::model()?, &thesaurus, Cipher::known(&list), DecodeOptions::default());
        for (number, original) in rest.iter().enumerate() {
            add(&decoder, original, &spin(original, &spinner), true, &mut halves[number % 2]);
        }
        let [of_fit, of_measure] = halves;
        fitted.extend(of_fit.open);
        measured.push((name, of_measure));
    }
    let weights = fitted_to(&fitted);
    measured.iter().for_each(|(name, measured)| tell(name, measured, &weights));
    Ok(())
}

/// Fits weights and prints them.
fn fitted_to(cases: &[Case]) -> Weights {
    let weights = fit(cases);
    anstream::println!("places to fit by: {}", cases.len());
    anstream::println!("weights: {:.2?}\nbias: {:.2}", &weights[..FEATURES], weights[FEATURES]);
    weights
}

/// Prints what weights are worth.
fn tell(known: &str, measured: &Cases, weights: &Weights) {
    let fitted = |case: &Case| 1.0 / (1.0 + (-log_odds(weights, &case.signs)).exp());
    anstream::println!("\nknown: {known}; of the swapped words, in 100, restored at 0.1, 0.2, 0.3 and 0.5 damaged of 100 others:");
    anstream::println!("by the search alone  {}", curve(measured, &|case| f64::from(case.signs.posterior)));
    anstream::println!("calibrated           {}", curve(measured, &|case| f64::from(case.signs.identity())));
    anstream::println!("as fitted now        {}", curve(measured, &fitted));
}

/// Some of the articles of `corpus/held-out`, from all of its files in turn.
fn held_out() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/held-out");
    let mut paths = fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut files = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        files.push(text.split("\n\n").map(|article| article.trim().replace('\n', "\n\n")).collect::<Vec<_>>());
    }
    let row = |number: usize| files.iter().filter_map(move |file| file.get(number * EVERY).cloned());
    Ok((0..).map(row).map(Iterator::collect::<Vec<_>>).take_while(|row| !row.is_empty()).flatten().take(HELD_OUT).collect())
}

/// Spinners, each with the list of it that is known.
fn lists(taught: &[String]) -> Result<Vec<(&'static str, Profile, Profile)>> {
    let (model, thesaurus) = (embedded::model()?, embedded::thesaurus()?);
    let mut out = Vec::new();
    for profile in embedded::profiles()? {
        // so that every word has its place in both texts
        let single = profile.pairs().iter().filter(|pair| !pair.plain.contains(' ') && !pair.cipher.contains(' ')).cloned().collect();
        out.push(("the family", Profile::new("single words", 1, profile.touch, single), profile));
    }
    let touch: TouchRule = TOUCHED.parse().map_err(anyhow::Error::msg)?;
    for seed in TAUGHT_BY {
        let spinner = Profile::new("made-up", 1, touch, invent("made-up", seed, &thesaurus, &model).pairs().to_vec());
        let article = |(number, text): (usize, String)| Article { id: number.to_string(), text };
        let garbled: Vec<Article> = taught.iter().map(|text| spin(text, &spinner)).enumerate().map(article).collect();
        let clean: Vec<Article> = taught.iter().cloned().enumerate().map(article).collect();
        let models = Models { model, thesaurus: &thesaurus };
        let mut learned = learn("learned", &garbled, &clean, None, models, &LearnOptions::default())?;
        anyhow::ensure!(learned.lessons.len() == 1, "one spinner was taken for several");
        out.push(("50 pairs of articles", spinner, learned.lessons.remove(0).profile));
    }
    Ok(out)
}

/// The originals, in order of their folders and names.
fn articles() -> Result<Vec<String>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["in-the-wild-style", "synthetic"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(folder);
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            paths.push(entry?.path().join("original.txt"));
        }
    }
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).with_context(|| path.display().to_string())).collect()
}

/// What articles behind some spinners come to.
#[derive(Default)]
struct Cases {
    /// The places that may be edited.
    open: Vec<Case>,
    /// Number of words that were swapped.
    swapped: usize,
    /// Number of words that were not.
    kept: usize,
}

/// The places of the articles behind each of the spinners.
fn cases(articles: &[&String], seeds: std::ops::Range<u64>, listed: bool) -> Result<Cases> {
    let (model, thesaurus) = (embedded::model()?, embedded::thesaurus()?);
    let unknown = Decoder::new(model, &thesaurus, Cipher::unknown(TouchRule::BARE), DecodeOptions::default());
    let mut out = Cases::default();
    for (seed, &kept) in seeds.zip(KEPT.iter().cycle()) {
        let invented = invent("made-up", seed, &thesaurus, &model);
        let pairs = invented.pairs().iter().filter(|pair| (hash_word(&pair.plain) ^ seed) % 10 < kept).cloned().collect();
        let spinner = Profile::new("made-up", 1, TouchRule::BARE, pairs);
        let half = invented.pairs().iter().filter(|pair| hash_word(&pair.plain) % 2 == seed % 2).cloned().collect();
        let half = Profile::new("half", 1, TouchRule::BARE, half);
        let partly = listed
            .then(|| Decoder::new(model, &thesaurus, Cipher::partly_known(&half, TouchRule::BARE, LACKING), DecodeOptions::default()));
        let decoder = partly.as_ref().unwrap_or(&unknown);
        for original in articles {
            add(decoder, original, &spin(original, &spinner), false, &mut out);
        }
    }
    Ok(out)
}

/// Adds the places of an article of which the likeliest plaintext is `listed`, or is not.
fn add(decoder: &Decoder<'_>, original: &str, spun: &str, listed: bool, out: &mut Cases) {
    let (tokens, plain) = (tokenise(spun), tokenise(original));
    // an image that is cut into several tokens: the places of the two texts are no longer the same
    if tokens.len() != plain.len() {
        return;
    }
    let decoding = decoder.decode(spun, &tokens, &segments(spun, &tokens), &|_| false);
    for (token, plain) in tokens.iter().zip(&plain).filter(|(token, _)| token.shape().is_some()) {
        *(if token.text(spun) == plain.text(original) { &mut out.kept } else { &mut out.swapped }) += 1;
    }
    let single = |(place, signs): &(&Place, &Signs)| place.tokens.len() == 1 && signs.is_open() && signs.listed == listed;
    for (place, &signs) in decoding.readings.places.iter().zip(&decoding.signs).filter(single) {
        let (token, truth) = (tokens[place.tokens.start], plain[place.tokens.start].text(original).to_lowercase());
        let readings = decoding.readings.candidates(place).iter().zip(decoding.readings.posterior(place));
        let others = readings.filter(|(candidate, _)| candidate.origin != Origin::Identity);
        let best = others.max_by(|a, b| a.1.total_cmp(b.1)).map(|(candidate, _)| candidate);
        let swapped = token.text(spun).to_lowercase() != truth;
        out.open.push(Case { signs, swapped, right: best.is_some_and(|best| best.text == truth) });
    }
}

fn log_odds(weights: &Weights, signs: &Signs) -> f64 {
    signs.features().iter().zip(weights).fold(weights[FEATURES], |sum, (&feature, weight)| sum + weight * f64::from(feature))
}

/// The weights that make what was seen likeliest: that a word stands for itself, by its signs.
fn fit(cases: &[Case]) -> Weights {
    let mut weights = [0.0; FEATURES + 1];
    for _ in 0..STEPS {
        let mut slope = weights.map(|weight| -RIDGE * weight);
        let mut bend = [[0.0; FEATURES + 1]; FEATURES + 1];
        (0..=FEATURES).for_each(|at| bend[at][at] = RIDGE);
        for case in cases {
            let expected = 1.0 / (1.0 + (-log_odds(&weights, &case.signs)).exp());
            let error = if case.swapped { -expected } else { 1.0 - expected };
            let mut features = [1.0; FEATURES + 1];
            features.iter_mut().zip(case.signs.features()).for_each(|(to, from)| *to = f64::from(from));
            for (row, &feature) in features.iter().enumerate() {
                slope[row] += error * feature;
                bend[row].iter_mut().zip(features).for_each(|(sum, other)| *sum += expected * (1.0 - expected) * feature * other);
            }
        }
        let step = solve(bend, slope);
        weights.iter_mut().zip(step).for_each(|(weight, step)| *weight += step);
    }
    weights
}

/// Solves a system of linear equations by Gauss and Jordan; it is positive definite.
fn solve(mut rows: [Weights; FEATURES + 1], mut right: Weights) -> Weights {
    for at in 0..=FEATURES {
        let pivot = rows[at];
        for row in (0..=FEATURES).filter(|&row| row != at) {
            let factor = rows[row][at] / pivot[at];
            rows[row].iter_mut().zip(pivot).for_each(|(value, above)| *value -= factor * above);
            right[row] -= factor * right[at];
        }
    }
    (0..=FEATURES).for_each(|at| right[at] /= rows[at][at]);
    right
}

/// Share of the swapped words that are restored if the places are edited whose words are least likely themselves, at four shares of damage.
fn curve(cases: &Cases, identity: &dyn Fn(&Case) -> f64) -> String {
    let mut order: Vec<(f64, &Case)> = cases.open.iter().map(|case| (identity(case), case)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |percent: f64| {
        let (mut damaged, mut restored) = (0.0, 0.0);
        for (_, case) in &order {
            damaged += f64::from(u8::from(!case.swapped));
            if damaged > percent / 100.0 * cases.kept as f64 {
                break;
            }
            restored += f64::from(u8::from(case.swapped && case.right));
        }
        format!("{:.1}", 100.0 * restored / cases.swapped.max(1) as f64)
    };
    [0.1, 0.2, 0.3, 0.5].map(at).join("  ")
}
