//! A model in a file, mapped into memory: loads in microseconds, shared between processes.

use std::fs::File;
use std::path::Path;

use super::format::{ModelError, ModelImage};

/// A model file held open and mapped.
#[derive(Debug)]
pub struct MappedModel {
    map: memmap2::Mmap,
}

impl MappedModel {
    /// Maps the file and verifies its checksum (which reads it once).
    ///
    /// # Errors
    /// [`ModelError`] when the file cannot be read or is no model.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path)?;
        #[expect(unsafe_code, reason = "mapping a file; a model is never written in place, `lm build` replaces it by rename")]
        // SAFETY: the mapping is read-only and private. Were another process to truncate the file, reads could
        // fault; `unspin lm build` writes beside and renames, so the mapped inode keeps its content.
        let map = unsafe { memmap2::Mmap::map(&file)? };
        let model = Self { map };
        model.image()?.verify()?;
        Ok(model)
    }

    /// The model's bytes.
    ///
    /// # Errors
    /// As [`ModelImage::new`].
    pub fn image(&self) -> Result<ModelImage<'_>, ModelError> {
        ModelImage::new(&self.map)
    }
}
