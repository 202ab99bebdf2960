//! A small feed-forward network that tells from the words on both sides, the garbled word and the topic what stood at a place.
//!
//! In: the bytes of a network file, trained by `dictionaries/recipes/train_context.py` for one language model, whose word numbers and word vectors it
//! uses. Out: a score for each plain word at a place, in nats up to a constant. What an n-gram model does not know: that a word goes with
//! another five words away, or with all words of a kind (Bengio and others 2003; both sides, Melamud, Goldberger and Dagan 2016). The
//! network never sees the reading of the place that it is asked about, so no place confirms itself.
//!
//! ```text
//! 0    magic "UNSPINCX"                                   8 bytes
//! 8    format version                                     u32
//! 12   words that have rows of their own R                u32
//! 16   checksum of the language model it was trained for  u64
//! 24   checksum of everything behind byte 64              u64
//! 32   steps to one, of the input and of each layer       4 x f32
//! 48   zero                                               16 bytes
//! 64   vectors to input and to output                     2 x f32[50][64]
//!      scale and bias of each unit of each layer          1,409 x (f32, f32)
//!      scale of input and output row, bias, salience      R x 4 x f32
//!      weights, the inputs of a unit together             i8[448][896] | i8[448][448] | i8[448][448] | i8[64][448] | i8[448]
//!      rows of the words, input and output                2 x i8[R][64]
//! ```
//! The layers are worked out in whole numbers, so the scores are the same on every machine.

use pulp::{Arch, Simd, WithSimd};

use super::format::{ModelError, checksum};
use super::products::{Portable, Products};
use super::topic::{DIMENSIONS, Vectors};
use super::vocabulary::WordId;

/// First bytes of a network file, and the version of the layout.
const MAGIC: [u8; 8] = *b"UNSPINCX";
const VERSION: u32 = 2;
const HEADER: usize = 64;
/// Words on each side that are looked at.
pub(crate) const REACH: usize = 6;
/// Components of an embedding, and units of a hidden layer.
const WIDTH: usize = 64;
const HIDDEN: usize = 448;
/// Inputs of the first layer: the words around, the garbled word, the topic.
const INPUTS: usize = (2 * REACH + 2) * WIDTH;
/// Units of a layer that are worked out together.
const TOGETHER: usize = 8;
/// Units of all layers: three hidden ones, the query, and that of the word itself.
const UNITS: usize = 3 * HIDDEN + WIDTH + 1;
/// Greatest number that stands for an input: 896 products with a weight fit into 31 bits.
const MOST_INPUT: f32 = 16_383.0;
/// Length of the word vectors as the network was trained on them, and what the topic counts as an input.
const VECTOR_LENGTH: f32 = 3.0;
const TOPIC: f32 = 4.0;

/// The network, read in place.
#[derive(Clone, Copy, Debug)]
pub struct ContextModel<'a> {
    vectors: Vectors<'a>,
    /// Numbers that stand for one, in the input and in each layer.
    steps: [f32; 4],
    inward: &'a [[f32; WIDTH]],
    outward: &'a [[f32; WIDTH]],
    /// Scale and bias.
    units: &'a [[f32; 2]],
    rows: &'a [Row],
    first: &'a [[i8; INPUTS]],
    second: &'a [[i8; HIDDEN]],
    input_rows: &'a [[i8; WIDTH]],
    output_rows: &'a [[i8; WIDTH]],
}

/// What a word has of its own: scale of its input row and of its output row, bias, and how much it tells of the topic.
type Row = [f32; 4];
const RARE: Row = [0.0, 0.0, 0.0, 1.0];

/// What the network sees of one position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embedding {
    components: [f32; WIDTH],
    /// How much it tells of the topic.
    salience: f32,
}

impl Default for Embedding {
    fn default() -> Self {
        Self { components: [0.0; WIDTH], salience: 0.0 }
    }
}

impl Embedding {
    /// Adds another, `share` of it: a position of which it is known with which probability it is which word has the mean of their embeddings.
    pub fn add(&mut self, other: &Self, share: f32) {
        self.components.iter_mut().zip(&other.components).for_each(|(sum, component)| *sum += share * component);
        self.salience += share * other.salience;
    }
}

/// A weighted sum of embeddings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    sum: [f32; WIDTH],
    weight: f32,
}

impl Default for Subject {
    fn default() -> Self {
        Self { sum: [0.0; WIDTH], weight: 0.0 }
    }
}

impl Subject {
    /// Adds what stands at a position, `times` over.
    pub fn add(&mut self, embedding: &Embedding, times: f32) {
        let weight = embedding.salience * times;
        self.sum.iter_mut().zip(&embedding.components).for_each(|(sum, component)| *sum += weight * component);
        self.weight += weight;
    }
}

/// What the network expects at a place.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    model: ContextModel<'a>,
    query: [f32; WIDTH],
    /// The query as word vectors are asked.
    of_vectors: [f32; DIMENSIONS],
    itself: f32,
}

impl<'a> ContextModel<'a> {
    /// The network over these bytes, which must be aligned to 8; copies nothing. `language` is the checksum of the language model that it goes with.
    ///
    /// # Errors
    /// [`ModelError`] when they are no network of this version, or one for another language model.
    pub fn new(bytes: &'a [u8], vectors: Vectors<'a>, language: u64) -> Result<Self, ModelError> {
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(ModelError::Damaged { at: 0, what: "it is no network (it does not start with UNSPINCX)" });
        }
        let mut sections = Sections { bytes, at: 8 };
        let &[version, words] = sections.take::<u32>(2)? else { return Err(sections.cut()) };
        if version != VERSION {
            return Err(ModelError::Version { found: version });
        }
        let &[trained_for, _] = sections.take::<u64>(2)? else { return Err(sections.cut()) };
        if trained_for != language {
            return Err(ModelError::Damaged { at: 16, what: "the network was trained for another language model" });
        }
        let steps = *sections.take::<f32>(4)?.first_chunk().ok_or_else(|| sections.cut())?;
        sections.at = HEADER;
        let words = words as usize;
        let found = Self {
            vectors,
            steps,
            inward: sections.take(DIMENSIONS)?,
            outward: sections.take(DIMENSIONS)?,
            units: sections.take(UNITS)?,
            rows: sections.take(words)?,
            first: sections.take(HIDDEN)?,
            second: sections.take(2 * HIDDEN + WIDTH + 1)?,
            input_rows: sections.take(words)?,
            output_rows: sections.take(words)?,
        };
        if sections.at == bytes.len() { Ok(found) } else { Err(ModelError::Damaged { at: sections.at, what: "bytes behind the network" }) }
    }

    /// Compares the content of a network file with the checksum in its head.
    ///
    /// # Errors
    /// [`ModelError::Checksum`] when they differ.
    pub fn verify(bytes: &[u8]) -> Result<(), ModelError> {
        let mut sections = Sections { bytes, at: 24 };
        let &[stated] = sections.take::<u64>(1)? else { return Err(sections.cut()) };
        let found = checksum(bytes.get(HEADER..).unwrap_or(&[]));
        if stated == found { Ok(()) } else { Err(ModelError::Checksum { stated, found }) }
    }

    /// The embedding of a word.
    #[must_use]
    pub fn embed(&self, word: WordId) -> Embedding {
        let &[scale, .., salience] = self.row(word);
        let mut embedding = Embedding { components: [0.0; WIDTH], salience };
        if let Some(row) = self.input_rows.get(usize::from(word)) {
            embedding.components = row.map(|entry| scale * f32::from(entry));
        }
        let mut vector = [0.0; DIMENSIONS];
        self.vectors.add_to(&mut vector, word, VECTOR_LENGTH);
        for (component, row) in vector.iter().zip(self.inward) {
            embedding.components.iter_mut().zip(row).for_each(|(sum, weight)| *sum += component * weight);
        }
        embedding
    }

    /// What stands at a place behind the garbled word `cipher`, between the positions `around` it, those on the left first, in a text of this subject, of which
    /// the place itself is no part.
    #[must_use]
    pub fn expect(&self, around: &[Embedding; 2 * REACH], cipher: WordId, subject: &Subject) -> Expectation<'a> {
        let forward = Forward { model: self, around, cipher, subject };
        match Arch::new() {
            #[cfg(target_arch = "x86_64")]
            Arch::V3(wide) => Simd::vectorize(wide, On(forward, wide)),
            other => other.dispatch(On(forward, Portable)),
        }
    }

    /// The forward pass; inlined, for it is compiled for the registers of its caller.
    #[inline(always)]
    fn forward(&self, question: &Forward<'_, 'a>, products: impl Products) -> Expectation<'a> {
        let Forward { around, cipher, subject, .. } = question;
        let mut inputs = [0; INPUTS];
        let cipher = self.embed(*cipher);
        let topic = subject.sum.map(|component| component * TOPIC / (subject.weight + 1e-3));
        let parts = around.iter().map(|embedding| &embedding.components).chain([&cipher.components, &topic]);
        for (room, part) in inputs.chunks_exact_mut(WIDTH).zip(parts) {
            room.iter_mut().zip(part).for_each(|(input, &component)| *input = whole(component * self.steps[0]));
        }
        let [of_first, of_second, of_third, of_query] = self.steps;
        let (mut first, mut second, mut third) = ([0.0; HIDDEN], [0.0; HIDDEN], [0.0; HIDDEN]);
        let (mut query, mut itself) = ([0.0; WIDTH], [0.0]);
        let mut units = self.units;
        let mut rows = self.second;
        layer(products, self.first, &mut units, &inputs, of_first, &mut first);
        first.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        let hidden = wholes(&first, of_second);
        layer(products, taken(&mut rows, HIDDEN), &mut units, &hidden, of_second, &mut second);
        second.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        let hidden = wholes(&second, of_third);
        layer(products, taken(&mut rows, HIDDEN), &mut units, &hidden, of_third, &mut third);
        third.iter_mut().zip(&first).for_each(|(unit, first)| *unit += first);
        let hidden = wholes(&third, of_query);
        layer(products, taken(&mut rows, WIDTH), &mut units, &hidden, of_query, &mut query);
        layer(products, rows, &mut units, &hidden, of_query, &mut itself);
        let [itself] = itself;
        let of_vectors = std::array::from_fn(|at| self.outward.get(at).map_or(0.0, |row| scalar(row, &query)));
        Expectation { model: *self, query, of_vectors, itself }
    }

    fn row(&self, word: WordId) -> &'a Row {
        self.rows.get(usize::from(word)).unwrap_or(&RARE)
    }
}

/// What is asked.
struct Forward<'p, 'a> {
    model: &'p ContextModel<'a>,
    around: &'p [Embedding; 2 * REACH],
    cipher: WordId,
    subject: &'p Subject,
}

/// The forward pass, compiled for each width of registers that a processor may have: whole numbers, and fractions that are summed in a fixed order, come to the
/// same in all of them.
struct On<Q, P>(Q, P);

impl<'a, P: Products> WithSimd for On<Forward<'_, 'a>, P> {
    type Output = Expectation<'a>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        self.0.model.forward(&self.0, self.1)
    }
}

impl Expectation<'_> {
    /// Score of a plain word; of the garbled word `itself`, if it was not swapped.
    #[must_use]
    pub fn score(&self, word: WordId, itself: bool) -> f32 {
        let &[_, scale, bias, _] = self.model.row(word);
        let mut score = bias + if itself { self.itself } else { 0.0 };
        if let Some(row) = self.model.output_rows.get(usize::from(word)) {
            score += scale * scalar(&row.map(f32::from), &self.query);
        }
        score + VECTOR_LENGTH * self.model.vectors.product(word, &self.of_vectors)
    }
}

struct Sections<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Sections<'a> {
    fn take<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(&mut self, number: usize) -> Result<&'a [T], ModelError> {
        let at = self.at;
        let end = number.checked_mul(size_of::<T>()).and_then(|len| at.checked_add(len));
        let section = end.and_then(|end| self.bytes.get(at..end)).ok_or_else(|| self.cut())?;
        self.at += section.len();
        bytemuck::try_cast_slice(section).map_err(|_| ModelError::Damaged { at, what: "a section is misaligned" })
    }

    fn cut(&self) -> ModelError {
        ModelError::Damaged { at: self.at, what: "the file ends here" }
    }
}

/// The nearest whole number that stands for an input.
#[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
#[inline(always)]
fn whole(value: f32) -> i16 {
    // beside 1.5 * 2^23 there is no room for a fraction, and the lowest bits are the number: many at once, where rounding calls a function for each
    (value.clamp(-MOST_INPUT, MOST_INPUT) + 12_582_912.0).to_bits() as i16
}

#[inline(always)]
fn wholes(values: &[f32; HIDDEN], step: f32) -> [i16; HIDDEN] {
    values.map(|value| whole(value * step))
}

/// The first of some rows, which are taken away.
fn taken<'r, T>(rows: &mut &'r [T], number: usize) -> &'r [T] {
    let (taken, rest) = rows.split_at(number.min(rows.len()));
    *rows = rest;
    taken
}

/// The units of a layer, before what is below zero is cut off; their scales and biases are taken away.
#[inline(always)]
fn layer<const N: usize>(
    products: impl Products,
    rows: &[[i8; N]],
    units: &mut &[[f32; 2]],
    inputs: &[i16; N],
    step: f32,
    out: &mut [f32],
) {
    let units = taken(units, out.len());
    let value = |product: i32, &[scale, bias]: &[f32; 2]| product as f32 * scale / step + bias;
    let (many, rest) = rows.as_chunks::<TOGETHER>();
    let (outs, rest_out) = out.as_chunks_mut::<TOGETHER>();
    let (of_many, of_rest) = units.as_chunks::<TOGETHER>();
    for ((outs, rows), units) in outs.iter_mut().zip(many).zip(of_many) {
        let sums = products.of(rows, inputs);
        outs.iter_mut().zip(sums).zip(units).for_each(|((out, sum), unit)| *out = value(sum, unit));
    }
    for ((out, row), unit) in rest_out.iter_mut().zip(rest).zip(of_rest) {
        let [sum] = products.of(std::array::from_ref(row), inputs);
        *out = value(sum, unit);
    }
}

#[inline(always)]
fn scalar(a: &[f32; WIDTH], b: &[f32; WIDTH]) -> f32 {
    let mut products = *a;
    products.iter_mut().zip(b).for_each(|(product, b)| *product *= b);
    sum(products)
}

/// A sum in a fixed order, several rows at once.
#[inline(always)]
fn sum(products: [f32; WIDTH]) -> f32 {
    let mut sums = [0.0; 8];
    for row in products.as_chunks::<8>().0 {
        sums.iter_mut().zip(row).for_each(|(sum, product)| *sum += product);
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;
    use crate::lm::{NgramModel, special};

    fn model() -> NgramModel<'static> {
        embedded::model().unwrap()
    }

    fn id(word: &str) -> WordId {
        model().vocabulary().id(word).unwrap()
    }

    /// The embeddings of a text of words around a gap `_`.
    fn around(context: &ContextModel<'_>, text: &str) -> ([Embedding; 2 * REACH], Subject) {
        let one = |word: WordId| context.embed(word);
        let words: Vec<&str> = text.split(' ').collect();
        let gap = words.iter().position(|&word| word == "_").unwrap();
        let at = |index: Option<usize>| index.and_then(|index| words.get(index)).map_or(special::END, |word| id(word));
        let around =
            std::array::from_fn(|side| one(at(if side < REACH { (gap + side).checked_sub(REACH) } else { Some(gap + side - REACH + 1) })));
        let mut subject = Subject::default();
        words.iter().filter(|&&word| word != "_").for_each(|word| subject.add(&one(id(word)), 1.0));
        (around, subject)
    }

    #[test]
    fn what_stands_further_off_tells() {
        let context = model().context().unwrap();
        let likelier = |text: &str, cipher: &str, right: &str, wrong: &str| {
            let (around, subject) = around(&context, text);
            let expected = context.expect(&around, id(cipher), &subject);
            expected.score(id(right), false) > expected.score(id(wrong), false)
        };
        assert!(likelier("the committee of the senate voted to _ the new law on taxes", "transit", "pass", "walk"));
        assert!(likelier("she went for a long _ in the hills with her dog", "pass", "walk", "law"));
    }

    #[test]
    fn an_embedding_is_the_mean_of_its_readings() {
        let context = model().context().unwrap();
        let [a, b] = ["river", "council"].map(|word| context.embed(id(word)));
        let mut both = Embedding::default();
        [(&a, 0.25), (&b, 0.75)].into_iter().for_each(|(word, share)| both.add(word, share));
        for ((a, b), both) in a.components.iter().zip(&b.components).zip(&both.components) {
            assert!((0.25 * a + 0.75 * b - both).abs() < 1e-4);
        }
        assert!((0.25 * a.salience + 0.75 * b.salience - both.salience).abs() < 1e-6);
    }

    #[test]
    fn a_subject_forgets_what_is_taken_out() {
        let context = model().context().unwrap();
        let [a, b] = ["river", "council"].map(|word| context.embed(id(word)));
        let (mut one, mut two) = (Subject::default(), Subject::default());
        one.add(&a, 1.0);
        [(&a, 1.0), (&b, 1.0), (&b, -1.0)].into_iter().for_each(|(embedding, times)| two.add(embedding, times));
        assert!((one.weight - two.weight).abs() < 1e-5);
        assert!(one.sum.iter().zip(&two.sum).all(|(one, two)| (one - two).abs() < 1e-5));
    }

    #[test]
    fn a_network_for_another_model_and_damaged_ones_are_refused() {
        let bytes = embedded::context_bytes();
        let language = embedded::model_image().unwrap().stated_checksum().unwrap();
        let open = |bytes: &[u8], language: u64| {
            // aligned as the file itself is
            let file = crate::lm::ModelFile::from_bytes(bytes);
            ContextModel::new(file.bytes(), Vectors::default(), language).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(open(bytes, language), Ok(()));
        assert!(open(bytes, language + 1).unwrap_err().contains("another language model"));
        assert!(open(&bytes[..bytes.len() - 1], language).unwrap_err().contains("ends here"));
        assert!(open(&[bytes, &[0]].concat(), language).unwrap_err().contains("behind the network"));
        assert!(open(b"UNSPINLM", language).is_err() && open(&[], language).is_err());
        let mut other = bytes.to_vec();
        other[8] = 9;
        assert!(open(&other, language).unwrap_err().contains("version 9"));
        // forged weights give wrong scores, never a panic
        let forged: Vec<u8> = bytes.iter().enumerate().map(|(at, &byte)| if at < HEADER { byte } else { 0x7f }).collect();
        let file = crate::lm::ModelFile::from_bytes(&forged);
        let network = ContextModel::new(file.bytes(), model().vectors(), language).unwrap();
        let (around, subject) = around(&network, "she went for a long _ in the hills");
        let _ = network.expect(&around, id("pass"), &subject).score(id("walk"), true);
        other[8] = 1;
        assert!(ContextModel::verify(&other).is_ok());
        other[70] ^= 1;
        assert!(ContextModel::verify(&other).is_err());
    }
}
