//! Where the articles and their snapshots are, as typed and opened.
//!
//! In: a folder of articles, and another one for the snapshots if they do not lie in `.unspin/snapshots` below it: a hidden folder, which is
//! no input of any command. Out: the articles with their ids, the store, and the snapshots whose article is gone.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use unspin::read::{Articles, Kind, ReadError, Source, articles};
use unspin::snapshot::Store;

/// Folders, as typed.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(super) struct Args {
    /// The folder of articles
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Where the snapshots are [default: DIR/.unspin/snapshots]
    #[arg(long, value_name = "FOLDER")]
    snapshots: Option<PathBuf>,
}

/// Folders, opened.
#[derive(Debug)]
pub(super) struct Snapshots {
    /// As given.
    pub(super) folder: PathBuf,
    /// The articles, sorted, and what could not be looked into.
    pub(super) articles: Articles,
    /// The snapshots.
    pub(super) store: Store,
}

impl Args {
    /// Looks the folders up.
    pub(super) fn open(&self) -> Result<Snapshots> {
        let folder = self.folder.clone();
        if folder.is_file() {
            bail!("{} is a file; name the folder of articles that it lies in", folder.display());
        }
        let at = self.snapshots.clone().unwrap_or_else(|| folder.join(".unspin").join("snapshots"));
        if at.is_file() {
            bail!("{} is a file; --snapshots takes a folder", at.display());
        }
        let store = Store::new(&at);
        let mut articles = match articles(&folder, Some(store.folder())) {
            Err(ReadError::NoArticles) if !store.all_stored()?.is_empty() => Articles::default(),
            found => found.with_context(|| folder.display().to_string())?,
        };
        let streams = articles.sources.extract_if(.., |source| !is_document(source)).count();
        if articles.sources.is_empty() && articles.problems.is_empty() && streams > 0 && store.all_stored()?.is_empty() {
            bail!("{}: there are only streams of records here; snapshots are of texts, pages and Markdown", folder.display());
        }
        if articles.sources.is_empty()
            && let Some((name, error)) = articles.problems.pop()
        {
            return Err(anyhow::Error::new(error).context(name));
        }
        Ok(Snapshots { folder, articles, store })
    }
}

impl Snapshots {
    /// Snapshots whose article is gone.
    pub(super) fn orphans(&self) -> Result<Vec<String>> {
        let ids: BTreeSet<String> = self.articles.sources.iter().map(Source::relative_name).collect();
        let mut all = self.store.all_stored()?;
        all.extend(self.store.all_proposed()?);
        let gone: BTreeSet<String> = all.into_iter().filter(|one| !ids.contains(one)).collect();
        Ok(gone.into_iter().collect())
    }

    /// DIR as it must be given to other commands.
    pub(super) fn argument(&self) -> String {
        let folder = if self.folder.as_os_str() == "." { String::new() } else { format!(" {}", self.folder.display()) };
        let default = self.folder.join(".unspin").join("snapshots");
        if self.store.folder() == default { folder } else { format!("{folder} --snapshots {}", self.store.folder().display()) }
    }
}

/// Whether a source is one article, not a stream of records.
fn is_document(source: &Source) -> bool {
    source.path().and_then(Kind::of_name).is_some_and(Kind::is_document)
}
