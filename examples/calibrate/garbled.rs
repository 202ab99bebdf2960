//! Articles garbled by spinners of which nothing, a part or nearly all is known, and decoded: what the reranker is trained on, and measured by.

use std::num::NonZeroUsize;

use anyhow::Result;
use unspin::decode::{Cipher, DecodeOptions, Decoder, Origin, Row};
use unspin::embedded;
use unspin::eval::{SpinnerKind, invent, spin};
use unspin::learn::{Article, LearnOptions, Models, learn};
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lexicon::{Pair, Profile, TouchRule};
use unspin::lm::{NgramModel, hash_word};
use unspin::text::{segments, tokenise};

/// Articles that one spinner garbles: many spinners teach more than many articles of each.
const TOGETHER: usize = 3;
/// Kinds of spinners that are made up to train by, in turn: which words of closed classes one swaps cannot be known.
pub(super) const KINDS: [SpinnerKind; 4] = [
    SpinnerKind::USUAL,
    SpinnerKind { grammar: 10, ..SpinnerKind::USUAL },
    SpinnerKind::USUAL,
    SpinnerKind { grammar: 30, ..SpinnerKind::USUAL },
];
/// Articles that are learned from side by side with their originals, for each of some spinners; what those touch.
pub(super) const TAUGHT: [usize; 6] = [50, 50, 50, 50, 15, 25];
pub(super) const TOUCHED: &str = "lower-bare lower-punctuated title-bare title-punctuated";
/// Articles that are deciphered together, clean ones beside them, and for how many spinners.
pub(super) const DECIPHERED: [(usize, usize, usize); 3] = [(1, 4, 96), (24, 24, 5), (120, 200, 2)];
/// Candidates of a place that are looked at: itself, and the likeliest by search and network.
const MOST_CANDIDATES: usize = 16;

/// What is known of a spinner.
#[derive(Clone, Copy)]
pub(super) enum Known {
    Nothing,
    /// In ten, so many of its pairs.
    Part(u64),
}

/// Who garbles.
pub(super) enum Spinner {
    /// The shipped one, as far as its pairs are true: another for every few articles.
    Shipped(Profile),
    /// Another for every few articles, that touches these shapes; its kinds, in turn.
    MadeUp(TouchRule, &'static [SpinnerKind]),
}

/// A place that can be read in several ways: its likeliest candidates.
pub(super) struct Case {
    pub(super) rows: Vec<Row>,
    /// What the search makes of each.
    pub(super) posterior: Vec<f32>,
    /// Which of them is the word as it stands, and which is right.
    pub(super) itself: Option<usize>,
    pub(super) right: Option<usize>,
    pub(super) swapped: bool,
}

/// What articles behind some spinners come to.
#[derive(Default)]
pub(super) struct Cases {
    pub(super) places: Vec<Case>,
    /// Number of words that were swapped, and that were not.
    pub(super) swapped: usize,
    pub(super) kept: usize,
}

impl Cases {
    pub(super) fn extend(&mut self, others: Self) {
        self.places.extend(others.places);
        self.swapped += others.swapped;
        self.kept += others.kept;
    }
}

/// Garbles articles, and decodes them.
pub(super) struct Maker {
    pub(super) model: NgramModel<'static>,
    pub(super) thesaurus: Thesaurus<'static>,
}

impl Maker {
    /// The places of some articles, of which the shipped spinner, or one made up for them, garbles [`TOGETHER`] at a time.
    pub(super) fn unlisted(&self, articles: &[&String], spinner: &Spinner, known: Known, seed: &mut u64, kept: &[u64], out: &mut Cases) {
        let touch = match spinner {
            Spinner::Shipped(profile) => profile.touch,
            Spinner::MadeUp(touch, _) => *touch,
        };
        let unknown = self.decoder(Cipher::unknown(touch));
        let first = *seed;
        let garbled = |number: usize, articles: &[&String]| {
            let seed = first + number as u64;
            let whole = match spinner {
                Spinner::Shipped(profile) => as_likely(profile, seed),
                Spinner::MadeUp(_, kinds) => self.made_up(seed, kinds),
            };
            let some = |of: &Profile, share: u64, salt: u64| {
                let pairs = of.pairs().iter().filter(|pair| (hash_word(&pair.plain) ^ salt) % 10 < share).cloned().collect();
                Profile::new("part", 1, touch, pairs)
            };
            let in_use = some(&whole, kept[number % kept.len()], seed);
            let mut cases = Cases::default();
            let mut add =
                |decoder: &Decoder<'_>| articles.iter().for_each(|original| add(decoder, original, &spin(original, &in_use), &mut cases));
            match known {
                Known::Nothing => add(&unknown),
                Known::Part(share) => {
                    // a list has wrong pairs too
                    let listed = if let Spinner::Shipped(profile) = spinner { profile } else { &whole };
                    let list = some(listed, share, seed.wrapping_mul(7));
                    add(&self.decoder(Cipher::known_in_part(&list)));
                }
            }
            cases
        };
        *seed += together(articles, &garbled, out);
    }

    /// The places of some articles behind a spinner of which nearly all is known, and `kept` in ten of its pairs are in use, in turn.
    pub(super) fn listed(&self, articles: &[&String], spinner: &Profile, list: &Profile, kept: &[u64], out: &mut Cases) {
        let whole = self.decoder(Cipher::by(list));
        let sparing = self.decoder(Cipher::sparing(list));
        let garbled = |number: usize, articles: &[&String]| {
            let kept = kept[number % kept.len()];
            // as `restore` has it: what lacks pairs is known in part, and where less of the list is in use the text is decoded anew
            let decoder = if kept > 8 || list.is_short() { &whole } else { &sparing };
            let in_use = |plain: &str| (hash_word(plain) ^ (number as u64).wrapping_mul(0x9e37_79b9)) % 10 < kept;
            // of a list that was learned all is true
            let spinner = if list.lacking() > 0.0 { spinner.clone() } else { as_likely(spinner, number as u64) };
            let pairs = spinner.pairs().iter().filter(|pair| in_use(&pair.plain)).cloned().collect();
            let spinner = Profile::new("in use", 1, spinner.touch, pairs);
            let mut cases = Cases::default();
            articles.iter().for_each(|original| add(decoder, original, &spin(original, &spinner), &mut cases));
            cases
        };
        together(articles, &garbled, out);
    }

    /// The spinner of a seed, of one of these kinds.
    fn made_up(&self, seed: u64, kinds: &[SpinnerKind]) -> Profile {
        let turn = usize::try_from(seed).unwrap_or(0) % kinds.len();
        invent("made-up", seed, kinds[turn], &self.thesaurus, &self.model)
    }

    fn models(&self) -> Models<'_> {
        Models { model: self.model, thesaurus: &self.thesaurus }
    }

    fn decoder<'m>(&'m self, cipher: Cipher<'m>) -> Decoder<'m> {
        Decoder::new(self.model, &self.thesaurus, cipher, DecodeOptions::default())
    }

    /// The places of articles behind spinners that were deciphered from them: for each number of articles, clean ones beside them, and spinners.
    pub(super) fn deciphered(&self, articles: &[&String], (number, clean, spinners): (usize, usize, usize), seed: u64, out: &mut Cases) {
        let decipher = |at: usize| -> Result<Cases> {
            let taken = |from: usize, number: usize| (from..from + number).map(|at| articles[at % articles.len()]);
            let (own, others) = (taken(at * number, number), taken((at + 1) * number, clean));
            let spinner = self.made_up(seed + at as u64, &KINDS);
            let garbled: Vec<Article> = numbered(own.clone().map(|text| spin(text, &spinner)));
            let clean: Vec<Article> = numbered(others.cloned());
            let mut cases = Cases::default();
            for lesson in learn("deciphered", &garbled, &clean, None, self.models(), &LearnOptions::default())?.lessons {
                let decoder = self.decoder(Cipher::by(&lesson.profile));
                own.clone().zip(&garbled).for_each(|(original, garbled)| add(&decoder, original, &garbled.text, &mut cases));
            }
            Ok(cases)
        };
        let numbers: Vec<usize> = (0..spinners).collect();
        // a spinner that shows too little in one article to be learned from it is none to weigh
        in_order(&numbers, &|at| decipher(*at).unwrap_or_default(), out);
    }

    /// Spinners, each with the list of it that is known.
    pub(super) fn lists(&self, taught: &[&String], seed: u64) -> Result<Vec<(String, Profile, Profile)>> {
        let mut out = Vec::new();
        for profile in embedded::profiles()? {
            out.push(("the family".to_owned(), single_words()?, profile));
        }
        let touch: TouchRule = TOUCHED.parse().map_err(anyhow::Error::msg)?;
        for (seed, number) in (seed..).zip(TAUGHT) {
            let taught = &taught[..number];
            let spinner = Profile::new("made-up", 1, touch, self.made_up(seed, &KINDS).pairs().to_vec());
            let garbled = numbered(taught.iter().map(|text| spin(text, &spinner)));
            let clean = numbered(taught.iter().map(|text| (*text).clone()));
            let mut learned = learn("learned", &garbled, &clean, None, self.models(), &LearnOptions::default())?;
            anyhow::ensure!(learned.lessons.len() == 1, "one spinner was taken for several");
            out.push((format!("{number} pairs of articles"), spinner, learned.lessons.remove(0).profile));
        }
        Ok(out)
    }
}

fn numbered(texts: impl Iterator<Item = String>) -> Vec<Article> {
    texts.enumerate().map(|(number, text)| Article { id: number.to_string(), text }).collect()
}

/// The pairs of a spinner that are true, if each is with its confidence.
fn as_likely(profile: &Profile, salt: u64) -> Profile {
    let is_true = |pair: &&Pair| {
        let drawn = hash_word(&format!("{salt} {} {}", pair.plain, pair.cipher)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        (drawn as f32) < pair.confidence * (1u64 << 24) as f32
    };
    Profile::new("true", 1, profile.touch, profile.pairs().iter().filter(is_true).cloned().collect())
}

/// The shipped spinner without its phrases, so that every word has its place in both texts.
pub(super) fn single_words() -> Result<Profile> {
    let [profile] = <[Profile; 1]>::try_from(embedded::profiles()?).map_err(|_| anyhow::anyhow!("one profile is shipped"))?;
    let single = profile.pairs().iter().filter(|pair| !pair.plain.contains(' ') && !pair.cipher.contains(' ')).cloned().collect();
    Ok(Profile::new("single words", 1, profile.touch, single))
}

/// Garbles articles, some at a time; what comes of them stands in their order. Returns how many times.
fn together(articles: &[&String], garbled: &(dyn Fn(usize, &[&String]) -> Cases + Sync), out: &mut Cases) -> u64 {
    let groups: Vec<(usize, &[&String])> = articles.chunks(TOGETHER).enumerate().collect();
    in_order(&groups, &|(number, articles)| garbled(*number, articles), out);
    groups.len() as u64
}

/// Does something with each of some things, on all processors, and adds what comes of them in their order.
fn in_order<T: Sync>(things: &[T], each: &(dyn Fn(&T) -> Cases + Sync), out: &mut Cases) {
    let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for row in things.chunks(jobs) {
        let made: Vec<Cases> = std::thread::scope(|scope| {
            let threads: Vec<_> = row.iter().map(|thing| scope.spawn(move || each(thing))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        made.into_iter().for_each(|cases| out.extend(cases));
    }
}

/// Adds the places of an article that can be read in several ways.
fn add(decoder: &Decoder<'_>, original: &str, spun: &str, out: &mut Cases) {
    let (tokens, plain) = (tokenise(spun), tokenise(original));
    // an image that is cut into several tokens: the places of the two texts are no longer the same
    if tokens.len() != plain.len() {
        return;
    }
    let mut decoding = decoder.decode(spun, &tokens, &segments(spun, &tokens), &|_| false);
    decoder.weigh_again(&mut decoding, &|_| true);
    for (token, plain) in tokens.iter().zip(&plain).filter(|(_, plain)| plain.shape().is_some()) {
        *(if token.text(spun) == plain.text(original) { &mut out.kept } else { &mut out.swapped }) += 1;
    }
    let readings = &decoding.readings;
    for place in readings.places.iter().filter(|place| decoding.is_weighed_again(place)) {
        let (candidates, posterior) = (readings.candidates(place), readings.posterior(place));
        let itself = candidates.iter().position(|candidate| candidate.origin == Origin::Identity);
        let (token, truth) = (tokens[place.tokens.start], plain[place.tokens.start].text(original).to_lowercase());
        let swapped = token.text(spun).to_lowercase() != truth;
        let rows = decoding.signs.rows(readings, place);
        let score = |at: usize| if Some(at) == itself { f32::INFINITY } else { rows[at][0] + 0.5 * rows[at][1] };
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        order.truncate(MOST_CANDIDATES);
        out.places.push(Case {
            rows: order.iter().map(|&at| rows[at]).collect(),
            posterior: order.iter().map(|&at| posterior[at]).collect(),
            itself: itself.map(|_| 0),
            right: order.iter().position(|&at| candidates[at].text == truth),
            swapped,
        });
    }
}
