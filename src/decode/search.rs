//! Beam search over a lattice with the language model, and the posterior of every arc.
//!
//! In: a [`Lattice`] and a model. Out: the log probability of all paths in the beam together, and for each choice its
//! share of it (forward-backward over the pruned lattice). Hypotheses with equal model states are one node.

use rustc_hash::FxHashMap;

use super::candidates::UNKNOWN_WORD;
use super::lattice::Lattice;
use crate::lm::{LanguageModel, NgramModel, State, WordId, special};

/// What a search found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Log probability of the sentence, all paths of the beam added up, in nats.
    pub(super) total: f32,
    /// Posterior probability of each choice that lies on a path of the beam.
    pub(super) posteriors: FxHashMap<(usize, usize), f32>,
}

struct Node {
    state: State,
    forward: f32,
    backward: f32,
}

struct Edge {
    from: usize,
    to_slot: usize,
    to: usize,
    weight: f32,
    choice: Option<(usize, usize)>,
}

/// Searches `lattice`; keeps `beam` nodes a slot, none worse than the best by over `width` nats.
pub(super) fn search(lattice: &Lattice, model: &NgramModel<'_>, beam: usize, width: f32) -> Found {
    let end = lattice.slots.len().saturating_sub(1);
    let mut nodes: Vec<Vec<Node>> = lattice.slots.iter().map(|_| Vec::new()).collect();
    let mut index: Vec<FxHashMap<State, usize>> = lattice.slots.iter().map(|_| FxHashMap::default()).collect();
    let mut edges: Vec<Vec<Edge>> = lattice.slots.iter().map(|_| Vec::new()).collect();
    if let Some(first) = nodes.first_mut() {
        let broken = lattice.breaks.first().copied().unwrap_or(false);
        let state = if broken { model.no_context() } else { model.sentence_start() };
        first.push(Node { state, forward: 0.0, backward: f32::NEG_INFINITY });
    }
    // best forward score that has reached each slot: what is far below is not worth a node
    let mut best = vec![f32::NEG_INFINITY; lattice.slots.len()];
    for slot in 0..end {
        for from in survivors(&nodes[slot], beam, width) {
            let (state, forward) = (nodes[slot][from].state, nodes[slot][from].forward);
            for arc in &lattice.slots[slot] {
                let (score, mut next) = score_words(model, state, &arc.ids);
                let weight = score + arc.weight;
                let reached = forward + weight;
                if reached < best[arc.to] - width {
                    continue;
                }
                best[arc.to] = best[arc.to].max(reached);
                if lattice.breaks.get(arc.to).copied().unwrap_or(false) {
                    next = model.no_context();
                }
                let to = *index[arc.to].entry(next).or_insert_with(|| {
                    nodes[arc.to].push(Node { state: next, forward: f32::NEG_INFINITY, backward: f32::NEG_INFINITY });
                    nodes[arc.to].len() - 1
                });
                let node = &mut nodes[arc.to][to];
                node.forward = log_add(node.forward, reached);
                edges[slot].push(Edge { from, to_slot: arc.to, to, weight, choice: arc.choice });
            }
        }
    }
    let mut total = f32::NEG_INFINITY;
    for node in nodes.get_mut(end).into_iter().flatten() {
        node.backward = if end == 0 { 0.0 } else { model.score(&node.state, special::END).0.0 };
        total = log_add(total, node.forward + node.backward);
    }
    let mut found = Found { total, posteriors: FxHashMap::default() };
    for slot in (0..end).rev() {
        for edge in &edges[slot] {
            let behind = nodes[edge.to_slot][edge.to].backward;
            let backward = behind + edge.weight;
            let node = &mut nodes[slot][edge.from];
            node.backward = log_add(node.backward, backward);
            if let Some(choice) = edge.choice {
                let share = (node.forward + backward - total).exp();
                if share > 0.0 {
                    *found.posteriors.entry(choice).or_default() += share;
                }
            }
        }
    }
    found
}

/// Log probability of a fixed row of words and the state behind them.
pub(super) fn score_words(model: &NgramModel<'_>, mut state: State, ids: &[WordId]) -> (f32, State) {
    let mut sum = 0.0;
    for &id in ids {
        let (score, next) = model.score(&state, id);
        sum += score.0 + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 };
        state = next;
    }
    (sum, state)
}

/// Indices of the nodes that stay, best first; equal scores in order of their making.
fn survivors(nodes: &[Node], beam: usize, width: f32) -> Vec<usize> {
    let best = nodes.iter().map(|node| node.forward).fold(f32::NEG_INFINITY, f32::max);
    let mut keep: Vec<usize> = (0..nodes.len()).filter(|&i| nodes[i].forward >= best - width).collect();
    keep.sort_by(|&a, &b| nodes[b].forward.total_cmp(&nodes[a].forward).then(a.cmp(&b)));
    keep.truncate(beam);
    keep
}

/// `ln(exp(a) + exp(b))`.
fn log_add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}
