//! The sieve: one pass over the bytes of a text, which clears nearly all clean text before anything slower looks at it.
//!
//! In: a text. Out: [`Sifted`]: the number of words, and what makes the text suspicious, if anything does. A known spinner is suspected by the
//! weights of its [`Screen`], summed up over the best run of paragraphs. For the others the surprise at pairs of words stands in:
//! it is seldom much below that of the whole model, which looks at what the sieve does not clear.

use crate::lexicon::{Profile, TouchRule};
use crate::lm::reading::word_key;
use crate::lm::{NgramModel, WordId, special};
use crate::text::{Byte, Scanned, Shape, Span, Wanted, WordKey, scan};

use super::screen::{MARKER, Screen};

/// Log likelihood ratio of single words that a run of paragraphs must reach to be looked at closely, in nats.
const MIN_RATIO: f32 = 4.0;
/// Fewest words in a suspicious text that are rare in clean text.
const MIN_MARKERS: usize = 3;
/// One marker in so many bare words is enough anywhere; where they are rarer the best run must have [`MIN_MARKERS`] different ones. Chance puts
/// one twice into a short paragraph of any long text.
const DILUTED: usize = 33;
/// Share of bare words that the model does not know from which on a text is in another language.
const FOREIGN: f32 = 0.3;

/// Mean surprise at bare words above which a text may be spun by a spinner that no profile knows, in nats.
pub const SUSPICIOUS: f32 = 7.6;
/// How far the mean surprise at pairs of words may lie below that of the whole model, in nats; 0.27 is the most that was seen.
const NEAR: f32 = 0.5;
/// Fewest bare words of a text that is held to be of an unknown spinner.
pub const MIN_WORDS: usize = 40;
/// Share of bare words that the model does not know from which a text is no English that could be judged: formulas, tables, other
/// languages. Spinners put words in that the model mostly knows.
pub const UNREADABLE: f32 = 0.08;

/// Words of the model that have a place in the table, the most frequent; the others are looked up in the model.
const FREQUENT: WordId = 8192;

/// What is known of single words, compiled.
#[derive(Clone, Debug)]
pub struct Sieve<'a> {
    model: NgramModel<'a>,
    wanted: Wanted,
    touches: Vec<TouchRule>,
    words: Words,
    /// For each row of the table the weight in the screen of each profile; zeros in the first row.
    weights: Vec<f32>,
}

/// What the sieve finds in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sifted {
    /// Words, in the sense of the tokeniser.
    pub words: usize,
    /// The likeliest of the suspected profiles.
    pub known: Option<Suspect>,
    /// Whether the text may be of a spinner that no profile knows.
    pub unknown: bool,
}

/// A profile that may have been used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspect {
    /// Which of the profiles that the sieve was made of.
    pub profile: usize,
    /// Log likelihood ratio of spun against clean by single words, in nats.
    pub ratio: f32,
    /// The run of paragraphs with that ratio.
    pub run: Span<Byte>,
}

impl<'a> Sieve<'a> {
    /// Compiles the screens of these profiles.
    #[must_use]
    pub fn new(model: NgramModel<'a>, profiles: &[&Profile]) -> Self {
        let mut words = Words::default();
        let mut weights = vec![0.0; profiles.len()];
        let vocabulary = model.vocabulary();
        for id in special::BREAK + 1..FREQUENT {
            words.insert(WordKey::of(vocabulary.word(id)), Entry { id, row: 0 });
        }
        for (index, profile) in profiles.iter().enumerate() {
            for (word, weight) in Screen::of(profile, &model).weights() {
                let new = Entry { id: vocabulary.id_or_unknown(&word_key(word)), row: 0 };
                let entry = words.insert(WordKey::of(word), new);
                if entry.row == 0 {
                    entry.row = u32::try_from(weights.len() / profiles.len()).unwrap_or(0);
                    weights.resize(weights.len() + profiles.len(), 0.0);
                }
                if let Some(place) = weights.get_mut(entry.row as usize * profiles.len() + index) {
                    *place = weight;
                }
            }
        }
        let touches: Vec<TouchRule> = profiles.iter().map(|profile| profile.touch).collect();
        let wanted = if touches.iter().all(|&touch| touch == TouchRule::BARE) { Wanted::Bare } else { Wanted::All };
        Self { model, wanted, touches, words, weights }
    }

    /// Sifts a text.
    #[must_use]
    pub fn sift(&self, text: &str) -> Sifted {
        let mut pass = Pass { sieve: self, text, ids: Vec::with_capacity(text.len() / 8), unknown: 0, breaks: 0, tallies: Vec::new() };
        pass.tallies.resize_with(self.touches.len(), Tally::default);
        let words = scan(text, self.wanted, &mut pass);
        let Pass { ids, unknown, breaks, tallies, .. } = pass;
        let bare = ids.len() - breaks;
        let unknown = unknown as f32 / bare.max(1) as f32;
        let suspects = tallies.iter().enumerate().filter(|(_, tally)| unknown < FOREIGN && tally.is_suspicious(bare));
        let best = suspects.max_by(|a, b| a.1.best.ratio.total_cmp(&b.1.best.ratio));
        Sifted {
            words,
            known: best.map(|(profile, tally)| Suspect {
                profile,
                ratio: tally.best.ratio,
                run: Span::new(tally.best.start, tally.best.end),
            }),
            unknown: bare >= MIN_WORDS && unknown < UNREADABLE && self.surprise(&ids) > (SUSPICIOUS - NEAR) * bare as f32,
        }
    }

    /// Sum of the surprise at words behind the word before them, in nats.
    fn surprise(&self, ids: &[WordId]) -> f32 {
        let mut before = special::BREAK;
        let mut sum = 0.0;
        for &id in ids {
            if id != special::BREAK {
                sum -= self.model.pair(before, id).0;
            }
            before = id;
        }
        sum
    }
}

/// What one profile says of a text, paragraph by paragraph.
#[derive(Default)]
struct Tally {
    markers: usize,
    ratio: f32,
    start: usize,
    /// Different markers of this run, up to as many as are asked for.
    different: Vec<WordKey>,
    best: Best,
}

#[derive(Default)]
struct Best {
    ratio: f32,
    different: usize,
    start: usize,
    end: usize,
}

impl Tally {
    #[inline]
    fn add(&mut self, key: WordKey, weight: f32) {
        self.ratio += weight;
        if weight > MARKER {
            self.markers += 1;
            if self.different.len() < MIN_MARKERS && !self.different.contains(&key) {
                self.different.push(key);
            }
        }
    }

    fn paragraph(&mut self, end: usize) {
        if self.ratio > self.best.ratio {
            self.best = Best { ratio: self.ratio, different: self.different.len(), start: self.start, end };
        }
        if self.ratio <= 0.0 {
            self.ratio = 0.0;
            self.different.clear();
            self.start = end;
        }
    }

    fn is_suspicious(&self, bare: usize) -> bool {
        let dense = self.markers * DILUTED >= bare || self.best.different >= MIN_MARKERS;
        self.markers >= MIN_MARKERS && self.best.ratio > MIN_RATIO && dense
    }
}

/// One text on its way through the sieve.
struct Pass<'s, 't> {
    sieve: &'s Sieve<'s>,
    text: &'t str,
    /// The bare words as numbers of the model; a break where other words stand between.
    ids: Vec<WordId>,
    unknown: usize,
    breaks: usize,
    tallies: Vec<Tally>,
}

impl Scanned for Pass<'_, '_> {
    #[inline]
    fn word(&mut self, key: WordKey, span: Span<Byte>, shape: Shape) {
        let entry = self.sieve.words.find(key);
        if shape == Shape::BARE {
            let id = entry.map_or_else(|| self.look_up(span), |entry| entry.id);
            self.unknown += usize::from(id == special::UNKNOWN);
            self.ids.push(id);
        } else {
            self.others();
        }
        let Some(Entry { row: row @ 1.., .. }) = entry else { return };
        let weights = self.sieve.weights.get(row as usize * self.tallies.len()..).unwrap_or(&[]);
        for ((tally, &weight), touch) in self.tallies.iter_mut().zip(weights).zip(&self.sieve.touches) {
            if shape == Shape::BARE || touch.touches(shape) {
                tally.add(key, weight);
            }
        }
    }

    fn others(&mut self) {
        if self.ids.last() != Some(&special::BREAK) {
            self.ids.push(special::BREAK);
            self.breaks += 1;
        }
    }

    fn paragraph(&mut self, at: usize) {
        for tally in &mut self.tallies {
            tally.paragraph(at);
        }
    }
}

impl Pass<'_, '_> {
    #[cold]
    fn look_up(&self, span: Span<Byte>) -> WordId {
        let word = span.of(self.text).unwrap_or("");
        self.sieve.model.vocabulary().id_or_unknown(&word_key(word))
    }
}

/// What the table holds of a word.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its number in the model.
    id: WordId,
    /// Its row of weights; 0 if no profile has it.
    row: u32,
}

/// A table of words: open addressing, at most a quarter full, so that most words are found or missed at the first look.
#[derive(Clone, Debug, Default)]
struct Words {
    /// A power of two long, or empty; the key of no word marks an empty slot.
    slots: Vec<(WordKey, Entry)>,
    filled: usize,
}

impl Words {
    const EMPTY: (WordKey, Entry) = (WordKey(0), Entry { id: 0, row: 0 });

    /// The entry of a word; `new` becomes it if there is none.
    fn insert(&mut self, key: WordKey, new: Entry) -> &mut Entry {
        if self.filled * 4 >= self.slots.len() {
            let larger = vec![Self::EMPTY; (self.slots.len() * 2).max(64)];
            for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| slot.0 != Self::EMPTY.0) {
                let at = self.place(slot.0);
                self.slots[at] = slot;
            }
        }
        let at = self.place(key);
        if self.slots[at].0 != key {
            self.slots[at] = (key, new);
            self.filled += 1;
        }
        &mut self.slots[at].1
    }

    #[inline]
    fn find(&self, key: WordKey) -> Option<Entry> {
        self.slots.get(self.place(key)).filter(|slot| slot.0 == key).map(|slot| slot.1)
    }

    /// Where a word is or would be.
    #[inline]
    fn place(&self, key: WordKey) -> usize {
        let mask = self.slots.len().wrapping_sub(1);
        // the highest bits of a key are the best mixed
        let mut at = (key.0 >> 40) as usize & mask;
        while self.slots.get(at).is_some_and(|slot| slot.0 != key && slot.0 != Self::EMPTY.0) {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{segments, tokenise};
    use crate::{detect, embedded};

    fn profile() -> Profile {
        let mut profiles = embedded::profiles().unwrap();
        profiles.swap_remove(0)
    }

    const SPUN: &str = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected \
                        onslaught implicit plans to instrumentality a antheral disconnected each lorry.";
    const PLAIN: &str = "Rubbish could be left in the streets from December after refuse workers voted to go on strike over plans to take a man \
                         off each lorry, and the council said that it would not be able to say when the bins of the town were to be emptied again.";

    #[test]
    fn spun_text_is_suspected_and_plain_text_is_cleared() {
        let profile = profile();
        let sieve = Sieve::new(embedded::model().unwrap(), &[&profile]);
        let found = sieve.sift(SPUN);
        assert_eq!(found.words, 26);
        assert!(found.known.is_some_and(|suspect| suspect.profile == 0 && suspect.ratio > 20.0));
        assert_eq!(Sifted { words: 0, ..sieve.sift(PLAIN) }, Sifted { words: 0, known: None, unknown: false });
    }

    #[test]
    fn a_spun_paragraph_is_found_in_a_long_clean_text() {
        let profile = profile();
        let sieve = Sieve::new(embedded::model().unwrap(), &[&profile]);
        let lead = format!("{PLAIN}\n\n").repeat(100);
        let text = format!("{lead}{SPUN}\n\n{lead}");
        let suspect = sieve.sift(&text).known.unwrap();
        assert_eq!(suspect.run.of(&text).map(str::trim), Some(SPUN));
    }

    #[test]
    fn the_sieve_weighs_as_the_screen() {
        let (profile, model) = (profile(), embedded::model().unwrap());
        let sieve = Sieve::new(model, &[&profile]);
        let screen = Screen::of(&profile, &model);
        for text in [SPUN.to_owned(), format!("{PLAIN}\n\n{SPUN}\nDon't.\n{SPUN}"), SPUN.replace(' ', "\n")] {
            let tokens = tokenise(&text);
            let slow: detect::ScreenScore = screen.score(&profile, &text, &tokens, &segments(&text, &tokens));
            let fast = sieve.sift(&text).known.unwrap();
            assert_eq!(fast.ratio.to_bits(), slow.ratio.to_bits(), "{text}");
        }
    }

    #[test]
    fn nonsense_of_known_words_may_be_of_an_unknown_spinner() {
        let sieve = Sieve::new(embedded::model().unwrap(), &[]);
        let nonsense = "volition antheral instrumentality onslaught implicit disconnected astir entree sorb mishap ".repeat(5);
        assert!(sieve.sift(&nonsense).unknown);
        assert!(!sieve.sift(&nonsense.replace('i', "ix")).unknown, "words that nobody knows are another language");
        assert!(!sieve.sift(&PLAIN.repeat(3)).unknown);
    }

    #[test]
    fn a_word_is_found_among_many() {
        let mut words = Words::default();
        let key = |number: u32| WordKey::of(&format!("word{number}"));
        for number in 0..5_000 {
            words.insert(key(number), Entry { id: 7, row: number });
        }
        assert!((0..5_000).all(|number| words.find(key(number)).is_some_and(|entry| entry.row == number)));
        assert!(words.find(key(5_000)).is_none());
        assert!(Words::default().find(key(1)).is_none());
    }
}
