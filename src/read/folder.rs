//! The articles of a folder, found recursively.
//!
//! In: a folder. Out: its files of a known kind, sorted, as sources that know their path below it. Hidden files and linked folders are
//! left out; `.unspinignore` files are honoured, `.gitignore` and `.ignore` only on request, for scraped data often lies in folders that
//! git ignores.

use std::error::Error;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use super::{Kind, ReadError, Source};

/// Endings of the files that are read, in lower case; each may be followed by `.gz`, `.zst` or `.bz2`.
pub const EXTENSIONS: [&str; 8] = ["txt", "text", "md", "html", "htm", "jsonl", "warc", "wet"];

/// What is looked at in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Globs that a path below the folder must match one of; those that begin with `!` take out.
    pub globs: Vec<String>,
    /// Whether `.gitignore` and `.ignore` files count.
    pub ignore_files: bool,
    /// Whether linked folders are entered.
    pub follow_links: bool,
}

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
    articles_by(folder, skip, &Walk::default())
}

/// The articles below `folder` that are wanted, without those below `skip`.
///
/// # Errors
/// [`ReadError::NoArticles`], or with globs [`ReadError::NoMatch`], if there are none and nothing went wrong; [`ReadError::Glob`] if a glob is
/// wrong.
pub fn articles_by(folder: &Path, skip: Option<&Path>, wanted: &Walk) -> Result<Articles, ReadError> {
    let skip: Option<PathBuf> = skip.and_then(|path| path.canonicalize().ok());
    let mut walk = WalkBuilder::new(folder);
    walk.standard_filters(false).hidden(true).follow_links(wanted.follow_links).sort_by_file_name(Ord::cmp);
    walk.ignore(wanted.ignore_files).git_ignore(wanted.ignore_files).require_git(false);
    walk.add_custom_ignore_filename(".unspinignore");
    let mut globs = OverrideBuilder::new(folder);
    for glob in &wanted.globs {
        globs.add(glob).map_err(|error| ReadError::Glob(error.to_string()))?;
    }
    walk.overrides(globs.build().map_err(|error| ReadError::Glob(error.to_string()))?);
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        !(is_folder && entry.depth() > 0 && skip.is_some() && entry.path().canonicalize().ok() == skip)
    });
    let mut found = Articles::default();
    for entry in walk.build() {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                if entry.depth() == 0 || !is_article(path) {
                    continue;
                }
                match std::fs::metadata(path) {
                    Ok(file) if file.is_file() => found.sources.push(Source::below(path, path.strip_prefix(folder).unwrap_or(path))),
                    Ok(_) => {}
                    Err(error) => found.problems.push((path.display().to_string(), unread(path, error))),
                }
            }
            Err(error) => found.problems.push(problem(folder, error)),
        }
    }
    match found.sources.is_empty() && found.problems.is_empty() {
        true if wanted.globs.is_empty() => Err(ReadError::NoArticles),
        true => Err(ReadError::NoMatch),
        false => Ok(found),
    }
}

fn is_article(path: &Path) -> bool {
    Kind::of_name(path).is_some_and(|kind| !kind.is_table() || cfg!(feature = "parquet"))
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
    // the error of the system as it is, not as the walker words it
    let error = match error.io_error().and_then(code) {
        Some(code) => std::io::Error::from_raw_os_error(code),
        None => std::io::Error::other(message),
    };
    (path.display().to_string(), unread(&path, error))
}

/// The number of an error of the system; the walker has it as the source of its own.
fn code(error: &std::io::Error) -> Option<i32> {
    error.raw_os_error().or_else(|| error.source()?.downcast_ref::<std::io::Error>()?.raw_os_error())
}

/// Why a file or folder was not looked into.
fn unread(path: &Path, error: std::io::Error) -> ReadError {
    match error.kind() {
        std::io::ErrorKind::NotFound if path.is_symlink() => ReadError::Dangling,
        std::io::ErrorKind::NotFound => ReadError::Missing,
        _ => error.into(),
    }
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
        // a circle is told, not followed for ever
        let found = articles_by(folder.path(), None, &Walk { follow_links: true, ..Walk::default() }).unwrap();
        assert!(!found.problems.is_empty() && found.sources.len() < 100);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "a").unwrap();
        for link in ["gone.txt", "gone.bin"] {
            std::os::unix::fs::symlink("nowhere", folder.path().join(link)).unwrap();
        }
        let found = articles(folder.path(), None).unwrap();
        assert_eq!(found.sources.len(), 1);
        assert!(matches!(found.problems.as_slice(), [(name, ReadError::Dangling)] if name.ends_with("gone.txt")), "{found:?}");
        // as told by the walker itself
        let found = articles_by(folder.path(), None, &Walk { follow_links: true, ..Walk::default() }).unwrap();
        assert!(found.problems.iter().all(|(_, error)| matches!(error, ReadError::Dangling)), "{found:?}");
        let found = articles(&folder.path().join("none"), None).unwrap();
        assert!(matches!(found.problems.as_slice(), [(_, ReadError::Missing)]), "{found:?}");
    }

    #[test]
    fn globs_and_ignore_files_take_out() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        for name in ["a.txt", "b.jsonl.gz", "sub/c.txt", "d.md"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::fs::write(at(".unspinignore"), "d.md\n").unwrap();
        std::fs::write(at(".gitignore"), "a.txt\n").unwrap();
        let names = |walk: &Walk| -> Vec<String> {
            let found = articles_by(folder.path(), None, walk).unwrap();
            found.sources.iter().map(|source| source.relative.display().to_string()).collect()
        };
        assert_eq!(names(&Walk::default()), ["a.txt", "b.jsonl.gz", "sub/c.txt"]);
        assert_eq!(names(&Walk { ignore_files: true, ..Walk::default() }), ["b.jsonl.gz", "sub/c.txt"]);
        assert_eq!(names(&Walk { globs: vec!["*.txt".into(), "!sub".into()], ..Walk::default() }), ["a.txt"]);
        let by = |glob: &str| articles_by(folder.path(), None, &Walk { globs: vec![glob.into()], ..Walk::default() });
        assert!(matches!(by("{"), Err(ReadError::Glob(_))));
        assert!(matches!(by("*.html"), Err(ReadError::NoMatch)));
    }
}
