//! The edit log: one line of JSON an edit, enough to take it back.
//!
//! Keys, in order: `document`, `start`, `end` (bytes of the input), `from`, `to`, `reason`, `confidence`, `alternatives`,
//! `input_sha256`, `output_sha256`. The fingerprints stand on every line, so that each line says for itself which text it is about.

use std::io::{self, Write};

use serde::Serialize;

use super::view::Change;
use super::{Render, both};
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::sha256;

/// One object an edit.
#[derive(Clone, Copy, Debug)]
pub struct EditLog;

#[derive(Serialize)]
struct Line<'r> {
    document: &'r str,
    #[serde(flatten)]
    change: Change<'r>,
    input_sha256: &'r str,
    output_sha256: &'r str,
}

impl Render for EditLog {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        if restoration.plan.edits.is_empty() {
            return Ok(());
        }
        let (before, after) = both(restoration, document)?;
        let (input_sha256, output_sha256) = (&sha256(before.as_bytes()), &sha256(after.as_bytes()));
        for edit in &restoration.plan.edits {
            let line = Line { document: &document.id, change: Change::from(edit), input_sha256, output_sha256 };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
