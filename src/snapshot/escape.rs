//! Text on one line, and back: nothing is lost, nothing is hidden, no line ends in white space.
//!
//! In: a piece of text. Out: one line; and the piece again. Most pieces are sentences followed by one space, so that space is not
//! written: a line stands for its text and one space, unless it ends in `\n` (a line break) or `\c` (it goes on at once). Editors and
//! hooks that cut trailing spaces then do no harm.

use std::fmt::Write as _;

use crate::text::is_hidden;

/// A piece of text as one line.
pub(super) fn line(piece: &str) -> String {
    let (body, end) = match piece.strip_suffix(' ') {
        Some(body) if !body.ends_with('\n') => (body, ""),
        _ if piece.ends_with('\n') => (piece, ""),
        _ => (piece, "\\c"),
    };
    let ink = body.trim_end_matches(' ');
    let spaces = body.len() - ink.len();
    escaped(ink) + &"\\s".repeat(spaces) + end
}

/// The piece of text that a line stands for; `None` if it is none.
pub(super) fn piece(line: &str) -> Option<String> {
    if let Some(body) = line.strip_suffix("\\c")
        && let Some(piece) = unescaped(body)
    {
        return Some(piece);
    }
    let mut piece = unescaped(line)?;
    if !piece.ends_with('\n') {
        piece.push(' ');
    }
    Some(piece)
}

/// Text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\\""))
}

/// The text of a quotation at the head of `rest`, and what follows it.
pub(super) fn unquoted(rest: &str) -> Option<(String, &str)> {
    let inside = rest.strip_prefix('"')?;
    let mut before = ' ';
    let end = inside.find(|c: char| {
        let ends = c == '"' && before != '\\';
        // a backslash that is itself escaped escapes nothing
        before = if before == '\\' && c == '\\' { ' ' } else { c };
        ends
    })?;
    Some((unescaped(inside.get(..end)?)?, inside.get(end + 1..)?))
}

/// Text with everything that would not be seen written by its code.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) || (c.is_whitespace() && c != ' ') => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// The text that was escaped; `None` if an escape is none.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            '\\' => '\\',
            '"' => '"',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            's' => ' ',
            'u' => {
                let code: String = chars.by_ref().skip(1).take_while(|&c| c != '}').collect();
                char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_its_piece_back() {
        let pieces = [
            "A sentence. ",
            "The last.",
            "A line.\n",
            "\r\n",
            "",
            " ",
            "  ",
            "\n ",
            "a  ",
            "\n",
            "\t",
            "c:\\c",
            "\\",
            "\\ ",
            "\u{202e}x\u{1b}[1m ",
            "\u{a0}",
            "é\u{2028}",
            "x\\n",
            "\n\n  ",
        ];
        for text in pieces {
            let line = line(text);
            assert_eq!(piece(&line).as_deref(), Some(text), "{line}");
            assert!(!line.ends_with(char::is_whitespace) && !line.chars().any(is_hidden), "{line}");
        }
    }

    #[test]
    fn quotations_end_where_they_end() {
        for text in ["will", "a \"b\" \\", "\\\"", "", "\u{202e}"] {
            let line = quoted(text) + " rest";
            assert_eq!(unquoted(&line), Some((text.to_owned(), " rest")), "{line}");
        }
        assert_eq!(unquoted("\"open"), None);
        assert_eq!(piece("a\\q"), None);
    }
}
