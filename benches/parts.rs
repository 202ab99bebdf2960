//! What the parts cost, in bytes of text a second.
//!
//!     cargo bench
//!
//! The texts are those of `corpus/cases/in-the-wild-style`, joined: clean, spun by the family that is listed, and by one that nobody knows. Whole
//! processes are measured by `tests/scripts/benchmark.py`.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use unspin::detect::Sieve;
use unspin::embedded;
use unspin::eval::{SpinnerKind, invent, spin};
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::{Limits, Thesaurus};
use unspin::lm::reading::{Reading, sentences};
use unspin::lm::{LanguageModel, NgramModel};
use unspin::restore::{RestoreOptions, Restorer};
use unspin::text::{segments, tokenise};

/// Seed of the spinner that nobody knows.
const UNKNOWN: u64 = 7;
/// Bytes of text that no profile explains: deciphering it takes long.
const SHORT: usize = 6_000;

struct Bench {
    model: NgramModel<'static>,
    thesaurus: Thesaurus<'static>,
    profiles: Vec<Profile>,
    clean: String,
    known: String,
    unknown: String,
}

static BENCH: LazyLock<Option<Bench>> = LazyLock::new(|| match load() {
    Ok(bench) => Some(bench),
    Err(error) => {
        anstream::eprintln!("parts: {error:#}");
        None
    }
});

fn load() -> Result<Bench> {
    let (model, thesaurus, profiles) = (embedded::model()?, embedded::thesaurus()?, embedded::profiles()?);
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases/in-the-wild-style");
    let mut folders: Vec<_> = fs::read_dir(&cases).with_context(|| format!("{}", cases.display()))?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::path);
    let texts: Vec<String> =
        folders.iter().map(|folder| fs::read_to_string(folder.path().join("original.txt"))).collect::<Result<_, _>>()?;
    let clean = texts.join("\n\n");
    let family = profiles.first().context("no profile is embedded")?;
    let known = spin(&clean, family);
    let head = clean.get(..clean.floor_char_boundary(SHORT)).unwrap_or(&clean);
    let unknown = spin(head, &invent("unknown", UNKNOWN, SpinnerKind::USUAL, &thesaurus, &model));
    Ok(Bench { model, thesaurus, profiles, clean, known, unknown })
}

fn main() {
    divan::main();
}

#[divan::bench]
fn tokens(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    bencher.counter(BytesCount::of_str(&bench.clean)).bench(|| tokenise(&bench.clean));
}

#[divan::bench]
fn sentences_and_paragraphs(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    let tokens = tokenise(&bench.clean);
    bencher.counter(BytesCount::of_str(&bench.clean)).bench(|| segments(&bench.clean, &tokens));
}

#[divan::bench]
fn sieve(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    let profiles: Vec<&Profile> = bench.profiles.iter().collect();
    let sieve = Sieve::new(bench.model, &profiles);
    bencher.counter(BytesCount::of_str(&bench.clean)).bench(|| sieve.sift(&bench.clean));
}

#[divan::bench]
fn language_model(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    let tokens = tokenise(&bench.clean);
    let found = segments(&bench.clean, &tokens);
    let vocabulary = bench.model.vocabulary();
    let words = |readings: Vec<Reading<'_>>| -> Vec<_> {
        let id = |reading: &Reading<'_>| match reading {
            Reading::Word(key) | Reading::Possessive(key) => Some(vocabulary.id_or_unknown(key)),
            Reading::Opaque | Reading::Nothing | Reading::Break => None,
        };
        readings.iter().filter_map(id).collect()
    };
    let rows: Vec<Vec<_>> = sentences(&bench.clean, &tokens, &found).map(|(_, readings)| words(readings)).collect();
    bencher.counter(ItemsCount::new(rows.iter().map(Vec::len).sum::<usize>())).bench(|| {
        let score = |row: &Vec<_>| {
            let mut state = bench.model.sentence_start();
            let mut sum = 0.0;
            for &id in row {
                let (score, next) = bench.model.score(&state, id);
                (sum, state) = (sum + score.0, next);
            }
            sum
        };
        rows.iter().map(score).sum::<f32>()
    });
}

#[divan::bench(args = ["volition", "enactment", "caller", "connected"])]
fn thesaurus(bencher: Bencher<'_, '_>, word: &str) {
    let Some(bench) = &*BENCH else { return };
    bencher.bench(|| bench.thesaurus.plaintexts(word, &Limits::default()).len());
}

/// Of a known spinner, with what it has met remembered: as in a folder.
#[divan::bench]
fn restore_known(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    let restorer = Restorer::new(bench.model, &bench.thesaurus, &bench.profiles, RestoreOptions::default());
    bencher.counter(BytesCount::of_str(&bench.known)).bench(|| restorer.restore(&bench.known));
}

/// The same, of a spinner that nobody knows.
#[divan::bench(sample_count = 10)]
fn restore_unknown(bencher: Bencher<'_, '_>) {
    let Some(bench) = &*BENCH else { return };
    let restorer = Restorer::new(bench.model, &bench.thesaurus, &bench.profiles, RestoreOptions::default());
    bencher.counter(BytesCount::of_str(&bench.unknown)).bench(|| restorer.restore(&bench.unknown));
}
