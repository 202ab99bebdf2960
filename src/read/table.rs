//! A table in a file: Parquet, or Arrow IPC as a file or a stream.
//!
//! In: a file, a kind, the name of a column of text. Out: batches of rows, as they are stored. A table is read from its end, so it must be
//! a file (`batch` makes one of what comes through a pipe); it is never in memory as a whole.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryViewArray, GenericBinaryArray, GenericStringArray, RecordBatch, RecordBatchOptions, StringViewArray,
};
use arrow_ipc::reader::{FileReader, StreamReader, read_footer_length};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::{Kind, Limits, ReadError};

/// Rows that are read together.
const ROWS: usize = 256;
/// Bytes of text above which rows are handed on.
const HELD: usize = 16 << 20;

/// A table that is being read.
pub struct Table {
    schema: SchemaRef,
    batches: Batches,
    /// What was read of the last batch and is still to be handed on.
    rest: Option<RecordBatch>,
    begun: bool,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// What a reader of tables gives; one that panics has met a file that no writer made.
fn caught<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    // what it was reading is given up, so nothing is used half done
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(wrong("it is damaged")))
}

fn wrong(error: impl std::fmt::Display) -> ReadError {
    let told = error.to_string();
    // its reader would take whatever memory such a buffer claims
    let told =
        if told.contains("lz4 feature") { "its buffers are packed with LZ4; write it with zstd, or unpacked".to_owned() } else { told };
    ReadError::Table(format!("this table cannot be read: {told}"))
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
    pub fn open(path: &Path, kind: Kind, column: &str, limits: Limits) -> Result<Self, ReadError> {
        let (schema, batches) = caught(|| opened(path, kind, limits))?;
        let names = || schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        match schema.column_with_name(column).map(|(_, field)| field.data_type()) {
            Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => {}
            Some(other) => {
                return Err(ReadError::Table(format!("the column `{column}` holds no text but {other}; name another with --field")));
            }
            None => return Err(ReadError::Table(format!("no column `{column}` (there are: {}); name one with --field", names()))),
        }
        Ok(Self { schema, batches, rest: None, begun: false })
    }

    /// The next rows; an empty table has one batch without rows.
    pub fn next_rows(&mut self) -> Option<Result<RecordBatch, ReadError>> {
        let next = match self.rest.take() {
            Some(rest) => Some(Ok(rest)),
            None => caught(|| self.batches.next().transpose().map_err(wrong)).transpose(),
        };
        let begun = std::mem::replace(&mut self.begun, true);
        match next {
            Some(Ok(rows)) => {
                let number = held(&rows);
                if number < rows.num_rows() {
                    self.rest = Some(rows.slice(number, rows.num_rows() - number));
                }
                Some(caught(|| unfolded(&self.schema, &rows.slice(0, number))))
            }
            None if !begun => Some(Ok(RecordBatch::new_empty(self.schema.clone()))),
            other => other,
        }
    }
}

/// How many of the first rows are handed on together: at least one, if there are any.
fn held(rows: &RecordBatch) -> usize {
    let columns: Vec<&[u128]> = rows
        .columns()
        .iter()
        .filter_map(|column| {
            let text = column.as_any().downcast_ref::<StringViewArray>().map(|views| &views.views()[..]);
            text.or_else(|| column.as_any().downcast_ref::<BinaryViewArray>().map(|views| &views.views()[..]))
        })
        .collect();
    let mut bytes = 0;
    for row in 0..rows.num_rows() {
        // the low four bytes of a view are its length
        let length = |view: &u128| usize::try_from(view & u128::from(u32::MAX)).unwrap_or(usize::MAX);
        bytes += columns.iter().filter_map(|views| views.get(row).map(length)).sum::<usize>();
        if bytes > HELD && row > 0 {
            return row;
        }
    }
    rows.num_rows()
}

/// Rows with text in the columns that were read as views of it.
fn unfolded(schema: &SchemaRef, rows: &RecordBatch) -> Result<RecordBatch, ReadError> {
    let columns = rows.columns().iter().zip(schema.fields()).map(|(column, field)| -> ArrayRef {
        let any = column.as_any();
        match (any.downcast_ref::<StringViewArray>(), any.downcast_ref::<BinaryViewArray>(), field.data_type()) {
            (Some(text), _, DataType::Utf8) => Arc::new(GenericStringArray::<i32>::from_iter(text.iter())),
            (Some(text), _, DataType::LargeUtf8) => Arc::new(GenericStringArray::<i64>::from_iter(text.iter())),
            (_, Some(bytes), DataType::Binary) => Arc::new(GenericBinaryArray::<i32>::from_iter(bytes.iter())),
            (_, Some(bytes), DataType::LargeBinary) => Arc::new(GenericBinaryArray::<i64>::from_iter(bytes.iter())),
            _ => Arc::clone(column),
        }
    });
    let columns: Vec<ArrayRef> = columns.collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(wrong)
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

fn opened(path: &Path, kind: Kind, limits: Limits) -> Result<(SchemaRef, Batches), ReadError> {
    Ok(match kind {
        Kind::Parquet => {
            let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(wrong)?;
            modest(builder.metadata(), limits)?;
            let schema = builder.schema().clone();
            // a view of one long text that a dictionary has for a million rows takes no memory for each
            let options = ArrowReaderOptions::new().with_schema(viewed(&schema));
            let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(File::open(path)?, options).map_err(wrong)?;
            (schema, Box::new(builder.with_batch_size(ROWS).build().map_err(wrong)?))
        }
        _ if is_arrow_file(&mut File::open(path)?)? => {
            blocks_within(&mut File::open(path)?)?;
            let reader = FileReader::try_new(BufReader::new(File::open(path)?), None).map_err(wrong)?;
            (reader.schema(), Box::new(reader))
        }
        _ => {
            let reader = StreamReader::try_new(BufReader::new(File::open(path)?), None).map_err(wrong)?;
            (reader.schema(), Box::new(reader))
        }
    })
}

/// Whether the blocks of an Arrow file lie inside it: its reader makes room for a block before it reads it.
fn blocks_within(file: &mut File) -> Result<(), ReadError> {
    let size = file.metadata()?.len();
    let mut end = [0; 10];
    file.seek(SeekFrom::End(-10)).and_then(|_| file.read_exact(&mut end)).map_err(wrong)?;
    let length = read_footer_length(end).map_err(wrong)?;
    let start = size.checked_sub(10 + length as u64).ok_or_else(|| wrong("its footer is longer than the file"))?;
    let mut footer = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(length as u64).read_to_end(&mut footer)?;
    let footer = root_as_footer(&footer).map_err(wrong)?;
    let mut blocks = footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
    let within = |block: &Block| {
        let parts = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        parts.iter().try_fold(0u64, |sum, part| sum.checked_add(u64::try_from(*part).ok()?)).is_some_and(|end| end <= start)
    };
    if blocks.all(within) { Ok(()) } else { Err(wrong("a block reaches beyond the end of the file")) }
}

/// Whether a table unfolds to no more than it may, by what it says of itself.
fn modest(metadata: &ParquetMetaData, limits: Limits) -> Result<(), ReadError> {
    let columns = || metadata.row_groups().iter().flat_map(|group| group.columns());
    let sum =
        |of: fn(&ColumnChunkMetaData) -> i64| columns().map(|column| u64::try_from(of(column)).unwrap_or(0)).fold(0, u64::saturating_add);
    let (plain, packed) = (sum(ColumnChunkMetaData::uncompressed_size), sum(ColumnChunkMetaData::compressed_size));
    limits.check(plain, packed).map_err(|error| ReadError::Table(error.to_string()))
}

fn viewed(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => field.as_ref().clone().with_data_type(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => field.as_ref().clone().with_data_type(DataType::BinaryView),
        _ => field.as_ref().clone(),
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}
