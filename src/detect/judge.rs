//! The verdict from likelihoods: which explains the text better, English or English behind a cipher?
//!
//! In: the evidence of each paragraph. Out: a verdict for the document and for each paragraph. Paragraphs are cut into spun
//! and clean stretches by a two-state hidden Markov model, so that a long document is not judged by its worst
//! paragraph, and a spun body is seen under a clean lead.

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
    /// Log likelihood ratio for each touchable word that a spun stretch reaches, in nats.
    pub min_ratio_per_word: f32,
    /// The same where swapped words come again and again: old prose has unlikely words, but not the same ones throughout.
    pub repeated_ratio_per_word: f32,
    /// Number of places of words that are swapped more than once, from which on that counts.
    pub min_repeated: usize,
    /// Log probability of each word, cipher included, that a spun stretch reaches once it is deciphered, in nats: what
    /// is deciphered must be English.
    pub min_fluency: f32,
    /// Log likelihood ratio for each touchable word from which a spun stretch need not be fluent, in nats: so many words of it are swapped
    /// that few are deciphered. What else is not English has unlikely words, but no likelier ones behind them.
    pub dense_ratio_per_word: f32,
    /// Least number of different swapped words in a spun document.
    pub min_swaps: usize,
    /// What it costs to go from clean to spun paragraphs, in nats.
    pub switch: f32,
    /// By which factor the ratio must be higher where no profile explains the text.
    pub unknown_scale: f32,
    /// How much less fluent a text may be that no profile explains, in nats a word: not all of it is deciphered.
    pub unknown_fluency: f32,
    /// [`DetectOptions::dense_ratio_per_word`] where no profile explains the text.
    pub unknown_dense: f32,
    /// By which factor the ratio must be higher where a known spinner is assumed to swap only some of what it lists: then words that it lists, and
    /// that stand in the text as they are, speak no longer against it.
    pub sparing_scale: f32,
    /// Least number of different swapped words then.
    pub sparing_swaps: usize,
    /// How much more fluent a text must be then, in nats a word: most of it is as it was written.
    pub sparing_fluency: f32,
    /// Share of strangers ([`super::Sifted::strangers`]) from which on weaker likelihoods are enough. Of 1,975 clean texts one has more, with a
    /// ratio of 0.02 a word; rows of words without sense have more, and ratios of at most 0.01.
    pub many_strangers: f32,
    /// Log likelihood ratio for each touchable word that is enough then, in nats; of the document it is [`DetectOptions::min_ratio`].
    pub strange_ratio_per_word: f32,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self {
            min_ratio: 24.0,
            min_ratio_per_word: 0.35,
            repeated_ratio_per_word: 0.16,
            min_repeated: 4,
            min_fluency: -7.4,
            dense_ratio_per_word: f32::MAX,
            min_swaps: 5,
            switch: 6.0,
            unknown_scale: 2.5,
            unknown_fluency: 0.6,
            unknown_dense: 0.4,
            sparing_scale: 3.4,
            sparing_swaps: 10,
            sparing_fluency: 1.0,
            many_strangers: 0.17,
            strange_ratio_per_word: 0.1,
        }
    }
}

impl DetectOptions {
    /// The thresholds for a known spinner that swaps only some of what it lists.
    #[must_use]
    pub fn sparing(self) -> Self {
        Self {
            min_ratio: self.min_ratio * self.sparing_scale,
            min_swaps: self.sparing_swaps,
            min_fluency: self.min_fluency + self.sparing_fluency,
            ..self
        }
    }

    /// The thresholds for a spinner that no profile knows, in a text with that share of strangers.
    #[must_use]
    pub fn unknown(self, strangers: f32) -> Self {
        let unknown = Self { min_fluency: self.min_fluency - self.unknown_fluency, dense_ratio_per_word: self.unknown_dense, ..self };
        let least = self.strange_ratio_per_word;
        match strangers >= self.many_strangers {
            true => Self { min_ratio_per_word: least, repeated_ratio_per_word: least, ..unknown },
            false => Self { min_ratio: self.min_ratio * self.unknown_scale, ..unknown },
        }
    }
}

/// What the decoder found of one paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Log likelihood ratio of cipher against plain English, in nats.
    pub ratio: f32,
    /// Touchable words.
    pub touchable: usize,
    /// Log likelihood of the paragraph behind the cipher, in nats.
    pub explained: f32,
    /// Words and marks, as the language model counts them.
    pub length: usize,
}

/// The verdicts of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Of the whole.
    pub verdict: Verdict,
    /// Probability that the text is spun.
    pub probability: f32,
    /// Of each paragraph.
    pub paragraphs: Vec<Verdict>,
}

/// The swaps of some paragraphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swaps {
    /// Different swapped words.
    pub words: usize,
    /// Places of words that are swapped more than once.
    pub repeated: usize,
}

/// How much stronger the evidence of each word is in a text that is only too short to be called spun.
const DENSE: f32 = 3.0;

/// Judges a document by the evidence of its paragraphs; `swaps` tells which words are swapped in the paragraphs that are marked.
#[must_use]
pub fn judge(paragraphs: &[Evidence], swaps: &dyn Fn(&[bool]) -> Swaps, options: &DetectOptions) -> Judgement {
    let (marked, switches) = stretches(paragraphs, options.switch);
    let spun: Vec<&Evidence> = paragraphs.iter().zip(&marked).filter(|(_, marked)| **marked).map(|(p, _)| p).collect();
    let ratio: f32 = spun.iter().map(|p| p.ratio).sum::<f32>() - options.switch * switches;
    let per = |sum: f32, count: usize| sum / count.max(1) as f32;
    let per_word = per(ratio, spun.iter().map(|p| p.touchable).sum());
    let fluency = per(spun.iter().map(|p| p.explained).sum(), spun.iter().map(|p| p.length).sum());
    let swaps = swaps(&marked);
    let repeated = swaps.repeated >= options.min_repeated;
    let least = if repeated { options.repeated_ratio_per_word } else { options.min_ratio_per_word };
    let fluent = fluency >= options.min_fluency || per_word >= options.dense_ratio_per_word;
    let verdict = if per_word < least || !fluent || swaps.words < 2 {
        Verdict::Clean
    } else if ratio >= options.min_ratio && swaps.words >= options.min_swaps {
        Verdict::Spun
    } else if ratio >= options.min_ratio / 2.0 && per_word >= options.min_ratio_per_word * DENSE {
        // dense evidence, but little text

        Verdict::Unsure
    } else {
        Verdict::Clean
    };
    let logistic = 1.0 / (1.0 + (-(ratio - options.min_ratio) / 4.0).exp());
    let probability = match verdict {
        Verdict::Spun => logistic.max(0.5),
        Verdict::Unsure => logistic.clamp(0.1, 0.5),
        Verdict::Clean => logistic.min(0.1),
    };
    let of_paragraph = |&marked: &bool| if marked { verdict } else { Verdict::Clean };
    Judgement { verdict, probability, paragraphs: marked.iter().map(of_paragraph).collect() }
}

/// Which paragraphs lie in spun stretches, and how many stretches begin behind a clean paragraph (Viterbi).
fn stretches(paragraphs: &[Evidence], switch: f32) -> (Vec<bool>, f32) {
    // best score so far of paths that end clean and spun, and for each paragraph from where each came
    let (mut clean, mut spun) = (0.0f32, 0.0f32);
    let mut back: Vec<(bool, bool)> = Vec::with_capacity(paragraphs.len());
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let enter = if index == 0 { clean } else { clean - switch };
        back.push((spun > clean, enter > spun));
        let next_clean = clean.max(spun);
        spun = spun.max(enter) + paragraph.ratio;
        clean = next_clean;
    }
    let mut state = spun > clean;
    let mut marked = vec![false; paragraphs.len()];
    for (index, &(clean_from_spun, spun_from_clean)) in back.iter().enumerate().rev() {
        marked[index] = state;
        state = if state { !spun_from_clean } else { clean_from_spun };
    }
    let begins = marked.windows(2).filter(|pair| !pair[0] && pair[1]).count();
    (marked, begins as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(ratio: f32, touchable: usize) -> Evidence {
        Evidence { ratio, touchable, explained: -6.0 * touchable as f32, length: touchable }
    }

    fn verdict(text: &[Evidence]) -> (Verdict, Vec<Verdict>) {
        let found = judge(text, &|_| Swaps { words: 9, repeated: 0 }, &DetectOptions::default());
        (found.verdict, found.paragraphs)
    }

    #[test]
    fn a_long_clean_text_is_not_judged_by_its_worst_paragraph() {
        let mut text = vec![evidence(-60.0, 50); 100];
        text.push(evidence(15.0, 40));
        text.push(evidence(-60.0, 50));
        assert_eq!(verdict(&text).0, Verdict::Clean);
    }

    #[test]
    fn a_spun_body_under_a_clean_lead_is_told_apart() {
        let text = [evidence(-40.0, 40), evidence(60.0, 60), evidence(-1.0, 5), evidence(60.0, 60), evidence(-80.0, 80)];
        use Verdict::{Clean, Spun};
        assert_eq!(verdict(&text), (Spun, vec![Clean, Spun, Spun, Spun, Clean]));
    }

    #[test]
    fn weak_evidence_counts_where_it_comes_again() {
        let text = [evidence(60.0, 240)];
        let verdict = |repeated| judge(&text, &|_| Swaps { words: 9, repeated }, &DetectOptions::default()).verdict;
        assert_eq!((verdict(3), verdict(4)), (Verdict::Clean, Verdict::Spun));
    }

    #[test]
    fn gibberish_is_no_cipher() {
        let text = [Evidence { ratio: 200.0, touchable: 50, explained: -500.0, length: 50 }];
        assert_eq!(verdict(&text).0, Verdict::Clean);
    }

    #[test]
    fn what_is_swapped_all_over_need_not_be_fluent_if_no_profile_knows_it() {
        let text = |ratio| [Evidence { ratio, touchable: 200, explained: -8.5 * 220.0, length: 220 }];
        let verdict = |ratio, options| judge(&text(ratio), &|_| Swaps { words: 40, repeated: 40 }, &options).verdict;
        assert_eq!(verdict(90.0, DetectOptions::default().unknown(0.1)), Verdict::Spun);
        assert_eq!(verdict(70.0, DetectOptions::default().unknown(0.1)), Verdict::Clean);
        assert_eq!(verdict(90.0, DetectOptions::default()), Verdict::Clean);
    }

    #[test]
    fn where_little_of_a_list_is_used_there_must_be_more_of_it_all() {
        let verdict = |ratio: f32, words: usize, fluency: f32, options: DetectOptions| {
            let text = [Evidence { ratio, touchable: 200, explained: fluency * 220.0, length: 220 }];
            judge(&text, &|_| Swaps { words, repeated: 0 }, &options).verdict
        };
        let sparing = DetectOptions::default().sparing();
        assert_eq!(verdict(90.0, 10, -6.0, sparing), Verdict::Spun);
        for (ratio, words, fluency) in [(80.0, 10, -6.0), (90.0, 9, -6.0), (90.0, 10, -6.5)] {
            assert_eq!(verdict(ratio, words, fluency, DetectOptions::default()), Verdict::Spun);
            assert_ne!(verdict(ratio, words, fluency, sparing), Verdict::Spun);
        }
    }

    #[test]
    fn among_many_strangers_less_is_enough() {
        let text = [evidence(30.0, 200)];
        let verdict = |strangers| judge(&text, &|_| Swaps { words: 9, repeated: 0 }, &DetectOptions::default().unknown(strangers)).verdict;
        assert_eq!((verdict(0.1), verdict(0.2)), (Verdict::Clean, Verdict::Spun));
    }
}
