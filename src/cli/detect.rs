//! `unspin detect`: which texts are garbled.
//!
//! In: files, folders or standard input. Out: a row or a line of JSON a document on stdout, in the order of the inputs.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use unspin::batch::{self, Event, Reading, Spare, Task};
use unspin::detect::Verdict;
use unspin::read::field::Field;
use unspin::render::{Detection, DetectionJson, Render};
use unspin::restore::RestoreOptions;

use super::inputs::{self, Inputs};
use super::models::{self, Models};
use super::tally::Tally;
use super::{config, reading};

/// Arguments of `unspin detect`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Columns: verdict (spun, clean, unsure), score (probability that the text is spun), profile of the spinner, \
estimated number of swapped words, words, name.")]
pub(super) struct Args {
    #[command(flatten)]
    inputs: inputs::Args,
    #[command(flatten)]
    reading: reading::Args,
    #[command(flatten)]
    _config: config::Args,
    #[command(flatten)]
    models: models::Args,
    /// What goes out
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 1 if any text is spun
    #[arg(long)]
    fail_on_spun: bool,
    /// Below each garbled text the words that give it away, and what they stand for (with --format text)
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A row a document
    Text,
    /// An object a document, one a line
    Json,
}

/// Everything opened.
struct Job {
    inputs: Inputs,
    reading: Reading,
    fields: (Field, Field),
    spare: Spare,
    models: Models,
    format: Format,
    fail_on_spun: bool,
    verbose: bool,
}

/// Runs `unspin detect`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    let models = args.models.open()?;
    let (spare, mut reading, fields) = (args.reading.spare()?, args.reading.reading(), args.reading.fields());
    let inputs = args.inputs.open(None)?;
    reading.part = inputs.part;
    reading.survey = true;
    let Args { format, fail_on_spun, verbose, .. } = args;
    Job { inputs, reading, fields, spare, models, format, fail_on_spun, verbose }.run()
}

impl Job {
    fn run(self) -> Result<ExitCode> {
        let Self { inputs, reading, fields, spare, models, format, fail_on_spun, verbose } = self;
        let restorer = models.restorer(RestoreOptions::default())?;
        let mut tally = Tally::default();
        for (name, error) in &inputs.problems {
            tally.lose(name, error);
        }
        let view: &dyn Render = match format {
            Format::Text => &Detection { evidence: verbose },
            Format::Json => &DetectionJson,
        };
        let mut out = io::stdout().lock();
        if matches!(format, Format::Text) && out.is_terminal() {
            writeln!(out, "{}", Detection::HEADER)?;
        }
        let step = |event: Event| -> Result<()> {
            if let Some((_, document, restoration)) = tally.take(event, "left out") {
                tally.done += 1;
                tally.found |= fail_on_spun && restoration.verdict == Verdict::Spun;
                view.render(&restoration, &document, &mut out).and_then(|()| out.flush()).context("cannot write to stdout")?;
            }
            Ok(())
        };
        let task = Task {
            field: &fields.0,
            id: &fields.1,
            spare: &spare,
            restore: &|text, spared| restorer.restore_sparing(text, spared),
            survey: Some(&|reader, passes| restorer.survey(reader, passes)),
        };
        batch::stream(inputs.jobs, inputs.sources, reading, &task, step)?;
        Ok(tally.code())
    }
}
