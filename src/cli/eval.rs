//! `unspin eval`: restores garbled texts and counts, against their originals, what came back.
//!
//! In: a folder of originals and the folder of their garbled forms (files are paired by their path below it), or a spinner that
//! garbles the originals on the spot. Out: a table or an object of JSON for each profile, on stdout. The clock measures
//! restoring and nothing else: words per second are those of one thread.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use serde::Serialize;
use unspin::batch::ordered;
use unspin::embedded;
use unspin::eval::{Score, SpinnerKind, invent, spin};
use unspin::lexicon::{Profile, TouchRule};
use unspin::read::{ReadError, Source, articles};
use unspin::restore::{RestoreOptions, Restorer};

use super::inputs;
use super::models;
use super::neural;
use super::tally::Tally;

/// Arguments of `unspin eval`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A text is paired with the original of the same name. Words are what stands between white space, compared without regard to case, after \
both texts were laid beside the garbled one: swapped (not the original's), of these restored, wrong (changed to something else) and undecided \
(left as they stood); kept (the original's), of these damaged (changed). Several profiles are measured one after the other.")]
pub(super) struct Args {
    /// Folder of the garbled texts
    #[arg(long, value_name = "DIR", required_unless_present = "spin_with", conflicts_with = "spin_with")]
    garbled: Option<PathBuf>,
    /// Folder of the originals
    #[arg(long, value_name = "DIR")]
    original: PathBuf,
    /// Garble the originals instead: with a profile, or with a spinner drawn by a seed
    #[arg(long, value_name = "NAME|FILE|random:SEED|any-word:SEED")]
    spin_with: Option<String>,
    /// In which shapes --spin-with swaps words, instead of the profile's [such as lower-bare,title-bare]
    #[arg(long, value_name = "SHAPES", requires = "spin_with", value_parser = touch)]
    touch: Option<TouchRule>,
    /// Write the garbled texts to this folder, and the spinner as cipher.tsv
    #[arg(long, value_name = "DIR", requires = "spin_with")]
    keep: Option<PathBuf>,
    /// Which spinner is assumed; may be given several times [default: auto]
    #[arg(long, value_name = "auto|none|NAME|FILE", default_value = "auto", hide_default_value = true)]
    profile: Vec<String>,
    /// Language model to use instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    thresholds: models::Thresholds,
    #[command(flatten)]
    neural: neural::Args,
    /// What goes out
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = inputs::threads)]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table: a row a document, and the total
    Text,
    /// One object a profile: the documents, and the total
    Json,
}

fn touch(text: &str) -> Result<TouchRule, String> {
    text.replace(',', " ").parse()
}

/// Where the garbled form of an original comes from.
enum Garbled {
    /// The folder of garbled texts.
    In(PathBuf),
    /// This spinner.
    By(Profile),
}

/// Everything opened.
struct Job {
    originals: Vec<Source>,
    garbled: Garbled,
    options: RestoreOptions,
    format: Format,
    jobs: NonZeroUsize,
}

/// Counts of a document, and rates made of them.
#[derive(Serialize)]
struct Row {
    id: String,
    #[serde(flatten)]
    score: Score,
    restored_share: f64,
    wrong_share: f64,
    damaged_share: f64,
    wer_before: f64,
    wer_after: f64,
    words_per_second: f64,
}

#[derive(Serialize)]
struct Measured<'r> {
    profile: &'r str,
    preset: String,
    documents: &'r [Row],
    total: Row,
}

/// Runs `unspin eval`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    let jobs = args.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let mut tally = Tally::default();
    let found = articles(&args.original, None).with_context(|| args.original.display().to_string())?;
    for (name, error) in &found.problems {
        tally.lose(name, error);
    }
    let garbled = match (&args.spin_with, args.garbled) {
        (Some(name), _) => Garbled::By(spinner(name, args.touch)?),
        (None, Some(folder)) if folder.is_dir() => Garbled::In(folder),
        (None, Some(folder)) if folder.exists() => bail!("{}: this is a file; --garbled takes a folder", folder.display()),
        (None, folder) => return Err(anyhow!(ReadError::Missing)).context(folder.unwrap_or_default().display().to_string()),
    };
    // all profiles are opened before any text is restored
    let opened: Vec<(&String, models::Models)> =
        args.profile.iter().map(|name| Ok((name, models::Args::with(name, args.model.as_deref()).open()?))).collect::<Result<_>>()?;
    let second = args.neural.open()?;
    let job = Job { originals: found.sources, garbled, options: args.thresholds.options(), format: args.format, jobs };
    if let Some(folder) = &args.keep {
        job.keep(folder)?;
    }
    for (number, (name, models)) in opened.iter().enumerate() {
        job.measure(name, &models.restorer(job.options)?.with_second(second.as_deref()), number == 0, &mut tally)?;
    }
    Ok(tally.code())
}

/// The spinner that `--spin-with` names.
fn spinner(name: &str, touch: Option<TouchRule>) -> Result<Profile> {
    let mut spinner = match name.split_once(':') {
        Some((kind @ ("random" | "any-word"), seed)) => {
            let seed = seed.parse().map_err(|_| anyhow!("`{name}`: the seed must be a whole number, such as {kind}:7"))?;
            let of_kind = if kind == "random" { SpinnerKind::USUAL } else { SpinnerKind::ANY_WORD };
            let (thesaurus, model) =
                (embedded::thesaurus().context("the built-in thesaurus")?, embedded::model().context("the built-in model")?);
            invent(&format!("{kind}-{seed}"), seed, of_kind, &thesaurus, &model)
        }
        _ => models::profile(name, &["random:1", "any-word:1"])?,
    };
    spinner.touch = touch.unwrap_or(spinner.touch);
    Ok(spinner)
}

impl Job {
    /// The garbled text and the original; `None` if there is no garbled text of that name.
    fn texts(&self, source: &Source) -> Result<Option<(String, String)>> {
        let original = read(source)?;
        let garbled = match &self.garbled {
            Garbled::By(spinner) => spin(&original, spinner),
            Garbled::In(folder) => {
                let path = folder.join(&source.relative);
                if !path.exists() {
                    return Ok(None);
                }
                read(&Source::file(&path)).with_context(|| path.display().to_string())?
            }
        };
        Ok(Some((garbled, original)))
    }

    /// Writes what the spinner makes of the originals.
    fn keep(&self, folder: &Path) -> Result<()> {
        let Garbled::By(spinner) = &self.garbled else { return Ok(()) };
        let inputs: Vec<PathBuf> = self.originals.iter().filter_map(|source| source.path()?.canonicalize().ok()).collect();
        for source in &self.originals {
            let path = folder.join(&source.relative);
            if path.canonicalize().is_ok_and(|real| inputs.contains(&real)) {
                bail!("{} is an original; name another folder with --keep", path.display());
            }
            // what cannot be read is reported when it is measured
            if let Ok(Some((garbled, _))) = self.texts(source) {
                unspin::write::replace(&path, garbled.as_bytes())?;
            }
        }
        unspin::write::replace(&folder.join("cipher.tsv"), spinner.to_string().as_bytes())?;
        Ok(())
    }

    fn measure(&self, profile: &str, restorer: &Restorer<'_>, first: bool, tally: &mut Tally) -> Result<()> {
        let mut rows: Vec<Row> = Vec::new();
        let mut total = (Score::default(), Duration::ZERO);
        let mut unpaired = 0;
        let sink = |(source, outcome): (Source, Result<Option<(Score, Duration)>>)| {
            match outcome {
                Ok(Some((score, took))) => {
                    total.0 += score;
                    total.1 += took;
                    rows.push(Row::new(source.relative.display().to_string(), score, took));
                }
                Ok(None) => unpaired += 1,
                Err(error) if first => tally.lose(&source.id, format_args!("{error:#}")),
                Err(_) => {}
            }
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = ordered(self.jobs, self.originals.iter().cloned(), |source| self.one(source, restorer), sink);
        if unpaired > 0 && first {
            tally.lose("originals without a garbled text of the same name, left out", unpaired);
        }
        if rows.is_empty() {
            bail!("no garbled text could be compared with its original; the files in both folders must have the same names");
        }
        tally.done += rows.len();
        let measured = Measured {
            profile,
            preset: format!("{:?}", self.options.preset).to_lowercase(),
            documents: &rows,
            total: Row::new("total".to_owned(), total.0, total.1),
        };
        let mut out = Vec::new();
        match self.format {
            Format::Text => measured.table(&mut out)?,
            Format::Json => {
                serde_json::to_writer(&mut out, &measured)?;
                out.push(b'\n');
            }
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(&out).and_then(|()| stdout.flush()).context("cannot write to stdout")
    }

    fn one(&self, source: Source, restorer: &Restorer<'_>) -> (Source, Result<Option<(Score, Duration)>>) {
        let scored = self.texts(&source).and_then(|texts| {
            let Some((garbled, original)) = texts else { return Ok(None) };
            let started = Instant::now();
            // the models are read-only: a panic leaves nothing half done
            let restored = catch_unwind(AssertUnwindSafe(|| restorer.restore(&garbled).plan.apply(&garbled)));
            let took = started.elapsed();
            let restored = restored.map_err(|_| anyhow!("internal error: the restorer panicked; please report it with the text"))??;
            Ok(Some((Score::of(&garbled, &original, &restored), took)))
        });
        (source, scored)
    }
}

fn read(source: &Source) -> Result<String> {
    Ok(source.read()?.text()?.to_owned())
}

impl Row {
    fn new(id: String, score: Score, took: Duration) -> Self {
        let rounded = |share: f64| (share * 1e5).round() / 1e5;
        Self {
            id,
            score,
            restored_share: rounded(score.restored_share()),
            wrong_share: rounded(score.wrong_share()),
            damaged_share: rounded(score.damaged_share()),
            wer_before: rounded(score.error_rate_before()),
            wer_after: rounded(score.error_rate_after()),
            words_per_second: (score.words as f64 / took.as_secs_f64().max(1e-9)).round(),
        }
    }
}

impl Measured<'_> {
    fn table(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let width = self.documents.iter().map(|row| row.id.chars().count()).max().unwrap_or(0).max(8);
        writeln!(out, "profile {}, preset {}", self.profile, self.preset)?;
        writeln!(
            out,
            "{:<width$}  {:>7}  {:>7}  {:>8}  {:>6}  {:>5}  {:>9}  {:>7}  {:>7}  {:>6}  {:>6}  {:>7}",
            "document", "words", "swapped", "restored", "%", "wrong", "undecided", "damaged", "%", "wer", "after", "words/s"
        )?;
        for row in self.documents.iter().chain([&self.total]) {
            let Score { words, swapped, restored, wrong, undecided, damaged, .. } = row.score;
            writeln!(
                out,
                "{:<width$}  {words:>7}  {swapped:>7}  {restored:>8}  {:>6.1}  {wrong:>5}  {undecided:>9}  {damaged:>7}  {:>7.2}  {:>6.3}  {:>6.3}  {:>7.0}",
                row.id,
                100.0 * row.restored_share,
                100.0 * row.damaged_share,
                row.wer_before,
                row.wer_after,
                row.words_per_second
            )?;
        }
        Ok(())
    }
}
