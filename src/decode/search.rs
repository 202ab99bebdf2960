//! Beam search over a lattice with the language model, and the posterior of every arc.
//!
//! In: a [`Lattice`], a model, and a weight for each choice. Out: the log probability of all paths in the beam together, and for each choice its
//! share of it (forward-backward over the pruned lattice). Hypotheses that come by one arc to equal model states are one node. A [`Trellis`] remembers what
//! the model has said, which stays true from round to round while the weights change.

use super::candidates::UNKNOWN_WORD;
use super::lattice::{Lattice, number};
use crate::lm::{History, LanguageModel, NgramModel, State, WordId, special};

/// Marks a step that has not been tried, or a node without steps.
const NONE: u32 = u32::MAX;

/// How many hypotheses are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beam {
    /// Most nodes at a slot.
    pub(super) nodes: usize,
    /// Nodes worse than the best by more than this, in nats, are dropped.
    pub(super) width: f32,
}

/// A lattice with the hypotheses that searches have made over it.
#[derive(Debug)]
pub(super) struct Trellis {
    lattice: Lattice,
    /// Of all slots, as they were found; the first is the beginning.
    nodes: Vec<Node>,
    /// For each arc the last of the nodes that it leads to.
    ends: Vec<u32>,
    /// By slot: the first node that the search under way has reached.
    reached: Vec<u32>,
    /// For each node that was gone on from, one for each arc of its slot.
    steps: Vec<Step>,
}

/// Room to work in, kept from one search to the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// The steps that are in the beam, in the order in which they were taken.
    edges: Vec<Edge>,
    /// By slot the best forward score that has reached it: what is far below is not worth a node.
    best: Vec<f32>,
    survivors: Vec<u32>,
}

#[derive(Debug)]
struct Node {
    state: State,
    /// Its first step.
    steps: u32,
    /// The next node of the slot that the search under way has reached.
    next: u32,
    /// The node that was found before this one by the same arc.
    before: u32,
    forward: f32,
    backward: f32,
}

/// Where an arc leads from a node, and what the model says of its words there.
#[derive(Clone, Copy, Debug)]
struct Step {
    score: f32,
    to: u32,
}

impl Step {
    const UNTRIED: Self = Self { score: 0.0, to: NONE };
}

/// A step that is in the beam.
#[derive(Debug)]
struct Edge {
    from: u32,
    to: u32,
    arc: u32,
    weight: f32,
}

impl Node {
    fn new(state: State, before: u32) -> Self {
        Self { state, steps: NONE, next: NONE, before, forward: f32::NEG_INFINITY, backward: f32::NEG_INFINITY }
    }
}

impl Trellis {
    /// A trellis over which nothing has been searched yet.
    pub(super) fn new(lattice: Lattice, model: &NgramModel<'_>) -> Self {
        let broken = lattice.breaks.first().copied().unwrap_or(false);
        let nodes = vec![Node::new(if broken { model.no_context() } else { model.sentence_start() }, NONE)];
        let (reached, ends) = (vec![NONE; lattice.len()], vec![NONE; lattice.arcs.len()]);
        Self { lattice, nodes, ends, reached, steps: Vec::new() }
    }

    /// Takes another lattice of the same sentence instead. What the model has said of words that both have is not asked again.
    pub(super) fn replace(&mut self, lattice: Lattice) {
        let old = std::mem::replace(&mut self.lattice, lattice);
        let lattice = &self.lattice;
        let mut slot_of = vec![0; self.nodes.len()];
        for (arc, &end) in old.arcs.iter().zip(&self.ends) {
            let mut at = end;
            while at != NONE {
                slot_of[at as usize] = arc.to();
                at = self.nodes[at as usize].before;
            }
        }
        let mut known: Vec<Option<usize>> = Vec::with_capacity(lattice.arcs.len());
        for slot in 0..lattice.len() {
            let (arcs, before) = (lattice.arcs_from(slot), old.arcs_from(slot));
            for arc in arcs.clone() {
                let same = |&known: &usize| old.arcs[known].to() == lattice.arcs[arc].to() && old.words(known) == lattice.words(arc);
                // what is added stands behind what there was
                let likely = Some(before.start + arc - arcs.start).filter(|known| before.contains(known));
                known.push(likely.filter(same).or_else(|| before.clone().find(same)));
            }
        }
        self.ends = known.iter().map(|known| known.map_or(NONE, |arc| self.ends[arc])).collect();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (node, slot) in self.nodes.iter_mut().zip(slot_of).filter(|(node, _)| node.steps != NONE) {
            let (first, arcs) = (node.steps as usize, old.arcs_from(slot).start);
            node.steps = number(steps.len());
            steps.extend(
                known[lattice.arcs_from(slot)].iter().map(|known| known.map_or(Step::UNTRIED, |arc| self.steps[first + arc - arcs])),
            );
        }
        self.steps = steps;
    }

    /// Forgets what the model has said: it takes a hundred times the room of the lattice.
    pub(super) fn forget(&mut self) {
        self.nodes.truncate(1);
        self.nodes.shrink_to_fit();
        self.nodes.iter_mut().for_each(|first| first.steps = NONE);
        self.ends.fill(NONE);
        self.steps = Vec::new();
    }

    /// Searches with these weights of the choices: log probabilities of what stands in the text, given their words. A choice that weighs
    /// nothing (negative infinity) is left out. Adds to the posterior probability of each choice, and returns the log probability of the sentence, all
    /// paths of the beam added up, in nats.
    pub(super) fn search(&mut self, model: &NgramModel<'_>, weights: &[f32], beam: Beam, room: &mut Room, posteriors: &mut [f32]) -> f32 {
        let end = self.lattice.len() - 1;
        // at the least: a node and two steps for each arc
        let some = 2 * self.lattice.arcs.len();
        self.nodes.reserve(some.saturating_sub(self.nodes.len()));
        self.steps.reserve(some.saturating_sub(self.steps.len()));
        room.edges.clear();
        self.reached.fill(NONE);
        for node in &mut self.nodes {
            (node.forward, node.backward) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
        }
        (self.nodes[0].forward, self.nodes[0].next) = (0.0, NONE);
        self.reached[0] = 0;
        room.best.clear();
        room.best.resize(self.lattice.len(), f32::NEG_INFINITY);
        for slot in 0..end {
            self.survivors(slot, beam, &mut room.survivors);
            for at in 0..room.survivors.len() {
                self.go_on(model, slot, room.survivors[at], weights, beam.width, room);
            }
        }
        let mut total = f32::NEG_INFINITY;
        let mut at = self.reached[end];
        while at != NONE {
            let node = &mut self.nodes[at as usize];
            node.backward = if end == 0 { 0.0 } else { model.score(&node.state, special::END).0.0 };
            total = log_add(total, node.forward + node.backward);
            at = node.next;
        }
        for edge in room.edges.iter().rev() {
            let backward = self.nodes[edge.to as usize].backward + edge.weight;
            let node = &mut self.nodes[edge.from as usize];
            node.backward = log_add(node.backward, backward);
            if let Some(posterior) = posteriors.get_mut(self.lattice.arcs[edge.arc as usize].choice()) {
                *posterior += (node.forward + backward - total).exp();
            }
        }
        total
    }

    /// What the model says of the sentence as it stands: along the first arc of every slot, in nats. What a search has asked already is not asked again.
    pub(super) fn plain(&self, model: &NgramModel<'_>) -> f32 {
        let mut at = Some(&self.nodes[0]);
        let (mut state, mut sum) = (self.nodes[0].state, 0.0);
        for slot in 0..self.lattice.len() - 1 {
            let arc = self.lattice.arcs_from(slot).start;
            let known = at.filter(|node| node.steps != NONE).map(|node| self.steps[node.steps as usize]).filter(|step| step.to != NONE);
            let (score, node) = match known {
                Some(step) => (step.score, step.to),
                None => {
                    let (score, next) = self.go(model, &model.history(&state), arc);
                    state = next;
                    (score, self.find(arc, next))
                }
            };
            at = self.nodes.get(node as usize);
            state = at.map_or(state, |node| node.state);
            sum += score;
        }
        sum + model.score(&state, special::END).0.0
    }

    /// What the model says of the words of an arc, and the state behind them.
    fn go(&self, model: &NgramModel<'_>, history: &History<'_, '_>, arc: usize) -> (f32, State) {
        let (score, next) = score_words(model, history, self.lattice.words(arc));
        (score, if self.lattice.breaks[self.lattice.arcs[arc].to()] { model.no_context() } else { next })
    }

    /// Follows every arc from a node.
    fn go_on(&mut self, model: &NgramModel<'_>, slot: usize, from: u32, weights: &[f32], width: f32, room: &mut Room) {
        let arcs = self.lattice.arcs_from(slot);
        let node = &mut self.nodes[from as usize];
        if node.steps == NONE {
            node.steps = number(self.steps.len());
            self.steps.extend(arcs.clone().map(|_| Step::UNTRIED));
        }
        let (state, forward, steps) = (node.state, node.forward, node.steps as usize);
        let mut history = None;
        for (arc, at) in arcs.zip(steps..) {
            let to = self.lattice.arcs[arc].to();
            let own = weights.get(self.lattice.arcs[arc].choice()).copied().unwrap_or(0.0);
            if own == f32::NEG_INFINITY {
                continue;
            }
            let mut step = self.steps[at];
            if step.to == NONE {
                let (score, next) = self.go(model, history.get_or_insert_with(|| model.history(&state)), arc);
                step = Step { score, to: self.node(arc, next) };
                self.steps[at] = step;
            }
            let weight = step.score + own;
            let reached = forward + weight;
            if reached < room.best[to] - width {
                continue;
            }
            room.best[to] = room.best[to].max(reached);
            let node = &mut self.nodes[step.to as usize];
            if node.forward == f32::NEG_INFINITY {
                node.next = std::mem::replace(&mut self.reached[to], step.to);
            }
            node.forward = log_add(node.forward, reached);
            room.edges.push(Edge { from, to: step.to, arc: number(arc), weight });
        }
    }

    /// The node with this state at the end of an arc. What another arc leads to has another last word, and so another state; or is a phrase that
    /// ends in the same word, which is searched beside it.
    fn node(&mut self, arc: usize, state: State) -> u32 {
        let found = self.find(arc, state);
        if found != NONE {
            return found;
        }
        let new = number(self.nodes.len());
        self.nodes.push(Node::new(state, std::mem::replace(&mut self.ends[arc], new)));
        new
    }

    /// The node with this state at the end of an arc, or [`NONE`].
    fn find(&self, arc: usize, state: State) -> u32 {
        let mut at = self.ends[arc];
        while let Some(node) = self.nodes.get(at as usize).filter(|node| node.state != state) {
            at = node.before;
        }
        at
    }

    /// The nodes of a slot that stay, best first; equal scores in order of their making.
    fn survivors(&self, slot: usize, beam: Beam, keep: &mut Vec<u32>) {
        keep.clear();
        let forward = |node: u32| self.nodes[node as usize].forward;
        let mut best = f32::NEG_INFINITY;
        let mut at = self.reached[slot];
        while at != NONE {
            keep.push(at);
            best = best.max(forward(at));
            at = self.nodes[at as usize].next;
        }
        keep.retain(|&node| forward(node) >= best - beam.width);
        keep.sort_unstable_by(|&a, &b| forward(b).total_cmp(&forward(a)).then(a.cmp(&b)));
        keep.truncate(beam.nodes);
    }
}

/// Log probability of a fixed row of words behind a history, and the state behind them; nothing is known behind no words.
fn score_words(model: &NgramModel<'_>, history: &History<'_, '_>, ids: &[WordId]) -> (f32, State) {
    let told = |id: WordId, score: f32| score + if id == special::UNKNOWN { UNKNOWN_WORD } else { 0.0 };
    let Some((&first, rest)) = ids.split_first() else { return (0.0, model.no_context()) };
    let (score, mut state) = history.score(first);
    let mut sum = told(first, score.0);
    for &id in rest {
        let (score, next) = model.score(&state, id);
        sum += told(id, score.0);
        state = next;
    }
    (sum, state)
}

/// `ln(exp(a) + exp(b))`.
fn log_add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f32::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}
