//! What must stay as it is, as typed: words, patterns.
//!
//! In: options. Out: what the library takes, and how a stored repair or a mark tells of it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use unspin::batch::Spare;
use unspin::text::sha256;

/// What must stay as it is, as typed.
#[derive(clap::Args, Debug, Clone)]
#[group(skip)]
pub(super) struct Args {
    /// Words and phrases that must stay as they are, one a line
    #[arg(long, value_name = "FILE")]
    protect: Option<PathBuf>,
    /// What matches this regular expression stays as it is [may be given several times]
    #[arg(long, value_name = "REGEX")]
    protect_pattern: Vec<String>,
}

impl Args {
    /// As the library takes it.
    pub(super) fn open(&self) -> Result<Spare> {
        Spare::new(&self.list()?, &self.protect_pattern).context("--protect-pattern")
    }

    /// What of it decides about the result, in words; empty if nothing is asked for.
    pub(super) fn told(&self) -> Result<String> {
        let mut told = Vec::new();
        if self.protect.is_some() {
            told.push(format!("protect sha256:{}", sha256(self.list()?.as_bytes())));
        }
        told.extend(self.protect_pattern.iter().map(|pattern| format!("protect-pattern {pattern:?}")));
        Ok(told.join(", "))
    }

    /// The allow-list.
    fn list(&self) -> Result<String> {
        let read = |path: &PathBuf| std::fs::read_to_string(path).with_context(|| format!("cannot read the words of {}", path.display()));
        Ok(self.protect.as_ref().map(read).transpose()?.unwrap_or_default())
    }
}
