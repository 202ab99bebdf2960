//! `unspin check`: repairs as the program makes them now against those that are stored.
//!
//! In: a folder of articles and its snapshots. Out: on stdout each article that is restored in another way, with the difference; beside
//! its snapshot a `.new` one; exit code 1 if anything is not as it was stored. Stored repairs are never touched, but that
//! `--create` adds missing ones and renews the heads of those whose repair is the same. On a build server (the variable CI) nothing is
//! written at all.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;

use anyhow::{Context, Result};
use unspin::batch::{self, Event, Reading, Spare, Task};
use unspin::read::field::Field;
use unspin::snapshot::{Setup, Snapshot, State, StoreError, compare, difference};
use unspin::text::visible;

use super::models::{self, Models};
use super::snapshots::{self, Snapshots};
use super::tally::Tally;
use super::{config, inputs, message, review, sparing};

/// Arguments of `unspin check`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
An article is not as it was stored if its restored text or its verdict differs (--strict: or any confidence, reason or open place), if it has \
changed itself (stale), or if it has no snapshot (new); a snapshot is orphaned if its article is gone. Each difference is written to ID.snap.new, \
to be looked at and accepted: unspin check --review, unspin accept. Texts, pages and Markdown are checked, also compressed; streams of records \
are left out.")]
pub(super) struct Args {
    #[command(flatten)]
    place: snapshots::Args,
    /// Store the repairs of articles that have no snapshot
    #[arg(long)]
    create: bool,
    /// Go through the differences and accept, reject or skip each
    #[arg(long, conflicts_with = "create")]
    review: bool,
    /// Count other confidences, reasons and open places as differences
    #[arg(long)]
    strict: bool,
    /// Compare and tell, but write nothing [default: true where the variable CI is set, as on build servers; else false]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        conflicts_with_all = ["create", "review"]
    )]
    read_only: Option<bool>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = inputs::threads)]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    models: models::Args,
    #[command(flatten)]
    thresholds: models::Thresholds,
    #[command(flatten)]
    spare: sparing::Args,
    #[command(flatten)]
    _config: config::Args,
}

/// Everything opened.
struct Job {
    place: Snapshots,
    models: Models,
    setup: Setup,
    spare: Spare,
    read_only: bool,
    args: Args,
}

/// What was found.
#[derive(Default)]
struct Found {
    same: usize,
    created: usize,
    renewed: usize,
    repair: Vec<String>,
    stale: Vec<String>,
    new: Vec<String>,
    orphaned: Vec<String>,
    /// What the stored repairs were made with and these were not.
    setup: BTreeSet<String>,
}

/// Runs `unspin check`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    let place = args.place.open()?;
    let models = args.models.open()?;
    let setup = models.setup(&args.thresholds, &args.spare)?;
    let spare = args.spare.open()?;
    let read_only = args.read_only.unwrap_or_else(|| !args.create && !args.review && is_build_server());
    Job { place, models, setup, spare, read_only, args }.run()
}

/// Whether this is a run that nobody looks into afterwards, as other tools for snapshots tell it.
fn is_build_server() -> bool {
    match std::env::var("CI") {
        Ok(value) => !matches!(value.as_str(), "" | "0" | "false"),
        Err(_) => std::env::var_os("TF_BUILD").is_some(),
    }
}

impl Job {
    fn run(self) -> Result<ExitCode> {
        let restorer = self.models.restorer(self.args.thresholds.options())?;
        let jobs = self.args.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let mut tally = Tally::default();
        for (name, error) in &self.place.articles.problems {
            tally.lose(name, error);
        }
        let mut found = Found { orphaned: self.place.orphans()?, ..Found::default() };
        let mut pending = Vec::new();
        let step = |event: Event| -> Result<()> {
            let Some((input, document, restoration)) = tally.take(event, "left out") else { return Ok(()) };
            let id = input.source.relative_name();
            let now = Snapshot::new(&id, &self.setup, &document, &restoration)?;
            match self.settle(&now, &mut found) {
                Ok(differs) => {
                    tally.done += 1;
                    pending.extend(differs.then_some(id));
                }
                Err(Stop::Snapshot(error)) => tally.lose(&id, error),
                Err(Stop::Stdout(error)) => return Err(anyhow::Error::new(error).context("cannot write to stdout")),
            }
            Ok(())
        };
        let (field, restore) = (Field::new(""), |text: &str, spared: &dyn Fn(_) -> bool| restorer.restore_sparing(text, spared));
        let task = Task { field: &field, id: &field, spare: &self.spare, restore: &restore, survey: None };
        batch::stream(jobs, self.place.articles.sources.iter().cloned(), Reading::default(), &task, step)?;
        let mut out = anstream::stdout().lock();
        if !self.args.review {
            let lines = found.orphaned.iter().try_for_each(|id| writeln!(out, "{}: orphaned: its article is gone", visible(id)));
            lines.context("cannot write to stdout")?;
        }
        drop(out);
        self.summary(&found, tally.lost + tally.passed);
        let mut open = pending.len() + found.orphaned.len();
        if self.args.review && open > 0 {
            open -= review::run(&self.place, &pending, &found.orphaned)?;
        } else if open > 0 {
            let argument = self.place.argument();
            message::done(match self.read_only {
                false => {
                    let prune = if found.orphaned.is_empty() { "" } else { " --prune" };
                    format!("go through them: the same command with --review; or accept them all: unspin accept{argument}{prune}")
                }
                true => {
                    "nothing was written (--read-only, as on build servers); to settle them, run the same command where you work".to_owned()
                }
            });
        }
        tally.found = open > 0;
        Ok(tally.code())
    }

    /// Compares one repair with the stored one, stores, proposes or withdraws it, and tells the difference. Whether there is one.
    fn settle(&self, now: &Snapshot, found: &mut Found) -> Result<bool, Stop> {
        let store = &self.place.store;
        let Some(stored) = store.stored(&now.id)? else {
            if self.args.create {
                store.create(now)?;
                store.reject(&now.id)?;
                found.created += 1;
                return Ok(false);
            }
            self.propose(now)?;
            found.new.push(now.id.clone());
            self.tell(now, "new: it has no snapshot", &[])?;
            return Ok(true);
        };
        let comparison = compare(&stored, now);
        found.setup.extend(comparison.setup.iter().cloned());
        let differs = match comparison.state {
            State::Same => false,
            State::Notes => self.args.strict,
            State::Repair | State::Stale => true,
        };
        if !differs {
            if !self.read_only {
                store.reject(&now.id)?;
            }
            found.same += 1;
            if self.args.create && stored != *now {
                store.create(now)?;
                found.renewed += 1;
            }
            return Ok(false);
        }
        self.propose(now)?;
        let mut shown = Vec::new();
        difference(Some(&stored), now, &comparison, &mut shown)?;
        let words = comparison.words.len();
        let what = match comparison.state {
            State::Stale => {
                found.stale.push(now.id.clone());
                "stale: the article has changed since its snapshot was made".to_owned()
            }
            State::Repair => {
                found.repair.push(now.id.clone());
                format!("restored in another way ({words} {})", if words == 1 { "word" } else { "words" })
            }
            State::Same | State::Notes => {
                found.repair.push(now.id.clone());
                "restored alike, with other confidences, reasons or open places".to_owned()
            }
        };
        self.tell(now, &what, &shown)?;
        Ok(true)
    }

    fn propose(&self, now: &Snapshot) -> Result<(), StoreError> {
        if self.read_only { Ok(()) } else { self.place.store.propose(now) }
    }

    /// A difference on stdout, unless it is shown later.
    fn tell(&self, now: &Snapshot, what: &str, difference: &[u8]) -> Result<(), Stop> {
        if self.args.review {
            return Ok(());
        }
        let mut out = anstream::stdout().lock();
        let written = writeln!(out, "{}: {what}", visible(&now.id)).and_then(|()| out.write_all(difference)).and_then(|()| out.flush());
        written.map_err(Stop::Stdout)
    }

    fn summary(&self, found: &Found, failed: usize) {
        let Found { same, created, renewed, repair, stale, new, orphaned, setup } = found;
        let parts = [
            (*same, "as stored"),
            (*renewed, "of them with a renewed head"),
            (*created, "created"),
            (repair.len(), "restored in another way"),
            (stale.len(), "stale"),
            (new.len(), "new"),
            (orphaned.len(), "orphaned"),
            (failed, "not checked"),
        ];
        let parts: Vec<String> = parts.iter().filter(|part| part.0 > 0).map(|(number, what)| format!("{number} {what}")).collect();
        if !parts.is_empty() {
            message::done(parts.join(", "));
        }
        if *renewed == 0 {
            setup.iter().for_each(|line| message::done(format_args!("since then: {line}")));
        }
        if *renewed == 0 && !setup.is_empty() && parts.len() == 1 && *same > 0 {
            message::done("(`check --create` writes that into the snapshots)");
        }
    }
}

/// Why one article is not settled.
enum Stop {
    /// Only this one.
    Snapshot(StoreError),
    /// No result can be written: ends the run.
    Stdout(io::Error),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Stdout(error)
    }
}
