//! The text of a page.
//!
//! In: HTML. Out: a [`Passage`] of its text nodes: what a reader sees, with breaks where blocks end, and without tags, comments, scripts,
//! styles and code. Not a full parser, but one that cannot fail, is linear, and leaves alone what it does not understand.

use super::passage::{Passage, Writing};
use crate::text::{Byte, Span};

/// Elements whose content is not prose.
const OPAQUE: [&str; 12] = ["script", "style", "template", "pre", "code", "kbd", "samp", "textarea", "svg", "math", "iframe", "xmp"];
/// Elements inside a line: their tags part no words.
const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "data", "del", "dfn", "em", "font", "i", "ins", "label", "mark", "nobr", "q",
    "ruby", "s", "small", "span", "strike", "strong", "sub", "sup", "time", "u", "wbr",
];
/// Character references that occur in prose; others stay as they are written.
const ENTITIES: [(&str, char); 26] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ldquo", '\u{201c}'),
    ("rdquo", '\u{201d}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("hellip", '\u{2026}'),
    ("bull", '\u{2022}'),
    ("middot", '\u{b7}'),
    ("copy", '\u{a9}'),
    ("reg", '\u{ae}'),
    ("trade", '\u{2122}'),
    ("pound", '\u{a3}'),
    ("euro", '\u{20ac}'),
    ("eacute", '\u{e9}'),
    ("egrave", '\u{e8}'),
    ("uuml", '\u{fc}'),
    ("ouml", '\u{f6}'),
    ("auml", '\u{e4}'),
    ("shy", '\u{ad}'),
];

/// The text of a page whose first byte stands at `base`.
#[must_use]
pub fn passage(page: &str, base: usize) -> Passage {
    let mut reader =
        Reader { page, base, at: 0, passage: Passage::new(Writing::Html), off: None, quotes: true, tags: true, comments: true };
    while reader.at < page.len() {
        reader.step();
    }
    let end = reader.passage.text.len();
    reader.mark(true, end);
    reader.passage
}

struct Reader<'p> {
    page: &'p str,
    base: usize,
    at: usize,
    passage: Passage,
    /// Where in the text `unspin:off` stood.
    off: Option<usize>,
    /// Whether quotes, tags and comments are closed as far as is known: keeps the search linear.
    quotes: bool,
    tags: bool,
    comments: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        from(self.page, self.at)
    }

    fn step(&mut self) {
        let rest = from(self.page, self.at);
        let next = rest.find(['<', '&']).unwrap_or(rest.len());
        // a letter that were put in place of a reference behind `<` would begin a tag
        let begins_tag = upto(self.page, self.at).ends_with('<');
        if next > 0 {
            self.keep(next);
        } else if rest.starts_with('&') && !begins_tag {
            self.reference();
        } else if rest.starts_with('&') {
            self.keep(1);
        } else if !self.tag() {
            self.bracket();
        }
    }

    /// Keeps a `<` that begins no tag, and freezes the word behind it: another word there might begin one.
    fn bracket(&mut self) {
        let word: usize = from(self.rest(), 1).chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
        let here = self.passage.text.len();
        // inside `unspin:off` all is frozen anyway
        if word > 0 && self.off.is_none() {
            self.passage.frozen.push(Span::<Byte>::new(here, here + 1 + word));
        }
        self.keep(1);
    }

    fn keep(&mut self, len: usize) {
        self.passage.keep(self.base + self.at, upto(from(self.page, self.at), len));
        self.at += len;
    }

    fn reference(&mut self) {
        let rest = self.rest();
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let body = end.map(|end| upto(from(rest, 1), end - 1));
        let character = body.and_then(|body| match body.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            }
            .and_then(char::from_u32)
            .filter(|&character| character != '\0'),
            None => ENTITIES.iter().find(|(name, _)| *name == body).map(|(_, character)| *character),
        });
        match (character, end) {
            (Some(character), Some(end)) => {
                self.passage.decode(self.base + self.at, end + 1, character);
                self.at += end + 1;
            }
            _ => self.keep(1),
        }
    }

    /// Passes a tag, a comment or a whole opaque element; false if `<` is just a character.
    fn tag(&mut self) -> bool {
        let rest = from(self.page, self.at);
        if let Some(comment) = rest.strip_prefix("<!--") {
            let found = if self.comments { comment.find("-->") } else { None };
            self.comments = found.is_some();
            let Some(end) = found else { return false };
            let body = upto(comment, end);
            let here = self.passage.text.len();
            if body.contains("unspin:off") || body.contains("unspin:on") {
                self.mark(body.contains("unspin:on"), here);
            }
            self.at += end + 7;
            return true;
        }
        let second = rest.as_bytes().get(1).copied().unwrap_or(b' ');
        if !self.tags || !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
            return false;
        }
        let Some(end) = self.tag_end() else { return false };
        let rest = from(self.page, self.at);
        let name: String =
            rest.chars().skip(1).skip_while(|&c| c == '/').take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let opens = second.is_ascii_alphabetic() && !upto(rest, end).ends_with("/>");
        self.at += end;
        if opens && OPAQUE.contains(&name.as_str()) {
            let behind = from(self.page, self.at);
            self.at += closing(behind, &name).unwrap_or(behind.len());
        }
        if name == "br" {
            self.passage.part("\n");
        } else if !INLINE.contains(&name.as_str()) && !matches!(name.as_str(), "code" | "kbd" | "samp") {
            self.passage.part("\n\n");
        }
        true
    }

    /// Length of the tag that begins here.
    fn tag_end(&mut self) -> Option<usize> {
        let bytes = self.rest().as_bytes();
        if self.quotes {
            let mut quote = None;
            for (at, &byte) in bytes.iter().enumerate() {
                match (quote, byte) {
                    (None, b'>') => return Some(at + 1),
                    (None, b'"' | b'\'') if at > 0 && bytes[at - 1] == b'=' => quote = Some(byte),
                    (Some(open), close) if open == close => quote = None,
                    _ => {}
                }
            }
        }
        let plain = bytes.iter().position(|&byte| byte == b'>').map(|at| at + 1);
        self.quotes = false;
        self.tags = plain.is_some();
        plain
    }

    fn mark(&mut self, on: bool, here: usize) {
        match (on, self.off) {
            (true, Some(off)) => {
                self.passage.frozen.push(Span::<Byte>::new(off, here));
                self.off = None;
            }
            (false, None) => self.off = Some(here),
            _ => {}
        }
    }
}

fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or("")
}

fn upto(text: &str, len: usize) -> &str {
    text.get(..len).unwrap_or("")
}

/// Where the element of this name ends, with its closing tag.
fn closing(behind: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = from(behind, at).find("</") {
        at += found + 2;
        let tail = from(behind, at);
        if tail.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return Some(at + tail.find('>').map_or(tail.len(), |end| end + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(page: &str) -> String {
        passage(page, 0).text
    }

    #[test]
    fn only_what_a_reader_sees_is_text() {
        let page = "<!doctype html><title>in</title><script>var be = '<b>';</script><p class=\"x > y\">It <b>volition</b> be\
                    <br>a &amp; b&nbsp;c &unknown; 3 < 4</p><STYLE>p { in }</STYLE><pre>on</pre><!-- no -->end<code>x</code>ing";
        assert_eq!(text(page), "in\n\nIt volition be\na & b\u{a0}c &unknown; 3 < 4\n\nending");
    }

    #[test]
    fn words_are_found_again_in_the_page() {
        let page = "<p>It <b>volition</b> be vo<i>lit</i>ion &lt;on&gt;</p>";
        let passage = passage(page, 100);
        let at = passage.text.find("volition").unwrap();
        let raw = passage.raw(Span::new(at, at + 8)).unwrap();
        assert_eq!(Span::<Byte>::new(raw.start - 100, raw.end - 100).of(page), Some("volition"));
        let at = passage.text.rfind("volition").unwrap();
        assert_eq!(passage.raw(Span::new(at, at + 8)), None);
    }

    #[test]
    fn marks_freeze_and_broken_pages_are_read() {
        let passage = passage("a <!-- unspin:off -->b<!-- unspin:on --> c<!-- unspin:off -->d", 0);
        assert_eq!(passage.text, "a b cd");
        assert_eq!(passage.frozen, [Span::new(2, 3), Span::new(5, 6)]);
        for (page, wanted) in [
            ("a <&#116;in", "a <&#116;in"),
            ("a <", "a <"),
            ("a <b", "a <b"),
            ("a <!-- b", "a <!-- b"),
            ("<p x=\"y>b", "b"),
            ("<script>x", ""),
            ("&", "&"),
        ] {
            assert_eq!(text(page), wanted);
        }
    }

    #[test]
    fn a_word_behind_an_open_bracket_is_frozen() {
        let frozen = |page: &str| {
            let passage = passage(page, 0);
            passage.frozen.iter().filter_map(|span| span.of(&passage.text)).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(frozen("a 3 < 4 <in b <\u{e9} c"), ["<in", "<\u{e9}"]);
        assert_eq!(frozen("a <!-- unspin:off --> <in b"), [" <in b"]);
    }

    #[test]
    fn hostile_pages_take_linear_time() {
        for piece in ["<a ", "<a b=\"", "<!--", "&#", "</", "<script>", "<p>"] {
            let _ = text(&piece.repeat(100_000));
        }
    }
}
