//! A unified diff, as `patch` reads it; for a person, with the changed words coloured.
//!
//! An article often has one line a paragraph, so whole changed lines say little: in colour, the words that changed stand out
//! within them, and what would not be seen, or would steer the terminal, is shown by its code. Lines end at `\n` alone, as `patch` has it.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, DiffOp, TextDiff};

use super::{Render, both};
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::visible;

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// A unified diff; nothing if nothing is changed.
#[derive(Clone, Copy, Debug)]
pub struct Diff {
    /// With colours, for a person; otherwise for `patch`.
    pub colour: bool,
}

impl Render for Diff {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        if restoration.plan.edits.is_empty() {
            return Ok(());
        }
        let (before, after) = both(restoration, document)?;
        let (old, new): (Vec<&str>, Vec<&str>) = (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
        let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
        let name = visible(document.id.trim_start_matches('/'));
        let (from, to) = (format!("a/{name}"), format!("b/{name}"));
        if self.colour {
            let bold = Style::new().bold();
            writeln!(out, "{bold}--- {from}{bold:#}\n{bold}+++ {to}{bold:#}")?;
            for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
                writeln!(out, "{HUNK}{}{HUNK:#}", hunk.header())?;
                for op in hunk.ops() {
                    coloured(op, &old, &new, out)?;
                }
            }
            Ok(())
        } else {
            diff.unified_diff().context_radius(3).header(&from, &to).to_writer(out)
        }
    }
}

fn coloured(op: &DiffOp, old: &[&str], new: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let (old, new) = (old.get(op.old_range()).unwrap_or(&[]), new.get(op.new_range()).unwrap_or(&[]));
    if let DiffOp::Equal { .. } = op {
        return old.iter().try_for_each(|text| line(out, Style::new(), ' ', [(false, *text)].into_iter()));
    }
    let (old, new) = (old.concat(), new.concat());
    let words = TextDiff::from_words(old.as_str(), new.as_str());
    for (side, style, sign) in [(ChangeTag::Delete, REMOVED, '-'), (ChangeTag::Insert, ADDED, '+')] {
        let pieces: Vec<(bool, &str)> = words
            .iter_all_changes()
            .filter(|change| change.tag() == ChangeTag::Equal || change.tag() == side)
            .map(|change| (change.tag() == side, change.value()))
            .collect();
        for one in lines(&pieces) {
            line(out, style, sign, one.iter().map(|(changed, piece)| (*changed, piece.as_str())))?;
        }
    }
    Ok(())
}

/// Regroups pieces by the lines that they lie in, neighbours of one kind joined.
fn lines(pieces: &[(bool, &str)]) -> Vec<Vec<(bool, String)>> {
    let mut out: Vec<Vec<(bool, String)>> = vec![Vec::new()];
    for (changed, part) in pieces.iter().flat_map(|&(changed, piece)| piece.split_inclusive('\n').map(move |part| (changed, part))) {
        let Some(line) = out.last_mut() else { continue };
        match line.last_mut() {
            Some((before, joined)) if *before == changed => joined.push_str(part),
            _ => line.push((changed, part.to_owned())),
        }
        if part.ends_with('\n') {
            out.push(Vec::new());
        }
    }
    out.retain(|line| !line.is_empty());
    out
}

fn line<'p>(out: &mut dyn Write, style: Style, sign: char, pieces: impl Iterator<Item = (bool, &'p str)>) -> io::Result<()> {
    write!(out, "{style}{sign}{style:#}")?;
    let mut complete = false;
    for (changed, piece) in pieces {
        complete = piece.ends_with('\n');
        let piece = piece.strip_suffix("\r\n").or_else(|| piece.strip_suffix('\n')).unwrap_or(piece);
        let style = if changed { style.bold().underline() } else { style };
        let seen: Vec<Cow<'_, str>> = piece.split('\t').map(visible).collect();
        write!(out, "{style}{}{style:#}", seen.join("\t"))?;
    }
    out.write_all(if complete { b"\n" } else { b"\n\\ No newline at end of file\n" })
}
