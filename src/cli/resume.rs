//! What of an interrupted run still holds.
//!
//! In: the marks of the last run, the inputs and outputs of this one. Out: how many inputs need not be done again, and where in the next
//! one to go on. Every input and output is hashed again: what has changed since is done anew, and all that comes behind it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use unspin::batch::{Journal, Mark, Reading};
use unspin::read::Source;
use unspin::write::AtomicFile;

use super::deliver::{Start, hex};
use super::output::Target;

/// What still holds.
#[derive(Debug, Default)]
pub(super) struct Resumed {
    /// Inputs that are done.
    pub(super) done: usize,
    /// The marks that count.
    pub(super) marks: Vec<Mark>,
    /// Where the first input that is not done is gone on with.
    pub(super) start: Option<Start>,
}

/// Looks at what the last run left.
pub(super) fn look(journal: &Path, settings: &str, sources: &[Source], target: &Target, reading: &Reading) -> Resumed {
    let marks = Journal::marks(journal, settings);
    let check = Check { target, reading };
    let (mut done, mut kept) = (0, 0);
    let mut end = marks.len();
    for (number, mark) in marks.iter().enumerate() {
        let holds = sources.get(done).is_some_and(|source| source.id == mark.input && (!mark.ended || check.ended(source, mark)));
        if !holds {
            end = number;
            break;
        }
        if mark.ended {
            (done, kept) = (done + 1, number + 1);
        }
    }
    let mut start = None;
    if let Some(source) = sources.get(done) {
        let steps = marks.iter().enumerate().take(end).skip(kept).rev();
        if let Some((number, found)) = steps.filter_map(|(number, mark)| Some((number, check.step(source, mark)?))).next() {
            start = Some(found);
            kept = number + 1;
        }
    }
    Resumed { done, marks: marks.into_iter().take(kept).collect(), start }
}

struct Check<'c> {
    target: &'c Target,
    reading: &'c Reading,
}

impl Check<'_> {
    /// Whether an input that was through is still what it was, and its output too.
    fn ended(&self, source: &Source, mark: &Mark) -> bool {
        let in_place = matches!(self.target, Target::InPlace(_));
        let output = || self.target.path(source).and_then(|path| file(&path, u64::MAX)).map(|(hash, _)| hex(hash));
        let content = || self.content(source, u64::MAX).map(|(hash, _)| hex(hash));
        match (mark.output.is_empty(), mark.content.is_empty()) {
            // lost, and told so
            (true, true) => true,
            (true, false) => content().as_ref() == Some(&mark.content),
            // the input is not there any more: this stands in its place
            (false, _) if in_place => output().as_ref() == Some(&mark.output),
            (false, true) => output().as_ref() == Some(&mark.output),
            (false, false) => output().as_ref() == Some(&mark.output) && content().as_ref() == Some(&mark.content),
        }
    }

    /// Where to go on inside an input, if what was done of it still holds.
    fn step(&self, source: &Source, mark: &Mark) -> Option<Start> {
        let part = AtomicFile::part_of(&self.target.path(source)?);
        let (output, length) = file(&part, mark.length)?;
        let (content, bytes) = self.content(source, mark.bytes)?;
        let holds =
            length == mark.length && bytes == mark.bytes && hex(output.clone()) == mark.output && hex(content.clone()) == mark.content;
        holds.then(|| Start { mark: mark.clone(), content, output })
    }

    /// The hash of the first plain bytes of an input, and how many there were.
    fn content(&self, source: &Source, most: u64) -> Option<(Sha256, u64)> {
        let opened = source.open(self.reading.kind, self.reading.limits, &std::sync::Arc::default()).ok()?;
        hashed(opened.reader, most).ok()
    }
}

/// The hash of the first bytes of a file, and how many there were.
pub(super) fn file(path: &Path, most: u64) -> Option<(Sha256, u64)> {
    hashed(File::open(path).ok()?, most).ok()
}

fn hashed(reader: impl Read, most: u64) -> io::Result<(Sha256, u64)> {
    let mut hash = Sha256::new();
    let mut reader = reader.take(most);
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok((hash, length));
        }
        hash.update(buffer.get(..read).unwrap_or(&[]));
        length += read as u64;
    }
}
