//! How the characters of a document are written as bytes.
//!
//! In: bytes, which encoding they are said to be in. Out: their text, and the way back. Each encoding here is one to one: a text that was
//! decoded gives the same bytes when it is encoded, so what no edit touches stays as it is.

use std::str::FromStr;

use super::NotText;

/// A way to write characters as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// With a byte order mark or without.
    #[default]
    Utf8,
    /// Two bytes a unit; the byte order mark tells their order.
    Utf16,
    /// Two bytes a unit, the low one first.
    Utf16Le,
    /// Two bytes a unit, the high one first.
    Utf16Be,
    /// ISO 8859-1: each byte is the character of its number.
    Latin1,
    /// Latin-1 with quotation marks, dashes and the euro sign at 80 to 9f (hexadecimal).
    Windows1252,
}

/// Names that can be given, and what they name.
const NAMES: [(&str, Encoding); 6] = [
    ("utf-8", Encoding::Utf8),
    ("utf-16", Encoding::Utf16),
    ("utf-16le", Encoding::Utf16Le),
    ("utf-16be", Encoding::Utf16Be),
    ("latin-1", Encoding::Latin1),
    ("windows-1252", Encoding::Windows1252),
];

/// The characters of Windows-1252 at 80 to 9f; the five bytes without one stand for the control characters of Latin-1.
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}',
    '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
    '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

impl FromStr for Encoding {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let lower = name.to_ascii_lowercase();
        let found = NAMES.iter().find(|(known, _)| *known == lower || known.replace('-', "") == lower);
        found.map(|(_, encoding)| *encoding).ok_or_else(|| format!("known are {}", NAMES.map(|(name, _)| name).join(", ")))
    }
}

impl Encoding {
    /// The text of some bytes, and the encoding that it is written back in: the byte order is settled.
    ///
    /// # Errors
    /// [`NotText`] if the bytes are not of this encoding.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<(Self, String), NotText> {
        let text = match self {
            Self::Utf8 => str::from_utf8(bytes).map_err(|error| NotText::NotUtf8 { at: error.valid_up_to() })?.to_owned(),
            Self::Utf16 => {
                let settled = match bytes {
                    [0xff, 0xfe, ..] => Self::Utf16Le,
                    [0xfe, 0xff, ..] => Self::Utf16Be,
                    _ => return Err(NotText::NoMark),
                };
                return settled.decode(bytes);
            }
            Self::Utf16Le => units(bytes, u16::from_le_bytes)?,
            Self::Utf16Be => units(bytes, u16::from_be_bytes)?,
            Self::Latin1 => bytes.iter().copied().map(char::from).collect(),
            Self::Windows1252 => bytes.iter().map(|&byte| windows(byte)).collect(),
        };
        Ok((self, text))
    }

    /// The bytes of a text; `None` if it has characters that this encoding does not.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let single = |of: fn(char) -> Option<u8>| text.chars().map(of).collect();
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            // of two orders, the one that is written where none is given
            Self::Utf16 | Self::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Latin1 => single(|character| u8::try_from(u32::from(character)).ok()),
            Self::Windows1252 => single(|character| match WINDOWS.iter().position(|&found| found == character) {
                Some(at) => u8::try_from(at + 0x80).ok(),
                None => u8::try_from(u32::from(character)).ok().filter(|byte| !(0x80..0xa0).contains(byte)),
            }),
        }
    }
}

fn windows(byte: u8) -> char {
    byte.checked_sub(0x80).and_then(|at| WINDOWS.get(usize::from(at)).copied()).unwrap_or(char::from(byte))
}

fn units(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for found in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        let character = found.map_err(|_| NotText::NotUtf16 { at })?;
        at += 2 * character.len_utf16();
        text.push(character);
    }
    if rest.is_empty() { Ok(text) } else { Err(NotText::NotUtf16 { at }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        for encoding in [Encoding::Latin1, Encoding::Windows1252] {
            let (_, text) = encoding.decode(&all).unwrap();
            assert_eq!(encoding.encode(&text), Some(all.clone()), "{encoding:?}");
        }
        let text = "\u{feff}caf\u{e9} \u{1f600} \u{201c}be\u{201d}\r\n";
        for (encoding, settled) in [(Encoding::Utf16Le, Encoding::Utf16Le), (Encoding::Utf16Be, Encoding::Utf16Be)] {
            let bytes = encoding.encode(text).unwrap();
            assert_eq!(encoding.decode(&bytes), Ok((settled, text.to_owned())));
            assert_eq!(Encoding::Utf16.decode(&bytes), Ok((settled, text.to_owned())));
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert_eq!(Encoding::Utf16.decode(b"a\0"), Err(NotText::NoMark));
        assert_eq!(Encoding::Utf16Le.decode(b"a\0b"), Err(NotText::NotUtf16 { at: 2 }));
        assert_eq!(Encoding::Utf16Le.decode(b"a\0\0\xd8a\0"), Err(NotText::NotUtf16 { at: 2 }));
        assert_eq!(Encoding::Latin1.encode("\u{2019}"), None);
        assert_eq!(Encoding::Windows1252.encode("\u{2019}\u{e9}"), Some(b"\x92\xe9".to_vec()));
        assert_eq!(Encoding::Windows1252.encode("\u{92}"), None);
        assert_eq!(("UTF-16".parse(), "latin1".parse()), (Ok(Encoding::Utf16), Ok(Encoding::Latin1)));
        assert!("koi8-r".parse::<Encoding>().is_err());
    }
}
