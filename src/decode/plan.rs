//! The repair as a plan: what is changed, where, why, how sure; and what was left open.
//!
//! `plan.apply(input)` is the output, `plan.undo(output)` the input, byte for byte. Applying fails, and changes nothing, if the
//! text is not the one that the plan was made for.

use std::borrow::Cow;

use serde::Serialize;

use crate::lexicon::Source;
use crate::lexicon::thesaurus::Relation;
use crate::text::{Byte, Span};

/// Why an edit is made.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// The profile lists the pair.
    Listed {
        /// Name of the profile.
        profile: String,
        /// Confidence of the pair in the profile.
        confidence: f32,
        /// Whence the pair is known.
        source: Source,
    },
    /// The thesaurus connects the words.
    Related {
        /// First step from the cipher word.
        relation: Relation,
        /// Number of steps.
        distance: u8,
    },
    /// A frequent word that fits.
    Open,
}

/// Another reading of a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// The plain text.
    pub text: String,
    /// Its posterior probability.
    pub confidence: f32,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Where, in bytes of the input.
    pub span: Span<Byte>,
    /// What stands there.
    pub from: String,
    /// What is put there.
    pub to: String,
    /// Why.
    pub reason: Reason,
    /// Posterior probability of the new text.
    pub confidence: f32,
    /// The next best readings, best first.
    pub alternatives: Vec<Alternative>,
}

/// A place that is probably swapped, and left as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    /// Where, in bytes of the input.
    pub span: Span<Byte>,
    /// What stands there.
    pub text: String,
    /// The best readings, best first.
    pub alternatives: Vec<Alternative>,
}

/// The edits of a text, in order and without overlap, and the places left open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What is changed.
    pub edits: Vec<Edit>,
    /// What is left as it is although it is probably swapped.
    pub undecided: Vec<Undecided>,
}

/// Why a plan does not fit a text.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the text has changed since: at byte {at} it does not read `{expected}`")]
pub struct PlanError {
    /// Byte offset in the text.
    pub at: usize,
    /// What should stand there.
    pub expected: String,
}

impl Plan {
    /// The text with all edits made; the very text if there are none.
    ///
    /// # Errors
    /// [`PlanError`] if `input` is not the text of the plan.
    pub fn apply<'t>(&self, input: &'t str) -> Result<Cow<'t, str>, PlanError> {
        let pieces = self.edits.iter().map(|edit| (edit.span.start, edit.from.as_str(), edit.to.as_str()));
        replace(input, pieces)
    }

    /// The text before the edits, from the text behind them.
    ///
    /// # Errors
    /// [`PlanError`] if `output` is not the result of [`Plan::apply`].
    pub fn undo<'t>(&self, output: &'t str) -> Result<Cow<'t, str>, PlanError> {
        let (mut grown, mut shrunk) = (0usize, 0usize);
        let pieces = self.edits.iter().map(move |edit| {
            let at = edit.span.start.saturating_add(grown).saturating_sub(shrunk);
            grown += edit.to.len();
            shrunk += edit.from.len();
            (at, edit.to.as_str(), edit.from.as_str())
        });
        replace(output, pieces)
    }
}

fn replace<'t, 'p>(text: &'t str, pieces: impl ExactSizeIterator<Item = (usize, &'p str, &'p str)>) -> Result<Cow<'t, str>, PlanError> {
    if pieces.len() == 0 {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (start, from, to) in pieces {
        let span = Span::<Byte>::new(start, start.saturating_add(from.len()));
        let before = if start >= at { Span::<Byte>::new(at, start).of(text) } else { None };
        let (Some(before), Some(true)) = (before, span.of(text).map(|found| found == from)) else {
            return Err(PlanError { at: start, expected: from.to_owned() });
        };
        out.push_str(before);
        out.push_str(to);
        at = span.end;
    }
    out.push_str(Span::<Byte>::new(at, text.len()).of(text).unwrap_or(""));
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: usize, from: &str, to: &str) -> Edit {
        let span = Span::new(start, start + from.len());
        Edit { span, from: from.into(), to: to.into(), reason: Reason::Open, confidence: 1.0, alternatives: vec![] }
    }

    #[test]
    fn undo_takes_back_what_apply_does() {
        let plan =
            Plan { edits: vec![edit(0, "is simply a", "is a"), edit(12, "tin", "can"), edit(16, "oregon", "or")], undecided: vec![] };
        let input = "is simply a tin oregon\u{e9}";
        let output = plan.apply(input).unwrap();
        assert_eq!(output, "is a can or\u{e9}");
        assert_eq!(plan.undo(&output).unwrap(), input);
    }

    #[test]
    fn another_text_is_refused() {
        let plan = Plan { edits: vec![edit(3, "tin", "can")], undecided: vec![] };
        assert_eq!(plan.apply("no tim").unwrap_err().at, 3);
        assert!(plan.undo("x").is_err());
    }
}
