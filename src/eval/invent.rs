//! A made-up spinner, drawn from the thesaurus by a seed: for test sets behind a cipher that nobody has seen.
//!
//! In: a seed, the thesaurus, a language model (for what is frequent). Out: a [`Profile`] as such spinners have them: most frequent
//! words go to a relative within two steps, some function words to anything. Every word is drawn by
//! itself, so a change in one part of the data leaves the images of the other words as they were.

use super::draw::Draw;
use crate::lexicon::thesaurus::{Limits, Plaintext, Relation, Thesaurus};
use crate::lexicon::{CLOSED_CLASS, Pair, Profile, Source, TouchRule};
use crate::lm::{NgramModel, WordId, hash_word, special};

/// Words that carry grammar and that a dictionary of nouns, verbs, adjectives and adverbs lists all the same (so not "the", "and", "of").
/// [`SWAPPED_FUNCTION_WORDS`] of them are swapped for anything, the others are treated like content words.
const FUNCTION_WORDS: [&str; 97] = [
    "about", "above", "across", "after", "all", "also", "always", "another", "any", "around", "as", "at", "away", "back", "be", "because",
    "before", "behind", "between", "both", "can", "do", "else", "enough", "even", "ever", "every", "few", "first", "have", "he", "here",
    "how", "in", "into", "is", "it", "just", "last", "least", "less", "like", "many", "may", "maybe", "me", "might", "more", "most",
    "much", "must", "near", "never", "next", "no", "not", "now", "off", "on", "once", "one", "only", "or", "other", "out", "over", "own",
    "perhaps", "quite", "rather", "same", "several", "so", "some", "soon", "still", "such", "then", "there", "through", "together", "too",
    "two", "under", "up", "very", "well", "when", "where", "while", "who", "whole", "why", "will", "within", "would", "yet",
];
const SWAPPED_FUNCTION_WORDS: usize = 40;
/// Ranks of the words that function words are swapped for.
const ARBITRARY_RANKS: std::ops::Range<u64> = 1_500..9_000;
/// In 100 frequent words, how many a spinner lists: base forms, and inflected ones.
const LISTED: (u64, u64) = (85, 40);
/// In 100 swaps, how many go to the same synset and to a synset one pointer away; the others go two steps.
const DISTANCES: (u64, u64) = (40, 75);

/// What a made-up spinner may list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpinnerKind {
    /// So many of the most frequent words.
    pub ranks: WordId,
    /// In 100 words of closed classes that no dictionary has ("the", "from", "which"), how many it swaps for anything.
    pub grammar: u64,
}

impl SpinnerKind {
    /// A spinner that lists what dictionaries do.
    pub const USUAL: Self = Self { ranks: 2_500, grammar: 0 };
    /// One that lists any word, "the" and "from" among them.
    pub const ANY_WORD: Self = Self { grammar: 20, ..Self::USUAL };
}

/// Draws a spinner of this kind.
#[must_use]
pub fn invent(name: &str, seed: u64, kind: SpinnerKind, thesaurus: &Thesaurus<'_>, model: &NgramModel<'_>) -> Profile {
    let draw = |word: &str| Draw::from(hash_word(word) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut function_words = FUNCTION_WORDS.map(|word| (draw(word).number(), word));
    function_words.sort_unstable();
    let swapped: Vec<&str> = function_words.iter().take(SWAPPED_FUNCTION_WORDS).map(|found| found.1).collect();
    let is_swapped = |word: &str| {
        let of_grammar = || !FUNCTION_WORDS.contains(&word) && CLOSED_CLASS.binary_search(&word).is_ok();
        swapped.contains(&word) || draw(word).below(100) < kind.grammar && of_grammar()
    };
    let frequent = (special::BREAK + 1..=kind.ranks).filter_map(|id| {
        let word = model.vocabulary().word(id);
        let image = match is_swapped(word) {
            true => arbitrary(word, &mut draw(word), thesaurus, model),
            false => relative(word, &mut draw(word), thesaurus, model),
        };
        Some(Pair { plain: word.to_owned(), cipher: image?, count: 1.0, confidence: 1.0, source: Source::Synthetic })
    });
    Profile::new(name, 1, TouchRule::BARE, frequent.collect())
}

/// Any word of middling frequency.
fn arbitrary(word: &str, draw: &mut Draw, thesaurus: &Thesaurus<'_>, model: &NgramModel<'_>) -> Option<String> {
    let tries = std::iter::repeat_with(|| ARBITRARY_RANKS.start + draw.below(ARBITRARY_RANKS.end - ARBITRARY_RANKS.start)).take(100);
    let mut words = tries.filter_map(|rank| WordId::try_from(rank).ok()).map(|id| model.vocabulary().word(id));
    words.find(|&image| image != word && is_plain(image) && thesaurus.contains(image)).map(str::to_owned)
}

/// A relative within two steps, near senses before far ones; `None` for words that the spinner does not list.
fn relative(word: &str, draw: &mut Draw, thesaurus: &Thesaurus<'_>, model: &NgramModel<'_>) -> Option<String> {
    if !is_plain(word) {
        return None;
    }
    let listed = if thesaurus.senses(word).is_empty() { LISTED.1 } else { LISTED.0 };
    if draw.below(100) >= listed {
        return None;
    }
    let limits = Limits { max_distance: 2, max_number: 80, ..Limits::default() };
    let ways = thesaurus.plaintexts(word, &limits);
    let at = |distance: u8| -> Vec<&str> {
        let other_word = |way: &Plaintext<'_>| way.relation != Relation::SameLemma && is_plain(way.word);
        let in_form = |way: &Plaintext<'_>| way.inflected || !thesaurus.senses(way.word).is_empty();
        let fits = ways.iter().filter(|way| way.distance == distance && other_word(way) && in_form(way));
        fits.map(|way| way.word).filter(|image| model.vocabulary().id(image).is_some()).collect()
    };
    let wanted = match draw.below(100) {
        below if below < DISTANCES.0 => [0, 1, 2],
        below if below < DISTANCES.1 => [1, 0, 2],
        _ => [2, 1, 0],
    };
    let near = wanted.into_iter().map(at).find(|words| !words.is_empty())?;
    // each relative is passed over with probability one half
    let chosen = near.iter().find(|_| draw.below(2) == 0).or(near.first())?;
    Some((*chosen).to_owned())
}

fn is_plain(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    #[test]
    fn a_seed_draws_one_spinner() {
        let (thesaurus, model) = (embedded::thesaurus().unwrap(), embedded::model().unwrap());
        let drawn = |seed, kind| invent("a", seed, kind, &thesaurus, &model);
        let first = drawn(7, SpinnerKind::USUAL);
        assert_eq!(first, drawn(7, SpinnerKind::USUAL));
        assert_ne!(first.pairs(), drawn(8, SpinnerKind::USUAL).pairs());
        assert!(first.pairs().len() > 1_000, "{}", first.pairs().len());
        assert!(first.pairs().iter().all(|pair| pair.plain != pair.cipher));
        assert_eq!(first.to_string().parse::<Profile>().map(|read| read.pairs().len()), Ok(first.pairs().len()));
    }

    #[test]
    fn a_spinner_of_any_word_swaps_what_no_dictionary_has_besides() {
        let (thesaurus, model) = (embedded::thesaurus().unwrap(), embedded::model().unwrap());
        let [usual, any] = [SpinnerKind::USUAL, SpinnerKind::ANY_WORD].map(|kind| invent("a", 7, kind, &thesaurus, &model));
        let listed = |profile: &Profile| profile.pairs().iter().map(|pair| pair.plain.clone()).collect::<Vec<_>>();
        let (usual, any) = (listed(&usual), listed(&any));
        assert!(usual.iter().all(|plain| any.contains(plain)));
        let added: Vec<&String> = any.iter().filter(|plain| !usual.contains(plain)).collect();
        assert!((10..60).contains(&added.len()), "{added:?}");
        assert!(added.iter().all(|plain| CLOSED_CLASS.contains(&plain.as_str())));
    }

    #[test]
    fn function_words_are_sorted() {
        assert!(FUNCTION_WORDS.is_sorted());
    }
}
