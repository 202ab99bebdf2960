//! One repair as it is stored: what made it, the text before and after piece by piece, and the reason of each edit.
//!
//! In: a restoration, its document, and what the restorer was made of. Out: a [`Snapshot`]. Its pieces tile the text: one is a sentence,
//! or several where an edit reaches over the border.

use std::io;

use crate::decode::Alternative;
use crate::read::Document;
use crate::render::{reason, rounded};
use crate::restore::Restoration;
use crate::text::{Byte, Span, segments, sha256, tokenise};

/// What a repair depends on besides the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Program and version.
    pub program: String,
    /// Name, version and fingerprint of each profile that could be chosen.
    pub profiles: Vec<String>,
    /// Fingerprint of the language model.
    pub model: String,
    /// Fingerprint of the thesaurus.
    pub thesaurus: String,
    /// Options that alter repairs.
    pub settings: String,
}

/// An edit, or a place left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Where, in bytes of the source.
    pub span: Span<Byte>,
    /// What stands there.
    pub from: String,
    /// What is put there; `None` if the place is left open.
    pub to: Option<String>,
    /// Posterior probability of the new text; 0 where none is put.
    pub confidence: f32,
    /// The next best readings, best first.
    pub next: Vec<Alternative>,
    /// Why, in words.
    pub reason: String,
}

/// A stretch of text before and after, with its notes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The text as it was.
    pub before: String,
    /// The text restored.
    pub after: String,
    /// Edits and open places, in order.
    pub notes: Vec<Note>,
}

/// A stored repair.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Path of the article below its folder, with `/` between the parts.
    pub id: String,
    /// What made it.
    pub setup: Setup,
    /// Verdict, probability that the text is spun, profile.
    pub verdict: String,
    /// Fingerprint of the source.
    pub source: String,
    /// Fingerprint of the restored text.
    pub result: String,
    /// The text; may be left out where nothing is changed or open.
    pub pieces: Vec<Piece>,
}

impl Snapshot {
    /// The snapshot of a repair.
    ///
    /// # Errors
    /// If the document is not text, or the restoration is that of another one.
    pub fn new(id: &str, setup: &Setup, document: &Document, restoration: &Restoration) -> io::Result<Self> {
        let text = document.text().map_err(io::Error::other)?;
        let result = restoration.plan.apply(text).map_err(io::Error::other)?;
        let verdict = format!("{:?} {:.2}", restoration.verdict, restoration.score).to_lowercase();
        let profile = restoration.profile.as_deref().unwrap_or("-");
        Ok(Self {
            id: id.to_owned(),
            setup: setup.clone(),
            verdict: format!("{verdict} {profile}"),
            source: sha256(text.as_bytes()),
            result: sha256(result.as_bytes()),
            pieces: pieces(text, notes(restoration)),
        })
    }

    /// All edits and open places.
    pub fn notes(&self) -> impl Iterator<Item = &Note> {
        self.pieces.iter().flat_map(|piece| &piece.notes)
    }

    /// Spun, clean or unsure.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.verdict.split(' ').next().unwrap_or("")
    }
}

fn notes(restoration: &Restoration) -> Vec<Note> {
    let next = |found: &[Alternative]| -> Vec<Alternative> {
        found.iter().map(|one| Alternative { text: one.text.clone(), confidence: rounded(one.confidence) }).collect()
    };
    let plan = &restoration.plan;
    let edits = plan.edits.iter().map(|edit| Note {
        span: edit.span,
        from: edit.from.clone(),
        to: Some(edit.to.clone()),
        confidence: rounded(edit.confidence),
        next: next(&edit.alternatives),
        reason: reason(&edit.reason, &edit.from, &edit.to),
    });
    let open = plan.undecided.iter().map(|open| Note {
        span: open.span,
        from: open.text.clone(),
        to: None,
        confidence: 0.0,
        next: next(&open.alternatives),
        reason: String::new(),
    });
    let mut notes: Vec<Note> = edits.chain(open).collect();
    notes.sort_by_key(|note| (note.span, note.to.is_none()));
    notes
}

fn pieces(text: &str, notes: Vec<Note>) -> Vec<Piece> {
    let tokens = tokenise(text);
    let start = |at: usize| tokens.get(at).map_or(text.len(), |token| token.span().start);
    let mut borders: Vec<usize> = segments(text, &tokens).sentences.iter().map(|sentence| start(sentence.end)).collect();
    borders.retain(|&border| !notes.iter().any(|note| note.span.start < border && border < note.span.end));
    if borders.last().is_none_or(|&last| last < text.len()) {
        borders.push(text.len());
    }
    let mut notes = notes.into_iter().peekable();
    let mut at = 0;
    let mut out = Vec::new();
    for border in borders {
        let mut own = Vec::new();
        while let Some(note) = notes.next_if(|note| note.span.start < border) {
            own.push(note);
        }
        let whole = Span::<Byte>::new(at, border);
        let before = whole.of(text).unwrap_or("").to_owned();
        let mut after = String::with_capacity(before.len());
        for note in own.iter().filter(|note| note.to.is_some()) {
            after.push_str(Span::<Byte>::new(at, note.span.start).of(text).unwrap_or(""));
            after.push_str(note.to.as_deref().unwrap_or(""));
            at = note.span.end;
        }
        after.push_str(Span::<Byte>::new(at, border).of(text).unwrap_or(""));
        at = border;
        if !before.is_empty() {
            out.push(Piece { before, after, notes: own });
        }
    }
    out
}
