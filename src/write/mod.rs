//! Where results go: files that appear whole or not at all.
//!
//! In: bytes and a path. Out: the file, or an error and what was there before.

mod atomic;
mod encoder;
#[cfg(feature = "parquet")]
pub mod table;

pub use atomic::{AtomicFile, WriteError, replace};
pub use encoder::Encoder;
