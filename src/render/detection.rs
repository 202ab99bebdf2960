//! The verdict on a document, as a row of a table and as a line of JSON.
//!
//! The row has columns of fixed width, so that rows can be written as they come; the name is last, for it may be long.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Render;
use super::view::Found;
use crate::detect::Verdict;
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::visible;

/// Words shown as evidence of one text.
const SHOWN: usize = 8;

/// A row: verdict, score, profile, estimate of swapped words, words, name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detection {
    /// Whether a line follows with what gives the text away: the words that stand most often for others.
    pub evidence: bool,
}

/// One object a line: `id`, `verdict`, `score`, `profile`, `words`, `swapped_estimate`, `spans`.
#[derive(Clone, Copy, Debug)]
pub struct DetectionJson;

impl Detection {
    /// The line above the rows.
    pub const HEADER: &'static str = "verdict  score  profile       swapped    words  name";
}

impl Render for Detection {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        let verdict = match restoration.verdict {
            Verdict::Spun => "spun",
            Verdict::Clean => "clean",
            Verdict::Unsure => "unsure",
        };
        let profile = restoration.profile.as_deref().unwrap_or("-");
        let Restoration { score, swapped, words, .. } = restoration;
        writeln!(out, "{verdict:<7}  {score:>5.3}  {profile:<12}  {swapped:>7}  {words:>7}  {}", visible(&document.id))?;
        if self.evidence && !restoration.plan.edits.is_empty() {
            writeln!(out, "         {}", evidence(restoration))?;
        }
        Ok(())
    }
}

/// The words that stand for others, the most frequent first, such as `astatine for at (4), connected for on (2)`.
fn evidence(restoration: &Restoration) -> String {
    let mut swaps: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for edit in &restoration.plan.edits {
        *swaps.entry((&edit.from, &edit.to)).or_default() += 1;
    }
    let mut swaps: Vec<_> = swaps.into_iter().collect();
    // the sort is stable: words of one frequency stay in alphabetical order
    swaps.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let shown: Vec<String> =
        swaps.iter().take(SHOWN).map(|((from, to), count)| format!("{} for {} ({count})", visible(from), visible(to))).collect();
    let more = if swaps.len() > SHOWN { format!(", and {} more", swaps.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

impl Render for DetectionJson {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Found::new(restoration, document))?;
        out.write_all(b"\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Edit, Plan, Reason};
    use crate::text::Span;

    #[test]
    fn the_evidence_names_the_most_frequent_swaps_first() {
        let edit = |from: &str, to: &str| Edit {
            span: Span::new(0, 1),
            from: from.to_owned(),
            to: to.to_owned(),
            reason: Reason::Open,
            confidence: 1.0,
            alternatives: Vec::new(),
        };
        let mut edits = vec![edit("connected", "on"), edit("astatine", "at"), edit("astatine", "at")];
        edits.extend((0..8).map(|number| edit(&format!("x{number}"), "y")));
        let restoration = Restoration {
            verdict: Verdict::Spun,
            score: 1.0,
            profile: None,
            words: 20,
            swapped: 11,
            paragraphs: Vec::new(),
            plan: Plan { edits, undecided: Vec::new() },
        };
        let text = evidence(&restoration);
        assert!(text.starts_with("astatine for at (2), connected for on (1), x0 for y (1)"), "{text}");
        assert!(text.ends_with("x5 for y (1), and 2 more"), "{text}");
    }
}
