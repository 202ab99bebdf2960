//! The command line: arguments as typed, then jobs with everything opened, then the run.

mod lm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Spots articles garbled by word-swapping spinners and restores the original words.
#[derive(Parser, Debug)]
#[command(version, about, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Build and inspect language models.
    #[command(subcommand)]
    Lm(lm::Args),
}

/// Runs the program and tells its exit code.
pub(crate) fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Lm(args) => lm::run(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("unspin: {error:#}");
            ExitCode::from(2)
        }
    }
}
