//! A place that documents are read from.
//!
//! In: a path or standard input. Out: when asked, the whole [`Document`], or a reader of its plain bytes with what is known of them
//! ([`Opened`]). A source also knows its path below the folder that was named, so that a tree can be mirrored elsewhere.

use std::fs::{File, Metadata};
use std::io::{BufRead, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use super::codec::{Codec, decoded};
use super::kind::Kind;
use super::{Document, Limits};

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// No such file or folder.
    #[error("no such file or folder; check the path")]
    Missing,
    /// A link that leads nowhere.
    #[error("a link to something that is not there; mend or delete it")]
    Dangling,
    /// A folder without articles.
    #[error("no articles in this folder; files that end in {} are read (also compressed), hidden ones are not", super::EXTENSIONS.map(|name| format!(".{name}")).join(" "))]
    NoArticles,
    /// A folder without articles that match the globs.
    #[error("no articles in this folder that the globs let through; `*.txt` lets all texts through, in folders below as well")]
    NoMatch,
    /// A glob that is none.
    #[error("{0}; give a glob such as `*.txt`, or `!old` to leave out")]
    Glob(String),
    /// A table, and no column that could be restored, or not built in.
    #[error("{0}")]
    Table(String),
    /// The system refuses.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// What tells whether a file is still the one that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    file: (u64, u64),
}

impl Stamp {
    /// Of a file as the system describes it.
    #[must_use]
    pub fn of(found: &Metadata) -> Self {
        #[cfg(unix)]
        let file = (std::os::unix::fs::MetadataExt::dev(found), std::os::unix::fs::MetadataExt::ino(found));
        #[cfg(not(unix))]
        let file = (0, 0);
        Self { length: found.len(), modified: found.modified().ok(), file }
    }

    /// Whether it is of such a length; what has none, such as a pipe, counts as empty.
    #[must_use]
    pub fn has_length(&self, wanted: &RangeInclusive<u64>) -> bool {
        wanted.contains(&self.length)
    }
}

/// An input, opened.
pub struct Opened {
    /// What it holds.
    pub kind: Kind,
    /// How it is compressed.
    pub codec: Codec,
    /// Its plain bytes.
    pub reader: Box<dyn BufRead + Send>,
    /// Which file it is, if it is one.
    pub stamp: Option<Stamp>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("kind", &self.kind).field("codec", &self.codec).finish_non_exhaustive()
    }
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
        Self { id: name_of(path), place: Place::File(path.to_owned()), relative: relative.to_owned() }
    }

    /// The file, unless it is standard input.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Stdin => None,
            Place::File(path) => Some(path),
        }
    }

    /// Its path below the folder that was named, as text, with `/` between the parts.
    #[must_use]
    pub fn relative_name(&self) -> String {
        self.relative.iter().map(|part| name_of(Path::new(part))).collect::<Vec<_>>().join("/")
    }

    /// Opens it; `position` counts the bytes that are read of the input itself. `kind` is what it holds, if that was said.
    ///
    /// # Errors
    /// [`ReadError`] if it is not there or cannot be read.
    pub fn open(&self, kind: Option<Kind>, limits: Limits, position: &Arc<AtomicU64>) -> Result<Opened, ReadError> {
        let (input, stamp): (Box<dyn Read + Send>, _) = match &self.place {
            Place::Stdin => (Box::new(std::io::stdin()), None),
            Place::File(path) => {
                let file = File::open(path).map_err(missing)?;
                let stamp = Stamp::of(&file.metadata()?);
                (Box::new(file), Some(stamp))
            }
        };
        let (codec, mut reader) = decoded(input, position, limits)?;
        let kind = match kind.or_else(|| self.path().and_then(Kind::of_name)) {
            Some(kind) => kind,
            None => Kind::of_head(reader.fill_buf()?),
        };
        Ok(Opened { kind, codec, reader, stamp })
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
        done.map(|()| Document::new(&self.id, bytes)).map_err(missing)
    }
}

/// A path as text. What is not UTF-8 in it is written `\xff`, so that two files have two names in messages, logs and marks.
fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        name.push_str(chunk.valid());
        name.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    name
}

fn missing(error: std::io::Error) -> ReadError {
    if error.kind() == std::io::ErrorKind::NotFound { ReadError::Missing } else { error.into() }
}
