//! A table on its way out: Parquet, or Arrow IPC.
//!
//! In: batches of rows, and the table that they are from. Out: a file of the same kind, with the same schema, metadata and compression.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

use crate::read::Kind;
use crate::read::table::is_arrow_file;

enum Inner<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    File(FileWriter<W>),
    Stream(StreamWriter<W>),
}

/// Writes a table.
pub struct TableWriter<W: Write + Send> {
    inner: Inner<W>,
}

impl<W: Write + Send> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TableWriter")
    }
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table like that in the file `path`.
    ///
    /// # Errors
    /// If the table cannot be looked at again, or the writer fails.
    pub fn new(path: &Path, kind: Kind, rows: &RecordBatch, out: W) -> io::Result<Self> {
        let inner = match kind {
            Kind::Parquet => {
                let (schema, properties) = like(File::open(path)?)?;
                Inner::Parquet(Box::new(ArrowWriter::try_new(out, schema, Some(properties)).map_err(io::Error::other)?))
            }
            _ if is_arrow_file(&mut File::open(path)?)? => Inner::File(FileWriter::try_new(out, &rows.schema()).map_err(io::Error::other)?),
            _ => Inner::Stream(StreamWriter::try_new(out, &rows.schema()).map_err(io::Error::other)?),
        };
        Ok(Self { inner })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&mut self, rows: &RecordBatch) -> io::Result<()> {
        match &mut self.inner {
            Inner::Parquet(writer) => writer.write(rows).map_err(io::Error::other),
            Inner::File(writer) => writer.write(rows).map_err(io::Error::other),
            Inner::Stream(writer) => writer.write(rows).map_err(io::Error::other),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(self) -> io::Result<W> {
        match self.inner {
            Inner::Parquet(writer) => writer.into_inner().map_err(io::Error::other),
            Inner::File(writer) => writer.into_inner().map_err(io::Error::other),
            Inner::Stream(writer) => writer.into_inner().map_err(io::Error::other),
        }
    }
}

/// Schema, metadata, compression and size of row groups of a Parquet file; the rows themselves do not have the metadata.
fn like(file: File) -> io::Result<(SchemaRef, WriterProperties)> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(io::Error::other)?;
    let metadata = builder.metadata();
    // the writer makes this one anew
    let kept = metadata
        .file_metadata()
        .key_value_metadata()
        .map(|pairs| pairs.iter().filter(|pair| pair.key != "ARROW:schema").cloned().collect::<Vec<_>>());
    let mut properties = WriterProperties::builder().set_key_value_metadata(kept.filter(|pairs| !pairs.is_empty()));
    if let Some(column) = metadata.row_groups().first().and_then(|group| group.columns().first()) {
        properties = properties.set_compression(column.compression());
    }
    if let Some(most) = metadata.row_groups().iter().map(|group| group.num_rows()).max().and_then(|rows| usize::try_from(rows).ok()) {
        properties = properties.set_max_row_group_row_count(Some(most.max(1)));
    }
    Ok((builder.schema().clone(), properties.build()))
}
