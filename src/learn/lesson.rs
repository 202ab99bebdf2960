//! One spinner: its articles to its profile, tested before it is given away.
//!
//! In: sorted texts, and which of them are this spinner's. Out: a [`Lesson`]. Part of the articles with an original are held out of a first
//! profile and restored with it, so that the report speaks of articles not seen; the profile that is given away has seen all. Pairs
//! that would change clean text are dropped, and if that does not help the profile is refused.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::decipher::decipher;
use super::gate;
use super::report::{PairCounts, Report};
use super::sides::Sides;
use super::sort::{Garbled, Texts};
use super::table::{Table, table};
use super::{LearnOptions, Models};
use crate::lexicon::{Choice, Profile, Source};

/// Times that pairs are dropped for the sake of clean text.
const MENDED: usize = 4;
/// Tokens in which a word stayed from which on what another profile says of it is left out.
const STAYED: u32 = 2;
/// Fewest articles with an original of which some are held out.
const MIN_HELD_OUT: usize = 5;

/// Why a profile must not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing was found.
    #[error("no pair was found; more articles, or some of their originals, are needed")]
    NoPairs,
    /// It changes clean text.
    #[error(
        "the profile would change clean text ({} places, such as `{example}`), and dropping pairs does not help; nothing is written",
        places
    )]
    Harm {
        /// Number of places.
        places: usize,
        /// One of them.
        example: String,
    },
    /// It makes garbled articles worse.
    #[error("articles held out of training are worse after the repair than before; nothing is written")]
    Worse,
}

/// What was learned of one spinner.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its profile.
    pub profile: Profile,
    /// What was learned, for a person.
    pub report: Report,
    /// Why the profile must not be used, if so.
    pub refused: Option<Refusal>,
}

/// Learns one spinner from its articles.
pub(super) fn lesson(
    name: &str,
    group: &[usize],
    texts: &Texts<'_>,
    base: Option<&Profile>,
    models: Models<'_>,
    options: &LearnOptions,
) -> Lesson {
    let articles: Vec<&Garbled<'_>> = group.iter().filter_map(|&index| texts.garbled.get(index)).collect();
    let paired: Vec<&Garbled<'_>> = articles.iter().copied().filter(|article| article.original.is_some() || article.part).collect();
    let clean: Vec<&str> = texts.clean.iter().map(|(_, text)| *text).collect();
    let make = |from: &[&Garbled<'_>]| -> (Table, Profile) {
        let sides: Vec<&Sides> = from.iter().map(|article| &article.sides).collect();
        let table = table(name, &sides, &texts.forms);
        let whole = base.map_or_else(|| table.profile.clone(), |base| extended(base, &table.profile));
        (table, whole)
    };
    let held_out =
        held_out(&paired, texts, options).map(|(rest, tested)| (tested.len(), gate::score(&tested, &make(&rest).1, models, options.jobs)));
    let (seen, mut profile) = make(&paired);
    let alone: Vec<&str> = articles.iter().filter(|article| article.original.is_none()).map(|article| article.text).collect();
    if !alone.is_empty() {
        let found = decipher(&alone, &clean, models, &profile, options.rounds, options.jobs);
        profile = profile.merged(&found);
        profile.touch = found.touch;
    }
    let (mut profile, dropped, refused) = harmless(profile, &clean, models, options);
    profile.about = about(&articles, &clean, base, options);
    let sample: Vec<&str> =
        articles.iter().step_by(articles.len().div_ceil(options.sample.max(1)).max(1)).map(|article| article.text).collect();
    let explained = gate::explained(&sample, &profile, models, options.jobs);
    let worse = held_out.as_ref().is_some_and(|(_, score)| score.errors_after > score.errors_before);
    let refused = match refused {
        None if profile.pairs().is_empty() => Some(Refusal::NoPairs),
        None if worse => Some(Refusal::Worse),
        other => other,
    };
    let report = Report {
        articles: articles.len(),
        originals: articles.iter().filter(|article| article.original.is_some()).count(),
        parts: articles.iter().filter(|article| article.part).count(),
        comparable: texts.clean.iter().filter(|(index, _)| !texts.used.contains(index)).count(),
        touch: profile.touch,
        pairs: counted(&profile),
        stays: profile.all_stays().len(),
        spellings: seen.spellings,
        varying: varying(&profile),
        held_out,
        clean: clean.len(),
        dropped,
        explained,
    };
    Lesson { profile, report, refused }
}

/// Articles to learn from, and pairs of texts to be tested.
type Split<'t, 'a> = (Vec<&'a Garbled<'t>>, Vec<(&'t str, &'t str)>);

/// Every n-th article with its whole original is held out, if there are enough.
fn held_out<'t, 'a>(paired: &[&'a Garbled<'t>], texts: &Texts<'t>, options: &LearnOptions) -> Option<Split<'t, 'a>> {
    let whole = paired.iter().filter(|article| article.original.is_some()).count();
    if whole < MIN_HELD_OUT {
        return None;
    }
    let (mut rest, mut tested) = (Vec::new(), Vec::new());
    for (number, article) in paired.iter().copied().enumerate() {
        let original = article.original.and_then(|index| texts.all_clean.get(index));
        match original.filter(|_| number % options.hold_out.max(2) == 0 && tested.len() < options.sample) {
            Some(original) => tested.push((article.text, *original)),
            None => rest.push(article),
        }
    }
    (!tested.is_empty()).then_some((rest, tested))
}

/// The base profile with what was seen; where a word was seen swapped, its images that were never seen are taken out, and where it was seen to stay all.
fn extended(base: &Profile, seen: &Profile) -> Profile {
    let contradicted = |plain: &str, cipher: &str| {
        let images = seen.images(plain);
        let sure = images.iter().any(|pair| pair.count >= 2.0 && !seen.is_weak(pair));
        seen.stays(plain) >= STAYED || sure && !images.iter().any(|pair| pair.cipher == cipher)
    };
    let mut whole = seen.merged(&base.filtered(|pair| !contradicted(&pair.plain, &pair.cipher)));
    if seen.pairs().is_empty() {
        whole.touch = base.touch;
    }
    whole
}

/// Drops the pairs that change clean text, a few times if need be.
fn harmless(mut profile: Profile, clean: &[&str], models: Models<'_>, options: &LearnOptions) -> (Profile, Vec<String>, Option<Refusal>) {
    let mut dropped: BTreeSet<(String, String)> = BTreeSet::new();
    for attempt in 0..=MENDED {
        let harm = gate::harm(clean, &profile, models, options.jobs);
        let Some(((plain, cipher), _)) = harm.first_key_value() else { break };
        if attempt == MENDED {
            let refusal = Refusal::Harm { places: harm.values().sum(), example: format!("{cipher} -> {plain}") };
            return (profile, shown(&dropped), Some(refusal));
        }
        dropped.extend(harm.keys().cloned());
        profile = gate::without(&profile, &dropped);
    }
    let known: BTreeSet<(String, String)> = dropped;
    (profile, shown(&known), None)
}

fn shown(pairs: &BTreeSet<(String, String)>) -> Vec<String> {
    pairs.iter().map(|(plain, cipher)| format!("{plain} -> {cipher}")).collect()
}

fn counted(profile: &Profile) -> PairCounts {
    let mut out = PairCounts::default();
    for pair in profile.pairs() {
        let slot = match profile.support(pair) {
            None => &mut out.base,
            Some(support) if support.weak => &mut out.weak,
            Some(support) if support.aligned > 1 => &mut out.often,
            Some(support) if support.aligned == 1 => &mut out.once,
            Some(_) if pair.source == Source::Deciphered => &mut out.deciphered,
            Some(_) => &mut out.base,
        };
        *slot += 1;
    }
    out
}

fn varying(profile: &Profile) -> usize {
    let several = |choice: Choice| choice != Choice::Always;
    let pairs = profile.pairs().iter().filter(|pair| profile.support(pair).is_some_and(|support| several(support.choice)));
    pairs.map(|pair| pair.plain.as_str()).collect::<BTreeSet<_>>().len()
}

/// Where the profile comes from, for its head.
fn about(articles: &[&Garbled<'_>], clean: &[&str], base: Option<&Profile>, options: &LearnOptions) -> Vec<String> {
    let whole = articles.iter().filter(|article| article.original.is_some()).count();
    let parts = articles.iter().filter(|article| article.part).count();
    let mut out = vec![
        format!(
            "Learned by unspin {} from {} garbled texts, {whole} with their original, {parts} with part of it, and {} clean texts.",
            env!("CARGO_PKG_VERSION"),
            articles.len(),
            clean.len()
        ),
        format!("Settings: rounds {}, every {}th held out of the test.", options.rounds, options.hold_out),
        format!(
            "SHA-256 of the garbled texts {}, of the clean ones {}.",
            hash(articles.iter().map(|article| article.text)),
            hash(clean.iter().copied())
        ),
    ];
    if let Some(base) = base {
        let text = base.to_string();
        out.push(format!("Extends {} version {}, SHA-256 {}.", base.name, base.version, hash([text.as_str()].into_iter())));
    }
    out
}

/// Of all texts, whatever their order.
fn hash<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut each: Vec<_> = texts.map(|text| Sha256::digest(text.as_bytes())).collect();
    each.sort();
    let mut all = Sha256::new();
    each.iter().for_each(|one| all.update(one));
    all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_overrules_what_another_profile_says() {
        let profile = |rows: &str| -> Profile {
            let head = "# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource";
            format!("{head}\n{rows}").parse().unwrap()
        };
        let base = profile("be\tberyllium\t1\t0.9\tagreed\ncan\ttin\t1\t0.9\tagreed\nor\toregon\t1\t0.9\tagreed\n");
        let seen = profile("be\texist\t3\t0.9\taligned\nstays\tcount\ncan\t2\nor\t1\n");
        let whole = extended(&base, &seen);
        // "be" has another image here, "can" stays, and that "or" stayed once is no proof
        let pairs: Vec<&str> = whole.pairs().iter().map(|pair| pair.cipher.as_str()).collect();
        assert_eq!(pairs, ["exist", "oregon"]);
        assert_eq!(whole.all_stays().collect::<Vec<_>>(), [("can", 2)]);
    }
}
