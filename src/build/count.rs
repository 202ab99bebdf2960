//! Counting n-grams within a memory budget: sort, spill, merge.
//!
//! In: a list of word numbers. Out: n-grams packed into 64 bits (16 bits a word, first word highest), sorted, with
//! counts. Runs that do not fit the budget go to temporary files and are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::BuildError;
use crate::lm::{WordId, special};

/// Packs words into a key; the last word is in the lowest 16 bits.
pub(super) fn pack(words: &[WordId]) -> u64 {
    words.iter().fold(0, |key, &word| key << 16 | u64::from(word))
}

/// The word at `position` of an n-gram of `order` words.
pub(super) fn word_at(key: u64, order: usize, position: usize) -> WordId {
    (key >> (16 * (order - 1 - position)) & 0xffff) as WordId
}

/// The key of the last `order` words.
pub(super) fn suffix(key: u64, order: usize) -> u64 {
    if order >= 4 { key } else { key & ((1u64 << (16 * order)) - 1) }
}

/// N-grams of one order, sorted, with their counts.
#[derive(Default, Clone)]
pub(super) struct Counts {
    pub(super) keys: Vec<u64>,
    pub(super) counts: Vec<u32>,
}

impl Counts {
    fn push(&mut self, key: u64, count: u32) {
        self.keys.push(key);
        self.counts.push(count);
    }

    /// Sorts keys and counts how often each occurs.
    pub(super) fn of_keys(mut keys: Vec<u64>) -> Self {
        keys.sort_unstable();
        let mut out = Self::default();
        for key in keys {
            match (out.keys.last(), out.counts.last_mut()) {
                (Some(&last), Some(count)) if last == key => *count += 1,
                _ => out.push(key, 1),
            }
        }
        out
    }

    pub(super) fn get(&self, key: u64) -> Option<u32> {
        self.keys.binary_search(&key).ok().and_then(|at| self.counts.get(at).copied())
    }
}

/// Counts the n-grams of `order` words in `ids`, with a sort buffer of about `budget` bytes.
/// N-grams do not cross starts or breaks; those that begin with a break are left out unless `with_breaks`.
pub(super) fn count_ngrams(ids: &[WordId], order: usize, budget: usize, with_breaks: bool) -> Result<Counts, BuildError> {
    let capacity = (budget / 8).max(1 << 16);
    let mut buffer: Vec<u64> = Vec::with_capacity(capacity.min(ids.len()));
    let mut runs: Vec<File> = Vec::new();
    let mut since_start = 0usize;
    for (index, &id) in ids.iter().enumerate() {
        since_start = if matches!(id, special::START | special::BREAK) { 1 } else { since_start + 1 };
        if since_start < order {
            continue;
        }
        let words = ids.get(index + 1 - order..=index).unwrap_or(&[]);
        if !with_breaks && words.first() == Some(&special::BREAK) {
            continue;
        }
        buffer.push(pack(words));
        if buffer.len() == capacity {
            runs.push(spill(Counts::of_keys(std::mem::take(&mut buffer)))?);
            buffer.reserve(capacity);
        }
    }
    let last = Counts::of_keys(buffer);
    if runs.is_empty() {
        return Ok(last);
    }
    runs.push(spill(last)?);
    merge(runs)
}

fn spill(counts: Counts) -> Result<File, BuildError> {
    let mut writer = BufWriter::with_capacity(1 << 20, tempfile::tempfile().map_err(BuildError::Spill)?);
    for (key, count) in counts.keys.iter().zip(&counts.counts) {
        writer.write_all(&key.to_le_bytes()).and_then(|()| writer.write_all(&count.to_le_bytes())).map_err(BuildError::Spill)?;
    }
    let mut file = writer.into_inner().map_err(|error| BuildError::Spill(error.into_error()))?;
    file.seek(SeekFrom::Start(0)).map_err(BuildError::Spill)?;
    Ok(file)
}

fn merge(runs: Vec<File>) -> Result<Counts, BuildError> {
    let mut readers: Vec<BufReader<File>> = runs.into_iter().map(|run| BufReader::with_capacity(1 << 18, run)).collect();
    let mut heap = BinaryHeap::new();
    for (index, reader) in readers.iter_mut().enumerate() {
        if let Some((key, count)) = next(reader)? {
            heap.push(Reverse((key, index, count)));
        }
    }
    let mut out = Counts::default();
    while let Some(Reverse((key, index, count))) = heap.pop() {
        match (out.keys.last(), out.counts.last_mut()) {
            (Some(&last), Some(total)) if last == key => *total += count,
            _ => out.push(key, count),
        }
        if let Some((key, count)) = readers.get_mut(index).map(next).transpose()?.flatten() {
            heap.push(Reverse((key, index, count)));
        }
    }
    Ok(out)
}

fn next(reader: &mut BufReader<File>) -> Result<Option<(u64, u32)>, BuildError> {
    let mut record = [0u8; 12];
    match reader.read_exact(&mut record) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(BuildError::Spill(error)),
    }
    let (mut key, mut count) = ([0u8; 8], [0u8; 4]);
    key.copy_from_slice(&record[..8]);
    count.copy_from_slice(&record[8..]);
    Ok(Some((u64::from_le_bytes(key), u32::from_le_bytes(count))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spilled_runs_give_the_same_counts() {
        let ids: Vec<WordId> =
            (0..300_000u32).map(|i| if i % 17 == 0 { special::START } else { 4 + ((i * 7919) % 23) as WordId }).collect();
        let whole = count_ngrams(&ids, 3, usize::MAX / 2, false).unwrap();
        let spilled = count_ngrams(&ids, 3, 0, false).unwrap();
        assert_eq!(whole.keys, spilled.keys);
        assert_eq!(whole.counts, spilled.counts);
    }
}
