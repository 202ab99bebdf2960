//! A snapshot as a file: plain text that a person reads and the program reads back.
//!
//! In and out: a head of `# key: value` lines, then the text, a sentence a line (`=` stayed, `-` before, `+` after), under each the
//! edits and open places, and at the end a fingerprint of all that. A file without its end, or with another fingerprint, was cut off
//! or edited: it is refused with the reason rather than read by guess.

use std::fmt;
use std::str::FromStr;

use super::escape::{escaped, line, piece, quoted, unescaped, unquoted};
use super::record::{Note, Piece, Setup, Snapshot};
use crate::decode::Alternative;
use crate::text::{Span, sha256};

/// Version of the format that is written, and the newest that is read.
const VERSION: u32 = 1;
const FIRST: &str = "# unspin snapshot ";
const LAST: &str = "# end: sha256:";

/// Why a file is no snapshot that can be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It is something else.
    #[error("not a snapshot: the first line must be `{FIRST}{VERSION}`")]
    Foreign,
    /// A newer program wrote it.
    #[error("a newer version of the program made it (format {found}; this one reads format {VERSION}); update unspin")]
    Newer {
        /// Its format version.
        found: u32,
    },
    /// Its end is missing.
    #[error(
        "it is cut off: its last line, `# end: ...`, is missing; take it from version control, or delete it and make it anew (--create)"
    )]
    CutOff,
    /// Its fingerprint is wrong.
    #[error(
        "it was edited by hand or is damaged: it does not have the fingerprint in its last line; take it from version control, or delete it and make it anew (--create)"
    )]
    Edited,
    /// A line cannot be read.
    #[error("line {line}: {message}")]
    Line {
        /// Line in the file, from 1.
        line: usize,
        /// What is wrong there.
        message: &'static str,
    },
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        writeln!(f, "{body}{LAST}{}", sha256(body.as_bytes()))
    }
}

impl Snapshot {
    fn body(&self) -> String {
        use fmt::Write as _;
        let mut out = format!("{FIRST}{VERSION}\n");
        let Setup { program, profiles, model, thesaurus, settings } = &self.setup;
        let edits = self.notes().filter(|note| note.to.is_some()).count();
        let open = self.notes().count() - edits;
        let mut head = |key: &str, value: &str| {
            let _ = writeln!(out, "# {key}: {}", escaped(value));
        };
        head("id", &self.id);
        head("program", program);
        profiles.iter().for_each(|profile| head("profile", profile));
        head("model", model);
        head("thesaurus", thesaurus);
        head("settings", settings);
        head("verdict", &self.verdict);
        head("source", &format!("sha256:{}", self.source));
        head("result", &format!("sha256:{}", self.result));
        head("edits", &edits.to_string());
        head("undecided", &open.to_string());
        if edits + open == 0 {
            return out;
        }
        for piece in &self.pieces {
            out.push('\n');
            let mut put = |sign: char, text: &str| {
                let line = line(text);
                let gap = if line.is_empty() { "" } else { " " };
                let _ = writeln!(out, "{sign}{gap}{line}");
            };
            if piece.before == piece.after {
                put('=', &piece.before);
            } else {
                put('-', &piece.before);
                put('+', &piece.after);
            }
            for note in &piece.notes {
                let _ = writeln!(out, "    {}", shown(note).trim_end());
            }
        }
        out
    }
}

/// A note on one line; its change is aligned with that of its neighbours.
pub(super) fn shown(note: &Note) -> String {
    let Note { span, from, to, confidence, next, reason } = note;
    let place = format!("{}..{}", span.start, span.end);
    let others: Vec<String> = next.iter().map(|one| format!("{} {:.3}", quoted(&one.text), one.confidence)).collect();
    let others = if others.is_empty() { String::new() } else { format!("(next {})", others.join(", ")) };
    match to {
        Some(to) => {
            let change = format!("{} -> {}", quoted(from), quoted(to));
            let gap = if others.is_empty() { "" } else { "  " };
            format!("{place:<12} {change:<30}  {confidence:.3}{gap}{others}  {}", escaped(reason))
        }
        None => format!("{place:<12} {:<30}  undecided  {others}", quoted(from)),
    }
}

impl FromStr for Snapshot {
    type Err = SnapshotError;

    fn from_str(text: &str) -> Result<Self, SnapshotError> {
        // line ends that version control has changed are not held against it
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let version = text.lines().next().and_then(|line| line.strip_prefix(FIRST)).and_then(|version| version.parse().ok());
        match version {
            None => return Err(SnapshotError::Foreign),
            Some(found) if found > VERSION => return Err(SnapshotError::Newer { found }),
            Some(_) => {}
        }
        let Some((body, digest)) = text.rsplit_once(LAST) else { return Err(SnapshotError::CutOff) };
        if digest.trim_end().len() < 64 {
            return Err(SnapshotError::CutOff);
        }
        if digest.trim_end() != sha256(body.as_bytes()) {
            return Err(SnapshotError::Edited);
        }
        read(body)
    }
}

fn read(body: &str) -> Result<Snapshot, SnapshotError> {
    let mut out = Snapshot {
        id: String::new(),
        setup: Setup::default(),
        verdict: String::new(),
        source: String::new(),
        result: String::new(),
        pieces: Vec::new(),
    };
    for (index, row) in body.lines().enumerate().skip(1).filter(|(_, row)| !row.is_empty()) {
        let fail = |message: &'static str| SnapshotError::Line { line: index + 1, message };
        if let Some(head) = row.strip_prefix("# ") {
            let (key, value) = head.split_once(": ").unwrap_or((head.trim_end_matches(':'), ""));
            let value = unescaped(value).ok_or_else(|| fail("a wrong escape"))?;
            match key {
                "id" => out.id = value,
                "program" => out.setup.program = value,
                "profile" => out.setup.profiles.push(value),
                "model" => out.setup.model = value,
                "thesaurus" => out.setup.thesaurus = value,
                "settings" => out.setup.settings = value,
                "verdict" => out.verdict = value,
                "source" => out.source = value.trim_start_matches("sha256:").to_owned(),
                "result" => out.result = value.trim_start_matches("sha256:").to_owned(),
                _ => {}
            }
        } else if let Some(rest) = row.strip_prefix("    ") {
            let note = note(rest).ok_or_else(|| fail("neither an edit nor an open place"))?;
            out.pieces.last_mut().ok_or_else(|| fail("a note without its text"))?.notes.push(note);
        } else {
            let (sign, rest) = row.split_at_checked(1).ok_or_else(|| fail("expected =, - or +"))?;
            let text = piece(rest.strip_prefix(' ').unwrap_or(rest)).ok_or_else(|| fail("a wrong escape"))?;
            match (sign, out.pieces.last_mut()) {
                ("=" | "-", _) => out.pieces.push(Piece { before: text.clone(), after: text, notes: Vec::new() }),
                ("+", Some(last)) => last.after = text,
                _ => return Err(fail("expected =, - or +")),
            }
        }
    }
    Ok(out)
}

fn note(rest: &str) -> Option<Note> {
    let (place, rest) = rest.split_once(' ')?;
    let (start, end) = place.split_once("..")?;
    let span = Span::new(start.parse().ok()?, end.parse().ok()?);
    let (from, rest) = unquoted(rest.trim_start())?;
    let (to, rest) = match rest.strip_prefix(" -> ") {
        Some(rest) => unquoted(rest).map(|(to, rest)| (Some(to), rest))?,
        None => (None, rest),
    };
    let rest = rest.trim_start();
    let (mark, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let confidence = if to.is_some() { mark.parse().ok()? } else { 0.0 };
    let mut rest = rest.trim_start();
    let mut next = Vec::new();
    if let Some(list) = rest.strip_prefix("(next ") {
        rest = list;
        loop {
            let (text, behind) = unquoted(rest)?;
            let number = behind.strip_prefix(' ')?;
            let end = number.find([',', ')'])?;
            next.push(Alternative { text, confidence: number.get(..end)?.parse().ok()? });
            rest = number.get(end..)?;
            match rest.strip_prefix(", ") {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix(')')?.trim_start();
    }
    Some(Note { span, from, to, confidence, next, reason: unescaped(rest)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hostile() -> Snapshot {
        let odd = "a \"b\" \\ (next -> \u{202e}\u{1b}[31m, 0.5) # end: sha256:\n= x";
        let note = |to: Option<&str>| Note {
            span: Span::new(3, 9),
            from: odd.to_owned(),
            to: to.map(str::to_owned),
            confidence: if to.is_some() { 0.123 } else { 0.0 },
            next: vec![Alternative { text: odd.to_owned(), confidence: 0.5 }, Alternative { text: String::new(), confidence: 1.0 }],
            reason: if to.is_some() { odd.to_owned() } else { String::new() },
        };
        let setup = Setup {
            program: "unspin 9".to_owned(),
            profiles: vec!["x 1 sha256:0".to_owned(), odd.to_owned()],
            model: "sha256:1".to_owned(),
            thesaurus: "sha256:2".to_owned(),
            settings: "preset: none".to_owned(),
        };
        let piece = |before: &str, after: &str, notes| Piece { before: before.to_owned(), after: after.to_owned(), notes };
        Snapshot {
            id: "a: b/c.txt".to_owned(),
            setup,
            verdict: "spun 1.00 -".to_owned(),
            source: sha256(b"1"),
            result: sha256(b"2"),
            pieces: vec![
                piece(odd, "x ", vec![note(Some("x")), note(None)]),
                piece(" ", " ", vec![]),
                piece("# end", "", vec![note(Some(""))]),
            ],
        }
    }

    #[test]
    fn a_snapshot_is_read_back_as_written() {
        let text = hostile().to_string();
        assert_eq!(text.parse(), Ok(hostile()));
        assert!(text.lines().all(|line| !line.chars().any(char::is_control)));
        assert_eq!(text.replace('\n', "\r\n").parse(), Ok(hostile()));
    }

    #[test]
    fn a_snapshot_that_is_cut_or_altered_anywhere_is_refused() {
        let text = hostile().to_string();
        for cut in (0..text.len() - 1).filter(|&cut| text.is_char_boundary(cut)) {
            let error = text.get(..cut).unwrap().parse::<Snapshot>().unwrap_err();
            assert!(matches!(error, SnapshotError::CutOff | SnapshotError::Foreign | SnapshotError::Edited), "{cut}: {error}");
        }
        for at in 0..text.len() - 1 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(altered) = String::from_utf8(bytes) {
                assert!(altered.parse::<Snapshot>().is_err(), "byte {at}");
            }
        }
        assert_eq!(text.replacen("snapshot 1", "snapshot 7", 1).parse::<Snapshot>(), Err(SnapshotError::Newer { found: 7 }));
    }
}
