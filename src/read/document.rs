//! One input as it was read: its bytes, and whether they are text.
//!
//! In: bytes. Out: a [`Document`] that gives the text if there is one, and the very bytes in any case. A byte order mark stays
//! part of the text, so offsets in bytes are those of the file, if it is UTF-8.

use super::Encoding;

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotText {
    /// Two bytes a character.
    #[error("this is UTF-16; say so with --encoding utf-16")]
    Utf16,
    /// Holds a NUL.
    #[error("this is binary (byte {at} is NUL); only UTF-8 text can be restored")]
    Binary {
        /// Offset of the first NUL.
        at: usize,
    },
    /// Some other encoding, or damaged.
    #[error("this is not UTF-8 (byte {at}); say what it is with --encoding, such as latin-1")]
    NotUtf8 {
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// Said to be UTF-16, and is not.
    #[error("this is not UTF-16 (byte {at})")]
    NotUtf16 {
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// UTF-16 of unknown order.
    #[error("this does not begin with a byte order mark; give the order with --encoding utf-16le or utf-16be")]
    NoMark,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Encoded(Vec<u8>, Encoding, String),
    Opaque(Vec<u8>, NotText),
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name in messages and logs: the path as given, or `-`.
    pub id: String,
    content: Content,
}

impl Document {
    /// A document of these bytes, which are in some encoding.
    #[must_use]
    pub fn encoded(id: &str, bytes: Vec<u8>, encoding: Encoding) -> Self {
        if encoding == Encoding::Utf8 {
            return Self::new(id, bytes);
        }
        let content = match encoding.decode(&bytes) {
            Ok((encoding, text)) => match nul(text.as_bytes()) {
                Some(at) => Content::Opaque(bytes, NotText::Binary { at }),
                None => Content::Encoded(bytes, encoding, text),
            },
            Err(why) => Content::Opaque(bytes, why),
        };
        Self { id: id.to_owned(), content }
    }

    /// A document of these bytes, in UTF-8 if they are text.
    #[must_use]
    pub fn new(id: &str, bytes: Vec<u8>) -> Self {
        let content = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            Content::Opaque(bytes, NotText::Utf16)
        } else if let Some(at) = nul(&bytes) {
            Content::Opaque(bytes, NotText::Binary { at })
        } else {
            match String::from_utf8(bytes) {
                Ok(text) => Content::Text(text),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    Content::Opaque(error.into_bytes(), NotText::NotUtf8 { at })
                }
            }
        };
        Self { id: id.to_owned(), content }
    }

    /// The bytes as they were read.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Text(text) => text.as_bytes(),
            Content::Encoded(bytes, ..) | Content::Opaque(bytes, _) => bytes,
        }
    }

    /// The bytes of another text in the encoding of this document; `None` if it has characters that the encoding does not.
    #[must_use]
    pub fn written(&self, text: &str) -> Option<Vec<u8>> {
        match &self.content {
            Content::Encoded(_, encoding, _) => encoding.encode(text),
            Content::Text(_) | Content::Opaque(..) => Some(text.as_bytes().to_vec()),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// [`NotText`] if the bytes are none.
    pub fn text(&self) -> Result<&str, NotText> {
        match &self.content {
            Content::Text(text) | Content::Encoded(_, _, text) => Ok(text),
            Content::Opaque(_, why) => Err(*why),
        }
    }
}

/// Where the first NUL stands, if there is one: no text has any.
pub fn nul(bytes: &[u8]) -> Option<usize> {
    // `contains` looks at many bytes at once, `position` at each
    if bytes.contains(&0) { bytes.iter().position(|&byte| byte == 0) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_and_text_is_told_from_the_rest() {
        assert_eq!(Document::encoded("x", b"a\0".to_vec(), Encoding::Latin1).text(), Err(NotText::Binary { at: 1 }));
        let cases: [(&[u8], Result<&str, NotText>); 5] = [
            (b"", Ok("")),
            (b"\xef\xbb\xbfcaf\xc3\xa9", Ok("\u{feff}café")),
            (b"caf\xe9", Err(NotText::NotUtf8 { at: 3 })),
            (b"a\0b", Err(NotText::Binary { at: 1 })),
            (b"\xff\xfea\0", Err(NotText::Utf16)),
        ];
        for (bytes, text) in cases {
            let document = Document::new("x", bytes.to_vec());
            assert_eq!(document.text(), text);
            assert_eq!(document.bytes(), bytes);
        }
    }
}
