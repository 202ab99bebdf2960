//! What an input holds: one document, or a stream of records.
//!
//! In: a name, the first plain bytes. Out: the kind. A name with a known ending is believed; only names that say nothing, and
//! standard input, are looked into.

use std::path::Path;

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Plain text: one document.
    Text,
    /// A page: one document, of which only the text between the tags is looked at.
    Html,
    /// Markdown: one document, without its code and link targets.
    Markdown,
    /// JSON Lines: a record a line.
    Jsonl,
    /// A web archive: WARC, or WET, which is WARC with the text of pages.
    Warc,
    /// Parquet.
    Parquet,
    /// Arrow IPC, as a file or as a stream.
    Arrow,
}

impl Kind {
    /// What the ending of a name promises; an ending of compression is passed over.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        // a name that is no text may have an ending that is
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let packed = [".gz", ".gzip", ".zst", ".zstd", ".bz2"].into_iter().find_map(|ending| name.strip_suffix(ending));
        let (_, ending) = packed.unwrap_or(&name).rsplit_once('.')?;
        Some(match ending {
            "txt" | "text" => Self::Text,
            "html" | "htm" | "xhtml" => Self::Html,
            "md" | "markdown" => Self::Markdown,
            "jsonl" | "ndjson" | "jsonlines" => Self::Jsonl,
            "warc" | "wet" => Self::Warc,
            "parquet" => Self::Parquet,
            "arrow" | "arrows" | "feather" => Self::Arrow,
            _ => return None,
        })
    }

    /// What the first plain bytes say.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Self {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        if head.starts_with(b"WARC/") {
            return Self::Warc;
        }
        if head.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        if head.starts_with(b"ARROW1") || head.starts_with(&[0xff, 0xff, 0xff, 0xff]) {
            return Self::Arrow;
        }
        let start = head.trim_ascii_start();
        let begins = |with: &[u8]| start.get(..with.len()).is_some_and(|found| found.eq_ignore_ascii_case(with));
        if begins(b"<!doctype html") || begins(b"<html") {
            return Self::Html;
        }
        if start.starts_with(b"{\"") && object_on_first_line(start) { Self::Jsonl } else { Self::Text }
    }

    /// Whether it is one document, not a stream of records.
    #[must_use]
    pub fn is_document(self) -> bool {
        matches!(self, Self::Text | Self::Html | Self::Markdown)
    }

    /// Whether it is a table with columns.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }
}

fn object_on_first_line(start: &[u8]) -> bool {
    match start.iter().position(|&byte| byte == b'\n') {
        Some(end) => serde_json::from_slice::<serde::de::IgnoredAny>(&start[..end]).is_ok(),
        // one line, longer than what is seen of it: an object so far
        None => match serde_json::from_slice::<serde::de::IgnoredAny>(start) {
            Ok(_) => true,
            Err(error) => error.is_eof(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_contents_tell_the_kind() {
        for (name, kind) in [
            ("a.txt", Some(Kind::Text)),
            ("CC-MAIN.warc.wet.gz", Some(Kind::Warc)),
            ("b/A.JSONL.zst", Some(Kind::Jsonl)),
            ("x.parquet", Some(Kind::Parquet)),
            ("README", None),
            ("x.gz", None),
        ] {
            assert_eq!(Kind::of_name(Path::new(name)), kind, "{name}");
        }
        for (head, kind) in [
            ("WARC/1.0\r\n", Kind::Warc),
            ("\u{feff}{\"text\":\"a\"}\n{", Kind::Jsonl),
            ("{\"text\":\"a", Kind::Jsonl),
            ("{\"text\" or so}\n", Kind::Text),
            (" <!DOCTYPE HTML>", Kind::Html),
            ("In short", Kind::Text),
            ("", Kind::Text),
        ] {
            assert_eq!(Kind::of_head(head.as_bytes()), kind, "{head}");
        }
    }
}
