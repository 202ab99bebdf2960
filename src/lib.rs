//! unspin restores articles whose words a spinner has swapped. Under construction.
pub mod lexicon;
pub mod lm;
pub mod text;
