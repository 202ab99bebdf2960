//! `unspin man`: the manual page of the program, or of one of its commands.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::CommandFactory;

/// Arguments of `unspin man`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The command; the program itself if none is given
    command: Option<String>,
}

/// Runs `unspin man`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let mut program = super::Args::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
                bail!("no command `{name}`; there are: {}", names.join(", "));
            }
        },
    };
    let mut out = Vec::new();
    clap_mangen::Man::new(page).render(&mut out).context("cannot make the page")?;
    io::stdout().lock().write_all(&out).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}
