//! unspin restores articles whose words a spinner has swapped. Under construction.
#[cfg(feature = "build")]
pub mod build;
pub mod decode;
pub mod detect;
pub mod embedded;
pub mod eval;
pub mod lexicon;
pub mod lm;
pub mod restore;
pub mod text;
