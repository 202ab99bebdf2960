//! Cipher phrases of several words, found in the tokens with one Aho-Corasick automaton.
//!
//! In: the profile. Out: for a token, the phrases of the profile that start there: "is simply a", "solar year".
//! The text is searched in a normal form: words in lower case, one space between.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::lexicon::Profile;

/// The multi-word cipher phrases of a profile.
#[derive(Clone, Debug)]
pub(super) struct Phrases {
    automaton: Option<AhoCorasick>,
    phrases: Vec<String>,
}

/// A phrase found: index of its first and last word in the words given, and the phrase.
pub(super) struct Match<'p> {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) phrase: &'p str,
}

impl Phrases {
    pub(super) fn of(profile: Option<&Profile>) -> Self {
        let phrases: Vec<String> = profile
            .into_iter()
            .flat_map(Profile::ciphers)
            .filter(|cipher| cipher.contains(' '))
            .map(|cipher| format!(" {cipher} "))
            .collect();
        let automaton = if phrases.is_empty() { None } else { AhoCorasick::builder().match_kind(MatchKind::Standard).build(&phrases).ok() };
        Self { automaton, phrases }
    }

    /// The phrases among `words`; an empty word is a gap that no phrase crosses.
    pub(super) fn find(&self, words: &[&str]) -> Vec<Match<'_>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut text = String::with_capacity(words.iter().map(|word| word.len() + 2).sum::<usize>() + 1);
        text.push(' ');
        let mut starts = Vec::with_capacity(words.len());
        for word in words {
            starts.push(text.len());
            text.push_str(if word.is_empty() { "\u{0}" } else { word });
            text.push(' ');
        }
        let index_of = |at: usize| starts.partition_point(|&start| start <= at).saturating_sub(1);
        automaton
            .find_overlapping_iter(&text)
            .filter_map(|found| {
                let phrase = self.phrases.get(found.pattern().as_usize())?;
                Some(Match { first: index_of(found.start() + 1), last: index_of(found.end() - 2), phrase: phrase.trim() })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Pair, Source, TouchRule};

    #[test]
    fn phrases_are_found_between_whole_words() {
        let pair = |plain: &str, cipher: &str| Pair {
            plain: plain.into(),
            cipher: cipher.into(),
            count: 1.0,
            confidence: 0.9,
            source: Source::Synthetic,
        };
        let profile = Profile::new("x", 1, TouchRule::BARE, vec![pair("is a", "is simply a"), pair("year", "solar year")]);
        let phrases = Phrases::of(Some(&profile));
        let found: Vec<(usize, usize)> =
            phrases.find(&["this", "is", "simply", "a", "solar", "", "year"]).iter().map(|m| (m.first, m.last)).collect();
        assert_eq!(found, [(1, 3)]);
    }
}
