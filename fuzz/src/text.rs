//! Texts: tokens tile them, and a repair keeps its promises.

use std::sync::LazyLock;

use unspin::decode::Plan;
use unspin::embedded;
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::restore::{RestoreOptions, Restorer};
use unspin::text::{Span, TokenUnit, segments, tokenise};

static THESAURUS: LazyLock<Thesaurus<'static>> = LazyLock::new(|| embedded::thesaurus().unwrap());
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| embedded::profiles().unwrap());
static RESTORER: LazyLock<Restorer<'static>> =
    LazyLock::new(|| Restorer::new(embedded::model().unwrap(), &THESAURUS, &PROFILES, RestoreOptions::default()));
/// What [`words`] puts together: all words of the profile, and what stands between words.
static PIECES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let pairs = PROFILES.iter().flat_map(Profile::pairs);
    let listed = pairs.flat_map(|pair| [pair.plain.as_str(), pair.cipher.as_str()]);
    let odd =
        ["Mr.", "U.S.", "1,200", "it's", "don\u{2019}t", "\u{201c}on\u{201d}", "e\u{301}tat", "<b>", "&amp;", "`in`", "\u{200b}", "I"];
    let mut pieces: Vec<&str> = listed.chain(odd).collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces
});
const GAPS: [&str; 16] = [" ", " ", " ", " ", " ", " ", " ", " ", " ", ", ", ". ", "\n", "\n\n", "\r\n", "-", "  "];

/// Tokens and segments tile the text.
pub fn tokens(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let tokens = tokenise(&text);
    let mut at = 0;
    for token in &tokens {
        let span = token.span();
        assert!(span.start == at && !span.is_empty() && span.of(&text).is_some(), "a gap, or a cut character, at {at}");
        at = span.end;
    }
    assert_eq!(at, text.len());
    let found = segments(&text, &tokens);
    tiles(&found.sentences, tokens.len());
    tiles(&found.paragraphs, tokens.len());
}

fn tiles(spans: &[Span<TokenUnit>], count: usize) {
    let end = spans.iter().fold(0, |at, span| {
        assert!(span.start == at && !span.is_empty(), "a gap at {at}");
        span.end
    });
    assert_eq!(end, count);
}

/// Any text is restored as promised.
pub fn restore(bytes: &[u8]) {
    promised(&String::from_utf8_lossy(bytes));
}

/// So is any row of words that a spinner puts in or takes away: two bytes choose a word, one what follows it.
pub fn words(bytes: &[u8]) {
    let mut text = String::new();
    for chosen in bytes.chunks_exact(3) {
        let word = usize::from(chosen[0]) << 8 | usize::from(chosen[1]);
        text.push_str(PIECES[word % PIECES.len()]);
        text.push_str(GAPS[usize::from(chosen[2]) % GAPS.len()]);
    }
    promised(&text);
}

fn promised(text: &str) {
    let found = RESTORER.restore(text);
    let restored = kept(&found.plan, text);
    for open in &found.plan.undecided {
        assert_eq!(open.span.of(text), Some(open.text.as_str()));
    }
    for paragraph in &found.paragraphs {
        assert!(paragraph.span.of(text).is_some());
    }
    assert!((0.0..=1.0).contains(&found.score), "score {}", found.score);
    let again = RESTORER.restore(&restored).plan;
    assert!(again.edits.is_empty(), "a second run changes more: {:?}\n{text:?}\n{restored:?}", again.edits);
}

/// The text with the edits of the plan made; no byte outside them differs, and it is undone.
pub(crate) fn kept(plan: &Plan, text: &str) -> String {
    let restored = plan.apply(text).unwrap();
    let (mut before, mut after) = (0, 0);
    for edit in &plan.edits {
        assert_eq!(edit.span.of(text), Some(edit.from.as_str()));
        assert!((0.0..=1.0).contains(&edit.confidence), "confidence {}", edit.confidence);
        let gap = edit.span.start - before;
        assert_eq!(text.get(before..edit.span.start), restored.get(after..after + gap), "a byte outside the edits differs");
        before = edit.span.end;
        after += gap + edit.to.len();
    }
    assert_eq!(text.get(before..), restored.get(after..), "a byte outside the edits differs");
    assert_eq!(plan.undo(&restored).as_deref(), Ok(text));
    restored.into_owned()
}
