//! `unspin restore --format html`: one page of all documents of a run.
//!
//! In: restorations, one after the other. Out: the page on stdout, or as `report.html` in the folder of `--out-dir`, which appears only
//! when it is whole.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use unspin::read::Document;
use unspin::render::Page;
use unspin::restore::Restoration;
use unspin::write::AtomicFile;

use super::inputs::Inputs;

const NAME: &str = "report.html";

/// The page on its way.
pub(super) struct Report {
    page: Page,
    place: Place,
}

enum Place {
    Stdout(BufWriter<io::Stdout>),
    File(AtomicFile),
}

/// The file of the page, if it goes to a folder.
pub(super) fn path(folder: Option<&Path>, inputs: &Inputs) -> Result<Option<PathBuf>> {
    let path = folder.map(|folder| folder.join(NAME));
    if let Some(path) = &path
        && path.canonicalize().is_ok_and(|real| inputs.real_paths().contains(&real))
    {
        bail!("{} would be written over, and it is an input; name another --out-dir", path.display());
    }
    Ok(path)
}

impl Report {
    /// Begins the page.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let place = match path {
            Some(path) => Place::File(AtomicFile::create(path)?),
            None => Place::Stdout(BufWriter::new(io::stdout())),
        };
        let mut report = Self { page: Page::default(), place };
        report.page.begin(report.place.writer()).context("cannot write the page")?;
        Ok(report)
    }

    /// Adds a document.
    pub(super) fn add(&mut self, restoration: &Restoration, document: &Document) -> Result<()> {
        self.page.document(restoration, document, self.place.writer()).context("cannot write the page")
    }

    /// Ends the page and puts it into its place.
    pub(super) fn finish(mut self) -> Result<()> {
        self.page.end(self.place.writer()).context("cannot write the page")?;
        match self.place {
            Place::Stdout(mut out) => out.flush().context("cannot write the page"),
            Place::File(file) => Ok(file.commit()?),
        }
    }
}

impl Place {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::File(file) => file,
        }
    }
}
