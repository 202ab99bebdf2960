//! What holds for any text: tokens tile it, a plan is undone, nothing panics, a spun article mostly comes back.
//!
//! Decoding is slow without optimisation, so the properties that restore try few cases; `PROPTEST_CASES` does not change those.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "common/data.rs"]
mod data;

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use unspin::eval::{invent, spin};
    use unspin::restore::{ProfileChoice, RestoreOptions, Restorer};
    use unspin::text::{Span, TokenUnit, segments, tokenise};

    use crate::corpus::texts;
    use crate::data::{SHIPPED, restorer};

    /// For what measures accuracy: the same cases on every run.
    const SEED: RngSeed = RngSeed::Fixed(1);

    static RESTORER: LazyLock<Restorer<'static>> = LazyLock::new(restorer);
    static ORIGINALS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let families = ["in-the-wild-style", "synthetic"];
        families.into_iter().flat_map(|family| texts(family, "original.txt")).map(|(_, text)| text).collect()
    });
    static CLEAN: LazyLock<Vec<String>> = LazyLock::new(|| texts("clean", "clean.txt").into_iter().map(|(_, text)| text).collect());

    /// Words and marks that the tokeniser, the screen and the decoder look at, among anything else.
    fn texty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            3 => "[a-zA-Z]{1,9}",
            3 => prop::sample::select(vec![
                "successful", "volition", "beryllium", "tin", "oregon", "connected", "arsenic", "helium", "is simply a", "truthful", "much",
                "don't", "union's", "Mr.", "U.S.", "https://example.org/be?as=or", "jo@example.org", "<b>", "</b>", "&amp;", "`be in`",
                "work-life", "1,200", "\u{201c}be\u{201d}", "\u{e9}tat", "\u{1f600}", "e\u{301}", "\u{200b}", "\u{feff}", "\u{0}",
            ]).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
            1 => "\\PC{0,6}",
        ];
        let gap = prop::sample::select(vec![" ", " ", " ", " ", "  ", "\n", "\r\n", "\n\n", "\t", "", ", ", ". ", "\u{a0}"]);
        prop::collection::vec((piece, gap), 0..60)
            .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, gap)| [piece, gap.to_owned()]).collect())
    }

    fn tiles(spans: &[Span<TokenUnit>], count: usize) -> bool {
        let starts = std::iter::once(0).chain(spans.iter().map(|span| span.end));
        starts.zip(spans).all(|(end, span)| span.start == end && !span.is_empty()) && spans.last().map_or(0, |last| last.end) == count
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn tokens_and_segments_tile_any_string(text in prop_oneof![any::<String>(), texty()]) {
            let tokens = tokenise(&text);
            let joined: String = tokens.iter().map(|token| token.text(&text)).collect();
            prop_assert_eq!(&joined, &text);
            prop_assert!(tokens.iter().all(|token| token.span().of(&text).is_some_and(|piece| !piece.is_empty())));
            let found = segments(&text, &tokens);
            prop_assert!(tiles(&found.sentences, tokens.len()));
            prop_assert!(tiles(&found.paragraphs, tokens.len()));
            let ends: Vec<usize> = found.sentences.iter().map(|sentence| sentence.end).collect();
            prop_assert!(found.paragraphs.iter().all(|paragraph| ends.contains(&paragraph.end)), "a sentence crosses a paragraph");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn any_string_is_restored_and_undone(text in prop_oneof![any::<String>(), texty()]) {
            check_plan(&text)?;
        }

        #[test]
        fn scrambled_sentences_are_restored_and_undone(
            article in any::<prop::sample::Index>(),
            swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..40),
        ) {
            let spun = spin(article.get::<String>(ORIGINALS.as_slice()), &SHIPPED.profiles[0]);
            let mut words: Vec<&str> = spun.split_inclusive(char::is_whitespace).take(120).collect();
            for (one, other) in swaps {
                let (one, other) = (one.index(words.len()), other.index(words.len()));
                words.swap(one, other);
            }
            check_plan(&words.concat())?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, rng_seed: SEED, ..ProptestConfig::default() })]

        #[test]
        fn clean_sentences_stay(text in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), number in 1usize..8) {
            let text = text.get(CLEAN.as_slice());
            let tokens = tokenise(text);
            let sentences = segments(text, &tokens).sentences;
            let from = from.index(sentences.len());
            let chosen = &sentences[from..(from + number).min(sentences.len())];
            let part = &tokens[chosen[0].start..chosen[chosen.len() - 1].end];
            let part: String = part.iter().map(|token| token.text(text)).collect();
            let plan = RESTORER.restore(&part).plan;
            prop_assert!(plan.edits.is_empty(), "{part}\n{:?}", plan.edits);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6, rng_seed: SEED, ..ProptestConfig::default() })]

        #[test]
        fn a_spun_article_mostly_comes_back(article in any::<prop::sample::Index>(), seed in any::<u64>()) {
            let original = article.get(ORIGINALS.as_slice());
            let profiles = [invent("made-up", seed, &SHIPPED.thesaurus, &SHIPPED.model)];
            let spun = spin(original, &profiles[0]);
            let options = RestoreOptions { profile: ProfileChoice::Fixed(0), ..RestoreOptions::default() };
            let plan = Restorer::new(SHIPPED.model, &SHIPPED.thesaurus, &profiles, options).restore(&spun).plan;
            let restored = plan.apply(&spun).unwrap();
            prop_assert_eq!(plan.undo(&restored).unwrap(), spun.as_str());
            // the made-up spinner swaps word for word, so the three texts have the same words in the same places
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let (original, spun, restored) = (words(original), words(&spun), words(&restored));
            prop_assert_eq!((original.len(), original.len()), (spun.len(), restored.len()));
            let swapped: Vec<usize> = (0..spun.len()).filter(|&at| spun[at] != original[at]).collect();
            let right = swapped.iter().filter(|&&at| restored[at] == original[at]).count();
            prop_assert!(right * 10 >= swapped.len() * 6, "only {right} of {} came back", swapped.len());
        }
    }

    /// The plan fits its text, changes nothing outside its edits, and is undone.
    fn check_plan(text: &str) -> Result<(), TestCaseError> {
        let plan = RESTORER.restore(text).plan;
        let restored = plan.apply(text);
        prop_assert!(restored.is_ok(), "{restored:?}");
        let restored = restored.unwrap_or_default();
        let (mut before, mut after) = (0, 0);
        for edit in &plan.edits {
            let kept = text.get(before..edit.span.start);
            prop_assert!(
                kept.is_some() && kept == restored.get(after..after + edit.span.start - before),
                "bytes outside the edits changed"
            );
            after += edit.span.start - before + edit.to.len();
            before = edit.span.end;
        }
        prop_assert_eq!(text.get(before..), restored.get(after..));
        let undone = plan.undo(&restored);
        prop_assert_eq!(undone.as_deref(), Ok(text));
        Ok(())
    }
}
