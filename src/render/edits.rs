//! The edit log: one line of JSON an edit, enough to take it back.
//!
//! Keys, in order: `document`, `start`, `end` (bytes of the input), `from`, `to`, `reason`, `confidence`, `alternatives`.

use std::io::{self, Write};

use serde::Serialize;

use super::Render;
use super::view::Change;
use crate::read::Document;
use crate::restore::Restoration;

/// One object an edit.
#[derive(Clone, Copy, Debug)]
pub struct EditLog;

#[derive(Serialize)]
struct Line<'r> {
    document: &'r str,
    #[serde(flatten)]
    change: Change<'r>,
}

impl Render for EditLog {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        for edit in &restoration.plan.edits {
            serde_json::to_writer(&mut *out, &Line { document: &document.id, change: Change::from(edit) })?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
