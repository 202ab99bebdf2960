//! The verdict from likelihoods: which explains the text better, English or English behind a cipher?
//!
//! In: the log likelihood ratio of each paragraph. Out: a verdict for the document and for each paragraph. A long
//! document is not judged by its worst paragraph: the whole must be better explained, by a margin a word.

use serde::{Deserialize, Serialize};

/// What a text is held to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Word-swapped.
    Spun,
    /// Not word-swapped.
    Clean,
    /// Too little text, or evidence both ways: nothing is changed.
    Unsure,
}

/// Thresholds of the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DetectOptions {
    /// Log likelihood ratio that a spun document reaches, in nats.
    pub min_ratio: f32,
    /// Log likelihood ratio for each touchable word that a spun document reaches, in nats.
    pub min_ratio_per_word: f32,
    /// Least number of different swapped words in a spun document.
    pub min_swaps: usize,
    /// What being in a spun document adds to the log likelihood ratio of a paragraph, in nats.
    pub paragraph_prior: f32,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self { min_ratio: 14.0, min_ratio_per_word: 0.25, min_swaps: 4, paragraph_prior: 1.0 }
    }
}

/// What the decoder found of one paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Log likelihood ratio of cipher against plain English, in nats.
    pub ratio: f32,
    /// Touchable words.
    pub words: usize,
    /// Different words that are more likely swapped than not.
    pub swaps: usize,
}

/// The verdicts of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Of the whole.
    pub verdict: Verdict,
    /// Log likelihood ratio of the spun paragraphs together, in nats.
    pub ratio: f32,
    /// Of each paragraph.
    pub paragraphs: Vec<Verdict>,
}

impl Judgement {
    /// Probability that the text is spun: the logistic function of the ratio past the threshold.
    #[must_use]
    pub fn probability(&self, options: &DetectOptions) -> f32 {
        1.0 / (1.0 + (-(self.ratio - options.min_ratio) / 4.0).exp())
    }
}

/// Judges a document by the evidence of its paragraphs; `swaps` counts different swapped words of the whole.
#[must_use]
pub fn judge(paragraphs: &[Evidence], swaps: usize, options: &DetectOptions) -> Judgement {
    let all: f32 = paragraphs.iter().map(|p| p.ratio).sum();
    let spun: Vec<&Evidence> = paragraphs.iter().filter(|p| p.ratio > 0.0).collect();
    let ratio: f32 = spun.iter().map(|p| p.ratio).sum();
    let words: usize = spun.iter().map(|p| p.words).sum();
    let per_word = ratio / words.max(1) as f32;
    let enough = swaps >= options.min_swaps && per_word >= options.min_ratio_per_word;
    // part-spun pages: the spun paragraphs must stand out by themselves, and the more so the more clean text surrounds them
    let surrounded = (ratio - all).max(0.0);
    let verdict = if enough && ratio >= options.min_ratio + 0.02 * surrounded {
        Verdict::Spun
    } else if swaps >= 2 && ratio > 6.0 && per_word >= options.min_ratio_per_word && surrounded < ratio {
        Verdict::Unsure
    } else {
        Verdict::Clean
    };
    let of_paragraph = |p: &Evidence| match verdict {
        Verdict::Spun if p.ratio + options.paragraph_prior > 0.0 => Verdict::Spun,
        Verdict::Unsure if p.ratio > 0.0 => Verdict::Unsure,
        _ => Verdict::Clean,
    };
    Judgement {
        verdict,
        ratio: if verdict == Verdict::Clean { all } else { ratio },
        paragraphs: paragraphs.iter().map(of_paragraph).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(ratio: f32, words: usize) -> Evidence {
        Evidence { ratio, words, swaps: 5 }
    }

    #[test]
    fn a_long_clean_text_is_not_judged_by_its_worst_paragraph() {
        let mut text = vec![evidence(-60.0, 50); 100];
        text.push(evidence(15.0, 40));
        assert_eq!(judge(&text, 5, &DetectOptions::default()).verdict, Verdict::Clean);
    }

    #[test]
    fn a_spun_body_under_a_clean_lead_is_told_apart() {
        let text = [evidence(-40.0, 40), evidence(90.0, 60)];
        let found = judge(&text, 9, &DetectOptions::default());
        assert_eq!((found.verdict, found.paragraphs), (Verdict::Spun, vec![Verdict::Clean, Verdict::Spun]));
    }
}
