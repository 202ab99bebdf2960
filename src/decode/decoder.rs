//! The decoder: sentences to lattices, search, and what the document tells estimated anew.
//!
//! In: a tokenised text and a [`Cipher`]. Out: [`Decoding`]. The rounds are expectation-maximisation with a prior: search all
//! sentences, gather what they tell of the swaps ([`Evidence`]), search again.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc as Shared, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::DecodeOptions;
use super::calibration::Signs;
use super::candidates::{Candidate, Leads, Open, Origin, UNKNOWN_WORD, leads, open};
use super::cipher::Cipher;
use super::evidence::{Background, Evidence, Frame};
use super::lattice::Lattice;
use super::links::Links;
use super::passage::{Passage, Position, Sentence, Slot, Source};
use super::phrases::Phrases;
use super::search::{Beam, Trellis, score_words};
use super::select::{select, select_again};
use crate::detect;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::{LanguageModel, NgramModel, WordId, special};
use crate::text::{Segments, Span, Token, TokenKind, TokenUnit, segments, tokenise};

/// A token, or a phrase, that may have been swapped, and what may stand behind it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The tokens.
    pub tokens: Span<TokenUnit>,
    /// Index of the text among those that are decoded together.
    pub document: usize,
    /// Index of its word in [`Decoding::words`].
    pub word: usize,
    /// Posterior of each candidate of the word; the rest to one is what lies on no path.
    pub posterior: Vec<f32>,
    /// What the sentence alone says of each candidate: log likelihood, relative to the best; for a candidate that the last search left
    /// out, what an earlier one found.
    pub(super) fit: Vec<f32>,
    /// How well the word as it stands fits the topic of its text, as a cosine.
    topic: f32,
}

impl Place {
    /// Takes what is known of the candidates `before` over to those that the word has `now`.
    fn carry_over(&mut self, before: &[Candidate], now: &[Candidate]) {
        let index: FxHashMap<u64, usize> = before.iter().enumerate().map(|(index, candidate)| (candidate.key, index)).collect();
        let of = |known: &[f32], otherwise: f32| -> Vec<f32> {
            let value = |candidate: &Candidate| index.get(&candidate.key).and_then(|&at| known.get(at).copied()).unwrap_or(otherwise);
            now.iter().map(value).collect()
        };
        (self.posterior, self.fit) = (of(&self.posterior, 0.0), of(&self.fit, UNTRIED));
    }
}

/// What is assumed of a candidate that no search has tried at a place, in nats below the best.
const UNTRIED: f32 = -3.0;
/// What the decoder makes of a text.
#[derive(Clone, Debug, Default)]
pub struct Decoding {
    /// Each cipher word of the text with its candidates.
    pub words: Vec<(String, Vec<Candidate>)>,
    /// The touchable places, in order.
    pub places: Vec<Place>,
    /// For each paragraph how well a cipher explains it.
    pub paragraphs: Vec<detect::Evidence>,
    /// For each place what speaks for the word as it stands.
    pub signs: Vec<Signs>,
}

/// What the decoder makes of several texts together.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// Each cipher word of the texts with its candidates.
    pub words: Vec<(String, Vec<Candidate>)>,
    /// The touchable places of all texts, in order.
    pub places: Vec<Place>,
}

/// Cipher words with their candidates.
type Words = Vec<(String, Vec<Candidate>)>;
/// A place, the posteriors of its candidates, and how well each fits its sentence, if it was tried.
type Outcome = (usize, Vec<f32>, Vec<Option<f32>>);

/// Models and options, ready to decode.
#[derive(Debug)]
pub struct Decoder<'a> {
    model: NgramModel<'a>,
    links: Links<'a>,
    cipher: Cipher<'a>,
    phrases: Phrases,
    /// The words that may stand behind any cipher word.
    open: Vec<Open>,
    options: DecodeOptions,
    /// Leads of words met before: a pure function of the word, so it does not matter who filled it in.
    met: RwLock<FxHashMap<String, Shared<Leads>>>,
}

/// Words whose leads are remembered from one document to the next.
const MAX_MET: usize = 12_000;

impl<'a> Decoder<'a> {
    /// A decoder for one cipher.
    #[must_use]
    pub fn new(model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, cipher: Cipher<'a>, options: DecodeOptions) -> Self {
        let (phrases, open) = (Phrases::of(cipher.profile), open(&cipher, &model));
        let links = Links::new(thesaurus, model.vocabulary(), cipher.profile);
        Self { model, links, cipher, phrases, open, options, met: RwLock::default() }
    }

    /// Decodes a text. `frozen` says of a token that it must stay as it is.
    #[must_use]
    pub fn decode(&self, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool) -> Decoding {
        self.explain(text, tokens, segments, frozen, self.options.rounds)
    }

    /// How well the cipher explains each paragraph of a text: what [`Decoder::decode`] finds, in less than half the time.
    #[must_use]
    pub fn weigh(&self, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool) -> Vec<detect::Evidence> {
        self.explain(text, tokens, segments, frozen, 0).paragraphs
    }

    fn explain(&self, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool, rounds: usize) -> Decoding {
        let mut passage = Passage::default();
        self.read(&mut passage, text, tokens, segments, frozen);
        let mut paragraphs = vec![detect::Evidence::default(); segments.paragraphs.len()];
        let note = |sentence: &Sentence, total: f32| {
            // the verdict rests on what was assumed before, not on what was fitted to this document
            if let Some(entry) = paragraphs.get_mut(sentence.paragraph) {
                entry.ratio += total - self.plain_score(sentence);
                entry.explained += total;
                entry.touchable += sentence.slots.iter().filter(|slot| matches!(slot, Slot::Open(..))).count();
                entry.length += sentence.slots.len() + 1;
            }
        };
        let (words, places) = self.estimate(&passage, &Background::default(), NonZeroUsize::MIN, rounds, note);
        let signs = self.signs(&words, &places);
        Decoding { words, places, paragraphs, signs }
    }

    /// What speaks at each place for the word as it stands.
    fn signs(&self, words: &Words, places: &[Place]) -> Vec<Signs> {
        let mut number = vec![0usize; words.len()];
        places.iter().for_each(|place| number[place.word] += 1);
        let of_word = |&id: &WordId| self.model.unigram(id).0 + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 };
        let frequency = |candidate: &Candidate| candidate.ids.first().map_or(0.0, of_word);
        let of_place = |place: &Place| {
            let (mut signs, mut best) = (Signs { topic: place.topic, lone: number[place.word] == 1, ..Signs::default() }, 0.0);
            for (candidate, &share) in words[place.word].1.iter().zip(&place.posterior) {
                if candidate.origin == Origin::Identity {
                    (signs.posterior, signs.frequency) = (share, frequency(candidate));
                } else if share > best {
                    (signs.plaintext, best) = (frequency(candidate), share);
                }
            }
            signs
        };
        places.iter().map(of_place).collect()
    }

    /// Decodes texts of one spinner together, on `jobs` threads: what is certain in one decides the doubtful places of the others. Clean
    /// texts on the same subjects tell which words are to be expected. The result is the same for any number of threads.
    #[must_use]
    pub fn decode_together(&self, texts: &[&str], clean: &[&str], jobs: NonZeroUsize) -> Collection {
        let (mut passage, mut background) = (Passage::default(), Background::default());
        for text in clean {
            tokenise(text).iter().filter(|token| token.shape().is_some()).for_each(|token| background.add(token.text(text)));
        }
        for text in texts {
            let tokens = tokenise(text);
            self.read(&mut passage, text, &tokens, &segments(text, &tokens), &|_| false);
            let fixed = |&(index, token): &(usize, &Token)| token.shape().is_some() && !self.touchable(text, &tokens, index);
            tokens.iter().enumerate().filter(fixed).for_each(|(_, token)| background.add(token.text(text)));
        }
        let (words, places) = self.estimate(&passage, &background, jobs, self.options.rounds, |_, _| {});
        Collection { words, places }
    }

    fn read(&self, passage: &mut Passage, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool) {
        let touchable = |index: usize| tokens.get(index).is_some_and(|token| !frozen(token) && self.touchable(text, tokens, index));
        let source = Source { text, tokens, segments, touchable: &touchable };
        passage.add(&source, &self.phrases, &self.model.vocabulary());
    }

    /// The rounds. `note` is told the log probability of each sentence in the first of them.
    fn estimate(
        &self,
        passage: &Passage,
        background: &Background,
        jobs: NonZeroUsize,
        rounds: usize,
        mut note: impl FnMut(&Sentence, f32),
    ) -> (Words, Vec<Place>) {
        let leads: Vec<Shared<Leads>> = passage.words.iter().map(|word| self.leads(word)).collect();
        let limit = if self.cipher.is_listed() { self.options.unlisted_candidates } else { self.options.candidates };
        let named = |selected: Vec<Vec<Candidate>>| -> Words { passage.words.iter().cloned().zip(selected).collect() };
        let mut words = named(select(passage, &leads, &self.model, limit));
        let place = |position: &Position| {
            let number = words[position.word].1.len();
            Place {
                tokens: position.tokens,
                document: position.document,
                word: position.word,
                posterior: vec![0.0; number],
                fit: vec![0.0; number],
                topic: 0.0,
            }
        };
        let mut places: Vec<Place> = passage.places.iter().map(place).collect();
        let mut frame = Frame::new(self.model, self.options, self.cipher, passage, &words, background);
        let mut trellises = self.trellises(passage, &words, &places);
        for round in 0..=rounds {
            if round > 0 && round == self.options.reselect {
                let selected = named(select_again(passage, &leads, &self.model, limit, &words, &places));
                places.iter_mut().for_each(|place| place.carry_over(&words[place.word].1, &selected[place.word].1));
                words = selected;
                frame = Frame::new(self.model, self.options, self.cipher, passage, &words, background);
                trellises = self.trellises(passage, &words, &places);
            }
            let evidence = if round == 0 { Evidence::none(&frame) } else { Evidence::of(&frame, &places, round) };
            let decoded = self.search_all(&mut trellises, &places, &evidence, round, jobs);
            // before the first round nothing is known of the topic
            if round > 0 && round == rounds {
                places.iter_mut().for_each(|place| place.topic = evidence.topic(place));
            }
            for (sentence, (total, found)) in passage.sentences.iter().zip(decoded) {
                for (place, posterior, fit) in found {
                    places[place].posterior = posterior;
                    places[place].fit.iter_mut().zip(fit).for_each(|(known, found)| *known = found.unwrap_or(*known));
                }
                if round == 0 {
                    note(sentence, total);
                }
            }
        }
        (words, places)
    }

    fn trellises(&self, passage: &Passage, words: &Words, places: &[Place]) -> Vec<Trellis> {
        passage.sentences.iter().map(|sentence| Trellis::new(Lattice::of(sentence, words, places), &self.model)).collect()
    }

    /// Searches every sentence; the results in the order of the sentences.
    fn search_all(
        &self,
        trellises: &mut [Trellis],
        places: &[Place],
        evidence: &Evidence<'_, '_>,
        round: usize,
        jobs: NonZeroUsize,
    ) -> Vec<(f32, Vec<Outcome>)> {
        let search = |trellis: &mut Trellis| self.search(trellis, &weights(trellis.lattice(), places, evidence, round));
        let jobs = jobs.get().min(trellises.len()).max(1);
        if jobs == 1 {
            return trellises.iter_mut().map(search).collect();
        }
        let share = trellises.len().div_ceil(jobs);
        std::thread::scope(|scope| {
            let parts = trellises.chunks_mut(share);
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || part.iter_mut().map(search).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    }

    /// Whether the spinner may have swapped a token, by its shape.
    fn touchable(&self, text: &str, tokens: &[Token], index: usize) -> bool {
        tokens.get(index).is_some_and(|token| match token.kind {
            TokenKind::Number => self.listed_number(token.text(text)) && stands_bare(text, tokens, index),
            _ => token.shape().is_some_and(|shape| self.cipher.touch.touches(shape)),
        })
    }

    /// Whether the profile puts this number in place of a word ("1" for "one").
    fn listed_number(&self, piece: &str) -> bool {
        self.cipher.profile.is_some_and(|profile| profile.behind(piece).next().is_some())
    }

    fn leads(&self, word: &str) -> Shared<Leads> {
        if let Some(found) = self.met.read().unwrap_or_else(PoisonError::into_inner).get(word) {
            return Shared::clone(found);
        }
        let found = Shared::new(leads(word, &self.cipher, &self.open, &self.links, &self.model));
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        if met.len() < MAX_MET {
            met.insert(word.to_owned(), Shared::clone(&found));
        }
        found
    }

    /// Searches a sentence: its log probability, and what is found at each of its places.
    fn search(&self, trellis: &mut Trellis, weights: &[f32]) -> (f32, Vec<Outcome>) {
        let nodes = if self.cipher.is_listed() { self.options.listed_beam } else { self.options.beam };
        let beam = Beam { nodes, width: self.options.beam_width };
        let found = trellis.search(&self.model, weights, beam);
        let outcome = |(place, arcs): (usize, Range<usize>)| {
            let posterior: Vec<f32> = found.posteriors[arcs.clone()].iter().map(|share| share.min(1.0)).collect();
            let searched = posterior.iter().zip(&weights[arcs]);
            let mut fit: Vec<Option<f32>> =
                searched.map(|(share, weight)| (*weight > f32::NEG_INFINITY).then(|| share.ln() - weight)).collect();
            let best = fit.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
            fit.iter_mut().flatten().for_each(|fit| *fit -= best);
            (place, posterior, fit)
        };
        (found.total, trellis.lattice().places().map(outcome).collect())
    }

    /// What plain English, as it stands, makes of a sentence.
    fn plain_score(&self, sentence: &Sentence) -> f32 {
        let broken = matches!(sentence.slots.first(), Some(Slot::Break));
        let mut state = if broken { self.model.no_context() } else { self.model.sentence_start() };
        let mut sum = 0.0;
        for slot in &sentence.slots {
            match slot {
                Slot::Break => state = self.model.no_context(),
                Slot::Fixed(ids) | Slot::Open(_, ids) => {
                    let (score, next) = score_words(&self.model, state, ids);
                    sum += score;
                    state = next;
                }
            }
        }
        sum + self.model.score(&state, special::END).0.0
    }
}

/// What each arc of a lattice weighs; in later rounds without the choices that are hopeless by what the round before found.
fn weights(lattice: &Lattice, places: &[Place], evidence: &Evidence<'_, '_>, round: usize) -> Vec<f32> {
    let mut out = vec![0.0; lattice.arcs.len()];
    for (place, arcs) in lattice.places() {
        let weights = evidence.weights(place, &places[place]);
        let best = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for (choice, (out, weight)) in out[arcs].iter_mut().zip(weights).enumerate() {
            *out = if round == 0 || choice == 0 || weight > best - HOPELESS { weight } else { f32::NEG_INFINITY };
        }
    }
    out
}

/// Choices that are less probable than the best by more than this, in nats, before their sentence is looked at, are left out.
const HOPELESS: f32 = 16.0;

/// Whether white space stands on both sides of a token, and a word, a number or a comma before it: at the head of a sentence or a line a number is no
/// swapped word, for the word would have had a capital there.
fn stands_bare(text: &str, tokens: &[Token], index: usize) -> bool {
    let space = |token: &Token| matches!(token.kind, TokenKind::Space | TokenKind::LineBreak);
    let follows = tokens.get(..index).and_then(|before| match before {
        [.., word, gap] if gap.kind == TokenKind::Space => {
            Some(matches!(word.kind, TokenKind::Word(_) | TokenKind::Number) || word.text(text) == ",")
        }
        _ => None,
    });
    follows == Some(true) && tokens.get(index + 1).is_none_or(space)
}
