//! One search over all sentences of a passage.
//!
//! In: a trellis for each sentence, a weight for each choice, and what is believed so far. Out: the log probability of each sentence; what was found is
//! noted in the beliefs. Sentences in which nothing is open any more are left alone, and so are choices that are hopeless.

use std::num::NonZeroUsize;

use super::beliefs::Beliefs;
use super::passage::{Passage, Sentence};
use super::search::{Beam, Room, Trellis};
use crate::lm::NgramModel;

/// Choices of a passage up to which what the model has said is remembered from round to round: that takes some 200 bytes for each.
const MOST_REMEMBERED: usize = 150_000;
/// Choices that are less probable than the best by more than this, in nats, before their sentence is looked at, are left out.
const HOPELESS: f32 = 16.0;

/// A search that is to be made.
#[derive(Clone, Copy)]
pub(super) struct Sweep<'s, 'a> {
    pub(super) model: &'s NgramModel<'a>,
    pub(super) passage: &'s Passage,
    pub(super) weights: &'s [f32],
    pub(super) beam: Beam,
}

/// What a search found of the choices of a sentence, and with which weights: negative infinity for those that were left out.
#[derive(Default)]
struct Found {
    total: f32,
    posteriors: Vec<f32>,
    tried: Vec<f32>,
}

impl Sweep<'_, '_> {
    /// Searches every sentence, and notes what is found; the log probability of each, zero where nothing was left to search.
    pub(super) fn over(&self, trellises: &mut [Trellis], beliefs: &mut Beliefs, jobs: NonZeroUsize) -> Vec<f32> {
        let known = &*beliefs;
        let forgets = self.weights.len() > MOST_REMEMBERED;
        let search = |sentences: &[Sentence], trellises: &mut [Trellis]| -> Vec<Found> {
            let mut room = Room::default();
            let searched = sentences.iter().zip(trellises).map(|(sentence, trellis)| {
                let found = self.search(sentence, trellis, known, &mut room);
                if forgets {
                    trellis.forget();
                }
                found
            });
            searched.collect()
        };
        let jobs = jobs.get().min(trellises.len()).max(1);
        let sentences = &self.passage.sentences;
        let found: Vec<Found> = if jobs == 1 {
            search(sentences, trellises)
        } else {
            let (share, search) = (trellises.len().div_ceil(jobs), &search);
            std::thread::scope(|scope| {
                let parts = sentences.chunks(share).zip(trellises.chunks_mut(share));
                let threads: Vec<_> = parts.map(|(sentences, trellises)| scope.spawn(move || search(sentences, trellises))).collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
            })
        };
        for (sentence, found) in sentences.iter().zip(&found) {
            let begin = beliefs.of_all(sentence.places.clone()).start;
            for place in sentence.places.clone().filter(|_| !found.posteriors.is_empty()) {
                let entries = beliefs.of(place);
                let own = entries.start - begin..entries.end - begin;
                let (posterior, tried) = (&found.posteriors[own.clone()], &found.tried[own]);
                // what was held fast has told nothing new
                if tried.iter().filter(|weight| **weight > f32::NEG_INFINITY).count() > 1 || tried.len() == 1 {
                    beliefs.note(place, posterior, tried, &self.weights[entries]);
                }
            }
        }
        found.into_iter().map(|found| found.total).collect()
    }

    /// Searches a sentence; one of which all places are settled is left as it was.
    fn search(&self, sentence: &Sentence, trellis: &mut Trellis, beliefs: &Beliefs, room: &mut Room) -> Found {
        let entries = beliefs.of_all(sentence.places.clone());
        let begin = entries.start;
        let mut tried = self.weights[entries].to_vec();
        let mut open = false;
        for place in sentence.places.clone() {
            let own = beliefs.of(place);
            let settled = beliefs.settled(place, self.weights);
            open |= settled.is_none();
            let here = &self.weights[own.clone()];
            let best = here.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (choice, tried) in tried[own.start - begin..own.end - begin].iter_mut().enumerate() {
                let hopeless = choice > 0 && *tried <= best - HOPELESS;
                if settled.map_or(hopeless, |settled| choice != settled) {
                    *tried = f32::NEG_INFINITY;
                }
            }
        }
        if !open && !sentence.places.is_empty() {
            return Found::default();
        }
        let mut posteriors = vec![0.0; tried.len()];
        let total = trellis.search(self.model, &tried, self.beam, room, &mut posteriors);
        Found { total, posteriors, tried }
    }
}
