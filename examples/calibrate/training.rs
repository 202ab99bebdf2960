//! The training of a reranker: cross-entropy, Adam, steps that fall to nothing.
//!
//! A place of which the right word is among the candidates tells that word; of the others it is only known that what stands there is not right.

use unspin::decode::{Reranker, Row, SIGNS};
use unspin::eval::Draw;

use crate::garbled::Case;

/// How often all places are gone through, how many at a time, and the first step.
const EPOCHS: usize = 4;
const BATCH: usize = 512;
const RATE: f32 = 2e-3;

/// Trains a network.
pub(super) fn train(cases: &[Case]) -> Reranker {
    let mean_and_deviation: Vec<(f32, f32)> = (0..SIGNS).map(|sign| spread(cases, sign)).collect();
    let mut draw = Draw::from(7);
    let mut weights = Reranker::BLANK;
    let mut start = |rows: &mut [[f32; Reranker::HIDDEN]]| {
        let scale = (2.0 / rows.len() as f32).sqrt();
        let last = rows.len() - 1;
        rows[..last].iter_mut().flatten().for_each(|weight| *weight = scale * normal(&mut draw));
    };
    start(&mut weights.first);
    start(&mut weights.second);
    weights.third.iter_mut().for_each(|weight| *weight = 0.1 * normal(&mut draw));
    let scaled: Vec<Example> = cases.iter().filter_map(|case| Example::of(case, &mean_and_deviation)).collect();
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    let (mut mean, mut square) = (Reranker::BLANK, Reranker::BLANK);
    let steps = EPOCHS * (scaled.len() / BATCH);
    let mut done = 0;
    for epoch in 0..EPOCHS {
        (1..order.len()).rev().for_each(|last| order.swap(last, usize::try_from(draw.below(last as u64 + 1)).unwrap_or(last)));
        let mut loss = 0.0;
        for batch in order.chunks_exact(BATCH) {
            let mut slope = Reranker::BLANK;
            batch.iter().for_each(|&at| loss += f64::from(scaled[at].slope(&weights, &mut slope)));
            done += 1;
            let rate = RATE * (1.0 - done as f32 / (steps + 1) as f32).max(0.02);
            adam(&mut weights, &slope, &mut mean, &mut square, done, rate);
        }
        anstream::println!("epoch {}: {:.4} nats a place", epoch + 1, loss / (order.len() / BATCH * BATCH) as f64);
    }
    unscaled(weights, &mean_and_deviation)
}

/// Mean and deviation of a sign.
#[expect(clippy::cast_possible_truncation, reason = "summed in 64 bits, used in 32")]
fn spread(cases: &[Case], sign: usize) -> (f32, f32) {
    let (mut number, mut sum, mut square) = (0.0f64, 0.0f64, 0.0f64);
    for row in cases.iter().flat_map(|case| &case.rows) {
        let value = f64::from(row[sign]);
        (number, sum, square) = (number + 1.0, sum + value, square + value * value);
    }
    let mean = sum / number;
    (mean as f32, ((square / number - mean * mean).max(0.0).sqrt() + 1e-3) as f32)
}

/// The same network for signs as they are.
fn unscaled(mut weights: Reranker, mean_and_deviation: &[(f32, f32)]) -> Reranker {
    for (sign, (mean, deviation)) in mean_and_deviation.iter().enumerate() {
        for unit in 0..weights.third.len() {
            weights.first[sign][unit] /= deviation;
            weights.first[SIGNS][unit] -= weights.first[sign][unit] * mean;
        }
    }
    weights
}

/// A place to train on.
struct Example {
    rows: Vec<Row>,
    /// Which of the rows may be right: one, or all but the word as it stands.
    may: Vec<bool>,
}

impl Example {
    fn of(case: &Case, mean_and_deviation: &[(f32, f32)]) -> Option<Self> {
        if case.right.is_none() && !case.swapped {
            return None;
        }
        let row = |row: &Row| {
            let mut row = *row;
            row.iter_mut().zip(mean_and_deviation).for_each(|(value, (mean, deviation))| *value = (*value - mean) / deviation);
            row
        };
        let may = |at: usize| case.right.map_or(Some(at) != case.itself, |right| at == right);
        Some(Self { rows: case.rows.iter().map(row).collect(), may: (0..case.rows.len()).map(may).collect() })
    }

    /// Adds the slope of the cross-entropy; the cross-entropy, in nats.
    fn slope(&self, weights: &Reranker, slope: &mut Reranker) -> f32 {
        let mut units = vec![([0.0; Reranker::HIDDEN], [0.0; Reranker::HIDDEN]); self.rows.len()];
        let scores: Vec<f32> = self.rows.iter().zip(&mut units).map(|(row, (first, second))| weights.score(row, first, second)).collect();
        let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let shares: Vec<f32> = scores.iter().map(|score| (score - best).exp()).collect();
        let (all, may) =
            (shares.iter().sum::<f32>(), shares.iter().zip(&self.may).filter(|(_, may)| **may).map(|(share, _)| share).sum::<f32>());
        let may = may.max(f32::MIN_POSITIVE);
        for (((row, (first, second)), share), is_right) in self.rows.iter().zip(&units).zip(&shares).zip(&self.may) {
            let error = share / all - if *is_right { share / may } else { 0.0 };
            if error.abs() < 1e-6 {
                continue;
            }
            let mut of_second = [0.0; Reranker::HIDDEN];
            for unit in 0..Reranker::HIDDEN {
                slope.third[unit] += error * second[unit];
                of_second[unit] = if second[unit] > 0.0 { error * weights.third[unit] } else { 0.0 };
            }
            let mut of_first = [0.0; Reranker::HIDDEN];
            for (unit, &value) in first.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                let (weights, slope) = (&weights.second[unit], &mut slope.second[unit]);
                slope.iter_mut().zip(&of_second).for_each(|(slope, error)| *slope += value * error);
                of_first[unit] = weights.iter().zip(&of_second).map(|(weight, error)| weight * error).sum();
            }
            slope.second[Reranker::HIDDEN].iter_mut().zip(&of_second).for_each(|(slope, error)| *slope += error);
            for (slope, value) in slope.first.iter_mut().zip(row.iter().chain(&[1.0])) {
                slope.iter_mut().zip(&of_first).for_each(|(slope, error)| *slope += value * error);
            }
        }
        (all / may).ln()
    }
}

/// A step (Kingma and Ba 2015).
fn adam(weights: &mut Reranker, slope: &Reranker, mean: &mut Reranker, square: &mut Reranker, step: i32, rate: f32) {
    let by = (1.0 - 0.9f32.powi(step), 1.0 - 0.999f32.powi(step));
    let moments = all(mean).zip(all(square));
    for ((weight, slope), (mean, square)) in all(weights).zip(all(&mut slope.clone())).zip(moments) {
        let slope = *slope / BATCH as f32;
        *mean = 0.9 * *mean + 0.1 * slope;
        *square = 0.999 * *square + 0.001 * slope * slope;
        *weight -= rate * (*mean / by.0) / ((*square / by.1).sqrt() + 1e-8);
    }
}

/// All weights of a network.
fn all(network: &mut Reranker) -> impl Iterator<Item = &mut f32> {
    network.first.iter_mut().chain(&mut network.second).chain(std::iter::once(&mut network.third)).flatten()
}

/// A number that is about normal: a sum of twelve.
fn normal(draw: &mut Draw) -> f32 {
    (0..12).map(|_| (draw.number() >> 40) as f32 / (1u64 << 24) as f32).sum::<f32>() - 6.0
}
