//! What holds for any text: tokens tile it, a plan is undone, case and white space stay, nothing panics, a spun article mostly comes back, and
//! also from a profile that was learned; and for any input: neither threads nor order matter, and the caps hold.
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
    use std::collections::BTreeMap;
    use std::io::{Cursor, Read};
    use std::num::NonZeroUsize;
    use std::sync::{Arc, LazyLock};

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use unspin::batch::{Event, Fate, Reading, Spare, Task, stream};
    use unspin::decode::Reason;
    use unspin::detect::Verdict;
    use unspin::eval::{SpinnerKind, invent, spin};
    use unspin::learn::{Article, LearnOptions, Models, learn};
    use unspin::lexicon::{Pair, Profile};
    use unspin::read::field::Field;
    use unspin::read::{Kind, Limits, Records, Shape, Source, decoded};
    use unspin::restore::{ProfileChoice, RestoreOptions, Restorer};
    use unspin::text::{Case, Span, TokenUnit, segments, tokenise};

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
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: SEED, ..ProptestConfig::default() })]

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
        #![proptest_config(ProptestConfig { cases: 48, rng_seed: SEED, ..ProptestConfig::default() })]

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
            let profiles = [invent("made-up", seed, SpinnerKind::USUAL, &SHIPPED.thesaurus, &SHIPPED.model)];
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

        #[test]
        fn what_half_a_list_lacks_mostly_comes_back_too(article in any::<prop::sample::Index>(), seed in any::<u64>()) {
            let spinner = invent("made-up", seed, SpinnerKind::USUAL, &SHIPPED.thesaurus, &SHIPPED.model);
            let original = article.get(ORIGINALS.as_slice());
            let spun = spin(original, &spinner);
            let half = spinner.pairs().iter().step_by(2).cloned().collect();
            let profiles = [Profile::new("half", 1, spinner.touch, half)];
            let options = RestoreOptions { profile: ProfileChoice::Fixed(0), ..RestoreOptions::default() };
            let found = Restorer::new(SHIPPED.model, &SHIPPED.thesaurus, &profiles, options).restore(&spun);
            prop_assert_eq!((found.verdict, found.profile.as_deref()), (Verdict::Spun, Some("half")));
            let unlisted = found.plan.edits.iter().filter(|edit| !matches!(edit.reason, Reason::Listed { .. }));
            let unlisted: Vec<bool> = unlisted.map(|edit| spinner.images(&edit.to).iter().any(|pair| pair.cipher == edit.from)).collect();
            let right = unlisted.iter().filter(|right| **right).count();
            prop_assert!(unlisted.len() >= 8 && right * 10 >= unlisted.len() * 7, "{right} of {} are right", unlisted.len());
        }

        #[test]
        fn what_a_known_spinner_swaps_sparingly_comes_back(article in any::<prop::sample::Index>(), third in 0u32..3) {
            let shipped = &SHIPPED.profiles[0];
            let takes = |pair: &&Pair| pair.plain.bytes().map(u32::from).sum::<u32>() % 3 == third;
            let sparing = Profile::new("sparing", 1, shipped.touch, shipped.pairs().iter().filter(takes).cloned().collect());
            let original = article.get(ORIGINALS.as_slice());
            let spun = spin(original, &sparing);
            let found = RESTORER.restore(&spun);
            prop_assert_eq!(found.verdict, Verdict::Spun);
            let restored = found.plan.apply(&spun).unwrap();
            let (mut swapped, mut right, mut damaged) = (0, 0, 0);
            for ((original, spun), restored) in original.split_whitespace().zip(spun.split_whitespace()).zip(restored.split_whitespace()) {
                swapped += usize::from(original != spun);
                right += usize::from(original != spun && original == restored);
                damaged += usize::from(original == spun && original != restored);
            }
            prop_assert!(right * 10 >= swapped * 7 && damaged <= 3, "{right} of {swapped} came back, {damaged} others were changed");
        }

        #[test]
        fn a_clean_lead_takes_nothing_from_what_is_restored_below_it(lead in any::<prop::sample::Index>(), article in any::<prop::sample::Index>()) {
            let lead = lead.get(ORIGINALS.as_slice());
            let original: &String = article.get(ORIGINALS.as_slice());
            let spun = spin(original, &SHIPPED.profiles[0]);
            let alone = RESTORER.restore(&spun).plan.edits.len();
            let both = RESTORER.restore(&format!("{lead}\n\n{spun}")).plan.edits;
            let below = both.iter().filter(|edit| edit.span.start > lead.len()).count();
            prop_assert!(below * 100 >= alone * 97 && both.len() <= below + 1, "{below} of {alone}, {} in all", both.len());
        }

        #[test]
        fn a_text_is_called_spun_where_half_of_it_is_swapped(article in any::<prop::sample::Index>(), seed in any::<u64>()) {
            let drawn = invent("made-up", seed, SpinnerKind::USUAL, &SHIPPED.thesaurus, &SHIPPED.model);
            let articles = [("the", "explaining"), ("a", "amp"), ("of", "computing"), ("to", "ghost"), ("and", "kettle"), ("in", "inch")];
            let pair = |(plain, cipher): (&str, &str)| {
                let (plain, cipher) = (plain.to_owned(), cipher.to_owned());
                Pair { plain, cipher, count: 1.0, confidence: 1.0, source: drawn.pairs()[0].source }
            };
            let others = drawn.pairs().iter().filter(|pair| articles.iter().all(|(plain, _)| *plain != pair.plain)).cloned();
            let pairs = articles.into_iter().map(pair).chain(others).collect();
            let original = article.get(ORIGINALS.as_slice());
            let spun = spin(original, &Profile::new("all", 1, drawn.touch, pairs));
            let found = RESTORER.restore(&spun);
            prop_assert_eq!(found.verdict, Verdict::Spun);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6, rng_seed: SEED, ..ProptestConfig::default() })]

        #[test]
        fn neither_threads_nor_order_matter(
            articles in prop::collection::vec(any::<prop::sample::Index>(), 4..9),
            order in any::<u64>(),
            jobs in 2usize..6,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut sources: Vec<Source> = Vec::new();
            for (number, article) in articles.iter().enumerate() {
                let spun = spin(article.get::<String>(ORIGINALS.as_slice()), &SHIPPED.profiles[0]);
                let part: String = spun.split_inclusive(char::is_whitespace).take(70).collect();
                let path = folder.path().join(format!("{number}.txt"));
                std::fs::write(&path, part).unwrap();
                sources.push(Source::file(&path));
            }
            let mut shuffled = sources.clone();
            shuffled.sort_by_key(|source| source.id.bytes().fold(order, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)));
            let outcome = |jobs: usize, sources: &[Source]| {
                let (fields, spare) = ((Field::new("text"), Field::new("id")), Spare::default());
                let restore = |text: &str, spared: &dyn Fn(Span<unspin::text::Byte>) -> bool| RESTORER.restore_sparing(text, spared);
                let task = Task { field: &fields.0, id: &fields.1, spare: &spare, restore: &restore, survey: None };
                let mut seen: Vec<(String, Vec<u8>, String)> = Vec::new();
                let done = stream(NonZeroUsize::new(jobs).unwrap(), sources.to_vec(), Reading::default(), &task, |event| {
                    if let Event::Entry(entry) = event {
                        let Fate::Restored(_, restoration) = &entry.fate else { return Err("not restored") };
                        seen.push((entry.input.source.id.clone(), entry.after().to_vec(), format!("{restoration:?}")));
                    }
                    Ok(())
                });
                done.map(|()| seen)
            };
            let (one, many) = (outcome(1, &sources).unwrap(), outcome(jobs, &shuffled).unwrap());
            let names = |seen: &[(String, Vec<u8>, String)]| seen.iter().map(|row| row.0.clone()).collect::<Vec<_>>();
            prop_assert_eq!(names(&many), shuffled.iter().map(|source| source.id.clone()).collect::<Vec<_>>());
            let sorted = |seen: Vec<(String, Vec<u8>, String)>| seen.into_iter().map(|row| (row.0, (row.1, row.2))).collect::<BTreeMap<_, _>>();
            prop_assert_eq!(sorted(one), sorted(many));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, rng_seed: SEED, ..ProptestConfig::default() })]

        #[test]
        fn no_record_is_over_its_cap(
            pieces in prop::collection::vec(prop_oneof![
                "[a-z{}\":]{0,40}\n".prop_map(String::into_bytes),
                (0usize..90, 0usize..90).prop_map(|(stated, there)| {
                    [format!("WARC/1.0\r\nContent-Length: {stated}\r\n\r\n").into_bytes(), vec![b'x'; there], b"\r\n\r\n".to_vec()].concat()
                }),
                prop::collection::vec(any::<u8>(), 0..60),
            ], 0..12),
            kind in prop::sample::select(vec![Kind::Text, Kind::Jsonl, Kind::Warc]),
            cap in 1usize..120,
        ) {
            let bytes = pieces.concat();
            let limits = Limits { record: cap, ..Limits::default() };
            let mut records = Records::new(Box::new(Cursor::new(bytes.clone())), kind, limits, 0);
            let mut joined = Vec::new();
            while let Some(raw) = records.next_raw().unwrap() {
                // the line ends behind an archive record are not of it
                let most = if kind == Kind::Warc { cap + 4 } else { cap };
                prop_assert!(raw.shape != Shape::Record || raw.bytes.len() <= most, "{} bytes", raw.bytes.len());
                joined.extend(raw.bytes);
            }
            prop_assert_eq!(joined, bytes);
        }

        #[test]
        fn no_input_unfolds_beyond_its_cap(text in prop::collection::vec(any::<u8>(), 0..4000), total in 1u64..3000) {
            let packed = zstd::encode_all(text.as_slice(), 1).unwrap();
            let (_, mut reader) = decoded(Cursor::new(packed), &Arc::default(), Limits { total, ..Limits::default() }).unwrap();
            let mut out = Vec::new();
            let done = reader.read_to_end(&mut out);
            prop_assert_eq!(done.is_ok(), text.len() as u64 <= total);
            prop_assert!(text.starts_with(&out));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2, rng_seed: SEED, ..ProptestConfig::default() })]

        #[test]
        fn what_was_learned_brings_the_originals_back(seed in any::<u64>(), from in 0usize..30) {
            let spinner = invent("made-up", seed, SpinnerKind::USUAL, &SHIPPED.thesaurus, &SHIPPED.model);
            let originals = &ORIGINALS[from..from + 10];
            let article = |(number, text): (usize, String)| Article { id: number.to_string(), text };
            let garbled: Vec<Article> = originals.iter().map(|text| spin(text, &spinner)).enumerate().map(article).collect();
            let clean: Vec<Article> = originals.iter().cloned().enumerate().map(article).collect();
            let models = Models { model: SHIPPED.model, thesaurus: &SHIPPED.thesaurus };
            let options = LearnOptions { rounds: 1, sample: 1, jobs: NonZeroUsize::new(2).unwrap(), ..LearnOptions::default() };
            let learned = learn("x", &garbled, &clean, None, models, &options).unwrap();
            // what is written, with two digits, is read back alike
            let written = learned.lessons[0].profile.to_string();
            let profiles: [Profile; 1] = [written.parse().unwrap()];
            prop_assert_eq!(profiles[0].to_string(), written);
            let restorer = Restorer::new(SHIPPED.model, &SHIPPED.thesaurus, &profiles, RestoreOptions::default());
            let (mut swapped, mut right) = (0, 0);
            for (text, spun) in originals.iter().zip(&garbled).take(4) {
                let plan = restorer.restore(&spun.text).plan;
                let restored = plan.apply(&spun.text).unwrap();
                prop_assert_eq!(plan.undo(&restored).unwrap(), spun.text.as_str());
                for ((original, spun), restored) in text.split_whitespace().zip(spun.text.split_whitespace()).zip(restored.split_whitespace()) {
                    swapped += usize::from(original != spun);
                    right += usize::from(original != spun && original == restored);
                }
            }
            prop_assert!(right * 10 >= swapped * 7, "{right} of {swapped} swapped words came back");
        }
    }

    /// The plan fits its text, changes nothing outside its edits, and is undone; nor is there more to change.
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
        for edit in &plan.edits {
            let blank = |text: &str| text.chars().filter(|c| c.is_whitespace()).any(|c| c != ' ');
            prop_assert!(edit.to == edit.to.trim() && !blank(&edit.to), "white space: {edit:?}");
            let first = |text: &str| Case::of(text.split(' ').next().unwrap_or(""));
            prop_assert!(first(&edit.from) != Case::Title || first(&edit.to) == Case::Title || edit.to == "I", "case: {edit:?}");
        }
        let again = RESTORER.restore(&restored).plan;
        prop_assert!(again.edits.is_empty(), "a second run changes more: {:?}", again.edits);
        let undone = plan.undo(&restored);
        prop_assert_eq!(undone.as_deref(), Ok(text));
        Ok(())
    }
}
