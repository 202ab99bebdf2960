//! The counts of a run: as text for a person, as JSON for a program, as the exit code.
//!
//! In: counts, the time that the run took. Out: those three.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use unspin::batch::{Counts, Summary};
use unspin::write::replace;

#[derive(Serialize)]
struct Timed<'s> {
    #[serde(flatten)]
    summary: &'s Summary,
    seconds: f64,
    bytes_per_second: f64,
}

/// Writes the counts as JSON.
pub(super) fn write(path: &Path, summary: &Summary, took: Duration) -> Result<()> {
    let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
    let mut json = serde_json::to_vec_pretty(&Timed { summary, seconds, bytes_per_second: rate(&summary.counts, took).round() })?;
    json.push(b'\n');
    Ok(replace(path, &json)?)
}

/// The counts for a person.
pub(super) fn text(summary: &Summary, took: Duration) -> String {
    let Counts { documents, spun, unsure, changed, words, edits, undecided, bytes_in, failed, lost, .. } = summary.counts;
    let mut out = format!(
        "{documents} documents: {spun} spun, {unsure} unsure, {changed} changed\n\
         {words} words: {edits} edits, {undecided} places left open\n\
         {:.1} MB in {:.1} s, {:.2} MB/s",
        megabytes(bytes_in),
        took.as_secs_f64(),
        rate(&summary.counts, took) / 1e6,
    );
    if failed + lost > 0 {
        out.push_str(&format!("\n{failed} passed unchanged because something was wrong with them, {lost} inputs lost"));
    }
    out
}

/// The exit code of the run.
pub(super) fn code(counts: &Counts, fail_on_change: bool) -> ExitCode {
    ExitCode::from(match counts {
        Counts { documents: 0, failed: 0, lost: 1.., .. } => 2,
        Counts { failed: 1.., .. } | Counts { lost: 1.., .. } => 3,
        Counts { changed: 1.., .. } if fail_on_change => 1,
        _ => 0,
    })
}

fn rate(counts: &Counts, took: Duration) -> f64 {
    megabytes(counts.bytes_in) * 1e6 / took.as_secs_f64().max(1e-3)
}

fn megabytes(bytes: u64) -> f64 {
    // whole kilobytes are exact enough, and fit
    f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1000.0
}
