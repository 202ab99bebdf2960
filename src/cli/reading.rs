//! How inputs are read, as typed: what they hold, where their text is, how large they may be, what must stay as it is.
//!
//! In: options. Out: what the library takes.

use anyhow::Result;
use clap::ValueEnum;
use unspin::batch::{Reading, Spare};
use unspin::read::field::Field;
use unspin::read::{Encoding, Kind, Limits};

use super::sparing;

/// How inputs are read, as typed.
#[derive(clap::Args, Debug, Clone)]
#[group(skip)]
pub(super) struct Args {
    /// What comes in; auto goes by the name, else by the content
    #[arg(long, value_enum, default_value = "auto")]
    input_format: InputFormat,
    /// Field of a JSON record, or column of a table, that holds the text; `a.b` is the field b in a
    #[arg(long, value_name = "NAME", default_value = "text")]
    field: String,
    /// Field of a JSON record that holds its id
    #[arg(long, value_name = "NAME", default_value = "id")]
    id_field: String,
    /// How the characters of text, HTML and Markdown files are written; results are written alike: utf-8, utf-16 (with a byte order mark),
    /// utf-16le, utf-16be, latin-1, windows-1252
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    encoding: Encoding,
    #[command(flatten)]
    spare: sparing::Args,
    /// Larger records, or documents, pass unchanged; with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = size)]
    max_record: u64,
    /// Most bytes that a compressed input may unfold to
    #[arg(long, value_name = "SIZE", default_value = "1T", value_parser = size)]
    max_total: u64,
    /// Most bytes that may come out of each byte of a compressed input, once 32M are out
    #[arg(long, value_name = "N", default_value_t = 250)]
    max_ratio: u64,
}

/// What comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InputFormat {
    /// By name and content
    Auto,
    /// Plain text, a document a file
    Text,
    /// Pages: only the text between the tags is looked at
    Html,
    /// Markdown, without its code
    Markdown,
    /// JSON Lines, a record a line
    Jsonl,
    /// Text of web pages in an archive
    Wet,
    /// Web archive: HTML responses
    Warc,
    /// Parquet
    Parquet,
    /// Arrow IPC
    Arrow,
}

impl Args {
    /// As the reader takes it.
    pub(super) fn reading(&self) -> Reading {
        let kind = match self.input_format {
            InputFormat::Auto => None,
            InputFormat::Text => Some(Kind::Text),
            InputFormat::Html => Some(Kind::Html),
            InputFormat::Markdown => Some(Kind::Markdown),
            InputFormat::Jsonl => Some(Kind::Jsonl),
            InputFormat::Wet | InputFormat::Warc => Some(Kind::Warc),
            InputFormat::Parquet => Some(Kind::Parquet),
            InputFormat::Arrow => Some(Kind::Arrow),
        };
        let record = usize::try_from(self.max_record).unwrap_or(usize::MAX);
        let limits = Limits { record, total: self.max_total, ratio: self.max_ratio.max(1) };
        Reading { kind, limits, encoding: self.encoding, column: self.field.clone(), ..Reading::default() }
    }

    /// Where text and id of a JSON record are.
    pub(super) fn fields(&self) -> (Field, Field) {
        (Field::new(&self.field), Field::new(&self.id_field))
    }

    /// What must stay as it is.
    pub(super) fn spare(&self) -> Result<Spare> {
        self.spare.open()
    }

    /// All that decides about the result.
    pub(super) fn told(&self) -> Result<String> {
        Ok(format!("{self:?} {}", self.spare.told()?))
    }
}

/// A number of bytes: `500`, `64K`, `2M`, `1G`, `1T`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits).unwrap_or("").to_ascii_uppercase().as_str() {
        "" | "B" => 1u64,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1 << 40,
        _ => return Err("give a number of bytes, such as 500K, 64M or 2G".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "give a number of bytes, such as 500K, 64M or 2G".to_owned())?;
    match number.checked_mul(unit) {
        Some(0) | None => Err("must be more than 0 and fit into 64 bits".to_owned()),
        Some(bytes) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!((size("500"), size("64k"), size("2M"), size("1GiB")), (Ok(500), Ok(64 << 10), Ok(2 << 20), Ok(1 << 30)));
        assert!(["", "x", "-1", "1X", "0", "99999999999T"].iter().all(|text| size(text).is_err()));
    }
}
