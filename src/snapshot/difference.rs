//! What differs between a stored repair and the one that is made now, for a person.
//!
//! In: two snapshots and their comparison. Out: the sentences that are not the same, stored (`-`) and now (`+`), and the words with
//! their reasons. If the article itself has changed, its restored text is compared sentence by sentence.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, DiffTag, TextDiff};

use super::compare::{Comparison, State};
use super::escape::{escaped, line, quoted};
use super::record::{Note, Piece, Snapshot};

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const FAINT: Style = Style::new().dimmed();

/// Writes the difference, indented; `stored` is missing for an article that has no snapshot yet.
///
/// # Errors
/// Those of the writer.
pub fn difference(stored: Option<&Snapshot>, now: &Snapshot, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let Some(stored) = stored else {
        for piece in now.pieces.iter().filter(|piece| piece.before != piece.after) {
            pair(&piece.before, &piece.after, out)?;
        }
        return Ok(());
    };
    match comparison.state {
        State::Stale => sentences(&stored.pieces, &now.pieces, out)?,
        _ => {
            for (before, after) in common(stored, now).into_iter().filter(|(before, after)| before != after) {
                pair(&before, &after, out)?;
            }
        }
    }
    if comparison.state == State::Repair && stored.kind() != now.kind() {
        writeln!(out, "    verdict: was {}, is {}", stored.verdict, now.verdict)?;
    }
    for word in &comparison.words {
        let was = word.stored.as_ref().map_or_else(|| "was left as it is".to_owned(), |text| format!("was {}", quoted(text)));
        writeln!(out, "    {}: {was}, {}", quoted(&word.from), is(word.now.as_ref()))?;
    }
    Ok(())
}

fn is(now: Option<&Note>) -> String {
    let next =
        |note: &Note| note.next.first().map_or_else(String::new, |next| format!(", next {} {:.2}", quoted(&next.text), next.confidence));
    match now {
        Some(note) => match &note.to {
            Some(to) => format!("is {} ({:.2}{}; {})", quoted(to), note.confidence, next(note), escaped(&note.reason)),
            None => format!("is undecided{}", next(note)),
        },
        None => "is left as it is".to_owned(),
    }
}

/// Stretches of both restored texts between the borders that they have in common.
fn common(stored: &Snapshot, now: &Snapshot) -> Vec<(String, String)> {
    // a snapshot without changes may have no text: it is that of the other
    let source = |pieces: &[Piece]| -> Vec<Piece> {
        pieces.iter().map(|piece| Piece { before: piece.before.clone(), after: piece.before.clone(), notes: Vec::new() }).collect()
    };
    let left = if stored.pieces.is_empty() { source(&now.pieces) } else { stored.pieces.clone() };
    let right = if now.pieces.is_empty() { source(&stored.pieces) } else { now.pieces.clone() };
    let mut out = Vec::new();
    let (mut before, mut after) = (String::new(), String::new());
    let (mut at, mut behind) = (0, 0);
    let mut others = right.iter();
    for piece in &left {
        before.push_str(&piece.after);
        at += piece.before.len();
        while behind < at {
            let Some(other) = others.next() else { break };
            after.push_str(&other.after);
            behind += other.before.len();
        }
        if at == behind {
            out.push((std::mem::take(&mut before), std::mem::take(&mut after)));
        }
    }
    out.push((before, after));
    out
}

/// One stretch of text, stored and now, the words that differ marked.
fn pair(before: &str, after: &str, out: &mut dyn Write) -> io::Result<()> {
    let (before, after) = (shown(before), shown(after));
    let words = TextDiff::from_words(before.as_str(), after.as_str());
    for (side, style, sign) in [(ChangeTag::Delete, REMOVED, '-'), (ChangeTag::Insert, ADDED, '+')] {
        write!(out, "  {style}{sign} {style:#}")?;
        // neighbours of one kind are written as one
        let mut runs: Vec<(bool, String)> = Vec::new();
        for change in words.iter_all_changes().filter(|change| change.tag() == side || change.tag() == ChangeTag::Equal) {
            let marked = change.tag() == side;
            match runs.last_mut() {
                Some((before, run)) if *before == marked => run.push_str(change.value()),
                _ => runs.push((marked, change.value().to_owned())),
            }
        }
        for (marked, run) in runs {
            let style = if marked { style.bold().underline() } else { style };
            write!(out, "{style}{run}{style:#}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The restored sentences of two versions of an article, with one around each change.
fn sentences(stored: &[Piece], now: &[Piece], out: &mut dyn Write) -> io::Result<()> {
    if stored.is_empty() {
        return writeln!(out, "    the snapshot has no changes; the article now has {} sentences", now.len());
    }
    let texts = |pieces: &[Piece]| -> Vec<String> { pieces.iter().map(|piece| shown(&piece.after)).collect() };
    let (stored, now) = (texts(stored), texts(now));
    let (old, new): (Vec<&str>, Vec<&str>) = (stored.iter().map(String::as_str).collect(), now.iter().map(String::as_str).collect());
    let diff = TextDiff::configure().diff_slices(&old, &new);
    for group in diff.grouped_ops(1) {
        for op in group {
            let mut put = |style: Style, sign: char, texts: Option<&[&str]>| {
                texts.unwrap_or_default().iter().try_for_each(|text| writeln!(out, "  {style}{sign} {text}{style:#}"))
            };
            if op.tag() == DiffTag::Equal {
                put(FAINT, ' ', old.get(op.old_range()))?;
            } else {
                put(REMOVED, '-', old.get(op.old_range()))?;
                put(ADDED, '+', new.get(op.new_range()))?;
            }
        }
    }
    Ok(())
}

/// Text on one line without what only a machine needs.
fn shown(text: &str) -> String {
    line(text).trim_end_matches("\\c").trim_end_matches("\\n").replace("\\s", " ")
}
