//! The sieve: one pass over the bytes of a text, which clears nearly all clean text before anything slower looks at it.
//!
//! In: a text. Out: [`Sifted`]: the number of words, and what makes the text suspicious, if anything does. A known spinner is suspected by the
//! weights of its [`Screen`], summed up over the best run of paragraphs. For the others stands in how many words go with neither of their
//! neighbours: in plain English few do not, and a swapped word hardly ever does.

use crate::lexicon::{Profile, TouchRule};
use crate::lm::reading::word_key;
use crate::lm::{LanguageModel, NgramModel, WordId, special};
use crate::text::{Byte, Scanned, Shape, Span, Wanted, WordKey, scan};

use super::screen::{MARKER, Screen};

/// Log likelihood ratio of single words that a run of paragraphs must reach to be looked at closely, in nats.
const MIN_RATIO: f32 = 4.0;
/// Fewest words in a suspicious text that are rare in clean text.
const MIN_MARKERS: usize = 3;
/// One marker in so many bare words is enough anywhere; where they are rarer the best run must have [`MIN_MARKERS`] different ones. Chance puts
/// one twice into a short paragraph of any long text.
const DILUTED: usize = 33;
/// One marker in so many bare words, and [`MANY_MARKERS`] of them, is suspicious whatever the other words say: a spinner that swaps little
/// leaves most of the words that it could have swapped. Of 1,922 clean texts 20 are suspected so, mostly of chemistry and of old prose; the decoder
/// clears them.
const CROWDED: usize = 30;
/// See [`CROWDED`].
const MANY_MARKERS: usize = 8;
/// Share of bare words that the model does not know from which on a text is in another language.
const FOREIGN: f32 = 0.3;

/// Fewest bare words of a text that is held to be of an unknown spinner.
const MIN_WORDS: usize = 40;
/// Share of bare words that the model does not know from which a text is no English that could be judged: formulas, tables, other
/// languages. Spinners put words in that the model mostly knows.
const UNREADABLE: f32 = 0.08;
/// Sum of what a word and its two neighbours gain by standing together, in nats, below which it is a stranger between them.
const STRANGE: f32 = -1.5;
/// Share of strangers, less [`OUTLANDISH`] times that of words which the model does not know, from which on a text is looked at closely: 28 of 1,000
/// clean texts are, most of them verse, tables and lists, and nearly all texts of which unknown spinners have swapped 10 in 100 words.
const MANY_STRANGERS: f32 = 0.055;
/// Where the model does not know the words, it does not know what goes with what either.
const OUTLANDISH: f32 = 2.0;
/// Different bare words that a text of an unknown spinner has at least: a few words again and again are no article.
const VARIOUS: usize = 20;

/// Words that are looked at before it is decided whether more are needed.
const SAMPLE: usize = 96;
/// By how many standard errors the share in a sample must lie below what is suspicious, to speak for the whole text.
const SURE: f32 = 2.0;

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
    /// If so, the share of words that go with neither neighbour, less what may be so since the model does not know the words beside them.
    pub strangers: f32,
}

/// A profile that may have been used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspect {
    /// Which of the profiles that the sieve was made of.
    pub profile: usize,
    /// Log likelihood ratio of spun against clean by single words, in nats.
    pub ratio: f32,
    /// The run of paragraphs with that ratio; the whole text if there are markers everywhere.
    pub run: Span<Byte>,
}

impl<'a> Sieve<'a> {
    /// Compiles the screens of these profiles.
    #[must_use]
    pub fn new(model: NgramModel<'a>, profiles: &[&Profile]) -> Self {
        let mut words = Words::default();
        let mut weights = vec![0.0; profiles.len()];
        let vocabulary = model.vocabulary();
        let entry = |id| Entry { id, row: 0 };
        for id in special::BREAK + 1..FREQUENT {
            words.insert(WordKey::of(vocabulary.word(id)), || entry(id));
        }
        for (index, profile) in profiles.iter().enumerate() {
            for (word, &weight) in Screen::of(profile, &model).weights() {
                let place = words.insert(WordKey::of(word), || entry(vocabulary.id_or_unknown(&word_key(word))));
                if place.row == 0 {
                    place.row = u32::try_from(weights.len() / profiles.len()).unwrap_or(0);
                    weights.resize(weights.len() + profiles.len(), 0.0);
                }
                let at = place.row as usize * profiles.len() + index;
                if let Some(known) = weights.get_mut(at) {
                    *known = weight;
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
        let tallies = self.touches.iter().map(|_| Tally::default()).collect();
        let bare = Vec::with_capacity(text.len() / 8);
        let mut pass = Pass { sieve: self, text, bare, rare: Vec::new(), breaks: 0, tallies };
        let words = scan(text, self.wanted, &mut pass);
        let count = pass.bare.len() - pass.breaks;
        let suspects = pass.tallies.iter().enumerate().filter(|(_, tally)| tally.is_suspicious(count));
        let best = suspects.max_by(|a, b| a.1.best.ratio.total_cmp(&b.1.best.ratio)).filter(|_| pass.unknown() < FOREIGN);
        let run =
            |tally: &Tally| if tally.is_crowded(count) { Span::new(0, text.len()) } else { Span::new(tally.best.start, tally.best.end) };
        let strangers = if count >= MIN_WORDS { pass.strangers() } else { None };
        Sifted {
            words,
            known: best.map(|(profile, tally)| Suspect { profile, ratio: tally.best.ratio, run: run(tally) }),
            unknown: strangers.is_some(),
            strangers: strangers.unwrap_or(0.0),
        }
    }
}

/// What one profile says of a text, paragraph by paragraph.
#[derive(Default)]
struct Tally {
    markers: usize,
    first: Option<WordKey>,
    /// Whether there are two different markers: one word again and again is no cipher.
    several: bool,
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
            self.several |= *self.first.get_or_insert(key) != key;
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
        self.several && (self.markers >= MIN_MARKERS && self.best.ratio > MIN_RATIO && dense || self.is_crowded(bare))
    }

    fn is_crowded(&self, bare: usize) -> bool {
        self.markers >= MANY_MARKERS && self.markers * CROWDED >= bare
    }
}

/// A bare word, or what stands between two.
#[derive(Clone, Copy)]
enum Bare {
    /// A word of the table.
    Listed(WordId),
    /// Another word, by its place among those.
    Rare(u32),
    /// Other words.
    Break,
}

/// One text on its way through the sieve.
struct Pass<'s, 't> {
    sieve: &'s Sieve<'s>,
    text: &'t str,
    bare: Vec<Bare>,
    rare: Vec<Span<Byte>>,
    breaks: usize,
    tallies: Vec<Tally>,
}

impl Scanned for Pass<'_, '_> {
    #[inline]
    fn word(&mut self, key: WordKey, span: Span<Byte>, shape: Shape) {
        let Some(entry) = self.sieve.words.find(key) else {
            if shape == Shape::BARE {
                // a text has fewer words than bytes, and a section fewer than 2^32 of those
                self.bare.push(Bare::Rare(u32::try_from(self.rare.len()).unwrap_or(u32::MAX)));
                self.rare.push(span);
            } else {
                self.others();
            }
            return;
        };
        if shape == Shape::BARE {
            self.bare.push(Bare::Listed(entry.id));
        } else {
            self.others();
        }
        // words of no profile have a row of zeros: to add those is faster than to ask
        let weights = self.sieve.weights.get(entry.row as usize * self.tallies.len()..).unwrap_or(&[]);
        for ((tally, &weight), touch) in self.tallies.iter_mut().zip(weights).zip(&self.sieve.touches) {
            if shape == Shape::BARE || touch.touches(shape) {
                tally.add(key, weight);
            }
        }
    }

    #[inline]
    fn others(&mut self) {
        if !matches!(self.bare.last(), Some(Bare::Break)) {
            self.bare.push(Bare::Break);
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
    /// The number of a word in the model.
    fn id(&self, bare: Bare) -> WordId {
        match bare {
            Bare::Listed(id) => id,
            Bare::Rare(at) => {
                let word = self.rare.get(at as usize).and_then(|span| span.of(self.text)).unwrap_or("");
                self.sieve.model.vocabulary().id_or_unknown(&word_key(word))
            }
            Bare::Break => special::BREAK,
        }
    }

    /// Share of the bare words that the model does not know.
    fn unknown(&self) -> f32 {
        let unknown = self.bare.iter().filter(|&&bare| self.id(bare) == special::UNKNOWN).count();
        unknown as f32 / (self.bare.len() - self.breaks).max(1) as f32
    }

    /// Whether there are [`VARIOUS`] different bare words.
    fn is_various(&self) -> bool {
        let mut seen: Vec<WordId> = Vec::with_capacity(VARIOUS);
        self.bare.iter().any(|&bare| {
            let id = self.id(bare);
            if id > special::BREAK && !seen.contains(&id) {
                seen.push(id);
            }
            seen.len() >= VARIOUS
        })
    }

    /// The share of words that go with neither of their neighbours, if they are so many that a spinner may have put them there. Words all over
    /// the text are asked first, and more only as long as the answer is in doubt.
    fn strangers(&self) -> Option<f32> {
        let most = self.bare.len().saturating_sub(2);
        let stride = most.div_ceil(SAMPLE).max(1);
        let (mut strangers, mut asked) = (0.0f32, 0.0f32);
        for first in 0..stride {
            for at in (first..most).step_by(stride) {
                let Some(stranger) = self.is_stranger(at) else { continue };
                asked += 1.0;
                strangers += f32::from(u8::from(stranger));
            }
            let share = strangers / asked.max(1.0);
            // as if one more had been found: a share of none would have no error
            let error = ((strangers + 1.0) / (asked + 1.0) * (1.0 - share) / asked.max(1.0)).sqrt();
            if asked > 0.0 && share + SURE * error < MANY_STRANGERS {
                return None;
            }
        }
        let unknown = self.unknown();
        let enough = asked * 2.0 >= MIN_WORDS as f32;
        let share = strangers / asked.max(1.0) - OUTLANDISH * unknown;
        (enough && unknown < UNREADABLE && share > MANY_STRANGERS && self.is_various()).then_some(share)
    }

    /// Whether the second of three words goes with neither of the others; nothing if they do not stand together, or the model does not know one.
    fn is_stranger(&self, at: usize) -> Option<bool> {
        let [before, word, after] = self.bare.get(at..at + 3)? else { return None };
        let ids = [self.id(*before), self.id(*word), self.id(*after)];
        let model = &self.sieve.model;
        let gain = |before: WordId, word: WordId| model.pair(before, word).0 - model.unigram(word).0;
        ids.iter().all(|&id| id > special::BREAK).then(|| gain(ids[0], ids[1]) + gain(ids[1], ids[2]) < STRANGE)
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

/// A table of words: open addressing, at most half full, so that most words are found or missed at the first look.
#[derive(Clone, Debug, Default)]
struct Words {
    /// A power of two long, or empty; the key of no word marks an empty slot.
    slots: Vec<(WordKey, Entry)>,
    filled: usize,
}

impl Words {
    const EMPTY: (WordKey, Entry) = (WordKey(0), Entry { id: 0, row: 0 });

    /// The entry of a word; `new` becomes it if there is none.
    fn insert(&mut self, key: WordKey, new: impl Fn() -> Entry) -> &mut Entry {
        if self.filled * 2 >= self.slots.len() {
            let larger = vec![Self::EMPTY; (self.slots.len() * 2).max(64)];
            for slot in std::mem::replace(&mut self.slots, larger).into_iter().filter(|slot| slot.0 != Self::EMPTY.0) {
                let at = self.place(slot.0);
                self.slots[at] = slot;
            }
        }
        let at = self.place(key);
        if self.slots[at].0 != key {
            self.slots[at] = (key, new());
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
    use crate::embedded;
    use crate::text::{segments, tokenise};

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
        assert_eq!(Sifted { words: 0, ..sieve.sift(PLAIN) }, Sifted { words: 0, known: None, unknown: false, strangers: 0.0 });
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
            let slow = screen.score(&profile, &text, &tokens, &segments(&text, &tokens));
            let fast = sieve.sift(&text).known.unwrap();
            assert_eq!(fast.ratio.to_bits(), slow.to_bits(), "{text}");
        }
    }

    #[test]
    fn nonsense_of_known_words_may_be_of_an_unknown_spinner() {
        let sieve = Sieve::new(embedded::model().unwrap(), &[]);
        let words = "kitchen volition purple engine sorrow cabinet lemon thunder budget ladder ";
        assert!(!sieve.sift(&words.repeat(50)).unknown, "a few words again and again are no article");
        let nonsense = format!("{words}elbow wagon temper orchard nickel pillow verdict sermon cattle hollow ").repeat(3);
        assert!(sieve.sift(&nonsense).unknown);
        assert!(!sieve.sift(&nonsense.replace('e', "ex")).unknown, "words that nobody knows are another language");
        assert!(!sieve.sift(&PLAIN.repeat(3)).unknown);
    }

    #[test]
    fn little_swapped_text_is_suspected_and_one_word_again_and_again_is_not() {
        let profile = profile();
        let sieve = Sieve::new(embedded::model().unwrap(), &[&profile]);
        let swapped = PLAIN.replace(" be ", " beryllium ").replace(" on ", " connected ").replace(" man ", " antheral ");
        let light = format!("{swapped}\n").repeat(4);
        assert!(sieve.sift(&light).known.is_some_and(|suspect| suspect.run.of(&light) == Some(light.as_str())));
        assert!(sieve.sift(&PLAIN.repeat(4)).known.is_none());
        assert!(sieve.sift(&"beryllium ".repeat(500)).known.is_none());
    }

    #[test]
    fn a_word_is_found_among_many() {
        let mut words = Words::default();
        let key = |number: u32| WordKey::of(&format!("word{number}"));
        for number in 0..5_000 {
            words.insert(key(number), || Entry { id: 7, row: number });
        }
        assert!((0..5_000).all(|number| words.find(key(number)).is_some_and(|entry| entry.row == number)));
        assert!(words.find(key(5_000)).is_none());
        assert!(Words::default().find(key(1)).is_none());
    }
}
