//! The records of a stream taken back, one by one.
//!
//! In: what the log has of a stream, and its restored records. Out: the records as they were, byte for byte: each word as it was
//! written (a JSON string has several ways to write a letter), lengths and digests made anew; the fingerprint of the whole record proves it.

use std::collections::BTreeMap;

use super::{Change, UndoError};
use crate::read::field::{self, Field};
use crate::read::warc::Archived;
use crate::read::{Kind, Passage};
use crate::text::{Byte, Span, sha256};

/// What was done to one record.
#[derive(Clone, Debug, PartialEq)]
struct RecordChange {
    change: Change,
    /// How the word of each edit was written, if not as it would be now.
    written: Vec<Option<String>>,
    /// Fingerprint of the record; none of a row in a table.
    record_sha256: Option<String>,
    /// The field of a JSON record that holds the text.
    field: Option<String>,
}

/// What was done to the records of one input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    records: BTreeMap<u64, RecordChange>,
}

impl Stream {
    /// The change of a record, which is added if it is new.
    pub(super) fn add(
        &mut self,
        number: u64,
        new: Change,
        sha256: Option<String>,
        field: Option<String>,
        raw: Option<String>,
    ) -> &mut Change {
        let fresh = RecordChange { change: new, written: Vec::new(), record_sha256: sha256, field };
        let record = self.records.entry(number).or_insert(fresh);
        record.written.push(raw);
        &mut record.change
    }

    /// What the stream holds, as far as the log tells.
    ///
    /// # Errors
    /// [`UndoError::Table`] for rows.
    pub fn kind(&self) -> Result<Kind, UndoError> {
        match self.records.values().next() {
            Some(RecordChange { record_sha256: None, .. }) => Err(UndoError::Table),
            Some(RecordChange { field: Some(_), .. }) => Ok(Kind::Jsonl),
            _ => Ok(Kind::Warc),
        }
    }

    /// The record of this number as it was; `None` if it was not changed, or was put back before.
    ///
    /// # Errors
    /// [`UndoError`] if it is not what the run left, or its bytes cannot be had again.
    pub fn undo(&self, number: u64, record: &[u8]) -> Result<Option<Vec<u8>>, UndoError> {
        let Some(found) = self.records.get(&number) else { return Ok(None) };
        let wanted = found.record_sha256.as_ref().ok_or(UndoError::Table)?;
        if sha256(record) == *wanted {
            return Ok(None);
        }
        let before = match &found.field {
            Some(name) => {
                let passage = field::find(record, &Field::new(name), &Field::new("")).ok().and_then(|found| found.text.ok().flatten());
                found.replaced(record, &passage.ok_or(UndoError::Changed)?)?
            }
            None => {
                let archived = Archived::new(record).map_err(|_| UndoError::Changed)?;
                let passage = archived.passage(record).ok().flatten().ok_or(UndoError::Changed)?;
                archived.sealed(record, &found.replaced(record, &passage)?).map_err(|_| UndoError::Bytes)?
            }
        };
        if sha256(&before) == *wanted { Ok(Some(before)) } else { Err(UndoError::Bytes) }
    }

    /// Whether a stream of so many records has all that the log has.
    ///
    /// # Errors
    /// [`UndoError::CutOff`] if not.
    pub fn ends_after(&self, records: u64) -> Result<(), UndoError> {
        match self.records.last_key_value() {
            Some((&last, _)) if last > records => Err(UndoError::CutOff(records)),
            _ => Ok(()),
        }
    }
}

impl RecordChange {
    /// The record with the words of the input in the place of those that the run put there.
    fn replaced(&self, record: &[u8], passage: &Passage) -> Result<Vec<u8>, UndoError> {
        let Change { plan, output_sha256, .. } = &self.change;
        if sha256(passage.text.as_bytes()) != *output_sha256 {
            return Err(UndoError::Changed);
        }
        plan.undo(&passage.text)?;
        let (mut grown, mut shrunk) = (0, 0);
        let words = plan.edits.iter().zip(&self.written).map(|(edit, written)| {
            let at = edit.span.start + grown - shrunk;
            grown += edit.to.len();
            shrunk += edit.from.len();
            let word = written.clone().unwrap_or_else(|| passage.writing.write(&edit.from));
            (Span::<Byte>::new(at, at + edit.to.len()), word)
        });
        Ok(passage.replaced(record, words))
    }
}

#[cfg(test)]
mod tests {
    use crate::text::sha256;
    use crate::undo::{Log, UndoError};

    #[test]
    fn a_record_gets_the_very_bytes_back() {
        let (before, after) = (r#"{"n": 1.0, "t":"it t\u0069n go \u00e9"}"#, r#"{"n": 1.0, "t":"it can go \u00e9"}"#);
        let line = serde_json::json!({
            "document": "a", "start": 3, "end": 6, "from": "tin", "to": "can", "confidence": 0.9,
            "input_sha256": sha256("it tin go é".as_bytes()), "output_sha256": sha256("it can go é".as_bytes()),
            "input": "in/x.jsonl.gz", "record": 2, "record_sha256": sha256(before.as_bytes()), "field": "t", "raw": "t\\u0069n",
        });
        let log: Log = line.to_string().parse().unwrap();
        assert!(log.stream_of("in/y.jsonl", "y.jsonl", false).is_err());
        let stream = log.stream_of("out/x.jsonl.zst", "x.jsonl.zst", false).unwrap();
        assert_eq!(stream.undo(2, after.as_bytes()), Ok(Some(before.as_bytes().to_vec())));
        assert_eq!(stream.undo(2, before.as_bytes()), Ok(None));
        assert_eq!(stream.undo(1, after.as_bytes()), Ok(None));
        assert_eq!(stream.undo(2, after.replace("can", "cab").as_bytes()), Err(UndoError::Changed));
        assert_eq!(stream.undo(2, after.replace("1.0", "1").as_bytes()), Err(UndoError::Bytes));
        assert_eq!(stream.undo(2, b"{"), Err(UndoError::Changed));
        assert_eq!(stream.ends_after(1), Err(UndoError::CutOff(1)));
    }
}
