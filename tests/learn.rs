//! Learning: a table that spun the articles is the table that is learned; what is wrong with the input is said, and nothing is half done.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::num::NonZeroUsize;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};
    use std::sync::LazyLock;

    use insta_cmd::get_cargo_bin;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use unspin::embedded;
    use unspin::eval::{SpinnerKind, invent, spin};
    use unspin::learn::{Article, LearnError, LearnOptions, Learned, Models, learn};
    use unspin::lexicon::thesaurus::Thesaurus;
    use unspin::lexicon::{Profile, TouchRule};
    use unspin::lm::NgramModel;
    use unspin::text::{TokenKind, tokenise};

    use crate::corpus::texts;

    static MODEL: LazyLock<NgramModel<'static>> = LazyLock::new(|| embedded::model().unwrap());
    static THESAURUS: LazyLock<Thesaurus<'static>> = LazyLock::new(|| embedded::thesaurus().unwrap());

    fn originals() -> Vec<String> {
        let families = ["in-the-wild-style", "synthetic"];
        families.into_iter().flat_map(|family| texts(family, "original.txt")).map(|(_, text)| text).collect()
    }

    fn spinner(seed: u64, touch: &str) -> Profile {
        let mut spinner = invent("made-up", seed, SpinnerKind::USUAL, &THESAURUS, &MODEL);
        spinner.touch = touch.parse().unwrap();
        spinner
    }

    fn articles(texts: impl IntoIterator<Item = String>) -> Vec<Article> {
        texts.into_iter().enumerate().map(|(number, text)| Article { id: number.to_string(), text }).collect()
    }

    fn lesson(garbled: &[Article], clean: &[Article]) -> Result<Learned, LearnError> {
        let models = Models { model: *MODEL, thesaurus: &THESAURUS };
        let jobs = NonZeroUsize::new(2).unwrap();
        learn("x", garbled, clean, None, models, &LearnOptions { rounds: 1, sample: 1, jobs, ..LearnOptions::default() })
    }

    /// The words of the texts that the spinner could touch.
    fn touchable(texts: &[String], touch: TouchRule) -> BTreeSet<String> {
        let word = |text: &str| -> Vec<String> {
            let tokens = tokenise(text);
            let touched = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word(shape) if touch.touches(shape)));
            touched.map(|token| token.text(text).to_lowercase()).collect()
        };
        texts.iter().flat_map(|text| word(text)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn the_table_that_spun_the_articles_is_learned(seed in any::<u64>(), all_shapes in any::<bool>()) {
            let touch = if all_shapes { "lower-bare lower-punctuated title-bare title-punctuated" } else { "lower-bare" };
            let truth = spinner(seed, touch);
            let originals: Vec<String> = originals().into_iter().take(24).collect();
            let garbled = articles(originals.iter().map(|text| spin(text, &truth)));
            let learned = lesson(&garbled, &articles(originals.clone())).unwrap();
            prop_assert_eq!(learned.lessons.len(), 1);
            let profile = learned.lessons[0].profile.firm();
            prop_assert_eq!(profile.touch.to_string(), touch);
            let wrong: Vec<String> = profile
                .pairs()
                .iter()
                .filter(|pair| !truth.images(&pair.plain).iter().any(|known| known.cipher == pair.cipher))
                .map(|pair| format!("{} -> {}", pair.plain, pair.cipher))
                .collect();
            prop_assert!(wrong.len() <= 2, "{wrong:?}");
            let seen = touchable(&originals, truth.touch);
            let wanted: Vec<_> = truth.pairs().iter().filter(|pair| seen.contains(&pair.plain)).collect();
            let missing: Vec<_> =
                wanted.iter().filter(|pair| !profile.images(&pair.plain).iter().any(|found| found.cipher == pair.cipher)).collect();
            prop_assert!(wanted.len() > 400, "{}", wanted.len());
            prop_assert!(missing.len() * 100 <= wanted.len(), "{} of {}: {missing:?}", missing.len(), wanted.len());
        }
    }

    #[test]
    fn kinds_of_clean_text_are_told_apart() {
        let truth = spinner(5, "lower-bare");
        let originals: Vec<String> = originals().into_iter().take(8).collect();
        let garbled = articles(originals.iter().take(6).map(|text| spin(text, &truth)));
        // the whole original; half of it among other text; nothing of it; a copy of the garbled text's own folder
        let half = |text: &str| text.split_inclusive("\n\n").take(3).collect::<String>();
        let clean = vec![
            originals[0].clone(),
            originals[1].clone(),
            originals[2].clone(),
            format!("{}\n\n{}", originals[6], half(&originals[3])),
            originals[7].clone(),
        ];
        let learned = lesson(&garbled, &articles(clean)).unwrap();
        let report = &learned.lessons[0].report;
        assert_eq!((report.articles, report.originals, report.parts, report.alone(), report.comparable), (6, 3, 1, 2, 1), "{report}");
        assert!(report.pairs.often > 30 && report.pairs.deciphered > 0, "{report}");
        assert!(learned.lessons[0].refused.is_none());
    }

    #[test]
    fn two_spinners_are_told_apart() {
        let truth = [spinner(21, "lower-bare"), spinner(22, "lower-bare")];
        let originals = originals();
        let texts = originals.iter().take(14).enumerate().map(|(number, text)| spin(text, &truth[number % 2]));
        let garbled = articles(texts);
        let learned = lesson(&garbled, &articles(originals.iter().take(14).cloned())).unwrap();
        assert_eq!(learned.lessons.iter().map(|lesson| lesson.report.articles).collect::<Vec<_>>(), [7, 7]);
        for (lesson, truth) in learned.lessons.iter().zip(&truth) {
            let right =
                lesson.profile.pairs().iter().filter(|pair| truth.images(&pair.plain).iter().any(|image| image.cipher == pair.cipher));
            assert!(right.count() * 100 >= lesson.profile.pairs().len() * 97);
        }
        // one spinner is not torn apart by its subjects
        let one = articles(originals.iter().map(|text| spin(text, &truth[0])));
        assert_eq!(lesson(&one, &articles(originals)).unwrap().lessons.len(), 1);
    }

    #[test]
    fn texts_in_the_wrong_folder_are_named() {
        let truth = spinner(5, "lower-bare");
        let originals: Vec<String> = originals().into_iter().take(6).collect();
        let mut garbled = articles(originals.iter().take(4).map(|text| spin(text, &truth)));
        let mut clean = articles(originals.iter().take(4).cloned());
        garbled.push(Article { id: "copy".into(), text: originals[1].clone() });
        garbled.push(Article { id: "plain".into(), text: originals[5].clone() });
        clean.push(Article { id: "spun".into(), text: spin(&originals[4], &truth) });
        let strays = lesson(&garbled, &clean).unwrap().strays;
        assert_eq!((strays.copies, strays.plain, strays.garbled), (vec!["copy".into()], vec!["plain".into()], vec!["spun".into()]));
        // folders exchanged
        let error = lesson(&clean[..4], &garbled[..4]).unwrap_err();
        assert_eq!(error, LearnError::NotGarbled { texts: 4, copies: 0 });
        assert!(matches!(lesson(&clean[..4], &clean[..4]), Err(LearnError::NotGarbled { texts: 4, copies: 4 })));
        assert_eq!(lesson(&[], &clean).unwrap_err(), LearnError::NoText);
    }

    fn run(folder: &Path, args: &str, code: i32) -> Output {
        let mut command = Command::new(get_cargo_bin("unspin"));
        command.current_dir(folder).args(args.split_whitespace()).stdin(Stdio::null()).env("NO_COLOR", "1");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "unspin {args}\n{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// A folder with the first `number` articles of the shipped family below `g`, and their originals below `o`.
    fn site(number: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (below, file) in [("g", "spun.txt"), ("o", "original.txt")] {
            fs::create_dir(folder.path().join(below)).unwrap();
            for (path, text) in texts("in-the-wild-style", file).into_iter().take(number) {
                let name = path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
                fs::write(folder.path().join(below).join(name + ".txt"), text).unwrap();
            }
        }
        folder
    }

    #[test]
    fn a_site_is_learned_from_pairs() {
        let folder = site(12);
        let output = run(folder.path(), "learn --garbled g --clean o --output site.tsv", 0);
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            report.starts_with("written    site.tsv\narticles   12: 12 with their original, 0 with part of it, 0 without\n"),
            "{report}"
        );
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        run(folder.path(), "profile validate site.tsv", 0);
        let shown = run(folder.path(), "profile show site.tsv --sort count --min-count 9", 0);
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        // the version and the hashes change with the program and the corpus
        let lines = shown.lines().filter(|line| !line.contains("SHA-256") && !line.contains(" unspin "));
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!("learned_from_pairs", lines.collect::<Vec<_>>().join("\n"));
        });
        let explained = String::from_utf8_lossy(&run(folder.path(), "explain --profile site.tsv volition", 0).stdout).into_owned();
        assert!(explained.contains("stands for `will` (confidence ") && explained.contains(" times beside the original"), "{explained}");
        let rows = |args: &str| run(folder.path(), args, 0).stdout.split(|&byte| byte == b'\n').count();
        assert!(rows("profile show site.tsv --min-confidence 0.9 --source aligned") < rows("profile show site.tsv"));
        assert!(rows("profile show site.tsv --standing weak") < rows("profile show site.tsv --standing firm"));
        run(folder.path(), "profile show site.tsv --source heard", 2);
        run(folder.path(), "profile merge site.tsv beryllium --output both.tsv", 0);
        run(folder.path(), "profile validate both.tsv", 0);
        assert!(rows("profile show both.tsv --format tsv") > rows("profile show beryllium --format tsv"));
    }

    #[test]
    fn threads_and_order_do_not_matter() {
        let folder = site(5);
        // one article without its original
        let gone = fs::read_dir(folder.path().join("o")).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
        fs::remove_file(&gone).unwrap();
        run(folder.path(), "learn --garbled g --clean o --rounds 1 --jobs 1 --output one/site.tsv", 0);
        run(folder.path(), "learn --garbled g --clean o --rounds 1 --jobs 4 --output four/site.tsv", 0);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("one/site.tsv"), read("four/site.tsv"));
        assert!(read("one/site.tsv").contains("4 with their original, 0 with part of it"));
        run(folder.path(), "learn --garbled g --clean o --rounds 0 --base one/site.tsv --output more.tsv", 0);
        assert!(read("more.tsv").contains("# Extends site version 1, SHA-256 "));
    }

    #[test]
    fn bad_input_is_named_and_nothing_is_written() {
        let folder = site(2);
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("none/x.csv", b"1");
        put("latin/a.txt", b"caf\xe9");
        put("empty/a.txt", b" \n");
        for (args, message) in [
            ("learn --garbled o --clean o --output p.tsv", "none of the 2 garbled texts is garbled: 2 equal a clean text"),
            ("learn --garbled o --clean g --output p.tsv", "are the folders exchanged?"),
            ("learn --garbled o --output p.tsv", "the others read like plain English"),
            ("learn --garbled none --output p.tsv", "no articles in this folder"),
            ("learn --garbled nope --output p.tsv", "no such file or folder"),
            ("learn --garbled latin --output p.tsv", "not UTF-8"),
            ("learn --garbled empty --output p.tsv", "empty, left out"),
            ("learn --garbled g --clean none --output p.tsv", "leave --clean out to learn from the garbled texts alone"),
            ("learn --garbled g --clean o --output o", "is a folder"),
            ("learn --garbled g --clean o --base berylium --output p.tsv", "did you mean `beryllium`?"),
            ("learn --clean o --output p.tsv", "--garbled"),
        ] {
            let stderr = String::from_utf8_lossy(&run(folder.path(), args, 2).stderr).into_owned();
            assert!(stderr.contains(message), "{args}\n{stderr}");
            assert!(!folder.path().join("p.tsv").exists(), "{args}");
        }
        // what cannot be read is left out, and the rest is learned
        put("g/bad.txt", b"caf\xe9");
        let output = run(folder.path(), "learn --garbled g --clean o --output p.tsv", 3);
        assert!(String::from_utf8_lossy(&output.stderr).contains("bad.txt: left out: this is not UTF-8"));
        assert!(folder.path().join("p.tsv").exists());
    }
}
