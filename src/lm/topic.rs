//! Word vectors: which words go with which topic.
//!
//! In: the vectors in a model file, one byte a component. Out: [`Topic`], a sum of word vectors that stands for what a
//! text is about, and how well a word fits it, as a cosine. The vectors have their common direction removed when the
//! model is built, so that a cosine of zero means "no relation".

use super::vocabulary::WordId;

/// Dimensions of the vectors.
pub const DIMENSIONS: usize = 50;

/// The word vectors of a model; a word without one has zeros.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vectors<'a> {
    pub(super) components: &'a [i8],
}

impl<'a> Vectors<'a> {
    /// The components of all vectors, in the order of the words.
    #[must_use]
    pub fn components(&self) -> &'a [i8] {
        self.components
    }

    /// The vector of a word and its length, if it has one.
    fn of(&self, word: WordId) -> Option<(&'a [i8; DIMENSIONS], f32)> {
        let start = usize::from(word) * DIMENSIONS;
        let vector = self.components.get(start..)?.first_chunk()?;
        // in whole numbers, whose sum does not depend on the order: several at once
        let squares: i32 = vector.iter().map(|&c| i32::from(c) * i32::from(c)).sum();
        (squares > 0).then(|| (vector, (squares as f32).sqrt()))
    }

    /// Adds the vector of a word, at this length, to a sum.
    pub(super) fn add_to(&self, sum: &mut [f32; DIMENSIONS], word: WordId, length: f32) {
        if let Some((vector, own)) = self.of(word) {
            let scale = length / own;
            sum.iter_mut().zip(vector).for_each(|(sum, &component)| *sum += scale * f32::from(component));
        }
    }

    /// Product of the vector of a word, at length one, with another.
    pub(super) fn product(&self, word: WordId, other: &[f32; DIMENSIONS]) -> f32 {
        let Some((vector, length)) = self.of(word) else { return 0.0 };
        let mut products = *other;
        products.iter_mut().zip(vector).for_each(|(product, &component)| *product *= f32::from(component));
        sum(products) / length
    }
}

/// A weighted sum of word vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Topic([f32; DIMENSIONS]);

impl Default for Topic {
    fn default() -> Self {
        Self([0.0; DIMENSIONS])
    }
}

impl Topic {
    /// Adds a word with a weight; a negative weight takes it out again.
    pub fn add(&mut self, vectors: &Vectors<'_>, word: WordId, weight: f32) {
        vectors.add_to(&mut self.0, word, weight);
    }

    /// The topic at length one; zero stays zero.
    #[must_use]
    pub fn unit(mut self) -> Self {
        let length = sum(self.0.map(|c| c * c)).sqrt();
        if length > 0.0 {
            for component in &mut self.0 {
                *component /= length;
            }
        }
        self
    }

    /// Cosine between a word and a topic of length one; zero for a word without a vector.
    #[must_use]
    pub fn fit(&self, vectors: &Vectors<'_>, word: WordId) -> f32 {
        vectors.product(word, &self.0)
    }
}

/// The sum of the components, ten rows of five at once.
fn sum(components: [f32; DIMENSIONS]) -> f32 {
    let mut sums = [0.0; 10];
    for row in components.chunks_exact(10) {
        sums.iter_mut().zip(row).for_each(|(sum, component)| *sum += component);
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_fits_the_topic_of_its_kind() {
        let mut components = vec![0i8; 3 * DIMENSIONS];
        components[0] = 100;
        components[DIMENSIONS] = 90;
        components[DIMENSIONS + 1] = 20;
        components[2 * DIMENSIONS + 5] = 80;
        let vectors = Vectors { components: &components };
        let mut topic = Topic::default();
        topic.add(&vectors, 0, 2.0);
        let topic = topic.unit();
        assert!(topic.fit(&vectors, 1) > 0.9);
        assert!(topic.fit(&vectors, 2).abs() < 1e-6);
        assert!(Topic::default().unit().fit(&vectors, 1).abs() < 1e-6);
    }
}
