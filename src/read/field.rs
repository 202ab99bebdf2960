//! The text field of a JSON record.
//!
//! In: one line of JSON Lines, the path of a field. Out: the text as a [`Passage`] over the bytes of the line, and the id. The record
//! is not parsed into values and written again: its order, spaces, numbers and escapes stay as they are.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::passage::{Passage, Writing};

/// The path of a field: keys with dots between them; a dot inside a key is written `\.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    keys: Vec<String>,
    name: String,
}

impl Field {
    /// The field of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut keys = vec![String::new()];
        let mut characters = name.chars();
        while let Some(character) = characters.next() {
            match (character, keys.last_mut()) {
                ('.', _) => keys.push(String::new()),
                ('\\', Some(key)) => key.extend(characters.next()),
                (other, Some(key)) => key.push(other),
                (_, None) => {}
            }
        }
        Self { keys, name: name.to_owned() }
    }

    /// As it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Why a record has no text to restore.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// Not UTF-8.
    #[error("this record is not UTF-8 (byte {0})")]
    NotUtf8(usize),
    /// Not JSON.
    #[error("this record is not a JSON object: {0}")]
    Json(String),
    /// No such field.
    #[error("this record has no field `{0}`; name another with --field")]
    Missing(String),
    /// Not a string.
    #[error("the field `{0}` is not a string")]
    NotText(String),
}

/// What a record gives.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Its id, if it has one that is a string or a number.
    pub id: Option<String>,
    /// Its text, `None` if the field is null; or why there is none.
    pub text: Result<Option<Passage>, FieldError>,
}

/// Takes id and text from a record.
///
/// # Errors
/// [`FieldError`] if it is no record.
pub fn find(record: &[u8], field: &Field, id: &Field) -> Result<Found, FieldError> {
    let line = std::str::from_utf8(record).map_err(|error| FieldError::NotUtf8(error.valid_up_to()))?;
    let body = line.strip_prefix('\u{feff}').unwrap_or(line);
    let base = line.len() - body.len();
    let [text, id] = look(body, [&field.keys, &id.keys]).map_err(|error| FieldError::Json(error.to_string()))?;
    let id = id.and_then(|raw| match serde_json::from_str(raw) {
        Ok(serde_json::Value::String(id)) => Some(id),
        Ok(serde_json::Value::Number(id)) => Some(id.to_string()),
        _ => None,
    });
    let text = match text {
        None => Err(FieldError::Missing(field.name.clone())),
        Some("null") => Ok(None),
        Some(raw) => {
            // a part of the line, so its place is the difference of their addresses
            let at = raw.as_ptr().addr() - body.as_ptr().addr() + base;
            string(raw, at).map(Some).ok_or_else(|| FieldError::NotText(field.name.clone()))
        }
    };
    Ok(Found { id, text })
}

/// The raw values at two paths.
fn look<'j, const N: usize>(json: &'j str, paths: [&[String]; N]) -> serde_json::Result<[Option<&'j str>; N]> {
    let heads = paths.map(|path| path.first().map_or("", String::as_str));
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut found = reader.deserialize_map(Pick { heads })?;
    reader.end()?;
    for (found, path) in found.iter_mut().zip(paths) {
        if let (Some(raw), Some(rest)) = (*found, path.get(1..))
            && !rest.is_empty()
        {
            *found = if raw.starts_with('{') { look(raw, [rest])?[0] } else { None };
        }
    }
    Ok(found)
}

struct Pick<'k, const N: usize> {
    heads: [&'k str; N],
}

impl<'j, const N: usize> Visitor<'j> for Pick<'_, N> {
    type Value = [Option<&'j str>; N];

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        // of two keys with one name the last counts, as nearly every reader has it
        while let Some(Key(key)) = map.next_key()? {
            let value: &'j RawValue = map.next_value()?;
            for (slot, _) in found.iter_mut().zip(self.heads).filter(|(_, head)| *head == key) {
                *slot = Some(value.get());
            }
        }
        Ok(found)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'j>(#[serde(borrow)] Cow<'j, str>);

/// The text of a JSON string that stands at `at`; `None` if it is no string. Half of a surrogate pair reads as U+FFFD.
fn string(raw: &str, at: usize) -> Option<Passage> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    let at = at + 1;
    let mut passage = Passage::new(Writing::Json);
    let mut rest = inner;
    while let Some((before, behind)) = rest.split_once('\\') {
        let here = at + inner.len() - rest.len();
        if !before.is_empty() {
            passage.keep(here, before);
        }
        let here = here + before.len();
        let (character, len) = escape(behind);
        passage.decode(here, len + 1, character);
        rest = behind.get(len..)?;
    }
    if !rest.is_empty() {
        passage.keep(at + inner.len() - rest.len(), rest);
    }
    Some(passage)
}

/// The character of an escape, and its length behind the backslash. The string is known to be valid JSON.
fn escape(behind: &str) -> (char, usize) {
    let unit = |from: usize| behind.get(from..from + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    match behind.as_bytes().first() {
        Some(b'n') => ('\n', 1),
        Some(b't') => ('\t', 1),
        Some(b'r') => ('\r', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'u') => {
            let first = unit(1).unwrap_or(0xfffd);
            let pair = behind.get(5..7).filter(|next| *next == "\\u").and_then(|_| unit(7));
            let both = char::decode_utf16([first, pair.unwrap_or(0)]).next();
            match both {
                Some(Ok(character)) => (character, if character.len_utf16() == 2 { 11 } else { 5 }),
                _ => (char::REPLACEMENT_CHARACTER, 5),
            }
        }
        Some(&other) => (char::from(other), 1),
        None => (char::REPLACEMENT_CHARACTER, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn take(record: &str, field: &str) -> Result<Found, FieldError> {
        find(record.as_bytes(), &Field::new(field), &Field::new("id"))
    }

    #[test]
    fn the_text_and_its_place_are_found() {
        let record = r#" {"id": 7, "a" : {"b.c":"no", "b":"x\u0065\n\ud83d\ude00 \"in\" \/ é"}, "z":[1e400]}"#;
        let found = take(record, "a.b").unwrap();
        assert_eq!(found.id.as_deref(), Some("7"));
        let passage = found.text.unwrap().unwrap();
        assert_eq!(passage.text, "xe\n\u{1f600} \"in\" / é");
        let at = passage.text.find("in").unwrap();
        let raw = passage.raw(Span::new(at, at + 2)).unwrap();
        assert_eq!(raw.of(record), Some("in"));
        assert_eq!(take(record, r"a.b\.c").unwrap().text.unwrap().unwrap().text, "no");
        assert_eq!(take("{\"text\":\"a\\ud800b\"}", "text").unwrap().text.unwrap().unwrap().text, "a\u{fffd}b");
        assert_eq!(take(r#"{"text":"a","text":"b"}"#, "text").unwrap().text.unwrap().unwrap().text, "b");
        assert_eq!(take(r#"{"te\u0078t":"a","id":"x"}"#, "text").unwrap().id.as_deref(), Some("x"));
        assert_eq!(take(r#"{"text":null}"#, "text").unwrap().text, Ok(None));
    }

    #[test]
    fn what_is_no_record_is_told() {
        assert!(matches!(take("[1]", "text"), Err(FieldError::Json(_))));
        assert!(matches!(take(r#"{"text":"a"} x"#, "text"), Err(FieldError::Json(_))));
        assert!(matches!(take(r#"{"text":"a"#, "text"), Err(FieldError::Json(_))));
        assert!(matches!(take(r#"{"t":"a"}"#, "text").unwrap().text, Err(FieldError::Missing(_))));
        assert!(matches!(take(r#"{"text":"a"}"#, "text.b").unwrap().text, Err(FieldError::Missing(_))));
        assert!(matches!(take(r#"{"text":[]}"#, "text").unwrap().text, Err(FieldError::NotText(_))));
        // it is known all the same which record it is
        assert_eq!(take(r#"{"text":[],"id":"x"}"#, "text").unwrap().id.as_deref(), Some("x"));
        assert!(matches!(find(b"{\"text\":\"\xff\"}", &Field::new("text"), &Field::new("id")), Err(FieldError::NotUtf8(9))));
    }
}
