//! What became of one source.
//!
//! In: a source. Out: a restoration, or the reason why the document passes unchanged, or why it could not even be read. A plan that
//! does not fit its own text would be a bug of ours; it is found here, before anything is written.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::decode::PlanError;
use crate::read::field::FieldError;
use crate::read::warc::WarcError;
use crate::read::{Document, NotText, ReadError, Source};
use crate::restore::Restoration;

/// Why a document or a record passes unchanged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It is not text.
    #[error("{0}")]
    NotText(#[from] NotText),
    /// The restorer panicked.
    #[error("internal error: {0}; please report it with the text")]
    Panic(String),
    /// The restorer made a plan for some other text.
    #[error("internal error: {0}; please report it with the text")]
    Plan(#[from] PlanError),
    /// No text where it should be.
    #[error("{0}")]
    Field(#[from] FieldError),
    /// A damaged record of a web archive.
    #[error("{0}")]
    Warc(#[from] WarcError),
    /// Over the cap.
    #[error("larger than {0} bytes; raise --max-record to restore it")]
    TooLarge(usize),
    /// Not where a record begins.
    #[error("this is no record of a web archive, or it is cut off")]
    Foreign,
}

/// What became of one source.
#[derive(Debug)]
pub enum Outcome {
    /// Read and restored.
    Restored(Document, Restoration),
    /// Read; passes unchanged.
    Passed(Document, Failure),
    /// Not read.
    Unread(ReadError),
}

/// One source and what became of it.
#[derive(Debug)]
pub struct Record {
    /// The source.
    pub source: Source,
    /// What became of it.
    pub outcome: Outcome,
}

impl Record {
    /// Reads and restores one source.
    #[must_use]
    pub fn of(source: Source, restore: &(dyn Fn(&str) -> Restoration + Sync)) -> Self {
        let outcome = match source.read() {
            Ok(document) => match document.text().map_err(Failure::from).and_then(|text| attempt(text, restore)) {
                Ok(restoration) => Outcome::Restored(document, restoration),
                Err(failure) => Outcome::Passed(document, failure),
            },
            Err(error) => Outcome::Unread(error),
        };
        Self { source, outcome }
    }
}

/// Restores a text; a panic, or a plan that does not fit, is a failure of this text alone.
pub(super) fn attempt(text: &str, restore: &dyn Fn(&str) -> Restoration) -> Result<Restoration, Failure> {
    // the models are read-only: a panic leaves nothing half done
    let restoration = catch_unwind(AssertUnwindSafe(|| restore(text))).map_err(|payload| Failure::Panic(message(&*payload)))?;
    restoration.plan.apply(text)?;
    Ok(restoration)
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the restorer panicked").to_owned()
}
