//! Which word of the language model a word of the thesaurus is, and of which of its words a profile knows what becomes of them.
//!
//! In: all three. Out: the number of a word in the model by its number in the thesaurus, looked up once. Not obvious: an answer depends on
//! nothing but its word, so it does not matter which thread puts it down.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use rustc_hash::FxHashSet;

use crate::lexicon::Profile;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::reading::{token_key, word_key};
use crate::lm::{Vocabulary, WordId, special};

/// The thesaurus and a profile, with their words' numbers in a model.
#[derive(Debug)]
pub(super) struct Links<'a> {
    thesaurus: &'a Thesaurus<'a>,
    vocabulary: Vocabulary<'a>,
    /// For each word of the thesaurus its number in the model and one more; 0 before anybody has asked.
    ids: Vec<AtomicU16>,
    profile: Option<&'a Profile>,
    /// The plain words of the profile, and those that it says stay, once somebody has asked.
    known: OnceLock<FxHashSet<WordId>>,
}

impl<'a> Links<'a> {
    pub(super) fn new(thesaurus: &'a Thesaurus<'a>, vocabulary: Vocabulary<'a>, profile: Option<&'a Profile>) -> Self {
        let ids = (0..thesaurus.number_of_words()).map(|_| AtomicU16::new(0)).collect();
        Self { thesaurus, vocabulary, ids, profile, known: OnceLock::new() }
    }

    pub(super) fn thesaurus(&self) -> &'a Thesaurus<'a> {
        self.thesaurus
    }

    /// The number in the model of a word of the thesaurus, if the model knows it.
    pub(super) fn id(&self, word: u32) -> Option<WordId> {
        let known = self.ids.get(word as usize)?;
        let id = match known.load(Ordering::Relaxed) {
            0 => {
                let id = self.vocabulary.id(&word_key(self.thesaurus.spelling(word))).unwrap_or(special::UNKNOWN);
                // the last number of all would count as never asked, and be asked for each time
                known.store(id.wrapping_add(1), Ordering::Relaxed);
                id
            }
            known => known - 1,
        };
        (id != special::UNKNOWN).then_some(id)
    }

    /// Whether the profile says what the spinner makes of a word of the model, and be it nothing.
    pub(super) fn is_known(&self, id: WordId) -> bool {
        let plain = |profile: &'a Profile| {
            let listed = profile.pairs().iter().filter(|pair| pair.confidence > 0.0).map(|pair| pair.plain.as_str());
            listed.chain(profile.all_stays().map(|(word, _)| word))
        };
        let all = || self.profile.into_iter().flat_map(plain).filter_map(|plain| self.vocabulary.id(&token_key(plain))).collect();
        self.known.get_or_init(all).contains(&id)
    }
}
