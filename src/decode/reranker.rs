//! The readings of a place weighed again, by what a search does not weigh enough.
//!
//! In: for each candidate of a place its signs ([`Row`]). Out: posteriors. The search is too sure that rare words were swapped ("racecourse",
//! "beetroot": a language model knows too little of them), and adds up what it knows with fixed weights. A network of two hidden layers scores each
//! candidate by all its signs, and the softmax of the scores is the posterior, as in the reranking of n-best lists (Collins and Koo 2005).
//! `examples/calibrate` trains it on what the decoder makes of texts that no other model has read; docs/ACCURACY.md tells what it is worth.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

use super::signs::{NAMES, Row, SIGNS};

const HIDDEN: usize = 32;
/// Registers of units that are worked out together.
const BLOCK: usize = 4;

/// The weights that are shipped.
static SHIPPED: &str = include_str!("../../dictionaries/english.reranker");

/// A network that scores readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Reranker {
    /// For each sign its weights to the units of the first layer, and what is added there.
    pub first: [[f32; HIDDEN]; SIGNS + 1],
    /// For each unit of the first layer its weights to those of the second, and what is added there.
    pub second: [[f32; HIDDEN]; HIDDEN + 1],
    /// For each unit of the second layer its weight.
    pub third: [f32; HIDDEN],
}

/// Why a text holds no reranker.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} of the reranker: expected `{name}` and {HIDDEN} numbers")]
pub struct RerankerError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What the line should hold.
    pub name: String,
}

impl Reranker {
    /// Units of each hidden layer.
    pub const HIDDEN: usize = HIDDEN;
    /// A network that has yet to be trained.
    pub const BLANK: Self = Self { first: [[0.0; HIDDEN]; SIGNS + 1], second: [[0.0; HIDDEN]; HIDDEN + 1], third: [0.0; HIDDEN] };

    /// The one that is shipped; `None` if its file was damaged when the program was built, which a test rules out.
    #[must_use]
    pub fn shipped() -> Option<&'static Self> {
        static READ: OnceLock<Option<Box<Reranker>>> = OnceLock::new();
        READ.get_or_init(|| SHIPPED.parse().ok().map(Box::new)).as_deref()
    }

    /// Puts the hidden units of a reading into `first` and `second`; its score, in nats up to a constant.
    pub fn score(&self, row: &Row, first: &mut [f32; HIDDEN], second: &mut [f32; HIDDEN]) -> f32 {
        Arch::new().dispatch(Hidden { reranker: self, row, first, second });
        second.iter().zip(&self.third).map(|(unit, weight)| unit * weight).sum()
    }

    /// Posteriors of the candidates of a place.
    #[must_use]
    pub fn posterior(&self, rows: &[Row]) -> Vec<f32> {
        let (mut first, mut second) = ([0.0; HIDDEN], [0.0; HIDDEN]);
        let mut scores: Vec<f32> = rows.iter().map(|row| self.score(row, &mut first, &mut second)).collect();
        let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        scores.iter_mut().for_each(|score| *score = (*score - best).exp());
        let total: f32 = scores.iter().sum();
        scores.iter_mut().for_each(|score| *score /= total);
        scores
    }

    /// The rows of the file, with what each holds.
    fn rows(&self) -> impl Iterator<Item = (String, &[f32; HIDDEN])> {
        let first = self
            .first
            .iter()
            .enumerate()
            .map(|(at, row)| (NAMES.get(at).map_or_else(|| "constant".to_owned(), |name| (*name).to_owned()), row));
        let second =
            self.second.iter().enumerate().map(|(at, row)| (if at < HIDDEN { format!("unit-{at}") } else { "constant".to_owned() }, row));
        first.chain(second).chain(std::iter::once(("score".to_owned(), &self.third)))
    }
}

/// The hidden units of a reading, compiled for each width of registers that a processor may have: each unit sums in a fixed order, so they come to the same.
struct Hidden<'r> {
    reranker: &'r Reranker,
    row: &'r Row,
    first: &'r mut [f32; HIDDEN],
    second: &'r mut [f32; HIDDEN],
}

impl WithSimd for Hidden<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        layer(simd, &self.reranker.first, self.row, self.first);
        layer(simd, &self.reranker.second, self.first, self.second);
    }
}

/// Units behind some inputs: what is below zero is cut off.
#[inline(always)]
fn layer<S: Simd, const N: usize, const M: usize>(simd: S, weights: &[[f32; HIDDEN]; M], inputs: &[f32; N], units: &mut [f32; HIDDEN]) {
    *units = weights.last().copied().unwrap_or([0.0; HIDDEN]);
    let (blocks, rest) = S::as_mut_simd_f32s(units).0.as_chunks_mut::<BLOCK>();
    for (at, block) in blocks.iter_mut().enumerate() {
        *block = sums(simd, *block, weights, inputs, at * BLOCK);
    }
    let behind = blocks.len() * BLOCK;
    for (at, one) in rest.iter_mut().enumerate() {
        [*one] = sums(simd, [*one], weights, inputs, behind + at);
    }
}

/// What inputs add to some registers of units, of which the first has this number, before what is below zero is cut off there.
#[inline(always)]
fn sums<S: Simd, const R: usize, const N: usize, const M: usize>(
    simd: S,
    mut units: [S::f32s; R],
    weights: &[[f32; HIDDEN]; M],
    inputs: &[f32; N],
    first: usize,
) -> [S::f32s; R] {
    for (row, &input) in weights.iter().zip(inputs) {
        let (row, input) = (S::as_simd_f32s(row).0, simd.splat_f32s(input));
        if let Some(row) = row.get(first..first + R) {
            // by number, so that the sums stay in registers
            for at in 0..R {
                units[at] = simd.add_f32s(units[at], simd.mul_f32s(input, row[at]));
            }
        }
    }
    let zero = simd.splat_f32s(0.0);
    for unit in &mut units {
        *unit = simd.max_f32s(*unit, zero);
    }
    units
}

/// A line for each input of each layer: its name and its weights, tab-separated; lines that begin with `#` are left out.
impl Display for Reranker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, row) in self.rows() {
            write!(out, "{name}")?;
            row.iter().try_for_each(|weight| write!(out, "\t{weight}"))?;
            writeln!(out)?;
        }
        Ok(())
    }
}

impl FromStr for Reranker {
    type Err = RerankerError;

    fn from_str(text: &str) -> Result<Self, RerankerError> {
        let mut found = Self::BLANK;
        let names: Vec<String> = found.rows().map(|(name, _)| name).collect();
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#'));
        let rows = found.first.iter_mut().chain(&mut found.second).chain(std::iter::once(&mut found.third));
        let mut last = 0;
        for (row, name) in rows.zip(names) {
            let (line, number) = lines.next().unwrap_or(("", last + 1));
            last = number;
            let mut fields = line.split('\t');
            let named = fields.next() == Some(&name);
            let numbers: Vec<f32> = fields.filter_map(|field| field.parse().ok()).filter(|number: &f32| number.is_finite()).collect();
            *row = match <[f32; HIDDEN]>::try_from(numbers) {
                Ok(numbers) if named => numbers,
                _ => return Err(RerankerError { line: number, name }),
            };
        }
        match lines.next() {
            None => Ok(found),
            Some((_, line)) => Err(RerankerError { line, name: "the end".to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_one_is_whole() {
        let shipped = Reranker::shipped().unwrap();
        assert_eq!(shipped.to_string().parse().as_ref(), Ok(shipped));
    }

    #[test]
    fn a_damaged_one_names_its_line() {
        /// Lines that are left: the second layer has begun.
        const CUT: usize = SIGNS + 5;
        let whole = Reranker::BLANK.to_string();
        let cut: String = whole.lines().take(CUT).map(|line| format!("{line}\n")).collect();
        let name = format!("unit-{}", CUT - (SIGNS + 1));
        assert_eq!(cut.parse::<Reranker>().map(|_| ()), Err(RerankerError { line: CUT + 1, name }));
        assert!(whole.replace("unit-3", "unit").parse::<Reranker>().is_err());
        assert!(whole.replacen("\t0", "\tNaN", 1).parse::<Reranker>().is_err());
        assert!(format!("{whole}more\n").parse::<Reranker>().is_err() && "".parse::<Reranker>().is_err());
    }

    #[test]
    fn posteriors_add_up_to_one() {
        let mut network = Reranker::BLANK;
        network.first[0][0] = 1.0;
        network.second[0][0] = 1.0;
        network.third[0] = 1.0;
        let row = |first: f32| {
            let mut row = [0.0; SIGNS];
            row[0] = first;
            row
        };
        let found = network.posterior(&[row(1.0), row(2.0), row(-3.0)]);
        assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(found[1] > found[0] && found[0] > found[2]);
        assert!(network.posterior(&[]).is_empty());
    }

    /// Probability that a word stands for itself which the search rather takes for a usual one, if these signs are as told.
    fn identity(told: &[(&str, f32)]) -> f32 {
        let of_place = [
            ("log-posterior-of-best-other", -0.2),
            ("log-network-of-best-other", -0.1),
            ("log-posterior-of-itself", -3.9),
            ("log-network-of-itself", -3.0),
            ("log-frequency-of-itself", -10.0),
            ("headword", 1.0),
            ("swap-rate", 0.7),
            ("swap-rate-of-words-in-no-dictionary", 0.02),
            ("no-plain-word-of-list", 1.0),
        ];
        let itself = [
            ("log-posterior", -3.9),
            ("log-network", -3.0),
            ("log-prior", -0.1),
            ("log-frequency", -10.0),
            ("itself", 1.0),
            ("same-ending", 1.0),
            ("log-posterior-over-best-other", -3.7),
            ("log-network-over-best-other", -2.9),
        ];
        let other = [
            ("log-posterior", -0.2),
            ("log-network", -0.1),
            ("log-prior", -6.0),
            ("log-frequency", -8.0),
            ("steps", 1.0),
            ("same-ending", 1.0),
        ];
        let row = |own: &[(&str, f32)]| {
            let mut row = [0.0; SIGNS];
            for (name, value) in of_place.iter().chain(own).chain(told) {
                row[NAMES.iter().position(|known| known == name).unwrap()] = *value;
            }
            row
        };
        Reranker::shipped().unwrap().posterior(&[row(&itself), row(&other)])[0]
    }

    #[test]
    fn words_of_texts_that_are_hardly_swapped_and_names_stand_for_themselves() {
        let doubtful = identity(&[]);
        assert!(doubtful < 0.3, "{doubtful}");
        for told in [("topic-of-itself", 0.5), ("swap-rate", 0.05), ("capital-inside-sentence", 1.0)] {
            assert!(identity(&[told]) > doubtful, "{told:?}: {} {doubtful}", identity(&[told]));
        }
    }
}
