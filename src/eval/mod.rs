//! Measuring: clean text to spun text and back, and how much of it came back right.

mod draw;
mod invent;
mod matching;
mod score;
mod spin;

pub use draw::Draw;
pub use invent::{SpinnerKind, invent};
pub use score::Score;
pub use spin::spin;
