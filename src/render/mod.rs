//! Views of a restoration: text, diff, JSON, edit log, verdict, explanation, page.
//!
//! In: a restoration and its document. Out: bytes on any writer. All of them are views of one plan: none decides anything. Numbers
//! are rounded here, so that another machine's last digit makes no other bytes.

mod detection;
mod diff;
mod edits;
mod explain;
mod gain;
mod html;
mod json;
mod text;
mod view;

use std::borrow::Cow;
use std::io::{self, Write};

use crate::read::Document;
use crate::restore::Restoration;

pub use detection::{Detection, DetectionJson};
pub use diff::Diff;
pub use edits::{EditLog, RecordPlace};
pub(crate) use explain::reason;
pub use explain::{Explanation, explain_word};
pub use html::Page;
pub use json::Json;
pub use text::Text;
pub(crate) use view::rounded;

/// A way to show a restoration.
pub trait Render {
    /// Writes one restored document.
    ///
    /// # Errors
    /// Those of the writer; and if the restoration is not that of the document.
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()>;
}

/// The text before and after.
fn both<'d>(restoration: &Restoration, document: &'d Document) -> io::Result<(&'d str, Cow<'d, str>)> {
    let before = document.text().map_err(io::Error::other)?;
    let after = restoration.plan.apply(before).map_err(io::Error::other)?;
    Ok((before, after))
}

#[cfg(test)]
mod tests;
