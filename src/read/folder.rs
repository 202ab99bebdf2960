//! The articles of a folder, found recursively.
//!
//! In: a folder. Out: its files of text kind, sorted, as sources that know their path below it. Hidden files and linked folders
//! are left out; ignore files are *not* honoured, for scraped data often lies in folders that git ignores.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::{ReadError, Source};

/// Endings of the files that are read, in lower case.
pub const EXTENSIONS: [&str; 5] = ["txt", "text", "md", "html", "htm"];

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Articles {
    /// Its articles, sorted.
    pub sources: Vec<Source>,
    /// What could not be looked into, and why.
    pub problems: Vec<(String, ReadError)>,
}

/// The articles below `folder`, without those below `skip`.
///
/// # Errors
/// [`ReadError::NoArticles`] if there are none and nothing went wrong.
pub fn articles(folder: &Path, skip: Option<&Path>) -> Result<Articles, ReadError> {
    let skip: Option<PathBuf> = skip.and_then(|path| path.canonicalize().ok());
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false).hidden(true).follow_links(false).sort_by_file_name(Ord::cmp);
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        !(is_folder && entry.depth() > 0 && skip.is_some() && entry.path().canonicalize().ok() == skip)
    });
    let mut found = Articles::default();
    for entry in walk.build() {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                if entry.depth() > 0 && is_article(path) && path.is_file() {
                    found.sources.push(Source::below(path, path.strip_prefix(folder).unwrap_or(path)));
                }
            }
            Err(error) => found.problems.push(problem(folder, error)),
        }
    }
    if found.sources.is_empty() && found.problems.is_empty() { Err(ReadError::NoArticles) } else { Ok(found) }
}

fn is_article(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

fn problem(folder: &Path, error: ignore::Error) -> (String, ReadError) {
    let mut inner = &error;
    let mut path = folder.to_owned();
    loop {
        inner = match inner {
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            ignore::Error::WithPath { path: at, err } => {
                path.clone_from(at);
                err
            }
            _ => break,
        };
    }
    let message = inner.to_string();
    (path.display().to_string(), error.into_io_error().unwrap_or_else(|| std::io::Error::other(message)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_in_order_without_hidden_and_foreign_files() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b", "a/deep", "out", ".hidden"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for name in ["b/1.txt", "a/deep/2.HTML", "z.md", "x.csv", ".secret.txt", ".hidden/3.txt", "out/4.txt", ".gitignore"] {
            std::fs::write(at(name), "*").unwrap();
        }
        let Articles { sources, problems } = articles(folder.path(), Some(&at("out"))).unwrap();
        let relative: Vec<&str> = sources.iter().map(|source| source.relative.to_str().unwrap()).collect();
        assert_eq!(relative, ["a/deep/2.HTML", "b/1.txt", "z.md"]);
        assert!(problems.is_empty());
        assert!(matches!(articles(&at(".hidden/none"), None), Ok(found) if found.sources.is_empty() && found.problems.len() == 1));
        std::fs::create_dir(at("empty")).unwrap();
        assert!(matches!(articles(&at("empty"), None), Err(ReadError::NoArticles)));
    }

    #[cfg(unix)]
    #[test]
    fn linked_folders_are_not_entered() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("real")).unwrap();
        std::fs::write(folder.path().join("real/a.txt"), "a").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("real/loop")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("real/a.txt"), folder.path().join("b.txt")).unwrap();
        let found = articles(folder.path(), None).unwrap();
        let relative: Vec<&str> = found.sources.iter().map(|source| source.relative.to_str().unwrap()).collect();
        assert_eq!(relative, ["b.txt", "real/a.txt"]);
    }
}
