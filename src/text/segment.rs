//! Paragraphs and sentences, as spans of tokens.
//!
//! A blank line ends a paragraph; so does a single line break, unless the next line goes on in lower case
//! (hard-wrapped text). Sentences end at . ! ? before white space and something that can open a sentence.

use super::shape::Case;
use super::span::{Span, TokenUnit};
use super::token::{Token, TokenKind};

/// Paragraph and sentence spans of a text; both tile its tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// In order, without gaps; a paragraph owns the line breaks behind it.
    pub paragraphs: Vec<Span<TokenUnit>>,
    /// In order, without gaps; none crosses a paragraph border.
    pub sentences: Vec<Span<TokenUnit>>,
}

/// Words before a full stop that do not end a sentence.
const ABBREVIATIONS: [&str; 43] = [
    "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Sen", "Rep", "Gov", "Gen", "Lt", "Col", "Capt", "Sgt", "Maj", "Rev", "Hon", "Jr", "Sr", "Inc",
    "Ltd", "Co", "Corp", "vs", "v", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec", "Vol", "Fig",
    "Ave", "Blvd", "pp", "cf",
];

/// The segments of `tokens`, which were cut from `text`.
#[must_use]
pub fn segments(text: &str, tokens: &[Token]) -> Segments {
    let mut out = Segments::default();
    let (mut paragraph, mut sentence) = (0, 0);
    for index in 0..tokens.len() {
        let after = index + 1;
        if ends_paragraph(text, tokens, index) {
            out.sentences.push(Span::new(sentence, after));
            out.paragraphs.push(Span::new(paragraph, after));
            (paragraph, sentence) = (after, after);
        } else if ends_sentence(text, tokens, index) {
            out.sentences.push(Span::new(sentence, after));
            sentence = after;
        }
    }
    if sentence < tokens.len() {
        out.sentences.push(Span::new(sentence, tokens.len()));
    }
    if paragraph < tokens.len() {
        out.paragraphs.push(Span::new(paragraph, tokens.len()));
    }
    out
}

fn ends_paragraph(text: &str, tokens: &[Token], index: usize) -> bool {
    if tokens[index].kind != TokenKind::LineBreak {
        return false;
    }
    let breaks = tokens[index].text(text).matches('\n').count();
    breaks != 1 || !tokens.get(index + 1).is_some_and(goes_on)
}

/// Whether a token that begins a line goes on with the paragraph of the line before.
pub(super) fn goes_on(token: &Token) -> bool {
    token.shape().is_some_and(|shape| shape.case == Case::Lower)
}

fn ends_sentence(text: &str, tokens: &[Token], index: usize) -> bool {
    if !matches!(tokens[index].kind, TokenKind::Space | TokenKind::LineBreak) {
        return false;
    }
    // back over closing quotes and brackets to the mark
    let mut at = index;
    let mut mark = "";
    while at > 0 {
        at -= 1;
        let piece = tokens[at].text(text);
        if matches!(piece, "\"" | "'" | "\u{2019}" | "\u{201d}" | ")" | "]" | "*" | "_") || tokens[at].kind == TokenKind::Tag {
            continue;
        }
        mark = piece;
        break;
    }
    if !matches!(mark, "." | "!" | "?" | "\u{2026}") {
        return false;
    }
    let opens = match tokens.get(index + 1) {
        None => true,
        Some(next) => match next.kind {
            TokenKind::Word(shape) => shape.case != Case::Lower,
            TokenKind::Number | TokenKind::Tag | TokenKind::Url | TokenKind::Handle => true,
            TokenKind::Punctuation => !matches!(next.text(text), "," | ";" | ")"),
            _ => false,
        },
    };
    if !opens {
        return false;
    }
    if mark != "." {
        return true;
    }
    at.checked_sub(1).map(|before| &tokens[before]).is_none_or(|before| {
        let word = before.text(text);
        let initial = before.shape().is_some_and(|shape| shape.case != Case::Lower) && word.chars().count() == 1 && word != "I";
        !(initial || ABBREVIATIONS.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokenise;

    fn cut(text: &str) -> (Vec<String>, Vec<String>) {
        let tokens = tokenise(text);
        let found = segments(text, &tokens);
        let join = |span: &Span<TokenUnit>| tokens[span.start..span.end].iter().map(|t| t.text(text)).collect::<String>().trim().to_owned();
        (found.paragraphs.iter().map(join).collect(), found.sentences.iter().map(join).collect())
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        let (_, sentences) = cut("Mr. Hill said: 'No.' He left at 5 p.m. on Friday. J. Doe stayed! \"Why?\" she asked.");
        assert_eq!(sentences, ["Mr. Hill said: 'No.'", "He left at 5 p.m. on Friday.", "J. Doe stayed!", "\"Why?\" she asked."]);
    }

    #[test]
    fn wrapped_lines_go_on_and_blank_lines_end() {
        let (paragraphs, _) = cut("A line that\nwraps here.\nNext one.\n\nlast");
        assert_eq!(paragraphs, ["A line that\nwraps here.", "Next one.", "last"]);
    }
}
