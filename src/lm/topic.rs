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
    /// The vector of a word, if it has one.
    #[must_use]
    pub fn of(&self, word: WordId) -> Option<&'a [i8]> {
        let start = usize::from(word) * DIMENSIONS;
        self.components.get(start..start + DIMENSIONS).filter(|vector| vector.iter().any(|&c| c != 0))
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
        if let Some(vector) = vectors.of(word) {
            let scale = weight / norm(vector);
            for (sum, &component) in self.0.iter_mut().zip(vector) {
                *sum += scale * f32::from(component);
            }
        }
    }

    /// The topic at length one; zero stays zero.
    #[must_use]
    pub fn unit(mut self) -> Self {
        let length = self.0.iter().map(|c| c * c).sum::<f32>().sqrt();
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
        let Some(vector) = vectors.of(word) else { return 0.0 };
        let dot: f32 = self.0.iter().zip(vector).map(|(sum, &component)| sum * f32::from(component)).sum();
        dot / norm(vector)
    }
}

fn norm(vector: &[i8]) -> f32 {
    vector.iter().map(|&c| f32::from(c) * f32::from(c)).sum::<f32>().sqrt().max(1.0)
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
