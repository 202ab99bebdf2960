//! The lattice of a sentence: at each token the plain words that may stand there.
//!
//! In: the readings of a sentence and the candidates of its touchable tokens. Out: slots from left to right, each with
//! arcs to a later slot. A fixed token is one arc; a phrase of the profile is an arc over several slots.

use super::candidates::Candidate;
use super::decoder::Place;
use super::passage::{Sentence, Slot};
use crate::lm::WordId;

/// One way on from a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    /// Slot that it leads to.
    pub(super) to: usize,
    /// Words of the plain text: where they begin and end in [`Lattice::ids`].
    words: (usize, usize),
    /// Which candidate it is: index of the place, index of the candidate. `None` for fixed tokens.
    pub(super) choice: Option<(usize, usize)>,
}

/// Arcs by the slot where they start; the last slot has none. All arcs of a place stand together, its candidates in their order.
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
    /// The lattice of a sentence with the candidates of its places.
    pub(super) fn of(sentence: &Sentence, words: &[(String, Vec<Candidate>)], places: &[Place]) -> Self {
        let number = sentence.slots.len();
        let mut lattice = Self { breaks: vec![false; number + 1], ..Self::default() };
        for (at, slot) in sentence.slots.iter().enumerate() {
            lattice.first.push(lattice.arcs.len());
            match slot {
                Slot::Break => {
                    lattice.breaks[at] = true;
                    lattice.add(at + 1, &[], None);
                }
                Slot::Fixed(ids) => lattice.add(at + 1, ids, None),
                Slot::Open(place, _) => lattice.add_place(at + 1, *place, words, places),
            }
            for &(_, to, place) in sentence.phrases.iter().filter(|(from, ..)| *from == at) {
                lattice.add_place(to, place, words, places);
            }
        }
        lattice.first.extend([lattice.arcs.len(); 2]);
        lattice
    }

    fn add_place(&mut self, to: usize, place: usize, words: &[(String, Vec<Candidate>)], places: &[Place]) {
        for (choice, candidate) in words[places[place].word].1.iter().enumerate() {
            self.add(to, &candidate.ids, Some((place, choice)));
        }
    }

    fn add(&mut self, to: usize, ids: &[WordId], choice: Option<(usize, usize)>) {
        let start = self.ids.len();
        self.ids.extend_from_slice(ids);
        self.arcs.push(Arc { to, words: (start, self.ids.len()), choice });
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
        let (start, end) = self.arcs[arc].words;
        &self.ids[start..end]
    }

    /// The arcs of each place, all together: place, indices of its arcs.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
        let place = |arc: &Arc| arc.choice.map(|(place, _)| place);
        let mut start = 0;
        self.arcs.chunk_by(move |a, b| place(a).is_some() && place(a) == place(b)).filter_map(move |chunk| {
            let range = start..start + chunk.len();
            start = range.end;
            Some((place(chunk.first()?)?, range))
        })
    }
}
