//! Counts what became of the records and tells the exit code.

use std::process::ExitCode;

use unspin::batch::{Outcome, Record};
use unspin::read::Document;
use unspin::restore::Restoration;

use super::message;

/// What became of the records so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Done.
    pub(super) done: usize,
    /// Read, but passed unchanged: not text, or an internal error.
    pub(super) passed: usize,
    /// Not read or not written.
    pub(super) lost: usize,
    /// A check found something.
    pub(super) found: bool,
}

/// A record that was read: restored or, as `None`, to be passed unchanged.
pub(super) type Read = (unspin::read::Source, Document, Option<Restoration>);

impl Tally {
    /// Reports what failed and hands on what was read.
    pub(super) fn take(&mut self, record: Record, consequence: &str) -> Option<Read> {
        match record.outcome {
            Outcome::Restored(document, restoration) => Some((record.source, document, Some(restoration))),
            Outcome::Passed(document, why) => {
                message::failed(&document.id, format_args!("{consequence}: {why}"));
                self.passed += 1;
                Some((record.source, document, None))
            }
            Outcome::Unread(error) => {
                self.lose(&record.source.id, error);
                None
            }
        }
    }

    /// Reports a record that is lost.
    pub(super) fn lose(&mut self, id: &str, why: impl std::fmt::Display) {
        message::failed(id, why);
        self.lost += 1;
    }

    /// The exit code of the run.
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self { done: 0, passed: 0, lost: 1.., .. } => 2,
            Self { passed: 1.., .. } | Self { lost: 1.., .. } => 3,
            Self { found: true, .. } => 1,
            _ => 0,
        })
    }
}
