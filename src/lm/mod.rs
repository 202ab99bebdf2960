//! The language model, read side: how likely is a word after the words before it?
//!
//! In: bytes of a model file (embedded, or read from a file). Out: scores through the small contract
//! [`LanguageModel`]. [`reading`] turns tokens of a text into the symbols of a model, and is the same
//! code when a model is trained and when it is asked.

mod context;
mod file;
mod format;
mod history;
mod lookup;
mod model;
mod products;
pub mod reading;
mod score;
mod topic;
mod vocabulary;

pub(crate) use context::REACH;
pub use context::{ContextModel, Embedding, Expectation, Subject};
pub use file::ModelFile;
#[cfg(feature = "build")]
pub(crate) use format::{CHILD_BLOCK, HEADER_BYTES};
pub use format::{FORMAT_VERSION, MAGIC, ModelError, ModelImage, ModelInfo, checksum};
pub(crate) use history::History;
pub use model::{MAX_ORDER, NgramModel, State};
pub use score::{LanguageModel, LogProb};
pub use topic::{DIMENSIONS, Topic, Vectors};
pub use vocabulary::{Vocabulary, WordId, hash_word, special};
