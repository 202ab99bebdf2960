//! Texts to restorations, on as many threads as were asked for, in order.
//!
//! In: borrowed texts, or why one is none. Out: what became of each. Runs without holding the interpreter; only a look at whether the user
//! has pressed Ctrl-C, some times a second, takes it for a moment.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use unspin::batch::{Spare, Task, alone, ordered};
use unspin::read::field::Field;
use unspin::restore::Restoration;

use crate::models::Machine;
use crate::trouble::Trouble;

/// Time between two looks at whether the user has interrupted.
const PATIENCE: Duration = Duration::from_millis(100);

/// A text restored.
pub(crate) struct Done {
    /// Verdict and plan.
    pub(crate) restoration: Restoration,
    /// The restored text; `None` if it is as it was.
    pub(crate) text: Option<String>,
}

/// What is done with every text.
pub(crate) struct Work {
    pub(crate) machine: Machine,
    pub(crate) spare: Spare,
    pub(crate) max_bytes: usize,
    field: Field,
}

impl Work {
    /// With models, what must stay as it is, and the largest text.
    pub(crate) fn new(machine: Machine, spare: Spare, max_bytes: usize) -> Self {
        Self { machine, spare, max_bytes, field: Field::new("text") }
    }

    /// Restores one text.
    pub(crate) fn one(&self, text: &str) -> Result<Done, Trouble> {
        if text.len() > self.max_bytes {
            let (has, most) = (text.len(), self.max_bytes);
            return Err(Trouble::Text(format!("the text has {has} bytes, more than {most}; cut it, or raise max_bytes")));
        }
        let task = Task {
            field: &self.field,
            id: &self.field,
            spare: &self.spare,
            restore: &|text, spared| self.machine.with_dependent(|_, restorer| restorer.restore_sparing(text, spared)),
            survey: None,
        };
        let restoration = alone(text, &task)?;
        let text = match restoration.plan.apply(text).map_err(|error| Trouble::Internal(error.to_string()))? {
            Cow::Borrowed(_) => None,
            Cow::Owned(restored) => Some(restored),
        };
        Ok(Done { restoration, text })
    }

    /// Restores many; `None` stands for nothing and passes.
    pub(crate) fn many<'t>(
        &self,
        py: Python<'_>,
        threads: NonZeroUsize,
        texts: impl Iterator<Item = Option<Result<&'t str, Trouble>>> + Send,
    ) -> PyResult<Vec<Option<Result<Done, Trouble>>>> {
        py.detach(|| {
            let mut out = Vec::new();
            let mut looked = Instant::now();
            let work = |text: Option<Result<&str, Trouble>>| text.map(|text| text.and_then(|text| self.one(text)));
            ordered(threads, texts, work, |done| {
                out.push(done);
                if looked.elapsed() < PATIENCE {
                    return Ok(());
                }
                looked = Instant::now();
                Python::attach(|py| py.check_signals())
            })?;
            Ok(out)
        })
    }
}
