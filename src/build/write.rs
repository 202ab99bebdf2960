//! Writes a model file from a back-off model in memory: sorts, quantises, lays out the sections.
//!
//! In: words in order of their numbers and [`Grams`]. Out: the bytes described in `lm/format.rs`.
//! Probabilities and back-off weights of an order are quantised to 256 levels of equal population.

use super::BuildError;
use super::kneser_ney::{Grams, Level};
use crate::lm::{CHILD_BLOCK, FORMAT_VERSION, HEADER_BYTES, MAGIC, checksum, hash_word};

/// The model file.
pub(super) fn model_file(words: &[String], grams: &Grams, order: usize, vectors: &[i8], note: &str) -> Result<Vec<u8>, BuildError> {
    let mut sections: Vec<Vec<u8>> = Vec::new();
    word_table(words, &mut sections)?;
    unigrams(words.len(), grams, &mut sections)?;
    for k in 2..=order {
        let level = grams.levels.get(k - 1).ok_or(BuildError::TooLarge("the order"))?;
        let codes = Codebook::of(level.prob.iter().map(|p| p.max(1e-12).ln()));
        sections.push(level.keys.iter().flat_map(|&key| ((key & 0xffff) as u16).to_le_bytes()).collect());
        sections.push(level.prob.iter().map(|p| codes.code(p.max(1e-12).ln())).collect());
        let mut table = codes.levels.clone();
        if k < order {
            let backoffs = Codebook::of(level.backoff.iter().map(|b| b.max(1e-9).ln()));
            sections.push(level.backoff.iter().map(|b| backoffs.code(b.max(1e-9).ln())).collect());
            children(level, grams.levels.get(k), &mut sections)?;
            table.extend(&backoffs.levels);
        }
        sections.push(floats(&table));
    }
    sections.push(vectors.iter().map(|&component| component as u8).collect());
    sections.push(note.as_bytes().to_vec());
    Ok(assemble(&sections, order))
}

fn word_table(words: &[String], sections: &mut Vec<Vec<u8>>) -> Result<(), BuildError> {
    let mut offsets = vec![0u32];
    let mut text = Vec::new();
    for word in words {
        text.extend_from_slice(word.as_bytes());
        offsets.push(u32::try_from(text.len()).map_err(|_| BuildError::TooLarge("the word table"))?);
    }
    let size = (words.len() * 2).next_power_of_two();
    let mut slots = vec![0u16; size];
    for (id, word) in words.iter().enumerate().skip(1) {
        let mut slot = (hash_word(word) & u64::MAX >> 1) as usize & (size - 1);
        while slots[slot] != 0 {
            slot = (slot + 1) & (size - 1);
        }
        slots[slot] = u16::try_from(id).map_err(|_| BuildError::TooLarge("the vocabulary"))?;
    }
    sections.push(offsets.iter().flat_map(|v| v.to_le_bytes()).collect());
    sections.push(text);
    sections.push(slots.iter().flat_map(|v| v.to_le_bytes()).collect());
    Ok(())
}

fn unigrams(words: usize, grams: &Grams, sections: &mut Vec<Vec<u8>>) -> Result<(), BuildError> {
    let (mut prob, mut backoff) = (vec![-30.0f32; words], vec![0.0f32; words]);
    if let Some(level) = grams.levels.first() {
        for (at, &key) in level.keys.iter().enumerate() {
            if let (Some(p), Some(b)) = (prob.get_mut(key as usize), backoff.get_mut(key as usize)) {
                *p = level.prob[at].max(1e-12).ln();
                *b = level.backoff[at].max(1e-9).ln();
            }
        }
    }
    let mut starts = Vec::with_capacity(words + 1);
    let empty = Vec::new();
    let keys = grams.levels.get(1).map_or(&empty, |level| &level.keys);
    for word in 0..=words as u64 {
        let at = keys.partition_point(|&key| key >> 16 < word);
        starts.push(u32::try_from(at).map_err(|_| BuildError::TooLarge("the bigrams"))?);
    }
    sections.push(floats(&prob));
    sections.push(floats(&backoff));
    sections.push(starts.iter().flat_map(|v| v.to_le_bytes()).collect());
    Ok(())
}

fn children(level: &Level, next: Option<&Level>, sections: &mut Vec<Vec<u8>>) -> Result<(), BuildError> {
    let (mut bases, mut offsets) = (Vec::new(), Vec::new());
    let mut at = 0usize;
    let empty = Vec::new();
    let keys = next.map_or(&empty, |next| &next.keys);
    let mut base = 0usize;
    for index in 0..=level.keys.len() {
        let context = level.keys.get(index).copied().unwrap_or(u64::MAX);
        while keys.get(at).is_some_and(|&key| key >> 16 < context) {
            at += 1;
        }
        if index % CHILD_BLOCK == 0 {
            base = at;
            bases.push(u32::try_from(at).map_err(|_| BuildError::TooLarge("an order"))?);
        }
        offsets.push(u16::try_from(at - base).map_err(|_| BuildError::TooLarge("a context with over 65,535 continuations"))?);
    }
    sections.push(bases.iter().flat_map(|v: &u32| v.to_le_bytes()).collect());
    sections.push(offsets.iter().flat_map(|v: &u16| v.to_le_bytes()).collect());
    Ok(())
}

/// 256 levels that split the values into parts of equal size.
struct Codebook {
    levels: Vec<f32>,
}

impl Codebook {
    fn of(values: impl Iterator<Item = f32>) -> Self {
        let mut sorted: Vec<f32> = values.collect();
        sorted.sort_unstable_by(f32::total_cmp);
        if sorted.is_empty() {
            return Self { levels: vec![0.0; 256] };
        }
        let n = sorted.len();
        let levels = (0..256)
            .map(|code| {
                let (from, to) = (n * code / 256, (n * (code + 1) / 256).max(n * code / 256 + 1).min(n));
                let part = sorted.get(from..to).filter(|part| !part.is_empty()).unwrap_or(&sorted[n - 1..]);
                (part.iter().map(|&v| f64::from(v)).sum::<f64>() / part.len() as f64) as f32
            })
            .collect();
        Self { levels }
    }

    fn code(&self, value: f32) -> u8 {
        let after = self.levels.partition_point(|&level| level < value).min(255);
        let before = after.saturating_sub(1);
        let nearest = if (self.levels[after] - value).abs() < (value - self.levels[before]).abs() { after } else { before };
        u8::try_from(nearest).unwrap_or(u8::MAX)
    }
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn assemble(sections: &[Vec<u8>], order: usize) -> Vec<u8> {
    let pad = |len: usize| len.next_multiple_of(8);
    let mut file = vec![0u8; HEADER_BYTES + sections.len() * 16];
    for (index, section) in sections.iter().enumerate() {
        let offset = file.len() as u64;
        let entry = HEADER_BYTES + index * 16;
        file[entry..entry + 8].copy_from_slice(&offset.to_le_bytes());
        file[entry + 8..entry + 16].copy_from_slice(&(section.len() as u64).to_le_bytes());
        file.extend_from_slice(section);
        file.resize(pad(file.len()), 0);
    }
    let sum = checksum(&file[HEADER_BYTES..]);
    file[..8].copy_from_slice(&MAGIC);
    file[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    file[12..16].copy_from_slice(&(order as u32).to_le_bytes());
    file[16..24].copy_from_slice(&sum.to_le_bytes());
    file[24..28].copy_from_slice(&(sections.len() as u32).to_le_bytes());
    file
}
