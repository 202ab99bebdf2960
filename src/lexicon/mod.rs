//! lexicon
pub mod thesaurus;
