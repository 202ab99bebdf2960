//! Where `restore` puts its results, as typed and opened.
//!
//! In: `--out-dir`, `--in-place`, or neither. Out: a target that takes one result after the other. Everything that would lose data is
//! refused before anything is written: an output that is an input, two inputs with one output, a backup that exists.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use unspin::read::Source;
use unspin::write::{AtomicFile, WriteError, replace};

use super::inputs::Inputs;

/// Where results go, as typed.
#[derive(clap::Args, Debug, Default)]
#[group(skip)]
pub(super) struct Args {
    /// Write each result to a file in this folder, under the path that its input has below the folder that was given
    #[arg(long, value_name = "DIR", conflicts_with = "in_place")]
    pub(super) out_dir: Option<PathBuf>,
    /// Put each restored text in the place of its input; what does not change is not touched
    #[arg(long)]
    pub(super) in_place: bool,
    /// Keep the input of --in-place as a file with this ending
    #[arg(long, value_name = "SUFFIX", requires = "in_place")]
    backup: Option<String>,
}

/// Where results go.
#[derive(Debug)]
pub(super) enum Target {
    /// One after the other to stdout.
    Stdout,
    /// A file each, under the given ending.
    Folder(PathBuf, &'static str),
    /// In place of the input, with a copy of the input under the given ending.
    InPlace(Option<String>),
}

impl Args {
    /// Chooses the target; `ending` is added to names in `--out-dir`, `joined` tells if results can follow each other on stdout.
    pub(super) fn open(self, inputs: &mut Inputs, ending: &'static str, joined: bool) -> Result<Target> {
        let stdin = inputs.sources.iter().any(|source| source.path().is_none());
        if self.in_place {
            if !ending.is_empty() {
                bail!("--in-place puts restored text in the place of the input; leave out --format, or name an --out-dir");
            }
            if stdin {
                bail!("standard input has no place to write to; leave out --in-place");
            }
            if self.backup.as_ref().is_some_and(|suffix| suffix.is_empty() || suffix.contains(std::path::is_separator)) {
                bail!("--backup takes an ending for file names, such as `.orig`");
            }
            let mut seen = BTreeSet::new();
            inputs.sources.retain(|source| source.path().and_then(|path| path.canonicalize().ok()).is_none_or(|path| seen.insert(path)));
            return Ok(Target::InPlace(self.backup));
        }
        let Some(folder) = self.out_dir else {
            if inputs.several && !joined {
                bail!("several inputs: name a folder for the results with --out-dir DIR, or restore the files themselves with --in-place");
            }
            not_onto_itself(inputs)?;
            return Ok(Target::Stdout);
        };
        if stdin {
            bail!("standard input has no name to write under; leave out --out-dir");
        }
        if folder.exists() && !folder.is_dir() {
            bail!("{} is a file; --out-dir takes a folder", folder.display());
        }
        let target = Target::Folder(folder, ending);
        let inputs_at = inputs.real_paths();
        let mut outputs: BTreeMap<PathBuf, &str> = BTreeMap::new();
        for source in &inputs.sources {
            let path = target.path(source).unwrap_or_default();
            if path.canonicalize().is_ok_and(|real| inputs_at.contains(&real)) {
                bail!("{} would be written over, and it is an input; name another --out-dir, or use --in-place", path.display());
            }
            if let Some(other) = outputs.insert(path.clone(), &source.id) {
                bail!("{other} and {} would both be written to {}; restore them one after the other", source.id, path.display());
            }
        }
        Ok(target)
    }
}

impl Target {
    /// Makes what must be there before the first result; to be called when nothing can be refused any more.
    pub(super) fn prepare(&self) -> Result<()> {
        match self {
            Self::Folder(folder, _) => {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
            }
            Self::Stdout | Self::InPlace(_) => Ok(()),
        }
    }

    /// The file that the result of this source goes to.
    pub(super) fn path(&self, source: &Source) -> Option<PathBuf> {
        match self {
            Self::Stdout => None,
            Self::Folder(folder, ending) => Some(with_ending(&folder.join(&source.relative), ending)),
            Self::InPlace(_) => source.path().map(Path::to_owned),
        }
    }

    /// Writes one result; `before` is what was read.
    pub(super) fn put(&self, source: &Source, before: &[u8], result: &[u8]) -> Result<(), PutError> {
        let path = self.path(source);
        match (self, &path) {
            (Self::InPlace(backup), Some(path)) => {
                if before != result {
                    if let Some(suffix) = backup {
                        keep(before, path, suffix)?;
                    }
                    replace(path, result)?;
                }
            }
            (Self::Folder(..), Some(path)) => {
                let mut file = AtomicFile::create(path)?;
                file.write_all(result).map_err(|source| WriteError { path: path.clone(), source })?;
                file.commit()?;
            }
            _ => {
                let mut out = io::stdout().lock();
                out.write_all(result).and_then(|()| out.flush()).map_err(PutError::Stdout)?;
            }
        }
        Ok(())
    }
}

/// A result that cannot be written.
#[derive(Debug)]
pub(super) enum PutError {
    /// No result can be: ends the run.
    Stdout(io::Error),
    /// Only this one.
    File(WriteError),
}

impl From<WriteError> for PutError {
    fn from(error: WriteError) -> Self {
        Self::File(error)
    }
}

fn keep(before: &[u8], path: &Path, suffix: &str) -> Result<(), WriteError> {
    let copy = with_ending(path, suffix);
    match std::fs::read(&copy) {
        Ok(there) if there == before => Ok(()),
        Ok(_) => {
            let source = io::Error::new(io::ErrorKind::AlreadyExists, "a backup is there already; move it or choose another --backup");
            Err(WriteError { path: copy, source })
        }
        Err(_) => {
            replace(&copy, before)?;
            let mode = std::fs::metadata(path).and_then(|found| std::fs::set_permissions(&copy, found.permissions()));
            mode.map_err(|source| WriteError { path: copy, source })
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// `unspin restore a.txt >> a.txt` would read what it writes.
#[cfg(unix)]
fn not_onto_itself(inputs: &Inputs) -> Result<()> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;
    let Ok(stdout) = io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from).and_then(|file| file.metadata()) else {
        return Ok(());
    };
    for path in inputs.sources.iter().filter_map(Source::path) {
        let same = |found: std::fs::Metadata| (found.dev(), found.ino()) == (stdout.dev(), stdout.ino());
        if stdout.is_file() && std::fs::metadata(path).is_ok_and(same) {
            bail!("{} is both input and output; use --in-place", path.display());
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn not_onto_itself(_: &Inputs) -> Result<()> {
    Ok(())
}
