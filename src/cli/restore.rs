//! `unspin restore`: garbled texts in, restored texts out.
//!
//! In: files, folders or standard input. Out: text, diff, JSON or a page on stdout, in a folder, or in place; an edit log beside. What
//! is delivered where is in `deliver.rs`; here everything is opened, and what would lose data is refused before.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use sha2::{Digest, Sha256};
use unspin::batch::{self, Journal, Reading, Spare, Task};
use unspin::read::field::Field;
use unspin::render::{Diff, Json, Render};
use unspin::restore::{Reread, RestoreOptions};

use super::deliver::{Delivery, Desk, Form, Log, Logs, hex};
use super::inputs::{self, Inputs};
use super::models::{self, Models};
use super::output::{self, Target};
use super::progress::Progress;
use super::report::{self, Report};
use super::resume::{self, Resumed};
use super::{config, message, neural, reading, summary};

/// Arguments of `unspin restore`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
One input goes to stdout. Several inputs, or a folder, need --out-dir or --in-place, unless --format is diff, json or html.")]
pub(super) struct Args {
    #[command(flatten)]
    inputs: inputs::Args,
    #[command(flatten)]
    reading: reading::Args,
    #[command(flatten)]
    _config: config::Args,
    #[command(flatten)]
    output: output::Args,
    #[command(flatten)]
    models: models::Args,
    #[command(flatten)]
    thresholds: models::Thresholds,
    #[command(flatten)]
    neural: neural::Args,
    /// What goes out
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write each edit as a line of JSON to this file
    #[arg(long, value_name = "FILE")]
    edits: Option<PathBuf>,
    /// Write each record that passed unchanged because something was wrong with it as a line of JSON to this file
    #[arg(long, value_name = "FILE")]
    quarantine: Option<PathBuf>,
    /// Write the counts of the run as JSON to this file
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Print the counts of the run on standard error, also if it is no terminal
    #[arg(long)]
    stats: bool,
    /// Go on where a run with --resume and the same settings was interrupted
    #[arg(long)]
    resume: bool,
    /// Bytes of output after which a run with --resume can be gone on with; compressed output has a frame each
    #[arg(long, value_name = "SIZE", default_value = "1M", value_parser = reading::size)]
    step: u64,
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
    fn form(self, target: &Target) -> Form {
        let colour = matches!(target, Target::Stdout) && AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let view: Box<dyn Render> = match (self, target) {
            (_, Target::Attributes(_, name)) => return Form::Attributes(name.clone()),
            (Self::Text, _) => return Form::Restored,
            (Self::Diff, _) => Box::new(Diff { colour }),
            // documents that are collected on a page have no view of their own
            (Self::Json | Self::Html, _) => Box::new(Json),
        };
        Form::View(view)
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
    reading: Reading,
    fields: (Field, Field),
    spare: Spare,
    models: Models,
    second: Option<Box<dyn Reread>>,
    options: RestoreOptions,
    delivery: Delivery,
    journal: Option<PathBuf>,
    /// Whether it goes on with a run that has counted the inputs that were not found.
    goes_on: bool,
    summary: Option<PathBuf>,
    stats: bool,
    fail_on_change: bool,
}

/// Runs `unspin restore`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    Job::open(args)?.run()
}

impl Job {
    fn open(args: Args) -> Result<Self> {
        let (models, second) = (args.models.open()?, args.neural.open()?);
        let settings = args.settings()?;
        let (spare, mut reading, fields) = (args.reading.spare()?, args.reading.reading(), args.reading.fields());
        let mut inputs = args.inputs.open(args.output.out_dir.as_deref())?;
        reading.part = inputs.part;
        let codec = args.output.codec();
        let page = args.format == Format::Html && !args.output.in_place && !args.output.dry_run;
        let at = if page { report::path(args.output.out_dir.as_deref(), &inputs)? } else { None };
        let output = if at.is_some() { output::Args::default() } else { args.output };
        let target = output.open(&mut inputs, args.format.ending(), args.format != Format::Text)?;
        let logs = [("--edits", &args.edits), ("--quarantine", &args.quarantine), ("--summary", &args.summary)];
        for (option, path) in logs.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?))) {
            not_onto_others(option, path, &inputs, &target)?;
            if Some(path) == at.as_ref() {
                bail!("{option} would write over {}, which is an output; name another file", path.display());
            }
        }
        let journal = if args.resume { Some(target.journal(&inputs)?) } else { None };
        if args.resume && inputs.sources.iter().any(|source| source.path().is_none()) {
            bail!("standard input cannot be gone on with; name a file, or leave out --resume");
        }
        target.prepare()?;
        let Resumed { done, marks, start } = match &journal {
            Some(path) => resume::look(path, &settings, &inputs.sources, &target, &reading),
            None => Resumed::default(),
        };
        inputs.sources.drain(..done);
        let last = marks.last().cloned().unwrap_or_default();
        let begun = journal.as_ref().map(|path| Journal::begin(path, &marks).with_context(|| path.display().to_string())).transpose()?;
        if let Some(start) = &start {
            reading.done = (start.mark.bytes, start.mark.records);
        }
        let wanted = |path: &Option<PathBuf>| path.clone().filter(|_| !matches!(target, Target::Nowhere));
        let log = |path: Option<PathBuf>, length: u64| path.map(|path| Log::open(&path, args.resume, length)).transpose();
        let delivery = Delivery {
            form: if page { Form::Page(Box::new(Report::open(at.as_deref())?)) } else { args.format.form(&target) },
            codec,
            logs: Logs {
                edits: log(wanted(&args.edits), last.edits)?,
                quarantine: log(wanted(&args.quarantine), last.quarantine)?,
                field: fields.0.name().to_owned(),
            },
            journal: begun,
            settings,
            step: args.step,
            start,
            summary: last.summary,
            progress: Progress::new(&inputs.sources, matches!(target, Target::Stdout), &reading.position),
            report: Desk::default(),
            target,
        };
        Ok(Self {
            options: args.thresholds.options(),
            summary: args.summary,
            stats: args.stats,
            fail_on_change: args.fail_on_change,
            inputs,
            reading,
            fields,
            spare,
            models,
            second,
            delivery,
            journal,
            goes_on: !marks.is_empty(),
        })
    }

    fn run(self) -> Result<ExitCode> {
        let Self {
            inputs,
            reading,
            fields,
            spare,
            models,
            second,
            options,
            mut delivery,
            journal,
            goes_on,
            summary,
            stats,
            fail_on_change,
        } = self;
        let restorer = models.restorer(options)?.with_second(second.as_deref());
        let begun = Instant::now();
        for (name, error) in inputs.problems.iter().filter(|_| !goes_on) {
            delivery.lose(name, &error.to_string());
        }
        let (watched, several) = (delivery.progress.is_watched(), inputs.several);
        let task = Task {
            field: &fields.0,
            id: &fields.1,
            spare: &spare,
            restore: &|text, spared| restorer.restore_sparing(text, spared),
            survey: None,
        };
        let done = batch::stream(inputs.jobs, inputs.sources, reading, &task, |event| delivery.take(event));
        // what was done is logged, even if the run ends early
        let counted = delivery.close(done.is_ok())?;
        done?;
        if let Some(path) = &summary {
            summary::write(path, &counted, begun.elapsed())?;
        }
        // who waits at a terminal for more than one document is told what became of them
        if stats || watched && (several || counted.counts.documents > 1) {
            message::told_summary(&summary::text(&counted, begun.elapsed()));
        }
        if let Some(path) = &journal {
            std::fs::remove_file(path).with_context(|| path.display().to_string())?;
        }
        Ok(summary::code(&counted.counts, fail_on_change))
    }
}

impl Args {
    /// A hash of all that decides about the result but the inputs.
    fn settings(&self) -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(env!("CARGO_PKG_VERSION"));
        hash.update(self.models.told()?);
        hash.update(self.neural.told()?);
        hash.update(format!("{:?} {:?} {} {:?} {:?}", self.thresholds, self.format, self.step, self.output, self.inputs.shard()));
        hash.update(self.reading.told()?);
        Ok(hex(hash))
    }
}

fn not_onto_others(option: &str, log: &Path, inputs: &Inputs, target: &Target) -> Result<()> {
    let mut outputs = inputs.sources.iter().filter_map(|source| target.path(source));
    if log.canonicalize().is_ok_and(|real| inputs.real_paths().contains(&real)) || outputs.any(|output| output == log) {
        bail!("{option} would write over {}, which is an input or an output; name another file", log.display());
    }
    Ok(())
}
