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
use super::words::Words;

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
const MIN_WORDS: usize = 30;
/// Share of bare words that the model does not know from which a text is no English that could be judged: formulas, tables, other
/// languages. Spinners put words in that the model mostly knows.
const UNREADABLE: f32 = 0.08;
/// Sum of what a word and its two neighbours gain by standing together, in nats, below which it is a stranger between them; and below which it
/// is half of one.
const STRANGE: f32 = -1.5;
const ODD: f32 = -0.5;
/// Share of strangers, with half of those that are half, less [`OUTLANDISH`] times that of words which the model does not know, from which on a text is
/// weighed: 16 of 1,000 clean articles are, of short ones 28, and 98 in 100 texts of which unknown spinners have swapped 8 in 100 words. Whole
/// strangers alone let two to three times as many clean texts through at the same share of swapped ones.
const MANY_STRANGERS: f32 = 0.065;
/// Where the model does not know the words, it does not know what goes with what either.
const OUTLANDISH: f32 = 2.0;
/// Different bare words that a text of an unknown spinner has at least: a few words again and again are no article.
const VARIOUS: usize = 20;

/// Words that are looked at before it is decided whether more are needed.
const SAMPLE: usize = 96;
/// By how many standard errors the share in a sample must lie below what is suspicious, to speak for the whole text.
const SURE: f32 = 3.0;

/// Words of the model that have a place in the table, the most frequent; the others are looked up in the model.
const FREQUENT: WordId = 8192;

/// What is known of single words, compiled.
#[derive(Clone, Debug)]
pub struct Sieve<'a> {
    model: NgramModel<'a>,
    wanted: Wanted,
    touches: Vec<TouchRule>,
    words: Words,
    /// For each place of the table its number in the model.
    ids: Vec<WordId>,
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
        let vocabulary = model.vocabulary();
        let screens: Vec<Screen> = profiles.iter().map(|profile| Screen::of(profile, &model)).collect();
        let frequent: Vec<(WordKey, WordId)> = (special::BREAK + 1..FREQUENT).map(|id| (WordKey::of(vocabulary.word(id)), id)).collect();
        let listed = screens.iter().flat_map(|screen| screen.weights().keys().map(|word| WordKey::of(word)));
        let mut words = Words::of(&frequent.iter().map(|&(key, _)| key).chain(listed).collect::<Vec<_>>(), profiles.len());
        let mut ids = vec![None; words.places()];
        for (key, id) in frequent {
            if let Some(place) = words.find(key) {
                ids[place] = Some(id);
            }
        }
        for (index, screen) in screens.iter().enumerate() {
            for (word, &weight) in screen.weights() {
                if let Some(place) = words.find(WordKey::of(word)) {
                    ids[place].get_or_insert_with(|| vocabulary.id_or_unknown(&word_key(word)));
                    words.weigh(place, index, weight);
                }
            }
        }
        let ids = ids.into_iter().map(|id| id.unwrap_or(special::UNKNOWN)).collect();
        let touches: Vec<TouchRule> = profiles.iter().map(|profile| profile.touch).collect();
        let wanted = if touches.iter().all(|&touch| touch == TouchRule::BARE) { Wanted::Bare } else { Wanted::All };
        Self { model, wanted, touches, words, ids }
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
            self.mark(key);
        }
    }

    #[cold]
    fn mark(&mut self, key: WordKey) {
        self.markers += 1;
        self.several |= *self.first.get_or_insert(key) != key;
        if self.different.len() < MIN_MARKERS && !self.different.contains(&key) {
            self.different.push(key);
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

/// A bare word, by its place in the table or among those that are not in it; or what stands between two.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bare(u32);

impl Bare {
    /// Other words.
    const BREAK: Self = Self(u32::MAX);
    /// From here on places among the words that are not in the table.
    const RARE: u32 = 1 << 31;
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
    // nearly all words pass here
    #[inline(always)]
    fn bare(&mut self, key: WordKey, span: Span<Byte>) {
        let Some((place, weight)) = self.sieve.words.weighed(key) else {
            // a section has far fewer words than 2^31
            self.bare.push(Bare(Bare::RARE + u32::try_from(self.rare.len()).unwrap_or(0)));
            self.rare.push(span);
            return;
        };
        self.bare.push(Bare(u32::try_from(place).unwrap_or(0)));
        // words of no profile have weights of zero: to add those is faster than to ask
        if let [tally] = &mut *self.tallies {
            tally.add(key, weight);
        } else {
            self.weigh(key, place, Shape::BARE);
        }
    }

    fn word(&mut self, key: WordKey, _: Span<Byte>, shape: Shape) {
        self.others();
        if let Some(place) = self.sieve.words.find(key) {
            self.weigh(key, place, shape);
        }
    }

    #[inline]
    fn others(&mut self) {
        if self.bare.last() != Some(&Bare::BREAK) {
            self.bare.push(Bare::BREAK);
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
    /// Adds what a word of the table weighs for each profile that touches words of this shape.
    fn weigh(&mut self, key: WordKey, place: usize, shape: Shape) {
        for (index, tally) in self.tallies.iter_mut().enumerate() {
            if shape == Shape::BARE || self.sieve.touches.get(index).is_some_and(|touch| touch.touches(shape)) {
                tally.add(key, self.sieve.words.weight(place, index));
            }
        }
    }

    /// The number of a word in the model.
    fn id(&self, bare: Bare) -> WordId {
        if bare == Bare::BREAK {
            return special::BREAK;
        }
        let Some(at) = bare.0.checked_sub(Bare::RARE) else {
            return self.sieve.ids.get(bare.0 as usize).copied().unwrap_or(special::UNKNOWN);
        };
        let word = self.rare.get(at as usize).and_then(|span| span.of(self.text)).unwrap_or("");
        self.sieve.model.vocabulary().id_or_unknown(&word_key(word))
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

    /// The share of words that go with neither of their neighbours, if they and those that hardly do are so many that a spinner may have put them there.
    /// Words all over the text are asked first, and more only as long as the answer is in doubt.
    fn strangers(&self) -> Option<f32> {
        let most = self.bare.len().saturating_sub(2);
        let stride = most.div_ceil(SAMPLE).max(1);
        let (mut strangers, mut found, mut asked) = (0.0f32, 0.0f32, 0.0f32);
        let mut gains = Gains::default();
        for first in 0..stride {
            for &gain in self.gains((first..most).step_by(stride), &mut gains) {
                asked += 1.0;
                let (strange, odd) = (f32::from(u8::from(gain < STRANGE)), f32::from(u8::from(gain < ODD)));
                strangers += strange;
                found += (strange + odd) / 2.0;
            }
            let share = found / asked.max(1.0);
            // as if one more had been found: a share of none would have no error
            let error = ((found + 1.0) / (asked + 1.0) * (1.0 - share) / asked.max(1.0)).sqrt();
            if asked > 0.0 && share + SURE * error < MANY_STRANGERS {
                return None;
            }
        }
        let unknown = self.unknown();
        let enough = asked * 2.0 >= MIN_WORDS as f32;
        let share = |of: f32| of / asked.max(1.0) - OUTLANDISH * unknown;
        let many = share(found) > MANY_STRANGERS;
        (enough && unknown < UNREADABLE && many && self.is_various()).then(|| share(strangers))
    }

    /// What the second of three words gains between the others, in nats, for the threes that begin at these places; nothing is said of those that do not
    /// stand together, or of which the model does not know one.
    fn gains<'g>(&self, places: impl Iterator<Item = usize>, room: &'g mut Gains) -> &'g [f32] {
        let Gains { threes, pairs, gains } = room;
        let model = &self.sieve.model;
        let three = |at: usize| {
            let [before, word, after] = self.bare.get(at..at + 3)? else { return None };
            let ids = [self.id(*before), self.id(*word), self.id(*after)];
            ids.iter().all(|&id| id > special::BREAK).then_some(ids)
        };
        threes.clear();
        threes.extend(places.filter_map(three));
        model.bigrams(threes.iter().flat_map(|&[before, word, after]| [(before, word), (word, after)]), pairs);
        let gain = |before: WordId, word: WordId, pair: Option<f32>| {
            let alone = model.unigram(word).0;
            pair.unwrap_or_else(|| alone + model.backoff_after(before)) - alone
        };
        let of_three =
            |(&[before, word, after], pairs): (&[WordId; 3], &[Option<f32>; 2])| gain(before, word, pairs[0]) + gain(word, after, pairs[1]);
        gains.clear();
        gains.extend(threes.iter().zip(pairs.as_chunks::<2>().0).map(of_three));
        gains
    }
}

/// Room to look up many words at once.
#[derive(Default)]
struct Gains {
    threes: Vec<[WordId; 3]>,
    pairs: Vec<Option<f32>>,
    gains: Vec<f32>,
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
}
