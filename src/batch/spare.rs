//! What must stay as it is, whatever a spinner may have done.
//!
//! In: an allow-list, patterns, a text. Out: the spans that no edit may touch: allowed words and phrases, matches of the patterns, and what
//! stands between the marks `unspin:off` and `unspin:on` (or the end).

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::text::{Byte, Span};

const OFF: &str = "unspin:off";
const ON: &str = "unspin:on";

/// Why there is nothing to protect with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpareError {
    /// A pattern that is none.
    #[error("{0}")]
    Pattern(#[from] regex::Error),
    /// Too many or too long words.
    #[error("the list of protected words cannot be used: {0}")]
    Words(#[from] aho_corasick::BuildError),
}

/// What must stay as it is.
#[derive(Debug, Default)]
pub struct Spare {
    words: Option<AhoCorasick>,
    patterns: Vec<Regex>,
}

impl Spare {
    /// From an allow-list (a word or phrase a line; empty lines and `#` remarks count for nothing) and patterns.
    ///
    /// # Errors
    /// [`SpareError`] if a pattern is none.
    pub fn new(list: &str, patterns: &[String]) -> Result<Self, SpareError> {
        let lines = list.lines().map(|line| line.split_once('#').map_or(line, |(front, _)| front).trim());
        let words: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let build = || AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(&words);
        Ok(Self {
            words: if words.is_empty() { None } else { Some(build()?) },
            patterns: patterns.iter().map(|pattern| Regex::new(pattern)).collect::<Result<_, _>>()?,
        })
    }

    /// Whether nothing of a text is protected wherever this part of it stands: no list, no pattern, and no mark here.
    pub(super) fn leaves(&self, part: &str) -> bool {
        self.words.is_none() && self.patterns.is_empty() && !part.contains(OFF)
    }

    /// The protected spans of a text, sorted, none touching another.
    #[must_use]
    pub fn spans(&self, text: &str) -> Vec<Span<Byte>> {
        let mut found: Vec<Span<Byte>> = marked(text);
        for pattern in &self.patterns {
            found.extend(pattern.find_iter(text).map(|hit| Span::new(hit.start(), hit.end())));
        }
        if let Some(words) = &self.words {
            let hits = words.find_overlapping_iter(text).map(|hit| Span::<Byte>::new(hit.start(), hit.end()));
            found.extend(hits.filter(|span| stands_alone(text, *span)));
        }
        joined(found)
    }
}

/// Sorted, and those that touch made one.
pub(super) fn joined(mut spans: Vec<Span<Byte>>) -> Vec<Span<Byte>> {
    spans.retain(|span| !span.is_empty());
    spans.sort();
    let mut out: Vec<Span<Byte>> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    out
}

fn marked(text: &str) -> Vec<Span<Byte>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(off) = find(text, at, OFF) {
        let on = find(text, off, ON).map_or(text.len(), |on| on + ON.len());
        out.push(Span::new(off, on));
        at = on;
    }
    out
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| at + from)
}

fn stands_alone(text: &str, span: Span<Byte>) -> bool {
    let before = text.get(..span.start).and_then(|before| before.chars().next_back());
    let behind = text.get(span.end..).and_then(|behind| behind.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_patterns_and_marks_are_spared() {
        let spare = Spare::new("# names\nTin\nnew year  # as a name\n\n", &["[a-z]+-42".to_owned()]).unwrap();
        let text = "tin tins, new year be-42 a unspin:off x unspin:on b unspin:off c";
        let spans = spare.spans(text);
        let found: Vec<&str> = spans.iter().map(|span| span.of(text).unwrap()).collect();
        assert_eq!(found, ["tin", "new year", "be-42", "unspin:off x unspin:on", "unspin:off c"]);
        assert!(Spare::new("", &["(".to_owned()]).is_err());
        assert!(Spare::default().spans("be").is_empty());
    }
}
