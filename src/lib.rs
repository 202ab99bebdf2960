//! unspin restores articles whose words a spinner has swapped. Under construction.
pub mod batch;
#[cfg(feature = "build")]
pub mod build;
pub mod decode;
pub mod detect;
pub mod embedded;
pub mod eval;
pub mod lexicon;
pub mod lm;
pub mod read;
pub mod render;
pub mod restore;
pub mod text;
pub mod write;
