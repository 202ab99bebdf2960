//! Trains the reranker of `src/decode/reranker.rs`, which weighs again what the search makes of each place, and tells what it is worth.
//!
//!     cargo run --release --example calibrate -- dictionaries/english.reranker
//!
//! Every other article of `corpus/held-out`, which neither the language model nor the network has read, is garbled many times over, by made-up spinners and by the shipped
//! one, of whose pairs more or fewer are in use, and decoded with nothing, half or nearly all of its list known, with a list that was learned side by side, or with what was
//! deciphered of the article itself and others (`garbled.rs`). `training.rs` makes a reranker of it. The articles of `corpus/cases` and the others of
//! `corpus/held-out`, behind other spinners, tell what it is worth. The same inputs give the same bytes on the same machine; without an argument nothing is written.

mod garbled;
mod texts;
mod training;

use std::fs;

use anyhow::{Context, Result};
use unspin::decode::Reranker;
use unspin::embedded;
use unspin::eval::SpinnerKind;
use unspin::lexicon::TouchRule;

use crate::garbled::{Case, Cases, DECIPHERED, KINDS, Known, Maker, Spinner, TAUGHT, TOUCHED, single_words};

/// Of ten pairs of a spinner, how many it keeps, in turn: the others are not swapped.
const KEPT: [u64; 6] = [10, 7, 10, 4, 10, 2];
/// Seeds of spinners: to train by (and as many as are needed behind it), to measure by; those that are deciphered, so far behind them.
const TRAINED_BY: u64 = 100_000;
const MEASURED_BY: u64 = 900_000;
const DECIPHERED_BY: u64 = 50_000;

fn main() -> Result<()> {
    let output = std::env::args().nth(1);
    let maker = Maker { model: embedded::model()?, thesaurus: embedded::thesaurus()? };
    let held_out = texts::held_out()?;
    let of_parity = |parity: usize| -> Vec<&String> { held_out.iter().skip(parity).step_by(2).collect() };
    let (ours, theirs) = (of_parity(0), of_parity(1));
    let mut fitted = Cases::default();
    let mut seed = TRAINED_BY;
    let made_up = Spinner::MadeUp(TouchRule::BARE, &KINDS);
    let marked = Spinner::MadeUp(TOUCHED.parse().map_err(anyhow::Error::msg)?, &KINDS);
    let nothing = [Known::Nothing; 3];
    for known in nothing.into_iter().chain([Known::Part(5), Known::Part(5), Known::Part(9)]) {
        maker.unlisted(&ours, &made_up, known, &mut seed, &KEPT, &mut fitted);
    }
    for known in [Known::Nothing; 2] {
        maker.unlisted(&ours, &marked, known, &mut seed, &KEPT, &mut fitted);
    }
    let family = Spinner::Shipped(single_words()?);
    for known in [Known::Nothing, Known::Nothing, Known::Part(5), Known::Part(9)] {
        maker.unlisted(&ours, &family, known, &mut seed, &KEPT, &mut fitted);
    }
    let (taught, others) = ours.split_at(TAUGHT[0]);
    for (_, spinner, list) in maker.lists(taught, TRAINED_BY)? {
        maker.listed(others, &spinner, &list, &KEPT, &mut fitted);
    }
    for (seed, heap) in (TRAINED_BY + DECIPHERED_BY..).step_by(1_000).zip(DECIPHERED) {
        maker.deciphered(&ours, heap, seed, &mut fitted);
    }
    anstream::println!("places to train on: {}", fitted.places.len());
    let reranker = training::train(&fitted.places);
    if let Some(path) = &output {
        let head = "# The reranker of src/decode/reranker.rs: a line for each input of each layer, its name and its weights.\n# cargo run --release --example calibrate -- dictionaries/english.reranker\n";
        fs::write(path, format!("{head}{reranker}")).with_context(|| path.clone())?;
    }
    let articles = texts::articles()?;
    let articles: Vec<&String> = articles.iter().collect();
    let usual = Spinner::MadeUp(TouchRule::BARE, &[SpinnerKind::USUAL]);
    let any_word = Spinner::MadeUp(TouchRule::BARE, &[SpinnerKind::ANY_WORD]);
    for (name, known) in [("nothing", Known::Nothing), ("half", Known::Part(5)), ("nine in ten", Known::Part(9))] {
        for (spinner, of, kept) in [(&usual, "a made-up spinner", 10), (&usual, "a made-up spinner", 4), (&any_word, "one of any word", 10)]
        {
            let (mut measured, mut seed) = (Cases::default(), MEASURED_BY);
            maker.unlisted(&articles, spinner, known, &mut seed, &[kept], &mut measured);
            tell(&format!("{of}; known: {name}; in use: {kept} in 10"), &measured, &reranker);
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
    for (seed, heap) in (MEASURED_BY + DECIPHERED_BY..).step_by(1_000).zip(DECIPHERED) {
        let mut measured = Cases::default();
        maker.deciphered(&theirs, heap, seed, &mut measured);
        tell(&format!("known: what was deciphered of {} articles beside {} clean ones", heap.0, heap.1), &measured, &reranker);
    }
    Ok(())
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
