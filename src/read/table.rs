//! A table in a file: Parquet, or Arrow IPC as a file or a stream.
//!
//! In: a file, a kind, the name of a column of text. Out: batches of rows, as they are stored. A table is read from its end, so it must be
//! a file (`batch` makes one of what comes through a pipe); it is never in memory as a whole.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Kind, ReadError};

/// Rows that are restored together.
const ROWS: usize = 256;

/// A table that is being read.
pub struct Table {
    schema: SchemaRef,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>,
    begun: bool,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("schema", &self.schema).finish_non_exhaustive()
    }
}

fn wrong(error: impl std::fmt::Display) -> ReadError {
    ReadError::Table(format!("this table cannot be read: {error}"))
}

/// Whether an Arrow file is one that is read from its end.
///
/// # Errors
/// Those of the system.
pub fn is_arrow_file(file: &mut impl Read) -> std::io::Result<bool> {
    let mut head = Vec::new();
    file.take(6).read_to_end(&mut head)?;
    Ok(head == b"ARROW1")
}

impl Table {
    /// Opens a table that has this column of text.
    ///
    /// # Errors
    /// [`ReadError::Table`] if there is no such column, or it is no table.
    pub fn open(path: &Path, kind: Kind, column: &str) -> Result<Self, ReadError> {
        let (schema, batches): (SchemaRef, Box<dyn Iterator<Item = _> + Send>) = match kind {
            Kind::Parquet => {
                let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(wrong)?;
                let schema = builder.schema().clone();
                (schema, Box::new(builder.with_batch_size(ROWS).build().map_err(wrong)?))
            }
            _ if is_arrow_file(&mut File::open(path)?)? => {
                let reader = FileReader::try_new(BufReader::new(File::open(path)?), None).map_err(wrong)?;
                (reader.schema(), Box::new(reader))
            }
            _ => {
                let reader = StreamReader::try_new(BufReader::new(File::open(path)?), None).map_err(wrong)?;
                (reader.schema(), Box::new(reader))
            }
        };
        let names = || schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        match schema.column_with_name(column).map(|(_, field)| field.data_type()) {
            Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {}
            Some(other) => {
                return Err(ReadError::Table(format!("the column `{column}` holds no text but {other}; name another with --field")));
            }
            None => return Err(ReadError::Table(format!("no column `{column}` (there are: {}); name one with --field", names()))),
        }
        Ok(Self { schema, batches, begun: false })
    }

    /// The next rows; an empty table has one batch without rows.
    pub fn next_rows(&mut self) -> Option<Result<RecordBatch, ReadError>> {
        let next = self.batches.next();
        if next.is_none() && !self.begun {
            self.begun = true;
            return Some(Ok(RecordBatch::new_empty(self.schema.clone())));
        }
        self.begun = true;
        next.map(|rows| rows.map_err(wrong))
    }
}
