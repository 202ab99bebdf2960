//! The folder that the snapshots of a folder of articles lie in.
//!
//! In: ids of articles. Out: their stored and proposed repairs, read, written, accepted. `FOLDER/ID.snap` is what was accepted,
//! `FOLDER/ID.snap.new` beside it what the program made last; the second becomes the first only by [`Store::accept`], which
//! reads both first, so that nothing takes the place of a file that this program does not understand.

use std::path::{Path, PathBuf};

use super::format::SnapshotError;
use super::record::Snapshot;
use crate::write::{WriteError, replace};

const STORED: &str = ".snap";
const PROPOSED: &str = ".snap.new";

/// Snapshots in a folder.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A snapshot cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It is not one that this program can use.
    #[error("{}: {source}", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// It is that of another article.
    #[error("{}: this is the snapshot of {id}; it was moved or renamed by hand", path.display())]
    Another {
        /// The file.
        path: PathBuf,
        /// The article in its head.
        id: String,
    },
    /// There is nothing to accept.
    #[error("nothing is proposed for this article; run `unspin check` first")]
    NothingProposed,
    /// It cannot be read, moved or deleted.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
}

impl Store {
    /// The snapshots in this folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The accepted repair of an article.
    ///
    /// # Errors
    /// [`StoreError`] if there is a file that is not a snapshot of this article.
    pub fn stored(&self, id: &str) -> Result<Option<Snapshot>, StoreError> {
        self.read(id, STORED)
    }

    /// The proposed repair of an article.
    ///
    /// # Errors
    /// As [`Store::stored`].
    pub fn proposed(&self, id: &str) -> Result<Option<Snapshot>, StoreError> {
        self.read(id, PROPOSED)
    }

    /// The articles with an accepted repair, sorted.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be read.
    pub fn all_stored(&self) -> Result<Vec<String>, StoreError> {
        self.all(STORED)
    }

    /// The articles with a proposed repair, sorted.
    ///
    /// # Errors
    /// As [`Store::all_stored`].
    pub fn all_proposed(&self) -> Result<Vec<String>, StoreError> {
        self.all(PROPOSED)
    }

    /// Stores the repair of an article that has none.
    ///
    /// # Errors
    /// [`StoreError::Write`] if it cannot be written.
    pub fn create(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        Ok(replace(&self.path(&snapshot.id, STORED), snapshot.to_string().as_bytes())?)
    }

    /// Writes a repair beside the accepted one.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn propose(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        Ok(replace(&self.path(&snapshot.id, PROPOSED), snapshot.to_string().as_bytes())?)
    }

    /// Makes the proposed repair of an article the accepted one.
    ///
    /// # Errors
    /// [`StoreError`] if nothing is proposed, or one of the two files is not a snapshot of this article.
    pub fn accept(&self, id: &str) -> Result<(), StoreError> {
        self.stored(id)?;
        self.proposed(id)?.ok_or(StoreError::NothingProposed)?;
        let (from, to) = (self.path(id, PROPOSED), self.path(id, STORED));
        std::fs::rename(&from, to).map_err(|source| StoreError::Io { path: from, source })
    }

    /// Deletes the proposed repair of an article, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Io`] if it cannot be deleted.
    pub fn reject(&self, id: &str) -> Result<(), StoreError> {
        delete(self.path(id, PROPOSED))
    }

    /// Deletes the accepted repair of an article that is gone, and the proposed one.
    ///
    /// # Errors
    /// As [`Store::reject`].
    pub fn forget(&self, id: &str) -> Result<(), StoreError> {
        self.reject(id)?;
        delete(self.path(id, STORED))
    }

    fn path(&self, id: &str, ending: &str) -> PathBuf {
        let mut path = self.folder.clone();
        path.extend(id.split('/'));
        path.as_mut_os_string().push(ending);
        path
    }

    fn read(&self, id: &str, ending: &str) -> Result<Option<Snapshot>, StoreError> {
        let path = self.path(id, ending);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Io { path, source }),
        };
        let parsed = String::from_utf8(bytes).map_err(|_| SnapshotError::Foreign).and_then(|text| text.parse::<Snapshot>());
        match parsed {
            Ok(snapshot) if snapshot.id == id => Ok(Some(snapshot)),
            Ok(snapshot) => Err(StoreError::Another { path, id: snapshot.id }),
            Err(source) => Err(StoreError::Snapshot { path, source }),
        }
    }

    fn all(&self, ending: &str) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        if self.folder.exists() {
            collect(&self.folder, "", ending, &mut out)?;
        }
        out.sort();
        Ok(out)
    }
}

/// The ids of the files below a folder that have an ending; links are not followed.
fn collect(folder: &Path, prefix: &str, ending: &str, out: &mut Vec<String>) -> Result<(), StoreError> {
    let fail = |source| StoreError::Io { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(fail)?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), ending, out)?;
        } else if let Some(id) = name.strip_suffix(ending) {
            out.push(format!("{prefix}{id}"));
        }
    }
    Ok(())
}

fn delete(path: PathBuf) -> Result<(), StoreError> {
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(StoreError::Io { path, source }),
        _ => Ok(()),
    }
}
