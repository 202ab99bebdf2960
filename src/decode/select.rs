//! Which of the leads of a cipher word are worth a place in the lattices of this text.
//!
//! In: a passage and the leads of its words. Out: the candidates of each word: the sure ones, and the leads that fit best
//! between their neighbours at all places of the word together, by bigrams, the neighbours taken as they stand. A neighbour that may
//! itself be swapped says less.

use super::candidates::{Candidate, Leads};
use super::passage::{Passage, Slot};
use crate::lm::{LanguageModel, NgramModel, WordId};

/// Places of a word that are looked at.
const MAX_PLACES: usize = 16;

/// The neighbours of a place, and how far each can be trusted.
struct Between {
    left: Option<(WordId, f32)>,
    right: Option<(WordId, f32)>,
}

/// The candidates of every word of `passage`: all that are sure, and at most `limit` of the rest.
pub(super) fn select(passage: &Passage, leads: &[std::sync::Arc<Leads>], model: &NgramModel<'_>, limit: usize) -> Vec<Vec<Candidate>> {
    let between = neighbours(passage);
    leads
        .iter()
        .zip(&between)
        .map(|(leads, places)| {
            let mut out = leads.sure.clone();
            // the sum over the places grows with its error, which the swapped neighbours share
            let tempered = (places.len().max(1) as f32).powf(-0.7);
            let mut scored: Vec<(f32, usize)> = leads
                .rest
                .iter()
                .enumerate()
                .map(|(index, lead)| {
                    let fit: f32 = places.iter().map(|place| place.fit(lead.id, model)).sum();
                    (lead.prior + fit * tempered, index)
                })
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            out.extend(scored.iter().take(limit).map(|&(_, index)| leads.rest[index].candidate(model)));
            out
        })
        .collect()
}

/// For each word of the passage what stands beside its places.
fn neighbours(passage: &Passage) -> Vec<Vec<Between>> {
    let mut out: Vec<Vec<Between>> = passage.words.iter().map(|_| Vec::new()).collect();
    for sentence in &passage.sentences {
        for (at, slot) in sentence.slots.iter().enumerate() {
            let Slot::Open(place, _) = slot else { continue };
            let places = &mut out[passage.places[*place].word];
            if places.len() < MAX_PLACES {
                let trusted = |(id, stays)| (id, if stays { FIXED } else { OPEN });
                let (left, right) = (sentence.left(at).map(trusted), sentence.right(at).map(trusted));
                places.push(Between { left, right });
            }
        }
    }
    out
}

/// Share of the bigram against the unigram, beside a neighbour that stays and beside one that may be swapped.
const FIXED: f32 = 0.9;
const OPEN: f32 = 0.4;

impl Between {
    fn fit(&self, id: WordId, model: &NgramModel<'_>) -> f32 {
        let mix = |pair: f32, alone: f32, share: f32| (share * pair.exp() + (1.0 - share) * alone.exp()).ln();
        let alone = model.unigram(id).0;
        let left = match self.left {
            Some((left, share)) => mix(model.score(&model.after(left), id).0.0, alone, share),
            None => alone,
        };
        let right = self.right.map_or(0.0, |(right, share)| {
            let alone = model.unigram(right).0;
            mix(model.score(&model.after(id), right).0.0, alone, share) - alone
        });
        left + right
    }
}
