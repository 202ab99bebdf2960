//! Inputs of records and documents: joined they are the input, and what is written back holds the restored text and nothing else new.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::Value;
use unspin::batch::{Entry, Failure, Fate, Input, Spare, Task};
use unspin::read::field::Field;
use unspin::read::warc::Archived;
use unspin::read::{Kind, Limits, Passage, Raw, Records, Shape, Source};

use super::stand_in;
use super::text::kept;

static SPARE: LazyLock<Spare> = LazyLock::new(|| Spare::new("Oregon Trail\n", &["[a-z]+-42".to_owned()]).unwrap());
/// So that a record can be over the cap in a small input.
const CAP: usize = 2000;

/// A record a line.
pub fn jsonl(bytes: &[u8]) {
    let fields = (Field::new("text"), Field::new("id"));
    let out = through(bytes, Kind::Jsonl, &fields, |entry, restored| {
        let value = |line: &[u8]| serde_json::from_slice::<Value>(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
        // what serde_json does not read (too deep, half a surrogate pair) we may
        let Ok(mut before) = value(entry.before()) else { return };
        let mut after = value(entry.after()).unwrap();
        assert_eq!(after["text"], Value::from(restored));
        before["text"] = Value::Null;
        after["text"] = Value::Null;
        assert_eq!(before, after, "another field changed");
    });
    same_shape(bytes, &out, Kind::Jsonl);
}

/// A web archive.
pub fn warc(bytes: &[u8]) {
    let fields = (Field::new("text"), Field::new("id"));
    let out = through(bytes, Kind::Warc, &fields, |entry, restored| {
        let (before, after) = (Archived::new(entry.before()).unwrap(), Archived::new(entry.after()).unwrap());
        assert_eq!(before.id(), after.id());
        assert_eq!(after.passage(entry.after()).unwrap().map(|passage| passage.text).as_deref(), Some(restored));
        assert_eq!(after.sealed(entry.after(), entry.after()).unwrap(), entry.after(), "lengths or digests are wrong");
    });
    same_shape(bytes, &out, Kind::Warc);
}

/// A page.
pub fn html(bytes: &[u8]) {
    page(bytes, Kind::Html, |text| unspin::read::html::passage(text, 0));
}

/// A document in Markdown.
pub fn markdown(bytes: &[u8]) {
    page(bytes, Kind::Markdown, unspin::read::markdown::passage);
}

/// The text of what comes out is the text of what went in, with the edits made.
fn page(bytes: &[u8], kind: Kind, passage: impl Fn(&str) -> Passage) {
    let fields = (Field::new("text"), Field::new("id"));
    through(bytes, kind, &fields, |entry, restored| {
        assert_eq!(entry.after(), restored.as_bytes());
        let before = passage(std::str::from_utf8(entry.before()).unwrap());
        let Fate::Restored(_, restoration) = &entry.fate else { return };
        // the edits, in the text of the page
        let mut edits = restoration.plan.edits.iter();
        let mut next = edits.next();
        let mut expected = String::new();
        let mut at = 0;
        while at < before.text.len() {
            let here = (at + 1..=before.text.len()).find_map(|end| before.raw(unspin::text::Span::new(at, end)));
            match (next, here) {
                (Some(edit), Some(raw)) if raw.start == edit.span.start => {
                    let end = (at + 1..=before.text.len())
                        .find(|&end| before.raw(unspin::text::Span::new(at, end)).is_some_and(|raw| raw == edit.span));
                    let plain = edit.to.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
                    expected.push_str(if kind == Kind::Html { &plain } else { &edit.to });
                    at = end.unwrap();
                    next = edits.next();
                }
                _ => {
                    let next = before.text.get(at..).and_then(|rest| rest.chars().next()).unwrap();
                    expected.push(next);
                    at += next.len_utf8();
                }
            }
        }
        assert!(next.is_none(), "an edit outside the text of the page");
        assert_eq!(passage(restored).text, expected);
    });
}

/// Cuts and restores an input; `changed` sees each entry with edits, and its restored text. What comes out is given back.
fn through(bytes: &[u8], kind: Kind, fields: &(Field, Field), changed: impl Fn(&Entry, &str)) -> Vec<u8> {
    let limits = Limits { record: CAP, ..Limits::default() };
    let input = Arc::new(Input::plain(Source::file(Path::new("input")), kind, limits));
    let task = Task { field: &fields.0, id: &fields.1, spare: &SPARE, restore: &stand_in::restore, survey: None };
    let (mut joined, mut out) = (Vec::new(), Vec::new());
    for raw in cut(bytes, kind) {
        joined.extend_from_slice(&raw.bytes);
        let entry = Entry::of(&input, raw, &task);
        match &entry.fate {
            Fate::Restored(document, restoration) => {
                let restored = kept(&restoration.plan, document.text().unwrap());
                if restoration.plan.edits.is_empty() {
                    assert_eq!(entry.before(), entry.after());
                } else {
                    changed(&entry, &restored);
                }
            }
            Fate::Failed(_, why @ (Failure::Panic(_) | Failure::Plan(_))) => panic!("{why}"),
            Fate::Failed(..) | Fate::Carried | Fate::Elsewhere => assert_eq!(entry.before(), entry.after()),
        }
        out.extend_from_slice(entry.after());
    }
    assert_eq!(joined, bytes, "the records are not the input");
    out
}

fn cut(bytes: &[u8], kind: Kind) -> Vec<Raw> {
    let reader = Box::new(std::io::BufReader::with_capacity(64, std::io::Cursor::new(bytes.to_vec())));
    let mut records = Records::new(reader, kind, Limits { record: CAP, ..Limits::default() }, 0);
    std::iter::from_fn(|| records.next_raw().unwrap()).collect()
}

/// What reads the output finds as many records as in the input.
fn same_shape(before: &[u8], after: &[u8], kind: Kind) {
    let shapes = |bytes: &[u8]| cut(bytes, kind).iter().map(|raw| (raw.shape, raw.number)).collect::<Vec<_>>();
    let (before, after) = (shapes(before), shapes(after));
    // an edit may bring a record over the cap, or below it
    if !before.iter().chain(&after).any(|(shape, _)| *shape == Shape::Large) {
        assert_eq!(before, after);
    }
}
