//! What an article is: bytes of text, cut into tokens that lose nothing.
//!
//! In: a `&str`. Out: [`Token`]s whose spans tile the input, with the shape of each word in its
//! setting, and the paragraph and sentence spans. The lowest layer: it knows no language but
//! English sentence punctuation, and nothing of ciphers.

mod characters;
mod digest;
mod hidden;
mod protect;
mod scan;
mod segment;
mod shape;
mod span;
mod token;

pub use characters::Characters;
pub use digest::sha256;
pub use hidden::{is_hidden, visible};
pub use scan::{Scanned, Wanted, WordKey, scan};
pub use segment::{Segments, segments};
pub use shape::{Case, Setting, Shape};
pub use span::{Byte, Span, TokenUnit};
pub use token::{Token, TokenKind, tokenise};
