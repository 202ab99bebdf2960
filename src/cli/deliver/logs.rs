//! What grows with the run beside its results: the edit log and the quarantine file.
//!
//! In: entries, one after the other. Out: two files of JSON Lines that are cut back when an input is lost or an interrupted run is gone on
//! with, and appear under their names when the run ends.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use unspin::batch::{Entry, Failure};
use unspin::read::{Document, Kind};
use unspin::render::{EditLog, RecordPlace, Render};
use unspin::restore::Restoration;
use unspin::write::{AtomicFile, WriteError};

/// Most bytes of a record in the quarantine file.
const QUOTED: usize = 1 << 16;

/// A file that grows with the run and can be cut back.
pub(in crate::cli) struct Log {
    file: AtomicFile,
    length: u64,
}

impl Log {
    /// Begins, or goes on behind the first `length` bytes.
    pub(in crate::cli) fn open(path: &Path, resumes: bool, length: u64) -> Result<Self, WriteError> {
        let file = if resumes { AtomicFile::resume(path, length)? } else { AtomicFile::create(path)? };
        Ok(Self { file, length })
    }

    fn add(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}

/// Both of them, as far as they are wanted.
pub(in crate::cli) struct Logs {
    pub(in crate::cli) edits: Option<Log>,
    pub(in crate::cli) quarantine: Option<Log>,
    /// The field of records that holds the text.
    pub(in crate::cli) field: String,
}

/// How long the edit log and the quarantine file are.
pub(super) type Lengths = [u64; 2];

#[derive(Serialize)]
struct Quarantined<'e> {
    document: &'e str,
    input: &'e str,
    record: u64,
    error: String,
    raw: Option<&'e str>,
}

impl Logs {
    /// Logs the edits of an entry.
    pub(super) fn edited(&mut self, entry: &Entry, document: &Document, restoration: &Restoration) -> Result<()> {
        let Some(log) = &mut self.edits else { return Ok(()) };
        let Entry { input, number, written, .. } = entry;
        let place = (!input.kind.is_document()).then(|| RecordPlace {
            input: &input.source.id,
            record: *number,
            bytes: (!input.kind.is_table()).then(|| entry.before()),
            field: (input.kind == Kind::Jsonl).then_some(self.field.as_str()),
            written,
        });
        let mut lines = Vec::new();
        EditLog { place }.render(restoration, document, &mut lines)?;
        log.add(&lines).context("cannot write the edit log")
    }

    /// Logs an entry that failed.
    pub(super) fn failed(&mut self, entry: &Entry, id: &str, why: &Failure) -> Result<()> {
        let Some(log) = &mut self.quarantine else { return Ok(()) };
        let line = Quarantined {
            document: id,
            input: &entry.input.source.id,
            record: entry.number,
            error: why.to_string(),
            raw: std::str::from_utf8(entry.before()).ok().filter(|raw| raw.len() <= QUOTED),
        };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        log.add(&line).context("cannot write the quarantine file")
    }

    pub(super) fn lengths(&self) -> Lengths {
        [&self.edits, &self.quarantine].map(|log| log.as_ref().map_or(0, |log| log.length))
    }

    /// Takes back what was added since they were so long.
    pub(super) fn cut(&mut self, lengths: Lengths) -> Result<(), WriteError> {
        for (log, length) in self.both().zip(lengths) {
            if let Some(log) = log {
                log.length = length;
                log.file.cut(length)?;
            }
        }
        Ok(())
    }

    /// Puts them on the disk, though not under their names.
    pub(super) fn settle(&mut self) -> Result<(), WriteError> {
        self.both().flatten().try_for_each(|log| log.file.settle(true))
    }

    /// Puts them under their names.
    pub(super) fn commit(self) -> Result<(), WriteError> {
        [self.edits, self.quarantine].into_iter().flatten().try_for_each(|log| log.file.commit_durably())
    }

    fn both(&mut self) -> impl Iterator<Item = Option<&mut Log>> {
        [self.edits.as_mut(), self.quarantine.as_mut()].into_iter()
    }
}
