//! Results to their places: what a run does with each event.
//!
//! In: events, in input order. Out: files that appear whole or not at all, the edit log and the quarantine file beside them, marks to go on
//! from, counts. The edits of an input are on the disk before the input is replaced, and are taken back if it could not be: log and
//! result always tell the same. A step inside a large input is a place where a frame of the output ends, at the same bytes in every run.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use unspin::batch::{Counts, Entry, Event, Fate, Input, Journal, Mark, Summary};
use unspin::read::{Codec, Kind, ReadError};
use unspin::render::{EditLog, Render};
use unspin::write::{AtomicFile, Encoder, WriteError};

use super::attributes;
use super::message;
use super::output::{Target, keep};
use super::progress::Progress;
use super::report::Report;

/// Failures that are told one by one; the rest is in the summary.
const TOLD: u64 = 100;
/// Plain bytes that are held back before a file is made for an input that may not change.
const HELD: usize = 1 << 20;
/// Most bytes of a record in the quarantine file.
const QUOTED: usize = 1 << 16;

/// What is delivered of an input.
pub(super) enum Form {
    /// The input with its edits made.
    Restored,
    /// A view of each document or record.
    View(Box<dyn Render>),
    /// A line of attributes for each.
    Attributes(String),
    /// One page of all of them.
    Page(Box<Report>),
}

/// A file that grows with the run and can be cut back.
pub(super) struct Log {
    file: AtomicFile,
    length: u64,
}

impl Log {
    /// Begins, or goes on behind the first `length` bytes.
    pub(super) fn open(path: &std::path::Path, resumes: bool, length: u64) -> Result<Self, WriteError> {
        let file = if resumes { AtomicFile::resume(path, length)? } else { AtomicFile::create(path)? };
        Ok(Self { file, length })
    }

    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> Result<(), WriteError> {
        self.length = length;
        self.file.cut(length)
    }
}

/// A file whose bytes are counted and, for marks, hashed.
struct Hashed {
    file: AtomicFile,
    length: u64,
    hash: Option<Sha256>,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(bytes.get(..written).unwrap_or(&[]));
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Where the first input is gone on with.
#[derive(Clone, Debug, Default)]
pub(super) struct Start {
    /// The mark.
    pub(super) mark: Mark,
    /// The hash of what was read so far.
    pub(super) content: Sha256,
    /// The hash of what was written so far.
    pub(super) output: Sha256,
}

/// The input that is being delivered.
struct Current {
    input: Arc<Input>,
    out: Option<Encoder<Hashed>>,
    #[cfg(feature = "parquet")]
    table: Option<unspin::write::table::TableWriter<Hashed>>,
    path: Option<PathBuf>,
    /// What was not written yet because nothing changed so far.
    pending: Vec<u8>,
    /// Whether there is, or will be, a file.
    wanted: bool,
    changed: bool,
    /// Plain bytes since the last step.
    since: u64,
    bytes: u64,
    records: u64,
    content: Sha256,
    broken: Option<String>,
    /// The logs and counts before it.
    edits: u64,
    quarantine: u64,
    counts: Counts,
    failures: usize,
}

/// What the delivery is made with.
pub(super) struct Delivery {
    pub(super) target: Target,
    pub(super) form: Form,
    /// The compression that was asked for.
    pub(super) codec: Option<Codec>,
    pub(super) edits: Option<Log>,
    pub(super) quarantine: Option<Log>,
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

#[derive(Serialize)]
struct Quarantined<'e> {
    document: &'e str,
    input: &'e str,
    record: u64,
    error: String,
    raw: Option<&'e str>,
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
        let length = |log: &Option<Log>| log.as_ref().map_or(0, |log| log.length);
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
            edits: length(&self.edits),
            quarantine: length(&self.quarantine),
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
        let mut view = Vec::new();
        let bytes: &[u8] = match (&mut self.form, &entry.fate) {
            (Form::Restored, _) if entry.input.kind.is_table() => &[],
            (Form::Restored, _) => entry.after(),
            (Form::View(shown), Fate::Restored(document, restoration)) => {
                shown.render(restoration, document, &mut view)?;
                &view
            }
            (Form::Page(report), Fate::Restored(document, restoration)) => {
                report.add(restoration, document)?;
                &[]
            }
            (Form::View(_) | Form::Page(_), _) => &[],
            (Form::Attributes(name), fate) => {
                attributes::write(name, fate, &mut view)?;
                &view
            }
        };
        current.changed |= entry.after() != entry.before() || entry.input.kind.is_table();
        current.wanted |= !matches!((&self.form, &entry.fate), (Form::View(_), Fate::Failed(..)));
        self.summary.count(entry, bytes.len());
        if self.journal.is_some() {
            current.content.update(entry.before());
        }
        current.bytes += entry.before().len() as u64;
        current.since += bytes.len() as u64;
        if let Err(error) = self.write(current, bytes) {
            if matches!(self.target, Target::Stdout) {
                return Err(anyhow::Error::new(error).context("cannot write to stdout"));
            }
            let path = current.path.clone().unwrap_or_default();
            current.broken = Some(WriteError { path, source: error }.to_string());
            return Ok(());
        }
        match &entry.fate {
            Fate::Restored(document, restoration) => {
                if let Some(log) = &mut self.edits {
                    let mut lines = Vec::new();
                    EditLog.render(restoration, document, &mut lines)?;
                    log.add(&lines).context("cannot write the edit log")?;
                }
            }
            Fate::Failed(id, why) => {
                let passes = matches!(self.form, Form::Restored);
                let line = Quarantined {
                    document: id,
                    input: &entry.input.source.id,
                    record: entry.number,
                    error: why.to_string(),
                    raw: std::str::from_utf8(entry.before()).ok().filter(|raw| raw.len() <= QUOTED),
                };
                if let Some(log) = &mut self.quarantine {
                    let mut line = serde_json::to_vec(&line)?;
                    line.push(b'\n');
                    log.add(&line).context("cannot write the quarantine file")?;
                }
                self.tell(id, &format!("{}: {why}", if passes { "passed through unchanged" } else { "left out" }));
            }
            Fate::Carried => {}
        }
        Ok(())
    }

    fn write(&mut self, current: &mut Current, bytes: &[u8]) -> io::Result<()> {
        if matches!(self.target, Target::Stdout) {
            let codec = self.codec.unwrap_or_default();
            let out = self.report.stdout.get_or_insert_with(|| Encoder::new(codec, io::stdout(), false));
            out.write_all(bytes)?;
            // who reads one line at a time gets it at once
            return if codec == Codec::Plain { out.flush() } else { Ok(()) };
        }
        if current.path.is_none() || current.input.kind.is_table() && matches!(self.form, Form::Restored) {
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
                current.broken = Some(WriteError { path: current.path.clone().unwrap_or_default(), source: error }.to_string());
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
        let mut lengths = [0, 0];
        for (log, length) in [&mut self.edits, &mut self.quarantine].into_iter().zip(&mut lengths) {
            if let Some(log) = log {
                log.file.settle(true)?;
                *length = log.length;
            }
        }
        let [edits, quarantine] = lengths;
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
        let (edits, quarantine, counts, failures) = (current.edits, current.quarantine, current.counts, current.failures);
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
                for (log, length) in [(&mut self.edits, edits), (&mut self.quarantine, quarantine)] {
                    if let Some(log) = log {
                        log.cut(length)?;
                    }
                }
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
        let content = if current.input.kind.is_table() { String::new() } else { hex(current.content.clone()) };
        let ended = Mark { input: current.input.source.id.clone(), ended: true, bytes: current.bytes, content, ..Mark::default() };
        if in_place && !current.changed {
            current.give_up();
            return self.mark(ended).map(Ok);
        }
        let is_view = !matches!(self.form, Form::Restored);
        if current.out.is_none() && current.path.is_some() && (current.wanted || !is_view) && !current.is_table() {
            let done = self.open_now(&mut current);
            if let Err(error) = done {
                return Ok(Err(WriteError { path: current.path.unwrap_or_default(), source: error }.to_string()));
            }
        }
        let (Some(hashed), Some(path)) = (current.close(), current.path) else { return self.mark(ended).map(Ok) };
        let Hashed { file, length, hash } = match hashed {
            Ok(hashed) => hashed,
            Err(error) => return Ok(Err(WriteError { path, source: error }.to_string())),
        };
        // what is done to a file must be known before it is done
        if let Some(log) = self.edits.as_mut().filter(|_| in_place) {
            log.file.settle(true)?;
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
        for log in [self.edits.take(), self.quarantine.take()].into_iter().flatten() {
            log.file.commit_durably()?;
        }
        Ok(self.summary)
    }

    #[cfg(feature = "parquet")]
    fn rows(&mut self, rows: &arrow_array::RecordBatch) {
        let Some(mut current) = self.report.current.take() else { return };
        if current.broken.is_none()
            && matches!(self.form, Form::Restored)
            && let Err(why) = self.rows_of(&mut current, rows)
        {
            current.broken = Some(why);
        }
        self.report.current = Some(current);
    }

    #[cfg(feature = "parquet")]
    fn rows_of(&self, current: &mut Current, rows: &arrow_array::RecordBatch) -> Result<(), String> {
        use unspin::write::table::TableWriter;
        let Some(path) = &current.path else {
            return if matches!(self.target, Target::Nowhere) {
                Ok(())
            } else {
                Err("a table is written to a file; name one with --output".into())
            };
        };
        if current.table.is_none() {
            let file = if self.journal.is_some() { AtomicFile::resume(path, 0) } else { AtomicFile::create(path) };
            let hash = self.journal.is_some().then(Sha256::new);
            let hashed = Hashed { file: file.map_err(|error| error.to_string())?, length: 0, hash };
            current.table =
                Some(TableWriter::new(&current.input.source, current.input.kind, rows, hashed).map_err(|error| error.to_string())?);
            current.wanted = true;
        }
        current.table.as_mut().map_or(Ok(()), |table| table.write(rows)).map_err(|error| error.to_string())
    }
}

impl Current {
    /// Nothing of it stays.
    fn give_up(self) {
        if let Some(Ok(hashed)) = self.out.map(Encoder::finish) {
            hashed.file.discard();
        }
    }

    fn is_table(&self) -> bool {
        #[cfg(feature = "parquet")]
        return self.table.is_some();
        #[cfg(not(feature = "parquet"))]
        false
    }

    /// The file with all that was written to it.
    fn close(&mut self) -> Option<io::Result<Hashed>> {
        #[cfg(feature = "parquet")]
        if let Some(table) = self.table.take() {
            return Some(table.finish().map_err(io::Error::other));
        }
        self.out.take().map(Encoder::finish)
    }
}

/// A hash as text.
pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
