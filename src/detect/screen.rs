//! The fast screen: single words that a spinner leaves behind, and words that it never leaves.
//!
//! In: tokens. Out: a score in nats. A word that the spinner lists and that stands bare speaks for clean text; a word that it puts in place
//! of frequent words speaks against. How surprised the language model is at bare words tells garbled text from its original.

use std::collections::BTreeMap;

use crate::lexicon::Profile;
use crate::lm::reading::{Reading, read_sentence};
use crate::lm::{LanguageModel, NgramModel, special};
use crate::text::{Segments, Shape, Token};

/// Most that one word adds or takes away, in nats.
const CLAMP: f32 = 4.0;
/// Weight above which a word is rare in clean text, in nats.
pub(super) const MARKER: f32 = 1.5;

/// What each word of a profile says for or against the profile having been used.
#[derive(Clone, Debug)]
pub struct Screen {
    weights: BTreeMap<String, f32>,
}

impl Screen {
    /// Compiles the screen of a profile: for each word the log ratio of its frequency behind the cipher and in clean text.
    #[must_use]
    pub fn of(profile: &Profile, model: &NgramModel<'_>) -> Self {
        let vocabulary = model.vocabulary();
        let probability = |word: &str| vocabulary.id(word).map_or(1e-8, |id| model.unigram(id).0.exp());
        let mut spun: BTreeMap<&str, f32> = BTreeMap::new();
        for pair in profile.pairs().iter().filter(|pair| !pair.plain.contains(' ') && !pair.cipher.contains(' ')) {
            *spun.entry(&pair.cipher).or_default() += probability(&pair.plain) * pair.confidence;
            spun.entry(&pair.plain).or_default();
        }
        let weights = spun.into_iter().map(|(word, from_swaps)| {
            let clean = probability(word);
            let stays = (1.0 - profile.listed(word)).max(0.02);
            (word.to_owned(), ((clean * stays + from_swaps) / clean).ln().clamp(-CLAMP, CLAMP))
        });
        Self { weights: weights.collect() }
    }

    /// Each word with its weight, in nats.
    pub(super) fn weights(&self) -> &BTreeMap<String, f32> {
        &self.weights
    }

    /// Scores a text: log likelihood ratio of spun against clean by single words, in nats, of the run of paragraphs where it is highest.
    #[must_use]
    pub fn score(&self, profile: &Profile, text: &str, tokens: &[Token], segments: &Segments) -> f32 {
        let (mut best, mut run) = (0.0f32, 0.0f32);
        for paragraph in &segments.paragraphs {
            let tokens = tokens.get(paragraph.start..paragraph.end).unwrap_or(&[]);
            for token in tokens.iter().filter(|token| token.shape().is_some_and(|shape| profile.touch.touches(shape))) {
                let word = token.text(text);
                run += self.weights.get(word).or_else(|| self.weights.get(&word.to_lowercase())).copied().unwrap_or(0.0);
            }
            best = best.max(run);
            run = run.max(0.0);
        }
        best
    }
}

/// How surprised the language model is at the bare words of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Surprise {
    /// Mean negative log probability of a bare word in its context, in nats.
    pub mean: f32,
    /// Bare words.
    pub words: usize,
    /// Share of the bare words that the model does not know.
    pub unknown: f32,
}

/// Measures the surprise at a text as it stands.
#[must_use]
pub fn surprise(text: &str, tokens: &[Token], segments: &Segments, model: &NgramModel<'_>) -> Surprise {
    let (mut sum, mut words, mut unknown) = (0.0f32, 0usize, 0usize);
    let vocabulary = model.vocabulary();
    for span in &segments.sentences {
        let all = tokens.get(span.start..span.end).unwrap_or(&[]);
        let mut state = model.sentence_start();
        for (token, reading) in all.iter().zip(read_sentence(text, all)) {
            let id = match &reading {
                Reading::Nothing => continue,
                Reading::Break => {
                    state = model.no_context();
                    continue;
                }
                Reading::Opaque => special::UNKNOWN,
                Reading::Word(key) | Reading::Possessive(key) => vocabulary.id_or_unknown(key),
            };
            let (score, next) = model.score(&state, id);
            state = next;
            if token.shape() == Some(Shape::BARE) {
                words += 1;
                unknown += usize::from(id == special::UNKNOWN);
                sum -= score.0;
            }
        }
    }
    let count = words.max(1) as f32;
    Surprise { mean: sum / count, words, unknown: unknown as f32 / count }
}
