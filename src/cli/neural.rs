//! `--neural`: the network that reads doubtful places again. Without the feature `neural` there is no such option.

use anyhow::Result;
use unspin::restore::Reread;

/// The network, as typed.
#[derive(clap::Args, Debug, Default)]
#[group(skip)]
pub(super) struct Args {
    /// Have a small neural language model read doubtful places again: a GGUF file such as dictionaries/fetch-neural fetches
    #[cfg(feature = "neural")]
    #[arg(long, value_name = "FILE")]
    neural: Option<std::path::PathBuf>,
}

impl Args {
    /// Opens it, if one is named.
    #[cfg(feature = "neural")]
    pub(super) fn open(&self) -> Result<Option<Box<dyn Reread>>> {
        use anyhow::Context;
        let threads = std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN);
        let Some(path) = &self.neural else { return Ok(None) };
        let second = unspin::neural::Rereader::open(path, threads).with_context(|| path.display().to_string())?;
        Ok(Some(Box::new(second)))
    }

    /// There is none.
    #[cfg(not(feature = "neural"))]
    pub(super) fn open(&self) -> Result<Option<Box<dyn Reread>>> {
        Ok(None)
    }

    /// All that decides about the result: the name, and a hash of the file.
    #[cfg(feature = "neural")]
    pub(super) fn told(&self) -> Result<String> {
        use anyhow::Context;
        let Some(path) = &self.neural else { return Ok(String::new()) };
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        Ok(format!("neural {}", unspin::text::sha256(&bytes)))
    }

    /// Nothing.
    #[cfg(not(feature = "neural"))]
    pub(super) fn told(&self) -> Result<String> {
        Ok(String::new())
    }
}
