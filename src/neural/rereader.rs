//! What the network is asked, and what its answers weigh.
//!
//! In: a text and its [`Doubt`]s. Out: new posteriors. The text is read once from front to back, every place in its likeliest reading: the
//! trunk. Where a place is in doubt, the trunk branches: each reading, and the few pieces that follow it. The log probability of
//! a reading and of what follows it are two features beside the logarithm of its posterior; their weights were fitted
//! (docs/ACCURACY.md). Places of one cipher word share what they say.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::NeuralError;
use super::gguf::Gguf;
use super::network::{Memory, Network, Row};
use super::pieces::{Piece, Pieces};
use crate::restore::{Doubt, Reread};

/// Posterior from which a place is certain; a word is asked about if one of its places is not.
const CERTAIN: f32 = 0.97;
/// Least posterior of a reading that is asked about, at the place where it is likeliest.
const LEAST: f32 = 0.004;
/// Most readings of a word that are asked about, and the word itself.
const READINGS: usize = 5;
/// Pieces behind a reading that are asked about.
const FOLLOWING: usize = 5;
/// Pieces of the trunk that are read at once, with the branches that leave it.
const STRETCH: usize = 48;
/// Pieces that are remembered: when there are twice as many the older half is forgotten.
const MEMORY: usize = 200;
/// Least that a place says of a reading against the best, in nats.
const WORST: f32 = -8.0;

/// What the features weigh: the posterior of before, the pieces of the reading, those that follow, and what other places of the word say.
const POSTERIOR: f32 = 0.40;
const READING: f32 = 0.25;
const FOLLOW: f32 = 0.48;
const OTHERS: f32 = 0.20;
/// What the word itself gains: the decoder is too sure that words were swapped.
const ITSELF: f32 = 1.6;

/// A neural language model that reads doubtful places again.
#[derive(Debug)]
pub struct Rereader {
    network: Network,
    pieces: Pieces,
    /// The network works on one text at a time, with all threads; who decodes the next one waits here.
    turn: Mutex<()>,
}

/// What the network says of one reading: log probability of its pieces, and of those that follow, in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Opinion {
    pub(super) reading: f32,
    pub(super) follow: f32,
}

/// A text in pieces, and where its places are.
struct Trunk {
    pieces: Vec<Piece>,
    places: Vec<Range<usize>>,
}

/// A question: log probability of a piece behind a row, and whose it is.
struct Question {
    row: usize,
    piece: Piece,
    doubt: usize,
    choice: usize,
    follows: bool,
}

impl Rereader {
    /// Opens a network: a GGUF file of the Llama kind. The answers are the same for any number of threads.
    ///
    /// # Errors
    /// [`NeuralError`] when the file cannot be read, or is of another kind.
    pub fn open(path: &Path, threads: NonZeroUsize) -> Result<Self, NeuralError> {
        Self::of(std::fs::read(path)?, threads)
    }

    /// The same, of the bytes of a file.
    ///
    /// # Errors
    /// [`NeuralError`] when they are no network that is read here.
    pub fn of(bytes: Vec<u8>, threads: NonZeroUsize) -> Result<Self, NeuralError> {
        let file = Gguf::read(bytes)?;
        let pieces = Pieces::of(&file)?;
        Ok(Self { network: Network::of(file, threads)?, pieces, turn: Mutex::default() })
    }

    /// The text in pieces, each place in its current reading.
    fn trunk(&self, text: &str, doubts: &[Doubt<'_>], current: &[usize]) -> Trunk {
        let mut trunk = Trunk { pieces: vec![self.pieces.start], places: Vec::with_capacity(doubts.len()) };
        let mut at = 0;
        for (doubt, &choice) in doubts.iter().zip(current) {
            let gap = text.get(at..doubt.span.start).unwrap_or("");
            trunk.pieces.extend(self.pieces.encode(gap.strip_suffix(' ').unwrap_or(gap)));
            let from = trunk.pieces.len();
            trunk.pieces.extend(self.reading(text, doubt, choice));
            trunk.places.push(from..trunk.pieces.len());
            at = doubt.span.end;
        }
        trunk.pieces.extend(self.pieces.encode(text.get(at..).unwrap_or("")));
        trunk
    }

    /// The pieces of a reading, with the blank before it.
    fn reading(&self, text: &str, doubt: &Doubt<'_>, choice: usize) -> Vec<Piece> {
        let reading = doubt.readings.get(choice).map_or("", String::as_str);
        let blank = text.get(..doubt.span.start).is_some_and(|before| before.ends_with(' '));
        self.pieces.encode(&if blank { format!(" {reading}") } else { reading.to_owned() })
    }

    /// What the network says of each choice at each place.
    pub(super) fn opinions(&self, text: &str, doubts: &[Doubt<'_>], choices: &[Vec<usize>]) -> Vec<Vec<Opinion>> {
        let current: Vec<usize> = doubts.iter().map(likeliest).collect();
        let trunk = self.trunk(text, doubts, &current);
        let mut opinions: Vec<Vec<Opinion>> = choices.iter().map(|list| vec![Opinion::default(); list.len()]).collect();
        let end = trunk.pieces.len();
        let (mut start, mut known, mut memory) = (0, 0, Memory::default());
        while start < end {
            let cut = (start + STRETCH).min(end);
            // a place is asked about in the stretch that has the piece before it
            let first = trunk.places.partition_point(|place| place.start <= start);
            let last = trunk.places.partition_point(|place| place.start <= cut);
            let ahead = trunk.places[first..last].iter().map(|place| place.end + FOLLOWING).fold(cut, usize::max).min(end);
            let mut rows: Vec<Row> = (start..ahead).map(|at| Row::trunk(trunk.pieces[at], at, at - start)).collect();
            let mut questions = Vec::new();
            for doubt in first..last {
                let place = &trunk.places[doubt];
                let follow = place.end..(place.end + FOLLOWING).min(ahead);
                for (number, &choice) in choices[doubt].iter().enumerate() {
                    let mut ask = |row: usize, piece: Piece, follows: bool| {
                        questions.push(Question { row, piece, doubt, choice: number, follows });
                    };
                    if choice == current[doubt] {
                        (place.start..follow.end).for_each(|at| ask(at - 1 - start, trunk.pieces[at], at >= place.end));
                        continue;
                    }
                    let reading = self.reading(text, &doubts[doubt], choice);
                    let branch = rows.len();
                    let steps = reading.len() + follow.len();
                    for (step, &piece) in reading.iter().chain(&trunk.pieces[follow.clone()]).enumerate() {
                        let row = if step == 0 { place.start - 1 - start } else { branch + step - 1 };
                        ask(row, piece, step >= reading.len());
                        // nothing is asked behind the last
                        if step + 1 < steps {
                            let seen = branch..branch + step + 1;
                            rows.push(Row { piece, position: place.start + step, trunk: place.start - start, branch: seen });
                        }
                    }
                }
            }
            let states = self.network.read(&rows, &mut memory, cut - start);
            let asked: Vec<(usize, Piece)> = questions.iter().map(|question| (question.row, question.piece)).collect();
            for (question, chance) in questions.iter().zip(self.network.chances(&states, &asked)) {
                let opinion = &mut opinions[question.doubt][question.choice];
                *(if question.follows { &mut opinion.follow } else { &mut opinion.reading }) += chance;
            }
            known += cut - start;
            if known >= 2 * MEMORY {
                memory.forget(known, MEMORY);
                known = MEMORY;
            }
            start = cut;
        }
        opinions
    }
}

impl Reread for Rereader {
    fn reread(&self, text: &str, doubts: &[Doubt<'_>]) -> Vec<Vec<f32>> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let choices = choices(text, doubts);
        let opinions = self.opinions(text, doubts, &choices);
        weigh(text, doubts, &choices, &opinions)
    }
}

/// The likeliest reading of a place.
fn likeliest(doubt: &Doubt<'_>) -> usize {
    let best = doubt.posterior.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    best.map_or(0, |(choice, _)| choice)
}

/// The choices that are asked about at each place; none where there is no doubt.
fn choices(text: &str, doubts: &[Doubt<'_>]) -> Vec<Vec<usize>> {
    let mut words: BTreeMap<usize, (bool, Vec<f32>)> = BTreeMap::new();
    for doubt in doubts {
        let (open, best) = words.entry(doubt.word).or_insert_with(|| (false, vec![0.0; doubt.readings.len()]));
        *open |= doubt.posterior.iter().all(|&share| share < CERTAIN);
        best.iter_mut().zip(doubt.posterior).for_each(|(best, &share)| *best = best.max(share));
    }
    let chosen = |doubt: &Doubt<'_>| -> Vec<usize> {
        let Some((true, best)) = words.get(&doubt.word) else { return Vec::new() };
        let mut order: Vec<usize> = (0..best.len()).filter(|&choice| best[choice] >= LEAST).collect();
        order.sort_by(|&a, &b| best[b].total_cmp(&best[a]).then(a.cmp(&b)));
        let itself = order.iter().skip(READINGS).copied().find(|&choice| is_itself(text, doubt, choice));
        order.truncate(READINGS);
        order.extend(itself);
        if order.len() > 1 { order } else { Vec::new() }
    };
    doubts.iter().map(chosen).collect()
}

/// Whether a reading leaves the word as it stands.
fn is_itself(text: &str, doubt: &Doubt<'_>, choice: usize) -> bool {
    doubt.readings.get(choice).map(String::as_str) == doubt.span.of(text)
}

/// New posteriors from the old and the opinions.
fn weigh(text: &str, doubts: &[Doubt<'_>], choices: &[Vec<usize>], opinions: &[Vec<Opinion>]) -> Vec<Vec<f32>> {
    // what each place says, and all places of a word together
    let said: Vec<Vec<f32>> = opinions.iter().map(|list| relative(list.iter().map(|one| one.reading + one.follow))).collect();
    let mut words: BTreeMap<usize, (f32, Vec<f32>)> = BTreeMap::new();
    for (doubt, said) in doubts.iter().zip(&said) {
        let (places, sum) = words.entry(doubt.word).or_insert_with(|| (0.0, vec![0.0; said.len()]));
        *places += 1.0;
        sum.iter_mut().zip(said).for_each(|(sum, said)| *sum += said);
    }
    let mut out = Vec::with_capacity(doubts.len());
    for (((doubt, choices), opinions), said) in doubts.iter().zip(choices).zip(opinions).zip(&said) {
        let mut posterior = doubt.posterior.to_vec();
        let (places, sum) = words.get(&doubt.word).map_or((1.0, said), |(places, sum)| (*places, sum));
        let others = (places - 1.0f32).max(1.0).sqrt();
        let score = |(((&choice, opinion), said), sum): (((&usize, &Opinion), &f32), &f32)| {
            POSTERIOR * doubt.posterior[choice].max(1e-5).ln()
                + READING * opinion.reading
                + FOLLOW * opinion.follow
                + OTHERS * (sum - said) / others
                + if is_itself(text, doubt, choice) { ITSELF } else { 0.0 }
        };
        let scores = relative(choices.iter().zip(opinions).zip(said).zip(sum).map(score));
        let whole: f32 = scores.iter().map(|score| score.exp()).sum();
        let shared: f32 = choices.iter().map(|&choice| doubt.posterior[choice]).sum();
        choices.iter().zip(&scores).for_each(|(&choice, score)| posterior[choice] = shared * score.exp() / whole);
        out.push(posterior);
    }
    out
}

/// Logarithms relative to the greatest, none far below it.
fn relative(logs: impl Iterator<Item = f32>) -> Vec<f32> {
    let logs: Vec<f32> = logs.collect();
    let most = logs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logs.iter().map(|log| (log - most).max(WORST)).collect()
}
