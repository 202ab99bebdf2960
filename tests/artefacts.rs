//! The shipped data: whole, sorted, known by hash, within bounds; and the corpus is as large as it is meant to be.
//!
//! After an artefact is replaced: `UPDATE_MANIFEST=1 cargo test --test artefacts` writes its new size and hash into
//! `dictionaries/MANIFEST.toml`.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use serde::Deserialize;
    use sha2::{Digest, Sha256};
    use unspin::embedded;
    use unspin::lexicon::Profile;
    use unspin::lexicon::thesaurus::Thesaurus;
    use unspin::lm::ContextModel;
    use unspin::lm::reading::word_key;

    use crate::corpus::texts;

    /// Most bytes of data in the binary.
    const MAX_EMBEDDED: u64 = 48_000_000;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Manifest {
        artefact: Vec<Artefact>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Artefact {
        path: String,
        bytes: u64,
        sha256: String,
        command: String,
        licence: String,
        #[serde(default)]
        input: Vec<Input>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Input {
        file: String,
        sha256: String,
        source: String,
    }

    fn dictionaries() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries")
    }

    fn read(name: &str) -> String {
        std::fs::read_to_string(dictionaries().join(name)).unwrap_or_else(|error| panic!("dictionaries/{name}: {error}"))
    }

    fn manifest() -> Manifest {
        toml::from_str(&read("MANIFEST.toml")).unwrap()
    }

    fn sha256(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn profiles() -> Vec<(PathBuf, String)> {
        let entries = std::fs::read_dir(dictionaries().join("profiles")).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "tsv")).collect();
        paths.sort();
        paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
    }

    #[test]
    fn the_manifest_states_size_and_hash() {
        let updating = std::env::var_os("UPDATE_MANIFEST").is_some();
        let mut text = read("MANIFEST.toml");
        for artefact in manifest().artefact {
            let bytes = std::fs::read(dictionaries().join(&artefact.path)).unwrap();
            let found = (bytes.len() as u64, sha256(&bytes));
            if updating {
                let stated = format!("path = \"{}\"\nbytes = {}\nsha256 = \"{}\"", artefact.path, artefact.bytes, artefact.sha256);
                let now = format!("path = \"{}\"\nbytes = {}\nsha256 = \"{}\"", artefact.path, found.0, found.1);
                assert!(text.contains(&stated), "MANIFEST.toml: path, bytes and sha256 of {} must stand below each other", artefact.path);
                text = text.replace(&stated, &now);
            } else {
                let hint = "replaced on purpose? then run UPDATE_MANIFEST=1 cargo test --test artefacts";
                assert_eq!(found, (artefact.bytes, artefact.sha256), "{}: {hint}", artefact.path);
            }
        }
        if updating {
            std::fs::write(dictionaries().join("MANIFEST.toml"), text).unwrap();
        }
    }

    #[test]
    fn the_manifest_is_complete() {
        let manifest = manifest();
        let named: BTreeSet<String> = manifest.artefact.iter().map(|artefact| artefact.path.clone()).collect();
        let profiles = profiles().into_iter().map(|(path, _)| format!("profiles/{}", path.file_name().unwrap().to_string_lossy()));
        let expected: BTreeSet<String> = ["english.context", "english.lm", "english.reranker", "english.thesaurus"]
            .into_iter()
            .map(str::to_owned)
            .chain(profiles)
            .collect();
        assert_eq!(named, expected);
        for artefact in &manifest.artefact {
            assert!(!artefact.command.is_empty() && !artefact.licence.is_empty(), "{}", artefact.path);
            for input in &artefact.input {
                assert!(input.sha256.len() == 64 && !input.source.is_empty(), "{}: input {}", artefact.path, input.file);
            }
        }
    }

    #[test]
    fn the_model_has_the_inputs_of_its_recipe() {
        // every `file`, `table`, `archive`, `words` of the recipe with the hash on the line behind it
        let recipe = read("english.lm.toml");
        let lines: Vec<(&str, &str)> =
            recipe.lines().filter_map(|line| line.split_once(" = ")).map(|(key, value)| (key, value.trim_matches('"'))).collect();
        let of_recipe: BTreeMap<&str, &str> =
            lines.windows(2).filter(|pair| pair[1].0.ends_with("sha256")).map(|pair| (pair[0].1, pair[1].1)).collect();
        let manifest = manifest();
        let artefact = manifest.artefact.iter().find(|artefact| artefact.path == "english.lm").unwrap();
        let of_manifest: BTreeMap<&str, &str> = artefact.input.iter().map(|input| (input.file.as_str(), input.sha256.as_str())).collect();
        assert!(of_recipe.len() >= 8, "{of_recipe:?}");
        assert_eq!(of_manifest, of_recipe);
    }

    #[test]
    fn networks_have_the_texts_of_the_corpus_as_their_inputs() {
        let manifest = manifest();
        for (path, corpus, least) in [("english.context", "corpus/prose", 9), ("english.reranker", "corpus/held-out", 8)] {
            let found: BTreeMap<String, String> = std::fs::read_dir(dictionaries().join("..").join(corpus))
                .unwrap()
                .map(|entry| entry.unwrap())
                .map(|entry| (entry.file_name().to_string_lossy().into_owned(), sha256(&std::fs::read(entry.path()).unwrap())))
                .collect();
            let artefact = manifest.artefact.iter().find(|artefact| artefact.path == path).unwrap();
            let own = artefact.input.iter().filter(|input| input.source.ends_with(corpus));
            let stated: BTreeMap<String, String> = own.map(|input| (input.file.clone(), input.sha256.clone())).collect();
            assert_eq!(found, stated);
            assert!(found.len() >= least);
        }
    }

    #[test]
    fn what_is_trained_on_holds_no_article_that_is_measured() {
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        let folders = ["../corpus/prose", "../corpus/held-out"].map(|folder| std::fs::read_dir(dictionaries().join(folder)).unwrap());
        let prose: Vec<String> = folders.into_iter().flatten().map(|entry| read(&entry.unwrap().path())).collect();
        let sentences: BTreeSet<&str> = prose.iter().flat_map(|text| text.split(['\n', '.'])).map(str::trim).collect();
        for kind in ["in-the-wild-style", "synthetic"] {
            for case in std::fs::read_dir(dictionaries().join("../corpus/cases").join(kind)).unwrap() {
                let original = read(&case.unwrap().path().join("original.txt"));
                let long = original.split(['\n', '.']).map(str::trim).filter(|sentence| sentence.split(' ').count() > 7);
                long.for_each(|sentence| assert!(!sentences.contains(sentence), "{sentence}"));
            }
        }
    }

    #[test]
    fn what_is_embedded_loads_and_is_whole() {
        embedded::model_image().unwrap().verify().unwrap();
        ContextModel::verify(embedded::context_bytes()).unwrap();
        let model = embedded::model().unwrap();
        assert!(model.context().is_some(), "english.context was trained for another english.lm; train it again");
        assert!(model.vocabulary().len() > 50_000);
        assert_eq!(model.counts().len(), model.order());
        Thesaurus::from_bytes(embedded::thesaurus_bytes()).unwrap();
        let thesaurus = embedded::thesaurus().unwrap();
        assert!(thesaurus.contains("volition") && thesaurus.words().count() > 100_000);
        assert_eq!(embedded::profiles().unwrap().len(), profiles().len());
    }

    #[test]
    fn the_binary_carries_little_data() {
        let sizes = manifest().artefact.into_iter().map(|artefact| std::fs::metadata(dictionaries().join(artefact.path)).unwrap().len());
        let total: u64 = sizes.sum();
        assert!(total < MAX_EMBEDDED, "{total} bytes of data");
    }

    #[test]
    fn profiles_are_valid_and_in_normal_form() {
        for (path, text) in profiles() {
            let name = path.display();
            let profile: Profile = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(profile.to_string() == text, "{name}: not in the form that the program writes; `unspin profile validate` tells");
            assert_eq!(Some(profile.name.as_str()), path.file_stem().and_then(|stem| stem.to_str()));
            assert!(profile.pairs().len() >= 800, "{name}: {} pairs", profile.pairs().len());
            assert!(!profile.about.is_empty(), "{name}: the head does not say where it comes from");
        }
    }

    #[test]
    fn cipher_words_are_words() {
        let (thesaurus, model) = (embedded::thesaurus().unwrap(), embedded::model().unwrap());
        let exceptions = read("exceptions.tsv");
        let mut rows = exceptions.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows.next(), Some("word\treason"));
        let listed: Vec<(&str, &str)> = rows.map(|row| row.split_once('\t').unwrap_or((row, ""))).collect();
        assert!(listed.windows(2).all(|pair| pair[0].0 < pair[1].0), "exceptions.tsv is not sorted");
        assert!(listed.iter().all(|row| !row.1.trim().is_empty()), "exceptions.tsv: a reason is missing");
        let known = |word: &str| thesaurus.contains(word) || model.vocabulary().id(&word_key(word)).is_some();
        let mut unknown = BTreeSet::new();
        for profile in embedded::profiles().unwrap() {
            let words = profile.pairs().iter().filter(|pair| !pair.plain.contains(' ')).map(|pair| pair.cipher.clone());
            unknown.extend(words.filter(|word| !word.contains(' ') && !known(word)));
        }
        let listed: BTreeSet<String> = listed.into_iter().map(|row| row.0.to_owned()).collect();
        let missing: Vec<_> = unknown.difference(&listed).collect();
        assert!(missing.is_empty(), "in no word list; mend the profile, or give a reason in dictionaries/exceptions.tsv: {missing:?}");
        let needless: Vec<_> = listed.difference(&unknown).collect();
        assert!(needless.is_empty(), "no exceptions; take them out of dictionaries/exceptions.tsv: {needless:?}");
    }

    #[test]
    fn the_corpus_is_large_enough() {
        let families = ["in-the-wild-style", "synthetic"];
        let originals: Vec<_> = families.into_iter().flat_map(|family| texts(family, "original.txt")).collect();
        let long = originals.iter().filter(|(_, text)| text.split_whitespace().count() >= 250).count();
        assert!(long >= 40, "{long} articles of 250 words");
        let clean = texts("clean", "clean.txt").len();
        assert!(clean >= 40, "{clean} clean texts");
        for (path, _) in &originals {
            assert!(path.with_file_name("spun.txt").is_file(), "{}: run cargo run --release --example spin_corpus", path.display());
        }
    }

    #[test]
    fn every_article_says_what_it_is() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct About {
            family: String,
            seed: Option<u64>,
            desk: String,
            english: String,
            split: String,
        }
        let mut splits: BTreeMap<String, usize> = BTreeMap::new();
        for (path, text) in ["in-the-wild-style", "synthetic"].into_iter().flat_map(|family| texts(family, "about.toml")) {
            let name = path.display();
            let about: About = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let made_up = about.family == "made-up";
            assert!(made_up || embedded::PROFILES.iter().any(|profile| profile.0 == about.family), "{name}: family {}", about.family);
            assert_eq!(made_up, about.seed.is_some(), "{name}: a seed goes with a made-up spinner");
            assert_eq!(made_up, path.with_file_name("cipher.tsv").is_file(), "{name}");
            assert!(!about.desk.is_empty() && ["british", "american"].contains(&about.english.as_str()), "{name}");
            assert!(["dev", "test"].contains(&about.split.as_str()), "{name}: split {}", about.split);
            *splits.entry(about.split).or_default() += 1;
        }
        assert_eq!(splits.get("dev"), splits.get("test"));
        assert!(splits.len() == 2, "{splits:?}");
    }

    /// Compares with the committed file, or writes it if `UPDATE_SEEDS` is set.
    #[cfg(feature = "build")]
    fn same_as_committed(name: &str, bytes: &[u8]) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if std::env::var_os("UPDATE_SEEDS").is_some() {
            std::fs::write(&path, bytes).unwrap();
        }
        let hint = "the format, or the way it is made, has changed; if on purpose: UPDATE_SEEDS=1 cargo test";
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}: {hint}");
    }

    #[test]
    #[cfg(feature = "build")]
    fn a_small_model_is_rebuilt_byte_for_byte() {
        use unspin::build::{Recipe, build_model};
        use unspin::lm::ModelFile;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/small");
        let recipe = Recipe::load(&folder.join("recipe.toml")).unwrap();
        // how much is sorted in memory, and how much in files, must not matter
        for memory in [1 << 10, 1 << 24] {
            let bytes = build_model(&recipe, &folder, memory, &[], &mut |_| {}).unwrap();
            let file = ModelFile::from_bytes(&bytes);
            file.image().unwrap().verify().unwrap();
            assert!(file.image().unwrap().model().unwrap().vocabulary().id("bridge").is_some());
            same_as_committed("fuzz/seeds/model/small.lm", &bytes);
        }
    }
}
