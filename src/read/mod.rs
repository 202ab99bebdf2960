//! Where texts come from: a path or standard input to a [`Document`].
//!
//! In: the places that a user names. Out: sources in a fixed order, each read on demand. What is not text (binary, other
//! encodings) is still a document: its bytes must reach the other end unchanged.

mod document;
mod folder;
mod source;

pub use document::{Document, NotText};
pub use folder::{Articles, EXTENSIONS, articles};
pub use source::{Place, ReadError, Source};
