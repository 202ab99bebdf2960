//! `unspin undo`: restored files back to what they were before a run.
//!
//! In: the edit log of the run, and restored files or folders. Out: the inputs, in the place of the restored files, compressed as these
//! are. A file that is not what the run left, in one record even, is refused and stays as it is; each file is replaced in one step.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use unspin::read::{Document, Encoding, Kind, Limits, Opened, ReadError, Records, Shape, Source, articles};
use unspin::undo::{Log, MatchError, Stream, UndoError};
use unspin::write::{AtomicFile, Encoder};

use super::message;
use super::tally::Tally;

/// Documents of a log that a message names.
const NAMED: usize = 3;
/// A record of the result may be larger than the run that made it allowed for its input.
const LIMITS: Limits = Limits { record: 1 << 30, total: u64::MAX, ratio: u64::MAX };

/// Arguments of `unspin undo`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
A file is matched to a document of the log by the end of its path, and its fingerprint must be the one that the run left: a file that has \
changed since, in one record even, is refused. In a folder, files that the log does not name are left alone. Tables cannot be put back.")]
pub(super) struct Args {
    /// The log that `restore --edits` wrote
    #[arg(long, value_name = "FILE")]
    edits: PathBuf,
    /// How the characters of the files are written, as it was said in the run
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
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
            match put_back(&source, args.encoding, &log) {
                Ok(Done::Restored) => tally.done += 1,
                Ok(Done::NothingToDo) => same += 1,
                Ok(Done::NotInLog) if !named => unknown += 1,
                Ok(Done::NotInLog) => tally.lose(&source.id, format_args!("the log has no edits of it; it has {}", some(&log))),
                Err(error) => tally.lose(&source.id, message::told(&error)),
            }
        }
    }
    if tally.done + same + tally.lost == 0 {
        bail!("none of these files is in the log, which has {}", some(&log));
    }
    let files = |number: usize| if number == 1 { "1 file".to_owned() } else { format!("{number} files") };
    let mut told = vec![format!("{} put back", files(tally.done))];
    // of a folder, all that the log has should be there
    let absent = match args.paths.iter().any(|path| path.is_dir()) {
        true => log.documents().count().saturating_sub(tally.done + same + tally.lost),
        false => 0,
    };
    let others = [(same, "as before the run"), (unknown, "not in the log"), (tally.lost, "refused"), (absent, "of the log not found here")];
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

fn put_back(source: &Source, encoding: Encoding, log: &Log) -> Result<Done> {
    let relative = source.relative_name();
    let opened = source.open(None, LIMITS, &Arc::default())?;
    match log.stream_of(&source.id, &relative, !opened.kind.is_document()) {
        Ok(stream) => return records(source, stream),
        Err(MatchError::None) => {}
        Err(error) => return Err(error.into()),
    }
    let Opened { codec, mut reader, stamp, .. } = opened;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(ReadError::from)?;
    let document = Document::encoded(&source.id, bytes, encoding);
    let Ok(text) = document.text() else { return Ok(Done::NotInLog) };
    let change = match log.of(&source.id, &relative, text) {
        Ok(change) => change,
        Err(MatchError::None) => return Ok(Done::NotInLog),
        Err(error) => return Err(error.into()),
    };
    let input = match change.undo(text) {
        Ok(input) => document.written(&input).context("the log has characters that the encoding does not")?,
        Err(UndoError::Done) => return Ok(Done::NothingToDo),
        Err(error) => return Err(error.into()),
    };
    let mut out = Encoder::new(codec, AtomicFile::create(source.path().ok_or(ReadError::Missing)?)?, false);
    out.write_all(&input)?;
    out.finish()?.commit_onto(stamp.ok_or(ReadError::Missing)?)?;
    Ok(Done::Restored)
}

/// Puts the records of a stream back: all, or none.
fn records(source: &Source, stream: &Stream) -> Result<Done> {
    let kind = stream.kind()?;
    let Opened { codec, reader, stamp, .. } = source.open(Some(kind), LIMITS, &Arc::default())?;
    let mut out = Encoder::new(codec, AtomicFile::create(source.path().ok_or(ReadError::Missing)?)?, false);
    let mut records = Records::new(reader, kind, LIMITS, 0);
    let (mut last, mut changed) = (0, false);
    while let Some(raw) = records.next_raw().map_err(ReadError::from)? {
        // a frame for each record, as web archives have it
        if kind == Kind::Warc && raw.number != last {
            out.end_frame()?;
        }
        last = raw.number;
        let before = match raw.shape {
            Shape::Record => stream.undo(raw.number, &raw.bytes).with_context(|| format!("record {last}"))?,
            _ => None,
        };
        changed |= before.is_some();
        out.write_all(before.as_deref().unwrap_or(&raw.bytes))?;
    }
    stream.ends_after(last)?;
    if !changed {
        return Ok(Done::NothingToDo);
    }
    out.finish()?.commit_onto(stamp.ok_or(ReadError::Missing)?)?;
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
