//! `unspin explain`: what stands behind a word, and why each edit of a file is made.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use unspin::batch::{Outcome, Record};
use unspin::read::Source;
use unspin::render::{Explanation, Render, explain_word};

use super::models::{self, Models};

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
}

/// Runs `unspin explain`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let models = args.models.open()?;
    let mut out = Vec::new();
    match &args.file {
        Some(file) => in_file(file, args, &models, &mut out)?,
        None => {
            let profiles: Vec<_> = models.profiles.iter().collect();
            args.words.iter().try_for_each(|word| explain_word(word, &profiles, &models.thesaurus, &mut out))?;
        }
    }
    io::stdout().lock().write_all(&out).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}

fn in_file(path: &Path, args: &Args, models: &Models, out: &mut dyn Write) -> Result<()> {
    let source = if path.as_os_str() == "-" { Source::stdin() } else { Source::file(path) };
    let restorer = models.restorer(args.thresholds.options())?;
    let name = source.id.clone();
    match Record::of(source, &|text| restorer.restore(text)).outcome {
        Outcome::Restored(document, restoration) => {
            Ok(Explanation { model: Some(models.model()?) }.render(&restoration, &document, out)?)
        }
        Outcome::Passed(_, why) => Err(why).context(name),
        Outcome::Unread(error) => Err(error).context(name),
    }
}
