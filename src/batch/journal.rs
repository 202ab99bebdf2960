//! What an interrupted run has done, so that the next one can go on.
//!
//! In: marks, one behind each input and at steps inside a large one. Out: a file of JSON Lines, each line on the disk before what it
//! tells of is put into its place; and, for the next run, the marks that were whole. A mark says how far the input was read and how long
//! the outputs were, each with a hash: what does not match any more is not trusted.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Summary;

/// How far a run had come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Hash of everything that decides about the result but the inputs.
    pub settings: String,
    /// The input.
    pub input: String,
    /// Whether the input was through.
    pub ended: bool,
    /// Plain bytes of the input that were done.
    pub bytes: u64,
    /// Records of the input that were done.
    pub records: u64,
    /// Hash of those bytes.
    pub content: String,
    /// Bytes of the output.
    pub length: u64,
    /// Hash of those bytes; nothing if the input stays in its place as it is, or if it was lost.
    pub output: String,
    /// Bytes of the edit log.
    pub edits: u64,
    /// Bytes of the quarantine file.
    pub quarantine: u64,
    /// The counts so far.
    pub summary: Summary,
}

/// The marks of a run, on disk.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// The marks of the last run with these settings; none if there was no such run. What follows a broken line does not count.
    #[must_use]
    pub fn marks(path: &Path, settings: &str) -> Vec<Mark> {
        let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
        let whole = text.split_inclusive('\n').take_while(|line| line.ends_with('\n'));
        let marks = whole.map_while(|line| serde_json::from_str::<Mark>(line).ok());
        marks.take_while(|mark| mark.settings == settings).collect()
    }

    /// Begins a journal with the marks that still count.
    ///
    /// # Errors
    /// Those of the system.
    pub fn begin(path: &Path, marks: &[Mark]) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        let mut journal = Self { file };
        let mut kept = Vec::new();
        for mark in marks {
            serde_json::to_writer(&mut kept, mark)?;
            kept.push(b'\n');
        }
        // the kept lines are a prefix of what is there
        journal.file.set_len(kept.len() as u64)?;
        journal.file.write_all(&kept)?;
        journal.file.sync_data()?;
        journal.file.seek(SeekFrom::End(0))?;
        Ok(journal)
    }

    /// Adds a mark and waits for the disk.
    ///
    /// # Errors
    /// Those of the system.
    pub fn add(&mut self, mark: &Mark) -> io::Result<()> {
        let mut line = serde_json::to_vec(mark)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_marks_of_the_same_settings_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/journal");
        let mark = |input: &str| Mark { settings: "s".into(), input: input.into(), ..Mark::default() };
        assert!(Journal::marks(&path, "s").is_empty());
        let mut journal = Journal::begin(&path, &[]).unwrap();
        journal.add(&mark("a")).unwrap();
        journal.add(&mark("b")).unwrap();
        journal.file.write_all(b"{\"settings\":\"s\",\"inp").unwrap();
        assert_eq!(Journal::marks(&path, "s"), [mark("a"), mark("b")]);
        assert!(Journal::marks(&path, "other").is_empty());
        Journal::begin(&path, &[mark("a")]).unwrap().add(&mark("c")).unwrap();
        assert_eq!(Journal::marks(&path, "s"), [mark("a"), mark("c")]);
    }
}
