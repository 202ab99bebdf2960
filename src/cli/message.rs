//! Messages for a person, on stderr.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// What ended the run.
pub(super) fn error(error: &anyhow::Error) {
    anstream::eprintln!("{ERROR}unspin:{ERROR:#} {error:#}");
}

/// What went wrong with one record; the run goes on.
pub(super) fn failed(record: &str, message: impl Display) {
    anstream::eprintln!("{NOTE}unspin:{NOTE:#} {record}: {message}");
}

/// Something done.
pub(super) fn done(message: impl Display) {
    anstream::eprintln!("{message}");
}
