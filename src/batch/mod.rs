//! Many texts, on many threads: sources to events, in the order of the sources.
//!
//! In: sources and what to do with a text. Out: the [`Event`]s of a [`stream`()], handed to a sink on the calling thread. One bad document never
//! ends the run: what cannot be read, is not text or makes the restorer panic is an event of its own.

mod entry;
mod failure;
mod feed;
mod journal;
mod ordered;
#[cfg(feature = "parquet")]
mod rows;
mod spare;
mod stream;
mod summary;

pub use entry::{Entry, Fate, Restore, Survey, Task, alone};
pub use failure::Failure;
pub use feed::{Input, Part, Reading};
pub use journal::{Journal, Mark};
pub use ordered::{ordered, weighed};
pub use spare::{Spare, SpareError};
pub use stream::{Event, stream};
pub use summary::{Counts, Named, Summary};
