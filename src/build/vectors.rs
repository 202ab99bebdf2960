//! Word vectors for a model: read from an `.npz` file, common direction removed, one byte a component.
//!
//! In: a NumPy archive with one array of half-precision floats and a word list, a word a line. Out: a row for each word of the vocabulary.
//! The mean and the strongest direction say how frequent a word is, not what it means (Mu and Viswanath 2018), so they are taken out. Both
//! are those of words as texts have them: over the vocabulary, each word once, they would be those of its thousands of rare words.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::BuildError;
use crate::lm::DIMENSIONS;

/// Directions that are removed.
const REMOVED: usize = 1;
/// A word weighs one in its rank and so much more, which is about its share of a text (Zipf), the most frequent words held down.
const HELD_DOWN: f64 = 200.0;

/// Reads the vectors and lays them out in the order of `words`.
pub(super) fn load_vectors(archive: &Path, list: &Path, words: &[String]) -> Result<Vec<i8>, BuildError> {
    let names = std::fs::read_to_string(list).map_err(|source| BuildError::Read { path: list.to_owned(), source })?;
    let rows = read_array(archive)?;
    let index: HashMap<&str, usize> = names.lines().enumerate().map(|(at, word)| (word, at)).collect();
    let mut vectors: Vec<Option<Vec<f64>>> = words
        .iter()
        .map(|word| {
            index.get(word.to_lowercase().as_str()).and_then(|&at| rows.get(at * DIMENSIONS..(at + 1) * DIMENSIONS)).map(<[f64]>::to_vec)
        })
        .collect();
    let total: f64 = weighted(&vectors).map(|(_, weight)| weight).sum();
    let mut mean = vec![0.0; DIMENSIONS];
    for (vector, weight) in weighted(&vectors) {
        add(&mut mean, vector, weight / total);
    }
    for vector in vectors.iter_mut().flatten() {
        add(vector, &mean, -1.0);
    }
    for _ in 0..REMOVED {
        let direction = strongest(&vectors);
        for vector in vectors.iter_mut().flatten() {
            let along = dot(vector, &direction);
            add(vector, &direction, -along);
        }
    }
    Ok(vectors.iter().flat_map(|vector| quantise(vector.as_deref())).collect())
}

/// The vectors that there are, in order of rank, and what each weighs.
fn weighted(vectors: &[Option<Vec<f64>>]) -> impl Iterator<Item = (&Vec<f64>, f64)> {
    let weight = |rank: usize| 1.0 / (rank as f64 + HELD_DOWN);
    vectors.iter().enumerate().filter_map(move |(rank, vector)| Some((vector.as_ref()?, weight(rank))))
}

/// The direction of greatest variance, by power iteration.
fn strongest(vectors: &[Option<Vec<f64>>]) -> Vec<f64> {
    let mut direction: Vec<f64> = (0..DIMENSIONS).map(|i| 1.0 + i as f64 / 100.0).collect();
    for _ in 0..30 {
        let mut next = vec![0.0; DIMENSIONS];
        for (vector, weight) in weighted(vectors) {
            let along = weight * dot(vector, &direction);
            add(&mut next, vector, along);
        }
        let length = dot(&next, &next).sqrt().max(1e-12);
        direction = next.into_iter().map(|c| c / length).collect();
    }
    direction
}

fn quantise(vector: Option<&[f64]>) -> Vec<i8> {
    let Some(vector) = vector else { return vec![0; DIMENSIONS] };
    let largest = vector.iter().fold(0.0f64, |largest, c| largest.max(c.abs())).max(1e-12);
    vector.iter().map(|c| (c / largest * 127.0).round() as i8).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sum: &mut [f64], other: &[f64], weight: f64) {
    for (sum, component) in sum.iter_mut().zip(other) {
        *sum += weight * component;
    }
}

/// The array of half-precision floats in the archive, row by row.
fn read_array(path: &Path) -> Result<Vec<f64>, BuildError> {
    let fail = |source: std::io::Error| BuildError::Read { path: path.to_owned(), source };
    let wrong = |what: &str| BuildError::recipe(path, format!("not an array of half-precision floats in {DIMENSIONS} columns: {what}"));
    let mut archive = zip::ZipArchive::new(File::open(path).map_err(fail)?).map_err(|error| wrong(&error.to_string()))?;
    let mut bytes = Vec::new();
    archive.by_index(0).map_err(|error| wrong(&error.to_string()))?.read_to_end(&mut bytes).map_err(fail)?;
    let head_len = match bytes.get(..10) {
        Some(head) if head.starts_with(b"\x93NUMPY\x01") => usize::from(head[8]) | usize::from(head[9]) << 8,
        _ => return Err(wrong("no NumPy 1.0 header")),
    };
    let head = String::from_utf8_lossy(bytes.get(10..10 + head_len).unwrap_or(&[])).into_owned();
    if !head.contains("'<f2'") || !head.contains("'fortran_order': False") || !head.contains(&format!(", {DIMENSIONS})")) {
        return Err(wrong(&head));
    }
    let data = bytes.get(10 + head_len..).unwrap_or(&[]);
    Ok(data.chunks_exact(2).map(|pair| half(u16::from(pair[0]) | u16::from(pair[1]) << 8)).collect())
}

/// IEEE 754 half precision.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 => 0.0, // no infinities in word vectors
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_read() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_953_125), (0x0001, 5.960_464_477_539_063e-8), (0, 0.0)] {
            assert!((half(bits) - value).abs() < 1e-12, "{bits:x}");
        }
    }
}
