//! Where texts come from: a path or standard input to a [`Document`], or to records with a [`Passage`] of text in each.
//!
//! In: the places that a user names. Out: sources in a fixed order, each read on demand, and where in its bytes the text stands. What
//! is not text (binary, other encodings) is still a document: its bytes must reach the other end unchanged.

mod codec;
mod document;
mod encoding;
pub mod field;
mod folder;
pub mod html;
mod kind;
mod limits;
pub mod markdown;
mod passage;
mod records;
mod source;
#[cfg(feature = "parquet")]
pub mod table;
pub mod warc;

pub use codec::{Codec, decoded};
pub use document::{Document, NotText, nul};
pub use encoding::Encoding;
pub use folder::{Articles, EXTENSIONS, Walk, articles, articles_by};
pub use kind::Kind;
pub use limits::{LimitError, Limits};
pub use passage::{Passage, Writing};
pub use records::{Raw, Records, Shape};
pub use source::{Opened, Place, ReadError, Source, Stamp};
