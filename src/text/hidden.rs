//! Characters that are not seen but change how text is seen.
//!
//! In: a character. Out: whether it must be shown by its code where a person reads text of unknown origin: line and terminal controls,
//! marks that turn the direction of writing, and what has no width at all. In: a text. Out: the same with the codes of those.

use std::borrow::Cow;

/// Whether a character is a control, turns the direction of writing, or has no width.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text of unknown origin as it may stand in a message: what would not be seen is shown by its code, so it can neither break the line
/// nor steer the terminal.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_hidden(character) { out.extend(character.escape_default()) } else { out.push(character) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_the_line() {
        assert_eq!(visible("a\n\u{1b}[31m\u{202e}\u{e9}"), "a\\n\\u{1b}[31m\\u{202e}\u{e9}");
        assert!(matches!(visible("a b"), Cow::Borrowed("a b")));
    }

    #[test]
    fn letters_and_spaces_are_seen() {
        assert!(['\u{1b}', '\n', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'].into_iter().all(is_hidden));
        assert!(!['a', ' ', '\u{a0}', 'é', 'א', '\u{1f600}'].into_iter().any(is_hidden));
    }
}
