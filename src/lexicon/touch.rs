//! The touch rule of a spinner: in which shapes it swaps a word at all.

use std::fmt;
use std::str::FromStr;

use crate::text::{Case, Setting, Shape};

/// A set of word shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TouchRule(u8);

const NAMES: [(&str, Case, Setting); 8] = [
    ("lower-bare", Case::Lower, Setting::Bare),
    ("lower-punctuated", Case::Lower, Setting::Punctuated),
    ("lower-possessive", Case::Lower, Setting::Possessive),
    ("lower-hyphenated", Case::Lower, Setting::Hyphenated),
    ("title-bare", Case::Title, Setting::Bare),
    ("title-punctuated", Case::Title, Setting::Punctuated),
    ("title-hyphenated", Case::Title, Setting::Hyphenated),
    ("upper-bare", Case::Upper, Setting::Bare),
];

impl TouchRule {
    /// Only bare lower-case words, as the seed's family does.
    pub const BARE: Self = Self(1);
    /// Every shape that any spinner is known to touch.
    pub const ANY: Self = Self(0xff);

    /// Number of shapes that spinners are told apart by.
    pub const SHAPES: usize = NAMES.len();

    /// Which of the [`TouchRule::SHAPES`] shapes this is; `None` if it is one that no spinner touches.
    #[must_use]
    pub fn index(shape: Shape) -> Option<usize> {
        NAMES.iter().position(|&(_, case, setting)| case == shape.case && setting == shape.setting)
    }

    /// The rule that touches the shapes marked here; bare lower-case words if none is.
    #[must_use]
    pub fn of(touched: [bool; Self::SHAPES]) -> Self {
        let bits = touched.iter().enumerate().filter(|&(_, &touched)| touched).fold(0, |bits, (bit, _)| bits | 1 << bit);
        if bits == 0 { Self::BARE } else { Self(bits) }
    }

    /// What either rule touches.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the spinner swaps words of this shape.
    #[must_use]
    pub fn touches(self, shape: Shape) -> bool {
        NAMES.iter().enumerate().any(|(bit, &(_, case, setting))| self.0 >> bit & 1 == 1 && case == shape.case && setting == shape.setting)
    }
}

impl fmt::Display for TouchRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = NAMES.iter().enumerate().filter(|&(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| name.0).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for TouchRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rule = 0;
        for word in text.split_whitespace() {
            let Some(bit) = NAMES.iter().position(|name| name.0 == word) else {
                let known: Vec<&str> = NAMES.iter().map(|name| name.0).collect();
                return Err(format!("unknown shape `{word}`; known are {}", known.join(", ")));
            };
            rule |= 1 << bit;
        }
        if rule == 0 { Err("no shape is named".to_owned()) } else { Ok(Self(rule)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_back_as_written() {
        let rule: TouchRule = "lower-bare title-bare".parse().unwrap();
        assert_eq!(rule.to_string().parse(), Ok(rule));
        assert!(rule.touches(Shape::BARE));
        assert!(!rule.touches(Shape { case: Case::Lower, setting: Setting::Punctuated }));
        assert!("lower-bar".parse::<TouchRule>().unwrap_err().contains("lower-bare"));
    }
}
