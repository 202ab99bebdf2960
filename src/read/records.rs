//! The bytes of an input, cut into records.
//!
//! In: an opened input. Out: its records in order, each whole, and joined again the very bytes of the input. What is larger than
//! the cap, and what cannot be a record (a web archive out of step), comes in fragments that only pass through: memory
//! stays bounded and nothing is lost.

use std::io::{self, BufRead, Read};

use super::kind::Kind;
use super::limits::Limits;

/// Most bytes of a fragment.
const FRAGMENT: usize = 1 << 20;
/// Most bytes of a line in the head of an archive record, and of the head.
const HEAD: usize = 1 << 18;

/// What a stretch of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A record, or a whole document.
    Record,
    /// Between records: blank lines.
    Gap,
    /// The first fragment of a record over the cap.
    Large,
    /// The first fragment of what is no record.
    Foreign,
    /// A further fragment.
    Rest,
}

/// A stretch of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// What it is.
    pub shape: Shape,
    /// Which record it is, or belongs to, from 1.
    pub number: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Where the cutting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a record.
    Between,
    /// In fragments up to the end of the input.
    ToEnd,
    /// In fragments up to the end of a line.
    ToLine,
    /// In fragments of known length.
    Counted(u64),
    /// In fragments up to a line that begins a record.
    ToHead,
}

/// Cuts an input into records.
pub struct Records {
    reader: Box<dyn BufRead + Send>,
    kind: Kind,
    cap: usize,
    number: u64,
    state: State,
    /// The first line of an archive record, if it was read already.
    ahead: Vec<u8>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("kind", &self.kind).field("number", &self.number).finish_non_exhaustive()
    }
}

impl Records {
    /// Cuts from here on, where `number` records have gone before.
    #[must_use]
    pub fn new(reader: Box<dyn BufRead + Send>, kind: Kind, limits: Limits, number: u64) -> Self {
        Self { reader, kind, cap: limits.record, number, state: State::Between, ahead: Vec::new() }
    }

    /// The next stretch; `None` at the end.
    ///
    /// # Errors
    /// Those of the reader; there is nothing to read behind one.
    pub fn next_raw(&mut self) -> io::Result<Option<Raw>> {
        let (shape, bytes) = match self.state {
            State::Between => match self.kind {
                Kind::Jsonl => self.line()?,
                Kind::Warc => self.archived()?,
                _ => self.document()?,
            },
            State::ToEnd => (Shape::Rest, self.take(FRAGMENT)?),
            State::ToLine => {
                let (bytes, ended) = self.until_line_end(FRAGMENT)?;
                if ended {
                    self.state = State::Between;
                }
                (Shape::Rest, bytes)
            }
            State::Counted(left) => {
                let wanted = usize::try_from(left).unwrap_or(FRAGMENT).min(FRAGMENT);
                let mut bytes = self.take(wanted)?;
                let left = left - bytes.len() as u64;
                self.state = State::Counted(left);
                if left == 0 || bytes.is_empty() {
                    self.state = State::Between;
                    self.line_ends(&mut bytes)?;
                    if bytes.is_empty() {
                        // an empty record has no rest; what follows is no end of the stream
                        return self.next_raw();
                    }
                }
                (Shape::Rest, bytes)
            }
            State::ToHead => match self.until_head()? {
                // nothing lies between: go on with the record
                none if none.is_empty() && !self.ahead.is_empty() => self.archived()?,
                bytes => (Shape::Rest, bytes),
            },
        };
        if bytes.is_empty() {
            // an empty document is a document
            let empty = self.number == 0 && self.kind.is_document() && shape == Shape::Record;
            self.number += u64::from(empty);
            return Ok(empty.then_some(Raw { shape, number: self.number, bytes }));
        }
        if !matches!(shape, Shape::Gap | Shape::Rest) {
            self.number += 1;
        }
        Ok(Some(Raw { shape, number: self.number, bytes }))
    }

    fn document(&mut self) -> io::Result<(Shape, Vec<u8>)> {
        let bytes = self.take(self.cap.saturating_add(1))?;
        self.state = State::ToEnd;
        Ok((if bytes.len() > self.cap { Shape::Large } else { Shape::Record }, bytes))
    }

    fn line(&mut self) -> io::Result<(Shape, Vec<u8>)> {
        let (bytes, ended) = self.until_line_end(self.cap)?;
        if bytes.len() >= self.cap && !ended {
            self.state = State::ToLine;
            return Ok((Shape::Large, bytes));
        }
        Ok((if bytes.trim_ascii().is_empty() { Shape::Gap } else { Shape::Record }, bytes))
    }

    fn archived(&mut self) -> io::Result<(Shape, Vec<u8>)> {
        let mut bytes = std::mem::take(&mut self.ahead);
        if bytes.is_empty() {
            bytes = self.until_line_end(HEAD)?.0;
            if !bytes.starts_with(b"WARC/") {
                if bytes.trim_ascii().is_empty() {
                    return Ok((Shape::Gap, bytes));
                }
                self.state = State::ToHead;
                return Ok((Shape::Foreign, bytes));
            }
        }
        let mut length = None;
        loop {
            let (line, ended) = self.until_line_end(HEAD)?;
            bytes.extend_from_slice(&line);
            if !ended || bytes.len() > HEAD {
                self.state = State::ToHead;
                return Ok((Shape::Foreign, bytes));
            }
            if line.trim_ascii().is_empty() {
                break;
            }
            let (name, value) = line.split_at(line.iter().position(|&byte| byte == b':').unwrap_or(0));
            if name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
                // the first counts, as where the record is taken apart
                length = length.or_else(|| std::str::from_utf8(value.trim_ascii_start()).ok()?.get(1..)?.trim().parse::<u64>().ok());
            }
        }
        let Some(length) = length else {
            self.state = State::ToHead;
            return Ok((Shape::Foreign, bytes));
        };
        if length.saturating_add(bytes.len() as u64) > self.cap as u64 {
            self.state = State::Counted(length);
            return Ok((Shape::Large, bytes));
        }
        let before = bytes.len();
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        bytes.append(&mut self.take(wanted)?);
        let whole = bytes.len() - before == wanted;
        self.line_ends(&mut bytes)?;
        Ok((if whole { Shape::Record } else { Shape::Foreign }, bytes))
    }

    /// The two line ends behind an archive record.
    fn line_ends(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        for wanted in [b'\r', b'\n', b'\r', b'\n'] {
            let found = self.reader.fill_buf()?.first() == Some(&wanted);
            if found {
                bytes.push(wanted);
                self.reader.consume(1);
            } else if wanted == b'\n' {
                break;
            }
        }
        Ok(())
    }

    fn until_head(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < FRAGMENT {
            let (line, _) = self.until_line_end(HEAD)?;
            if line.starts_with(b"WARC/") {
                self.ahead = line;
                self.state = State::Between;
                break;
            }
            if line.is_empty() {
                self.state = State::Between;
                break;
            }
            bytes.extend_from_slice(&line);
        }
        Ok(bytes)
    }

    fn take(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Bytes up to and with a line end, at most `most`; whether the line, or the input, ended.
    fn until_line_end(&mut self, most: usize) -> io::Result<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(most as u64).read_until(b'\n', &mut bytes)?;
        let ended = bytes.ends_with(b"\n") || bytes.len() < most || self.reader.fill_buf()?.is_empty();
        Ok((bytes, ended))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8], kind: Kind, record: usize) -> Vec<Raw> {
        let reader = Box::new(io::BufReader::with_capacity(7, io::Cursor::new(bytes.to_vec())));
        let mut records = Records::new(reader, kind, Limits { record, ..Limits::default() }, 0);
        let mut out = Vec::new();
        while let Some(raw) = records.next_raw().unwrap() {
            out.push(raw);
        }
        assert_eq!(out.iter().flat_map(|raw| raw.bytes.clone()).collect::<Vec<_>>(), bytes, "joined");
        out
    }

    fn shapes(found: &[Raw]) -> Vec<(Shape, u64)> {
        found.iter().map(|raw| (raw.shape, raw.number)).collect()
    }

    #[test]
    fn lines_and_documents_are_whole_or_in_fragments() {
        use Shape::{Gap, Large, Record, Rest};
        let found = cut(b"{\"a\":1}\n\n{\"a\":2222222222222222}\r\n{}", Kind::Jsonl, 10);
        assert_eq!(shapes(&found), [(Record, 1), (Gap, 1), (Large, 2), (Rest, 2), (Record, 3)]);
        assert_eq!(shapes(&cut(b"12345", Kind::Text, 5)), [(Record, 1)]);
        assert_eq!(shapes(&cut(b"1234567", Kind::Text, 5)), [(Large, 1), (Rest, 1)]);
        assert_eq!(shapes(&cut(b"", Kind::Text, 5)), [(Record, 1)]);
        assert_eq!(shapes(&cut(b"", Kind::Jsonl, 5)), []);
    }

    #[test]
    fn archives_are_cut_and_found_again() {
        use Shape::{Foreign, Gap, Large, Record, Rest};
        let record = |body: &str| format!("WARC/1.0\r\nContent-Length: {}\r\n\r\n{body}\r\n\r\n", body.len());
        let stream = [record("one"), "\r\n".into(), record("two\r\n\r\n"), "what\r\nis it\r\n".into(), record("three")].concat();
        let found = cut(stream.as_bytes(), Kind::Warc, 100);
        assert_eq!(shapes(&found), [(Record, 1), (Gap, 1), (Record, 2), (Foreign, 3), (Rest, 3), (Record, 4)]);
        let found = cut(format!("{}{}", record(&"x".repeat(200)), record("y")).as_bytes(), Kind::Warc, 100);
        assert_eq!(shapes(&found), [(Large, 1), (Rest, 1), (Record, 2)]);
        // an empty record over the cap, and what is no record right behind it
        let found = cut(b"WARC/1.0\r\nContent-Length: 0\r\n\r\nx\r\n\r\n", Kind::Warc, 1);
        assert_eq!(shapes(&found)[..2], [(Large, 1), (Foreign, 2)]);
        let broken = format!("WARC/1.0\r\nContent-Length: x\r\n\r\nbody\r\n{}", record("y"));
        assert_eq!(shapes(&cut(broken.as_bytes(), Kind::Warc, 100)), [(Foreign, 1), (Rest, 1), (Record, 2)]);
        let next = format!("WARC/1.0\r\nX: y\r\n\r\n{}", record("y"));
        assert_eq!(shapes(&cut(next.as_bytes(), Kind::Warc, 100)), [(Foreign, 1), (Record, 2)]);
        assert_eq!(shapes(&cut(b"WARC/1.0\r\nContent-Length: 9\r\n\r\ncut", Kind::Warc, 100)), [(Foreign, 1)]);
    }
}
