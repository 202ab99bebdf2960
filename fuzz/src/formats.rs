//! Our own files: what is read is written back alike, and what is damaged is refused or answers, but never brings the program down.

use std::path::Path;

use clap::{Arg, Command};
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::{Inflection, Limits, Thesaurus, ThesaurusError};
use unspin::lm::{self, LanguageModel, ModelFile};
use unspin::snapshot::{Snapshot, compare, difference};
use unspin::text::sha256;
use unspin::undo::Log;

use super::config;

/// A profile.
pub fn profile(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(profile) = text.parse::<Profile>() else { return };
    let written = profile.to_string();
    let again: Profile = written.parse().unwrap_or_else(|error| panic!("what was written is refused: {error}\n{written}"));
    assert_eq!(again.to_string(), written);
    for pair in profile.pairs() {
        assert!(profile.behind(&pair.cipher).any(|found| found == pair));
        assert!(profile.images(&pair.plain).contains(pair));
        let _ = (profile.listed(&pair.plain), profile.support(pair), profile.is_weak(pair));
    }
    let _ = profile.firm();
}

/// A language model: as it is, and with a head that is right, so that the tables are looked into.
pub fn model(bytes: &[u8]) {
    asked(bytes);
    if bytes.len() < 64 {
        return;
    }
    let mut sealed = bytes.to_vec();
    sealed[..8].copy_from_slice(&lm::MAGIC);
    sealed[8..12].copy_from_slice(&lm::FORMAT_VERSION.to_le_bytes());
    let sum = lm::checksum(&sealed[64..]);
    sealed[16..24].copy_from_slice(&sum.to_le_bytes());
    asked(&sealed);
}

fn asked(bytes: &[u8]) {
    let file = ModelFile::from_bytes(bytes);
    let Ok(image) = file.image() else { return };
    if image.verify().is_err() {
        return;
    }
    let _ = image.info();
    let Ok(model) = image.model() else { return };
    let vocabulary = model.vocabulary();
    let most = u16::try_from(vocabulary.len().min(40)).unwrap();
    let mut topic = lm::Topic::default();
    for word in 0..most {
        let _ = vocabulary.id(vocabulary.word(word));
        topic.add(&model.vectors(), word, 1.0);
        let _ = topic.unit().fit(&model.vectors(), word);
        let mut state = model.after(word);
        for next in 0..most {
            state = model.score(&state, next).1;
        }
    }
    let _ = (vocabulary.id("be"), vocabulary.word(u16::MAX), model.counts());
}

/// A thesaurus: as it is, and with a head that is right.
pub fn thesaurus(bytes: &[u8]) {
    let mut sealed = bytes.to_vec();
    match Thesaurus::from_bytes(bytes) {
        Ok(thesaurus) => return searched(&thesaurus),
        Err(ThesaurusError::Checksum { found, .. }) if sealed.len() >= 24 => sealed[16..24].copy_from_slice(&found.to_le_bytes()),
        Err(_) => return,
    }
    if let Ok(thesaurus) = Thesaurus::from_bytes(&sealed) {
        searched(&thesaurus);
    }
}

fn searched(thesaurus: &Thesaurus<'_>) {
    let limits = Limits { max_distance: 3, ..Limits::default() };
    for word in thesaurus.words().take(40) {
        let _ = (thesaurus.contains(word), thesaurus.senses(word), thesaurus.lemmas(word), thesaurus.forms(word, Inflection::Past));
        assert!(thesaurus.plaintexts(word, &limits).len() <= limits.max_number);
    }
}

/// A snapshot: as it is, and with the fingerprint that it should have.
pub fn snapshot(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let body = text.rsplit_once("# end: ").map_or(&*text, |(body, _)| body).replace("\r\n", "\n");
    let sealed = format!("{body}# end: sha256:{}\n", sha256(body.trim_start_matches('\u{feff}').as_bytes()));
    for text in [&*text, &sealed] {
        let Ok(snapshot) = text.parse::<Snapshot>() else { continue };
        let written = snapshot.to_string();
        let again: Snapshot = written.parse().unwrap_or_else(|error| panic!("what was written is refused: {error}\n{written}"));
        assert_eq!(again.to_string(), written);
        let comparison = compare(&snapshot, &again);
        difference(Some(&snapshot), &again, &comparison, &mut Vec::new()).unwrap();
        difference(None, &again, &comparison, &mut Vec::new()).unwrap();
    }
}

/// An edit log, then a line of a NUL, then a text; `@` in the log stands for the fingerprint of that text.
pub fn edits(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (log, text) = text.split_once('\0').unwrap_or((&text, ""));
    let Ok(log) = log.replace('@', &sha256(text.as_bytes())).parse::<Log>() else { return };
    for document in log.documents() {
        if let Ok(change) = log.of(document, document, text) {
            let _ = change.undo(text);
        }
        if let Ok(stream) = log.stream_of(document, document, true) {
            for number in 1..4 {
                let _ = stream.undo(number, text.as_bytes());
            }
            let _ = (stream.kind(), stream.ends_after(2));
        }
        let _ = log.of("elsewhere/a.txt", "a.txt", text);
    }
}

/// A configuration: what it adds is taken as if it were typed, or refused.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let value = |name: &'static str| Arg::new(name).long(name).action(clap::ArgAction::Append);
    let flag = |name: &'static str| Arg::new(name).long(name).action(clap::ArgAction::SetTrue);
    let command =
        Command::new("restore").no_binary_name(true).args(["profile", "preset", "glob", "jobs", "max-ratio"].map(value)).arg(flag("stats"));
    let Ok(added) = config::added(&command, &["--jobs=2".into()], &text, Path::new("unspin.toml")) else { return };
    assert!(added.iter().all(|option| option.to_string_lossy().starts_with("--")), "{added:?}");
    let _ = command.try_get_matches_from(added);
}
