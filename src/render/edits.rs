//! The edit log: one line of JSON an edit, enough to take it back.
//!
//! Keys, in order: `document`, `start`, `end` (bytes of the input), `from`, `to`, `reason`, `confidence`, `alternatives`,
//! `input_sha256`, `output_sha256`; for a record of a stream then `input`, `record`, `record_sha256`, and where they are needed `field` and
//! `raw`. The fingerprints stand on every line, so that each line says for itself which text it is about.

use std::io::{self, Write};

use serde::Serialize;

use super::view::Change;
use super::{Render, both};
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::sha256;

/// One object an edit.
#[derive(Clone, Copy, Debug, Default)]
pub struct EditLog<'e> {
    /// Where the text stands, if it is that of a record in a stream.
    pub place: Option<RecordPlace<'e>>,
}

/// A record in a stream.
#[derive(Clone, Copy, Debug)]
pub struct RecordPlace<'e> {
    /// The input.
    pub input: &'e str,
    /// Which record of it, from 1.
    pub record: u64,
    /// The bytes of the record as they were read; `None` for a row of a table.
    pub bytes: Option<&'e [u8]>,
    /// The field that holds the text, if the record has fields.
    pub field: Option<&'e str>,
    /// How the word of each edit is written there, where that is not as an edit would write it.
    pub written: &'e [Option<String>],
}

#[derive(Serialize)]
struct Line<'r> {
    document: &'r str,
    #[serde(flatten)]
    change: Change<'r>,
    input_sha256: &'r str,
    output_sha256: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_sha256: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'r str>,
}

impl Render for EditLog<'_> {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        if restoration.plan.edits.is_empty() {
            return Ok(());
        }
        let (before, after) = both(restoration, document)?;
        let (input_sha256, output_sha256) = (&sha256(before.as_bytes()), &sha256(after.as_bytes()));
        let record_sha256 = self.place.and_then(|place| place.bytes).map(sha256);
        for (number, edit) in restoration.plan.edits.iter().enumerate() {
            let line = Line {
                document: &document.id,
                change: Change::from(edit),
                input_sha256,
                output_sha256,
                input: self.place.map(|place| place.input),
                record: self.place.map(|place| place.record),
                record_sha256: record_sha256.as_deref(),
                field: self.place.and_then(|place| place.field),
                raw: self.place.and_then(|place| place.written.get(number)?.as_deref()),
            };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
