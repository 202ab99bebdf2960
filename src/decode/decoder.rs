//! The decoder: sentences to lattices, search, and what the document tells estimated anew.
//!
//! In: a tokenised text and a [`Cipher`]. Out: [`Decoding`]. The rounds are expectation-maximisation with a prior: search all
//! sentences, gather what they tell of the swaps ([`Evidence`]), search again.

use std::sync::{Arc as Shared, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::DecodeOptions;
use super::candidates::{Candidate, Leads, leads};
use super::cipher::Cipher;
use super::evidence::Evidence;
use super::lattice::{Arc, Lattice};
use super::passage::{Passage, Sentence, Slot, Source};
use super::phrases::Phrases;
use super::search::{score_words, search};
use super::select::select;
use crate::detect;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::{LanguageModel, NgramModel, special};
use crate::text::{Segments, Span, Token, TokenKind, TokenUnit};

/// A token, or a phrase, that may have been swapped, and what may stand behind it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The tokens.
    pub tokens: Span<TokenUnit>,
    /// Index of its word in [`Decoding::words`].
    pub word: usize,
    /// Posterior of each candidate of the word; the rest to one is what lies on no path.
    pub posterior: Vec<f32>,
    /// What the sentence alone says of each candidate: log likelihood, relative to the best.
    pub(super) fit: Vec<f32>,
}

/// What the decoder makes of a text.
#[derive(Clone, Debug, Default)]
pub struct Decoding {
    /// Each cipher word of the text with its candidates.
    pub words: Vec<(String, Vec<Candidate>)>,
    /// The touchable places, in order.
    pub places: Vec<Place>,
    /// For each paragraph how well a cipher explains it.
    pub paragraphs: Vec<detect::Evidence>,
}

/// Models and options, ready to decode.
#[derive(Debug)]
pub struct Decoder<'a> {
    model: NgramModel<'a>,
    thesaurus: &'a Thesaurus<'a>,
    cipher: Cipher<'a>,
    phrases: Phrases,
    options: DecodeOptions,
    /// Leads of words met before: a pure function of the word, so it does not matter who filled it in.
    met: RwLock<FxHashMap<String, Shared<Leads>>>,
}

/// Words whose leads are remembered from one document to the next.
const MAX_MET: usize = 4_000;

impl<'a> Decoder<'a> {
    /// A decoder for one cipher.
    #[must_use]
    pub fn new(model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, cipher: Cipher<'a>, options: DecodeOptions) -> Self {
        Self { model, thesaurus, cipher, phrases: Phrases::of(cipher.profile), options, met: RwLock::default() }
    }

    /// Decodes a text. `frozen` says of a token that it must stay as it is.
    #[must_use]
    pub fn decode(&self, text: &str, tokens: &[Token], segments: &Segments, frozen: &dyn Fn(&Token) -> bool) -> Decoding {
        let touchable = |index: usize| tokens.get(index).is_some_and(|token| !frozen(token) && self.touchable(text, tokens, index));
        let source = Source { text, tokens, segments, touchable: &touchable };
        let passage = Passage::read(&source, &self.phrases, &self.model.vocabulary());
        let leads: Vec<Shared<Leads>> = passage.words.iter().map(|word| self.leads(word)).collect();
        let selected = select(&passage, &leads, &self.model, self.options.candidates);
        let words: Vec<(String, Vec<Candidate>)> = passage.words.iter().cloned().zip(selected).collect();
        let place = |&(tokens, word): &(Span<TokenUnit>, usize)| {
            let number = words[word].1.len();
            Place { tokens, word, posterior: vec![0.0; number], fit: vec![0.0; number] }
        };
        let mut places: Vec<Place> = passage.places.iter().map(place).collect();
        let mut paragraphs = vec![detect::Evidence::default(); segments.paragraphs.len()];
        for round in 0..=self.options.rounds {
            let evidence = match round {
                0 => Evidence::none(self.model, self.options, &words),
                _ => Evidence::of(self.model, self.options, &words, &passage, &places, &self.cipher),
            };
            for sentence in &passage.sentences {
                let lattice = lattice(sentence, &words, &places, &evidence, round);
                let total = self.search(sentence, &lattice, &mut places);
                // the verdict rests on what was assumed before, not on what was fitted to this document
                if round == 0
                    && let Some(entry) = paragraphs.get_mut(sentence.paragraph)
                {
                    entry.ratio += total - self.plain_score(sentence);
                    entry.explained += total;
                    entry.touchable += sentence.slots.iter().filter(|slot| matches!(slot, Slot::Open(..))).count();
                    entry.length += sentence.slots.len() + 1;
                }
            }
        }
        Decoding { words, places, paragraphs }
    }

    /// Whether the spinner may have swapped a token, by its shape.
    fn touchable(&self, text: &str, tokens: &[Token], index: usize) -> bool {
        tokens.get(index).is_some_and(|token| match token.kind {
            TokenKind::Number => self.listed_number(token.text(text)) && stands_bare(tokens, index),
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
        let found = Shared::new(leads(word, &self.cipher, self.thesaurus, &self.model));
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        if met.len() < MAX_MET {
            met.insert(word.to_owned(), Shared::clone(&found));
        }
        found
    }

    /// Searches a sentence and notes the posteriors of its places; gives its log probability.
    fn search(&self, sentence: &Sentence, lattice: &Lattice, places: &mut [Place]) -> f32 {
        let found = search(lattice, &self.model, self.options.beam, self.options.beam_width);
        let open = sentence.slots.iter().filter_map(|slot| if let Slot::Open(place, _) = slot { Some(*place) } else { None });
        for place in open.chain(sentence.phrases.iter().map(|phrase| phrase.2)) {
            places[place].posterior.fill(0.0);
            places[place].fit.fill(f32::NEG_INFINITY);
        }
        for (&(place, choice), &share) in ordered(&found.posteriors) {
            places[place].posterior[choice] = share.min(1.0);
        }
        for arc in lattice.slots.iter().flatten() {
            if let Some((place, choice)) = arc.choice {
                let place = &mut places[place];
                place.fit[choice] = place.posterior[choice].ln() - arc.weight;
            }
        }
        for arc in lattice.slots.iter().flatten() {
            if let Some((place, 0)) = arc.choice {
                let fit = &mut places[place].fit;
                let best = fit.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                fit.iter_mut().for_each(|fit| *fit -= best);
            }
        }
        found.total
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

/// The lattice of a sentence; in later rounds without the choices that the round before found hopeless.
fn lattice(
    sentence: &Sentence,
    words: &[(String, Vec<Candidate>)],
    places: &[Place],
    evidence: &Evidence<'_, '_>,
    round: usize,
) -> Lattice {
    let mut lattice = Lattice { slots: Vec::with_capacity(sentence.slots.len() + 1), breaks: vec![false; sentence.slots.len() + 1] };
    let arcs = |place: usize, to: usize| -> Vec<Arc> {
        let weights = evidence.weights(&places[place]);
        let best = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let list = words[places[place].word].1.iter().zip(weights).enumerate();
        list.filter(|&(choice, (_, weight))| round == 0 || choice == 0 || weight > best - HOPELESS)
            .map(|(choice, (c, weight))| Arc { to, ids: c.ids.clone(), weight, choice: Some((place, choice)) })
            .collect()
    };
    for (at, slot) in sentence.slots.iter().enumerate() {
        lattice.slots.push(match slot {
            Slot::Break => {
                lattice.breaks[at] = true;
                vec![Arc { to: at + 1, ids: Vec::new(), weight: 0.0, choice: None }]
            }
            Slot::Fixed(ids) => vec![Arc { to: at + 1, ids: ids.clone(), weight: 0.0, choice: None }],
            Slot::Open(place, _) => arcs(*place, at + 1),
        });
    }
    for &(from, to, place) in &sentence.phrases {
        lattice.slots[from].extend(arcs(place, to));
    }
    lattice.slots.push(Vec::new());
    lattice
}

/// Choices that are less probable than the best by more than this, in nats, before their sentence is looked at, are left out.
const HOPELESS: f32 = 16.0;

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
