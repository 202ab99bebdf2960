//! Restorations as the value types of `unspin/_types.py`.
//!
//! In: what became of a text. Out: Python objects. Spans count characters, as Python does; numbers are rounded as in the other views, so
//! that another machine's last digit makes no other result.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use unspin::decode::{Alternative, Reason};
use unspin::detect::Verdict;
use unspin::text::Characters;

use crate::batch::Done;
use crate::trouble::Trouble;

/// The classes of `unspin/_types.py`.
pub(crate) struct Types {
    restoration: Py<PyAny>,
    edit: Py<PyAny>,
    undecided: Py<PyAny>,
    alternative: Py<PyAny>,
    span: Py<PyAny>,
}

impl Types {
    /// Looks the classes up.
    pub(crate) fn find(py: Python<'_>) -> PyResult<Self> {
        let module = py.import("unspin._types")?;
        let class = |name: &str| module.getattr(name).map(Bound::unbind);
        Ok(Self {
            restoration: class("Restoration")?,
            edit: class("Edit")?,
            undecided: class("Undecided")?,
            alternative: class("Alternative")?,
            span: class("Span")?,
        })
    }

    /// A text and what became of it. `given` is handed back where nothing was changed.
    pub(crate) fn restoration<'py>(
        &self,
        given: &Bound<'py, PyAny>,
        before: &str,
        done: &Result<Done, Trouble>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = given.py();
        let nothing = PyTuple::empty(py);
        let Done { restoration, text } = match done {
            Ok(done) => done,
            Err(trouble) => {
                let fields = (given, &nothing, "unsure", 0.0, py.None(), 0, 0, &nothing, &nothing, trouble.message());
                return self.restoration.bind(py).call1(fields);
            }
        };
        let mut places = Characters::of(before);
        let mut edits = Vec::with_capacity(restoration.plan.edits.len());
        for edit in &restoration.plan.edits {
            let (start, end) = places.span(edit.span);
            let (reason, others) = (reason(py, &edit.reason)?, self.alternatives(py, &edit.alternatives)?);
            edits.push(self.edit.bind(py).call1((start, end, &edit.from, &edit.to, reason, rounded(edit.confidence), others))?);
        }
        let mut undecided = Vec::with_capacity(restoration.plan.undecided.len());
        for open in &restoration.plan.undecided {
            let (start, end) = places.span(open.span);
            undecided.push(self.undecided.bind(py).call1((start, end, &open.text, self.alternatives(py, &open.alternatives)?))?);
        }
        let mut spans = Vec::with_capacity(restoration.paragraphs.len());
        for paragraph in &restoration.paragraphs {
            let (start, end) = places.span(paragraph.span);
            spans.push(self.span.bind(py).call1((start, end, named(paragraph.verdict), rounded(paragraph.score())))?);
        }
        let text = match text {
            Some(text) => text.into_pyobject(py)?.into_any(),
            None => given.clone(),
        };
        let fields = (
            text,
            PyTuple::new(py, edits)?,
            named(restoration.verdict),
            rounded(restoration.score),
            restoration.profile.as_deref(),
            restoration.words,
            restoration.swapped,
            PyTuple::new(py, spans)?,
            PyTuple::new(py, undecided)?,
            py.None(),
        );
        self.restoration.bind(py).call1(fields)
    }

    fn alternatives<'py>(&self, py: Python<'py>, others: &[Alternative]) -> PyResult<Bound<'py, PyTuple>> {
        let made = others.iter().map(|other| self.alternative.bind(py).call1((&other.text, rounded(other.confidence))));
        PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }
}

/// A verdict by its name.
pub(crate) fn named(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Spun => "spun",
        Verdict::Clean => "clean",
        Verdict::Unsure => "unsure",
    }
}

fn reason<'py>(py: Python<'py>, reason: &Reason) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    match reason {
        Reason::Listed { profile, confidence, source } => {
            out.set_item("kind", "listed")?;
            out.set_item("profile", profile)?;
            out.set_item("confidence", rounded(*confidence))?;
            out.set_item("source", source.to_string())?;
        }
        Reason::Related { relation, distance } => {
            out.set_item("kind", "related")?;
            out.set_item("relation", relation.to_string())?;
            out.set_item("distance", distance)?;
        }
        Reason::Open => out.set_item("kind", "open")?,
    }
    Ok(out)
}

/// Three decimals: more would be noise.
fn rounded(number: f32) -> f64 {
    (f64::from(number) * 1000.0).round() / 1000.0
}
