//! The words of a model: string to number and back, straight from the bytes of the model file.
//!
//! Numbers are given in order of falling frequency, so the first few hundred are the frequent words.
//! The look-up is an open-addressing table inside the file: nothing is built at start-up.

/// Number of a word in a vocabulary.
pub type WordId = u16;

/// Symbols that every vocabulary has, with their fixed numbers.
pub mod special {
    use super::WordId;
    /// Any word that is not in the vocabulary.
    pub const UNKNOWN: WordId = 0;
    /// Start of a sentence; only ever context.
    pub const START: WordId = 1;
    /// End of a sentence.
    pub const END: WordId = 2;
    /// A break: what stands before is unknown; only ever context, in training.
    pub const BREAK: WordId = 3;
    /// Their spellings in the word table.
    pub const NAMES: [&str; 4] = ["<unk>", "<s>", "</s>", "<brk>"];
}

/// A read-only view of the word tables of a model.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// Offset of each word in `text`, and one more.
    pub(super) offsets: &'a [u32],
    /// All words, one after the other.
    pub(super) text: &'a [u8],
    /// Open-addressing table of numbers, a power of two long; 0 marks an empty slot.
    pub(super) slots: &'a [u16],
}

impl<'a> Vocabulary<'a> {
    /// Number of words, special symbols included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no words at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The spelling of a word; empty for a number that is not in use.
    #[must_use]
    pub fn word(&self, id: WordId) -> &'a str {
        std::str::from_utf8(self.spelling(id)).unwrap_or("")
    }

    fn spelling(&self, id: WordId) -> &'a [u8] {
        let range = self.offsets.get(id as usize).zip(self.offsets.get(id as usize + 1));
        range.and_then(|(&start, &end)| self.text.get(start as usize..end as usize)).unwrap_or(&[])
    }

    /// The number of a word, if the model knows it.
    #[must_use]
    pub fn id(&self, word: &str) -> Option<WordId> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = usize::try_from(hash_word(word) & u64::MAX >> 1).ok()? & mask;
        for _ in 0..self.slots.len() {
            match *self.slots.get(slot)? {
                0 => return None,
                id if self.spelling(id) == word.as_bytes() => return Some(id),
                _ => slot = (slot + 1) & mask,
            }
        }
        None
    }

    /// The number of a word, or [`special::UNKNOWN`].
    #[must_use]
    pub fn id_or_unknown(&self, word: &str) -> WordId {
        self.id(word).unwrap_or(special::UNKNOWN)
    }
}

/// The hash of the word table (FNV-1a, 64 bits, with a final mix); part of the file format.
#[must_use]
pub fn hash_word(word: &str) -> u64 {
    let mut hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}
