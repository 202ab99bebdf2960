//! `unspin undo`: restored files back to what they were before a run.
//!
//! In: the edit log of the run, and restored files or folders. Out: the inputs, in the place of the restored files. A file that is not
//! what the run left is refused and stays as it is; each file is replaced in one step.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use unspin::read::{ReadError, Source, articles};
use unspin::undo::{Log, MatchError, UndoError};
use unspin::write::replace;

use super::message;
use super::tally::Tally;

/// Documents of a log that a message names.
const NAMED: usize = 3;

/// Arguments of `unspin undo`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A file is matched to a document of the log by the end of its path, and its fingerprint must be the one that the run left: a file that has \
changed since is refused. In a folder, files that the log does not name are left alone.")]
pub(super) struct Args {
    /// The log that `restore --edits` wrote
    #[arg(long, value_name = "FILE")]
    edits: PathBuf,
    /// The restored files, or folders of them
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

/// What became of one file.
enum Done {
    Restored,
    NothingToDo,
    NotInLog,
}

/// Runs `unspin undo`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let name = args.edits.display();
    let text = std::fs::read_to_string(&args.edits).with_context(|| format!("cannot read the edit log {name}"))?;
    let log: Log = text.parse().map_err(|error: unspin::undo::LogError| anyhow::anyhow!("{name}:{}: {}", error.line, error.message))?;
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input has no place to write to; name the file");
    }
    let mut tally = Tally::default();
    let (mut unknown, mut same) = (0, 0);
    for path in &args.paths {
        let (sources, named) = if path.is_dir() { (below(path, &mut tally), false) } else { (vec![Source::file(path)], true) };
        for source in sources {
            match put_back(&source, &log) {
                Ok(Done::Restored) => tally.done += 1,
                Ok(Done::NothingToDo) => same += 1,
                Ok(Done::NotInLog) if !named => unknown += 1,
                Ok(Done::NotInLog) => tally.lose(&source.id, format_args!("the log has no edits of it; it has {}", some(&log))),
                Err(error) => tally.lose(&source.id, format_args!("{error:#}")),
            }
        }
    }
    if tally.done + same + tally.lost == 0 {
        bail!("none of these files is in the log, which has {}", some(&log));
    }
    let files = |number: usize| if number == 1 { "1 file".to_owned() } else { format!("{number} files") };
    let mut told = vec![format!("{} put back", files(tally.done))];
    let others = [(same, "as before the run"), (unknown, "not in the log"), (tally.lost, "refused")];
    told.extend(others.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")));
    message::done(told.join(", "));
    tally.done += same;
    Ok(tally.code())
}

fn below(folder: &Path, tally: &mut Tally) -> Vec<Source> {
    match articles(folder, None) {
        Ok(found) => {
            found.problems.iter().for_each(|(name, error)| tally.lose(name, error));
            found.sources
        }
        Err(error) => {
            tally.lose(&folder.display().to_string(), error);
            Vec::new()
        }
    }
}

fn put_back(source: &Source, log: &Log) -> Result<Done> {
    let document = source.read()?;
    let path = source.path().ok_or(ReadError::Missing)?;
    let Ok(text) = document.text() else { return Ok(Done::NotInLog) };
    let change = match log.of(&source.id, &source.relative.to_string_lossy(), text) {
        Ok(change) => change,
        Err(MatchError::None) => return Ok(Done::NotInLog),
        Err(error) => return Err(error.into()),
    };
    match change.undo(text) {
        Ok(input) => replace(path, input.as_bytes())?,
        Err(UndoError::Done) => return Ok(Done::NothingToDo),
        Err(error) => return Err(error.into()),
    }
    Ok(Done::Restored)
}

/// The first documents of a log, for a message.
fn some(log: &Log) -> String {
    let mut names: Vec<&str> = log.documents().collect();
    let all = names.len();
    names.truncate(NAMED);
    match all {
        0 => "no edits at all".to_owned(),
        _ if all > NAMED => format!("{} and {} more", names.join(", "), all - NAMED),
        _ => names.join(", "),
    }
}
