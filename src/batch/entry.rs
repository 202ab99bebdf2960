//! One record of an input, or one whole document, and what became of it.
//!
//! In: a stretch of an input, how to find its text, how to restore it. Out: an [`Entry`]: the bytes as read, the bytes with the edits made
//! where the text stands, and the restoration or why there is none. A failure leaves the bytes as they are.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::io::{self, Read};
use std::sync::Arc;

use super::failure::attempt;
use super::spare::{Spare, joined};
use super::{Failure, Input};
use crate::decode::{Edit, Plan, Undecided};
use crate::read::field::{self, Field};
use crate::read::warc::Archived;
use crate::read::{Document, Kind, NotText, Passage, Raw, Shape, html, markdown, nul};
use crate::restore::{Paragraph, Restoration};
use crate::text::{Byte, Span};

/// Restores a text; the second argument says which words must stay.
pub type Restore<'r> = dyn Fn(&str, &dyn Fn(Span<Byte>) -> bool) -> Restoration + Sync + 'r;

/// Looks at a text piece by piece; `None` if it must be restored as a whole, as where the second argument says no to a piece.
pub type Survey<'r> = dyn Fn(&mut dyn Read, &dyn Fn(&str) -> bool) -> io::Result<Option<Restoration>> + Sync + 'r;

/// What is done with each record.
#[derive(Clone, Copy)]
pub struct Task<'t> {
    /// Where the text of a record is.
    pub field: &'t Field,
    /// Where its id is.
    pub id: &'t Field,
    /// What must stay as it is.
    pub spare: &'t Spare,
    /// How a text is restored.
    pub restore: &'t Restore<'t>,
    /// Where only verdicts are wanted: how long texts are told to be clean without being kept.
    pub survey: Option<&'t Survey<'t>>,
}

impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("field", self.field).field("id", self.id).finish_non_exhaustive()
    }
}

/// What became of a record.
#[derive(Debug)]
pub enum Fate {
    /// Restored: the text and its restoration. For a document the text is its bytes; for a record, its text field.
    Restored(Document, Restoration),
    /// Passes unchanged, for it failed: its id, and why.
    Failed(String, Failure),
    /// Passes unchanged, for it holds no text.
    Carried,
    /// Does not pass: it belongs to another part of the input.
    Elsewhere,
}

/// One record.
#[derive(Debug)]
pub struct Entry {
    /// The input that it is from.
    pub input: Arc<Input>,
    /// Which record of the input it is, from 1.
    pub number: u64,
    /// What became of it.
    pub fate: Fate,
    /// How the edited words are written in a record, where that is not as an edit would write them.
    pub written: Vec<Option<String>>,
    before: Vec<u8>,
    after: Option<Vec<u8>>,
}

impl Entry {
    /// Restores one stretch of an input.
    #[must_use]
    pub fn of(input: &Arc<Input>, raw: Raw, task: &Task<'_>) -> Self {
        let Raw { shape, number, bytes } = raw;
        let (input, written) = (Arc::clone(input), Vec::new());
        let mut entry = Self { input, number, fate: Fate::Carried, written, before: bytes, after: None };
        if !entry.input.wants(number) {
            entry.fate = Fate::Elsewhere;
            entry.after = Some(Vec::new());
            return entry;
        }
        let (limits, name) = (entry.input.limits, entry.place());
        match (shape, entry.input.kind) {
            (Shape::Gap | Shape::Rest, _) => {}
            (Shape::Large, _) => entry.fate = Fate::Failed(name, Failure::TooLarge(limits.record)),
            (Shape::Foreign, _) => entry.fate = Fate::Failed(name, Failure::Foreign),
            (Shape::Record, Kind::Jsonl) => entry.json(task, name),
            (Shape::Record, Kind::Warc) => entry.archived(task, name),
            (Shape::Record, kind) => entry.document(kind, task, &name),
        }
        entry
    }

    /// A document that was surveyed: of its text nothing is kept.
    pub(super) fn surveyed(input: &Arc<Input>, restoration: Restoration) -> Self {
        let fate = Fate::Restored(Document::new(&input.source.id, Vec::new()), restoration);
        Self { input: Arc::clone(input), number: 1, fate, written: Vec::new(), before: Vec::new(), after: None }
    }

    /// A row of a table.
    #[cfg(feature = "parquet")]
    pub(super) fn of_row(input: &Arc<Input>, number: u64, fate: Fate, before: &str, after: Option<String>) -> Self {
        let (before, after) = (before.as_bytes().to_vec(), after.map(String::into_bytes));
        Self { input: Arc::clone(input), number, fate, written: Vec::new(), before, after }
    }

    /// Where it stands: the name of the input, of a record also its number in it.
    #[must_use]
    pub fn place(&self) -> String {
        let source = &self.input.source.id;
        if self.input.kind.is_document() { source.clone() } else { format!("{source}:{}", self.number) }
    }

    /// Where it stands, and its id if that is something else.
    #[must_use]
    pub fn place_of(&self, id: &str) -> String {
        let place = self.place();
        if place == id { place } else { format!("{place} ({id})") }
    }

    /// The bytes as they were read.
    #[must_use]
    pub fn before(&self) -> &[u8] {
        match &self.fate {
            Fate::Restored(document, _) if self.input.kind.is_document() => document.bytes(),
            _ => &self.before,
        }
    }

    /// The bytes with the edits made.
    #[must_use]
    pub fn after(&self) -> &[u8] {
        self.after.as_deref().unwrap_or_else(|| self.before())
    }

    fn document(&mut self, kind: Kind, task: &Task<'_>, id: &str) {
        let document = Document::encoded(id, std::mem::take(&mut self.before), self.input.encoding);
        let done = document.text().map_err(Failure::from).and_then(|text| {
            let passage = match kind {
                Kind::Html => Some(html::passage(text, 0)),
                Kind::Markdown => Some(markdown::passage(text)),
                _ => None,
            };
            let mut restoration = match &passage {
                Some(passage) => {
                    let mut restoration = within(passage, task)?;
                    restoration.plan = lifted(&restoration.plan, passage, text);
                    restoration.paragraphs = restoration.paragraphs.iter().map(|paragraph| covered(paragraph, passage)).collect();
                    restoration
                }
                None => restored(text, &[], &|_| true, task)?,
            };
            // a word that the encoding cannot write is not put
            restoration.plan.edits.retain(|edit| document.written(&edit.to).is_some());
            // what is not edited is not written out
            let after = match restoration.plan.apply(text)? {
                Cow::Borrowed(_) => None,
                Cow::Owned(edited) => document.written(&edited),
            };
            Ok((restoration, after))
        });
        match done {
            Ok((restoration, after)) => {
                self.after = after;
                self.fate = Fate::Restored(document, restoration);
            }
            Err(failure) => {
                self.before = document.bytes().to_vec();
                self.fate = Fate::Failed(id.to_owned(), failure);
            }
        }
    }

    fn json(&mut self, task: &Task<'_>, name: String) {
        match field::find(&self.before, task.field, task.id) {
            Ok(found) => {
                let id = found.id.unwrap_or(name);
                match found.text {
                    // null is no text, and no failure
                    Ok(text) => self.record(None, text.unwrap_or_default(), id, task, |_, edited| Ok(edited)),
                    Err(error) => self.fate = Fate::Failed(id, error.into()),
                }
            }
            Err(error) => self.fate = Fate::Failed(name, error.into()),
        }
    }

    fn archived(&mut self, task: &Task<'_>, name: String) {
        let most = self.input.limits.record;
        let taken = Archived::new(&self.before).and_then(|record| {
            let plain = record.plain(&self.before, most)?;
            let record = plain.as_deref().map_or(Ok(record), Archived::new)?;
            let passage = record.passage(plain.as_deref().unwrap_or(&self.before))?;
            Ok((record, plain, passage))
        });
        match taken {
            Ok((record, plain, Some(passage))) => {
                let id = record.id().map_or(name, str::to_owned);
                self.record(plain, passage, id, task, |before, edited| Ok(record.sealed(before, &edited)?));
            }
            Ok((_, _, None)) => {}
            Err(error) => self.fate = Fate::Failed(name, error.into()),
        }
    }

    /// Restores the text of a record, which stands in `plain`, or in the record as it was read.
    fn record(
        &mut self,
        plain: Option<Vec<u8>>,
        passage: Passage,
        id: String,
        task: &Task<'_>,
        seal: impl Fn(&[u8], Vec<u8>) -> Result<Vec<u8>, Failure>,
    ) {
        let raw = plain.as_deref().unwrap_or(&self.before);
        let done = within(&passage, task).and_then(|restoration| {
            let edits = &restoration.plan.edits;
            let words = edits.iter().map(|edit| (edit.span, passage.writing.write(&edit.to)));
            let after = if edits.is_empty() { None } else { Some(seal(raw, passage.replaced(raw, words))?) };
            Ok((restoration, after))
        });
        match done {
            Ok((restoration, after)) => {
                self.written = restoration.plan.edits.iter().map(|edit| written(raw, edit, &passage)).collect();
                self.after = after;
                self.fate = Fate::Restored(Document::new(&id, passage.text.into_bytes()), restoration);
            }
            Err(failure) => self.fate = Fate::Failed(id, failure),
        }
    }
}

/// Restores the text of a passage; only what can be written back is edited.
fn within(passage: &Passage, task: &Task<'_>) -> Result<Restoration, Failure> {
    checked(&passage.text)?;
    restored(&passage.text, &passage.frozen, &|span| passage.raw(span).is_some(), task)
}

/// Restores a text that stands alone: a row of a table, an item of a list.
///
/// # Errors
/// [`Failure`] if it is not text, or because of a fault of the program; it never panics.
pub fn alone(text: &str, task: &Task<'_>) -> Result<Restoration, Failure> {
    checked(text)?;
    restored(text, &[], &|_| true, task)
}

/// Refuses what holds a NUL; of a document that is known.
fn checked(text: &str) -> Result<(), NotText> {
    nul(text.as_bytes()).map_or(Ok(()), |at| Err(NotText::Binary { at }))
}

/// Restores a text without NUL.
fn restored(text: &str, frozen: &[Span<Byte>], writable: &dyn Fn(Span<Byte>) -> bool, task: &Task<'_>) -> Result<Restoration, Failure> {
    // looked for only if the text is suspicious at all
    let spared: OnceCell<Vec<Span<Byte>>> = OnceCell::new();
    let is_spared = |span: Span<Byte>| {
        if !writable(span) {
            return true;
        }
        let spans = spared.get_or_init(|| joined(task.spare.spans(text).into_iter().chain(frozen.iter().copied()).collect()));
        let next = spans.partition_point(|spare| spare.end <= span.start);
        spans.get(next).is_some_and(|spare| spare.start < span.end)
    };
    let mut restoration = attempt(text, &|text| (task.restore)(text, &is_spared))?;
    restoration.plan.edits.retain(|edit| !is_spared(edit.span));
    restoration.plan.undecided.retain(|open| !is_spared(open.span));
    Ok(restoration)
}

/// How the word of an edit is written in the raw bytes, unless it is as an edit would write it.
fn written(raw: &[u8], edit: &Edit, passage: &Passage) -> Option<String> {
    let span = passage.raw(edit.span)?;
    let found = String::from_utf8_lossy(raw.get(span.start..span.end)?).into_owned();
    (found != passage.writing.write(&edit.from)).then_some(found)
}

/// The plan of a passage as a plan for the bytes that hold it.
fn lifted(plan: &Plan, passage: &Passage, raw: &str) -> Plan {
    let place = |span: Span<Byte>| passage.raw(span).and_then(|span| Some((span, span.of(raw)?.to_owned())));
    let edit = |edit: &Edit| {
        let (span, from) = place(edit.span)?;
        Some(Edit { span, from, to: passage.writing.write(&edit.to), ..edit.clone() })
    };
    let open = |open: &Undecided| place(open.span).map(|(span, text)| Undecided { span, text, ..open.clone() });
    Plan { edits: plan.edits.iter().filter_map(edit).collect(), undecided: plan.undecided.iter().filter_map(open).collect() }
}

/// A paragraph with the span, in the bytes that hold it, from its first to its last byte that can be found there.
fn covered(paragraph: &Paragraph, passage: &Passage) -> Paragraph {
    let Span { start, end, .. } = paragraph.span;
    let first = (start..end).find_map(|at| character(passage, at, true));
    let last = (start..end).rev().find_map(|at| character(passage, at, false));
    let span = first.zip(last).map_or(Span::new(0, 0), |(first, last)| Span::new(first.start, last.end));
    Paragraph { span, ..paragraph.clone() }
}

/// The place of the character that begins (or ends) with the byte at `at`.
fn character(passage: &Passage, at: usize, begins: bool) -> Option<Span<Byte>> {
    (1..=4).find_map(
        |len| if begins { passage.raw(Span::new(at, at + len)) } else { passage.raw(Span::new((at + 1).checked_sub(len)?, at + 1)) },
    )
}
