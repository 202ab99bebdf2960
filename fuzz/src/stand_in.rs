//! A restorer that is as quick as the readers around it: it knows a few words and a phrase by heart.

use unspin::decode::{Edit, Plan, Reason};
use unspin::detect::Verdict;
use unspin::restore::{Paragraph, Restoration};
use unspin::text::{Byte, Span, TokenKind, tokenise};

const WORDS: [(&str, &str); 5] =
    [("beryllium", "be"), ("successful", "in"), ("oregon", "or"), ("tin", "can"), ("in", "<successful & \"well\"\\>")];

/// Puts the plain words, but where a word must stay.
pub(crate) fn restore(text: &str, spared: &dyn Fn(Span<Byte>) -> bool) -> Restoration {
    let tokens = tokenise(text);
    let mut plan = Plan::default();
    let mut behind = 0;
    for (index, token) in tokens.iter().enumerate() {
        let TokenKind::Word(_) = token.kind else { continue };
        let mut span = token.span();
        let mut to = WORDS.iter().find(|(cipher, _)| *cipher == token.text(text)).map(|(_, plain)| *plain);
        // a phrase reaches over the space between its words
        if token.text(text) == "caller"
            && tokens.get(index + 1).is_some_and(|between| between.kind == TokenKind::Space)
            && let Some(last) = tokens.get(index + 2).filter(|last| last.text(text) == "year")
        {
            span.end = last.span().end;
            to = Some("new year");
        }
        let (Some(to), Some(from)) = (to, span.of(text)) else { continue };
        if span.start >= behind && !spared(span) {
            behind = span.end;
            let (from, to) = (from.to_owned(), to.to_owned());
            plan.edits.push(Edit { span, from, to, reason: Reason::Open, confidence: 1.0, alternatives: Vec::new() });
        }
    }
    let whole = Paragraph { span: Span::new(0, text.len()), verdict: Verdict::Spun, ratio: 1.0 };
    Restoration { verdict: Verdict::Spun, score: 1.0, profile: None, words: tokens.len(), swapped: 0, paragraphs: vec![whole], plan }
}
