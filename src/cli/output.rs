//! Where `restore` puts its results, as typed and opened.
//!
//! In: `--out-dir`, `--output`, `--in-place`, or none of them. Out: a target that names a file for each result. Everything that would lose data is
//! refused before anything is written: an output that is an input, two inputs with one output, a backup that exists.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use unspin::read::{Codec, Source};
use unspin::write::{WriteError, replace};

use super::inputs::Inputs;

/// Where results go, as typed.
#[derive(clap::Args, Debug, Default)]
#[group(skip)]
pub(super) struct Args {
    /// Write each result to a file in this folder, under the path that its input has below the folder that was given
    #[arg(long, value_name = "DIR", conflicts_with = "in_place")]
    pub(super) out_dir: Option<PathBuf>,
    /// Write the result of the one input to this file; its ending (.gz, .zst, .bz2) tells the compression
    #[arg(long, short, value_name = "FILE", conflicts_with_all = ["in_place", "out_dir"])]
    output: Option<PathBuf>,
    /// Put each restored text in the place of its input; what does not change is not touched
    #[arg(long)]
    pub(super) in_place: bool,
    /// Keep the input of --in-place as a file with this ending
    #[arg(long, value_name = "SUFFIX", requires = "in_place")]
    backup: Option<String>,
    /// Compress results; otherwise files are compressed as their input is, and standard output is not
    #[arg(long, value_enum, value_name = "CODEC", conflicts_with = "in_place")]
    compress: Option<Compression>,
    /// Write no texts, but a line of attributes for each record, with spans, as dolma has it: for documents/FILE to attributes/NAME/FILE
    #[arg(long, value_name = "NAME", conflicts_with_all = ["in_place", "output", "compress"])]
    pub(super) attributes: Option<String>,
    /// Do everything but write
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// How results are compressed, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Compression {
    /// Not at all
    None,
    /// gzip
    Gzip,
    /// Zstandard
    Zstd,
    /// bzip2
    Bzip2,
}

/// Where results go.
#[derive(Debug)]
pub(super) enum Target {
    /// One after the other to stdout.
    Stdout,
    /// One after the other to a file.
    File(PathBuf),
    /// A file each, under the given ending.
    Folder(PathBuf, &'static str, Option<Codec>),
    /// In place of the input, with a copy of the input under the given ending.
    InPlace(Option<String>),
    /// A file of attributes each, under this name.
    Attributes(Option<PathBuf>, String),
    /// Nowhere.
    Nowhere,
}

impl Args {
    /// The compression that was asked for.
    pub(super) fn codec(&self) -> Option<Codec> {
        let named = self.output.as_deref().map(Codec::of_name);
        self.compress.map(Compression::codec).or(named)
    }

    /// Chooses the target; `ending` is added to names in `--out-dir`, `joined` tells if results can follow each other on stdout.
    pub(super) fn open(self, inputs: &mut Inputs, ending: &'static str, joined: bool) -> Result<Target> {
        let stdin = inputs.sources.iter().any(|source| source.path().is_none());
        let codec = self.codec();
        if self.dry_run {
            return Ok(Target::Nowhere);
        }
        if let Some(name) = self.attributes {
            if stdin {
                bail!("--attributes describes files, such as documents/a.jsonl; standard input has no name to go by");
            }
            if matches!(name.as_str(), "" | "." | "..") || name.contains(std::path::is_separator) {
                bail!("--attributes takes a name that can be a folder, such as `unspin`; `{name}` cannot");
            }
            let lost = |source: &&Source| self.out_dir.is_none() && source.path().is_some_and(|path| split_documents(path).is_none());
            if let Some(source) = inputs.sources.iter().find(lost) {
                bail!("{} is not below a folder `documents`; name a folder for the attributes with --out-dir", source.id);
            }
            return each_its_own(Target::Attributes(self.out_dir, name), inputs);
        }
        if self.in_place {
            if !ending.is_empty() {
                bail!("--in-place puts restored text in the place of the input; leave out --format, or name an --out-dir");
            }
            if stdin {
                bail!("standard input has no place to write to; leave out --in-place");
            }
            if inputs.part.is_some() {
                bail!("--shard takes part of the records, and --in-place would lose the others; name a file with --output");
            }
            if self.backup.as_ref().is_some_and(|suffix| suffix.is_empty() || suffix.contains(std::path::is_separator)) {
                bail!("--backup takes an ending for file names, such as `.orig`");
            }
            let mut seen = BTreeSet::new();
            inputs.sources.retain(|source| source.path().and_then(|path| path.canonicalize().ok()).is_none_or(|path| seen.insert(path)));
            return Ok(Target::InPlace(self.backup));
        }
        if let Some(path) = self.output {
            if inputs.several {
                bail!("--output takes the result of one input; for several name a folder with --out-dir");
            }
            return each_its_own(Target::File(path), inputs);
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
        each_its_own(Target::Folder(folder, ending, codec), inputs)
    }
}

impl Compression {
    fn codec(self) -> Codec {
        match self {
            Self::None => Codec::Plain,
            Self::Gzip => Codec::Gzip,
            Self::Zstd => Codec::Zstd,
            Self::Bzip2 => Codec::Bzip2,
        }
    }
}

/// Refuses outputs that are inputs, or one output for two inputs.
fn each_its_own(target: Target, inputs: &Inputs) -> Result<Target> {
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

/// What stands before and behind the last folder `documents` of a path.
fn split_documents(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let at = parts.iter().rposition(|part| part.as_os_str() == "documents").filter(|at| at + 1 < parts.len())?;
    Some((parts[..at].iter().collect(), parts[at + 1..].iter().collect()))
}

impl Target {
    /// Makes what must be there before the first result; to be called when nothing can be refused any more.
    pub(super) fn prepare(&self) -> Result<()> {
        match self {
            Self::Folder(folder, ..) => {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
            }
            _ => Ok(()),
        }
    }

    /// The file that the result of this source goes to.
    pub(super) fn path(&self, source: &Source) -> Option<PathBuf> {
        match self {
            Self::Stdout | Self::Nowhere => None,
            Self::File(path) => Some(path.clone()),
            Self::Folder(folder, ending, codec) => {
                let mut path = folder.join(&source.relative);
                if let Some(codec) = codec {
                    if Codec::of_name(&path) != Codec::Plain {
                        path.set_extension("");
                    }
                    path = with_ending(&path, codec.ending());
                }
                Some(with_ending(&path, ending))
            }
            Self::InPlace(_) => source.path().map(Path::to_owned),
            Self::Attributes(root, name) => {
                let (before, behind) = split_documents(source.path()?).unwrap_or((PathBuf::new(), source.relative.clone()));
                Some(root.clone().unwrap_or(before).join("attributes").join(name).join(behind))
            }
        }
    }

    /// Where the marks of a run with `--resume` are kept.
    pub(super) fn journal(&self, inputs: &Inputs) -> Result<PathBuf> {
        let beside = |path: &Path| path.parent().map(|folder| folder.join(".unspin-resume")).unwrap_or_default();
        match self {
            Self::Folder(folder, ..) | Self::Attributes(Some(folder), _) => Ok(folder.join(".unspin-resume")),
            Self::File(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                Ok(path.with_file_name(format!(".{name}.unspin-resume")))
            }
            Self::InPlace(_) | Self::Attributes(None, _) => {
                inputs.sources.first().and_then(Source::path).map(beside).context("--resume: there is no input")
            }
            Self::Stdout | Self::Nowhere => {
                bail!("--resume goes on with files; name a place for the results with --out-dir or --output, or use --in-place")
            }
        }
    }
}

/// Keeps the file at `path` under another ending.
pub(super) fn keep(path: &Path, suffix: &str) -> Result<(), WriteError> {
    let copy = with_ending(path, suffix);
    let fail = |source| WriteError { path: copy.clone(), source };
    // the file itself becomes the backup, for a new one takes its place
    match std::fs::hard_link(path, &copy) {
        Ok(()) => Ok(()),
        Err(_) if copy.exists() => match same(path, &copy) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(fail(io::Error::new(io::ErrorKind::AlreadyExists, "a backup is there already; move it or choose another --backup")))
            }
            Err(error) => Err(fail(error)),
        },
        Err(_) => {
            let before = std::fs::read(path).map_err(fail)?;
            replace(&copy, &before)?;
            std::fs::metadata(path).and_then(|found| std::fs::set_permissions(&copy, found.permissions())).map_err(fail)
        }
    }
}

/// Whether two files have the same bytes.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    loop {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        (&mut one).take(1 << 16).read_to_end(&mut left)?;
        (&mut other).take(1 << 16).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
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
