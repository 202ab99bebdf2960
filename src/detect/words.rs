//! The words that the sieve knows, by their keys.
//!
//! In: the key of a word. Out: its place in a table, and its weight in the screen of a profile. Open addressing, at most half full, so that most words are
//! found or missed at the first look. What is asked of every word stands together: to wait for memory takes most of the time.

use crate::text::WordKey;

/// The table.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// A power of two long.
    slots: Vec<Slot>,
    /// For each place the weights in the screens of the profiles behind the first, of which there are hardly ever any.
    others: Vec<f32>,
    /// Number of those profiles.
    more: usize,
}

/// A place for a word.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Half of the word's key; the other half tells where it is or would be. No bit is set if there is no word.
    mark: u32,
    /// Weight in the screen of the first profile.
    weight: f32,
}

impl Words {
    const EMPTY: Slot = Slot { mark: 0, weight: 0.0 };

    /// The table of these words for a number of profiles; they weigh nothing yet.
    pub(super) fn of(words: &[WordKey], profiles: usize) -> Self {
        let (places, more) = ((words.len() * 2).next_power_of_two(), profiles.saturating_sub(1));
        let mut table = Self { slots: vec![Self::EMPTY; places], others: vec![0.0; places * more], more };
        for &key in words {
            let at = table.place(key);
            if let Some(slot) = table.slots.get_mut(at) {
                slot.mark = Self::mark(key);
            }
        }
        table
    }

    /// Number of places, taken or not.
    pub(super) fn places(&self) -> usize {
        self.slots.len()
    }

    /// The place of a word of the table. Another word passes for one of them by a chance of about 1 in 2^32.
    pub(super) fn find(&self, key: WordKey) -> Option<usize> {
        self.weighed(key).map(|(place, _)| place)
    }

    /// The same, with its weight in the screen of the first profile.
    #[inline]
    pub(super) fn weighed(&self, key: WordKey) -> Option<(usize, f32)> {
        let at = self.place(key);
        self.slots.get(at).filter(|slot| slot.mark != Self::EMPTY.mark).map(|slot| (at, slot.weight))
    }

    /// The weight of the word at a place in the screen of a profile; zero if it has none.
    pub(super) fn weight(&self, place: usize, profile: usize) -> f32 {
        let weight = match profile.checked_sub(1) {
            None => self.slots.get(place).map(|slot| slot.weight),
            Some(other) => self.others.get(place * self.more + other).copied(),
        };
        weight.unwrap_or(0.0)
    }

    /// Sets it.
    pub(super) fn weigh(&mut self, place: usize, profile: usize, weight: f32) {
        let own = match profile.checked_sub(1) {
            None => self.slots.get_mut(place).map(|slot| &mut slot.weight),
            Some(other) => self.others.get_mut(place * self.more + other),
        };
        if let Some(own) = own {
            *own = weight;
        }
    }

    /// Where a word is or would be.
    #[inline]
    fn place(&self, key: WordKey) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        let mark = Self::mark(key);
        // the highest bits of a key are the best mixed
        let mut at = (key.0 >> 40) as usize & mask;
        while self.slots.get(at).is_some_and(|slot| slot.mark != mark && slot.mark != Self::EMPTY.mark) {
            at = (at + 1) & mask;
        }
        at
    }

    /// What is kept of a key.
    #[inline]
    fn mark(key: WordKey) -> u32 {
        // an empty slot has no bit set
        u32::try_from(key.0 & u64::from(u32::MAX)).unwrap_or(0) | 1
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_word_is_found_among_many() {
        let key = |number: u32| WordKey::of(&format!("word{number}"));
        let words = Words::of(&(0..5_000).map(key).collect::<Vec<_>>(), 1);
        let places: BTreeSet<usize> = (0..5_000).filter_map(|number| words.find(key(number))).collect();
        assert_eq!(places.len(), 5_000);
        assert!((5_000..10_000).all(|number| words.find(key(number)).is_none()));
        assert!(Words::of(&[], 0).find(key(1)).is_none());
    }

    #[test]
    fn a_word_has_a_weight_for_each_profile() {
        let keys = ["be", "in"].map(WordKey::of);
        let mut words = Words::of(&keys, 3);
        let places = keys.map(|key| words.find(key).unwrap());
        for (number, (place, profile)) in (1u8..).zip(places.into_iter().flat_map(|place| [0, 1, 2].map(|profile| (place, profile)))) {
            words.weigh(place, profile, f32::from(number));
        }
        assert_eq!(places.map(|place| [0, 1, 2].map(|profile| words.weight(place, profile))), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        assert_eq!(keys.map(|key| words.weighed(key).unwrap()), places.map(|place| (place, words.weight(place, 0))));
    }
}
