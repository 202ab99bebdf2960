//! `unspin completions`: a completion script for a shell.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

/// Arguments of `unspin completions`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

/// Runs `unspin completions`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "unspin", &mut script);
    io::stdout().lock().write_all(&script).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}
