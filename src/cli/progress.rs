//! How far the run is: a bar with rate and remaining time on a terminal, nothing elsewhere.
//!
//! In: bytes that were read of the inputs. Out: a bar on stderr, out of the way while a message is written.

use std::io::{IsTerminal, stderr, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use unspin::read::Source;

const BAR: &str = "{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
const COUNT: &str = "{spinner} {bytes}  {bytes_per_sec}";

/// A bar, if anybody watches.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    position: Arc<AtomicU64>,
}

impl Progress {
    /// Begins; `to_stdout` says that results go there.
    pub(super) fn new(sources: &[Source], to_stdout: bool, position: &Arc<AtomicU64>) -> Self {
        let watched = stderr().is_terminal() && !(to_stdout && stdout().is_terminal());
        let sizes = sources.iter().map(|source| source.path().and_then(|path| std::fs::metadata(path).ok()).map(|found| found.len()));
        let total: Option<u64> = sizes.sum();
        let bar = watched.then(|| {
            let (bar, style) = total.map_or_else(|| (ProgressBar::no_length(), COUNT), |total| (ProgressBar::new(total), BAR));
            bar.with_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, position: Arc::clone(position) }
    }

    /// Whether anybody watches.
    pub(super) fn is_watched(&self) -> bool {
        self.bar.is_some()
    }

    /// Shows how far it is.
    pub(super) fn tick(&self) {
        if let Some(bar) = &self.bar {
            bar.set_position(self.position.load(Ordering::Relaxed));
        }
    }

    /// Writes a message while the bar is out of the way.
    pub(super) fn aside(&self, message: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(message),
            None => message(),
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
