//! Results to their places: what a run does with each event.
//!
//! In: events, in input order. Out: files that appear whole or not at all, the edit log and the quarantine file beside them, marks to go on
//! from, counts. The edits of an input are on the disk before the input is replaced, and are taken back if it could not be: log and
//! result always tell the same. A step inside a large input is a place where a frame of the output ends, at the same bytes in every run.

mod current;
mod form;
mod logs;

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use unspin::batch::{Entry, Event, Fate, Input, Journal, Mark, Summary};
use unspin::read::{Codec, Kind, ReadError};
use unspin::write::{AtomicFile, Encoder, WriteError};

use self::current::{Current, Hashed};
use super::message;
use super::output::{Target, keep};
use super::progress::Progress;
use super::resume;

pub(super) use self::current::Start;
pub(super) use self::form::Form;
pub(super) use self::logs::{Log, Logs};

/// Failures that are told one by one; the rest is in the summary.
const TOLD: u64 = 100;
/// Plain bytes that are held back before a file is made for an input that may not change.
const HELD: usize = 1 << 20;

/// What the delivery is made with.
pub(super) struct Delivery {
    pub(super) target: Target,
    pub(super) form: Form,
    /// The compression that was asked for.
    pub(super) codec: Option<Codec>,
    pub(super) logs: Logs,
    pub(super) journal: Option<Journal>,
    pub(super) settings: String,
    /// Plain bytes from one step to the next.
    pub(super) step: u64,
    pub(super) start: Option<Start>,
    pub(super) summary: Summary,
    pub(super) progress: Progress,
    pub(super) report: Desk,
}

/// What a delivery works on.
#[derive(Default)]
pub(super) struct Desk {
    current: Option<Current>,
    stdout: Option<Encoder<io::Stdout>>,
    told: u64,
}

impl Delivery {
    /// Takes the next event.
    pub(super) fn take(&mut self, event: Event) -> Result<()> {
        self.progress.tick();
        match event {
            Event::Begin(input) => self.begin(input),
            Event::Entry(entry) => self.entry(&entry),
            #[cfg(feature = "parquet")]
            Event::Rows(_, rows) => {
                self.rows(&rows);
                Ok(())
            }
            Event::End(input, done) => self.end(&input, done),
            Event::Unread(source, error) => {
                self.start = None;
                let mark = Mark { input: source.id.clone(), ended: true, ..Mark::default() };
                self.lose(&source.id, &error.to_string());
                self.mark(mark)
            }
        }
    }

    /// Counts and tells an input that is lost.
    pub(super) fn lose(&mut self, id: &str, why: &str) {
        self.summary.lose(id, why);
        self.tell(id, why);
    }

    fn tell(&mut self, id: &str, why: &str) {
        self.report.told += 1;
        match self.report.told {
            told if told <= TOLD => self.progress.aside(|| message::failed(id, why)),
            told if told == TOLD + 1 => {
                self.progress.aside(|| message::failed("further failures", "only counted; see --summary, --quarantine"))
            }
            _ => {}
        }
    }

    fn begin(&mut self, input: Arc<Input>) -> Result<()> {
        let path = self.target.path(&input.source);
        let start = self.start.take().unwrap_or_default();
        let mut current = Current {
            out: None,
            #[cfg(feature = "parquet")]
            table: None,
            path,
            pending: Vec::new(),
            wanted: false,
            changed: start.mark.length > 0,
            since: 0,
            bytes: start.mark.bytes,
            records: start.mark.records,
            content: start.content,
            broken: None,
            logs: self.logs.lengths(),
            counts: self.summary.counts,
            failures: self.summary.failures.len(),
            input,
        };
        if start.mark.length > 0 {
            let done = self.open(&mut current, start.mark.length, start.output);
            if let Err(error) = done {
                current.broken = Some(error.to_string());
            }
        }
        self.report.current = Some(current);
        Ok(())
    }

    /// The compression of the result of an input.
    fn codec_of(&self, input: &Input) -> Codec {
        let kept = if matches!(self.form, Form::View(_)) { Codec::Plain } else { input.codec };
        self.codec.unwrap_or(kept)
    }

    fn open(&self, current: &mut Current, keep: u64, output: Sha256) -> Result<(), WriteError> {
        let Some(path) = &current.path else { return Ok(()) };
        let file = if self.journal.is_some() { AtomicFile::resume(path, keep)? } else { AtomicFile::create(path)? };
        let hash = self.journal.is_some().then_some(output);
        let hashed = Hashed { file, length: keep, hash };
        current.wanted = true;
        current.out = Some(Encoder::new(self.codec_of(&current.input), hashed, keep > 0));
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) -> Result<()> {
        let Some(mut current) = self.report.current.take() else { return Ok(()) };
        let done = self.deliver(&mut current, entry);
        self.report.current = Some(current);
        done
    }

    fn deliver(&mut self, current: &mut Current, entry: &Entry) -> Result<()> {
        if current.broken.is_some() {
            return Ok(());
        }
        if entry.number != current.records {
            self.step(current)?;
            current.records = entry.number;
        }
        let bytes = self.form.of(entry)?;
        current.changed |= entry.after() != entry.before() || entry.input.kind.is_table();
        current.wanted |= !matches!((&self.form, &entry.fate), (Form::View(_), Fate::Failed(..)));
        self.summary.count(entry, bytes.len());
        if self.journal.is_some() {
            current.content.update(entry.before());
        }
        current.bytes += entry.before().len() as u64;
        current.since += bytes.len() as u64;
        if let Err(error) = self.write(current, &bytes) {
            if matches!(self.target, Target::Stdout) {
                return Err(anyhow::Error::new(error).context("cannot write to stdout"));
            }
            current.breaks(error);
            return Ok(());
        }
        match &entry.fate {
            Fate::Restored(document, restoration) => self.logs.edited(entry, document, restoration)?,
            Fate::Failed(id, why) => {
                self.logs.failed(entry, id, why)?;
                self.tell(
                    &entry.place_of(id),
                    &format!("{}: {why}", if self.form.is_restored() { "passed through unchanged" } else { "left out" }),
                );
            }
            Fate::Carried | Fate::Elsewhere => {}
        }
        Ok(())
    }

    fn write(&mut self, current: &mut Current, bytes: &[u8]) -> io::Result<()> {
        if current.input.kind.is_table() && self.form.is_restored() {
            return Ok(());
        }
        if matches!(self.target, Target::Stdout) {
            let codec = self.codec.unwrap_or_default();
            let out = self.report.stdout.get_or_insert_with(|| Encoder::new(codec, io::stdout(), false));
            out.write_all(bytes)?;
            // who reads one line at a time gets it at once
            return if codec == Codec::Plain { out.flush() } else { Ok(()) };
        }
        if current.path.is_none() {
            return Ok(());
        }
        if current.out.is_none() {
            let waits = matches!(self.target, Target::InPlace(_)) && !current.changed && current.pending.len() < HELD;
            if waits || bytes.is_empty() && current.pending.is_empty() {
                current.pending.extend_from_slice(bytes);
                return Ok(());
            }
            self.open_now(current)?;
        }
        current.out.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
    }

    fn open_now(&self, current: &mut Current) -> io::Result<()> {
        self.open(current, 0, Sha256::new()).map_err(|error| error.source)?;
        let pending = std::mem::take(&mut current.pending);
        current.out.as_mut().map_or(Ok(()), |out| out.write_all(&pending))
    }

    /// Between two records: ends the frame where it is due, and marks the place.
    fn step(&mut self, current: &mut Current) -> Result<()> {
        let due = current.since >= self.step;
        if !due && current.input.kind != Kind::Warc {
            return Ok(());
        }
        if let (Target::Stdout, Some(out)) = (&self.target, &mut self.report.stdout) {
            out.end_frame().context("cannot write to stdout")?;
        }
        let Some(out) = &mut current.out else { return Ok(()) };
        let done = out.between().and_then(|hashed| {
            if due && self.journal.is_some() {
                hashed.file.settle(true).map_err(|error| error.source)?;
            }
            Ok((hashed.length, hashed.hash.clone()))
        });
        let (length, hash) = match done {
            Ok(done) => done,
            Err(error) => {
                current.breaks(error);
                return Ok(());
            }
        };
        if !due {
            return Ok(());
        }
        current.since = 0;
        let mark = Mark {
            input: current.input.source.id.clone(),
            bytes: current.bytes,
            records: current.records,
            content: hex(current.content.clone()),
            length,
            output: hash.map(hex).unwrap_or_default(),
            ..Mark::default()
        };
        self.mark(mark)
    }

    /// Puts the logs and then the mark on the disk.
    fn mark(&mut self, mark: Mark) -> Result<()> {
        if self.journal.is_none() {
            return Ok(());
        }
        self.logs.settle()?;
        let [edits, quarantine] = self.logs.lengths();
        let mark = Mark { settings: self.settings.clone(), edits, quarantine, summary: self.summary.clone(), ..mark };
        self.journal.as_mut().map_or(Ok(()), |journal| journal.add(&mark)).context("cannot write the marks for --resume")
    }

    fn end(&mut self, input: &Arc<Input>, done: Result<(), ReadError>) -> Result<()> {
        let Some(mut current) = self.report.current.take() else { return Ok(()) };
        let done = match (done, current.broken.take()) {
            (Err(error), _) => Err(error.to_string()),
            (_, Some(why)) => Err(why),
            _ => Ok(()),
        };
        let (logs, counts, failures) = (current.logs, current.counts, current.failures);
        let done = match done {
            Ok(()) => {
                self.summary.counts.inputs += 1;
                self.finish(current)?
            }
            Err(why) => {
                current.give_up();
                Err(why)
            }
        };
        if let Err(why) = done {
            // nothing of it was delivered, so nothing of it is told, but that it is lost
            if !matches!(self.target, Target::Stdout) {
                self.summary.rewind(counts, failures);
                self.logs.cut(logs)?;
            }
            self.lose(&input.source.id, &why);
            self.mark(Mark { input: input.source.id.clone(), ended: true, ..Mark::default() })?;
        }
        Ok(())
    }

    /// Puts the result into its place; the inner error loses this input only.
    fn finish(&mut self, mut current: Current) -> Result<Result<(), String>> {
        let in_place = matches!(self.target, Target::InPlace(_));
        if let (Target::Stdout, Some(out)) = (&self.target, &mut self.report.stdout) {
            out.end_frame().context("cannot write to stdout")?;
        }
        let content = match current.input.table().filter(|_| current.input.kind.is_table()) {
            // its rows are not its bytes
            Some(path) if self.journal.is_some() => resume::file(path, u64::MAX).map(|(hash, _)| hex(hash)).unwrap_or_default(),
            _ => hex(current.content.clone()),
        };
        let ended = Mark { input: current.input.source.id.clone(), ended: true, bytes: current.bytes, content, ..Mark::default() };
        if in_place && !current.changed {
            current.give_up();
            return self.mark(ended).map(Ok);
        }
        let is_view = !self.form.is_restored();
        if current.out.is_none() && current.path.is_some() && (current.wanted || !is_view) && !current.is_table() {
            let done = self.open_now(&mut current);
            if let Err(error) = done {
                return Ok(Err(WriteError { path: current.path.unwrap_or_default(), source: error }.to_string()));
            }
        }
        let (Hashed { file, length, hash }, path) = match (current.close(), current.path) {
            (Some(Ok(hashed)), Some(path)) => (hashed, path),
            (Some(Err(source)), Some(path)) => return Ok(Err(WriteError { path, source }.to_string())),
            (Some(Err(error)), None) => return Err(anyhow::Error::new(error).context("cannot write to stdout")),
            (_, _) => return self.mark(ended).map(Ok),
        };
        // what is done to a file must be known before it is done
        if in_place {
            self.logs.settle()?;
        }
        self.mark(Mark { length, output: hash.map(hex).unwrap_or_default(), ..ended })?;
        let done = match (&self.target, current.input.stamp) {
            (Target::InPlace(backup), Some(stamp)) => {
                backup.as_ref().map_or(Ok(()), |suffix| keep(&path, suffix)).and_then(|()| file.commit_onto(stamp))
            }
            _ => file.commit_durably(),
        };
        Ok(done.map_err(|error| error.to_string()))
    }

    /// Ends the run: the logs go to their places, even if the run ends early.
    pub(super) fn close(mut self, complete: bool) -> Result<Summary> {
        self.progress.end();
        if let (Form::Page(report), true) = (self.form, complete) {
            report.finish()?;
        }
        if let Some(out) = self.report.stdout.take().filter(|_| complete) {
            out.finish().and_then(|mut out| out.flush()).context("cannot write to stdout")?;
        }
        if !complete && self.journal.is_some() {
            // the next run goes on with them
            return Ok(self.summary);
        }
        self.logs.commit()?;
        Ok(self.summary)
    }

    #[cfg(feature = "parquet")]
    fn rows(&mut self, rows: &arrow_array::RecordBatch) {
        let Some(mut current) = self.report.current.take() else { return };
        if current.broken.is_none()
            && self.form.is_restored()
            && let Err(why) = self.rows_of(&mut current, rows)
        {
            current.broken = Some(why);
        }
        self.report.current = Some(current);
    }

    #[cfg(feature = "parquet")]
    fn rows_of(&mut self, current: &mut Current, rows: &arrow_array::RecordBatch) -> Result<(), String> {
        use self::current::Sheet;
        use unspin::write::table::TableWriter;
        if current.table.is_none() {
            let sheet = match (&self.target, &current.path) {
                (Target::Nowhere, _) => return Ok(()),
                (_, Some(path)) => {
                    let file = if self.journal.is_some() { AtomicFile::resume(path, 0) } else { AtomicFile::create(path) };
                    let hash = self.journal.is_some().then(Sha256::new);
                    let hashed = Hashed { file: file.map_err(|error| error.to_string())?, length: 0, hash };
                    Sheet::File(Box::new(Encoder::new(self.codec_of(&current.input), hashed, false)))
                }
                _ => Sheet::Stdout(Box::new(Encoder::new(self.codec.unwrap_or_default(), io::stdout(), false))),
            };
            let like = current.input.table().ok_or("the table is not there any more")?;
            current.table = Some(TableWriter::new(like, current.input.kind, rows, sheet).map_err(|error| error.to_string())?);
            current.wanted = true;
        }
        current.table.as_mut().map_or(Ok(()), |table| table.write(rows)).map_err(|error| error.to_string())
    }
}

/// A hash as text.
pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
