//! What was learned, for a person to read.
//!
//! In: a [`Report`]. Out: some lines of text: articles by kind, pairs by what they rest on, how much is explained, what the test before writing
//! found, what stays unknown, and what would help.

use std::fmt;

use super::Explained;
use crate::eval::Score;
use crate::lexicon::TouchRule;

/// Pairs by what they rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairCounts {
    /// Seen at least twice, original and garbled text side by side.
    pub often: usize,
    /// Seen once.
    pub once: usize,
    /// Found without an original.
    pub deciphered: usize,
    /// Taken over from the profile that was extended.
    pub base: usize,
    /// Held apart: too little speaks for them.
    pub weak: usize,
}

/// What was learned of one spinner.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Garbled articles.
    pub articles: usize,
    /// Of these: with their original.
    pub originals: usize,
    /// Of these: with part of their original, such as a lead or an excerpt.
    pub parts: usize,
    /// Clean texts that are no original.
    pub comparable: usize,
    /// The shapes that the spinner touches.
    pub touch: TouchRule,
    /// Pairs.
    pub pairs: PairCounts,
    /// Words that the spinner was seen to leave alone.
    pub stays: usize,
    /// Pairs left out because they are two spellings of one word.
    pub spellings: usize,
    /// Words with several images.
    pub varying: usize,
    /// Articles that were kept out of a first profile, restored with it: how many, and the result.
    pub held_out: Option<(usize, Score)>,
    /// Clean texts that were restored.
    pub clean: usize,
    /// Pairs dropped because they changed clean text.
    pub dropped: Vec<String>,
    /// How much of the garbled articles the profile explains.
    pub explained: Explained,
}

impl Report {
    /// Articles without an original.
    #[must_use]
    pub fn alone(&self) -> usize {
        self.articles.saturating_sub(self.originals + self.parts)
    }

    fn advice(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.originals + self.parts == 0 {
            out.push("one garbled article with its original teaches more than ten without".to_owned());
        } else if self.pairs.once > self.pairs.often {
            out.push(format!("{} of the pairs were seen once only: more articles with their originals", self.pairs.once));
        }
        if self.alone() > 0 && self.articles < 50 {
            out.push(format!("more garbled articles of this site ({} so far)", self.articles));
        }
        if self.clean == 0 {
            out.push("clean articles, so that harm can be measured".to_owned());
        }
        out
    }
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { articles, originals, parts, pairs, explained, .. } = self;
        writeln!(f, "articles   {articles}: {originals} with their original, {parts} with part of it, {} without", self.alone())?;
        writeln!(f, "clean      {} texts that are no original of these", self.comparable)?;
        writeln!(f, "touches    {}", self.touch)?;
        let PairCounts { often, once, deciphered, base, weak } = pairs;
        writeln!(
            f,
            "pairs      {often} seen at least twice, {once} seen once, {deciphered} deciphered, {base} of the base profile; {weak} more are weak"
        )?;
        if self.spellings + self.varying > 0 {
            writeln!(
                f,
                "           {} words have several images; {} pairs left out as spellings of one word",
                self.varying, self.spellings
            )?;
        }
        if self.stays > 0 {
            writeln!(f, "stays      {} words that it leaves alone", self.stays)?;
        }
        let likely = explained.restored + explained.undecided;
        let share = percent(explained.restored, likely);
        writeln!(f, "explained  {} of {likely} likely swaps ({share}), in {} words", explained.restored, explained.words)?;
        if let Some((number, score)) = &self.held_out {
            let Score { swapped, restored, wrong, undecided, kept, damaged, .. } = score;
            writeln!(
                f,
                "test       {number} articles held out: {restored} of {swapped} swapped words restored ({}), {wrong} wrong, {undecided} undecided; \
                 {damaged} of {kept} others damaged ({:.2} %)",
                percent(*restored, *swapped),
                100.0 * score.damaged_share()
            )?;
        }
        match (self.clean, self.dropped.len()) {
            (0, _) => writeln!(f, "harm       not measured: there is no clean text")?,
            (clean, 0) => writeln!(f, "harm       {clean} clean texts stay as they are")?,
            (clean, _) => {
                writeln!(f, "harm       {clean} clean texts stay as they are, after these pairs were dropped: {}", self.dropped.join(", "))?
            }
        }
        if !explained.unknown.is_empty() {
            writeln!(f, "unknown    what is left most often:")?;
            for (word, count, context) in &explained.unknown {
                writeln!(f, "  {count:>5}  {word:<16} {context}")?;
            }
        }
        let advice = self.advice();
        if !advice.is_empty() {
            writeln!(f, "would help {}", advice.join("; "))?;
        }
        Ok(())
    }
}
