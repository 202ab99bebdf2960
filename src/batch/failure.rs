//! Why a document or a record passes unchanged.
//!
//! In: a text. Out: a restoration that fits it, or a reason. A plan that does not fit its own text would be a bug of ours; it is found here,
//! before anything is written.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::decode::PlanError;
use crate::read::NotText;
use crate::read::field::FieldError;
use crate::read::warc::WarcError;
use crate::restore::Restoration;

/// Why a document or a record passes unchanged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It is not text.
    #[error("{0}")]
    NotText(#[from] NotText),
    /// The restorer panicked.
    #[error("internal error: {0}; please report it with the text")]
    Panic(String),
    /// The restorer made a plan for some other text.
    #[error("internal error: {0}; please report it with the text")]
    Plan(#[from] PlanError),
    /// No text where it should be.
    #[error("{0}")]
    Field(#[from] FieldError),
    /// A damaged record of a web archive.
    #[error("{0}")]
    Warc(#[from] WarcError),
    /// Over the cap.
    #[error("larger than {0} bytes; raise --max-record to restore it")]
    TooLarge(usize),
    /// Not where a record begins.
    #[error("this is no record of a web archive, or it is cut off")]
    Foreign,
}

/// Restores a text; a panic, or a plan that does not fit, is a failure of this text alone.
pub(super) fn attempt(text: &str, restore: &dyn Fn(&str) -> Restoration) -> Result<Restoration, Failure> {
    // the models are read-only: a panic leaves nothing half done
    let restoration = catch_unwind(AssertUnwindSafe(|| restore(text))).map_err(|payload| Failure::Panic(message(&*payload)))?;
    restoration.plan.apply(text)?;
    Ok(restoration)
}

/// Surveys a text; after a panic it is for the whole text to fail.
pub(super) fn survey(look: impl FnOnce() -> io::Result<Option<Restoration>>) -> io::Result<Option<Restoration>> {
    catch_unwind(AssertUnwindSafe(look)).unwrap_or(Ok(None))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the restorer panicked").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Edit, Plan, Reason};
    use crate::detect::Verdict;
    use crate::text::Span;

    #[test]
    fn a_panic_and_a_foreign_plan_are_failures_of_one_text() {
        let restore = |text: &str| {
            assert!(!text.starts_with('p'), "no {text}");
            let (reason, alternatives) = (Reason::Open, Vec::new());
            let edit = Edit { span: Span::new(0, 1), from: "a".into(), to: "b".into(), reason, confidence: 1.0, alternatives };
            let plan = Plan { edits: vec![edit], undecided: Vec::new() };
            Restoration { verdict: Verdict::Spun, score: 1.0, profile: None, words: 1, swapped: 1, paragraphs: Vec::new(), plan }
        };
        assert!(attempt("a", &restore).is_ok());
        let told = |text: &str| attempt(text, &restore).unwrap_err().to_string();
        assert_eq!(told("panic"), "internal error: no panic; please report it with the text");
        assert!(told("q").starts_with("internal error: the text has changed"), "{}", told("q"));
    }
}
