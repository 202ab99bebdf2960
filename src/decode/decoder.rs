//! The decoder: sentences to lattices, search, and the swap counts of the document estimated anew.
//!
//! In: a tokenised text and a [`Cipher`]. Out: [`Decoding`]. The rounds are expectation-maximisation with a prior:
//! the probability of a swap is what was assumed of it plus how often the last round found it in this document, so that
//! a clear case decides the doubtful ones (a spinner maps a word the same way throughout).

use std::collections::BTreeMap;
use std::sync::{Arc as Shared, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::DecodeOptions;
use super::candidates::{Candidate, Origin, candidates};
use super::cipher::Cipher;
use super::lattice::{Arc, Lattice};
use super::phrases::Phrases;
use super::search::{score_words, search};
use crate::detect::Evidence;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::reading::{Reading, read_sentence};
use crate::lm::{LanguageModel, NgramModel, Topic, WordId, special};
use crate::text::{Segments, Span, Token, TokenKind, TokenUnit};

/// Longest sentence that is decoded as one, in tokens; a longer one is cut.
const MAX_SENTENCE: usize = 400;

/// A token, or a phrase, that may have been swapped, and what may stand behind it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The tokens.
    pub tokens: Span<TokenUnit>,
    /// Index of its word in [`Decoding::words`].
    pub word: usize,
    /// Posterior of each candidate of the word; the rest to one is what lies on no path.
    pub posterior: Vec<f32>,
}

/// What the decoder makes of a text.
#[derive(Clone, Debug, Default)]
pub struct Decoding {
    /// Each cipher word of the text with its candidates.
    pub words: Vec<(String, Shared<[Candidate]>)>,
    /// The touchable places, in order.
    pub places: Vec<Place>,
    /// For each paragraph how well a cipher explains it.
    pub paragraphs: Vec<Evidence>,
}

/// Models and options, ready to decode.
#[derive(Debug)]
pub struct Decoder<'a> {
    model: NgramModel<'a>,
    thesaurus: &'a Thesaurus<'a>,
    cipher: Cipher<'a>,
    phrases: Phrases,
    options: DecodeOptions,
    /// Candidates of words met before: a pure function of the word, so it does not matter who filled it in.
    met: RwLock<FxHashMap<String, Shared<[Candidate]>>>,
}

/// Words whose candidates are remembered from one document to the next.
const MAX_MET: usize = 20_000;

/// Candidates of the words of one document.
#[derive(Default)]
struct Words {
    list: Vec<(String, Shared<[Candidate]>)>,
    index: FxHashMap<String, usize>,
}

/// A sentence as prepared for the search.
struct Sentence {
    paragraph: usize,
    /// For each slot: the fixed words, or the place.
    slots: Vec<Slot>,
    /// Places that span several slots: first slot, slot behind, place.
    phrases: Vec<(usize, usize, usize)>,
}

enum Slot {
    Fixed(Vec<WordId>),
    Open(usize, Vec<WordId>),
    Break,
}

impl<'a> Decoder<'a> {
    /// A decoder for one cipher.
    #[must_use]
    pub fn new(model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, cipher: Cipher<'a>, options: DecodeOptions) -> Self {
        Self { model, thesaurus, cipher, phrases: Phrases::of(cipher.profile), options, met: RwLock::default() }
    }

    /// Decodes a text. `frozen` says of a token that it must stay as it is.
    #[must_use]
    pub fn decode(&self, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool) -> Decoding {
        let mut words = Words::default();
        let mut places = Vec::new();
        let sentences = self.prepare(text, tokens, segments, frozen, &mut words, &mut places);
        let mut weights = self.estimate(&words, &[], &[]);
        let mut totals = Vec::new();
        for round in 0..=self.options.rounds {
            if round > 0 {
                weights = self.estimate(&words, &places, &sentences);
            }
            for sentence in &sentences {
                let lattice = self.lattice(sentence, &words, &places, &weights, round);
                let found = search(&lattice, &self.model, self.options.beam, self.options.beam_width);
                for slot in &sentence.slots {
                    if let Slot::Open(place, _) = slot {
                        places[*place].posterior.fill(0.0);
                    }
                }
                for &(_, _, place) in &sentence.phrases {
                    places[place].posterior.fill(0.0);
                }
                for (&(place, choice), &share) in ordered(&found.posteriors) {
                    places[place].posterior[choice] = share.min(1.0);
                }
                if round == 0 {
                    // the verdict rests on what was assumed before, not on what was fitted to this document
                    totals.push(found.total);
                }
            }
        }
        let mut paragraphs = vec![Evidence::default(); segments.paragraphs.len()];
        for (sentence, total) in sentences.iter().zip(totals) {
            let Some(entry) = paragraphs.get_mut(sentence.paragraph) else { continue };
            entry.ratio += total - self.plain_score(sentence);
            entry.explained += total;
            entry.touchable += sentence.slots.iter().filter(|slot| matches!(slot, Slot::Open(..))).count();
            entry.length += sentence.slots.len() + 1;
        }
        Decoding { words: words.list, places, paragraphs }
    }

    /// Cuts the text into sentences of slots and finds the candidates of every touchable word.
    fn prepare(
        &self,
        text: &str,
        tokens: &[Token],
        segments: &Segments,
        frozen: &dyn Fn(&Token) -> bool,
        words: &mut Words,
        places: &mut Vec<Place>,
    ) -> Vec<Sentence> {
        let mut out = Vec::new();
        let mut paragraph = 0;
        for &span in &segments.sentences {
            while segments.paragraphs.get(paragraph).is_some_and(|p| p.end <= span.start) {
                paragraph += 1;
            }
            let all = tokens.get(span.start..span.end).unwrap_or(&[]);
            let readings = read_sentence(text, all);
            let mut from = 0;
            while from < all.len() {
                let to = (from + MAX_SENTENCE).min(all.len());
                let offset = span.start + from;
                let mut sentence = self.slots(text, offset, &all[from..to], &readings[from..to], frozen, words, places);
                sentence.paragraph = paragraph;
                if from > 0 {
                    sentence.slots.insert(0, Slot::Break);
                    for phrase in &mut sentence.phrases {
                        phrase.0 += 1;
                        phrase.1 += 1;
                    }
                }
                if !sentence.slots.is_empty() {
                    out.push(sentence);
                }
                from = to;
            }
        }
        out
    }

    #[expect(clippy::too_many_arguments, reason = "one sentence of `prepare`, with its buffers")]
    fn slots(
        &self,
        text: &str,
        offset: usize,
        tokens: &[Token],
        readings: &[Reading<'_>],
        frozen: &dyn Fn(&Token) -> bool,
        words: &mut Words,
        places: &mut Vec<Place>,
    ) -> Sentence {
        let vocabulary = self.model.vocabulary();
        let mut sentence = Sentence { paragraph: 0, slots: Vec::new(), phrases: Vec::new() };
        let mut bare: Vec<&str> = Vec::new();
        let mut slot_of: Vec<(usize, usize)> = Vec::new();
        let mut joined = true;
        for (index, (token, reading)) in tokens.iter().zip(readings).enumerate() {
            let fixed = match reading {
                Reading::Nothing => {
                    joined &= token.kind == TokenKind::Space;
                    continue;
                }
                Reading::Break => {
                    sentence.slots.push(Slot::Break);
                    joined = false;
                    continue;
                }
                Reading::Opaque => vec![special::UNKNOWN],
                Reading::Word(key) => vec![vocabulary.id_or_unknown(key)],
                Reading::Possessive(key) => vec![vocabulary.id_or_unknown(key), vocabulary.id_or_unknown("'s")],
            };
            let piece = token.text(text);
            let touchable = !frozen(token)
                && match token.kind {
                    TokenKind::Number => self.listed_number(piece) && stands_bare(tokens, index),
                    _ => token.shape().is_some_and(|shape| self.cipher.touch.touches(shape)),
                };
            if !joined {
                bare.push("");
                slot_of.push((usize::MAX, usize::MAX));
            }
            joined = true;
            bare.push(if touchable { piece } else { "" });
            slot_of.push((sentence.slots.len(), offset + index));
            if touchable {
                let word = self.word(piece, words);
                let posterior = vec![0.0; words.list[word].1.len()];
                places.push(Place { tokens: Span::new(offset + index, offset + index + 1), word, posterior });
                sentence.slots.push(Slot::Open(places.len() - 1, fixed));
            } else {
                sentence.slots.push(Slot::Fixed(fixed));
            }
        }
        for found in self.phrases.find(&bare) {
            let (Some(&(first, first_token)), Some(&(last, last_token))) = (slot_of.get(found.first), slot_of.get(found.last)) else {
                continue;
            };
            let word = self.word(found.phrase, words);
            let posterior = vec![0.0; words.list[word].1.len()];
            places.push(Place { tokens: Span::new(first_token, last_token + 1), word, posterior });
            sentence.phrases.push((first, last + 1, places.len() - 1));
        }
        sentence
    }

    /// Whether the profile puts this number in place of a word ("1" for "one").
    fn listed_number(&self, piece: &str) -> bool {
        self.cipher.profile.is_some_and(|profile| profile.behind(piece).next().is_some())
    }

    fn word(&self, piece: &str, words: &mut Words) -> usize {
        let key = piece.to_lowercase();
        if let Some(&index) = words.index.get(&key) {
            return index;
        }
        let list = self.candidates(&key);
        words.list.push((key.clone(), list));
        words.index.insert(key, words.list.len() - 1);
        words.list.len() - 1
    }

    fn candidates(&self, key: &str) -> Shared<[Candidate]> {
        if let Some(list) = self.met.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Shared::clone(list);
        }
        let phrase = key.contains(' ');
        let limit = if phrase { 0 } else { self.options.candidates };
        let mut list = candidates(key, &self.cipher, self.thesaurus, &self.model, limit);
        if phrase {
            list.retain(|c| matches!(c.origin, Origin::Listed { .. }));
        }
        let list: Shared<[Candidate]> = list.into();
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        if met.len() < MAX_MET {
            met.insert(key.to_owned(), Shared::clone(&list));
        }
        list
    }

    /// The lattice of a sentence; in later rounds without the choices that the round before found hopeless.
    fn lattice(&self, sentence: &Sentence, words: &Words, places: &[Place], weights: &Weights<'_>, round: usize) -> Lattice {
        let mut lattice = Lattice { slots: Vec::with_capacity(sentence.slots.len() + 1), breaks: vec![false; sentence.slots.len() + 1] };
        for (at, slot) in sentence.slots.iter().enumerate() {
            let arcs = match slot {
                Slot::Break => {
                    lattice.breaks[at] = true;
                    vec![Arc { to: at + 1, ids: Vec::new(), weight: 0.0, choice: None }]
                }
                Slot::Fixed(ids) => vec![Arc { to: at + 1, ids: ids.clone(), weight: 0.0, choice: None }],
                Slot::Open(place, _) => {
                    let around = weights.around(words, places, *place);
                    let list = words.list[places[*place].word].1.iter().enumerate();
                    list.filter(|&(choice, _)| round == 0 || choice == 0 || places[*place].posterior[choice] > HOPELESS)
                        .map(|(choice, c)| {
                            let weight = weights.of(words, places, *place, choice, &around);
                            Arc { to: at + 1, ids: c.ids.clone(), weight, choice: Some((*place, choice)) }
                        })
                        .collect()
                }
            };
            lattice.slots.push(arcs);
        }
        for &(from, to, place) in &sentence.phrases {
            let around = weights.around(words, places, place);
            for (choice, c) in words.list[places[place].word].1.iter().enumerate() {
                let weight = weights.of(words, places, place, choice, &around);
                lattice.slots[from].push(Arc { to, ids: c.ids.clone(), weight, choice: Some((place, choice)) });
            }
        }
        lattice.slots.push(Vec::new());
        lattice
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

    /// What the last round found: how often each swap, and each plain word, counting only what is more likely than not.
    fn estimate(&self, words: &Words, places: &[Place], sentences: &[Sentence]) -> Weights<'a> {
        let mut weights = Weights {
            model: self.model,
            prior_weight: self.options.prior_weight,
            cache_weight: self.options.cache_weight,
            pairs: words.list.iter().map(|(_, list)| vec![0.0; list.len()]).collect(),
            plains: BTreeMap::new(),
            cache: FxHashMap::default(),
            total: 0.0,
            topic_weight: self.options.topic_weight,
            sense_weight: self.options.sense_weight,
            topic: Topic::default(),
        };
        for sentence in sentences {
            for slot in &sentence.slots {
                match slot {
                    Slot::Break => {}
                    Slot::Fixed(ids) => weights.remember(ids, 1.0),
                    Slot::Open(place, _) => {
                        if let Some((choice, count)) = certain_choice(&places[*place]) {
                            let word = places[*place].word;
                            let candidate = &words.list[word].1[choice];
                            weights.pairs[word][choice] += count;
                            *weights.plains.entry(candidate.text.clone()).or_default() += count;
                            weights.remember(&candidate.ids, count);
                        }
                    }
                }
            }
        }
        weights
    }
}

/// Choices with a smaller posterior are left out of later rounds.
const HOPELESS: f32 = 1e-4;
/// How much more than other priors the confidence of a listed pair weighs against the counts of one document.
const LISTED_WEIGHT: f32 = 6.0;
/// Plain words that a cipher word may well stand for, of which one is usually meant throughout a document.
const SENSES: f32 = 5.0;
/// Most that a word gains by standing elsewhere in the document, as a factor of its probability.
const MAX_CACHE_GAIN: f32 = 300.0;

/// The choice of a place that is more likely than not, and what it counts as evidence.
fn certain_choice(place: &Place) -> Option<(usize, f32)> {
    place.posterior.iter().position(|&share| share > 0.5).map(|choice| (choice, certain(place.posterior[choice])))
}

/// What a posterior counts as evidence for other places: nothing up to one half.
fn certain(share: f32) -> f32 {
    (2.0 * share - 1.0).clamp(0.0, 1.0)
}

/// Log probabilities of the choices: the prior, and what the last round found at all *other* places, so that no place
/// confirms itself.
///
/// Swaps found often are probable (a spinner maps a word the same way throughout); and words that the document
/// uses are likely to be used again: their probability is scaled by a cache unigram over the model's, as
/// in the dynamic marginal adaptation of Kneser, Peters and Klakow (1997). Words that fit the topic of the document
/// gain by the cosine of their vector. A cipher word mostly stands for one plain word in one document, as a word mostly has one
/// sense in one discourse (Gale, Church and Yarowsky 1992).
struct Weights<'a> {
    model: NgramModel<'a>,
    prior_weight: f32,
    cache_weight: f32,
    pairs: Vec<Vec<f32>>,
    plains: BTreeMap<String, f32>,
    cache: FxHashMap<WordId, f32>,
    total: f32,
    topic_weight: f32,
    sense_weight: f32,
    topic: Topic,
}

impl Weights<'_> {
    fn remember(&mut self, ids: &[WordId], count: f32) {
        let vectors = self.model.vectors();
        for &id in ids {
            *self.cache.entry(id).or_default() += count;
            self.total += count;
            self.topic.add(&vectors, id, count * self.content(id));
        }
    }

    /// How much a word tells of the topic: little if it is frequent (Arora, Liang and Ma 2017).
    fn content(&self, id: WordId) -> f32 {
        if id <= special::BREAK { 0.0 } else { 1e-3 / (1e-3 + self.model.unigram(id).0.exp()) }
    }

    /// The topic around a place, without what stands there.
    fn around(&self, words: &Words, places: &[Place], place: usize) -> Topic {
        if self.total < 1.0 {
            return Topic::default();
        }
        let mut topic = self.topic;
        if let Some((choice, count)) = certain_choice(&places[place]) {
            let vectors = self.model.vectors();
            for &id in &words.list[places[place].word].1[choice].ids {
                topic.add(&vectors, id, -count * self.content(id));
            }
        }
        topic.unit()
    }

    fn of(&self, words: &Words, places: &[Place], place: usize, choice: usize, around: &Topic) -> f32 {
        let word = places[place].word;
        let candidate = &words.list[word].1[choice];
        let own = certain(places[place].posterior.get(choice).copied().unwrap_or(0.0));
        let pair = self.pairs.get(word).and_then(|pairs| pairs.get(choice)).map_or(0.0, |&count| (count - own).max(0.0));
        let plain = self.plains.get(&candidate.text).map_or(0.0, |&count| (count - own).max(0.0));
        let prior_weight = match candidate.origin {
            Origin::Listed { .. } => self.prior_weight * LISTED_WEIGHT,
            _ => self.prior_weight,
        };
        let swap = ((prior_weight * candidate.prior.exp() + pair) / (prior_weight + plain)).max(1e-14).ln();
        let elsewhere = (self.pairs.get(word).map_or(0.0, |pairs| pairs.iter().sum::<f32>())
            - certain_choice(&places[place]).map_or(0.0, |c| c.1))
        .max(0.0);
        let vectors = self.model.vectors();
        let fit: f32 = candidate.ids.iter().map(|&id| self.content(id) * around.fit(&vectors, id)).sum();
        swap + self.cached(&candidate.ids, own) + self.topic_weight * fit + self.same_sense(pair, elsewhere)
    }

    /// What a choice gains, or loses, by what the same cipher word stands for elsewhere: `pair` of `all` places.
    fn same_sense(&self, pair: f32, all: f32) -> f32 {
        let weight = self.sense_weight * all / (all + 0.5);
        if all > 0.0 { (1.0 - weight + weight * SENSES * pair / all).ln() } else { 0.0 }
    }

    /// What the document adds to the log probability of a plaintext.
    fn cached(&self, ids: &[WordId], own: f32) -> f32 {
        if self.total < 1.0 {
            return 0.0;
        }
        let gain = |&id: &WordId| {
            let count = (self.cache.get(&id).copied().unwrap_or(0.0) - own).max(0.0);
            let ratio = count / self.total / self.model.unigram(id).0.exp();
            ((1.0 - self.cache_weight) + self.cache_weight * ratio.min(MAX_CACHE_GAIN)).ln()
        };
        ids.iter().filter(|&&id| id != special::UNKNOWN).map(gain).sum()
    }
}

/// Whether white space, or the border of the sentence, stands on both sides of a token.
fn stands_bare(tokens: &[Token], index: usize) -> bool {
    let space =
        |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_none_or(|t| matches!(t.kind, TokenKind::Space | TokenKind::LineBreak));
    space(index.checked_sub(1)) && space(Some(index + 1))
}

/// The entries of a map in order of their keys.
fn ordered<V>(map: &FxHashMap<(usize, usize), V>) -> impl Iterator<Item = (&(usize, usize), &V)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|entry| *entry.0);
    entries.into_iter()
}
