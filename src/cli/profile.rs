//! `unspin profile`: what is known of spinners, and whether a profile file is in order.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use unspin::lexicon::{Pair, Profile};

use super::{message, models};

/// Arguments of `unspin profile`.
#[derive(Subcommand, Debug)]
pub(super) enum Args {
    /// Name, version, number of pairs and touch rule of the shipped profiles.
    List,
    /// The pairs of a profile.
    Show {
        /// A shipped profile, or a file.
        #[arg(value_name = "NAME|FILE")]
        profile: String,
        /// Only pairs with this word on either side.
        #[arg(long, value_name = "WORD")]
        word: Option<String>,
        /// What goes out.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Check profile files; exit with 2 if one is wrong.
    Validate {
        /// The files.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// A table
    Text,
    /// One object
    Json,
    /// A profile file
    Tsv,
}

#[derive(Serialize)]
struct Shown<'p> {
    name: &'p str,
    version: u32,
    touch: String,
    about: &'p [String],
    pairs: &'p [Pair],
}

/// Runs `unspin profile`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let mut out = Vec::new();
    let code = match args {
        Args::List => list(&mut out)?,
        Args::Show { profile, word, format } => {
            let profile = models::profile(profile, &[])?;
            show(&word.as_deref().map_or(profile.clone(), |word| only(&profile, word)), *format, &mut out)?
        }
        Args::Validate { files } => validate(files, &mut out)?,
    };
    io::stdout().lock().write_all(&out).context("cannot write to stdout")?;
    Ok(code)
}

fn list(out: &mut Vec<u8>) -> Result<ExitCode> {
    let profiles = models::shipped()?;
    let width = profiles.iter().map(|profile| profile.name.len()).max().unwrap_or(0);
    for profile in &profiles {
        let Profile { name, version, touch, .. } = profile;
        writeln!(out, "{name:<width$}  version {version}  {:>5} pairs  touches {touch}", profile.pairs().len())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn only(profile: &Profile, word: &str) -> Profile {
    let word = word.to_lowercase();
    let pairs = profile.pairs().iter().filter(|pair| pair.plain == word || pair.cipher == word).cloned().collect();
    let mut part = Profile::new(&profile.name, profile.version, profile.touch, pairs);
    part.about.clone_from(&profile.about);
    part
}

fn show(profile: &Profile, format: Format, out: &mut Vec<u8>) -> Result<ExitCode> {
    let Profile { name, version, touch, about, .. } = profile;
    let pairs = profile.pairs();
    match format {
        Format::Tsv => write!(out, "{profile}")?,
        Format::Json => {
            serde_json::to_writer(&mut *out, &Shown { name, version: *version, touch: touch.to_string(), about, pairs })?;
            out.push(b'\n');
        }
        Format::Text => {
            writeln!(out, "{name}, version {version}, touches {touch}, {} pairs", pairs.len())?;
            about.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            let width = |of: fn(&Pair) -> &str| pairs.iter().map(|pair| of(pair).chars().count()).max().unwrap_or(0).max(6);
            let (plain, cipher) = (width(|pair| &pair.plain), width(|pair| &pair.cipher));
            writeln!(out, "{:<plain$}  {:<cipher$}  {:>6}  confidence  source", "plain", "cipher", "count")?;
            for pair in pairs {
                let Pair { count, confidence, source, .. } = pair;
                writeln!(out, "{:<plain$}  {:<cipher$}  {count:>6}  {confidence:>10.2}  {source}", pair.plain, pair.cipher)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn validate(files: &[PathBuf], out: &mut Vec<u8>) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        match models::load(file) {
            Ok(profile) => writeln!(out, "{}: OK ({} pairs)", file.display(), profile.pairs().len())?,
            Err(error) => {
                code = ExitCode::from(2);
                // a wrong line is a result, a file that cannot be read is not
                if error.chain().count() == 1 { writeln!(out, "{error}")? } else { message::error(&error) }
            }
        }
    }
    Ok(code)
}
