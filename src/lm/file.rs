//! A model in a file, read into memory.
//!
//! Not mapped: a mapped file that another program cuts short brings down whoever reads on, and no reader can rule that out. Reading
//! takes little longer than the check of its sum, which looks at every byte anyway.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::format::{ModelError, ModelImage};

/// The bytes of a model file, aligned for its tables.
#[derive(Debug)]
pub struct ModelFile {
    words: Vec<u64>,
    bytes: usize,
}

impl ModelFile {
    /// Reads the file and verifies its checksum.
    ///
    /// # Errors
    /// [`ModelError`] when the file cannot be read or is no model.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        let model = Self::from_bytes(&bytes);
        model.image()?.verify()?;
        Ok(model)
    }

    /// A copy of these bytes, whatever they are.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut words = vec![0; bytes.len().div_ceil(size_of::<u64>())];
        if let Some(room) = bytemuck::cast_slice_mut(&mut words).get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
        Self { words, bytes: bytes.len() }
    }

    /// The model's bytes.
    ///
    /// # Errors
    /// As [`ModelImage::new`].
    pub fn image(&self) -> Result<ModelImage<'_>, ModelError> {
        ModelImage::new(self.bytes())
    }

    /// What stands in the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let bytes: &[u8] = bytemuck::cast_slice(&self.words);
        bytes.get(..self.bytes).unwrap_or(bytes)
    }
}
