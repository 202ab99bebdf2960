//! unspin restores articles whose words a spinner has swapped.
//!
//! Data flows one way; `tests/layering.rs` holds the order:
//!
//! ```text
//! bytes -read-> Document -text-> Tokens -detect-> Verdict -decode-> Plan -render-> bytes -write-> place
//!                            \____________ restore ____________/
//!               lexicon, lm: what is known of words     batch: many documents, in order, on all cores
//! beside it:    learn (articles -> profile)   eval (clean -> spun -> restored -> counts)
//!               build (text -> model, WordNet -> thesaurus)   embedded (the data in the binary)
//! ```
//!
//! [`restore::Restorer`] is the way in.
#![doc = include_str!("../README.md")]

pub mod batch;
#[cfg(feature = "build")]
pub mod build;
pub mod decode;
pub mod detect;
pub mod embedded;
pub mod eval;
pub mod learn;
pub mod lexicon;
pub mod lm;
pub mod read;
pub mod render;
pub mod restore;
pub mod text;
pub mod write;
