//! Rows of a table with one column restored.
//!
//! In: rows, which column holds the text. Out: the same rows with other text where a word was restored, and an entry for each row. What
//! is null stays null; a row that fails keeps its text.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, GenericStringArray, OffsetSizeTrait, RecordBatch, StringViewArray};

use super::Failure;
use super::entry::{Entry, Fate, Task, alone};
use super::feed::Input;
use crate::read::Document;

/// Restores the column; `first` rows have gone before.
pub(super) fn restored(input: &Arc<Input>, rows: &RecordBatch, first: u64, task: &Task<'_>) -> (Vec<Entry>, RecordBatch) {
    let Some((at, _)) = rows.schema_ref().column_with_name(task.field.name()) else { return (Vec::new(), rows.clone()) };
    let ids = rows.column_by_name(task.id.name());
    let mut entries = Vec::new();
    let mut texts: Vec<Option<String>> = Vec::new();
    let mut changed = false;
    for row in 0..rows.num_rows() {
        let number = first + row as u64 + 1;
        let id = ids.and_then(|ids| text(ids, row)).map_or_else(|| format!("{}:{number}", input.source.id), str::to_owned);
        let Some(before) = text(rows.column(at), row) else {
            texts.push(None);
            entries.push(Entry::of_row(input, number, Fate::Carried, "", None));
            continue;
        };
        if before.len() > input.limits.record {
            texts.push(Some(before.to_owned()));
            entries.push(Entry::of_row(input, number, Fate::Failed(id, Failure::TooLarge(input.limits.record)), before, None));
            continue;
        }
        let (fate, after) = match alone(before, task).and_then(|done| Ok((done.plan.apply(before)?, done))) {
            Ok((after, restoration)) => {
                let edited = if let Cow::Owned(edited) = after { Some(edited) } else { None };
                (Fate::Restored(Document::new(&id, before.as_bytes().to_vec()), restoration), edited)
            }
            Err(failure) => (Fate::Failed(id, failure), None),
        };
        let after = after.filter(|after| after != before);
        changed |= after.is_some();
        texts.push(Some(after.clone().unwrap_or_else(|| before.to_owned())));
        entries.push(Entry::of_row(input, number, fate, before, after));
    }
    if !changed {
        return (entries, rows.clone());
    }
    let mut columns = rows.columns().to_vec();
    let column: ArrayRef = match rows.column(at).data_type() {
        arrow_schema::DataType::LargeUtf8 => made::<i64>(texts),
        arrow_schema::DataType::Utf8View => Arc::new(StringViewArray::from_iter(texts)),
        _ => made::<i32>(texts),
    };
    if let Some(slot) = columns.get_mut(at) {
        *slot = column;
    }
    // the same schema and as many rows: cannot fail
    let edited = RecordBatch::try_new(rows.schema(), columns).unwrap_or_else(|_| rows.clone());
    (entries, edited)
}

fn made<O: OffsetSizeTrait>(texts: Vec<Option<String>>) -> ArrayRef {
    Arc::new(GenericStringArray::<O>::from_iter(texts))
}

/// The text of a row; `None` if it is null, or no text.
fn text(column: &ArrayRef, row: usize) -> Option<&str> {
    if column.is_null(row) {
        return None;
    }
    let column = column.as_any();
    if let Some(column) = column.downcast_ref::<GenericStringArray<i32>>() {
        return Some(column.value(row));
    }
    if let Some(column) = column.downcast_ref::<GenericStringArray<i64>>() {
        return Some(column.value(row));
    }
    column.downcast_ref::<StringViewArray>().map(|column| column.value(row))
}
