//! Spins the originals of the corpus: writes `spun.txt` beside each `original.txt`.
//!
//!     cargo run --release --example spin_corpus
//!
//! The family in `about.toml` says with which spinner: the name of a shipped profile, or "made-up". A made-up spinner is read from
//! `cipher.tsv` beside the case; where there is none, it is drawn by the seed in `cipher.toml` and written there, so
//! that a reader sees the truth. Delete `cipher.tsv` to draw it anew. The same inputs give the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use unspin::embedded;
use unspin::eval::{SpinnerKind, invent, spin};
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lm::NgramModel;

const FOLDERS: [&str; 3] = ["in-the-wild-style", "known-failures", "synthetic"];

/// What this program needs of an `about.toml`.
#[derive(Deserialize)]
struct About {
    family: String,
}

/// A `cipher.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Draw {
    seed: u64,
    /// The shapes that the spinner touches, if not bare lower-case words only.
    touch: Option<String>,
}

fn main() -> Result<()> {
    let (model, thesaurus, profiles) = (embedded::model()?, embedded::thesaurus()?, embedded::profiles()?);
    for folder in FOLDERS {
        for case in cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(folder))? {
            let about: About = toml::from_str(&read(&case.join("about.toml"))?).with_context(|| case.display().to_string())?;
            let made_up;
            let profile = match profiles.iter().find(|profile| profile.name == about.family) {
                Some(known) => known,
                None => {
                    made_up = cipher(&case, &thesaurus, &model).with_context(|| case.display().to_string())?;
                    &made_up
                }
            };
            let original = read(&case.join("original.txt"))?;
            let spun = spin(&original, profile);
            let path = case.join("spun.txt");
            if fs::read_to_string(&path).ok().as_deref() != Some(&spun) {
                fs::write(&path, &spun).with_context(|| path.display().to_string())?;
                anstream::println!("written: {folder}/{}", case.file_name().unwrap_or_default().display());
            }
        }
    }
    Ok(())
}

/// The made-up spinner of a case.
fn cipher(case: &Path, thesaurus: &Thesaurus<'_>, model: &NgramModel<'_>) -> Result<Profile> {
    let table = case.join("cipher.tsv");
    if table.exists() {
        return Ok(read(&table)?.parse()?);
    }
    let Draw { seed, touch } = toml::from_str(&read(&case.join("cipher.toml"))?)?;
    let mut profile = invent(&format!("made-up-{seed}"), seed, SpinnerKind::USUAL, thesaurus, model);
    if let Some(touch) = touch {
        profile.touch = touch.parse().map_err(anyhow::Error::msg)?;
    }
    profile.about = vec!["Drawn from the thesaurus by `cargo run --release --example spin_corpus`; no real spinner.".to_owned()];
    fs::write(&table, profile.to_string()).with_context(|| table.display().to_string())?;
    Ok(profile)
}

/// The folders below `folder` that hold an original, sorted.
fn cases(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    cases.retain(|case| case.join("original.txt").is_file());
    cases.sort();
    Ok(cases)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}
