//! What is delivered of a record: its bytes with the edits made, a view of it, attributes, or its part of a page.
//!
//! In: an entry. Out: bytes for the output of its input, perhaps none.

use std::borrow::Cow;

use anyhow::Result;
use unspin::batch::{Entry, Fate};
use unspin::render::Render;

use crate::cli::attributes;
use crate::cli::report::Report;

/// What is delivered of an input.
pub(in crate::cli) enum Form {
    /// The input with its edits made.
    Restored,
    /// A view of each document or record.
    View(Box<dyn Render>),
    /// A line of attributes for each.
    Attributes(String),
    /// One page of all of them.
    Page(Box<Report>),
}

impl Form {
    /// What is delivered of a record.
    pub(super) fn of<'e>(&mut self, entry: &'e Entry) -> Result<Cow<'e, [u8]>> {
        let mut view = Vec::new();
        match (self, &entry.fate) {
            // its rows come together
            (Self::Restored, _) if entry.input.kind.is_table() => {}
            (Self::Restored, _) => return Ok(Cow::Borrowed(entry.after())),
            (Self::View(shown), Fate::Restored(document, restoration)) => shown.render(restoration, document, &mut view)?,
            (Self::Page(report), Fate::Restored(document, restoration)) => report.add(restoration, document)?,
            (Self::View(_) | Self::Page(_), _) => {}
            (Self::Attributes(name), fate) => attributes::write(name, fate, &mut view)?,
        }
        Ok(Cow::Owned(view))
    }

    /// Whether it is the input itself that is delivered.
    pub(super) fn is_restored(&self) -> bool {
        matches!(self, Self::Restored)
    }
}
