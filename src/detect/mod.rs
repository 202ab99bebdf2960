//! Is this text word-swapped? By document, and by paragraph.
//!
//! In: a text, profiles, later the likelihoods that the decoder found. Out: a [`Verdict`]. Three stages: a [`Sieve`] that looks at words and
//! pairs of words in one pass and clears nearly all clean text; for spinners that no profile knows, the [`surprise`] of the whole model;
//! then [`judge`] on the ratio of likelihoods of the models with and without a cipher.

mod bars;
mod judge;
mod screen;
mod sieve;
mod words;

pub use bars::Bar;
pub use judge::{DetectOptions, Evidence, Judgement, Swaps, Verdict, judge};
pub use screen::{Screen, Surprise, surprise};
pub use sieve::{Sieve, Sifted, Suspect};
