//! Many texts, on many threads: sources to records, in the order of the sources.
//!
//! In: sources and what to do with a text. Out: one [`Record`] each, handed to a sink on the calling thread. One bad document never
//! ends the run: what cannot be read, is not text or makes the restorer panic is a record of its own.

mod ordered;
mod record;

pub use ordered::ordered;
pub use record::{Failure, Outcome, Record};

use std::num::NonZeroUsize;

use crate::read::Source;
use crate::restore::Restoration;

/// Reads and restores all sources on `jobs` threads and hands the records to `sink`, in order, until it fails.
///
/// # Errors
/// The error of the sink.
pub fn run<E>(
    jobs: NonZeroUsize,
    sources: impl IntoIterator<Item = Source, IntoIter: Send>,
    restore: &(dyn Fn(&str) -> Restoration + Sync),
    sink: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    ordered(jobs, sources.into_iter(), |source| Record::of(source, restore), sink)
}
