//! Learning a spinner: garbled articles, and whatever clean ones there are, to a profile.
//!
//! In: texts of a site, clean texts, models. Out: a [`Lesson`] for each spinner: its profile and a [`Report`]. Each garbled text is
//! laid beside the clean texts that share most with it; where one is its original, or part of it, the swaps are read off. The
//! others are deciphered with what is known by then. Nothing in the path of a repair uses this.
//!
//! ```text
//! texts -row-> Rows -originals, align-> Sides -table, phrases-> Profile -decipher-> Profile -gate-> Profile, Report
//!                \- spinners: one group for each spinner
//! ```

mod align;
mod decipher;
mod gate;
mod lesson;
mod originals;
mod phrases;
mod report;
mod row;
mod sides;
mod sort;
mod spinners;
mod table;

pub use gate::Explained;
pub use lesson::{Lesson, Refusal};
pub use report::{PairCounts, Report};
pub use sort::Strays;

use std::num::NonZeroUsize;

use crate::lexicon::Profile;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::NgramModel;

/// A text to learn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its name in messages.
    pub id: String,
    /// The text.
    pub text: String,
}

/// Everything that reads English.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a> {
    /// The language model.
    pub model: NgramModel<'a>,
    /// The thesaurus.
    pub thesaurus: &'a Thesaurus<'a>,
}

/// How a spinner is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnOptions {
    /// Times that what stands behind each word is estimated anew where there is no original.
    pub rounds: usize,
    /// Every n-th article with an original is held out of a first profile, which is then tested on it.
    pub hold_out: usize,
    /// Most articles that are held out, or restored to see what is explained.
    pub sample: usize,
    /// Threads; the result does not depend on them.
    pub jobs: NonZeroUsize,
}

impl Default for LearnOptions {
    fn default() -> Self {
        Self { rounds: 6, hold_out: 5, sample: 60, jobs: NonZeroUsize::MIN }
    }
}

/// What was learned.
#[derive(Clone, Debug)]
pub struct Learned {
    /// One for each spinner, the one with most articles first.
    pub lessons: Vec<Lesson>,
    /// Texts in the wrong place.
    pub strays: Strays,
}

/// Why nothing can be learned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// There is nothing to learn from.
    #[error("there is no garbled text")]
    NoText,
    /// No garbled text is garbled.
    #[error(
        "none of the {texts} garbled texts is garbled: {copies} equal a clean text word by word, the others read like plain English; are the \
         folders exchanged?"
    )]
    NotGarbled {
        /// Number of texts.
        texts: usize,
        /// Of these, those that equal a clean one.
        copies: usize,
    },
}

/// Learns the spinners of garbled articles; `base` is extended, if there is one.
///
/// # Errors
/// [`LearnError`] if there is nothing to learn from.
pub fn learn(
    name: &str,
    garbled: &[Article],
    clean: &[Article],
    base: Option<&Profile>,
    models: Models<'_>,
    options: &LearnOptions,
) -> Result<Learned, LearnError> {
    if garbled.is_empty() {
        return Err(LearnError::NoText);
    }
    let (texts, strays) = sort::sort(garbled, clean, base, models, options.jobs);
    if texts.garbled.is_empty() {
        return Err(LearnError::NotGarbled { texts: garbled.len(), copies: strays.copies.len() });
    }
    let rows: Vec<&row::Row> = texts.garbled.iter().map(|text| &text.row).collect();
    let groups = spinners::groups(&rows);
    let several = groups.len() > 1;
    let lessons = groups.iter().enumerate().map(|(number, group)| {
        let name = if several { format!("{name}-{}", number + 1) } else { name.to_owned() };
        lesson::lesson(&name, group, &texts, base, models, options)
    });
    Ok(Learned { lessons: lessons.collect(), strays })
}
