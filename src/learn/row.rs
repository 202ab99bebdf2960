//! A text as a row of numbered words.
//!
//! In: texts. Out: for each a [`Row`]: its words, numbers and marks in order, without white space, lower case, each form with one number in
//! all texts. Curly and straight apostrophes are one.

use rustc_hash::FxHashMap;

use crate::text::{Shape, TokenKind, tokenise};

/// One word, number or mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Number of its form.
    pub(super) key: u32,
    /// Its kind, and shape if it is a word.
    pub(super) kind: TokenKind,
}

impl Item {
    pub(super) fn shape(self) -> Option<Shape> {
        match self.kind {
            TokenKind::Word(shape) => Some(shape),
            _ => None,
        }
    }

    /// Whether it can be one side of a swap.
    pub(super) fn is_word(self) -> bool {
        matches!(self.kind, TokenKind::Word(_) | TokenKind::Number)
    }
}

/// A text.
pub(super) type Row = Vec<Item>;

/// The forms met so far.
#[derive(Debug, Default)]
pub(super) struct Forms {
    texts: Vec<String>,
    numbers: FxHashMap<String, u32>,
}

impl Forms {
    /// Cuts a text into a row.
    pub(super) fn row(&mut self, text: &str) -> Row {
        let tokens = tokenise(text);
        let solid = tokens.iter().filter(|token| !matches!(token.kind, TokenKind::Space | TokenKind::LineBreak));
        solid.map(|token| Item { key: self.number(&token.text(text).to_lowercase().replace('\u{2019}', "'")), kind: token.kind }).collect()
    }

    fn number(&mut self, form: &str) -> u32 {
        if let Some(&number) = self.numbers.get(form) {
            return number;
        }
        // 4 billion forms do not fit into memory
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(form.to_owned());
        self.numbers.insert(form.to_owned(), number);
        number
    }

    /// The form with this number.
    pub(super) fn text(&self, key: u32) -> &str {
        self.texts.get(key as usize).map_or("", String::as_str)
    }

    /// Several forms with a space between.
    pub(super) fn phrase(&self, keys: &[u32]) -> String {
        keys.iter().map(|&key| self.text(key)).collect::<Vec<_>>().join(" ")
    }
}
