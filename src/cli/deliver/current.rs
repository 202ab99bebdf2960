//! The input that is being delivered, and the output that grows for it.
//!
//! In: what was read of the input and what is to be written. Out: a file on the way to its place, its bytes counted and, for marks, hashed; or
//! standard output.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use unspin::batch::{Counts, Input, Mark};
use unspin::write::{AtomicFile, Encoder, WriteError};

use super::logs::Lengths;

/// Where the first input is gone on with.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Start {
    /// The mark.
    pub(in crate::cli) mark: Mark,
    /// The hash of what was read so far.
    pub(in crate::cli) content: Sha256,
    /// The hash of what was written so far.
    pub(in crate::cli) output: Sha256,
}

/// A file whose bytes are counted and, for marks, hashed.
pub(super) struct Hashed {
    pub(super) file: AtomicFile,
    pub(super) length: u64,
    pub(super) hash: Option<Sha256>,
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

/// What a table is written to.
#[cfg(feature = "parquet")]
pub(super) enum Sheet {
    /// A file.
    File(Box<Encoder<Hashed>>),
    /// Standard output.
    Stdout(Box<Encoder<io::Stdout>>),
}

#[cfg(feature = "parquet")]
impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(out) => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(out) => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

/// The input that is being delivered.
pub(super) struct Current {
    pub(super) input: Arc<Input>,
    pub(super) out: Option<Encoder<Hashed>>,
    #[cfg(feature = "parquet")]
    pub(super) table: Option<unspin::write::table::TableWriter<Sheet>>,
    pub(super) path: Option<PathBuf>,
    /// What was not written yet because nothing changed so far.
    pub(super) pending: Vec<u8>,
    /// Whether there is, or will be, a file.
    pub(super) wanted: bool,
    pub(super) changed: bool,
    /// Plain bytes since the last step.
    pub(super) since: u64,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) content: Sha256,
    pub(super) broken: Option<String>,
    /// The logs and counts before it.
    pub(super) logs: Lengths,
    pub(super) counts: Counts,
    pub(super) failures: usize,
}

impl Current {
    /// Nothing more can be written.
    pub(super) fn breaks(&mut self, error: io::Error) {
        let path = self.path.clone().unwrap_or_default();
        self.broken = Some(WriteError { path, source: error }.to_string());
    }

    /// Nothing of it stays.
    pub(super) fn give_up(self) {
        // a table is just dropped: what its writer has put on stdout by now has no end, and is no table
        if let Some(Ok(hashed)) = self.out.map(Encoder::finish) {
            hashed.file.discard();
        }
    }

    /// Whether it is a table that has its own writer.
    pub(super) fn is_table(&self) -> bool {
        #[cfg(feature = "parquet")]
        return self.table.is_some();
        #[cfg(not(feature = "parquet"))]
        false
    }

    /// The file with all that was written to it, if it is one.
    pub(super) fn close(&mut self) -> Option<io::Result<Hashed>> {
        #[cfg(feature = "parquet")]
        if let Some(table) = self.table.take() {
            return match table.finish() {
                Ok(Sheet::File(out)) => Some((*out).finish()),
                Ok(Sheet::Stdout(out)) => out.finish().and_then(|mut out| out.flush()).err().map(Err),
                Err(error) => Some(Err(error)),
            };
        }
        self.out.take().map(Encoder::finish)
    }
}
