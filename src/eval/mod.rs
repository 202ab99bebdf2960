//! Measuring: clean text to spun text and back, and how much of it came back right.

mod spin;

pub use spin::spin;
