//! Reads a ready back-off model from a table: order, n-gram, log10 probability, log10 back-off, tab-separated.
//!
//! In: the table file and the vocabulary. Out: [`Grams`]; n-grams with a word outside the vocabulary are left out.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::BuildError;
use super::count::pack;
use super::kneser_ney::{Grams, Level};
use crate::lm::WordId;

/// Calls `each` with every row: words, probability, back-off weight.
pub(super) fn read_table(path: &Path, each: &mut dyn FnMut(&[&str], f32, f32)) -> Result<(), BuildError> {
    let fail = |source| BuildError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let reader: Box<dyn Read> = if path.extension().is_some_and(|e| e == "zst") {
        Box::new(zstd::stream::read::Decoder::new(file).map_err(fail)?)
    } else {
        Box::new(file)
    };
    for (number, line) in BufReader::with_capacity(1 << 20, reader).lines().enumerate() {
        let line = line.map_err(fail)?;
        let fields: Vec<&str> = line.split('\t').collect();
        let number_at = |at: usize| fields.get(at).map_or(Some(0.0), |text| text.parse::<f32>().ok());
        let (Some(words), Some(prob), Some(backoff)) = (fields.get(1), number_at(2), number_at(3)) else {
            return Err(BuildError::Table { path: path.to_owned(), line: number + 1 });
        };
        let words: Vec<&str> = words.split(' ').collect();
        each(&words, 10f32.powf(prob), 10f32.powf(backoff));
    }
    Ok(())
}

/// The table as a model over `ids`.
pub(super) fn load_table(path: &Path, ids: &HashMap<String, WordId>, order: usize) -> Result<Grams, BuildError> {
    let mut rows: Vec<Vec<(u64, f32, f32)>> = vec![Vec::new(); order];
    read_table(path, &mut |words, prob, backoff| {
        let numbers: Option<Vec<WordId>> = words.iter().map(|word| ids.get(*word).copied()).collect();
        if let (Some(numbers), Some(level)) = (numbers, rows.get_mut(words.len() - 1)) {
            level.push((pack(&numbers), prob, backoff));
        }
    })?;
    let mut grams = Grams::default();
    for mut level in rows {
        level.sort_unstable_by_key(|row| row.0);
        level.dedup_by_key(|row| row.0);
        let mut out = Level::default();
        for (key, prob, backoff) in level {
            out.keys.push(key);
            out.prob.push(prob);
            out.backoff.push(backoff);
            out.share.push(0.0);
        }
        grams.levels.push(out);
    }
    Ok(grams)
}
