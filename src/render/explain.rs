//! Reasons in words: why each edit was made, what was left open, what stands behind a word.
//!
//! In: a restoration, or a word with what is known of it. Out: text for a person. Each place is shown in its sentence; long
//! sentences are cut around it.

use std::io::{self, Write};

use super::Render;
use super::gain::gains;
use super::view::rounded;
use crate::decode::{Alternative, Reason};
use crate::lexicon::thesaurus::{Limits, Thesaurus};
use crate::lexicon::{Choice, Pair, Profile, Support};
use crate::lm::NgramModel;
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::{Byte, Span, is_hidden, segments, tokenise, visible};

/// Characters shown on either side of a place.
const CONTEXT: usize = 70;
/// Thesaurus candidates shown of a word.
const CANDIDATES: usize = 12;

/// Each edit and each open place of a document, in order, with its reason.
#[derive(Clone, Copy, Debug)]
pub struct Explanation<'m> {
    /// The language model, to tell what each edit gains with it.
    pub model: Option<NgramModel<'m>>,
}

impl Render for Explanation<'_> {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        let text = document.text().map_err(io::Error::other)?;
        let plan = &restoration.plan;
        let sentences = sentences(text);
        let mut places: Vec<(Span<Byte>, String, Vec<String>)> = Vec::new();
        let mut gains = self.model.map(|model| gains(&model, text, plan)).unwrap_or_default().into_iter();
        for edit in &plan.edits {
            let mut why = vec![format!("why: {}", reason(&edit.reason, &edit.from, &edit.to))];
            // what is added makes zero of what rounds to minus zero
            why.extend(gains.next().map(|gain| format!("model gain: {:.1}", (gain * 10.0).round() / 10.0 + 0.0)));
            why.extend(others("or", &edit.alternatives));
            let head = format!("`{}` -> `{}`  confidence {:.2}", edit.from, edit.to, rounded(edit.confidence));
            places.push((edit.span, head, why));
        }
        for open in &plan.undecided {
            let head = format!("`{}` left as it is: no reading is sure enough", open.text);
            places.push((open.span, head, others("may be", &open.alternatives).into_iter().collect()));
        }
        places.sort_by_key(|place| place.0);
        let mut ruler = Ruler::default();
        let id = visible(&document.id);
        for (span, head, lines) in places {
            let (line, column) = ruler.position(text, span.start);
            writeln!(out, "{id}:{line}:{column}: {head}")?;
            writeln!(out, "    {}", context(text, span, &sentences))?;
            for line in lines {
                writeln!(out, "    {line}")?;
            }
        }
        let profile = restoration.profile.as_deref().map_or_else(|| "no known spinner".to_owned(), |name| format!("profile {name}"));
        let verdict = format!("{:?}", restoration.verdict).to_lowercase();
        writeln!(out, "{id}: {verdict}, {profile}: {} edits, {} left open", plan.edits.len(), plan.undecided.len())
    }
}

/// A reason in words.
pub(crate) fn reason(reason: &Reason, from: &str, to: &str) -> String {
    match reason {
        Reason::Listed { profile, confidence, source } => {
            format!("profile {profile} lists {to} -> {from} (confidence {confidence:.2}, {source})")
        }
        Reason::Related { relation, distance } => format!("thesaurus: {relation}, {}", steps(*distance)),
        Reason::Open => "a frequent word that fits here; nothing else connects the two".to_owned(),
    }
}

fn steps(distance: u8) -> String {
    match distance {
        0 => "no step apart".to_owned(),
        1 => "1 step apart".to_owned(),
        _ => format!("{distance} steps apart"),
    }
}

fn others(word: &str, alternatives: &[Alternative]) -> Option<String> {
    let list: Vec<String> = alternatives.iter().map(|a| format!("{} {:.2}", a.text, rounded(a.confidence))).collect();
    (!list.is_empty()).then(|| format!("{word}: {}", list.join(", ")))
}

fn sentences(text: &str) -> Vec<Span<Byte>> {
    let tokens = tokenise(text);
    let start = |at: usize| tokens.get(at).map_or(text.len(), |token| token.span().start);
    segments(text, &tokens).sentences.iter().map(|sentence| Span::new(start(sentence.start), start(sentence.end))).collect()
}

/// Counts lines on the way through a text.
#[derive(Default)]
struct Ruler {
    at: usize,
    lines: usize,
}

impl Ruler {
    /// Line and column of a place behind the last one, from 1; the column counts characters.
    fn position(&mut self, text: &str, at: usize) -> (usize, usize) {
        let passed = text.as_bytes().get(self.at..at).unwrap_or(&[]);
        self.lines += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.at = at;
        let before = Span::<Byte>::new(0, at).of(text).unwrap_or("");
        let column = before.chars().rev().take_while(|&c| c != '\n').count();
        (self.lines + 1, column + 1)
    }
}

/// The sentence around a place, the place in brackets.
fn context(text: &str, span: Span<Byte>, sentences: &[Span<Byte>]) -> String {
    let at = sentences.partition_point(|sentence| sentence.end <= span.start);
    let sentence = sentences.get(at).copied().unwrap_or(span);
    let part = |start: usize, end: usize| Span::<Byte>::new(start, end).of(text).unwrap_or("");
    let before: Vec<char> = part(sentence.start, span.start).trim_start().chars().rev().collect();
    let after: Vec<char> = part(span.end, sentence.end.max(span.end)).trim_end().chars().collect();
    let mut out = String::new();
    if before.len() > CONTEXT {
        out.push('…');
    }
    out.extend(before.iter().take(CONTEXT).rev());
    out.push('[');
    out.push_str(part(span.start, span.end));
    out.push(']');
    out.extend(after.iter().take(CONTEXT));
    if after.len() > CONTEXT {
        out.push('…');
    }
    out.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect()
}

/// How sure a pair is, whence it is known, and what it rests on.
fn known_from(profile: &Profile, pair: &Pair) -> String {
    let mut out = format!("confidence {:.2}, {}", pair.confidence, pair.source);
    let Some(support) = profile.support(pair) else {
        if pair.count > 1.0 {
            out.push_str(&format!(", seen {:.0} times", pair.count));
        }
        return out;
    };
    let Support { aligned, kept, expected, articles, choice, weak } = *support;
    if aligned > 0 {
        out.push_str(&format!("; seen {aligned} times beside the original, stayed {kept} times"));
    }
    if expected > 0.0 {
        out.push_str(&format!("; expected {expected:.1} times without an original"));
    }
    out.push_str(&format!("; in {articles} articles"));
    out.push_str(match choice {
        Choice::Always => "",
        Choice::Article => "; the image varies by article",
        Choice::Case => "; for words with a capital",
        Choice::Place => "; the image varies from place to place",
    });
    if weak {
        out.push_str("; weak");
    }
    out
}

/// What is known of a word: as cipher word, as plain word, in the thesaurus.
///
/// # Errors
/// Those of the writer.
pub fn explain_word(word: &str, profiles: &[&Profile], thesaurus: &Thesaurus<'_>, out: &mut dyn Write) -> io::Result<()> {
    let key = word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    writeln!(out, "{}", visible(&key))?;
    let mut known = false;
    for profile in profiles {
        for pair in profile.behind(&key) {
            known = true;
            writeln!(out, "  {}: stands for `{}` ({})", profile.name, pair.plain, known_from(profile, pair))?;
        }
        for pair in profile.images(&key) {
            known = true;
            writeln!(out, "  {}: becomes `{}` ({})", profile.name, pair.cipher, known_from(profile, pair))?;
        }
        let stays = profile.stays(&key);
        if stays > 0 {
            known = true;
            writeln!(out, "  {}: stays as it is (in {stays} tokens, side by side)", profile.name)?;
        }
    }
    let limits = Limits { max_number: CANDIDATES + 1, ..Limits::default() };
    let near = thesaurus.plaintexts(&key, &limits).into_iter().filter(|near| near.word != key).take(CANDIDATES);
    for near in near {
        known = true;
        writeln!(out, "  thesaurus: {} ({}, {})", near.word, near.relation, steps(near.distance))?;
    }
    if !known {
        writeln!(out, "  nothing is known of this word")?;
    }
    Ok(())
}
