//! Doubtful places read again by a small neural language model.
//!
//! In: a network in a GGUF file, and the places of a text with their readings, as the decoder leaves them. Out: new posteriors of the
//! readings. Nothing here is needed to restore a text; it is built with the feature `neural` and used if a file is named.
//!
//! `gguf` reads the file, `pieces` cuts text as the network learned it, `network` does the sums, `rereader` decides what is asked and
//! what the answers weigh.

mod gguf;
mod network;
mod pieces;
mod rereader;

#[cfg(test)]
mod tests;

pub use rereader::Rereader;

/// Why a file is not a usable network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NeuralError {
    /// The file cannot be read.
    #[error("cannot read the network: {0}")]
    Io(#[from] std::io::Error),
    /// The head is that of some other kind of file.
    #[error("not a GGUF file; dictionaries/fetch-neural fetches one")]
    NotGguf,
    /// The file is of the right kind, but not of a network that is read here.
    #[error("cannot use this network: {what}")]
    Unfit {
        /// What does not fit.
        what: String,
    },
    /// A length or an offset does not fit.
    #[error("the file is damaged: {what}; fetch it again")]
    Damaged {
        /// What is wrong.
        what: String,
    },
}

impl NeuralError {
    fn lacks(key: &str) -> Self {
        Self::Unfit { what: format!("`{key}` is missing, or not of the kind that is read here") }
    }
}
