//! unspin restores articles whose words a spinner has swapped.
//!
//! Data flows one way; `tests/layering.rs` holds the order:
//!
//! ```text
//! bytes -read-> Document -text-> Tokens -detect-> Verdict -decode-> Plan -render-> bytes -write-> place
//!                            \____________ restore ____________/
//!               lexicon, lm: what is known of words     batch: many documents, in order, on all cores
//!               snapshot: repairs stored and compared    undo: outputs and an edit log back to the inputs
//! beside it:    neural (doubtful places read again; feature `neural`)
//!               learn (articles -> profile)   eval (clean -> spun -> restored -> counts)
//!               build (text -> model, WordNet -> thesaurus)   embedded (the data in the binary)
//! ```
//!
//! [`restore::Restorer`] is the way in.

#![forbid(unsafe_code)]
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
#[cfg(feature = "neural")]
pub mod neural;
pub mod read;
pub mod render;
pub mod restore;
pub mod snapshot;
pub mod text;
pub mod undo;
pub mod write;
