//! What goes wrong, as Python sees it.
//!
//! In: failures of the library. Out: exceptions of `unspin/_errors.py`, with the remedy in Python's terms.

use pyo3::PyErr;
use unspin::batch::Failure;

mod python {
    use pyo3::import_exception;

    import_exception!(unspin._errors, ArrowError);
    import_exception!(unspin._errors, ConfigError);
    import_exception!(unspin._errors, InternalError);
    import_exception!(unspin._errors, LearnError);
    import_exception!(unspin._errors, TextError);
    import_exception!(unspin._errors, WrongTypeError);
}

/// Why a text, or a call, fails.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Not a string at all.
    WrongType(String),
    /// A string that cannot be restored.
    Text(String),
    /// A fault of the program.
    Internal(String),
    /// Settings that do not work.
    Config(String),
    /// Nothing can be learned.
    Learn(String),
    /// An Arrow table that cannot be used.
    Arrow(String),
}

impl Trouble {
    /// For a person.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::WrongType(m) | Self::Text(m) | Self::Internal(m) | Self::Config(m) | Self::Learn(m) | Self::Arrow(m) => m,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Panic(_) | Failure::Plan(_) => Self::Internal(failure.to_string()),
            _ => Self::Text(failure.to_string()),
        }
    }
}

impl From<Trouble> for PyErr {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::WrongType(message) => python::WrongTypeError::new_err(message),
            Trouble::Text(message) => python::TextError::new_err(message),
            Trouble::Internal(message) => python::InternalError::new_err(message),
            Trouble::Config(message) => python::ConfigError::new_err(message),
            Trouble::Learn(message) => python::LearnError::new_err(message),
            Trouble::Arrow(message) => python::ArrowError::new_err(message),
        }
    }
}
