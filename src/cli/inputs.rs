//! The inputs that a command is given, as typed and opened.
//!
//! In: paths, `-`, or nothing. Out: sources in the order given, folders unfolded, and what was not found. One missing file among
//! several is no reason to stop; if nothing is left, there is nothing to do.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use unspin::batch::Part;
use unspin::read::{Kind, ReadError, Source, Walk, articles_by};

/// Where texts come from, as typed.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(super) struct Args {
    /// Files; folders, of which all files of a known kind are read (.txt, .text, .md, .html, .htm, .jsonl, .warc, .wet, also with .gz, .zst
    /// or .bz2); or - for standard input, which is also read if no path is given.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Of folders, read only files that match; with a `!` before it, leave them out [may be given several times]
    #[arg(long, value_name = "GLOB")]
    glob: Vec<String>,
    /// In folders, honour .gitignore and .ignore files (.unspinignore files always count)
    #[arg(long)]
    ignore_files: bool,
    /// Enter linked folders
    #[arg(long)]
    follow: bool,
    /// Of all inputs take only every N-th, beginning with the I-th, or of a single stream only every N-th record (of a table, every N-th
    /// batch of rows): for runs on several machines
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Part>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = threads)]
    jobs: Option<NonZeroUsize>,
}

/// Where texts come from, looked up.
#[derive(Debug)]
pub(super) struct Inputs {
    /// In the order given, folders sorted.
    pub(super) sources: Vec<Source>,
    /// What was not found.
    pub(super) problems: Vec<(String, ReadError)>,
    /// Whether a folder or more than one path was given.
    pub(super) several: bool,
    /// Threads.
    pub(super) jobs: NonZeroUsize,
    /// Which records are wanted.
    pub(super) part: Option<Part>,
}

impl Args {
    /// Which part of the inputs is wanted, as typed.
    pub(super) fn shard(&self) -> Option<Part> {
        self.shard
    }

    /// Looks the inputs up; what lies below `skip` is no input.
    pub(super) fn open(self, skip: Option<&Path>) -> Result<Inputs> {
        let jobs = self.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        if self.paths.is_empty() && std::io::stdin().is_terminal() {
            bail!("nothing to read: name files or folders, or pipe a text in");
        }
        let paths = if self.paths.is_empty() { vec![PathBuf::from("-")] } else { self.paths };
        if paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            bail!("standard input (`-`) can be read only once");
        }
        let several = paths.len() > 1 || paths.iter().any(|path| path.is_dir());
        let mut inputs = Inputs { sources: Vec::new(), problems: Vec::new(), several, jobs, part: None };
        let walk = Walk { globs: self.glob, ignore_files: self.ignore_files, follow_links: self.follow };
        for path in &paths {
            if let Err(error) = inputs.add(path, skip, &walk) {
                inputs.problems.push((path.display().to_string(), error));
            }
        }
        if inputs.sources.is_empty()
            && inputs.problems.len() == 1
            && let Some((name, error)) = inputs.problems.pop()
        {
            return Err(anyhow::Error::new(error).context(name));
        }
        let Some(part) = self.shard else { return Ok(inputs) };
        let is_stream = |source: &Source| source.path().and_then(Kind::of_name).is_none_or(|kind| !kind.is_document());
        if !several && inputs.sources.iter().all(is_stream) {
            inputs.part = Some(part);
        } else {
            let mut number = 0;
            inputs.sources.retain(|_| {
                number += 1;
                number % part.of == part.this % part.of
            });
        }
        Ok(inputs)
    }
}

impl Inputs {
    fn add(&mut self, path: &Path, skip: Option<&Path>, walk: &Walk) -> Result<(), ReadError> {
        if path.as_os_str() == "-" {
            self.sources.push(Source::stdin());
            return Ok(());
        }
        match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                let found = articles_by(path, skip, walk)?;
                self.sources.extend(found.sources);
                self.problems.extend(found.problems);
            }
            Ok(_) => self.sources.push(Source::file(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(ReadError::Missing),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The real paths of all inputs.
    pub(super) fn real_paths(&self) -> BTreeSet<PathBuf> {
        self.sources.iter().filter_map(|source| source.path()?.canonicalize().ok()).collect()
    }
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "give a number of threads, 1 or more".to_owned())
}

fn shard(text: &str) -> Result<Part, String> {
    let numbers = text.split_once('/').and_then(|(this, of)| Some((this.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((this, of)) if 1 <= this && this <= of => Ok(Part { this, of }),
        _ => Err("give which part of how many, such as 1/4".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!(shard("2/3"), Ok(Part { this: 2, of: 3 }));
        assert!(["0/3", "4/3", "1", "a/b", "1/0"].iter().all(|text| shard(text).is_err()));
    }
}
