//! `unspin profile`: what is known of spinners, and whether a profile file is in order.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use unspin::lexicon::{Pair, Profile, Source, Support};

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
        /// Order of the pairs; count and confidence from the greatest down.
        #[arg(long, value_enum, default_value = "plain")]
        sort: Order,
        /// Only pairs of at least this confidence.
        #[arg(long, value_name = "X", default_value_t = 0.0)]
        min_confidence: f32,
        /// Only pairs counted at least this often.
        #[arg(long, value_name = "N", default_value_t = 0.0)]
        min_count: f32,
        /// Only pairs known from here, such as aligned or deciphered.
        #[arg(long, value_name = "SOURCE")]
        source: Option<String>,
        /// Only weak pairs, or only the others.
        #[arg(long, value_enum)]
        standing: Option<Standing>,
        /// What goes out.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Make one profile of several of the same spinner.
    Merge {
        /// Shipped profiles, or files; the first one gives name, version and remarks.
        #[arg(value_name = "NAME|FILE", required = true, num_args = 2..)]
        profiles: Vec<String>,
        /// Where the profile is written [default: standard output].
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// By the word of the original
    Plain,
    /// By the word of the garbled text
    Cipher,
    /// By how often it was counted
    Count,
    /// By how sure it is
    Confidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Standing {
    /// Enough speaks for them
    Firm,
    /// Too little speaks for them: the preset `precision` does not use them
    Weak,
}

/// A pair with what it rests on.
#[derive(Serialize)]
struct Row<'p> {
    #[serde(flatten)]
    pair: &'p Pair,
    #[serde(flatten)]
    support: Option<&'p Support>,
}

#[derive(Serialize)]
struct Shown<'p> {
    name: &'p str,
    version: u32,
    touch: String,
    about: &'p [String],
    pairs: Vec<Row<'p>>,
    stays: BTreeMap<&'p str, u32>,
}

/// Runs `unspin profile`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let mut out = Vec::new();
    let code = match args {
        Args::List => list(&mut out)?,
        Args::Show { profile, word, sort, min_confidence, min_count, source, standing, format } => {
            let profile = models::profile(profile, &[])?;
            if let Some(source) = source.as_deref().filter(|source| Source::named(source).is_none()) {
                bail!("unknown source `{source}`; known are {}", Source::names().join(", "));
            }
            let word = word.as_deref().map(str::to_lowercase);
            let part = profile.filtered(|pair| {
                word.as_ref().is_none_or(|word| pair.plain == *word || pair.cipher == *word)
                    && pair.confidence >= *min_confidence
                    && pair.count >= *min_count
                    && source.as_deref().is_none_or(|source| Source::named(source) == Some(pair.source))
                    && standing.is_none_or(|standing| profile.is_weak(pair) == (standing == Standing::Weak))
            });
            let asked = profile.all_stays().filter(|(stays, _)| word.as_deref().is_none_or(|word| word == *stays));
            let stays = asked.map(|(word, count)| (word.to_owned(), count)).collect();
            show(&part.with_stays(stays), *sort, *format, &mut out)?
        }
        Args::Merge { profiles, output } => merge(profiles, output.as_deref(), &mut out)?,
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

fn show(profile: &Profile, order: Order, format: Format, out: &mut Vec<u8>) -> Result<ExitCode> {
    let Profile { name, version, touch, about, .. } = profile;
    let mut rows: Vec<Row<'_>> = profile.pairs().iter().map(|pair| Row { pair, support: profile.support(pair) }).collect();
    rows.sort_by(|a, b| match order {
        Order::Plain => std::cmp::Ordering::Equal,
        Order::Cipher => a.pair.cipher.cmp(&b.pair.cipher),
        Order::Count => b.pair.count.total_cmp(&a.pair.count),
        Order::Confidence => b.pair.confidence.total_cmp(&a.pair.confidence),
    });
    match format {
        // a profile file has an order of its own
        Format::Tsv => write!(out, "{profile}")?,
        Format::Json => {
            serde_json::to_writer(
                &mut *out,
                &Shown { name, version: *version, touch: touch.to_string(), about, pairs: rows, stays: profile.all_stays().collect() },
            )?;
            out.push(b'\n');
        }
        Format::Text => {
            writeln!(out, "{name}, version {version}, touches {touch}, {} pairs", rows.len())?;
            about.iter().try_for_each(|line| writeln!(out, "{line}"))?;
            let (weak, firm): (Vec<Row<'_>>, Vec<Row<'_>>) =
                rows.into_iter().partition(|row| row.support.is_some_and(|support| support.weak));
            table(&firm, out)?;
            if !weak.is_empty() {
                writeln!(out, "\nweak, only used by --preset recall:")?;
                table(&weak, out)?;
            }
            match profile.all_stays().collect::<Vec<_>>().as_slice() {
                [] => {}
                [(word, count)] => writeln!(out, "\n`{word}` stays as it is, in {count} tokens")?,
                all => writeln!(out, "\n{} words stay as they are: --word WORD or --format tsv tells which", all.len())?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(rows: &[Row<'_>], out: &mut Vec<u8>) -> io::Result<()> {
    let width = |of: fn(&Pair) -> &str| rows.iter().map(|row| of(row.pair).chars().count()).max().unwrap_or(0).max(6);
    let (plain, cipher) = (width(|pair| &pair.plain), width(|pair| &pair.cipher));
    let learned = rows.iter().any(|row| row.support.is_some());
    let more = if learned { "      aligned  kept  expected  articles  choice" } else { "" };
    writeln!(out, "{:<plain$}  {:<cipher$}  {:>6}  confidence  source{more}", "plain", "cipher", "count")?;
    for Row { pair, support } in rows {
        let Pair { count, confidence, source, .. } = pair;
        write!(out, "{:<plain$}  {:<cipher$}  {count:>6}  {confidence:>10.2}  ", pair.plain, pair.cipher)?;
        match support {
            Some(Support { aligned, kept, expected, articles, choice, .. }) => {
                let source = source.to_string();
                writeln!(out, "{source:<10}  {aligned:>7}  {kept:>4}  {expected:>8.1}  {articles:>8}  {choice}")?;
            }
            None => writeln!(out, "{source}")?,
        }
    }
    Ok(())
}

fn merge(names: &[String], output: Option<&Path>, out: &mut Vec<u8>) -> Result<ExitCode> {
    let mut whole: Option<Profile> = None;
    for name in names {
        let next = models::profile(name, &[])?;
        whole = Some(match whole {
            None => next,
            Some(whole) => {
                let mut merged = whole.merged(&next);
                merged.about.push(format!("With the pairs of {} version {}.", next.name, next.version));
                merged
            }
        });
    }
    let Some(whole) = whole else { return Ok(ExitCode::SUCCESS) };
    match output {
        Some(path) => unspin::write::replace(path, whole.to_string().as_bytes())?,
        None => write!(out, "{whole}")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn validate(files: &[PathBuf], out: &mut Vec<u8>) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        match models::load(file) {
            Ok(profile) => {
                let stays = profile.all_stays().len();
                let more = if stays > 0 { format!(", {stays} words that stay") } else { String::new() };
                writeln!(out, "{}: OK ({} pairs{more})", file.display(), profile.pairs().len())?;
            }
            Err(error) => {
                code = ExitCode::from(2);
                // a wrong line is a result, a file that cannot be read is not
                if error.chain().count() == 1 { writeln!(out, "{error}")? } else { message::error(&error) }
            }
        }
    }
    Ok(code)
}
