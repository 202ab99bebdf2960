//! Counts what became of the records and tells the exit code.

use std::process::ExitCode;
use std::sync::Arc;

use unspin::batch::{Entry, Event, Fate, Input};
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

impl Tally {
    /// Reports what failed and hands on what was restored; `consequence` says what becomes of a record that failed.
    pub(super) fn take(&mut self, event: Event, consequence: &str) -> Option<(Arc<Input>, Document, Restoration)> {
        match event {
            Event::Entry(Entry { input, fate: Fate::Restored(document, restoration), .. }) => return Some((input, document, restoration)),
            Event::Entry(entry) => {
                if let Fate::Failed(id, why) = &entry.fate {
                    message::failed(&entry.place_of(id), format_args!("{consequence}: {why}"));
                    self.passed += 1;
                }
            }
            Event::Unread(source, error) => self.lose(&source.id, error),
            Event::End(input, Err(error)) => self.lose(&input.source.id, error),
            _ => {}
        }
        None
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
