//! The network itself: a transformer of the Llama kind, many continuations of one text at a time.
//!
//! In: a GGUF file, and rows of pieces that form a tree: a trunk, which is the text, and branches that leave it, which are other readings of a
//! place and what follows. Out: the log probability of any piece behind any row. A row sees what is remembered ([`Memory`]), the trunk
//! before it, and its own branch; so one pass over the weights serves all readings of a sentence.
//!
//! Weights stay packed as they are in the file; a panel of them is unpacked when it is multiplied. Panels have fixed borders and each is the work of one
//! thread, so the numbers are the same for any number of threads. (Another processor may add in another order, and differ in the last digits.)

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::ArrayView2;

use super::NeuralError;
use super::gguf::{Gguf, Tensor};
use super::pieces::Piece;

/// Rows of a weight matrix that are unpacked and multiplied together.
const PANEL: usize = 96;
/// Rows of a batch whose attention is one task.
const ROWS: usize = 8;
/// Most of what a file may ask for: numbers in a row, layers.
const MAX_WIDTH: usize = 1 << 16;
const MAX_LAYERS: usize = 1 << 10;

/// A network, ready to be asked.
#[derive(Debug)]
pub(super) struct Network {
    file: Gguf,
    layers: Vec<Layer>,
    pieces: Tensor,
    /// What makes logits of a state; the pieces again, if the file has nothing else.
    output: Tensor,
    norm: Vec<f32>,
    shape: Shape,
    threads: NonZeroUsize,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Numbers in the state of a row.
    width: usize,
    /// Heads that ask, heads that are asked, numbers in each.
    heads: usize,
    groups: usize,
    head: usize,
    epsilon: f32,
    base: f32,
}

#[derive(Debug)]
struct Layer {
    before_attention: Vec<f32>,
    /// Queries, keys, values.
    inputs: [Tensor; 3],
    attention: Tensor,
    before_inner: Vec<f32>,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
}

/// One piece of a batch, and what it sees of the batch.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) piece: Piece,
    /// How many pieces stand before it in its reading.
    pub(super) position: usize,
    /// So many rows of the batch, from its first, are the text before it.
    pub(super) trunk: usize,
    /// The rows of its branch up to itself; for a row of the trunk, itself.
    pub(super) branch: Range<usize>,
}

impl Row {
    /// A row of the trunk, the one with this number in the batch.
    pub(super) fn trunk(piece: Piece, position: usize, number: usize) -> Self {
        Self { piece, position, trunk: number, branch: number..number + 1 }
    }
}

/// What was read before, as later rows see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// For each layer keys and values, piece after piece.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Memory {
    /// Forgets all but the last `keep` of `length` pieces.
    pub(super) fn forget(&mut self, length: usize, keep: usize) {
        for list in self.layers.iter_mut().flat_map(|(keys, values)| [keys, values]) {
            let width = list.len() / length.max(1);
            list.drain(..width * length.saturating_sub(keep));
        }
    }
}

impl Network {
    /// Finds the network in a file.
    pub(super) fn of(file: Gguf, threads: NonZeroUsize) -> Result<Self, NeuralError> {
        let number = |key: &str, most: usize| {
            let found = file.whole(&format!("llama.{key}"))?;
            let fits = (1..=most).contains(&found);
            if fits { Ok(found) } else { Err(NeuralError::Unfit { what: format!("llama.{key} is {found}") }) }
        };
        let width = number("embedding_length", MAX_WIDTH)?;
        let heads = number("attention.head_count", width)?;
        let groups = number("attention.head_count_kv", heads)?;
        let head = width / heads;
        if width % heads != 0 || heads % groups != 0 || head % 2 != 0 {
            return Err(NeuralError::Unfit { what: format!("{heads} and {groups} heads over a width of {width}") });
        }
        let inner = number("feed_forward_length", MAX_WIDTH)?;
        let shape = Shape {
            width,
            heads,
            groups,
            head,
            epsilon: file.real("llama.attention.layer_norm_rms_epsilon")?,
            base: file.real("llama.rope.freq_base")?,
        };
        let vocabulary = file.texts("tokenizer.ggml.tokens")?.len();
        let vector = |name: &str| -> Result<Vec<f32>, NeuralError> {
            let tensor = file.tensor(name, 1, width)?;
            let mut out = vec![0.0; width];
            file.unpack(&tensor, 0..1, &mut out);
            Ok(out)
        };
        let layer = |number: usize| -> Result<Layer, NeuralError> {
            let name = |part: &str| format!("blk.{number}.{part}.weight");
            let tensor = |part: &str, rows: usize, columns: usize| file.tensor(&name(part), rows, columns);
            Ok(Layer {
                before_attention: vector(&name("attn_norm"))?,
                inputs: [tensor("attn_q", width, width)?, tensor("attn_k", groups * head, width)?, tensor("attn_v", groups * head, width)?],
                attention: tensor("attn_output", width, width)?,
                before_inner: vector(&name("ffn_norm"))?,
                gate: tensor("ffn_gate", inner, width)?,
                up: tensor("ffn_up", inner, width)?,
                down: tensor("ffn_down", width, inner)?,
            })
        };
        let layers = (0..number("block_count", MAX_LAYERS)?).map(layer).collect::<Result<_, _>>()?;
        let pieces = file.tensor("token_embd.weight", vocabulary, width)?;
        let output = if file.has("output.weight") { file.tensor("output.weight", vocabulary, width)? } else { pieces.clone() };
        let norm = vector("output_norm.weight")?;
        Ok(Self { layers, pieces, output, norm, shape, threads, file })
    }

    /// Reads the rows of a batch behind what is remembered. Out: the state of each row, ready for [`Network::chances`]. The first
    /// `keep` rows are remembered.
    pub(super) fn read(&self, rows: &[Row], memory: &mut Memory, keep: usize) -> Vec<f32> {
        let width = self.shape.width;
        memory.layers.resize_with(self.layers.len(), Default::default);
        let mut states = vec![0.0; rows.len() * width];
        for (row, state) in rows.iter().zip(states.chunks_exact_mut(width)) {
            let piece = index(row.piece).min(self.pieces.rows - 1);
            self.file.unpack(&self.pieces, piece..piece + 1, state);
        }
        let turns = self.turns(rows);
        let narrow = self.shape.groups * self.shape.head;
        let kept = keep.min(rows.len()) * narrow;
        for (layer, (keys, values)) in self.layers.iter().zip(&mut memory.layers) {
            let input = self.normed(&states, &layer.before_attention);
            let [mut queries, mut new_keys, new_values] = layer.inputs.each_ref().map(|weights| self.multiply(&input, weights));
            turn(&mut queries, width, &turns);
            turn(&mut new_keys, narrow, &turns);
            let seen = self.attend(rows, &queries, [keys, &new_keys], [values, &new_values]);
            add(&mut states, &self.multiply(&seen, &layer.attention));
            let input = self.normed(&states, &layer.before_inner);
            let (gates, mut inner) = (self.multiply(&input, &layer.gate), self.multiply(&input, &layer.up));
            inner.iter_mut().zip(&gates).for_each(|(up, gate)| *up *= gate / (1.0 + (-gate).exp()));
            add(&mut states, &self.multiply(&inner, &layer.down));
            keys.extend_from_slice(&new_keys[..kept]);
            values.extend_from_slice(&new_values[..kept]);
        }
        self.normed(&states, &self.norm)
    }

    /// Log probability, in nats, of a piece behind a row: for each pair of the two. `states` as [`Network::read`] gave them.
    pub(super) fn chances(&self, states: &[f32], asked: &[(usize, Piece)]) -> Vec<f32> {
        let width = self.shape.width;
        let mut rows: Vec<usize> = asked.iter().map(|&(row, _)| row).collect();
        rows.sort_unstable();
        rows.dedup();
        let chosen: Vec<f32> = rows.iter().flat_map(|&row| &states[row * width..(row + 1) * width]).copied().collect();
        let at: Vec<usize> = asked.iter().map(|(row, _)| rows.partition_point(|other| other < row)).collect();
        let panels = self.output.rows.div_ceil(PANEL);
        let parts = self.tasks(panels, |panel| {
            let logits = self.panel(&chosen, &self.output, panel);
            let columns = logits.len() / rows.len().max(1);
            let sums: Vec<(f32, f32)> = logits.chunks_exact(columns.max(1)).map(sum_of).collect();
            let wanted = asked.iter().zip(&at).enumerate().filter(|(_, ((_, piece), _))| index(*piece) / PANEL == panel);
            let found: Vec<(usize, f32)> =
                wanted.map(|(number, ((_, piece), row))| (number, logits[row * columns + index(*piece) % PANEL])).collect();
            (sums, found)
        });
        let mut sums = vec![(f32::NEG_INFINITY, 0.0); rows.len()];
        let mut out = vec![f32::NEG_INFINITY; asked.len()];
        for (part, found) in parts {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum = join(*sum, part));
            found.into_iter().for_each(|(number, logit)| out[number] = logit);
        }
        out.iter_mut().zip(at).for_each(|(out, row)| *out -= sums[row].0 + sums[row].1.ln());
        out
    }

    /// What each row sees: the values behind it, weighed by how well their keys answer its queries. Keys and values are those of before, and new.
    fn attend(&self, rows: &[Row], queries: &[f32], keys: [&[f32]; 2], values: [&[f32]; 2]) -> Vec<f32> {
        let Shape { width, heads, groups, head, .. } = self.shape;
        let narrow = groups * head;
        let before = keys[0].len() / narrow;
        let scale = (head as f32).sqrt().recip();
        let parts = self.tasks(rows.len().div_ceil(ROWS), |task| {
            let range = task * ROWS..((task + 1) * ROWS).min(rows.len());
            let mut out = vec![0.0; range.len() * width];
            for (row, out) in range.zip(out.chunks_exact_mut(width)) {
                let Row { trunk, branch, .. } = &rows[row];
                let seen = || (0..before).map(|at| (0, at)).chain((0..*trunk).chain(branch.clone()).map(|at| (1, at)));
                for (number, out) in out.chunks_exact_mut(head).enumerate() {
                    let group = number / (heads / groups) * head;
                    let query = &queries[row * width + number * head..][..head];
                    let mut weights: Vec<f32> =
                        seen().map(|(old, at)| dot(query, &keys[old][at * narrow + group..][..head]) * scale).collect();
                    let (most, sum) = sum_of(&weights);
                    weights.iter_mut().for_each(|weight| *weight = (*weight - most).exp() / sum);
                    for (weight, (old, at)) in weights.into_iter().zip(seen()) {
                        let value = &values[old][at * narrow + group..][..head];
                        out.iter_mut().zip(value).for_each(|(out, value)| *out += weight * value);
                    }
                }
            }
            out
        });
        parts.concat()
    }

    /// Each row divided by its root mean square, and weighed.
    fn normed(&self, states: &[f32], weights: &[f32]) -> Vec<f32> {
        let mut out = states.to_vec();
        for row in out.chunks_exact_mut(self.shape.width) {
            let scale = (dot(row, row) / row.len() as f32 + self.shape.epsilon).sqrt().recip();
            row.iter_mut().zip(weights).for_each(|(number, weight)| *number *= scale * weight);
        }
        out
    }

    /// Sine and cosine by which the pairs of numbers in a head are turned, for each row.
    fn turns(&self, rows: &[Row]) -> Vec<Vec<(f32, f32)>> {
        let Shape { head, base, .. } = self.shape;
        let speeds: Vec<f32> = (0..head / 2).map(|pair| base.powf(-2.0 * pair as f32 / head as f32)).collect();
        rows.iter().map(|row| speeds.iter().map(|speed| (row.position as f32 * speed).sin_cos()).collect()).collect()
    }

    /// Each row times the weights.
    fn multiply(&self, input: &[f32], weights: &Tensor) -> Vec<f32> {
        let number = input.len() / weights.columns;
        let panels = self.tasks(weights.rows.div_ceil(PANEL), |panel| self.panel(input, weights, panel));
        let mut out = vec![0.0; number * weights.rows];
        for (panel, part) in panels.iter().enumerate() {
            let width = part.len() / number.max(1);
            for (row, part) in out.chunks_exact_mut(weights.rows).zip(part.chunks_exact(width.max(1))) {
                row[panel * PANEL..][..width].copy_from_slice(part);
            }
        }
        out
    }

    /// Each row times one panel of the weights.
    fn panel(&self, input: &[f32], weights: &Tensor, panel: usize) -> Vec<f32> {
        let rows = panel * PANEL..((panel + 1) * PANEL).min(weights.rows);
        let mut unpacked = vec![0.0; rows.len() * weights.columns];
        self.file.unpack(weights, rows.clone(), &mut unpacked);
        let number = input.len() / weights.columns;
        let left = ArrayView2::from_shape((number, weights.columns), input);
        let right = ArrayView2::from_shape((rows.len(), weights.columns), &unpacked);
        let (Ok(left), Ok(right)) = (left, right) else { return vec![0.0; number * rows.len()] };
        let product = left.dot(&right.t());
        product.as_standard_layout().iter().copied().collect()
    }

    /// The results of tasks, in order, done by all threads.
    fn tasks<T: Send>(&self, number: usize, task: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let threads = self.threads.get().min(number);
        if threads <= 1 {
            return (0..number).map(task).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let claim = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&at| at < number);
            std::iter::from_fn(claim).map(|at| (at, task(at))).collect::<Vec<_>>()
        };
        let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                match other.join() {
                    Ok(part) => done.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_unstable_by_key(|part| part.0);
        done.into_iter().map(|part| part.1).collect()
    }
}

fn index(piece: Piece) -> usize {
    usize::try_from(piece).unwrap_or(usize::MAX)
}

/// Turns the pairs of numbers in each head by the place of the row.
fn turn(list: &mut [f32], width: usize, turns: &[Vec<(f32, f32)>]) {
    for (row, turns) in list.chunks_exact_mut(width).zip(turns) {
        for (pair, (sine, cosine)) in row.chunks_exact_mut(2).zip(turns.iter().cycle()) {
            let (a, b) = (pair[0], pair[1]);
            (pair[0], pair[1]) = (a * cosine - b * sine, a * sine + b * cosine);
        }
    }
}

fn add(states: &mut [f32], other: &[f32]) {
    states.iter_mut().zip(other).for_each(|(state, other)| *state += other);
}

/// Sum of products, in sixteen lanes.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0f32; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in left.zip(right) {
        lanes.iter_mut().zip(a).zip(b).for_each(|((lane, a), b)| *lane += a * b);
    }
    lanes.iter().sum::<f32>() + rest
}

/// Greatest of the logarithms, and the sum of all relative to it.
fn sum_of(logs: &[f32]) -> (f32, f32) {
    let most = logs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (most, logs.iter().map(|log| (log - most).exp()).sum())
}

/// Two such sums as one.
fn join(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    let most = a.0.max(b.0);
    let part = |(log, sum): (f32, f32)| if log > f32::NEG_INFINITY { (log - most).exp() * sum } else { 0.0 };
    (most, part(a) + part(b))
}
