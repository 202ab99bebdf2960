//! What a run has done, in numbers.
//!
//! In: entries as they are delivered, and what was lost. Out: counts that can be stored, gone on with and shown. No clock: who runs
//! it adds the time.

use serde::{Deserialize, Serialize};

use super::{Entry, Fate};
use crate::detect::Verdict;

/// Most failures that are kept by name.
const NAMED: usize = 100;

/// A failure by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// What failed.
    pub id: String,
    /// Why.
    pub error: String,
}

/// What a run has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// The first failures, by name.
    pub failures: Vec<Named>,
}

/// The counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Inputs that were read to their end and delivered.
    pub inputs: u64,
    /// Documents and records that were restored; clean ones too.
    pub documents: u64,
    /// Of these, spun.
    pub spun: u64,
    /// Of these, perhaps spun.
    pub unsure: u64,
    /// Of these, changed.
    pub changed: u64,
    /// Words of the documents.
    pub words: u64,
    /// Edits made.
    pub edits: u64,
    /// Places left as they are although they are probably swapped.
    pub undecided: u64,
    /// Plain bytes read.
    pub bytes_in: u64,
    /// Plain bytes written.
    pub bytes_out: u64,
    /// Documents and records that passed unchanged because something was wrong with them.
    pub failed: u64,
    /// Inputs that could not be read or delivered.
    pub lost: u64,
}

impl Summary {
    /// Counts an entry that was delivered as `written` bytes.
    pub fn count(&mut self, entry: &Entry, written: usize) {
        let counts = &mut self.counts;
        counts.bytes_in += entry.before().len() as u64;
        counts.bytes_out += written as u64;
        match &entry.fate {
            Fate::Restored(_, restoration) => {
                counts.documents += 1;
                counts.spun += u64::from(restoration.verdict == Verdict::Spun);
                counts.unsure += u64::from(restoration.verdict == Verdict::Unsure);
                counts.changed += u64::from(restoration.plan.edits.iter().any(|edit| edit.from != edit.to));
                counts.words += restoration.words as u64;
                counts.edits += restoration.plan.edits.len() as u64;
                counts.undecided += restoration.plan.undecided.len() as u64;
            }
            Fate::Failed(id, why) => {
                counts.failed += 1;
                self.name(id, &why.to_string());
            }
            Fate::Carried | Fate::Elsewhere => {}
        }
    }

    /// Counts an input that could not be read or delivered.
    pub fn lose(&mut self, id: &str, why: &str) {
        self.counts.lost += 1;
        self.name(id, why);
    }

    /// Goes back to what was counted at some time before.
    pub fn rewind(&mut self, counts: Counts, failures: usize) {
        self.counts = counts;
        self.failures.truncate(failures);
    }

    fn name(&mut self, id: &str, why: &str) {
        if self.failures.len() < NAMED {
            self.failures.push(Named { id: id.to_owned(), error: why.to_owned() });
        }
    }
}
