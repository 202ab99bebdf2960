//! Which text is what: garbled with its original, garbled with part of it, garbled alone, clean, or in the wrong folder.
//!
//! In: all texts. Out: [`Texts`], ready to be counted, and [`Strays`]. A garbled text that equals its original word by word is not
//! garbled; without an original, what surprises the language model no more than plain English does is not garbled either. The measure
//! is mild where the user said "garbled": only clear cases are left out.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::num::NonZeroUsize;

use super::align::Alignment;
use super::originals::Index;
use super::row::{Forms, Row};
use super::sides::Sides;
use super::{Article, Models};
use crate::batch::ordered;
use crate::detect::{Screen, surprise};
use crate::lexicon::Profile;
use crate::text::{segments, tokenise};

/// Fewest words that a clean text must explain to be part of the original.
const PART: usize = 25;
/// Share of a garbled text that its original explains.
const WHOLE: f32 = 0.75;
/// Of 1000 words, those that must be swapped to call a text garbled.
const SWAPPED: usize = 15;
/// Mean surprise of the language model at a bare word, in nats: below the first a text is not garbled, above the second it is not clean.
const PLAIN: f32 = 6.3;
const STRANGE: f32 = 7.0;
/// What a garbled text surprises more than its original, at the least; else the two were exchanged.
const EXCHANGED: f32 = -0.5;
/// Fewest bare words that such a mean is made of.
const MIN_WORDS: usize = 40;
/// Log likelihood ratio of single words above which a known spinner garbled the text, in nats.
const KNOWN: f32 = 4.0;

/// A garbled text.
#[derive(Debug)]
pub(super) struct Garbled<'t> {
    pub(super) text: &'t str,
    pub(super) row: Row,
    /// What its originals say; empty if there is none.
    pub(super) sides: Sides,
    /// Index of the clean text that is the whole original.
    pub(super) original: Option<usize>,
    /// Whether clean texts explain part of it.
    pub(super) part: bool,
}

/// All texts.
#[derive(Debug)]
pub(super) struct Texts<'t> {
    pub(super) forms: Forms,
    pub(super) garbled: Vec<Garbled<'t>>,
    /// The clean texts that are clean, and their index among all that were given.
    pub(super) clean: Vec<(usize, &'t str)>,
    /// All clean texts that were given.
    pub(super) all_clean: Vec<&'t str>,
    /// Index of the clean texts that are an original, whole or in part.
    pub(super) used: BTreeSet<usize>,
}

/// Texts in the wrong place, by name; they were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strays {
    /// Given as garbled, and equal to a clean text word by word.
    pub copies: Vec<String>,
    /// Given as garbled, and plain English.
    pub plain: Vec<String>,
    /// Given as clean, and garbled.
    pub garbled: Vec<String>,
}

/// Sorts the texts.
pub(super) fn sort<'t>(
    garbled: &'t [Article],
    clean: &'t [Article],
    base: Option<&Profile>,
    models: Models<'_>,
    jobs: NonZeroUsize,
) -> (Texts<'t>, Strays) {
    let mut forms = Forms::default();
    let rows: Vec<Row> = garbled.iter().map(|article| forms.row(&article.text)).collect();
    let clean_rows: Vec<Row> = clean.iter().map(|article| forms.row(&article.text)).collect();
    let index = Index::new(&clean_rows);
    let screen = base.map(|base| (base, Screen::of(base, &models.model)));
    let mut strays = Strays::default();
    let mut out = Vec::new();
    let mut used = BTreeSet::new();
    let work = |(article, row): (&'t Article, Row)| {
        let found = beside(&row, &index, &clean_rows, &forms);
        let plain = match found.as_ref().and_then(|found| clean.get(found.whole?)) {
            Some(original) => exchanged(&article.text, &original.text, models),
            None => found.is_none() && reads_plain(&article.text, screen.as_ref(), models),
        };
        (article, row, found, plain)
    };
    let sink = |(article, row, found, plain): (&'t Article, Row, Option<Beside>, bool)| {
        let Beside { sides, whole, parts } = found.unwrap_or_default();
        let (swapped, all) = sides.size();
        if all > 0 && swapped * 1000 < all * SWAPPED {
            strays.copies.push(article.id.clone());
        } else if plain {
            strays.plain.push(article.id.clone());
        } else {
            let part = whole.is_none() && !parts.is_empty();
            used.extend(parts);
            out.push(Garbled { text: &article.text, row, sides, original: whole, part });
        }
        Ok::<(), Infallible>(())
    };
    let Ok(()) = ordered(jobs, garbled.iter().zip(rows), work, sink);
    let mut kept = Vec::new();
    let work = |(index, article): (usize, &'t Article)| {
        let strange = !used.contains(&index) && {
            let found = measured(&article.text, models);
            found.words >= MIN_WORDS && found.mean > STRANGE && found.unknown < 0.25
        };
        (index, article, strange)
    };
    let sink = |(index, article, strange): (usize, &'t Article, bool)| {
        if strange {
            strays.garbled.push(article.id.clone());
        } else {
            kept.push((index, article.text.as_str()));
        }
        Ok::<(), Infallible>(())
    };
    let Ok(()) = ordered(jobs, clean.iter().enumerate(), work, sink);
    let all_clean = clean.iter().map(|article| article.text.as_str()).collect();
    (Texts { forms, garbled: out, clean: kept, all_clean, used }, strays)
}

/// What clean texts say of a garbled one.
#[derive(Default)]
struct Beside {
    sides: Sides,
    whole: Option<usize>,
    parts: Vec<usize>,
}

/// Finds the original of a text, or the texts that are part of it.
fn beside(row: &Row, index: &Index, clean: &[Row], forms: &Forms) -> Option<Beside> {
    let mut found: Vec<(usize, Alignment)> = index
        .like(row)
        .into_iter()
        .filter_map(|number| Some((number, Alignment::new(row, clean.get(number)?, forms))))
        .filter(|(_, alignment)| alignment.reach() >= PART.min(row.len()))
        .collect();
    found.sort_by_key(|(number, alignment)| (std::cmp::Reverse(alignment.reach()), *number));
    let mut out = Beside::default();
    let mut explained = vec![false; row.len()];
    for (number, mut alignment) in found {
        for (trusted, explained) in alignment.trusted.iter_mut().zip(&explained) {
            *trusted &= !explained;
        }
        let reach = alignment.reach();
        let Some(plain) = clean.get(number).filter(|_| reach >= PART.min(row.len())) else { continue };
        if reach as f32 >= WHOLE * row.len() as f32 {
            out.whole = Some(number);
        }
        for (explained, trusted) in explained.iter_mut().zip(&alignment.trusted) {
            *explained |= trusted;
        }
        out.parts.push(number);
        out.sides.extend(Sides::of(row, plain, &alignment));
    }
    (!out.parts.is_empty()).then_some(out)
}

/// Whether a text that has no original is plain English.
fn reads_plain(text: &str, screen: Option<&(&Profile, Screen)>, models: Models<'_>) -> bool {
    let tokens = tokenise(text);
    if let Some((base, screen)) = screen
        && screen.score(base, text, &tokens, &segments(text, &tokens)) > KNOWN
    {
        return false;
    }
    let found = measured(text, models);
    found.words >= MIN_WORDS && found.mean < PLAIN
}

/// Whether the garbled text is the original of what was given as clean.
fn exchanged(garbled: &str, original: &str, models: Models<'_>) -> bool {
    let (garbled, original) = (measured(garbled, models), measured(original, models));
    garbled.words.min(original.words) >= MIN_WORDS && garbled.mean - original.mean < EXCHANGED
}

fn measured(text: &str, models: Models<'_>) -> crate::detect::Surprise {
    let tokens = tokenise(text);
    surprise(text, &tokens, &segments(text, &tokens), &models.model)
}
