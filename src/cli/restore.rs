//! `unspin restore`: garbled texts in, restored texts out.
//!
//! In: files, folders or standard input. Out: text, diff, JSON or a page on stdout, in a folder, or in place; an edit log beside. The
//! log of a document is written before the document is replaced, so that no edit can be lost.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use unspin::batch::{self, Record};
use unspin::render::{Diff, EditLog, Json, Render, Text};
use unspin::restore::RestoreOptions;
use unspin::write::AtomicFile;

use super::inputs::{self, Inputs};
use super::models::{self, Models};
use super::output::{self, PutError, Target};
use super::report::{self, Report};
use super::tally::Tally;

/// Arguments of `unspin restore`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
One input goes to stdout. Several inputs, or a folder, need --out-dir or --in-place, unless --format is diff, json or html.")]
pub(super) struct Args {
    #[command(flatten)]
    inputs: inputs::Args,
    #[command(flatten)]
    output: output::Args,
    #[command(flatten)]
    models: models::Args,
    #[command(flatten)]
    thresholds: models::Thresholds,
    /// What goes out
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write each edit as a line of JSON to this file
    #[arg(long, value_name = "FILE")]
    edits: Option<PathBuf>,
    /// Exit with 1 if any text changes
    #[arg(long)]
    fail_on_change: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The restored text
    Text,
    /// A unified diff from input to restored text
    Diff,
    /// One object a document: verdict, score, profile, edits, undecided places, restored text
    Json,
    /// One page of all documents for a browser; with --out-dir DIR it is DIR/report.html
    Html,
}

impl Format {
    fn view(self, target: &Target) -> Box<dyn Render> {
        let colour = matches!(target, Target::Stdout) && AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        match self {
            Self::Text => Box::new(Text),
            Self::Diff => Box::new(Diff { colour }),
            // documents that are collected on a page have no view of their own
            Self::Json | Self::Html => Box::new(Json),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::Diff => ".diff",
            Self::Json => ".json",
            Self::Html => ".html",
        }
    }
}

/// Everything opened.
struct Job {
    inputs: Inputs,
    models: Models,
    options: RestoreOptions,
    target: Target,
    view: Box<dyn Render>,
    /// The page that documents are collected on, in place of a result each.
    report: Option<Report>,
    /// Whether documents that cannot be restored go out as they are.
    passes: bool,
    edits: Option<AtomicFile>,
    fail_on_change: bool,
}

/// Runs `unspin restore`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    Job::open(args)?.run()
}

impl Job {
    fn open(args: Args) -> Result<Self> {
        let models = args.models.open()?;
        let mut inputs = args.inputs.open(args.output.out_dir.as_deref())?;
        let page = args.format == Format::Html && !args.output.in_place;
        let at = if page { report::path(args.output.out_dir.as_deref(), &inputs)? } else { None };
        let output = if at.is_some() { output::Args::default() } else { args.output };
        let target = output.open(&mut inputs, args.format.ending(), args.format != Format::Text)?;
        if let Some(path) = &args.edits {
            not_onto_others(path, &inputs, &target)?;
            if Some(path) == at.as_ref() {
                bail!("--edits would write over {}, which is an output; name another file", path.display());
            }
        }
        target.prepare()?;
        let edits = args.edits.as_deref().map(AtomicFile::create).transpose()?;
        Ok(Self {
            view: args.format.view(&target),
            report: if page { Some(Report::open(at.as_deref())?) } else { None },
            passes: args.format == Format::Text,
            options: args.thresholds.options(),
            fail_on_change: args.fail_on_change,
            inputs,
            models,
            target,
            edits,
        })
    }

    fn run(self) -> Result<ExitCode> {
        let Self { inputs, models, options, target, view, mut report, passes, mut edits, fail_on_change } = self;
        let restorer = models.restorer(options)?;
        let mut tally = Tally::default();
        for (name, error) in &inputs.problems {
            tally.lose(name, error);
        }
        let mut step = |record: Record| -> Result<()> {
            let Some((source, document, restoration)) = tally.take(record, if passes { "passed through unchanged" } else { "left out" })
            else {
                return Ok(());
            };
            let mut result = Vec::new();
            let before = document.bytes();
            match &restoration {
                None if !passes => return Ok(()),
                None => result.extend_from_slice(before),
                Some(restoration) => {
                    match &mut report {
                        Some(report) => report.add(restoration, &document)?,
                        None => view.render(restoration, &document, &mut result)?,
                    }
                    tally.found |= fail_on_change && restoration.plan.edits.iter().any(|edit| edit.from != edit.to);
                    if let Some(log) = &mut edits {
                        let written = EditLog.render(restoration, &document, log).and_then(|()| log.flush());
                        written.context("cannot write the edit log")?;
                    }
                }
            }
            if report.is_some() {
                tally.done += 1;
                return Ok(());
            }
            match target.put(&source, before, &result) {
                Ok(()) => tally.done += usize::from(restoration.is_some()),
                Err(PutError::File(error)) => tally.lose(&document.id, error),
                Err(PutError::Stdout(error)) => return Err(anyhow::Error::new(error).context("cannot write to stdout")),
            }
            Ok(())
        };
        let done = batch::run(inputs.jobs, inputs.sources, &|text| restorer.restore(text), &mut step);
        // what was done is logged, even if the run ends early
        if let Some(log) = edits {
            log.commit_durably()?;
        }
        done?;
        report.map_or(Ok(()), Report::finish)?;
        Ok(tally.code())
    }
}

fn not_onto_others(log: &Path, inputs: &Inputs, target: &Target) -> Result<()> {
    let mut outputs = inputs.sources.iter().filter_map(|source| target.path(source));
    if log.canonicalize().is_ok_and(|real| inputs.real_paths().contains(&real)) || outputs.any(|output| output == log) {
        bail!("--edits would write over {}, which is an input or an output; name another file", log.display());
    }
    Ok(())
}
