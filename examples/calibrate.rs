//! Trains the reranker of `src/decode/reranker.rs`, which weighs again what the search makes of each place, and tells what it is worth.
//!
//!     cargo run --release --example calibrate -- dictionaries/english.reranker
//!
//! Every other article of `corpus/held-out`, which neither the language model nor the network has read, is garbled thirteen times over, by made-up spinners and by the shipped
//! one, of whose pairs more or fewer are in use, and decoded with nothing, half or nearly all of its list known, or a list that was learned. A place of which
//! the right word is among the candidates tells that word; of the others it is only known that what stands there is not right. Cross-entropy, Adam, steps that
//! fall to nothing. The articles of `corpus/cases` and the others of `corpus/held-out`, behind other spinners, tell what it is worth. The same inputs give the same
//! bytes on the same machine; without an argument nothing is written.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use unspin::decode::{Cipher, DecodeOptions, Decoder, Origin, Reranker, Row, SIGNS};
use unspin::embedded;
use unspin::eval::{Draw, invent, spin};
use unspin::learn::{Article, LearnOptions, Models, learn};
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lexicon::{Profile, TouchRule};
use unspin::lm::{NgramModel, hash_word};
use unspin::text::{segments, tokenise};

/// Of ten pairs of a spinner, how many it keeps, in turn: the others are not swapped.
const KEPT: [u64; 6] = [10, 7, 10, 4, 10, 2];
/// Articles that one spinner garbles.
const TOGETHER: usize = 8;
/// Articles that are learned from side by side with their originals, for each of some spinners; what those touch.
const TAUGHT: [usize; 4] = [50, 50, 15, 25];
const TOUCHED: &str = "lower-bare lower-punctuated title-bare title-punctuated";
/// Seeds of spinners: to train by (and as many as are needed behind it), to measure by.
const TRAINED_BY: u64 = 100_000;
const MEASURED_BY: u64 = 900_000;
/// Candidates of a place that are looked at: itself, and the likeliest by search and network.
const MOST_CANDIDATES: usize = 16;
/// How often all places are gone through, how many at a time, and the first step.
const EPOCHS: usize = 6;
const BATCH: usize = 512;
const RATE: f32 = 2e-3;

/// What is known of a spinner.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    Nothing,
    /// In ten, so many of its pairs.
    Part(u64),
}

/// Who garbles.
enum Spinner {
    Shipped(Profile),
    /// Another for every few articles, that touches these shapes.
    MadeUp(TouchRule),
}

/// A place that can be read in several ways: its likeliest candidates.
struct Case {
    rows: Vec<Row>,
    /// What the search makes of each.
    posterior: Vec<f32>,
    /// Which of them is the word as it stands, and which is right.
    itself: Option<usize>,
    right: Option<usize>,
    swapped: bool,
}

/// What articles behind some spinners come to.
#[derive(Default)]
struct Cases {
    places: Vec<Case>,
    /// Number of words that were swapped, and that were not.
    swapped: usize,
    kept: usize,
}

struct Maker {
    model: NgramModel<'static>,
    thesaurus: Thesaurus<'static>,
}

fn main() -> Result<()> {
    let output = std::env::args().nth(1);
    let maker = Maker { model: embedded::model()?, thesaurus: embedded::thesaurus()? };
    let held_out = held_out()?;
    let of_parity = |parity: usize| -> Vec<&String> { held_out.iter().skip(parity).step_by(2).collect() };
    let (ours, theirs) = (of_parity(0), of_parity(1));
    let mut fitted = Cases::default();
    let mut seed = TRAINED_BY;
    let made_up = Spinner::MadeUp(TouchRule::BARE);
    let marked = Spinner::MadeUp(TOUCHED.parse().map_err(anyhow::Error::msg)?);
    for known in [Known::Nothing, Known::Nothing, Known::Part(5), Known::Part(9)] {
        maker.unlisted(&ours, &made_up, known, &mut seed, &KEPT, &mut fitted);
    }
    maker.unlisted(&ours, &marked, Known::Nothing, &mut seed, &KEPT, &mut fitted);
    let family = Spinner::Shipped(single_words()?);
    for known in [Known::Nothing, Known::Part(5), Known::Part(9)] {
        maker.unlisted(&ours, &family, known, &mut seed, &KEPT, &mut fitted);
    }
    let (taught, others) = ours.split_at(TAUGHT[0]);
    for (_, spinner, list) in maker.lists(taught, TRAINED_BY)? {
        maker.listed(others, &spinner, &list, &KEPT, &mut fitted);
    }
    anstream::println!("places to train on: {}", fitted.places.len());
    let reranker = train(&fitted.places);
    if let Some(path) = &output {
        let head = "# The reranker of src/decode/reranker.rs: a line for each input of each layer, its name and its weights.\n# cargo run --release --example calibrate -- dictionaries/english.reranker\n";
        fs::write(path, format!("{head}{reranker}")).with_context(|| path.clone())?;
    }
    let articles = articles()?;
    let articles: Vec<&String> = articles.iter().collect();
    for (name, known) in [("nothing", Known::Nothing), ("half", Known::Part(5)), ("nine in ten", Known::Part(9))] {
        for kept in [10, 4] {
            let (mut measured, mut seed) = (Cases::default(), MEASURED_BY);
            maker.unlisted(&articles, &made_up, known, &mut seed, &[kept], &mut measured);
            tell(&format!("a made-up spinner; known: {name}; in use: {kept} in 10"), &measured, &reranker);
        }
        let (mut measured, mut seed) = (Cases::default(), MEASURED_BY);
        maker.unlisted(&articles, &family, known, &mut seed, &[10], &mut measured);
        tell(&format!("the family; known: {name}"), &measured, &reranker);
    }
    let (mut measured, mut seed) = (Cases::default(), MEASURED_BY);
    maker.unlisted(&articles, &marked, Known::Nothing, &mut seed, &[10], &mut measured);
    tell("a made-up spinner that touches marks and capitals too; known: nothing", &measured, &reranker);
    let (taught, others) = theirs.split_at(TAUGHT[0]);
    for (name, spinner, list) in maker.lists(taught, MEASURED_BY)? {
        for kept in [10, 4, 2] {
            let mut measured = Cases::default();
            maker.listed(&others[..100], &spinner, &list, &[kept], &mut measured);
            tell(&format!("known: {name}; in use: {kept} in 10"), &measured, &reranker);
        }
    }
    Ok(())
}

impl Maker {
    /// The places of some articles, of which the shipped spinner, or one made up for them, garbles [`TOGETHER`] at a time.
    fn unlisted(&self, articles: &[&String], spinner: &Spinner, known: Known, seed: &mut u64, kept: &[u64], out: &mut Cases) {
        let touch = match spinner {
            Spinner::Shipped(profile) => profile.touch,
            Spinner::MadeUp(touch) => *touch,
        };
        let unknown = self.decoder(Cipher::unknown(touch));
        let first = *seed;
        let garbled = |number: usize, articles: &[&String]| {
            let seed = first + number as u64;
            let whole = match spinner {
                Spinner::Shipped(profile) => profile.clone(),
                Spinner::MadeUp(_) => invent("made-up", seed, &self.thesaurus, &self.model),
            };
            let some = |share: u64, salt: u64| {
                let pairs = whole.pairs().iter().filter(|pair| (hash_word(&pair.plain) ^ salt) % 10 < share).cloned().collect();
                Profile::new("part", 1, touch, pairs)
            };
            let spinner = some(kept[number % kept.len()], seed);
            let mut cases = Cases::default();
            let mut add =
                |decoder: &Decoder<'_>| articles.iter().for_each(|original| add(decoder, original, &spin(original, &spinner), &mut cases));
            match known {
                Known::Nothing => add(&unknown),
                Known::Part(share) => {
                    let list = some(share, seed.wrapping_mul(7));
                    add(&self.decoder(Cipher::known_in_part(&list)));
                }
            }
            cases
        };
        *seed += together(articles, &garbled, out);
    }

    /// The places of some articles behind a spinner of which nearly all is known, and `kept` in ten of its pairs are in use, in turn.
    fn listed(&self, articles: &[&String], spinner: &Profile, list: &Profile, kept: &[u64], out: &mut Cases) {
        let whole = self.decoder(if list.is_short() { Cipher::known_in_part(list) } else { Cipher::known(list) });
        let sparing = self.decoder(Cipher::sparing(list));
        let garbled = |number: usize, articles: &[&String]| {
            let kept = kept[number % kept.len()];
            // as `restore` has it: what lacks pairs is known in part, and where less of the list is in use the text is decoded anew
            let decoder = if kept > 8 || list.is_short() { &whole } else { &sparing };
            let in_use = |plain: &str| (hash_word(plain) ^ (number as u64).wrapping_mul(0x9e37_79b9)) % 10 < kept;
            let pairs = spinner.pairs().iter().filter(|pair| in_use(&pair.plain)).cloned().collect();
            let spinner = Profile::new("in use", 1, spinner.touch, pairs);
            let mut cases = Cases::default();
            articles.iter().for_each(|original| add(decoder, original, &spin(original, &spinner), &mut cases));
            cases
        };
        together(articles, &garbled, out);
    }

    fn decoder<'m>(&'m self, cipher: Cipher<'m>) -> Decoder<'m> {
        Decoder::new(self.model, &self.thesaurus, cipher, DecodeOptions::default())
    }

    /// Spinners, each with the list of it that is known.
    fn lists(&self, taught: &[&String], seed: u64) -> Result<Vec<(String, Profile, Profile)>> {
        let mut out = Vec::new();
        for profile in embedded::profiles()? {
            out.push(("the family".to_owned(), single_words()?, profile));
        }
        let touch: TouchRule = TOUCHED.parse().map_err(anyhow::Error::msg)?;
        for (seed, number) in (seed..).zip(TAUGHT) {
            let taught = &taught[..number];
            let spinner = Profile::new("made-up", 1, touch, invent("made-up", seed, &self.thesaurus, &self.model).pairs().to_vec());
            let article = |(number, text): (usize, String)| Article { id: number.to_string(), text };
            let garbled: Vec<Article> = taught.iter().map(|text| spin(text, &spinner)).enumerate().map(article).collect();
            let clean: Vec<Article> = taught.iter().map(|text| (*text).clone()).enumerate().map(article).collect();
            let models = Models { model: self.model, thesaurus: &self.thesaurus };
            let mut learned = learn("learned", &garbled, &clean, None, models, &LearnOptions::default())?;
            anyhow::ensure!(learned.lessons.len() == 1, "one spinner was taken for several");
            out.push((format!("{number} pairs of articles"), spinner, learned.lessons.remove(0).profile));
        }
        Ok(out)
    }
}

/// The shipped spinner without its phrases, so that every word has its place in both texts.
fn single_words() -> Result<Profile> {
    let [profile] = <[Profile; 1]>::try_from(embedded::profiles()?).map_err(|_| anyhow::anyhow!("one profile is shipped"))?;
    let single = profile.pairs().iter().filter(|pair| !pair.plain.contains(' ') && !pair.cipher.contains(' ')).cloned().collect();
    Ok(Profile::new("single words", 1, profile.touch, single))
}

/// Garbles articles, some at a time, on all processors; what comes of them stands in their order. Returns how many times.
fn together(articles: &[&String], garbled: &(dyn Fn(usize, &[&String]) -> Cases + Sync), out: &mut Cases) -> u64 {
    let groups: Vec<(usize, &[&String])> = articles.chunks(TOGETHER).enumerate().collect();
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    for row in groups.chunks(jobs) {
        let made: Vec<Cases> = std::thread::scope(|scope| {
            let threads: Vec<_> = row.iter().map(|&(number, articles)| scope.spawn(move || garbled(number, articles))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        for cases in made {
            out.places.extend(cases.places);
            out.swapped += cases.swapped;
            out.kept += cases.kept;
        }
    }
    groups.len() as u64
}

/// Adds the places of an article that can be read in several ways.
fn add(decoder: &Decoder<'_>, original: &str, spun: &str, out: &mut Cases) {
    let (tokens, plain) = (tokenise(spun), tokenise(original));
    // an image that is cut into several tokens: the places of the two texts are no longer the same
    if tokens.len() != plain.len() {
        return;
    }
    let mut decoding = decoder.decode(spun, &tokens, &segments(spun, &tokens), &|_| false);
    decoder.weigh_again(&mut decoding, &|_| true);
    for (token, plain) in tokens.iter().zip(&plain).filter(|(_, plain)| plain.shape().is_some()) {
        *(if token.text(spun) == plain.text(original) { &mut out.kept } else { &mut out.swapped }) += 1;
    }
    let readings = &decoding.readings;
    for place in readings.places.iter().filter(|place| decoding.is_weighed_again(place)) {
        let (candidates, posterior) = (readings.candidates(place), readings.posterior(place));
        let itself = candidates.iter().position(|candidate| candidate.origin == Origin::Identity);
        let (token, truth) = (tokens[place.tokens.start], plain[place.tokens.start].text(original).to_lowercase());
        let swapped = token.text(spun).to_lowercase() != truth;
        let rows = decoding.signs.rows(readings, place);
        let score = |at: usize| if Some(at) == itself { f32::INFINITY } else { rows[at][0] + 0.5 * rows[at][1] };
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        order.truncate(MOST_CANDIDATES);
        out.places.push(Case {
            rows: order.iter().map(|&at| rows[at]).collect(),
            posterior: order.iter().map(|&at| posterior[at]).collect(),
            itself: itself.map(|_| 0),
            right: order.iter().position(|&at| candidates[at].text == truth),
            swapped,
        });
    }
}

/// Every article of `corpus/held-out`.
fn held_out() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/held-out");
    let mut paths = fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut out = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let articles: Vec<String> = text.split("\n\n").map(|article| article.trim().replace('\n', "\n\n")).collect();
        // an even number of each file, so that the parity within a file decides
        out.extend(articles.chunks_exact(2).flatten().cloned());
    }
    Ok(out)
}

/// The originals of `corpus/cases`, in order of their folders and names.
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

/// Trains a network.
fn train(cases: &[Case]) -> Reranker {
    let mean_and_deviation: Vec<(f32, f32)> = (0..SIGNS).map(|sign| spread(cases, sign)).collect();
    let mut draw = Draw::from(7);
    let mut weights = Reranker::BLANK;
    let mut start = |rows: &mut [[f32; Reranker::HIDDEN]]| {
        let scale = (2.0 / rows.len() as f32).sqrt();
        let last = rows.len() - 1;
        rows[..last].iter_mut().flatten().for_each(|weight| *weight = scale * normal(&mut draw));
    };
    start(&mut weights.first);
    start(&mut weights.second);
    weights.third.iter_mut().for_each(|weight| *weight = 0.1 * normal(&mut draw));
    let scaled: Vec<Example> = cases.iter().filter_map(|case| Example::of(case, &mean_and_deviation)).collect();
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    let (mut mean, mut square) = (Reranker::BLANK, Reranker::BLANK);
    let steps = EPOCHS * (scaled.len() / BATCH);
    let mut done = 0;
    for epoch in 0..EPOCHS {
        (1..order.len()).rev().for_each(|last| order.swap(last, usize::try_from(draw.below(last as u64 + 1)).unwrap_or(last)));
        let mut loss = 0.0;
        for batch in order.chunks_exact(BATCH) {
            let mut slope = Reranker::BLANK;
            batch.iter().for_each(|&at| loss += f64::from(scaled[at].slope(&weights, &mut slope)));
            done += 1;
            let rate = RATE * (1.0 - done as f32 / (steps + 1) as f32).max(0.02);
            adam(&mut weights, &slope, &mut mean, &mut square, done, rate);
        }
        anstream::println!("epoch {}: {:.4} nats a place", epoch + 1, loss / (order.len() / BATCH * BATCH) as f64);
    }
    unscaled(weights, &mean_and_deviation)
}

/// Mean and deviation of a sign.
#[expect(clippy::cast_possible_truncation, reason = "summed in 64 bits, used in 32")]
fn spread(cases: &[Case], sign: usize) -> (f32, f32) {
    let (mut number, mut sum, mut square) = (0.0f64, 0.0f64, 0.0f64);
    for row in cases.iter().flat_map(|case| &case.rows) {
        let value = f64::from(row[sign]);
        (number, sum, square) = (number + 1.0, sum + value, square + value * value);
    }
    let mean = sum / number;
    (mean as f32, ((square / number - mean * mean).max(0.0).sqrt() + 1e-3) as f32)
}

/// The same network for signs as they are.
fn unscaled(mut weights: Reranker, mean_and_deviation: &[(f32, f32)]) -> Reranker {
    for (sign, (mean, deviation)) in mean_and_deviation.iter().enumerate() {
        for unit in 0..weights.third.len() {
            weights.first[sign][unit] /= deviation;
            weights.first[SIGNS][unit] -= weights.first[sign][unit] * mean;
        }
    }
    weights
}

/// A place to train on.
struct Example {
    rows: Vec<Row>,
    /// Which of the rows may be right: one, or all but the word as it stands.
    may: Vec<bool>,
}

impl Example {
    fn of(case: &Case, mean_and_deviation: &[(f32, f32)]) -> Option<Self> {
        if case.right.is_none() && !case.swapped {
            return None;
        }
        let row = |row: &Row| {
            let mut row = *row;
            row.iter_mut().zip(mean_and_deviation).for_each(|(value, (mean, deviation))| *value = (*value - mean) / deviation);
            row
        };
        let may = |at: usize| case.right.map_or(Some(at) != case.itself, |right| at == right);
        Some(Self { rows: case.rows.iter().map(row).collect(), may: (0..case.rows.len()).map(may).collect() })
    }

    /// Adds the slope of the cross-entropy; the cross-entropy, in nats.
    fn slope(&self, weights: &Reranker, slope: &mut Reranker) -> f32 {
        let mut units = vec![([0.0; Reranker::HIDDEN], [0.0; Reranker::HIDDEN]); self.rows.len()];
        let scores: Vec<f32> = self.rows.iter().zip(&mut units).map(|(row, (first, second))| weights.score(row, first, second)).collect();
        let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shares: Vec<f32> = scores.iter().map(|score| (score - best).exp()).collect();
        let (all, may) =
            (shares.iter().sum::<f32>(), shares.iter().zip(&self.may).filter(|(_, may)| **may).map(|(share, _)| share).sum::<f32>());
        let may = may.max(f32::MIN_POSITIVE);
        for (((row, (first, second)), share), is_right) in self.rows.iter().zip(&units).zip(&shares).zip(&self.may) {
            let error = share / all - if *is_right { share / may } else { 0.0 };
            if error.abs() < 1e-6 {
                continue;
            }
            let mut of_second = [0.0; Reranker::HIDDEN];
            for unit in 0..Reranker::HIDDEN {
                slope.third[unit] += error * second[unit];
                of_second[unit] = if second[unit] > 0.0 { error * weights.third[unit] } else { 0.0 };
            }
            let mut of_first = [0.0; Reranker::HIDDEN];
            for (unit, &value) in first.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                let (weights, slope) = (&weights.second[unit], &mut slope.second[unit]);
                slope.iter_mut().zip(&of_second).for_each(|(slope, error)| *slope += value * error);
                of_first[unit] = weights.iter().zip(&of_second).map(|(weight, error)| weight * error).sum();
            }
            slope.second[Reranker::HIDDEN].iter_mut().zip(&of_second).for_each(|(slope, error)| *slope += error);
            for (slope, value) in slope.first.iter_mut().zip(row.iter().chain(&[1.0])) {
                slope.iter_mut().zip(&of_first).for_each(|(slope, error)| *slope += value * error);
            }
        }
        (all / may).ln()
    }
}

/// A step (Kingma and Ba 2015).
fn adam(weights: &mut Reranker, slope: &Reranker, mean: &mut Reranker, square: &mut Reranker, step: i32, rate: f32) {
    let by = (1.0 - 0.9f32.powi(step), 1.0 - 0.999f32.powi(step));
    let moments = all(mean).zip(all(square));
    for ((weight, slope), (mean, square)) in all(weights).zip(all(&mut slope.clone())).zip(moments) {
        let slope = *slope / BATCH as f32;
        *mean = 0.9 * *mean + 0.1 * slope;
        *square = 0.999 * *square + 0.001 * slope * slope;
        *weight -= rate * (*mean / by.0) / ((*square / by.1).sqrt() + 1e-8);
    }
}

/// All weights of a network.
fn all(network: &mut Reranker) -> impl Iterator<Item = &mut f32> {
    network.first.iter_mut().chain(&mut network.second).chain(std::iter::once(&mut network.third)).flatten()
}

/// Prints what a reranker is worth.
fn tell(name: &str, measured: &Cases, reranker: &Reranker) {
    anstream::println!(
        "\n{name}; likeliest other reading right; in 100 swapped words restored at 0.1, 0.2, 0.3 and 0.5 damaged of 100 others:"
    );
    anstream::println!("by the search  {}", curve(measured, &|case| case.posterior.clone()));
    anstream::println!("reranked       {}", curve(measured, &|case| reranker.posterior(&case.rows)));
}

/// Share of the swapped words of which the likeliest reading, but for the word itself, is right; and that are restored if the places are edited whose words have
/// the least odds against that reading, at four shares of damage.
fn curve(cases: &Cases, posterior: &dyn Fn(&Case) -> Vec<f32>) -> String {
    let weighed = |case: &Case| {
        let posterior = posterior(case);
        let others = (0..posterior.len()).filter(|&at| Some(at) != case.itself);
        let best = others.max_by(|&a, &b| posterior[a].total_cmp(&posterior[b]));
        let odds = case.itself.map_or(0.0, |own| posterior[own]) / best.map_or(0.0, |best| posterior[best]).max(f32::MIN_POSITIVE);
        (odds, case.swapped, case.swapped && best.is_some() && best == case.right)
    };
    let mut order: Vec<(f32, bool, bool)> = cases.places.iter().map(weighed).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let share = |number: usize| format!("{:.1}", 100.0 * number as f64 / cases.swapped.max(1) as f64);
    let at = |percent: f64| {
        let (mut damaged, mut restored) = (0usize, 0usize);
        for (_, swapped, right) in &order {
            damaged += usize::from(!swapped);
            if damaged as f64 > percent / 100.0 * cases.kept as f64 {
                break;
            }
            restored += usize::from(*right);
        }
        share(restored)
    };
    let right = share(order.iter().filter(|(.., right)| *right).count());
    format!("{right};  {}", [0.1, 0.2, 0.3, 0.5].map(at).join("  "))
}

/// A number that is about normal: a sum of twelve.
fn normal(draw: &mut Draw) -> f32 {
    (0..12).map(|_| (draw.number() >> 40) as f32 / (1u64 << 24) as f32).sum::<f32>() - 6.0
}
