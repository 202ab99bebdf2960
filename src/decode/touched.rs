//! What a spinner surely swaps, and in which shapes of words it does so.
//!
//! In: the readings of texts whose bare words may have been swapped. Out: [`SureSwaps`]: a plain word that is surely swapped where it stands
//! bare is gone from the shapes that the spinner touches, and its image is there; from the others it is not.

use std::collections::BTreeSet;

use super::candidates::Origin;
use super::decoder::{Place, Readings};
use crate::lexicon::TouchRule;
use crate::text::Token;

/// Plain words and their images where one surely stands for the other; a word that is both is neither.
#[derive(Debug)]
pub struct SureSwaps {
    plains: BTreeSet<String>,
    images: BTreeSet<String>,
}

/// Of one shape the words that are images, and those that are surely swapped elsewhere and stayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShapeCount {
    /// Images.
    pub swapped: usize,
    /// Plain words.
    pub stayed: usize,
}

impl ShapeCount {
    /// Whether more than this share of the words is swapped.
    #[must_use]
    pub fn exceeds(self, share: f32) -> bool {
        self.swapped as f32 > share * (self.swapped + self.stayed) as f32
    }
}

impl SureSwaps {
    /// The swaps of words that have at least so many places, and are read so at more than this share of them; only places that are `asked` for count.
    #[must_use]
    pub fn of(readings: &Readings, least_places: f32, least_share: f32, asked: impl Fn(&Place) -> bool) -> Self {
        let mut sums: Vec<(f32, Vec<f32>)> = readings.words.iter().map(|(_, list)| (0.0, vec![0.0; list.len()])).collect();
        for place in readings.places.iter().filter(|place| asked(place)) {
            let Some((places, shares)) = sums.get_mut(place.word) else { continue };
            *places += 1.0;
            shares.iter_mut().zip(readings.posterior(place)).for_each(|(sum, share)| *sum += share);
        }
        let (mut plains, mut images) = (BTreeSet::new(), BTreeSet::new());
        for ((word, candidates), (places, shares)) in readings.words.iter().zip(sums) {
            let sure = |share: &f32| places >= least_places && *share > least_share * places;
            let swap = shares.iter().position(sure).and_then(|choice| candidates.get(choice));
            if let Some(candidate) = swap.filter(|candidate| candidate.origin != Origin::Identity) {
                plains.insert(candidate.text.clone());
                images.insert(word.clone());
            }
        }
        let both: BTreeSet<String> = plains.intersection(&images).cloned().collect();
        Self { plains: &plains - &both, images: &images - &both }
    }

    /// Whether a word, in any case, surely stands for another.
    #[must_use]
    pub fn is_image(&self, word: &str) -> bool {
        self.images.contains(&stem(word).to_lowercase())
    }

    /// Counts what some tokens of a text show, by shape.
    pub fn count<'t>(&self, text: &str, tokens: impl IntoIterator<Item = &'t Token>, counts: &mut [ShapeCount; TouchRule::SHAPES]) {
        for token in tokens {
            let Some(shown) = token.shape().and_then(TouchRule::index).and_then(|index| counts.get_mut(index)) else { continue };
            let word = stem(token.text(text)).to_lowercase();
            shown.swapped += usize::from(self.images.contains(&word));
            shown.stayed += usize::from(self.plains.contains(&word));
        }
    }
}

/// A word without the ending of the possessive.
fn stem(word: &str) -> &str {
    ["'s", "\u{2019}s"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    #[test]
    fn images_and_plain_words_are_counted_by_shape() {
        let words = |words: [&str; 2]| words.map(str::to_owned).into_iter().collect();
        let swaps = SureSwaps { plains: words(["big", "city"]), images: words(["large", "metropolis"]) };
        let text = "Large as the metropolis's walls were, they were not large, said the big city.";
        let mut counts = [ShapeCount::default(); TouchRule::SHAPES];
        swaps.count(text, &tokenise(text), &mut counts);
        let counts = counts.map(|count| (count.swapped, count.stayed));
        assert_eq!(counts, [(0, 1), (1, 1), (1, 0), (0, 0), (1, 0), (0, 0), (0, 0), (0, 0)]);
        assert!(swaps.is_image("Metropolis\u{2019}s") && !swaps.is_image("city"));
    }
}
