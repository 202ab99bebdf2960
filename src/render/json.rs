//! The whole restoration as one line of JSON.
//!
//! Keys, in order: those of the detection (`id`, `verdict`, `score`, `profile`, `words`, `swapped_estimate`, `spans`), then `edits`,
//! `undecided`, and `text`, the restored text. Spans are bytes of the input.

use std::io::{self, Write};

use serde::Serialize;

use super::view::{Change, Found, Open};
use super::{Render, both};
use crate::read::Document;
use crate::restore::Restoration;

/// One object a line.
#[derive(Clone, Copy, Debug)]
pub struct Json;

#[derive(Serialize)]
struct Record<'r> {
    #[serde(flatten)]
    found: Found<'r>,
    edits: Vec<Change<'r>>,
    undecided: Vec<Open<'r>>,
    text: &'r str,
}

impl Render for Json {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        let (_, text) = both(restoration, document)?;
        let record = Record {
            found: Found::new(restoration, document),
            edits: restoration.plan.edits.iter().map(Change::from).collect(),
            undecided: restoration.plan.undecided.iter().map(Open::from).collect(),
            text: &text,
        };
        serde_json::to_writer(&mut *out, &record)?;
        out.write_all(b"\n")
    }
}
