//! The articles that the reranker is trained on and measured by.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Every article of `corpus/held-out`.
pub(super) fn held_out() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/held-out");
    let mut paths = fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut out = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let articles: Vec<String> = text.split("\n\n").map(|article| article.trim().replace('\n', "\n\n")).collect();
        // an even number of each file, so that the parity within a file decides
        out.extend(articles.chunks_exact(2).flatten().cloned());
    }
    Ok(out)
}

/// The originals of `corpus/cases`, in order of their folders and names.
pub(super) fn articles() -> Result<Vec<String>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["in-the-wild-style", "synthetic"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases").join(folder);
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            paths.push(entry?.path().join("original.txt"));
        }
    }
    paths.retain(|path| path.is_file());
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).with_context(|| path.display().to_string())).collect()
}
