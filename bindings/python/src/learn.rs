//! Learning a spinner from Python.
//!
//! In: garbled and clean texts with their names. Out: profile, report and, where it must not be used, why, for each spinner; and the names
//! of the texts in the wrong place.

use std::num::NonZeroUsize;

use pyo3::prelude::*;
use unspin::learn::{Article, LearnOptions, Models as Readers, learn as learned};

use crate::models::{Models, parsed};
use crate::trouble::Trouble;

/// Profile text, report, refusal.
type Lesson = (String, String, Option<String>);
/// Names of: copies of clean texts, plain texts among the garbled, garbled texts among the clean.
type Strays = (Vec<String>, Vec<String>, Vec<String>);

/// Learns the spinners of garbled articles; `base` is the text of a profile to extend.
#[pyfunction]
#[pyo3(signature = (name, garbled, clean, base, rounds, model, threads))]
#[expect(clippy::too_many_arguments, reason = "the settings as Python hands them over")]
pub(crate) fn learn(
    py: Python<'_>,
    name: &str,
    garbled: Vec<(String, String)>,
    clean: Vec<(String, String)>,
    base: Option<&str>,
    rounds: Option<usize>,
    model: Option<&str>,
    threads: NonZeroUsize,
) -> PyResult<(Vec<Lesson>, Strays)> {
    let base = base.map(parsed).transpose()?;
    let articles = |texts: Vec<(String, String)>| -> Vec<Article> { texts.into_iter().map(|(id, text)| Article { id, text }).collect() };
    let (garbled, clean) = (articles(garbled), articles(clean));
    let defaults = LearnOptions::default();
    let options = LearnOptions { rounds: rounds.unwrap_or(defaults.rounds), jobs: threads, ..defaults };
    let found = py.detach(|| {
        let models = Models::open(model, Vec::new())?;
        let readers = Readers { model: models.model()?, thesaurus: &models.thesaurus };
        learned(name, &garbled, &clean, base.as_ref(), readers, &options).map_err(|error| Trouble::Learn(error.to_string()))
    })?;
    let lessons = found
        .lessons
        .iter()
        .map(|lesson| (lesson.profile.to_string(), lesson.report.to_string(), lesson.refused.as_ref().map(ToString::to_string)));
    Ok((lessons.collect(), (found.strays.copies, found.strays.plain, found.strays.garbled)))
}
