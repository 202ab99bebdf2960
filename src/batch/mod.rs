//! Many texts, on many threads: sources to records, in the order of the sources.
//!
//! In: sources and what to do with a text. Out: one [`Record`] each, or for inputs of every kind the [`Event`]s of a [`stream`()], handed to
//! a sink on the calling thread. One bad document never ends the run: what cannot be read, is not text or makes the restorer panic is
//! a record of its own.

mod entry;
mod feed;
mod journal;
mod ordered;
mod record;
#[cfg(feature = "parquet")]
mod rows;
mod spare;
mod stream;
mod summary;

pub use entry::{Entry, Fate, Restore, Task};
pub use feed::{Input, Reading};
pub use journal::{Journal, Mark};
pub use ordered::{ordered, weighed};
pub use record::{Failure, Outcome, Record};
pub use spare::{Spare, SpareError};
pub use stream::{Event, stream};
pub use summary::{Counts, Named, Summary};

use std::num::NonZeroUsize;

use crate::read::Source;
use crate::restore::Restoration;

/// Reads and restores all sources on `jobs` threads and hands the records to `sink`, in order, until it fails.
///
/// # Errors
/// The error of the sink.
pub fn run<E>(
    jobs: NonZeroUsize,
    sources: impl IntoIterator<Item = Source, IntoIter: Send>,
    restore: &(dyn Fn(&str) -> Restoration + Sync),
    sink: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    ordered(jobs, sources.into_iter(), |source| Record::of(source, restore), sink)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Edit, Plan, Reason};
    use crate::detect::Verdict;
    use crate::text::Span;

    /// Puts b for a first letter a, panics at p, and makes a plan for another text at q.
    fn restore(text: &str) -> Restoration {
        assert!(!text.starts_with('p'), "no {text}");
        let reason = Reason::Open;
        let from = text.strip_prefix('q').map_or("a", |_| "x").to_owned();
        let edit = Edit { span: Span::new(0, 1), from, to: "b".to_owned(), reason, confidence: 1.0, alternatives: Vec::new() };
        let plan = Plan { edits: vec![edit], undecided: Vec::new() };
        let (verdict, paragraphs) = (Verdict::Spun, Vec::new());
        Restoration { verdict, score: 1.0, profile: None, words: 1, swapped: 1, paragraphs, plan }
    }

    #[test]
    fn one_bad_document_is_a_record_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let texts: [(&str, &[u8]); 4] = [("1", b"a"), ("2", b"panic"), ("3", b"q"), ("4", b"\xff")];
        let mut sources: Vec<Source> = Vec::new();
        for (name, bytes) in texts {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            sources.push(Source::file(&folder.path().join(name)));
        }
        sources.insert(1, Source::file(&folder.path().join("none")));
        for jobs in [1, 3] {
            let mut seen = Vec::new();
            let sink = |record: Record| {
                seen.push(match record.outcome {
                    Outcome::Restored(document, restoration) => restoration.plan.apply(document.text().unwrap()).unwrap(),
                    Outcome::Passed(document, why) => format!("{:?} {why}", document.bytes()),
                    Outcome::Unread(why) => why.to_string(),
                });
                Ok::<(), ()>(())
            };
            run(NonZeroUsize::new(jobs).unwrap(), sources.clone(), &restore, sink).unwrap();
            assert_eq!(seen.len(), 5);
            assert_eq!(seen[0], "b");
            assert!(seen[1].starts_with("no such file"));
            assert!(seen[2].starts_with("[112, 97, 110, 105, 99] internal error: no panic; please report"), "{}", seen[2]);
            assert!(seen[3].starts_with("[113] internal error: the text has changed"), "{}", seen[3]);
            assert!(seen[4].starts_with("[255] this is not UTF-8 (byte 0)"));
        }
    }
}
