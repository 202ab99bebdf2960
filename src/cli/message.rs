//! Messages for a person, on stderr.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use unspin::text::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// What ended the run.
pub(super) fn error(error: &anyhow::Error) {
    anstream::eprintln!("{ERROR}unspin:{ERROR:#} {}", told(error));
}

/// An error with the chain of its causes; a cause that the error before it has told already is not told again.
pub(super) fn told(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if parts.last().is_none_or(|last| !last.ends_with(&cause)) {
            parts.push(cause);
        }
    }
    parts.join(": ")
}

/// What went wrong with one record; the run goes on.
pub(super) fn failed(record: &str, message: impl Display) {
    let (record, message) = (visible(record), message.to_string());
    anstream::eprintln!("{NOTE}unspin:{NOTE:#} {record}: {}", visible(&message));
}

/// Something done.
pub(super) fn done(message: impl Display) {
    anstream::eprintln!("{message}");
}

/// What a run has done.
pub(super) fn told_summary(text: &str) {
    anstream::eprintln!("{text}");
}
