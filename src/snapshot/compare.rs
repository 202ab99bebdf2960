//! A stored repair against the one that is made now.
//!
//! In: two snapshots of one article. Out: whether they are the same, and which words became something else. Not obvious: only the
//! restored text and the verdict are a repair; other confidences, reasons or open places do not alter an article, so they are told apart.

use std::collections::BTreeMap;

use super::record::{Note, Setup, Snapshot};

/// How a stored repair stands to the one that is made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Alike in everything.
    Same,
    /// The same text, with other confidences, reasons or open places.
    Notes,
    /// The same article is restored in another way.
    Repair,
    /// The article itself is another one than the snapshot was made of.
    Stale,
}

/// A place of the article where something else is put now.
#[derive(Clone, Debug, PartialEq)]
pub struct WordChange {
    /// What stands in the article.
    pub from: String,
    /// What the snapshot puts there; `None` if it leaves the place as it is.
    pub stored: Option<String>,
    /// What is put there now, and why.
    pub now: Option<Note>,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// How the two stand to each other.
    pub state: State,
    /// Where they differ; empty unless the article is the same.
    pub words: Vec<WordChange>,
    /// What the repairs depend on and is not the same, in words.
    pub setup: Vec<String>,
}

/// Compares a stored repair with the one that is made now.
#[must_use]
pub fn compare(stored: &Snapshot, now: &Snapshot) -> Comparison {
    let setup = setup(&stored.setup, &now.setup);
    if stored.source != now.source {
        return Comparison { state: State::Stale, words: Vec::new(), setup };
    }
    let words = words(stored, now);
    let same = stored.result == now.result && stored.kind() == now.kind() && words.is_empty();
    let state = match same {
        false => State::Repair,
        true if stored.notes().eq(now.notes()) => State::Same,
        true => State::Notes,
    };
    Comparison { state, words, setup }
}

/// What is known of a place: in the snapshot, and now.
type Both<'s> = (Option<&'s Note>, Option<&'s Note>);

fn words(stored: &Snapshot, now: &Snapshot) -> Vec<WordChange> {
    let mut places: BTreeMap<(usize, usize), Both<'_>> = BTreeMap::new();
    for note in stored.notes().filter(|note| note.to.is_some()) {
        places.entry((note.span.start, note.span.end)).or_default().0 = Some(note);
    }
    // places that are open now tell why a word is no longer changed
    for note in now.notes() {
        let place = places.entry((note.span.start, note.span.end)).or_default();
        place.1 = place.1.filter(|before| before.to.is_some()).or(Some(note));
    }
    let text = |note: Option<&Note>| note.and_then(|note| note.to.clone());
    let mut out = Vec::new();
    for (stored, now) in places.into_values() {
        if text(stored) != text(now)
            && let Some(place) = now.or(stored)
        {
            out.push(WordChange { from: place.from.clone(), stored: text(stored), now: now.cloned() });
        }
    }
    out
}

/// What differs in what two repairs depend on, a line each.
fn setup(stored: &Setup, now: &Setup) -> Vec<String> {
    let mut out = Vec::new();
    let mut put = |what: &str, stored: &str, now: &str| {
        if stored != now {
            out.push(format!("{what}: {} -> {}", short(stored), short(now)));
        }
    };
    put("program", &stored.program, &now.program);
    put("profile", &stored.profiles.join(", "), &now.profiles.join(", "));
    put("model", &stored.model, &now.model);
    put("thesaurus", &stored.thesaurus, &now.thesaurus);
    put("settings", &stored.settings, &now.settings);
    out
}

/// A description with its fingerprints cut to what tells them apart.
fn short(text: &str) -> String {
    if text.is_empty() {
        return "none".to_owned();
    }
    let cut = |word: &str| match word.strip_prefix("sha256:") {
        Some(digest) => digest.chars().take(12).collect(),
        None => word.to_owned(),
    };
    text.split(' ').map(cut).collect::<Vec<String>>().join(" ")
}
