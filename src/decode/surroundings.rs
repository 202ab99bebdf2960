//! What the network expects at a place, from the text around it as it is read by now.
//!
//! In: a frame, and what the last search found. Out: for each place that no list has the log probability of each of its candidates, among the
//! candidates. Neither the reading of the place nor what it adds to the subject of its text is looked at, so no place confirms itself.

use std::num::NonZeroUsize;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::beliefs::Beliefs;
use super::candidates::{Candidate, Origin};
use super::frame::Frame;
use super::passage::{Passage, Slot};
use crate::lm::{ContextModel, Embedding, REACH, Subject, WordId, special};

/// Posterior of a reading up to which it does not count.
const UNLIKELY: f32 = 0.003;
/// Posterior of the word as it stands from which the network is not asked.
const CLEAR: f32 = 0.999;

/// Posterior of a reading from which the network is not asked about a place that a list has.
const SETTLED: f32 = 0.9;
/// Least probability that is told from none.
const LEAST: f32 = 1e-5;

/// What the network says of some texts.
pub(super) struct Expected {
    /// For each candidate at each place its log probability, in nats; zero throughout a place that it was not asked about.
    pub(super) log: Vec<f32>,
    /// For each place the log odds of a swap; zero where it was not asked.
    pub(super) odds: Vec<f32>,
}

/// The texts as one row of positions.
#[derive(Default)]
struct Row {
    positions: Vec<Standing>,
    /// Of each text.
    documents: Vec<Range<usize>>,
    /// For each place its position; none for a phrase.
    of_place: Vec<Option<usize>>,
}

/// What stands at a position.
#[derive(Clone, Copy)]
enum Standing {
    Fixed(WordId),
    Open(usize, WordId),
}

/// The texts as they are read by now.
struct Surroundings<'d, 'a> {
    model: ContextModel<'a>,
    frame: &'d Frame<'d, 'a>,
    beliefs: &'d Beliefs,
    row: Row,
    embeddings: Vec<Embedding>,
    subjects: Vec<Subject>,
    /// What stands beyond the ends of a text.
    border: Embedding,
}

/// What the network says of a settled frame, worked out on `jobs` threads.
pub(super) fn expected(model: ContextModel<'_>, frame: &Frame<'_, '_>, beliefs: &Beliefs, jobs: NonZeroUsize) -> Expected {
    let surroundings = Surroundings::of(model, frame, beliefs);
    let asked: Vec<usize> = frame.uncertain.iter().copied().filter(|&place| surroundings.is_asked(place)).collect();
    let answer = |places: &[usize]| -> Vec<Vec<f32>> { places.iter().map(|&place| surroundings.answer(place)).collect() };
    let jobs = jobs.get().min(asked.len()).max(1);
    let answers = if jobs == 1 {
        answer(&asked)
    } else {
        let answer = &answer;
        std::thread::scope(|scope| {
            let threads: Vec<_> = asked.chunks(asked.len().div_ceil(jobs)).map(|places| scope.spawn(move || answer(places))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    };
    let mut out = Expected { log: vec![0.0; beliefs.len()], odds: vec![0.0; frame.passage.places.len()] };
    for (&place, logs) in asked.iter().zip(answers).filter(|(_, logs)| !logs.is_empty()) {
        let listed = frame.candidates(place).iter().any(is_listed);
        if !listed {
            let share = |counts: &dyn Fn(&Candidate) -> bool| -> f32 {
                frame.candidates(place).iter().zip(&logs).filter(|(candidate, _)| counts(candidate)).map(|(_, log)| log.exp()).sum()
            };
            let (itself, known) = (share(&is_itself), share(&|candidate| candidate.origin != Origin::Frequent));
            let itself = if known > 0.0 { itself / known } else { 1.0 };
            out.odds[place] = ((1.0 - itself).max(LEAST) / itself.max(LEAST)).ln();
        }
        out.log[beliefs.of(place)].copy_from_slice(&logs);
    }
    out
}

impl Expected {
    /// Of a passage that the network was not asked about.
    pub(super) fn nothing(beliefs: &Beliefs, places: usize) -> Self {
        Self { log: vec![0.0; beliefs.len()], odds: vec![0.0; places] }
    }

    /// Adds what was said to the log probabilities of all candidates, as far as it counts against the language model.
    pub(super) fn add_to(&self, weights: &mut [f32], frame: &Frame<'_, '_>, beliefs: &Beliefs) {
        for &place in &frame.uncertain {
            let listed = frame.candidates(place).iter().any(is_listed);
            let weight = if listed { frame.options.listed_context_weight } else { frame.options.context_weight };
            let entries = beliefs.of(place);
            weights[entries.clone()].iter_mut().zip(&self.log[entries]).for_each(|(sum, log)| *sum += weight * log);
        }
    }
}

impl Row {
    /// Lays out a passage.
    fn of(passage: &Passage) -> Self {
        let mut row = Self { of_place: vec![None; passage.places.len()], ..Self::default() };
        for sentence in &passage.sentences {
            let from = row.positions.len();
            for slot in &sentence.slots {
                let (ids, place) = match slot {
                    Slot::Break => (&[special::BREAK][..], None),
                    Slot::Fixed(ids) => (&**ids, None),
                    Slot::Open(place, ids) => (&**ids, Some(*place)),
                };
                if let Some(place) = place {
                    row.of_place[place] = Some(row.positions.len());
                }
                // of a word with a possessive ending only the word may have been swapped
                let places = place.into_iter().map(Some).chain(std::iter::repeat(None));
                row.positions.extend(
                    ids.iter().zip(places).map(|(&id, place)| place.map_or(Standing::Fixed(id), |place| Standing::Open(place, id))),
                );
            }
            row.positions.push(Standing::Fixed(special::END));
            let to = row.positions.len();
            match row.documents.get_mut(sentence.document) {
                Some(document) => document.end = to,
                None => row.documents.resize(sentence.document + 1, from..to),
            }
        }
        row
    }
}

impl<'d, 'a> Surroundings<'d, 'a> {
    fn of(model: ContextModel<'a>, frame: &'d Frame<'d, 'a>, beliefs: &'d Beliefs) -> Self {
        let row = Row::of(frame.passage);
        let mut words: FxHashMap<WordId, Embedding> = FxHashMap::default();
        let mut word = |id: WordId| *words.entry(id).or_insert_with(|| model.embed(id));
        let embed = |standing: &Standing| match *standing {
            Standing::Fixed(id) => word(id),
            Standing::Open(place, id) => {
                let posterior = &beliefs.posterior[beliefs.of(place)];
                let mut mean = Embedding::default();
                let rest = 1.0 - posterior.iter().sum::<f32>().min(1.0);
                if rest > 0.0 {
                    mean.add(&word(id), rest);
                }
                for (candidate, &share) in frame.candidates(place).iter().zip(posterior).filter(|(_, share)| **share > UNLIKELY) {
                    mean.add(&word(candidate.ids.first().copied().unwrap_or(id)), share);
                }
                mean
            }
        };
        let embeddings: Vec<Embedding> = row.positions.iter().map(embed).collect();
        let subject = |document: &Range<usize>| {
            let mut subject = Subject::default();
            embeddings[document.clone()].iter().for_each(|embedding| subject.add(embedding, 1.0));
            subject
        };
        let subjects = row.documents.iter().map(subject).collect();
        Self { model, frame, beliefs, row, embeddings, subjects, border: model.embed(special::END) }
    }

    /// Whether the network is asked about a place: not if there is nothing to choose from or the word surely stands for itself, and where a list has what stands behind it the
    /// network brings no more than it harms.
    fn is_asked(&self, place: usize) -> bool {
        let candidates = self.frame.candidates(place);
        let posterior = &self.beliefs.posterior[self.beliefs.of(place)];
        let clear = candidates.iter().zip(posterior).any(|(candidate, &share)| is_itself(candidate) && share > CLEAR);
        let listed = candidates.iter().any(is_listed);
        let weight = self.frame.options.listed_context_weight;
        candidates.len() > 1 && !clear && (!listed || weight > 0.0 && posterior.iter().all(|&share| share < SETTLED))
    }

    /// Log probability of each candidate of a place; none where the network has nothing to say.
    fn answer(&self, place: usize) -> Vec<f32> {
        let Some(at) = self.row.of_place[place] else { return Vec::new() };
        let Standing::Open(_, cipher) = self.row.positions[at] else { return Vec::new() };
        // an unknown word could be any of many thousands
        if cipher == special::UNKNOWN {
            return Vec::new();
        }
        let document = self.frame.passage.places[place].document;
        let text = &self.row.documents[document];
        let around = std::array::from_fn(|side| {
            let beside = if side < REACH { (at + side).checked_sub(REACH) } else { Some(at + side - REACH + 1) };
            beside.filter(|beside| text.contains(beside)).map_or(self.border, |beside| self.embeddings[beside])
        });
        let mut subject = self.subjects[document];
        subject.add(&self.embeddings[at], -1.0);
        let expected = self.model.expect(&around, cipher, &subject);
        let score = |candidate: &Candidate| candidate.ids.first().map_or(0.0, |&first| expected.score(first, is_itself(candidate)));
        let mut logs: Vec<f32> = self.frame.candidates(place).iter().map(score).collect();
        let most = logs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let whole = most + logs.iter().map(|log| (log - most).exp()).sum::<f32>().ln();
        logs.iter_mut().for_each(|log| *log -= whole);
        logs
    }
}

fn is_listed(candidate: &Candidate) -> bool {
    matches!(candidate.origin, Origin::Listed { .. })
}

fn is_itself(candidate: &Candidate) -> bool {
    candidate.origin == Origin::Identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::passage::Source;
    use crate::decode::phrases::Phrases;
    use crate::embedded;
    use crate::text::{segments, tokenise};

    #[test]
    fn texts_stand_in_a_row_word_for_word() {
        let vocabulary = embedded::model().unwrap().vocabulary();
        let mut passage = Passage::default();
        for text in ["The mayor's volition was clear. It rained | a lot.", "so it goes"] {
            let tokens = tokenise(text);
            let touchable = |index: usize| tokens[index].text(text).starts_with(|first: char| first.is_lowercase());
            let source = Source { text, tokens: &tokens, segments: &segments(text, &tokens), touchable: &touchable };
            passage.add(&source, &Phrases::of(None), &vocabulary);
        }
        let row = Row::of(&passage);
        let words: Vec<&str> = row
            .positions
            .iter()
            .map(|standing| match standing {
                Standing::Fixed(id) | Standing::Open(_, id) => vocabulary.word(*id),
            })
            .collect();
        assert_eq!(words.join(" "), "the mayor 's volition was clear </s> it rained <brk> a lot </s> so it goes </s>");
        assert_eq!(row.documents, [0..13, 13..17]);
        for (place, position) in passage.places.iter().enumerate() {
            let at = row.of_place[place].unwrap();
            assert!(matches!(row.positions[at], Standing::Open(same, _) if same == place));
            assert!(row.documents[position.document].contains(&at));
            assert!(passage.words[position.word].starts_with(words[at]));
        }
    }
}
