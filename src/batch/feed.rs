//! Inputs to chunks of records, for threads to work on.
//!
//! In: sources. Out: chunks in order, each of a few records, with marks where an input begins and ends. Reading and decompressing happen
//! here, one input after the other; small records travel together so that handing them over costs nothing.

use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tempfile::TempPath;

use crate::read::{Codec, Encoding, Kind, Limits, Opened, Raw, ReadError, Records, Source, Stamp};

/// Bytes of records that travel together.
const CHUNK: usize = 1 << 15;
/// Bytes of a document from which on it is worth a survey: memory for a shorter one costs nothing, it is used again and again.
const LONG: u64 = 1 << 18;

/// An input that is being read.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it is.
    pub source: Source,
    /// What it holds.
    pub kind: Kind,
    /// How it is compressed.
    pub codec: Codec,
    /// Which file it is.
    pub stamp: Option<Stamp>,
    /// Caps.
    pub limits: Limits,
    /// How its characters are written, if it is a document.
    pub encoding: Encoding,
    /// Which records of it are wanted; all, if not said.
    pub part: Option<Part>,
    /// The plain bytes of a table that are not in the source itself.
    spool: Option<Arc<TempPath>>,
}

impl Input {
    /// A plain input whose records are at hand.
    #[must_use]
    pub fn plain(source: Source, kind: Kind, limits: Limits) -> Self {
        Self { source, kind, codec: Codec::Plain, stamp: None, limits, encoding: Encoding::Utf8, part: None, spool: None }
    }

    /// The file that holds a table, which is read from its end: the source, or a copy of what is compressed or came through a pipe.
    #[must_use]
    pub fn table(&self) -> Option<&Path> {
        self.spool.as_ref().map_or_else(|| self.source.path(), |spool| Some(spool))
    }

    /// Whether the record (or batch of rows) of this number is wanted.
    pub(super) fn wants(&self, number: u64) -> bool {
        self.part.is_none_or(|Part { this, of }| number % of == this % of)
    }
}

/// Every `of`-th record, beginning with the `this`-th, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which part, from 1.
    pub this: u64,
    /// Of how many; not 0.
    pub of: u64,
}

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What the inputs hold, if that was said.
    pub kind: Option<Kind>,
    /// Caps.
    pub limits: Limits,
    /// How the characters of documents are written; records and tables are UTF-8.
    pub encoding: Encoding,
    /// What of the first input was done before: plain bytes, records.
    pub done: (u64, u64),
    /// Counts the bytes that are read of the inputs themselves.
    pub position: Arc<AtomicU64>,
    /// The column of tables.
    pub column: String,
    /// Which records of each input are wanted; all, if not said.
    pub part: Option<Part>,
    /// Whether long documents are surveyed before they are read as a whole.
    pub survey: bool,
}

/// What travels.
#[derive(Debug)]
pub(super) enum Load {
    /// Records.
    Raw(Vec<Raw>),
    /// A long document, still to be read.
    Long(Unread),
    /// Rows of a table.
    #[cfg(feature = "parquet")]
    Rows(arrow_array::RecordBatch, u64),
}

/// A reader of a document.
pub(super) struct Unread(pub(super) Box<dyn BufRead + Send>);

impl std::fmt::Debug for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unread").finish_non_exhaustive()
    }
}

/// Some records of one input.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) input: Arc<Input>,
    pub(super) begins: bool,
    pub(super) load: Load,
    pub(super) ends: Option<Result<(), ReadError>>,
}

/// The next thing to work on.
#[derive(Debug)]
pub(super) enum Next {
    Chunk(Chunk),
    Unread(Source, ReadError),
}

impl Next {
    /// Roughly its bytes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Chunk(Chunk { load: Load::Raw(raws), .. }) => raws.iter().map(|raw| raw.bytes.len()).sum(),
            #[cfg(feature = "parquet")]
            Self::Chunk(Chunk { load: Load::Rows(rows, _), .. }) => rows.get_array_memory_size(),
            Self::Chunk(Chunk { load: Load::Long(_), .. }) | Self::Unread(..) => 0,
        }
    }
}

enum Open {
    Records(Records),
    Long(Unread),
    /// A table, the rows and the batches of it that went before.
    #[cfg(feature = "parquet")]
    Table(crate::read::table::Table, u64, u64),
}

/// Reads the inputs one after the other.
pub(super) struct Feed<I> {
    sources: I,
    reading: Reading,
    open: Option<(Arc<Input>, Open, bool)>,
}

impl<I: Iterator<Item = Source>> Feed<I> {
    pub(super) fn new(sources: I, reading: Reading) -> Self {
        Self { sources, reading, open: None }
    }

    fn begin(&mut self, source: Source) -> Result<(), (Source, ReadError)> {
        let (skip, number) = std::mem::take(&mut self.reading.done);
        let opened = source.open(self.reading.kind, self.reading.limits, &self.reading.position);
        let Opened { kind, codec, mut reader, stamp } = match opened {
            Ok(opened) => opened,
            Err(error) => return Err((source, error)),
        };
        let spool = if kind.is_table() && (source.path().is_none() || codec != Codec::Plain) {
            match spooled(&mut reader) {
                Ok(spool) => Some(Arc::new(spool)),
                Err(error) => return Err((source, error.into())),
            }
        } else {
            None
        };
        let Reading { limits, encoding, part, survey, .. } = self.reading;
        let can_be_read_twice = codec == Codec::Plain && stamp.is_some_and(|stamp| stamp.has_length(&(LONG..=limits.record as u64)));
        let is_surveyed = survey && kind == Kind::Text && encoding == Encoding::Utf8 && part.is_none() && skip == 0 && can_be_read_twice;
        let input = Arc::new(Input { source, kind, codec, stamp, limits, encoding, part, spool });
        if kind.is_table() {
            return self.table(input);
        }
        if is_surveyed {
            self.open = Some((input, Open::Long(Unread(reader)), true));
            return Ok(());
        }
        if skip > 0
            && let Err(error) = io::copy(&mut reader.by_ref().take(skip), &mut io::sink())
        {
            return Err((input.source.clone(), error.into()));
        }
        self.open = Some((input, Open::Records(Records::new(reader, kind, self.reading.limits, number)), true));
        Ok(())
    }

    #[cfg(feature = "parquet")]
    fn table(&mut self, input: Arc<Input>) -> Result<(), (Source, ReadError)> {
        let Some(path) = input.table() else { return Err((input.source.clone(), ReadError::Missing)) };
        match crate::read::table::Table::open(path, input.kind, &self.reading.column, input.limits) {
            Ok(table) => self.open = Some((input, Open::Table(table, 0, 0), true)),
            Err(error) => return Err((input.source.clone(), error)),
        }
        Ok(())
    }

    #[cfg(not(feature = "parquet"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn table(&mut self, input: Arc<Input>) -> Result<(), (Source, ReadError)> {
        let why = "this program was built without Parquet and Arrow; build it with --features parquet";
        Err((input.source.clone(), ReadError::Table(why.to_owned())))
    }

    fn records(&mut self) -> Option<Chunk> {
        let (input, open, begins) = self.open.as_mut()?;
        let (input, begins) = (Arc::clone(input), std::mem::take(begins));
        let records = match open {
            Open::Records(records) => records,
            Open::Long(_) => {
                let Some((input, Open::Long(unread), _)) = self.open.take() else { return None };
                return Some(Chunk { input, begins, load: Load::Long(unread), ends: Some(Ok(())) });
            }
            #[cfg(feature = "parquet")]
            Open::Table(table, number, batch) => {
                let (load, ends) = match table.next_rows() {
                    Some(Ok(rows)) => {
                        let first = *number;
                        *number += rows.num_rows() as u64;
                        *batch += 1;
                        (Load::Rows(if input.wants(*batch) { rows } else { rows.slice(0, 0) }, first), None)
                    }
                    Some(Err(error)) => (Load::Raw(Vec::new()), Some(Err(error))),
                    None => (Load::Raw(Vec::new()), Some(Ok(()))),
                };
                if ends.is_some() {
                    self.open = None;
                }
                return Some(Chunk { input, begins, load, ends });
            }
        };
        let mut raws = Vec::new();
        let mut size = 0;
        let mut ends = None;
        while size < CHUNK && ends.is_none() {
            match records.next_raw() {
                Ok(Some(raw)) => {
                    size += raw.bytes.len().max(1);
                    raws.push(raw);
                }
                Ok(None) => ends = Some(Ok(())),
                Err(error) => ends = Some(Err(error.into())),
            }
        }
        if ends.is_some() {
            self.open = None;
        }
        Some(Chunk { input, begins, load: Load::Raw(raws), ends })
    }
}

/// The plain bytes of a table in a file that goes with the input.
fn spooled(reader: &mut impl Read) -> io::Result<TempPath> {
    let mut file = tempfile::Builder::new().prefix("unspin-").tempfile()?;
    io::copy(reader, &mut file)?;
    file.flush()?;
    Ok(file.into_temp_path())
}

impl<I: Iterator<Item = Source>> Iterator for Feed<I> {
    type Item = Next;

    fn next(&mut self) -> Option<Next> {
        if self.open.is_none() {
            let source = self.sources.next()?;
            if let Err((source, error)) = self.begin(source) {
                return Some(Next::Unread(source, error));
            }
        }
        self.records().map(Next::Chunk)
    }
}
