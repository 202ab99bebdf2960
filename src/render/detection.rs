//! The verdict on a document, as a row of a table and as a line of JSON.
//!
//! The row has columns of fixed width, so that rows can be written as they come; the name is last, for it may be long.

use std::io::{self, Write};

use super::Render;
use super::view::Found;
use crate::detect::Verdict;
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::visible;

/// A row: verdict, score, profile, estimate of swapped words, words, name.
#[derive(Clone, Copy, Debug)]
pub struct Detection;

/// One object a line: `id`, `verdict`, `score`, `profile`, `words`, `swapped_estimate`, `spans`.
#[derive(Clone, Copy, Debug)]
pub struct DetectionJson;

impl Detection {
    /// The line above the rows.
    pub const HEADER: &'static str = "verdict  score  profile       swapped    words  name";
}

impl Render for Detection {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        let verdict = match restoration.verdict {
            Verdict::Spun => "spun",
            Verdict::Clean => "clean",
            Verdict::Unsure => "unsure",
        };
        let profile = restoration.profile.as_deref().unwrap_or("-");
        let Restoration { score, swapped, words, .. } = restoration;
        writeln!(out, "{verdict:<7}  {score:>5.3}  {profile:<12}  {swapped:>7}  {words:>7}  {}", visible(&document.id))
    }
}

impl Render for DetectionJson {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Found::new(restoration, document))?;
        out.write_all(b"\n")
    }
}
