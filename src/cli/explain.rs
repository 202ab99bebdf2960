//! `unspin explain`: what stands behind a word, and why each edit of a file is made.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use unspin::batch::{self, Event, Task};
use unspin::read::Source;
use unspin::render::{Explanation, Render, explain_word};

use super::models::{self, Models};
use super::tally::Tally;
use super::{config, neural, reading};

/// Arguments of `unspin explain`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Of each edit: its confidence, why it is made, by how many powers of ten the sentence is likelier with it to the language model (model gain), \
and the readings that came next.")]
pub(super) struct Args {
    /// Words, or phrases in quotes
    #[arg(value_name = "WORD", required_unless_present = "file", conflicts_with = "file")]
    words: Vec<String>,
    /// Explain each edit of this file (- for standard input)
    #[arg(long = "in", value_name = "FILE", id = "file")]
    file: Option<PathBuf>,
    #[command(flatten)]
    models: models::Args,
    #[command(flatten)]
    thresholds: models::Thresholds,
    #[command(flatten)]
    reading: reading::Args,
    #[command(flatten)]
    _config: config::Args,
    #[command(flatten)]
    neural: neural::Args,
}

/// Runs `unspin explain`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if let Some(folder) = args.file.as_ref().filter(|path| path.is_dir()) {
        bail!("{} is a folder; name a file in it, or see all of it with `unspin restore {0} --format html`", folder.display());
    }
    let models = args.models.open()?;
    if let Some(file) = &args.file {
        return in_file(file, args, &models);
    }
    let mut out = Vec::new();
    let profiles: Vec<_> = models.profiles.iter().collect();
    args.words.iter().try_for_each(|word| explain_word(word, &profiles, &models.thesaurus, &mut out))?;
    io::stdout().lock().write_all(&out).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}

fn in_file(path: &Path, args: &Args, models: &Models) -> Result<ExitCode> {
    let source = if path.as_os_str() == "-" { Source::stdin() } else { Source::file(path) };
    let second = args.neural.open()?;
    let restorer = models.restorer(args.thresholds.options())?.with_second(second.as_deref());
    let ((field, id), spare) = (args.reading.fields(), args.reading.spare()?);
    let task =
        Task { field: &field, id: &id, spare: &spare, restore: &|text, spared| restorer.restore_sparing(text, spared), survey: None };
    let view = Explanation { model: Some(models.model()?) };
    let mut out = io::stdout().lock();
    let mut tally = Tally::default();
    let step = |event: Event| -> Result<()> {
        if let Some((_, document, restoration)) = tally.take(event, "left out") {
            tally.done += 1;
            view.render(&restoration, &document, &mut out).and_then(|()| out.flush()).context("cannot write to stdout")?;
        }
        Ok(())
    };
    batch::stream(NonZeroUsize::MIN, [source], args.reading.reading(), &task, step)?;
    Ok(tally.code())
}
