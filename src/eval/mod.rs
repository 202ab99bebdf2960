//! Measuring: clean text to spun text and back, and how much of it came back right.

mod invent;
mod spin;

pub use invent::invent;
pub use spin::spin;
