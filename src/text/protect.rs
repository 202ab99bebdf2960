//! What is never prose: web and e-mail addresses, code, HTML tags and entities, file paths, handles.
//!
//! Works on a chunk (no white space inside) or, for tags and code spans, on the rest of a line.
//! Linear in the length of the text: each search forward is bounded.

use super::token::TokenKind;

/// Longest tag or code span that is looked for, in bytes; beyond it the mark is plain punctuation.
const MAX_MARKUP: usize = 2_000;

/// Length in bytes and kind of the protected stretch that starts at the head of `rest`, if one does.
/// `before` is the character before it, `at_start` says that white space or the border of the text stands before it.
pub(super) fn protected(rest: &str, before: Option<char>, at_start: bool) -> Option<(usize, TokenKind)> {
    let first = rest.bytes().next()?;
    match first {
        // a run of backticks is asked once, at its head
        b'`' if before == Some('`') => None,
        b'<' => tag(rest).map(|len| (len, TokenKind::Tag)),
        b'&' => entity(rest).map(|len| (len, TokenKind::Entity)),
        b'`' => code(rest).map(|len| (len, TokenKind::Code)),
        _ if at_start => chunk_kind(rest),
        _ => None,
    }
}

/// An HTML or XML tag, comment, or a whole `<script>`/`<style>` element head.
fn tag(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let window = &bytes[..bytes.len().min(MAX_MARKUP)];
    if !window.contains(&b'>') {
        return None;
    }
    if window.starts_with(b"<!--") {
        return find(window, b"-->").map(|at| at + 3);
    }
    let second = *window.get(1)?;
    if !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut quote = None;
    for (index, &byte) in window.iter().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(index + 1),
            (None, b'<') => return None,
            (None, b'"' | b'\'') if window[index - 1] == b'=' => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

/// `&amp;`, `&#8217;`, `&#x2019;`.
fn entity(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let end = bytes.iter().take(12).position(|&b| b == b';')?;
    let body = &bytes[1..end];
    let plain = !body.is_empty() && body.iter().all(u8::is_ascii_alphanumeric);
    let numeric = body.len() > 1 && body[0] == b'#' && body[1..].iter().all(u8::is_ascii_alphanumeric);
    (plain || numeric).then_some(end + 1)
}

/// A Markdown code span on one line, or a fenced block.
fn code(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let ticks = bytes.iter().take_while(|&&b| b == b'`').count();
    let window = &bytes[..bytes.len().min(if ticks >= 3 { MAX_MARKUP * 16 } else { MAX_MARKUP })];
    let mut at = ticks;
    while at < window.len() {
        if ticks < 3 && window[at] == b'\n' {
            return None;
        }
        if window[at] == b'`' {
            let run = window[at..].iter().take_while(|&&b| b == b'`').count();
            if run == ticks {
                return Some(at + run);
            }
            at += run;
        } else {
            at += 1;
        }
    }
    None
}

/// Web address, e-mail address, handle, file path at the head of a chunk.
fn chunk_kind(rest: &str) -> Option<(usize, TokenKind)> {
    let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let chunk = rest.get(..len)?;
    let lead = chunk.find(|c: char| c.is_alphanumeric() || matches!(c, '@' | '#' | '/')).unwrap_or(len);
    if lead > 0 {
        // Leading punctuation is a token of its own; the stretch behind it is asked again only if it is an address.
        return None;
    }
    let body_len = chunk.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '/')).len();
    let body = chunk.get(..body_len)?;
    if body.is_empty() {
        return None;
    }
    if body.contains("://") || starts_with_ignore_case(body, "www.") || starts_with_ignore_case(body, "mailto:") {
        return Some((body_len, TokenKind::Url));
    }
    if let Some(at) = body.find('@') {
        let domain = body.get(at + 1..).unwrap_or("");
        if at == 0 && domain.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Some((body_len, TokenKind::Handle));
        }
        if at > 0 && domain.contains('.') {
            return Some((body_len, TokenKind::Email));
        }
    }
    if body.starts_with('#') && body.len() > 1 {
        return Some((body_len, TokenKind::Handle));
    }
    if looks_like_domain(body) {
        return Some((body_len, TokenKind::Url));
    }
    let path_like =
        body.starts_with('/') || body.contains("::") || body.contains("()") || body.contains('_') || body.matches('/').count() > 1;
    (path_like && body.len() > 1).then_some((body_len, TokenKind::Code))
}

/// `example.com`, `bbc.co.uk/news`: lower-case labels with a known kind of ending.
fn looks_like_domain(body: &str) -> bool {
    let host = body.split(['/', '?', ':']).next().unwrap_or("");
    let Some((front, last)) = host.rsplit_once('.') else { return false };
    let endings = ["com", "org", "net", "gov", "edu", "uk", "de", "fr", "io", "eu", "info", "co", "us", "ca", "au", "tv", "ie", "nz"];
    endings.contains(&last) && !front.is_empty() && front.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}

fn starts_with_ignore_case(text: &str, head: &str) -> bool {
    text.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_code_and_tags_are_seen() {
        for (text, kind) in [
            ("https://example.org/be?as=or, he said", TokenKind::Url),
            ("www.example.org.", TokenKind::Url),
            ("bbc.co.uk/news", TokenKind::Url),
            ("jo@example.org", TokenKind::Email),
            ("@handle", TokenKind::Handle),
            ("<a href=\"x > y\">be</a>", TokenKind::Tag),
            ("<!-- be in -->x", TokenKind::Tag),
            ("&nbsp;x", TokenKind::Entity),
            ("`be in` x", TokenKind::Code),
            ("std::be", TokenKind::Code),
            ("/usr/be", TokenKind::Code),
        ] {
            assert_eq!(protected(text, None, true).map(|found| found.1), Some(kind), "{text}");
        }
    }

    #[test]
    fn prose_is_not_protected() {
        for text in ["be", "and/or", "< 5", "& Co", "`unclosed", "e.g.", "Mr.", "end.The", "12.5"] {
            assert_eq!(protected(text, None, true), None, "{text}");
        }
    }
}
