//! Where results go: files that appear whole or not at all.
//!
//! In: bytes and a path. Out: the file, or an error and what was there before.

mod atomic;

pub use atomic::{AtomicFile, WriteError, replace};
