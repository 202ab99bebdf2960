//! The model file: little-endian, aligned sections, read in place.
//!
//! ```text
//! 0    magic "UNSPINLM"                                   8 bytes
//! 8    format version                                     u32
//! 12   order N of the model (2 to 4)                      u32
//! 16   checksum of everything behind byte 64              u64
//! 24   number of sections S                               u32
//! 28   zero                                               36 bytes
//! 64   section table: offset and length in bytes          S x (u64, u64)
//!      sections, each aligned to 8 bytes, in this order:
//!      words: offsets u32[V+1] | text u8[] | hash slots u16[2^k]
//!      unigrams: log probability f32[V] | log back-off f32[V] | first child u32[V+1]
//!      for each order 2..N-1: word u16[n] | probability code u8[n] | back-off code u8[n]
//!                             | child base u32[n/16+1] | child offset u16[n+1] | codebooks f32[512]
//!      for order N: word u16[n] | probability code u8[n] | codebook f32[256]
//!      word vectors i8[V x 50], or nothing
//!      note: UTF-8 text, what the model was made of
//! ```
//! The n-grams form a trie in reading order: the children of `u v` are the `w` of all `u v w`, sorted by
//! number, so a look-up is a binary search in a short range and a context is a single index. Logarithms
//! are natural. Every look-up checks its bounds: a damaged file gives wrong scores, never a panic.

use super::model::{Leaf, MAX_ORDER, Middle, NgramModel, Unigrams};
use super::topic::{DIMENSIONS, Vectors};
use super::vocabulary::Vocabulary;

/// First bytes of a model file.
pub const MAGIC: [u8; 8] = *b"UNSPINLM";
/// Version of the layout.
pub const FORMAT_VERSION: u32 = 1;
/// Bytes before the section table.
pub(crate) const HEADER_BYTES: usize = 64;
/// N-grams that share one absolute child offset.
pub(crate) const CHILD_BLOCK: usize = 16;

/// Why bytes are not a usable model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read the model: {0}")]
    Io(#[from] std::io::Error),
    /// The head is that of some other kind of file.
    #[error("not an unspin language model (the file does not start with UNSPINLM); make one with `unspin lm build`")]
    NotAModel,
    /// Written by a program with another layout.
    #[error("model format version {found}, this program reads version {FORMAT_VERSION}; rebuild the model with `unspin lm build`")]
    Version {
        /// Version in the file.
        found: u32,
    },
    /// A length or an offset does not fit.
    #[error("the model is damaged at byte {at}: {what}; fetch or build it again")]
    Damaged {
        /// Byte offset in the file.
        at: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The content does not match its checksum.
    #[error("the model is damaged: checksum {found:016x} where {stated:016x} is stated; fetch or build it again")]
    Checksum {
        /// Stated in the header.
        stated: u64,
        /// Computed over the content.
        found: u64,
    },
    /// Tables cannot be read in place on this machine.
    #[error("models are little-endian and cannot be read in place on this machine")]
    Endianness,
}

/// The bytes of a model, checked as far as the header and the section table.
#[derive(Clone, Copy, Debug)]
pub struct ModelImage<'a> {
    bytes: &'a [u8],
}

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Order of the model.
    pub order: usize,
    /// Number of n-grams of each order, unigrams first.
    pub counts: Vec<usize>,
    /// Size in bytes.
    pub bytes: usize,
    /// Checksum of the content.
    pub checksum: u64,
    /// What it was made of.
    pub note: String,
}

impl<'a> ModelImage<'a> {
    /// Takes the bytes of a model file. They must be aligned to 8 bytes, as embedded bytes and those of a [`super::ModelFile`] are.
    ///
    /// # Errors
    /// [`ModelError`] when they are no model of this version.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ModelError> {
        if cfg!(target_endian = "big") {
            return Err(ModelError::Endianness);
        }
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(ModelError::NotAModel);
        }
        let image = Self { bytes };
        let version = image.u32_at(8)?;
        if version != FORMAT_VERSION {
            return Err(ModelError::Version { found: version });
        }
        Ok(image)
    }

    /// Compares the content with the checksum in the header; linear in the size of the model.
    ///
    /// # Errors
    /// [`ModelError::Checksum`] when they differ.
    pub fn verify(&self) -> Result<(), ModelError> {
        let (stated, found) = (self.stated_checksum()?, checksum(self.bytes.get(HEADER_BYTES..).unwrap_or(&[])));
        if stated == found { Ok(()) } else { Err(ModelError::Checksum { stated, found }) }
    }

    /// The checksum that the header states: by it a network is known to go with the model.
    ///
    /// # Errors
    /// [`ModelError::Damaged`] when the file ends before it.
    pub fn stated_checksum(&self) -> Result<u64, ModelError> {
        Ok(u64::from(self.u32_at(16)?) | u64::from(self.u32_at(20)?) << 32)
    }

    /// The model over these bytes; copies nothing.
    ///
    /// # Errors
    /// [`ModelError::Damaged`] when a section is missing, out of the file, misaligned or of a wrong length.
    pub fn model(&self) -> Result<NgramModel<'a>, ModelError> {
        let order = self.order()?;
        let mut sections = Sections { image: self, next: 0, count: self.u32_at(24)? as usize };
        let vocabulary = Vocabulary { offsets: sections.take()?, text: sections.take()?, slots: sections.take()? };
        let words = vocabulary.len();
        if !vocabulary.slots.len().is_power_of_two() || words > usize::from(u16::MAX) {
            return Err(ModelError::Damaged { at: HEADER_BYTES, what: "the word table has a wrong length" });
        }
        let unigrams = Unigrams { prob: sections.take()?, backoff: sections.take()?, child: sections.take()? };
        if unigrams.prob.len() != words || unigrams.backoff.len() != words || unigrams.child.len() != words + 1 {
            return Err(ModelError::Damaged { at: HEADER_BYTES, what: "the unigram tables do not match the word table" });
        }
        let mut middle = [Middle::EMPTY; MAX_ORDER - 2];
        for level in middle.iter_mut().take(order - 2) {
            *level = Middle {
                word: sections.take()?,
                prob: sections.take()?,
                backoff: sections.take()?,
                child_base: sections.take()?,
                child_offset: sections.take()?,
                codes: sections.take()?,
            };
            let n = level.word.len();
            if level.prob.len() != n
                || level.backoff.len() != n
                || level.child_offset.len() != n + 1
                || level.child_base.len() != n / CHILD_BLOCK + 1
                || level.codes.len() != 512
            {
                return Err(ModelError::Damaged { at: HEADER_BYTES, what: "the tables of a middle order have different lengths" });
            }
        }
        let leaf = Leaf { word: sections.take()?, prob: sections.take()?, codes: sections.take()? };
        if leaf.prob.len() != leaf.word.len() || leaf.codes.len() != 256 {
            return Err(ModelError::Damaged { at: HEADER_BYTES, what: "the tables of the highest order have different lengths" });
        }
        let vectors = Vectors { components: sections.take()? };
        if !vectors.components.is_empty() && vectors.components.len() != words * DIMENSIONS {
            return Err(ModelError::Damaged { at: HEADER_BYTES, what: "the word vectors do not match the word table" });
        }
        Ok(NgramModel { vocabulary, order, unigrams, middle, leaf, vectors, context: None })
    }

    /// What the model says of itself.
    ///
    /// # Errors
    /// As [`ModelImage::model`].
    pub fn info(&self) -> Result<ModelInfo, ModelError> {
        let model = self.model()?;
        let mut sections = Sections { image: self, next: 0, count: self.u32_at(24)? as usize };
        sections.next = sections.count.saturating_sub(1);
        let note: &[u8] = sections.take()?;
        Ok(ModelInfo {
            order: model.order,
            counts: model.counts(),
            bytes: self.bytes.len(),
            checksum: self.stated_checksum()?,
            note: String::from_utf8_lossy(note).into_owned(),
        })
    }

    fn order(&self) -> Result<usize, ModelError> {
        let order = self.u32_at(12)? as usize;
        if (2..=MAX_ORDER).contains(&order) { Ok(order) } else { Err(ModelError::Damaged { at: 12, what: "the order is not 2 to 4" }) }
    }

    fn u32_at(&self, at: usize) -> Result<u32, ModelError> {
        let bytes = self.bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
        bytes.map(u32::from_le_bytes).ok_or(ModelError::Damaged { at, what: "the file ends here" })
    }
}

struct Sections<'i, 'a> {
    image: &'i ModelImage<'a>,
    next: usize,
    count: usize,
}

impl<'a> Sections<'_, 'a> {
    fn take<T: bytemuck::Pod>(&mut self) -> Result<&'a [T], ModelError> {
        let at = HEADER_BYTES + self.next * 16;
        if self.next >= self.count {
            return Err(ModelError::Damaged { at, what: "a section is missing" });
        }
        self.next += 1;
        let read = |at: usize| Ok::<u64, ModelError>(u64::from(self.image.u32_at(at)?) | u64::from(self.image.u32_at(at + 4)?) << 32);
        let (offset, len) = (read(at)?, read(at + 8)?);
        let range = usize::try_from(offset).ok().zip(offset.checked_add(len).and_then(|end| usize::try_from(end).ok()));
        let bytes = range.and_then(|(start, end)| self.image.bytes.get(start..end));
        let bytes = bytes.ok_or(ModelError::Damaged { at, what: "a section lies outside the file" })?;
        bytemuck::try_cast_slice(bytes).map_err(|_| ModelError::Damaged { at, what: "a section is misaligned or cut" })
    }
}

/// Checksum of a model's content: eight bytes at a time, multiply and mix; guards against damage, not malice.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0x243f_6a88_85a3_08d3_u64 ^ bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let value = word.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        hash = (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    for &byte in words.remainder() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^ (hash >> 31)
}
