//! `unspin thesaurus`: build the thesaurus from WordNet and inflection tables.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use unspin::build::thesaurus::{ThesaurusSources, build_thesaurus};
use unspin::write::replace;

use super::message;

/// Arguments of `unspin thesaurus`.
#[derive(Subcommand, Debug)]
pub(super) enum Args {
    /// Compile WordNet and lemminflect's tables (plain or gzip) into a thesaurus file.
    Build {
        /// Folder with WordNet's index.* and data.* files.
        #[arg(long, value_name = "DIR")]
        wordnet: PathBuf,
        /// lemminflect's infl_lu.csv.
        #[arg(long, value_name = "FILE")]
        inflections: PathBuf,
        /// lemminflect's lemma_lu.csv.
        #[arg(long, value_name = "FILE")]
        lemmas: PathBuf,
        /// Where the thesaurus is written.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
}

/// Runs `unspin thesaurus`.
pub(super) fn run(args: Args) -> Result<ExitCode> {
    let Args::Build { wordnet, inflections, lemmas, output } = args;
    let bytes = build_thesaurus(&ThesaurusSources { wordnet, inflections, lemmas })?;
    replace(&output, &bytes)?;
    message::done(format_args!("wrote {}: {} bytes", output.display(), bytes.len()));
    Ok(ExitCode::SUCCESS)
}
