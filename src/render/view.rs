//! What JSON outputs have in common: numbers rounded, borrowed fields in a fixed order.
//!
//! In: parts of a restoration. Out: values that serialise to the documented keys.

use serde::Serialize;

use crate::decode::{Alternative, Edit, Reason, Undecided};
use crate::detect::Verdict;
use crate::read::Document;
use crate::restore::{Paragraph, Restoration};

/// The detection part, first in every record.
#[derive(Serialize)]
pub(super) struct Found<'r> {
    id: &'r str,
    verdict: Verdict,
    score: f32,
    profile: Option<&'r str>,
    words: usize,
    swapped_estimate: usize,
    spans: Vec<Scored>,
}

#[derive(Serialize)]
struct Scored {
    start: usize,
    end: usize,
    score: f32,
}

/// One edit.
#[derive(Serialize)]
pub(super) struct Change<'r> {
    start: usize,
    end: usize,
    from: &'r str,
    to: &'r str,
    reason: &'r Reason,
    confidence: f32,
    alternatives: Vec<Alternative>,
}

/// One place left open.
#[derive(Serialize)]
pub(super) struct Open<'r> {
    start: usize,
    end: usize,
    text: &'r str,
    alternatives: Vec<Alternative>,
}

impl<'r> Found<'r> {
    pub(super) fn new(restoration: &'r Restoration, document: &'r Document) -> Self {
        Self {
            id: &document.id,
            verdict: restoration.verdict,
            score: rounded(restoration.score),
            profile: restoration.profile.as_deref(),
            words: restoration.words,
            swapped_estimate: restoration.swapped,
            spans: restoration.paragraphs.iter().map(scored).collect(),
        }
    }
}

impl<'r> From<&'r Edit> for Change<'r> {
    fn from(edit: &'r Edit) -> Self {
        Self {
            start: edit.span.start,
            end: edit.span.end,
            from: &edit.from,
            to: &edit.to,
            reason: &edit.reason,
            confidence: rounded(edit.confidence),
            alternatives: edit.alternatives.iter().map(alternative).collect(),
        }
    }
}

impl<'r> From<&'r Undecided> for Open<'r> {
    fn from(open: &'r Undecided) -> Self {
        Self {
            start: open.span.start,
            end: open.span.end,
            text: &open.text,
            alternatives: open.alternatives.iter().map(alternative).collect(),
        }
    }
}

fn alternative(found: &Alternative) -> Alternative {
    Alternative { text: found.text.clone(), confidence: rounded(found.confidence) }
}

fn scored(paragraph: &Paragraph) -> Scored {
    Scored { start: paragraph.span.start, end: paragraph.span.end, score: rounded(paragraph.score()) }
}

/// Three decimals: more would be noise.
pub(crate) fn rounded(number: f32) -> f32 {
    (number * 1000.0).round() / 1000.0
}
