//! A record of a web archive: WARC, or WET.
//!
//! In: the bytes of one record. Out: its text as a [`Passage`], and the record with another block: lengths and digests are those of the
//! new block, every other byte of the heads stays. Text is in `conversion` records (WET) and in HTML responses that are stored as they
//! are; what is compressed or chunked inside, and every other record, has no text for us.

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

    /// The text, if the record is of a kind that has one.
    ///
    /// # Errors
    /// [`WarcError::NotUtf8`] if the text is in some other encoding.
    pub fn passage(&self, record: &[u8]) -> Result<Option<Passage>, WarcError> {
        let of = |fields: &[Field], name: &str| value(fields, name).map(str::to_ascii_lowercase).unwrap_or_default();
        let kind = of(&self.fields, "warc-type");
        let segmented = value(&self.fields, "warc-segment-number").is_some();
        let (start, content) = match (&self.http, kind.as_str()) {
            (Some((http, start)), "response") => {
                let stored = |name| matches!(of(http, name).as_str(), "" | "identity");
                if !stored("content-encoding") || !stored("transfer-encoding") {
                    return Ok(None);
                }
                (*start, of(http, "content-type"))
            }
            (None, "conversion" | "resource") => (self.block.start, of(&self.fields, "content-type")),
            _ => return Ok(None),
        };
        let body = record.get(start..self.block.end).ok_or(WarcError::Head)?;
        let is = |wanted: &str| content.split(';').next().is_some_and(|found| found.trim() == wanted);
        let is_page = is("text/html") || is("application/xhtml+xml");
        if segmented || !(is_page || is("text/plain") && self.http.is_none()) {
            return Ok(None);
        }
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
            fields.push(Field { name, value, at: at + colon + 1 + lead..at + line.len() });
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
        let chunked = record(&page).replace("charset=utf-8", "x\r\nTransfer-Encoding: chunked");
        // longer than it says, so the block is cut: still no text is looked for
        assert_eq!(Archived::new(chunked.as_bytes()).unwrap().passage(chunked.as_bytes()), Ok(None));
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
