//! A place that a document is read from.
//!
//! In: a path or standard input. Out: the [`Document`], when asked. A source also knows its path below the folder that was
//! named, so that a tree can be mirrored elsewhere.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Document;

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such file or folder.
    #[error("no such file or folder; check the path")]
    Missing,
    /// A folder without articles.
    #[error("no articles in this folder; files that end in {} are read, hidden ones are not", super::EXTENSIONS.map(|name| format!(".{name}")).join(" "))]
    NoArticles,
    /// The system refuses.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// A document still to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in messages and logs: the path as given, or `-`.
    pub id: String,
    /// Where it is.
    pub place: Place,
    /// Its path below the folder that was named; the bare file name if it was named itself.
    pub relative: PathBuf,
}

impl Source {
    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self { id: "-".to_owned(), place: Place::Stdin, relative: PathBuf::new() }
    }

    /// A file that was named itself.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self::below(path, Path::new(path.file_name().unwrap_or(path.as_os_str())))
    }

    /// A file found in a folder.
    #[must_use]
    pub fn below(path: &Path, relative: &Path) -> Self {
        Self { id: path.display().to_string(), place: Place::File(path.to_owned()), relative: relative.to_owned() }
    }

    /// The file, unless it is standard input.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Stdin => None,
            Place::File(path) => Some(path),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`ReadError`] if it is not there or cannot be read.
    pub fn read(&self) -> Result<Document, ReadError> {
        let mut bytes = Vec::new();
        let done = match &self.place {
            Place::Stdin => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
            Place::File(path) => std::fs::read(path).map(|read| bytes = read),
        };
        match done {
            Ok(()) => Ok(Document::new(&self.id, bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(ReadError::Missing),
            Err(error) => Err(error.into()),
        }
    }
}
