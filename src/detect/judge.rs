//! The verdict from likelihoods: which explains the text better, English or English behind a cipher?
//!
//! In: the evidence of each paragraph. Out: a verdict for the document and for each paragraph. Paragraphs are cut into spun
//! and clean stretches by a two-state hidden Markov model, so that a long document is not judged by its worst
//! paragraph, and a spun body is seen under a clean lead.

use serde::{Deserialize, Serialize};

use super::bars::Bar;

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
    /// What the evidence for a known spinner must come to; the other bars follow from it.
    pub bar: Bar,
    /// Number of places of words that are swapped more than once, from which on swapped words come again and again.
    pub min_repeated: usize,
    /// What it costs to go from clean to spun paragraphs, in nats.
    pub switch: f32,
}

impl Default for DetectOptions {
    fn default() -> Self {
        Self { bar: Bar::default(), min_repeated: 4, switch: 6.0 }
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
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Swaps {
    /// Different swapped words.
    pub words: usize,
    /// Places of words that are swapped more than once.
    pub repeated: usize,
    /// Places where a word is certainly swapped.
    pub sure: usize,
    /// Places that can be read in several ways.
    pub open: usize,
    /// Those at which the network surely expects a swap.
    pub expected: usize,
}

/// Share of the places of clean text at which the network may surely expect a swap.
const BY_CHANCE: f32 = 0.02;

impl Swaps {
    /// By how much the network expects more swaps than in clean text, in square roots of the number of places (a standard score up to a factor);
    /// zero if it expects no more.
    fn excess(&self) -> f32 {
        let open = self.open.max(1) as f32;
        (self.expected as f32 - BY_CHANCE * open).max(0.0) / open.sqrt()
    }
}

/// How much stronger the evidence of each word is in a text that is only too short to be called spun.
const DENSE: f32 = 3.0;
/// Nats to the factor *e* of the odds that a text is spun.
const SLOPE: f32 = 4.0;

/// What all spun paragraphs of a document come to.
struct Sum {
    ratio: f32,
    per_word: f32,
    fluency: f32,
    sure: f32,
    swaps: Swaps,
    repeated: bool,
}

impl Sum {
    /// Whether a bar is reached in every respect but those that more text would mend.
    fn is_like(&self, bar: &Bar) -> bool {
        let least = if self.repeated { bar.repeated_ratio_per_word } else { bar.ratio_per_word };
        self.per_word >= least
            && self.fluency >= bar.fluency
            && self.sure >= bar.sure
            && self.swaps.excess() >= bar.excess
            && self.swaps.expected as f32 >= bar.expected * self.swaps.open as f32
            && self.swaps.words >= 2
    }

    fn reaches(&self, bar: &Bar) -> bool {
        self.is_like(bar) && self.ratio >= bar.ratio && self.swaps.words >= bar.swaps
    }

    /// Whether there is dense evidence, but little text.
    fn is_too_short_for(&self, bar: &Bar) -> bool {
        self.is_like(bar)
            && bar.sure == 0.0
            && bar.excess == 0.0
            && self.ratio >= bar.ratio / 2.0
            && self.per_word >= bar.ratio_per_word * DENSE
    }
}

/// Judges a document by the evidence of its paragraphs: it is spun if it reaches one of the `bars`. `swaps` tells which words are swapped in
/// the paragraphs that are marked.
#[must_use]
pub fn judge(paragraphs: &[Evidence], swaps: &dyn Fn(&[bool]) -> Swaps, bars: &[Bar], options: &DetectOptions) -> Judgement {
    let (marked, switches) = stretches(paragraphs, options.switch);
    let spun: Vec<&Evidence> = paragraphs.iter().zip(&marked).filter(|(_, marked)| **marked).map(|(p, _)| p).collect();
    let ratio: f32 = spun.iter().map(|p| p.ratio).sum::<f32>() - options.switch * switches;
    let per = |sum: f32, count: usize| sum / count.max(1) as f32;
    let touchable = spun.iter().map(|p| p.touchable).sum();
    let swaps = swaps(&marked);
    let sum = Sum {
        ratio,
        per_word: per(ratio, touchable),
        fluency: per(spun.iter().map(|p| p.explained).sum(), spun.iter().map(|p| p.length).sum()),
        sure: per(swaps.sure as f32, touchable),
        swaps,
        repeated: swaps.repeated >= options.min_repeated,
    };
    let reached = bars.iter().find(|bar| sum.reaches(bar));
    let verdict = match reached {
        Some(_) => Verdict::Spun,
        None if bars.iter().any(|bar| sum.is_too_short_for(bar)) => Verdict::Unsure,
        None => Verdict::Clean,
    };
    let least = reached.or(bars.first()).map_or(options.bar.ratio, |bar| bar.ratio);
    let logistic = 1.0 / (1.0 + (-(ratio - least) / SLOPE).exp());
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

    const SOME: Swaps = Swaps { words: 9, repeated: 0, sure: 9, open: 100, expected: 0 };

    fn judged(text: &[Evidence], swaps: Swaps, bars: &[Bar]) -> Judgement {
        judge(text, &|_| swaps, bars, &DetectOptions::default())
    }

    fn verdict(text: &[Evidence]) -> (Verdict, Vec<Verdict>) {
        let found = judged(text, SOME, &[Bar::default()]);
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
        let verdict = |repeated| judged(&text, Swaps { repeated, ..SOME }, &[Bar::default()]).verdict;
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
        let verdict =
            |ratio, bars: &[Bar]| judged(&text(ratio), Swaps { words: 40, repeated: 40, sure: 20, open: 200, expected: 0 }, bars).verdict;
        assert_eq!(verdict(90.0, &Bar::default().unknown(0.1)), Verdict::Spun);
        assert_eq!(verdict(60.0, &Bar::default().unknown(0.1)), Verdict::Clean);
        assert_eq!(verdict(90.0, &[Bar::default()]), Verdict::Clean);
    }

    #[test]
    fn where_little_of_a_list_is_used_there_must_be_more_of_it_all() {
        let verdict = |ratio: f32, words: usize, fluency: f32, bar: Bar| {
            let text = [Evidence { ratio, touchable: 200, explained: fluency * 220.0, length: 220 }];
            judged(&text, Swaps { words, ..SOME }, &[bar]).verdict
        };
        let (whole, sparing) = (Bar::default(), Bar::default().sparing());
        assert_eq!(verdict(90.0, 10, -6.0, sparing), Verdict::Spun);
        for (ratio, words, fluency) in [(80.0, 10, -6.0), (90.0, 9, -6.0), (90.0, 10, -6.5)] {
            assert_eq!(verdict(ratio, words, fluency, whole), Verdict::Spun);
            assert_ne!(verdict(ratio, words, fluency, sparing), Verdict::Spun);
        }
    }

    #[test]
    fn weak_evidence_of_an_unknown_spinner_counts_where_enough_is_certain() {
        let verdict = |fluency: f32, sure| {
            let text = [Evidence { explained: fluency * 300.0, ..evidence(30.0, 300) }];
            judged(&text, Swaps { sure, ..SOME }, &Bar::default().unknown(0.1)).verdict
        };
        assert_eq!((verdict(-6.5, 11), verdict(-6.5, 12)), (Verdict::Clean, Verdict::Spun));
        // the more fluent, the fewer
        assert_eq!((verdict(-6.0, 5), verdict(-6.0, 6)), (Verdict::Clean, Verdict::Spun));
    }

    #[test]
    fn where_the_network_expects_many_swaps_little_is_enough() {
        let verdict = |ratio, expected| {
            let text = [evidence(ratio, 80)];
            judged(&text, Swaps { sure: 0, open: 100, expected, ..SOME }, &Bar::default().unknown(0.1)).verdict
        };
        assert_eq!((verdict(9.0, 11), verdict(9.0, 12), verdict(7.0, 12)), (Verdict::Clean, Verdict::Spun, Verdict::Clean));
        // in a long text a smaller share is enough
        let long = Swaps { sure: 0, open: 900, expected: 48, ..SOME };
        assert_eq!(judged(&[evidence(90.0, 900)], long, &Bar::default().unknown(0.1)).verdict, Verdict::Spun);
    }

    #[test]
    fn among_many_strangers_less_is_enough() {
        let text = [evidence(30.0, 200)];
        let verdict = |strangers| judged(&text, Swaps { sure: 0, ..SOME }, &Bar::default().unknown(strangers)).verdict;
        assert_eq!((verdict(0.1), verdict(0.2)), (Verdict::Clean, Verdict::Spun));
    }
}
