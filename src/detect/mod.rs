//! Is this text word-swapped? By document, and by paragraph.
//!
//! In: tokens, a profile, later the likelihoods that the decoder found. Out: a [`Verdict`]. Two stages: a [`Screen`] that
//! looks at single words and clears nearly all clean text, then [`judge`] on the ratio of likelihoods of the models with
//! and without a cipher.

mod judge;
mod screen;

pub use judge::{DetectOptions, Evidence, Judgement, Verdict, judge};
pub use screen::{Screen, ScreenScore, Surprise, surprise};
