//! Which of the leads of a cipher word are worth a place in the lattices of this text.
//!
//! In: a passage and the leads of its words. Out: the candidates of each word: the sure ones, and the leads that fit best
//! between their neighbours at all places of the word together, by bigrams. The neighbours are first taken as they stand; once the
//! text has been searched, as they are read. A neighbour that may be wrong says less.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::candidates::{Candidate, Lead, Leads};
use super::decoder::Place;
use super::passage::{Passage, Slot};
use crate::lm::{LanguageModel, NgramModel, WordId};

/// Places of a word that are looked at.
const MAX_PLACES: usize = 16;

/// The words beside a place.
struct Between {
    left: Option<Neighbour>,
    right: Option<Neighbour>,
}

/// A word beside a place.
struct Neighbour {
    id: WordId,
    /// Share of the bigram against the unigram: how far it can be trusted.
    share: f32,
}

/// The candidates of every word of `passage`: all that are sure, and at most `limit` of the rest.
pub(super) fn select(passage: &Passage, leads: &[Arc<Leads>], model: &NgramModel<'_>, limit: usize) -> Vec<Vec<Candidate>> {
    let between = neighbours(passage, &|_| None);
    leads.iter().zip(&between).map(|(leads, places)| best(leads, places, model, limit, &FxHashSet::default())).collect()
}

/// The same after a search that found `places` with the candidates of `words`: what it found likely anywhere stays.
pub(super) fn select_again(
    passage: &Passage,
    leads: &[Arc<Leads>],
    model: &NgramModel<'_>,
    limit: usize,
    words: &[(String, Vec<Candidate>)],
    places: &[Place],
) -> Vec<Vec<Candidate>> {
    let mut likely: Vec<FxHashSet<WordId>> = vec![FxHashSet::default(); words.len()];
    for place in places {
        for (candidate, &share) in words[place.word].1.iter().zip(&place.posterior) {
            if let (&[id], true) = (&*candidate.ids, share > LIKELY) {
                likely[place.word].insert(id);
            }
        }
    }
    let between = neighbours(passage, &|place| reading(&places[place], words));
    leads.iter().zip(&between).zip(&likely).map(|((leads, places), likely)| best(leads, places, model, limit, likely)).collect()
}

/// Posterior of a candidate above which it stays.
const LIKELY: f32 = 0.02;
/// Posterior from which a reading is taken instead of what stands in the text.
const READ: f32 = 0.4;

/// First and last word of the likeliest reading of a place, and its posterior.
fn reading(place: &Place, words: &[(String, Vec<Candidate>)]) -> Option<(WordId, WordId, f32)> {
    let (choice, &share) = place.posterior.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).filter(|(_, share)| **share > READ)?;
    let ids = &words[place.word].1[choice].ids;
    Some((*ids.first()?, *ids.last()?, share))
}

/// The sure candidates of a word, those that must stay, and the best of the others.
fn best(leads: &Leads, places: &[Between], model: &NgramModel<'_>, limit: usize, stay: &FxHashSet<WordId>) -> Vec<Candidate> {
    // the sum over the places grows with its error, which the swapped neighbours share
    let tempered = (places.len().max(1) as f32).powf(-0.7);
    // what is the same for every lead: what a word gains behind a word that it is never seen behind
    let lefts: Vec<Option<(&Neighbour, f32)>> =
        places.iter().map(|place| place.left.as_ref().map(|left| (left, left.unseen(model.backoff_after(left.id).exp())))).collect();
    let score = |(index, lead): (usize, &Lead)| {
        let alone = model.unigram(lead.id).0;
        let behind = model.backoff_after(lead.id).exp();
        let left = |&(left, unseen): &(&Neighbour, f32)| match model.bigram(left.id, lead.id) {
            Some(pair) => left.seen(pair - alone),
            None => unseen,
        };
        let right = |right: &Neighbour| match model.bigram(lead.id, right.id) {
            Some(pair) => right.seen(pair - model.unigram(right.id).0),
            None => right.unseen(behind),
        };
        let gained: f32 =
            lefts.iter().flatten().map(left).sum::<f32>() + places.iter().filter_map(|place| place.right.as_ref()).map(right).sum::<f32>();
        let fit = alone * places.len() as f32 + gained;
        (!stay.contains(&lead.id), lead.prior + fit * tempered, index)
    };
    let mut scored: Vec<(bool, f32, usize)> = leads.rest.iter().enumerate().map(score).collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let mut out = leads.sure.clone();
    out.extend(scored.iter().take(limit).map(|&(_, _, index)| leads.rest[index].candidate(model)));
    out
}

/// For each word of the passage what stands beside its places; `read` tells first word, last word and probability of what a place is
/// read as.
fn neighbours(passage: &Passage, read: &dyn Fn(usize) -> Option<(WordId, WordId, f32)>) -> Vec<Vec<Between>> {
    let mut out: Vec<Vec<Between>> = passage.words.iter().map(|_| Vec::new()).collect();
    for sentence in &passage.sentences {
        for (at, slot) in sentence.slots.iter().enumerate() {
            let Slot::Open(place, _) = slot else { continue };
            let places = &mut out[passage.places[*place].word];
            if places.len() < MAX_PLACES {
                let trusted = |(id, stays)| Neighbour { id, share: if stays { FIXED } else { OPEN } };
                let read = |at: Option<usize>| match sentence.slots.get(at?)? {
                    Slot::Open(place, _) => read(*place).map(|(first, last, share)| (first, last, OPEN + (FIXED - OPEN) * share)),
                    Slot::Fixed(_) | Slot::Break => None,
                };
                let left = read(at.checked_sub(1)).map(|(_, id, share)| Neighbour { id, share });
                let right = read(Some(at + 1)).map(|(id, _, share)| Neighbour { id, share });
                places.push(Between {
                    left: left.or_else(|| sentence.left(at).map(trusted)),
                    right: right.or_else(|| sentence.right(at).map(trusted)),
                });
            }
        }
    }
    out
}

/// Share of the bigram against the unigram, beside a neighbour that stays and beside one that may be swapped.
const FIXED: f32 = 0.9;
const OPEN: f32 = 0.4;

impl Neighbour {
    /// What a word gains beside this one, in nats, if the bigram is `ratio` nats likelier than the word alone.
    fn seen(&self, ratio: f32) -> f32 {
        (self.share * ratio.exp() + (1.0 - self.share)).ln()
    }

    /// The same if the model does not have the bigram; `backoff` is the weight of the unigram then.
    fn unseen(&self, backoff: f32) -> f32 {
        (self.share * backoff + (1.0 - self.share)).ln()
    }
}
