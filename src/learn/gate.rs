//! Before a profile is given away: what does it do to texts that it has not seen, and to clean ones?
//!
//! In: a profile, garbled texts with their originals, clean texts. Out: counts, and the pairs that changed clean text.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::num::NonZeroUsize;

use super::Models;
use crate::batch::ordered;
use crate::eval::Score;
use crate::lexicon::Profile;
use crate::restore::{Preset, ProfileChoice, Restoration, RestoreOptions, Restorer};

/// What a profile does to garbled texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explained {
    /// Words.
    pub words: usize,
    /// Edits.
    pub restored: usize,
    /// Words that are probably swapped, and left.
    pub undecided: usize,
    /// The words most often left: the word, how often, and one place where it stands.
    pub unknown: Vec<(String, usize, String)>,
}

/// Words to either side in a context.
const CONTEXT: usize = 4;
/// Words that are named as unknown.
const NAMED: usize = 12;

fn restore_all<'t>(
    texts: &[&'t str],
    profile: &Profile,
    models: Models<'_>,
    preset: Preset,
    jobs: NonZeroUsize,
    mut sink: impl FnMut(&'t str, Restoration),
) {
    let options = RestoreOptions { profile: ProfileChoice::Fixed(0), preset, ..RestoreOptions::default() };
    let firm = (!preset.takes_weak_pairs()).then(|| profile.firm());
    let profiles = std::slice::from_ref(firm.as_ref().unwrap_or(profile));
    let restorer = Restorer::new(models.model, models.thesaurus, profiles, options);
    let Ok(()) = ordered(
        jobs,
        texts.iter().copied(),
        |text| (text, restorer.restore(text)),
        |(text, found)| {
            sink(text, found);
            Ok::<(), Infallible>(())
        },
    );
}

/// How much of garbled texts comes back, against their originals.
pub(super) fn score(pairs: &[(&str, &str)], profile: &Profile, models: Models<'_>, jobs: NonZeroUsize) -> Score {
    let mut score = Score::default();
    let mut originals = pairs.iter().map(|pair| pair.1);
    let garbled: Vec<&str> = pairs.iter().map(|pair| pair.0).collect();
    restore_all(&garbled, profile, models, Preset::default(), jobs, |text, found| {
        if let (Some(original), Ok(restored)) = (originals.next(), found.plan.apply(text)) {
            score += Score::of(text, original, &restored);
        }
    });
    score
}

/// The swaps that the profile undoes in clean texts, where there is nothing to undo: plain and cipher word, and how often.
pub(super) fn harm(clean: &[&str], profile: &Profile, models: Models<'_>, jobs: NonZeroUsize) -> BTreeMap<(String, String), usize> {
    let mut out = BTreeMap::new();
    // what the boldest preset would do
    restore_all(clean, profile, models, Preset::Recall, jobs, |_, found| {
        for edit in &found.plan.edits {
            *out.entry((edit.to.to_lowercase(), edit.from.to_lowercase())).or_default() += 1;
        }
    });
    out
}

/// How much of garbled texts the profile explains.
pub(super) fn explained(garbled: &[&str], profile: &Profile, models: Models<'_>, jobs: NonZeroUsize) -> Explained {
    let mut out = Explained::default();
    let mut open: BTreeMap<String, (usize, String)> = BTreeMap::new();
    restore_all(garbled, profile, models, Preset::default(), jobs, |text, found| {
        out.words += found.words;
        out.restored += found.plan.edits.len();
        out.undecided += found.plan.undecided.len();
        for place in &found.plan.undecided {
            let context = || context(text, place.span.start, place.span.end);
            open.entry(place.text.to_lowercase()).and_modify(|known| known.0 += 1).or_insert_with(|| (1, context()));
        }
    });
    let mut unknown: Vec<(String, usize, String)> = open.into_iter().map(|(word, (count, context))| (word, count, context)).collect();
    unknown.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    unknown.truncate(NAMED);
    out.unknown = unknown;
    out
}

fn context(text: &str, start: usize, end: usize) -> String {
    let before: Vec<&str> = text.get(..start).unwrap_or("").split_whitespace().rev().take(CONTEXT).collect();
    let behind = text.get(end..).unwrap_or("").split_whitespace().take(CONTEXT);
    let word = [text.get(start..end).unwrap_or("")];
    before.into_iter().rev().chain(word).chain(behind).collect::<Vec<_>>().join(" ")
}

/// The profile without the pairs that stand in `harm`.
pub(super) fn without(profile: &Profile, harm: &BTreeSet<(String, String)>) -> Profile {
    profile.filtered(|pair| !harm.contains(&(pair.plain.clone(), pair.cipher.clone())))
}
