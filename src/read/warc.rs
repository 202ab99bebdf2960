//! A record of a web archive: WARC, or WET.
//!
//! In: the bytes of one record. Out: its text as a [`Passage`], and the record with another block: lengths and digests are those of the
//! new block, every other byte of the heads stays. Text is in `conversion` records (WET) and in HTML responses. A response whose body is
//! chunked or compressed is unpacked first ([`Archived::plain`]) and, if it is edited, stays so, as large crawls store them: its old
//! headers are kept under names that begin with `X-Crawler-`.

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::html;
use super::passage::Passage;

/// Why a record is left as it is although it should hold text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WarcError {
    /// The head is damaged.
    #[error("this is no archive record: its head or its length is wrong")]
    Head,
    /// Not UTF-8.
    #[error("the text of this record is not UTF-8 (byte {0})")]
    NotUtf8(usize),
    /// A body in a coding that is not known.
    #[error("the page of this record is stored in the coding `{0}`, which is not known; chunked, gzip, deflate, br and zstd are")]
    Coding(String),
    /// A body that cannot be unpacked.
    #[error("the page of this record cannot be unpacked ({coding}): {why}")]
    Body {
        /// The coding.
        coding: String,
        /// What is wrong.
        why: String,
    },
    /// A body over the cap.
    #[error("the page of this record has more than {0} bytes when unpacked; raise --max-record to restore it")]
    TooLarge(usize),
    /// A digest that we cannot write.
    #[error("the digest `{0}` of this record is of a kind that is not known; sha1, sha256 and sha512 are")]
    Digest(String),
}

/// One record, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    fields: Vec<Field>,
    block: Range<usize>,
    /// Of a response: its own head and where the payload begins.
    http: Option<(Vec<Field>, usize)>,
}

/// One line of a head.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    value: String,
    /// Where its line begins in the record.
    line: usize,
    /// Where the value stands in the record.
    at: Range<usize>,
}

impl Archived {
    /// Takes a record apart.
    ///
    /// # Errors
    /// [`WarcError::Head`] if it is none.
    pub fn new(record: &[u8]) -> Result<Self, WarcError> {
        let (fields, start) = head(record, 0).filter(|_| record.starts_with(b"WARC/")).ok_or(WarcError::Head)?;
        let length: usize = value(&fields, "content-length").and_then(|length| length.parse().ok()).ok_or(WarcError::Head)?;
        let end = start.checked_add(length).filter(|&end| end <= record.len()).ok_or(WarcError::Head)?;
        let is_http = value(&fields, "content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/http"));
        let http = if is_http { record.get(..end).and_then(|whole| head(whole, start)) } else { None };
        Ok(Self { fields, block: start..end, http })
    }

    /// The id of the record, without angle brackets.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        value(&self.fields, "warc-record-id").map(|id| id.trim_start_matches('<').trim_end_matches('>'))
    }

    /// Where the text begins and whether it is a page, if the record is of a kind that has one.
    fn text(&self) -> Option<(usize, bool)> {
        let of = |fields: &[Field], name: &str| value(fields, name).map(str::to_ascii_lowercase).unwrap_or_default();
        let (start, content) = match (&self.http, of(&self.fields, "warc-type").as_str()) {
            (Some((http, start)), "response") => (*start, of(http, "content-type")),
            (None, "conversion" | "resource") => (self.block.start, of(&self.fields, "content-type")),
            _ => return None,
        };
        let is = |wanted: &str| content.split(';').next().is_some_and(|found| found.trim() == wanted);
        let is_page = is("text/html") || is("application/xhtml+xml");
        let segmented = value(&self.fields, "warc-segment-number").is_some();
        (!segmented && (is_page || is("text/plain") && self.http.is_none())).then_some((start, is_page))
    }

    /// The record with the page of its response unpacked, if it is stored chunked or compressed; at most `most` bytes of it. Digests
    /// are those of the record before.
    ///
    /// # Errors
    /// [`WarcError`] if the page cannot be unpacked.
    pub fn plain(&self, record: &[u8], most: usize) -> Result<Option<Vec<u8>>, WarcError> {
        let (Some((http, start)), Some(_)) = (&self.http, self.text()) else { return Ok(None) };
        let body = record.get(*start..self.block.end).ok_or(WarcError::Head)?;
        let mut page = Cow::Borrowed(body);
        for name in ["transfer-encoding", "content-encoding"] {
            // the last coding was put on last
            let codings = http.iter().filter(|field| field.name == name).flat_map(|field| field.value.split(','));
            for coding in codings.map(|coding| coding.trim().to_ascii_lowercase()).collect::<Vec<_>>().iter().rev() {
                if let Some(unpacked) = unpacked(&page, coding, most)? {
                    page = Cow::Owned(unpacked);
                }
            }
        }
        let Cow::Owned(page) = page else { return Ok(None) };
        let old = |field: &&Field| matches!(field.name.as_str(), "transfer-encoding" | "content-encoding" | "content-length");
        let mut lines: Vec<(Range<usize>, String)> =
            http.iter().filter(old).map(|field| (field.line..field.line, "X-Crawler-".into())).collect();
        if let Some((_, first)) = lines.first_mut() {
            *first = format!("Content-Length: {}\r\n{first}", page.len());
        }
        let grown: usize = lines.iter().map(|(_, new)| new.len()).sum();
        let length = start - self.block.start + grown + page.len();
        let own = self.fields.iter().filter(|field| field.name == "content-length").map(|field| (field.at.clone(), length.to_string()));
        let changes: Vec<(Range<usize>, String)> = own.chain(lines).collect();
        let mut out = spliced(record.get(..*start).unwrap_or(&[]), &changes);
        out.extend_from_slice(&page);
        out.extend_from_slice(record.get(self.block.end..).unwrap_or(&[]));
        Ok(Some(out))
    }

    /// The text, if the record is of a kind that has one and it is not packed.
    ///
    /// # Errors
    /// [`WarcError::NotUtf8`] if the text is in some other encoding.
    pub fn passage(&self, record: &[u8]) -> Result<Option<Passage>, WarcError> {
        let Some((start, is_page)) = self.text() else { return Ok(None) };
        let body = record.get(start..self.block.end).ok_or(WarcError::Head)?;
        let text = std::str::from_utf8(body).map_err(|error| WarcError::NotUtf8(error.valid_up_to()))?;
        if is_page {
            return Ok(Some(html::passage(text, start)));
        }
        let mut passage = Passage::default();
        passage.keep(start, text);
        Ok(Some(passage))
    }

    /// The record after its text was edited: `edited` is the record with a new block under the old head.
    ///
    /// # Errors
    /// [`WarcError::Digest`] if a digest cannot be made anew.
    pub fn sealed(&self, record: &[u8], edited: &[u8]) -> Result<Vec<u8>, WarcError> {
        let end = (edited.len() + self.block.end).checked_sub(record.len()).ok_or(WarcError::Head)?;
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        let mut block = edited.get(self.block.start..end).ok_or(WarcError::Head)?.to_vec();
        let mut payload = 0;
        if let Some((http, start)) = &self.http {
            let grown = end - start;
            let lengths = http.iter().filter(|field| field.name == "content-length");
            let lengths = lengths.map(|field| (field.at.start - self.block.start..field.at.end - self.block.start, grown.to_string()));
            let before = block.len();
            block = spliced(&block, &lengths.collect::<Vec<_>>());
            // the head of the response may have grown by a digit
            payload = (start - self.block.start + block.len()).saturating_sub(before);
        }
        for field in &self.fields {
            let new = match field.name.as_str() {
                "content-length" => block.len().to_string(),
                "warc-block-digest" => digest(&field.value, &block)?,
                "warc-payload-digest" => digest(&field.value, block.get(payload..).unwrap_or(&[]))?,
                _ => continue,
            };
            changes.push((field.at.clone(), new));
        }
        let mut out = spliced(edited.get(..self.block.start).unwrap_or(&[]), &changes);
        out.append(&mut block);
        out.extend_from_slice(edited.get(end..).unwrap_or(&[]));
        Ok(out)
    }
}

/// A body without one coding, at most `most` bytes; `None` if there is none, or if the header is left over from a body that was unpacked
/// when it was stored.
fn unpacked(body: &[u8], coding: &str, most: usize) -> Result<Option<Vec<u8>>, WarcError> {
    let plain: Box<dyn Read + '_> = match coding {
        "" | "identity" => return Ok(None),
        "chunked" => return Ok(dechunked(body)),
        "gzip" | "x-gzip" if body.starts_with(&[0x1f, 0x8b]) => Box::new(flate2::read::MultiGzDecoder::new(body)),
        "deflate" if is_zlib(body) => Box::new(flate2::read::ZlibDecoder::new(body)),
        "deflate" if !body.trim_ascii_start().starts_with(b"<") => Box::new(flate2::read::DeflateDecoder::new(body)),
        "zstd" if body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
            let whole = zstd::stream::read::Decoder::with_buffer(body);
            Box::new(whole.map_err(|error| WarcError::Body { coding: coding.to_owned(), why: error.to_string() })?)
        }
        "br" if !body.trim_ascii_start().starts_with(b"<") => Box::new(brotli_decompressor::Decompressor::new(body, 1 << 12)),
        "gzip" | "x-gzip" | "deflate" | "zstd" | "br" => return Ok(None),
        other => return Err(WarcError::Coding(other.to_owned())),
    };
    let mut out = Vec::new();
    let cap = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let done = plain.take(cap).read_to_end(&mut out);
    done.map_err(|error| WarcError::Body { coding: coding.to_owned(), why: error.to_string() })?;
    if out.len() > most { Err(WarcError::TooLarge(most)) } else { Ok(Some(out)) }
}

/// Whether bytes begin with the head of a zlib stream.
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..] if method & 15 == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

/// A body in chunks, joined; `None` if it is not chunked to its end.
fn dechunked(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = body.iter().position(|&byte| byte == b'\n')?;
        let (line, rest) = body.split_at(end + 1);
        let size = std::str::from_utf8(line).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(..size)?);
        let behind = rest.get(size..)?;
        body = behind.strip_prefix(b"\r\n").or_else(|| behind.strip_prefix(b"\n"))?;
    }
}

fn value<'f>(fields: &'f [Field], name: &str) -> Option<&'f str> {
    fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
}

/// The lines of a head that begins at `start`, without the first, and where it ends. Names are in lower case.
fn head(bytes: &[u8], start: usize) -> Option<(Vec<Field>, usize)> {
    let mut at = start;
    let mut fields = Vec::new();
    let mut first = true;
    loop {
        let rest = bytes.get(at..)?;
        let len = rest.iter().position(|&byte| byte == b'\n')?;
        let line = rest.get(..len)?.trim_ascii_end();
        if line.is_empty() {
            return Some((fields, at + len + 1));
        }
        if let Some(colon) = line.iter().position(|&byte| byte == b':').filter(|_| !first) {
            let raw = line.get(colon + 1..)?;
            let lead = raw.len() - raw.trim_ascii_start().len();
            let name = String::from_utf8_lossy(line.get(..colon)?).trim().to_ascii_lowercase();
            let value = String::from_utf8_lossy(raw.get(lead..)?).into_owned();
            fields.push(Field { name, value, line: at, at: at + colon + 1 + lead..at + line.len() });
        }
        first = false;
        at += len + 1;
    }
}

fn spliced(bytes: &[u8], changes: &[(Range<usize>, String)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut at = 0;
    for (range, new) in changes {
        out.extend_from_slice(bytes.get(at..range.start).unwrap_or(&[]));
        out.extend_from_slice(new.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or(&[]));
    out
}

/// A digest of the same kind and spelling as `old`.
fn digest(old: &str, bytes: &[u8]) -> Result<String, WarcError> {
    let unknown = || WarcError::Digest(old.to_owned());
    let (name, spelled) = old.split_once(':').ok_or_else(unknown)?;
    let hash = match name.to_ascii_lowercase().as_str() {
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" | "sha-256" => Sha256::digest(bytes).to_vec(),
        "sha512" | "sha-512" => sha2::Sha512::digest(bytes).to_vec(),
        _ => return Err(unknown()),
    };
    let lower = !spelled.bytes().any(|byte| byte.is_ascii_uppercase());
    let new = if spelled.trim().len() == hash.len() * 2 { hex(&hash) } else { base32(&hash, spelled.ends_with('=')) };
    Ok(format!("{name}:{}", if lower { new.to_ascii_lowercase() } else { new.to_ascii_uppercase() }))
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base32(hash: &[u8], padded: bool) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for group in hash.chunks(5) {
        let mut bits = 0u64;
        for index in 0..5 {
            bits = bits << 8 | u64::from(group.get(index).copied().unwrap_or(0));
        }
        let used = (group.len() * 8).div_ceil(5);
        for index in 0..8 {
            if index < used {
                out.push(char::from(letters[usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or(0)]));
            } else if padded {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    /// Puts `to` for `from` as an edit of the passage would.
    fn edited(record: &str, from: &str, to: &str) -> String {
        let archived = Archived::new(record.as_bytes()).unwrap();
        let passage = archived.passage(record.as_bytes()).unwrap().unwrap();
        let at = passage.text.find(from).unwrap();
        let raw = passage.raw(Span::new(at, at + from.len())).unwrap();
        let new = spliced(record.as_bytes(), &[(raw.start..raw.end, to.to_owned())]);
        String::from_utf8(archived.sealed(record.as_bytes(), &new).unwrap()).unwrap()
    }

    #[test]
    fn base32_is_that_of_the_standard() {
        for (text, wanted) in [("", ""), ("f", "MY======"), ("foo", "MZXW6==="), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI======")] {
            assert_eq!(base32(text.as_bytes(), true), wanted);
        }
    }

    #[test]
    fn a_conversion_is_sealed_anew() {
        let head = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:1>\r\nContent-Type: text/plain\r\n";
        let record = |digest: &str, text: &str| {
            format!("{head}WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n", text.len())
        };
        let of = |text: &str| base32(&Sha1::digest(text.as_bytes()), false);
        let (before, after) = ("it beryllium", "it be");
        assert_eq!(edited(&record(&of(before), before), "beryllium", "be"), record(&of(after), after));
        assert_eq!(Archived::new(record("", "").as_bytes()).unwrap().id(), Some("urn:uuid:1"));
        let odd = record("x", before).replace("sha1", "md4");
        assert!(matches!(Archived::new(odd.as_bytes()).unwrap().sealed(odd.as_bytes(), odd.as_bytes()), Err(WarcError::Digest(_))));
    }

    #[test]
    fn a_response_is_sealed_anew() {
        let record = |page: &str| {
            let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n", page.len());
            let block = format!("{http}{page}");
            format!(
                "WARC/1.1\r\nWARC-Type: response\r\nWARC-Block-Digest: sha256:{}\r\nWARC-Payload-Digest: sha1:{}\r\n\
                 Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
                hex(&Sha256::digest(block.as_bytes())),
                base32(&Sha1::digest(page.as_bytes()), false),
                block.len()
            )
        };
        let page = format!("<p class=\"oregon\">{} tin oregon not</p>", "x".repeat(70));
        assert_eq!(edited(&record(&page), "oregon", "or"), record(&page.replace("n oregon", "n or")));
    }

    /// A response with these headers and this body.
    fn response(headers: &str, body: &[u8]) -> Vec<u8> {
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n");
        let length = http.len() + body.len();
        let head = format!("WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {length}\r\n\r\n{http}");
        [head.as_bytes(), body, b"\r\n\r\n"].concat()
    }

    fn gzipped(text: &str) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
        out.finish().unwrap()
    }

    fn chunks(body: &[u8]) -> Vec<u8> {
        let mut out: Vec<u8> =
            body.chunks(7).flat_map(|part| [format!("{:x};x=y\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()).collect();
        out.extend_from_slice(b"0\r\n\r\n");
        out
    }

    fn plain(record: &[u8], most: usize) -> Result<Option<Vec<u8>>, WarcError> {
        Archived::new(record).unwrap().plain(record, most)
    }

    #[test]
    fn pages_are_unpacked() {
        let page = "<p>it tin oregon not</p>";
        let zlib = {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut out, page.as_bytes()).unwrap();
            out.finish().unwrap()
        };
        let raw_deflate = zlib.get(2..zlib.len() - 4).unwrap().to_vec();
        let zstd = ::zstd::stream::encode_all(page.as_bytes(), 1).unwrap();
        for (headers, body) in [
            ("Transfer-Encoding: chunked\r\n", chunks(page.as_bytes())),
            ("Content-Encoding: gzip\r\n", gzipped(page)),
            ("content-encoding: GZIP\r\nTransfer-Encoding: chunked\r\n", chunks(&gzipped(page))),
            ("Content-Encoding: deflate\r\n", zlib),
            ("Content-Encoding: deflate\r\n", raw_deflate),
            ("Content-Encoding: zstd\r\n", zstd),
            // an uncompressed last block of brotli has this form
            ("Content-Encoding: br\r\n", [&[0x8b, 0x0b, 0x80], page.as_bytes(), &[0x03]].concat()),
        ] {
            let record = response(headers, &body);
            let unpacked = plain(&record, 1000).unwrap_or_else(|error| panic!("{headers}{error}")).unwrap();
            let archived = Archived::new(&unpacked).unwrap();
            let text = String::from_utf8(unpacked.clone()).unwrap();
            assert!(text.ends_with(&format!("\r\n\r\n{page}\r\n\r\n")), "{text}");
            assert!(text.contains(&format!("\r\nContent-Length: {}\r\nX-Crawler-", page.len())), "{text}");
            assert_eq!(archived.plain(&unpacked, 1000), Ok(None));
            assert_eq!(archived.passage(&unpacked).unwrap().unwrap().text.trim(), "it tin oregon not");
            assert_eq!(archived.sealed(&unpacked, &unpacked).unwrap(), unpacked);
        }
    }

    #[test]
    fn what_cannot_be_unpacked_is_told() {
        let whole = gzipped(&"x".repeat(100));
        assert_eq!(plain(&response("Content-Encoding: gzip\r\n", &whole), 99), Err(WarcError::TooLarge(99)));
        let cut = response("Content-Encoding: gzip\r\n", whole.get(..12).unwrap());
        assert!(matches!(plain(&cut, 1000), Err(WarcError::Body { .. })));
        assert_eq!(plain(&response("Content-Encoding: compress\r\n", b"x"), 99), Err(WarcError::Coding("compress".into())));
        // headers that were left over
        for headers in
            ["Content-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: br\r\n", "Content-Encoding: identity\r\n"]
        {
            assert_eq!(plain(&response(headers, b"<p>be</p>"), 99), Ok(None), "{headers}");
        }
    }

    #[test]
    fn other_records_have_no_text() {
        for record in [
            "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\na",
            "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: image/png\r\nContent-Length: 1\r\n\r\na",
        ] {
            assert_eq!(Archived::new(record.as_bytes()).unwrap().passage(record.as_bytes()), Ok(None));
        }
        assert_eq!(Archived::new(b"WARC/1.0\r\nContent-Length: 9\r\n\r\na"), Err(WarcError::Head));
        assert_eq!(Archived::new(b"x"), Err(WarcError::Head));
    }
}
