//! A run taken back: from an edit log and the restored texts to the inputs.
//!
//! In: the log that `--edits` wrote, and restored texts under any name. Out: the input of each, byte for byte. Not obvious: the log
//! names the inputs, and the restored texts may lie elsewhere, so a file is matched to a document by the end of its path; the
//! fingerprints in the log then prove that it is the right one and that nothing was changed since. The records of a stream are known by
//! their number in it.

mod stream;

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

use crate::decode::{Edit, Plan, PlanError, Reason};
use crate::read::Codec;
use crate::text::{Span, sha256};

pub use stream::Stream;

/// A line of an edit log, as far as undoing needs it.
#[derive(Deserialize)]
struct Line {
    document: String,
    start: usize,
    end: usize,
    from: String,
    to: String,
    confidence: f32,
    input_sha256: String,
    output_sha256: String,
    input: Option<String>,
    record: Option<u64>,
    record_sha256: Option<String>,
    field: Option<String>,
    raw: Option<String>,
}

/// What was done to one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    plan: Plan,
    input_sha256: String,
    output_sha256: String,
}

/// An edit log, by document, and for streams by record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    documents: BTreeMap<String, Change>,
    streams: BTreeMap<String, Stream>,
}

/// What is wrong in an edit log.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct LogError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// Why a text is not taken back.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UndoError {
    /// It is the input already.
    #[error("this is the input already; there is nothing to take back")]
    Done,
    /// It is neither input nor result.
    #[error("it has changed since it was restored, or the log is of another run; nothing is written")]
    Changed,
    /// The edits do not fit the text.
    #[error("nothing is written, for the log is damaged: {0}")]
    Plan(#[from] PlanError),
    /// The edits do not lead to the input.
    #[error("the log is damaged: its edits do not lead back to the input; nothing is written")]
    Incomplete,
    /// The text comes back, but not the bytes that held it.
    #[error("its text could be put back, but not its bytes: the input had another encoding or wrong lengths; take it from a backup")]
    Bytes,
    /// Rows are not stored as bytes that could be put back.
    #[error("the rows of a table cannot be put back from a log; take the table from a backup")]
    Table,
    /// A stream ends before a record that the log has.
    #[error("it has {0} records, and the log has more: it was cut off, or it is another file; nothing is written")]
    CutOff(u64),
}

/// Why no document of the log belongs to a file.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MatchError {
    /// None has a path that ends alike.
    #[error("the log has no edits of it")]
    None,
    /// Several have, and the text tells them not apart.
    #[error("the log has several documents of this name: {}; name the files so that their paths tell which", .0.join(", "))]
    Several(Vec<String>),
}

impl Log {
    /// The documents and streams.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().chain(self.streams.keys()).map(String::as_str)
    }

    /// The changes in the stream that a file is the result of, named as for [`Log::of`]. If `only`, the one stream of the log is taken
    /// whatever it is called.
    ///
    /// # Errors
    /// [`MatchError`] if none or several fit.
    pub fn stream_of(&self, id: &str, relative: &str, only: bool) -> Result<&Stream, MatchError> {
        if let Some(stream) = self.streams.get(id) {
            return Ok(stream);
        }
        let alike: Vec<(&String, &Stream)> = self.streams.iter().filter(|(input, _)| ends_alike(input, relative)).collect();
        match alike.as_slice() {
            [(_, one)] => Ok(one),
            [] if only && self.streams.len() == 1 => self.streams.values().next().ok_or(MatchError::None),
            [] => Err(MatchError::None),
            several => Err(MatchError::Several(several.iter().map(|(input, _)| (*input).clone()).collect())),
        }
    }

    /// The change of the document that a file is the result of. `id` is the path of the file as given, `relative` its path below the
    /// folder that was given: the document of the same path is preferred, then one whose path ends in `relative`, then the only one
    /// whose result is this very text.
    ///
    /// # Errors
    /// [`MatchError`] if none or several fit.
    pub fn of(&self, id: &str, relative: &str, text: &str) -> Result<&Change, MatchError> {
        if let Some(change) = self.documents.get(id) {
            return Ok(change);
        }
        let digest = sha256(text.as_bytes());
        let known = |change: &Change| change.output_sha256 == digest || change.input_sha256 == digest;
        let alike: Vec<(&String, &Change)> = self.documents.iter().filter(|(document, _)| ends_alike(document, relative)).collect();
        let same: Vec<(&String, &Change)> = alike.iter().filter(|(_, change)| known(change)).copied().collect();
        match (alike.as_slice(), same.as_slice()) {
            ([(_, one)], _) | (_, [(_, one), ..]) => Ok(one),
            ([], _) => {
                let mut same = self.documents.values().filter(|change| change.output_sha256 == digest);
                same.next().ok_or(MatchError::None)
            }
            (several, _) => Err(MatchError::Several(several.iter().map(|(document, _)| (*document).clone()).collect())),
        }
    }
}

impl FromStr for Log {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        let mut log = Self::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fail = |message: String| LogError { line: number + 1, message };
            let line: Line = serde_json::from_str(line).map_err(|error| fail(format!("not an edit: {error}")))?;
            let (start, end, from) = (line.start, line.end, &line.from);
            if end.checked_sub(start) != Some(from.len()) {
                return Err(fail(format!("the span {start}..{end} does not have the length of `{from}`")));
            }
            let (span, reason, alternatives) = (Span::new(start, end), Reason::Open, Vec::new());
            let edit = Edit { span, from: line.from, to: line.to, reason, confidence: line.confidence, alternatives };
            let new = Change { plan: Plan::default(), input_sha256: line.input_sha256, output_sha256: line.output_sha256 };
            let (input, output) = (new.input_sha256.clone(), new.output_sha256.clone());
            let change = match (line.input, line.record) {
                (Some(stream), Some(record)) => {
                    log.streams.entry(stream).or_default().add(record, new, line.record_sha256, line.field, line.raw)
                }
                _ => log.documents.entry(line.document).or_insert(new),
            };
            if (&change.input_sha256, &change.output_sha256) != (&input, &output) {
                return Err(fail("this document stands here with another text before; keep one log for each run".to_owned()));
            }
            change.plan.edits.push(edit);
        }
        Ok(log)
    }
}

impl Change {
    /// The input, from the result.
    ///
    /// # Errors
    /// [`UndoError`] if `output` is not the result, or the log does not lead to the input.
    pub fn undo(&self, output: &str) -> Result<String, UndoError> {
        let digest = sha256(output.as_bytes());
        if digest == self.input_sha256 && digest != self.output_sha256 {
            return Err(UndoError::Done);
        }
        if digest != self.output_sha256 {
            return Err(UndoError::Changed);
        }
        let input = self.plan.undo(output)?;
        if sha256(input.as_bytes()) == self.input_sha256 { Ok(input.into_owned()) } else { Err(UndoError::Incomplete) }
    }
}

/// Whether a path has the parts of another at its end, however the files are compressed.
fn ends_alike(path: &str, end: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let path = Path::new(path);
        let plain = if Codec::of_name(path) == Codec::Plain { path.to_owned() } else { path.with_extension("") };
        let plain = plain.to_string_lossy();
        plain.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let end = parts(end);
    !end.is_empty() && parts(path).ends_with(&end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(document: &str, before: &str, after: &str, from: &str, to: &str) -> String {
        let start = before.find(from).unwrap();
        serde_json::json!({
            "document": document, "start": start, "end": start + from.len(), "from": from, "to": to, "confidence": 0.9,
            "input_sha256": sha256(before.as_bytes()), "output_sha256": sha256(after.as_bytes()),
        })
        .to_string()
    }

    #[test]
    fn a_text_is_taken_back_only_as_it_was_left() {
        let log: Log = line("in/a.txt", "we tin go", "we can go", "tin", "can").parse().unwrap();
        let change = log.of("out/a.txt", "a.txt", "we can go").unwrap();
        assert_eq!(change.undo("we can go").unwrap(), "we tin go");
        assert_eq!(change.undo("we tin go"), Err(UndoError::Done));
        assert_eq!(change.undo("we can go."), Err(UndoError::Changed));
        assert_eq!(log.of("b.txt", "b.txt", "other"), Err(MatchError::None));
        assert!(log.of("b.txt", "b.txt", "we can go").is_ok(), "known by its text");
    }

    #[test]
    fn files_are_matched_by_the_end_of_their_path() {
        let text = [line("x/b/1.txt", "tin", "can", "tin", "can"), line("y/b/1.txt", "a tin", "a can", "tin", "can")].join("\n");
        let log: Log = text.parse().unwrap();
        assert!(log.of("x/b/1.txt", "1.txt", "?").is_ok());
        assert!(matches!(log.of("out/b/1.txt", "b/1.txt", "?"), Err(MatchError::Several(names)) if names.len() == 2));
        assert_eq!(log.of("out/b/1.txt", "b/1.txt", "a can").unwrap().undo("a can").unwrap(), "a tin");
        assert_eq!(log.of("out/1.txt", "bb/1.txt", "?"), Err(MatchError::None));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let good = line("a", "tin", "can", "tin", "can");
        let damaged = good.replace("\"end\":3", "\"end\":4");
        for (text, number, message) in [
            (format!("{good}\n{{}}"), 2, "missing field"),
            (format!("{good}\n\n{damaged}"), 3, "length"),
            (format!("{good}\n{}", line("a", "tint", "cant", "tin", "can")), 2, "another text"),
            ("{\"document\":\"a\",\"sta".to_owned(), 1, "not an edit"),
        ] {
            let error = text.parse::<Log>().unwrap_err();
            assert!(error.line == number && error.message.contains(message), "{error}");
        }
    }
}
