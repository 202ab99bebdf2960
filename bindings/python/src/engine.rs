//! The restorer that Python holds.
//!
//! In: settings, then texts one by one, in lists or in Arrow arrays. Out: values of `unspin/_types.py`, or Arrow arrays. Immutable once it is made, so
//! any number of Python threads may use it at once.

use std::num::NonZeroUsize;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyCapsule, PyList, PyString};
use unspin::batch::Spare;
use unspin::read::Document;
use unspin::render::{Explanation, Render, explain_word};

use crate::arrow;
use crate::batch::{Done, Work};
use crate::models::machine;
use crate::trouble::Trouble;
use crate::values::Types;

/// Models, settings and the types of the results.
#[pyclass(frozen)]
pub(crate) struct Engine {
    work: Work,
    types: Types,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (profile, preset, model, min_confidence, protect, protect_patterns, max_bytes))]
    #[expect(clippy::too_many_arguments, reason = "the settings as Python hands them over")]
    fn new(
        py: Python<'_>,
        profile: &str,
        preset: &str,
        model: Option<&str>,
        min_confidence: Option<f32>,
        protect: Vec<String>,
        protect_patterns: Vec<String>,
        max_bytes: usize,
    ) -> PyResult<Self> {
        let types = Types::find(py)?;
        let spare = Spare::new(&protect.join("\n"), &protect_patterns).map_err(|error| Trouble::Config(format!("protect: {error}")))?;
        let machine = py.detach(|| machine(profile, preset, model, min_confidence))?;
        Ok(Self { work: Work::new(machine, spare, max_bytes), types })
    }

    /// Restores one text.
    fn restore<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (borrowed, done) = self.done(text)?;
        self.types.restoration(text, &borrowed, &Ok(done))
    }

    /// Restores a list; what is no text is a result with an error.
    fn restore_list<'py>(&self, texts: &Bound<'py, PyList>, threads: NonZeroUsize) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let given: Vec<Bound<'py, PyAny>> = texts.iter().collect();
        let mut borrowed = Vec::with_capacity(given.len());
        let mut wrong = Vec::new();
        for object in &given {
            match text_of(object) {
                Ok(text) => borrowed.push(Some(text)),
                Err(trouble) => {
                    borrowed.push(None);
                    wrong.push(Err(trouble));
                }
            }
        }
        let strings = borrowed.iter().map(|text| text.as_ref().map(|text| Ok(text.as_str())));
        let done = self.work.many(texts.py(), threads, strings)?;
        let mut wrong = wrong.into_iter();
        let mut out = Vec::with_capacity(given.len());
        for ((object, text), done) in given.iter().zip(&borrowed).zip(done) {
            let Some(done) = done.or_else(|| wrong.next()) else { continue };
            out.push(self.types.restoration(object, text.as_ref().map_or("", |text| text.as_str()), &done)?);
        }
        Ok(out)
    }

    /// Restores an Arrow array of texts, given as its capsules; nulls are results with an error.
    fn restore_array<'py>(
        &self,
        py: Python<'py>,
        schema: &Bound<'py, PyCapsule>,
        array: &Bound<'py, PyCapsule>,
        threads: NonZeroUsize,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let column = arrow::array(schema, array)?;
        let done = self.work.many(py, threads, column.texts())?;
        let mut out = Vec::with_capacity(done.len());
        for (row, done) in done.into_iter().enumerate() {
            let done = done.unwrap_or_else(|| Err(Trouble::WrongType("this is null, not text".to_owned())));
            let (bytes, valid) = column.bytes(row).map_or((None, ""), |bytes| (Some(bytes), std::str::from_utf8(bytes).unwrap_or("")));
            // what is not UTF-8 is handed back as bytes
            let given = match bytes {
                None => py.None().into_bound(py),
                Some(bytes) if valid.len() == bytes.len() => PyString::new(py, valid).into_any(),
                Some(bytes) => pyo3::types::PyBytes::new(py, bytes).into_any(),
            };
            out.push(self.types.restoration(&given, valid, &done)?);
        }
        Ok(out)
    }

    /// Restores a column of a record batch, given as its capsules; the result comes as capsules, too.
    fn restore_columns<'py>(
        &self,
        py: Python<'py>,
        schema: &Bound<'py, PyCapsule>,
        array: &Bound<'py, PyCapsule>,
        column: &str,
        report: bool,
        threads: NonZeroUsize,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let rows = arrow::Rows::import(schema, array, column)?;
        let done = self.work.many(py, threads, rows.texts())?;
        rows.restored(&done, report)?.export(py)
    }

    /// Why each word of a text is changed, for a person.
    fn explain(&self, text: &Bound<'_, PyAny>) -> PyResult<String> {
        let (borrowed, done) = self.done(text)?;
        let model = self.work.machine.borrow_owner().model()?;
        let document = Document::new("text", borrowed.as_bytes().to_vec());
        let mut out = Vec::new();
        let shown = Explanation { model: Some(model) }.render(&done.restoration, &document, &mut out);
        shown.map_err(|error| Trouble::Internal(error.to_string()))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// What is known of a word or phrase, for a person.
    fn explain_word(&self, word: &str) -> PyResult<String> {
        let models = self.work.machine.borrow_owner();
        let mut out = Vec::new();
        let shown = explain_word(word, &models.profiles.iter().collect::<Vec<_>>(), &models.thesaurus, &mut out);
        shown.map_err(|error| Trouble::Internal(error.to_string()))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}

impl Engine {
    fn done(&self, text: &Bound<'_, PyAny>) -> PyResult<(PyBackedStr, Done)> {
        let borrowed = text_of(text)?;
        let done = text.py().detach(|| self.work.one(&borrowed))?;
        Ok((borrowed, done))
    }
}

/// The text of a Python object, not copied.
fn text_of(object: &Bound<'_, PyAny>) -> Result<PyBackedStr, Trouble> {
    let Ok(string) = object.cast::<PyString>() else {
        let kind = object.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
        let hint = if kind.starts_with("byte") { "; decode it first" } else { "" };
        return Err(Trouble::WrongType(format!("this is {kind}, not str{hint}")));
    };
    string.clone().try_into().map_err(|_| {
        Trouble::Text(
            "not text: it has half of a surrogate pair, so it cannot be written as UTF-8; decode it with errors=\"replace\"".to_owned(),
        )
    })
}
