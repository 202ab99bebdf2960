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
        "{}: {spun} spun, {unsure} unsure, {changed} changed\n\
         {words} words: {edits} edits, {undecided} places left open\n\
         {} in {:.1} s, {}/s",
        if documents == 1 { "1 document".to_owned() } else { format!("{documents} documents") },
        amount(number(bytes_in)),
        took.as_secs_f64(),
        amount(rate(&summary.counts, took)),
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
    number(counts.bytes_in) / took.as_secs_f64().max(1e-3)
}

/// Bytes in a unit that suits them.
fn amount(bytes: f64) -> String {
    match bytes {
        0.0..1e3 => format!("{bytes:.0} bytes"),
        1e3..1e6 => format!("{:.1} kB", bytes / 1e3),
        _ => format!("{:.1} MB", bytes / 1e6),
    }
}

fn number(bytes: u64) -> f64 {
    // in two halves, each of which fits
    let half = |part: u64| f64::from(u32::try_from(part & 0xffff_ffff).unwrap_or(u32::MAX));
    half(bytes >> 32) * 4_294_967_296.0 + half(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_unit_that_suits_them() {
        let told = |bytes| amount(number(bytes));
        assert_eq!([told(0), told(999), told(27_150), told(2_500_000)], ["0 bytes", "999 bytes", "27.1 kB", "2.5 MB"]);
        assert_eq!(told(10_000_000_000), "10000.0 MB");
    }
}
