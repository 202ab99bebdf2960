//! The spinner itself: clean text to garbled text, for test sets.
//!
//! In: a text and a profile. Out: the text as that spinner would publish it: every touchable word that the profile
//! lists (more likely than not) is replaced by its surest image, the case carried over.

use crate::lexicon::{Pair, Profile};
use crate::text::{Token, TokenKind, tokenise};

/// Spins a text with the pairs of a profile.
#[must_use]
pub fn spin(text: &str, profile: &Profile) -> String {
    let tokens = tokenise(text);
    let mut out = String::with_capacity(text.len());
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match replacement(text, &tokens, index, profile) {
            Some((len, image)) => {
                out.push_str(&image);
                index += len;
            }
            None => {
                out.push_str(token.text(text));
                index += 1;
            }
        }
    }
    out
}

/// The image of the longest listed phrase that starts at `index`, and the tokens it takes.
fn replacement(text: &str, tokens: &[Token], index: usize, profile: &Profile) -> Option<(usize, String)> {
    let mut plain = String::new();
    let mut found = None;
    for (len, token) in tokens.get(index..)?.iter().enumerate().take(7) {
        match token.kind {
            TokenKind::Word(shape) if profile.touch.touches(shape) => plain.push_str(&token.text(text).to_lowercase()),
            TokenKind::Space if token.text(text) == " " && !plain.is_empty() => {
                plain.push(' ');
                continue;
            }
            _ => break,
        }
        if let Some(pair) = surest(profile.images(&plain)) {
            let case = tokens.get(index)?.shape()?.case;
            found = Some((len + 1, case.carry(&pair.cipher)));
        }
    }
    found
}

fn surest(images: &[Pair]) -> Option<&Pair> {
    images
        .iter()
        .filter(|pair| pair.confidence > 0.5)
        .max_by(|a, b| a.confidence.total_cmp(&b.confidence).then_with(|| b.cipher.cmp(&a.cipher)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Source, TouchRule};

    #[test]
    fn only_touchable_words_are_swapped_and_phrases_go_first() {
        let pair = |plain: &str, cipher: &str| Pair {
            plain: plain.into(),
            cipher: cipher.into(),
            count: 1.0,
            confidence: 0.9,
            source: Source::Synthetic,
        };
        let profile = Profile::new("x", 1, TouchRule::BARE, vec![pair("is a", "is simply a"), pair("in", "successful"), pair("a", "an")]);
        assert_eq!(spin("In it is a can, in a in.", &profile), "In it is simply a can, successful an in.");
    }
}
