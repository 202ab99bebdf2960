//! The texts of the corpus, in the order of their paths.

use std::path::{Path, PathBuf};

/// The path and text of every `corpus/cases/FAMILY/*/NAME`.
pub(crate) fn texts(family: &str, name: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(family);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join(name)).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}
