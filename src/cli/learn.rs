//! `unspin learn`: garbled articles, and what clean ones there are, to a profile.
//!
//! In: files and folders. Out: a profile file for each spinner, whole or not at all, and on stdout what was learned. A text in the
//! wrong folder is named and left out.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use unspin::embedded;
use unspin::learn::{Article, LearnOptions, Learned, Lesson, Models, Strays, learn};
use unspin::lm::ModelFile;
use unspin::read::{ReadError, Source, articles};
use unspin::write;

use super::tally::Tally;
use super::{message, models};

/// Arguments of `unspin learn`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A clean text may be the original of a garbled one, or part of it, or just be about the same things: unspin finds out. If the garbled \
texts are the work of several spinners, each gets a profile: FILE-1.tsv, FILE-2.tsv and so on. The profile is tested before it is written: \
pairs that would change clean text are dropped.")]
pub(super) struct Args {
    /// Garbled articles: files, or folders
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    garbled: Vec<PathBuf>,
    /// Clean articles: files, or folders
    #[arg(long, value_name = "PATH", num_args = 1..)]
    clean: Vec<PathBuf>,
    /// Where the profile is written
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Profile to extend
    #[arg(long, value_name = "none|NAME|FILE", default_value = "none")]
    base: String,
    /// Times that articles without an original are deciphered
    #[arg(long, value_name = "N", default_value_t = LearnOptions::default().rounds)]
    rounds: usize,
    /// Language model to use instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// Runs `unspin learn`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let base = match args.base.as_str() {
        "none" => None,
        name => Some(models::profile(name, &["none"])?),
    };
    if args.output.is_dir() {
        bail!("{} is a folder; --output takes the name of a file, such as site.tsv", args.output.display());
    }
    let file = args.model.as_deref().map(|path| ModelFile::open(path).with_context(|| path.display().to_string())).transpose()?;
    let model = match &file {
        Some(file) => file.image().and_then(|image| embedded::complete(&image)).context("the language model")?,
        None => embedded::model().context("the built-in language model")?,
    };
    let thesaurus = embedded::thesaurus().context("the built-in thesaurus")?;
    let mut tally = Tally::default();
    let garbled = texts(&args.garbled, &args.output, &mut tally)?;
    let clean = texts(&args.clean, &args.output, &mut tally)?;
    if garbled.is_empty() {
        bail!("no garbled text could be read; nothing is written");
    }
    if clean.is_empty() && !args.clean.is_empty() {
        bail!("no clean text could be read; leave --clean out to learn from the garbled texts alone");
    }
    let name = args.output.file_stem().map_or_else(|| "learned".into(), |stem| stem.to_string_lossy().into_owned());
    let jobs = args.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let options = LearnOptions { rounds: args.rounds, jobs, ..LearnOptions::default() };
    let models = Models { model, thesaurus: &thesaurus };
    let Learned { lessons, strays } = learn(&name, &garbled, &clean, base.as_ref(), models, &options).context("nothing is written")?;
    tell(&strays);
    if lessons.len() > 1 {
        message::failed(
            "--garbled",
            format_args!("these texts are the work of {} spinners; each gets a profile of its own", lessons.len()),
        );
    }
    let mut out = Vec::new();
    for (number, lesson) in lessons.iter().enumerate() {
        let path = if lessons.len() > 1 { numbered(&args.output, number + 1) } else { args.output.clone() };
        let Lesson { profile, report, refused } = lesson;
        if number > 0 {
            writeln!(out)?;
        }
        match refused {
            Some(why) => {
                writeln!(out, "not written {}", path.display())?;
                tally.lose(&path.display().to_string(), why);
            }
            None => {
                write::replace(&path, profile.to_string().as_bytes())?;
                tally.done += 1;
                writeln!(out, "written    {}", path.display())?;
            }
        }
        write!(out, "{report}")?;
    }
    io::stdout().lock().write_all(&out).context("cannot write to stdout")?;
    Ok(tally.code())
}

/// The texts of files and folders, each file once; what is no text is reported and left out.
fn texts(paths: &[PathBuf], output: &Path, tally: &mut Tally) -> Result<Vec<Article>> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for path in paths {
        let sources = match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => match articles(path, None) {
                Ok(found) => {
                    found.problems.iter().for_each(|(name, error)| tally.lose(name, error));
                    found.sources
                }
                Err(error) => {
                    tally.lose(&path.display().to_string(), error);
                    continue;
                }
            },
            Ok(_) => vec![Source::file(path)],
            Err(error) => {
                let error = if error.kind() == io::ErrorKind::NotFound { ReadError::Missing } else { error.into() };
                tally.lose(&path.display().to_string(), error);
                continue;
            }
        };
        for source in sources {
            let real = source.path().and_then(|path| path.canonicalize().ok());
            if real.is_some() && real == output.canonicalize().ok() {
                bail!("{} is an input; choose another --output", output.display());
            }
            if real.is_some_and(|real| !seen.insert(real)) {
                continue;
            }
            let read = source.read().map_err(anyhow::Error::from).and_then(|document| Ok(document.text()?.to_owned()));
            match read {
                Ok(text) if text.trim().is_empty() => tally.lose(&source.id, "empty, left out"),
                Ok(text) => out.push(Article { id: source.id, text }),
                Err(error) => tally.lose(&source.id, format_args!("left out: {error}")),
            }
        }
    }
    Ok(out)
}

/// Names the texts in the wrong place.
fn tell(strays: &Strays) {
    for (names, what) in [
        (&strays.copies, "given as garbled, but it equals a clean text word by word; left out"),
        (&strays.plain, "given as garbled, but it reads like plain English; left out"),
        (&strays.garbled, "given as clean, but it reads like a garbled text; left out"),
    ] {
        for name in names {
            message::failed(name, what);
        }
    }
}

/// `site.tsv` is `site-2.tsv`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}-{number}{ending}"))
}
