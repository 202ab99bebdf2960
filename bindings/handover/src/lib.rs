//! Arrow data taken over from another library in the same process, by the C data interface.
//!
//! In: pointers that the library hands over. Out: a schema to read, an array that is ours. All that unspin does by pointer is done here, in a
//! package of its own without Python, so that Miri can run it; the Python package only says that a capsule's pointer is what its name promises: `cargo +nightly miri test -p unspin-handover`.

use std::fmt;
use std::ptr::NonNull;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType};

/// Why nothing could be taken over.
#[derive(Debug)]
pub enum HandoverError {
    /// The schema has been released: someone else has taken it over.
    SchemaGone,
    /// The array has been released: someone else has taken it over.
    ArrayGone,
    /// A buffer of the array is missing.
    Unusable(ArrowError),
}

impl fmt::Display for HandoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SchemaGone => f.write_str("the schema has been taken over by someone else before"),
            Self::ArrayGone => f.write_str("the array has been taken over by someone else before"),
            Self::Unusable(error) => write!(f, "this cannot be read as Arrow: {error}"),
        }
    }
}

impl std::error::Error for HandoverError {}

/// A schema, to read where it lies.
///
/// # Safety
///
/// `pointer` must point to a valid `ArrowSchema`, released or not, that stays where it is and is not written to for `'c`.
///
/// # Errors
///
/// [`HandoverError::SchemaGone`] if it is released.
#[expect(unsafe_code, reason = "the C data interface hands over a pointer")]
pub unsafe fn schema<'c>(pointer: NonNull<FFI_ArrowSchema>) -> Result<&'c FFI_ArrowSchema, HandoverError> {
    // SAFETY: valid and unchanged for 'c, by the contract of this function.
    let schema = unsafe { pointer.as_ref() };
    if schema.release().is_none() { Err(HandoverError::SchemaGone) } else { Ok(schema) }
}

/// Takes an array over; a released one is left behind.
///
/// # Safety
///
/// `pointer` must point to a valid `ArrowArray`, released or not, that nobody else uses meanwhile. Its buffers and children must be as the type `kind` asks
/// for: nothing in the interface tells how long a buffer is.
///
/// # Errors
///
/// [`HandoverError::ArrayGone`] if it is released, [`HandoverError::Unusable`] if a buffer is missing.
#[expect(unsafe_code, reason = "the C data interface hands over a pointer, and pointers to buffers")]
pub unsafe fn take(pointer: NonNull<FFI_ArrowArray>, kind: DataType) -> Result<ArrayData, HandoverError> {
    // SAFETY: valid and ours for this call, by the contract of this function; a released array is left in its place.
    let array = unsafe { FFI_ArrowArray::from_raw(pointer.as_ptr()) };
    if array.is_released() {
        return Err(HandoverError::ArrayGone);
    }
    // SAFETY: the buffers are as `kind` asks for, by the contract of this function.
    unsafe { from_ffi_and_data_type(array, kind) }.map_err(HandoverError::Unusable)
}

#[cfg(test)]
#[expect(unsafe_code, reason = "what is tested is unsafe to call")]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Array, ArrayRef, Int32Array, LargeStringArray, StringArray, StringViewArray, StructArray, make_array};
    use arrow_schema::{Field, Schema};

    use super::*;

    fn columns() -> Vec<ArrayRef> {
        let texts = [Some("beryllium"), None, Some(""), Some("a text that is too long to lie in its view")];
        vec![
            Arc::new(StringArray::from_iter(texts)),
            Arc::new(LargeStringArray::from_iter(texts)),
            Arc::new(StringViewArray::from_iter(texts)),
            Arc::new(StringArray::from_iter(texts).slice(1, 2)),
            Arc::new(StringArray::from_iter([None::<&str>; 0])),
        ]
    }

    /// Hands over what `array` is, as another library would, and takes it.
    fn handed(array: &mut FFI_ArrowArray, kind: &DataType) -> Result<ArrayData, HandoverError> {
        // SAFETY: it lives and is ours; it was made of an array of that type, or is released.
        unsafe { take(NonNull::from(array), kind.clone()) }
    }

    #[test]
    fn arrays_come_over_whole_and_once() {
        for column in columns() {
            let mut array = FFI_ArrowArray::new(&column.to_data());
            let taken = make_array(handed(&mut array, column.data_type()).unwrap());
            assert_eq!(&taken, &column);
            assert!(array.is_released());
            assert!(matches!(handed(&mut array, column.data_type()), Err(HandoverError::ArrayGone)));
            // what was handed over outlives who did it
            drop((array, column));
            assert!(taken.len() < 5);
        }
    }

    #[test]
    fn rows_of_columns_come_over_and_are_freed() {
        let number: ArrayRef = Arc::new(Int32Array::from_iter([Some(1), None, Some(3), Some(4)]));
        for column in columns().into_iter().filter(|column| column.len() == 4) {
            let field = |name: &str, column: &ArrayRef| Arc::new(Field::new(name, column.data_type().clone(), true));
            let rows =
                StructArray::from(vec![(field("text", &column), Arc::clone(&column)), (field("number", &number), Arc::clone(&number))]);
            let mut array = FFI_ArrowArray::new(&rows.to_data());
            let taken = StructArray::from(handed(&mut array, rows.data_type()).unwrap());
            drop(rows);
            assert_eq!(taken.column(0), &column);
            assert_eq!(taken.column(1), &number);
        }
    }

    #[test]
    fn a_schema_is_read_where_it_lies_unless_it_is_gone() {
        let wanted = Schema::new(vec![Field::new("text", DataType::Utf8View, true)]);
        let mut handed = FFI_ArrowSchema::try_from(&wanted).unwrap();
        // SAFETY: it lives, and is not written to until the result has been used.
        let found = unsafe { schema(NonNull::from(&mut handed)) }.unwrap();
        assert_eq!(Schema::try_from(found).unwrap(), wanted);
        let mut gone = FFI_ArrowSchema::empty();
        // SAFETY: as above.
        assert!(matches!(unsafe { schema(NonNull::from(&mut gone)) }, Err(HandoverError::SchemaGone)));
    }
}
