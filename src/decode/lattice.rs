//! The lattice of a sentence: at each token the plain words that may stand there.
//!
//! In: the readings of a sentence and the candidates of its touchable tokens. Out: slots from left to right, each with
//! arcs to a later slot. A fixed token is one arc; a phrase of the profile is an arc over several slots.

use super::beliefs::Beliefs;
use super::candidates::Candidate;
use super::passage::{Sentence, Slot};
use crate::lm::WordId;

/// One way on from a slot; small, for a text of which nothing is known has sixty of them for each word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    /// Slot that it leads to.
    to: u32,
    /// Where the words of its plain text begin in [`Lattice::ids`]; they end where those of the next arc begin.
    words: u32,
    /// Which candidate it is, among those of all places of the sentence; [`NO_CHOICE`] for fixed tokens.
    choice: u32,
}

/// Stands where there is nothing to choose.
const NO_CHOICE: u32 = u32::MAX;

impl Arc {
    /// Slot that it leads to.
    pub(super) fn to(self) -> usize {
        self.to as usize
    }

    /// Which candidate it is, among those of all places of the sentence; beyond all of them for fixed tokens.
    pub(super) fn choice(self) -> usize {
        self.choice as usize
    }
}

/// Arcs by the slot where they start; the last slot has none.
#[derive(Clone, Debug, Default)]
pub(super) struct Lattice {
    pub(super) arcs: Vec<Arc>,
    /// For each slot its first arc, and one more.
    first: Vec<usize>,
    /// Words of all arcs.
    ids: Vec<WordId>,
    /// Slots in front of which the context is lost.
    pub(super) breaks: Vec<bool>,
}

impl Lattice {
    /// The lattice of a sentence; `candidates` are those of a place.
    pub(super) fn of<'c>(sentence: &Sentence, candidates: &dyn Fn(usize) -> &'c [Candidate], beliefs: &Beliefs) -> Self {
        let number = sentence.slots.len();
        let entries = beliefs.of_all(sentence.places.clone());
        let begin = entries.start;
        // an arc for each candidate and each slot without; few have more than one word
        let most = number + entries.len();
        let (arcs, ids) = (Vec::with_capacity(most), Vec::with_capacity(most + 8));
        let mut lattice = Self { arcs, first: Vec::with_capacity(number + 2), ids, breaks: vec![false; number + 1] };
        for (at, slot) in sentence.slots.iter().enumerate() {
            lattice.first.push(lattice.arcs.len());
            let here = match slot {
                Slot::Break => {
                    lattice.breaks[at] = true;
                    lattice.add(at + 1, &[], None);
                    None
                }
                Slot::Fixed(ids) => {
                    lattice.add(at + 1, ids, None);
                    None
                }
                Slot::Open(place, _) => Some((at + 1, *place)),
            };
            let phrases = sentence.phrases.iter().filter(|(from, ..)| *from == at).map(|&(_, to, place)| (to, place));
            for (to, place) in here.into_iter().chain(phrases) {
                for (candidate, entry) in candidates(place).iter().zip(beliefs.of(place)) {
                    lattice.add(to, &candidate.ids, Some(entry - begin));
                }
            }
        }
        lattice.first.extend([lattice.arcs.len(); 2]);
        lattice
    }

    fn add(&mut self, to: usize, ids: &[WordId], choice: Option<usize>) {
        self.arcs.push(Arc { to: number(to), words: number(self.ids.len()), choice: choice.map_or(NO_CHOICE, number) });
        self.ids.extend_from_slice(ids);
    }

    /// Number of slots, the last one included.
    pub(super) fn len(&self) -> usize {
        self.breaks.len()
    }

    /// Indices of the arcs that start at a slot.
    pub(super) fn arcs_from(&self, slot: usize) -> std::ops::Range<usize> {
        self.first[slot]..self.first[slot + 1]
    }

    /// Words of an arc.
    pub(super) fn words(&self, arc: usize) -> &[WordId] {
        let end = self.arcs.get(arc + 1).map_or(self.ids.len(), |next| next.words as usize);
        &self.ids[self.arcs[arc].words as usize..end]
    }
}

/// An index in few bytes: no sentence has so many places, arcs or nodes.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
