//! All restored documents of a run on one page of HTML, for a browser without network.
//!
//! In: one restoration after the other. Out: a page that holds its style, its script and the documents as data. Texts are hostile: they
//! stand in the page as JSON in which no character can end the block or hide, the script puts them on the screen as text only, and
//! the page's own policy lets the browser run that one script and load nothing.

mod page;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;

use super::explain::reason;
use super::view::rounded;
use crate::decode::Alternative;
use crate::detect::Verdict;
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::{Byte, Span, is_hidden};

/// A page that grows by a document at a time; only its totals and the reasons that occurred are kept in memory.
#[derive(Debug, Default)]
pub struct Page {
    totals: Totals,
    reasons: HashMap<String, usize>,
    pairs: BTreeMap<(String, String), usize>,
}

/// Sums over all documents.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Totals {
    documents: usize,
    spun: usize,
    unsure: usize,
    clean: usize,
    words: usize,
    swapped_estimate: usize,
    edits: usize,
    undecided: usize,
}

/// What follows the documents.
#[derive(Serialize)]
struct Summary<'p> {
    program: &'p str,
    totals: Totals,
    reasons: Vec<&'p str>,
    /// From, to, how often; the most frequent first.
    pairs: Vec<(&'p str, &'p str, usize)>,
}

/// One document.
#[derive(Serialize)]
struct Article<'r> {
    id: &'r str,
    verdict: Verdict,
    score: f32,
    profile: Option<&'r str>,
    words: usize,
    swapped: usize,
    edits: usize,
    undecided: usize,
    pieces: Vec<Piece<'r>>,
}

/// Text as it is, or a place: from, to (nothing if it is left open), confidence, number of the reason, other readings.
#[derive(Serialize)]
#[serde(untagged)]
enum Piece<'r> {
    Text(&'r str),
    Place(&'r str, Option<&'r str>, f32, usize, Vec<(&'r str, f32)>),
}

impl Page {
    /// Writes what stands before the documents.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(page::head().as_bytes())
    }

    /// Writes a document.
    ///
    /// # Errors
    /// Those of the writer; and if the restoration is not that of the document.
    pub fn document(&mut self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        let text = document.text().map_err(io::Error::other)?;
        let plan = &restoration.plan;
        self.count(restoration);
        let article = Article {
            id: &document.id,
            verdict: restoration.verdict,
            score: rounded(restoration.score),
            profile: restoration.profile.as_deref(),
            words: restoration.words,
            swapped: restoration.swapped,
            edits: plan.edits.len(),
            undecided: plan.undecided.len(),
            pieces: self.pieces(restoration, text),
        };
        block(out, r#"class="document""#, &article)
    }

    /// Writes what stands behind the documents.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn end(self, out: &mut dyn Write) -> io::Result<()> {
        let mut reasons: Vec<(&str, usize)> = self.reasons.iter().map(|(text, &number)| (text.as_str(), number)).collect();
        reasons.sort_by_key(|reason| reason.1);
        let mut pairs: Vec<(&str, &str, usize)> =
            self.pairs.iter().map(|((from, to), &count)| (from.as_str(), to.as_str(), count)).collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.2));
        let reasons = reasons.into_iter().map(|reason| reason.0).collect();
        let program = concat!("unspin ", env!("CARGO_PKG_VERSION"));
        block(out, r#"id="summary""#, &Summary { program, totals: self.totals, reasons, pairs })?;
        out.write_all(page::tail().as_bytes())
    }

    fn count(&mut self, restoration: &Restoration) {
        let totals = &mut self.totals;
        totals.documents += 1;
        match restoration.verdict {
            Verdict::Spun => totals.spun += 1,
            Verdict::Unsure => totals.unsure += 1,
            Verdict::Clean => totals.clean += 1,
        }
        totals.words += restoration.words;
        totals.swapped_estimate += restoration.swapped;
        totals.edits += restoration.plan.edits.len();
        totals.undecided += restoration.plan.undecided.len();
        for edit in &restoration.plan.edits {
            *self.pairs.entry((edit.from.to_lowercase(), edit.to.to_lowercase())).or_default() += 1;
        }
    }

    /// The text cut at its edits and open places; nothing where there are none.
    fn pieces<'r>(&mut self, restoration: &'r Restoration, text: &'r str) -> Vec<Piece<'r>> {
        fn next(found: &[Alternative]) -> Vec<(&str, f32)> {
            found.iter().map(|one| (one.text.as_str(), rounded(one.confidence))).collect()
        }
        let mut places: Vec<(Span<Byte>, Piece<'r>)> = Vec::new();
        for edit in &restoration.plan.edits {
            let number = self.reasons.len();
            let number = *self.reasons.entry(reason(&edit.reason, &edit.from, &edit.to)).or_insert(number);
            let place = Piece::Place(&edit.from, Some(&edit.to), rounded(edit.confidence), number, next(&edit.alternatives));
            places.push((edit.span, place));
        }
        for open in &restoration.plan.undecided {
            places.push((open.span, Piece::Place(&open.text, None, 0.0, 0, next(&open.alternatives))));
        }
        places.sort_by_key(|place| place.0);
        let mut out = Vec::new();
        let mut at = 0;
        for (span, place) in places {
            if span.start < at {
                continue;
            }
            out.extend(Span::<Byte>::new(at, span.start).of(text).filter(|between| !between.is_empty()).map(Piece::Text));
            out.push(place);
            at = span.end;
        }
        if !out.is_empty() {
            out.extend(Span::<Byte>::new(at, text.len()).of(text).filter(|rest| !rest.is_empty()).map(Piece::Text));
        }
        out
    }
}

/// Writes data as a block that the browser does not run and that its content cannot end.
fn block(out: &mut dyn Write, attribute: &str, data: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(data)?;
    let mut safe = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        if matches!(c, '<' | '>' | '&') || is_hidden(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| safe.push_str(&format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    writeln!(out, r#"<script type="application/json" {attribute}>{safe}</script>"#)
}

#[cfg(test)]
mod tests;
