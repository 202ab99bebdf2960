//! Inputs of every kind, on many threads: sources to events, in input order, in bounded memory.
//!
//! In: sources, how they are read, what is done with a record. Out: events on the calling thread: an input begins, its records one by
//! one, the input ends, well or not. One bad record or input never ends the run.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::entry::{Entry, Task};
use super::failure::survey;
use super::feed::{Chunk, Feed, Input, Load, Next, Reading, Unread};
use super::ordered::weighed;
use crate::read::{ReadError, Records, Source, nul};

/// Most bytes of records that are in work or waiting for their turn, before one more is read.
const HELD: usize = 64 << 20;

/// What happens.
#[derive(Debug)]
pub enum Event {
    /// An input was opened.
    Begin(Arc<Input>),
    /// A record of it.
    Entry(Entry),
    /// Rows of a table with the column restored; their entries come before.
    #[cfg(feature = "parquet")]
    Rows(Arc<Input>, arrow_array::RecordBatch),
    /// Its end: all of it was read, or it broke off.
    End(Arc<Input>, Result<(), ReadError>),
    /// An input that could not be opened.
    Unread(Source, ReadError),
}

/// Reads and restores all sources on `jobs` threads and hands what happens to `sink`, in order, until it fails.
///
/// # Errors
/// The error of the sink.
pub fn stream<E>(
    jobs: NonZeroUsize,
    sources: impl IntoIterator<Item = Source, IntoIter: Send>,
    reading: Reading,
    task: &Task<'_>,
    mut sink: impl FnMut(Event) -> Result<(), E>,
) -> Result<(), E> {
    let feed = Feed::new(sources.into_iter(), reading);
    let work = |next: Next| match next {
        Next::Unread(source, error) => vec![Event::Unread(source, error)],
        Next::Chunk(chunk) => events(chunk, task),
    };
    weighed(jobs, HELD, &Next::weight, feed, work, |events| events.into_iter().try_for_each(&mut sink))
}

fn events(chunk: Chunk, task: &Task<'_>) -> Vec<Event> {
    let Chunk { input, begins, load, mut ends } = chunk;
    let mut out = Vec::new();
    if begins {
        out.push(Event::Begin(Arc::clone(&input)));
    }
    match load {
        Load::Raw(raws) => out.extend(raws.into_iter().map(|raw| Event::Entry(Entry::of(&input, raw, task)))),
        Load::Long(unread) => {
            let (entries, done) = long(&input, unread, task);
            out.extend(entries.into_iter().map(Event::Entry));
            ends = Some(done);
        }
        #[cfg(feature = "parquet")]
        Load::Rows(rows, first) => {
            let (entries, rows) = super::rows::restored(&input, &rows, first, task);
            out.extend(entries.into_iter().map(Event::Entry));
            out.push(Event::Rows(Arc::clone(&input), rows));
        }
    }
    if let Some(done) = ends {
        out.push(Event::End(input, done));
    }
    out
}

/// A long document: surveyed, or if that does not do, read again as a whole.
fn long(input: &Arc<Input>, Unread(mut reader): Unread, task: &Task<'_>) -> (Vec<Entry>, Result<(), ReadError>) {
    let passes = |part: &str| task.spare.leaves(part) && nul(part.as_bytes()).is_none();
    let surveyed = task.survey.map_or(Ok(None), |look| survey(|| look(&mut reader, &passes)));
    if let Ok(Some(restoration)) = surveyed {
        return (vec![Entry::surveyed(input, restoration)], Ok(()));
    }
    let mut entries = Vec::new();
    // an error of reading comes again, and its bytes are counted already
    let done = input.source.open(Some(input.kind), input.limits, &Arc::default()).and_then(|opened| {
        let mut records = Records::new(opened.reader, input.kind, input.limits, 0);
        while let Some(raw) = records.next_raw()? {
            entries.push(Entry::of(input, raw, task));
        }
        Ok(())
    });
    (entries, done)
}
