//! What is known of words: cipher profiles, the thesaurus graph.
//!
//! In: profile files (sorted text) and the compiled thesaurus. Out: for a cipher word, the plain words it may
//! stand for, with how much is known of each. Uses the text layer for shapes and nothing else.

mod closed;
mod file;
mod merge;
mod profile;
mod support;
pub mod thesaurus;
mod touch;

pub use closed::CLOSED_CLASS;
pub use file::ProfileError;
pub use profile::{Pair, Profile, Source};
pub use support::{Choice, Support};
pub use touch::TouchRule;
