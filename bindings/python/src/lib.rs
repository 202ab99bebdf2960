//! The native half of the Python package `unspin`: models and restorers for `python/unspin/`, which has what users see.
//!
//! In: Python strings, lists, Arrow arrays. Out: the value types of `unspin/_types.py`. What a Python user may get wrong is an exception of
//! `unspin/_errors.py`; one bad record of a batch is a result of its own. Long work lets other Python threads run, starts only the
//! threads that were asked for, and ends them before it returns: so a process may fork at any time in between.

mod arrow;
mod batch;
mod engine;
mod learn;
mod models;
mod trouble;
mod values;

use pyo3::prelude::*;

#[pymodule(name = "_core")]
mod native {
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::learn::learn;
    #[pymodule_export]
    use super::models::{read_profile, shipped};
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
