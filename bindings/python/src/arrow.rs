//! Arrow arrays in and out, over the C data interface: texts are read where they lie.
//!
//! In: capsules as `__arrow_c_array__` hands them over. Out: capsules of the same rows. Columns that are not restored are passed on as they
//! are, whatever they hold; so is the text column if no text changes. If some do, a new column takes over the stretches between them as a
//! whole. Producers do not promise that their text is UTF-8, so it is held as bytes here and looked at row by row.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, GenericBinaryArray, Int32Array, OffsetSizeTrait, StringArray, StructArray, make_array,
};
use arrow_buffer::OffsetBuffer;
use arrow_data::{ArrayData, ByteView, MAX_INLINE_VIEW_LEN};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use unspin_handover::{HandoverError, schema, take};

use crate::batch::Done;
use crate::trouble::Trouble;
use crate::values::named;

const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// What became of each row; `None` for null.
type Results = [Option<Result<Done, Trouble>>];

/// A column of texts, as bytes.
pub(crate) enum Column {
    Small(GenericBinaryArray<i32>),
    Large(GenericBinaryArray<i64>),
    View(BinaryViewArray),
}

impl Column {
    /// From an array whose type is one of texts.
    fn new(data: ArrayData, what: &str) -> Result<Self, Trouble> {
        let bytes = match data.data_type() {
            DataType::Utf8 | DataType::Binary => DataType::Binary,
            DataType::LargeUtf8 | DataType::LargeBinary => DataType::LargeBinary,
            DataType::Utf8View | DataType::BinaryView => DataType::BinaryView,
            other => return Err(Trouble::Arrow(format!("{what} holds no text but {other}; cast it to string first"))),
        };
        // this looks at every offset once, so that a wrong one is an error here and not a crash later
        let data = data.into_builder().data_type(bytes).build().map_err(|error| Trouble::Arrow(format!("{what} is damaged: {error}")))?;
        Ok(match data.data_type() {
            DataType::Binary => Self::Small(data.into()),
            DataType::LargeBinary => Self::Large(data.into()),
            _ => Self::View(data.into()),
        })
    }

    fn array(&self) -> ArrayRef {
        match self {
            Self::Small(array) => Arc::new(array.clone()),
            Self::Large(array) => Arc::new(array.clone()),
            Self::View(array) => Arc::new(array.clone()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
        }
    }

    /// The bytes of a row; `None` for null.
    pub(crate) fn bytes(&self, row: usize) -> Option<&[u8]> {
        match self {
            Self::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }

    /// The text of each row.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Option<Result<&str, Trouble>>> + Send {
        let text = |bytes| {
            std::str::from_utf8(bytes).map_err(|error| Trouble::Text(format!("not text: byte {} is not UTF-8", error.valid_up_to())))
        };
        (0..self.len()).map(move |row| self.bytes(row).map(text))
    }

    /// The same rows with the restored texts.
    fn restored(&self, done: &Results) -> Result<ArrayRef, Trouble> {
        let changed: Vec<(usize, &str)> =
            done.iter().enumerate().filter_map(|(row, done)| Some((row, done.as_ref()?.as_ref().ok()?.text.as_deref()?))).collect();
        if changed.is_empty() {
            return Ok(self.array());
        }
        match self {
            Self::Small(array) => spliced(array, &changed),
            Self::Large(array) => spliced(array, &changed),
            Self::View(array) => overlaid(array, &changed),
        }
    }
}

/// A column with the changed rows replaced; the bytes between two of them are copied as one.
fn spliced<O: OffsetSizeTrait>(array: &GenericBinaryArray<O>, changed: &[(usize, &str)]) -> Result<ArrayRef, Trouble> {
    let offsets = array.value_offsets();
    let at = |row: usize| offsets.get(row).map_or(0, |offset| offset.as_usize());
    let mut bytes: Vec<u8> = Vec::with_capacity(at(array.len()).saturating_sub(at(0)));
    let mut ends: Vec<O> = Vec::with_capacity(array.len() + 1);
    let end = |length: usize| {
        O::from_usize(length)
            .ok_or_else(|| Trouble::Arrow("the restored column is too large for its type; use large_string, or smaller batches".to_owned()))
    };
    ends.push(end(0)?);
    let mut row = 0;
    for &(next, text) in changed.iter().chain(std::iter::once(&(array.len(), ""))) {
        let (start, length) = (at(row), bytes.len());
        bytes.extend_from_slice(array.value_data().get(start..at(next)).unwrap_or(&[]));
        for row in row..next {
            ends.push(end(length + at(row + 1) - start)?);
        }
        if next < array.len() {
            bytes.extend_from_slice(text.as_bytes());
            ends.push(end(bytes.len())?);
        }
        row = next + 1;
    }
    // the ends only grow, so this cannot panic
    let made = GenericBinaryArray::<O>::try_new(OffsetBuffer::new(ends.into()), bytes.into(), array.nulls().cloned());
    Ok(Arc::new(made.map_err(internal)?))
}

/// A column of views in which those of the changed rows point to new bytes, the others to where they pointed before.
fn overlaid(array: &BinaryViewArray, changed: &[(usize, &str)]) -> Result<ArrayRef, Trouble> {
    let mut builder = BinaryViewBuilder::with_capacity(array.len());
    for buffer in array.data_buffers().iter() {
        builder.append_block(buffer.clone());
    }
    let mut changed = changed.iter().peekable();
    for (row, view) in array.views().iter().enumerate() {
        let view = ByteView::from(*view);
        if array.is_null(row) {
            builder.append_null();
        } else if let Some((_, text)) = changed.next_if(|(next, _)| *next == row) {
            builder.try_append_value(text).map_err(internal)?;
        } else if view.length <= MAX_INLINE_VIEW_LEN {
            builder.try_append_value(array.value(row)).map_err(internal)?;
        } else {
            builder.try_append_view(view.buffer_index, view.offset, view.length).map_err(internal)?;
        }
    }
    Ok(Arc::new(builder.finish()))
}

/// A single array of texts.
pub(crate) fn array(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<Column> {
    let field = Field::try_from(schema_of(schema)?).map_err(unusable)?;
    Ok(Column::new(imported(array, field.data_type().clone())?, "the array")?)
}

/// Rows with one column of texts.
pub(crate) struct Rows {
    schema: Schema,
    columns: Vec<ArrayData>,
    at: usize,
    column: Column,
}

impl Rows {
    /// Takes the rows over.
    pub(crate) fn import(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>, column: &str) -> PyResult<Self> {
        let schema = Schema::try_from(schema_of(schema)?).map_err(unusable)?;
        let data = imported(array, DataType::Struct(schema.fields().clone()))?;
        let (offset, len) = (data.offset(), data.len());
        let columns: Vec<ArrayData> = data.child_data().iter().map(|child| child.slice(offset, len)).collect();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let found: Vec<usize> = (0..names.len()).filter(|&at| names.get(at) == Some(&column)).collect();
        let &[at] = found.as_slice() else {
            let number = if found.is_empty() { "no".to_owned() } else { found.len().to_string() };
            return Err(Trouble::Arrow(format!("there is {number} column `{column}` (there are: {})", names.join(", "))).into());
        };
        let text = columns.get(at).cloned().unwrap_or_else(|| ArrayData::new_empty(&DataType::Utf8));
        let column = Column::new(text, &format!("the column `{column}`"))?;
        Ok(Self { schema, columns, at, column })
    }

    /// The text of each row.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Option<Result<&str, Trouble>>> + Send {
        self.column.texts()
    }

    /// The rows with the restored texts; with `report`, also verdict, number of edits and error of each.
    pub(crate) fn restored(self, done: &Results, report: bool) -> Result<Restored, Trouble> {
        let text = self.column.restored(done)?;
        let mut fields: Vec<Arc<Field>> = self.schema.fields().iter().cloned().collect();
        let mut arrays: Vec<ArrayRef> = self.columns.into_iter().map(make_array).collect();
        let name = fields.get(self.at).map(|field| field.name().clone()).unwrap_or_default();
        if let Some(slot) = arrays.get_mut(self.at) {
            *slot = text;
        }
        if report {
            let verdicts = done.iter().map(|row| match row.as_ref()? {
                Ok(done) => Some(named(done.restoration.verdict)),
                Err(_) => Some("unsure"),
            });
            let edits = done.iter().map(|row| {
                let edits = row.as_ref()?.as_ref().ok()?.restoration.plan.edits.len();
                Some(i32::try_from(edits).unwrap_or(i32::MAX))
            });
            let errors = done.iter().map(|done| done.as_ref().and_then(|done| done.as_ref().err()).map(Trouble::message));
            let added: [(&str, ArrayRef); 3] = [
                ("verdict", Arc::new(verdicts.collect::<StringArray>())),
                ("edits", Arc::new(edits.collect::<Int32Array>())),
                ("error", Arc::new(errors.collect::<StringArray>())),
            ];
            for (what, array) in added {
                fields.push(Arc::new(Field::new(format!("{name}_{what}"), array.data_type().clone(), true)));
                arrays.push(array);
            }
        }
        // the text is held as bytes in here; only the schema that goes out says what it is
        let held: Fields = arrays.iter().map(|array| Field::new("", array.data_type().clone(), true)).collect();
        let rows = StructArray::try_new(held, arrays, None).map_err(internal)?;
        Ok(Restored { schema: Schema::new_with_metadata(fields, self.schema.metadata), rows })
    }
}

/// Rows on their way out.
pub(crate) struct Restored {
    schema: Schema,
    rows: StructArray,
}

impl Restored {
    /// As capsules.
    pub(crate) fn export<'py>(self, py: Python<'py>) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let schema = FFI_ArrowSchema::try_from(self.schema).map_err(internal)?;
        let array = FFI_ArrowArray::new(&self.rows.into_data());
        Ok((PyCapsule::new_with_value(py, schema, SCHEMA)?, PyCapsule::new_with_value(py, array, ARRAY)?))
    }
}

fn schema_of<'c>(capsule: &'c Bound<'_, PyCapsule>) -> PyResult<&'c FFI_ArrowSchema> {
    let pointer = capsule.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    #[expect(unsafe_code, reason = "the C data interface hands over a pointer")]
    // SAFETY: a capsule of this name holds an ArrowSchema for as long as it lives, by the Arrow PyCapsule interface.
    let found = unsafe { schema(pointer) };
    Ok(found.map_err(gone)?)
}

fn imported(capsule: &Bound<'_, PyCapsule>, kind: DataType) -> PyResult<ArrayData> {
    let pointer = capsule.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    #[expect(unsafe_code, reason = "the C data interface hands over a pointer, and pointers to buffers")]
    // SAFETY: a capsule of this name holds an ArrowArray, and its producer promises buffers of the sizes that its schema asks for; `kind` is made
    // from that schema.
    let taken = unsafe { take(pointer, kind) };
    Ok(taken.map_err(gone)?)
}

fn gone(error: HandoverError) -> Trouble {
    Trouble::Arrow(error.to_string())
}

fn unusable(error: ArrowError) -> Trouble {
    gone(HandoverError::Unusable(error))
}

fn internal(error: ArrowError) -> Trouble {
    Trouble::Internal(format!("the result cannot be made: {error}"))
}
