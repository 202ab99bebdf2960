//! unspin restores articles whose words a spinner has swapped. Under construction.
#[cfg(feature = "build")]
pub mod build;
pub mod lexicon;
pub mod lm;
pub mod text;
