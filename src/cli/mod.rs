//! The command line: arguments as typed, then jobs with everything opened, then the run.
//!
//! In: the arguments. Out: results on stdout, messages on stderr, an exit code: 0 done, 1 a check found something, 2 nothing could
//! be done, 3 done but for some records. A closed pipe is success: who reads the results has read enough.

mod accept;
mod attributes;
mod check;
mod completions;
mod config;
mod deliver;
mod detect;
mod eval;
mod explain;
mod inputs;
mod learn;
mod licenses;
mod lm;
mod man;
mod message;
mod models;
mod neural;
mod output;
mod profile;
mod progress;
mod reading;
mod report;
mod restore;
mod resume;
mod review;
mod snapshots;
mod sparing;
mod summary;
mod tally;
#[cfg(feature = "build")]
mod thesaurus;
mod undo;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Spots articles garbled by word-swapping spinners and restores the original words.
#[derive(Parser, Debug)]
#[command(
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "\
Exit codes: 0 done; 1 a check found something; 2 nothing could be done (usage, input, output);
3 done, but some records failed (each is named on stderr)."
)]
struct Args {
    /// Print the licences of the data in this program
    #[arg(long, exclusive = true)]
    licenses: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Restore garbled texts; what is not garbled stays as it is, byte for byte.
    Restore(Box<restore::Args>),
    /// Tell which texts are garbled.
    Detect(detect::Args),
    /// Tell what stands behind a word, or why each edit of a file is made.
    Explain(explain::Args),
    /// Compare the repairs of a folder with the stored ones.
    Check(check::Args),
    /// Accept the repairs that `check` found to differ.
    Accept(accept::Args),
    /// Put the inputs of a run back, from its edit log.
    Undo(undo::Args),
    /// Measure how well garbled texts are restored, against their originals.
    Eval(eval::Args),
    /// Learn a spinner from its articles, best with some of their originals.
    Learn(learn::Args),
    /// Inspect and merge cipher profiles: what is known of a spinner.
    #[command(subcommand)]
    Profile(profile::Args),
    /// Build and inspect language models.
    #[command(subcommand)]
    Lm(lm::Args),
    /// Build the thesaurus.
    #[cfg(feature = "build")]
    #[command(subcommand)]
    Thesaurus(thesaurus::Args),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Print the manual page, in the format of man.
    Man(man::Args),
}

/// Runs the program and tells its exit code.
pub(crate) fn main() -> ExitCode {
    let program = Args::command();
    let matches = match config::matches(&program, std::env::args_os().collect()) {
        Ok(matches) => matches,
        Err(error) => {
            message::error(&error);
            return ExitCode::from(2);
        }
    };
    let Args { licenses: _, command } = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let done = match command {
        _ if config::is_asked_for(&matches) => config::print(&program, &matches),
        Some(Command::Restore(args)) => restore::run(*args),
        Some(Command::Detect(args)) => detect::run(args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Check(args)) => check::run(args),
        Some(Command::Accept(args)) => accept::run(&args),
        Some(Command::Undo(args)) => undo::run(&args),
        Some(Command::Eval(args)) => eval::run(args),
        Some(Command::Learn(args)) => learn::run(&args),
        Some(Command::Profile(args)) => profile::run(&args),
        Some(Command::Lm(args)) => lm::run(&args),
        #[cfg(feature = "build")]
        Some(Command::Thesaurus(args)) => thesaurus::run(args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man(args)) => man::run(&args),
        // clap asks for one or the other
        None => licenses::run(),
    };
    match done {
        Ok(code) => code,
        Err(error) if closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            message::error(&error);
            ExitCode::from(2)
        }
    }
}

fn closed_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        <Args as clap::CommandFactory>::command().debug_assert();
    }
}
