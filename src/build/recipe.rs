//! A model recipe: which texts and tables, with which weights, how large.
//!
//! In: a TOML file. Out: [`Recipe`], checked. Paths are relative to the folder given beside it, so that
//! a recipe names no machine.

use std::path::Path;

use serde::Deserialize;

use super::BuildError;

/// What a model is made of.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recipe {
    /// Order of the model, 2 to 4.
    pub order: usize,
    /// Most words in the vocabulary, special symbols included; at most 65,535.
    pub vocabulary: usize,
    /// Words seen less often than this in all texts together are unknown words.
    #[serde(default = "three")]
    pub min_count: u64,
    /// Size of the n-gram tables after pruning, in bytes.
    pub max_bytes: usize,
    /// Every n-th document of each text is left out of training, for measuring. Zero: none.
    #[serde(default)]
    pub hold_out: usize,
    /// Word vectors to go with the model, if any.
    #[serde(default)]
    pub vectors: Option<VectorSource>,
    /// The models that are mixed.
    pub component: Vec<Component>,
}

/// One model of the mixture: estimated from texts, or read from a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Component {
    /// Name, for messages and the note in the model.
    pub name: String,
    /// Weight in the mixture; the weights are scaled to add up to one.
    pub weight: f64,
    /// Text files: a paragraph a line, an empty line between documents, zstd if the name ends in `.zst`.
    #[serde(default)]
    pub texts: Vec<TextSource>,
    /// A ready back-off model: order, n-gram, log10 probability, log10 back-off, tab-separated.
    #[serde(default)]
    pub table: Option<String>,
    /// SHA-256 of the table.
    #[serde(default)]
    pub table_sha256: String,
    /// Least raw count of an n-gram to be kept, by order.
    #[serde(default = "cutoffs")]
    pub cutoffs: [u32; 4],
}

/// Ready word vectors.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VectorSource {
    /// NumPy archive with one array of half-precision floats, a row a word.
    pub archive: String,
    /// SHA-256 of the archive.
    pub archive_sha256: String,
    /// The words, one a line.
    pub words: String,
    /// SHA-256 of the word list.
    pub words_sha256: String,
}

/// A text file and how much of it is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TextSource {
    /// File name below the input folder.
    pub file: String,
    /// SHA-256 of the file; the build stops when it differs.
    pub sha256: String,
    /// Only the first documents, if given.
    #[serde(default)]
    pub documents: Option<usize>,
}

fn three() -> u64 {
    3
}

fn cutoffs() -> [u32; 4] {
    [1, 1, 2, 2]
}

impl Recipe {
    /// Reads and checks a recipe.
    ///
    /// # Errors
    /// [`BuildError`] that names the file and what is wrong in it.
    pub fn load(path: &Path) -> Result<Self, BuildError> {
        let text = std::fs::read_to_string(path).map_err(|source| BuildError::Read { path: path.to_owned(), source })?;
        let recipe: Self = toml::from_str(&text).map_err(|error| BuildError::recipe(path, error.to_string()))?;
        let wrong = |what: &str| Err(BuildError::recipe(path, what.to_owned()));
        if !(2..=4).contains(&recipe.order) {
            return wrong("order must be 2, 3 or 4");
        }
        if !(100..=65_535).contains(&recipe.vocabulary) {
            return wrong("vocabulary must be 100 to 65535");
        }
        if recipe.component.is_empty() {
            return wrong("there is no [[component]]");
        }
        for component in &recipe.component {
            if component.texts.is_empty() == component.table.is_none() {
                return wrong(&format!("component `{}` needs either texts or a table", component.name));
            }
            if component.weight.is_nan() || component.weight <= 0.0 {
                return wrong(&format!("component `{}` needs a weight above zero", component.name));
            }
        }
        Ok(recipe)
    }
}
