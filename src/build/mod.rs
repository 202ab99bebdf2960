//! Making the data that the program carries: text to language model, WordNet to thesaurus (feature `build`).
//!
//! In: a recipe and the folder of its inputs. Out: the bytes of an artefact, the same for the same inputs on any
//! machine and thread count. Nothing in the path of a repair uses this module.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "packing counts and 16-bit word numbers; ranges are checked where a recipe or a file is read"
)]

mod count;
mod kneser_ney;
mod mixture;
mod recipe;
mod table;
mod texts;
pub mod thesaurus;
mod vectors;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub use recipe::{Component, Recipe, TextSource, VectorSource};

use crate::lexicon::thesaurus::ThesaurusError;
use crate::lm::{WordId, special};
use mixture::Part;
use texts::{Piece, Selection};

/// Why an artefact cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The recipe is wrong.
    #[error("{}: {message}", path.display())]
    Recipe {
        /// The recipe.
        path: PathBuf,
        /// What is wrong in it.
        message: String,
    },
    /// An input is not the one that the recipe names.
    #[error("{} has SHA-256 {found}, the recipe states {stated}: fetch the stated version, or correct the recipe", path.display())]
    Hash {
        /// The input.
        path: PathBuf,
        /// Stated in the recipe.
        stated: String,
        /// Computed.
        found: String,
    },
    /// A line of an n-gram table cannot be understood.
    #[error("{}:{line}: expected order, n-gram, log10 probability, log10 back-off, tab-separated", path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
    },
    /// A line of a thesaurus source is not as the format of its file says.
    #[error("{}:{line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The tables that were built do not hold together.
    #[error("the thesaurus that was built cannot be read: {0}")]
    Thesaurus(#[from] ThesaurusError),
    /// More words, synsets or pointers than the thesaurus format has room for.
    #[error("too many {what} for the thesaurus format")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
    },
    /// Temporary files failed.
    #[error("cannot spill to a temporary file: {0}; give more memory or free some disk space")]
    Spill(#[source] std::io::Error),
    /// Something does not fit the file format.
    #[error("{0} does not fit the model format")]
    TooLarge(&'static str),
}

impl BuildError {
    fn recipe(path: &Path, message: String) -> Self {
        Self::Recipe { path: path.to_owned(), message }
    }
}

/// How far a build has come, for whoever shows progress.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BuildStep {
    /// The vocabulary is made: words in it, tokens read.
    Vocabulary(usize, u64),
    /// A component is estimated: name, n-grams by order.
    Component(String, Vec<usize>),
    /// Weights that fit the tuning text best, and the perplexity they give.
    Tuned(Vec<f64>, f64),
    /// The mixture is made: n-grams by order.
    Mixed(Vec<usize>),
    /// The mixture is pruned: n-grams by order.
    Pruned(Vec<usize>),
}

/// Builds the model of a recipe from the inputs in `folder`, with sort buffers of `memory` bytes.
/// If there are `tuning` texts, the mixture weights that fit them best are reported (and not used).
///
/// # Errors
/// [`BuildError`] naming the file and what to do.
pub fn build_model(
    recipe: &Recipe,
    folder: &Path,
    memory: usize,
    tuning: &[String],
    report: &mut dyn FnMut(BuildStep),
) -> Result<Vec<u8>, BuildError> {
    let selection = Selection { hold_out: recipe.hold_out };
    let (words, tokens) = vocabulary(recipe, folder, selection)?;
    report(BuildStep::Vocabulary(words.len(), tokens));
    let ids: HashMap<String, WordId> = words.iter().enumerate().map(|(id, word)| (word.clone(), id as WordId)).collect();
    let total: f64 = recipe.component.iter().map(|component| component.weight).sum();
    let mut parts = Vec::new();
    for component in &recipe.component {
        let mut part = Part { grams: kneser_ney::Grams::default(), weight: component.weight / total, skips: Vec::new(), cuts: Vec::new() };
        if let Some(table) = &component.table {
            texts::check_hash(&folder.join(table), &component.table_sha256)?;
            part.grams = table::load_table(&folder.join(table), &ids, recipe.order)?;
            (part.skips, part.cuts) = outside(&words, &part.grams);
        } else {
            let mut text: Vec<WordId> = Vec::new();
            for source in &component.texts {
                texts::read_text(folder, source, selection, &mut |piece| text.push(texts::encode(&ids, &piece)))?;
            }
            part.grams = kneser_ney::estimate(&text, recipe.order, words.len(), component.cutoffs, memory)?;
        }
        report(BuildStep::Component(component.name.clone(), sizes(&part.grams)));
        parts.push(part);
    }
    if !tuning.is_empty() {
        let (weights, perplexity) = mixture::tune(&parts, &tuning_ngrams(tuning, &ids, recipe.order));
        report(BuildStep::Tuned(weights, perplexity));
    }
    let mixed = mixture::mix(&parts, recipe.order);
    drop(parts);
    report(BuildStep::Mixed(sizes(&mixed)));
    let pruned = mixture::prune(&mixed, recipe.order, recipe.max_bytes);
    drop(mixed);
    report(BuildStep::Pruned(sizes(&pruned)));
    let mut vectors = Vec::new();
    if let Some(source) = &recipe.vectors {
        let (archive, list) = (folder.join(&source.archive), folder.join(&source.words));
        texts::check_hash(&archive, &source.archive_sha256)?;
        texts::check_hash(&list, &source.words_sha256)?;
        vectors = vectors::load_vectors(&archive, &list, &words)?;
    }
    write::model_file(&words, &pruned, recipe.order, &vectors, &note(recipe))
}

fn sizes(grams: &kneser_ney::Grams) -> Vec<usize> {
    grams.levels.iter().map(|level| level.keys.len()).collect()
}

/// What the model says it was made of.
fn note(recipe: &Recipe) -> String {
    let mut note = format!("order {}, modified Kneser-Ney, linear mixture of:\n", recipe.order);
    for component in &recipe.component {
        let files: Vec<&str> = component.texts.iter().map(|t| t.file.as_str()).chain(component.table.as_deref()).collect();
        note.push_str(&format!("{} (weight {}): {}\n", component.name, component.weight, files.join(", ")));
    }
    if let Some(source) = &recipe.vectors {
        note.push_str(&format!("word vectors: {}\n", source.archive));
    }
    note
}

/// Words of all components by falling weight in the mixture; special symbols first.
fn vocabulary(recipe: &Recipe, folder: &Path, selection: Selection) -> Result<(Vec<String>, u64), BuildError> {
    let mut weights: HashMap<String, f64> = HashMap::new();
    let mut tokens = 0u64;
    for component in &recipe.component {
        let mut counts: HashMap<String, u64> = HashMap::new();
        let mut total = 0u64;
        for source in &component.texts {
            texts::read_text(folder, source, selection, &mut |piece| {
                if let Piece::Word(word) = piece {
                    total += 1;
                    match counts.get_mut(word) {
                        Some(count) => *count += 1,
                        None => {
                            counts.insert(word.to_owned(), 1);
                        }
                    }
                }
            })?;
        }
        tokens += total;
        let mut rows: Vec<(String, u64)> = counts.into_iter().filter(|(_, count)| *count >= recipe.min_count).collect();
        rows.sort_unstable();
        for (word, count) in rows {
            *weights.entry(word).or_default() += component.weight * count as f64 / total as f64;
        }
        if let Some(table) = &component.table {
            table::read_table(&folder.join(table), &mut |words, prob, _| {
                if let [word] = words {
                    let possessive = word.ends_with("'s") || word.ends_with("s'") || word.contains('(');
                    if !possessive {
                        *weights.entry((*word).to_owned()).or_default() += component.weight * f64::from(prob);
                    }
                }
            })?;
        }
    }
    for name in special::NAMES {
        weights.remove(name);
    }
    let mut rows: Vec<(String, f64)> = weights.into_iter().collect();
    rows.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(recipe.vocabulary - special::NAMES.len());
    let words = special::NAMES.iter().map(|name| (*name).to_owned()).chain(rows.into_iter().map(|row| row.0)).collect();
    Ok((words, tokens))
}

/// Words that a ready table does not have: punctuation is skipped in its contexts, the rest cuts them.
fn outside(words: &[String], grams: &kneser_ney::Grams) -> (Vec<WordId>, Vec<WordId>) {
    let (mut skips, mut cuts) = (Vec::new(), Vec::new());
    for (id, word) in words.iter().enumerate() {
        let known = grams.levels.first().is_some_and(|level| level.find(id as u64).is_some());
        if !known {
            let mark = matches!(word.as_str(), "," | ";" | "(" | ")" | "--");
            if mark { skips.push(id as WordId) } else { cuts.push(id as WordId) }
        }
    }
    (skips, cuts)
}

fn tuning_ngrams(texts: &[String], ids: &HashMap<String, WordId>, order: usize) -> Vec<(u64, usize)> {
    let mut out = Vec::new();
    for text in texts {
        let mut context: Vec<WordId> = Vec::new();
        texts::read_line(text, &mut |piece| {
            let id = texts::encode(ids, &piece);
            if matches!(piece, Piece::Start(_)) {
                context.clear();
                context.push(id);
                return;
            }
            context.push(id);
            let len = context.len().min(order);
            out.push((count::pack(context.get(context.len() - len..).unwrap_or(&[])), len));
        });
    }
    out
}
