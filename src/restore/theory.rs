//! What may explain a text: a spinner that a profile knows, one that it knows in part, one that nobody knows.

use std::sync::OnceLock;

use crate::decode::{Cipher, DecodeOptions, Decoder};
use crate::detect::Bar;
use crate::lexicon::Profile;
use crate::lexicon::thesaurus::Thesaurus;
use crate::lm::NgramModel;

/// A known spinner.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) profile: &'a Profile,
    /// For texts of which its profile lists nearly all swaps.
    pub(super) decoder: Decoder<'a>,
    /// For texts of which it lists a part; made when there is one.
    partly: OnceLock<Decoder<'a>>,
    /// For texts in which it swaps a part of what it lists; made when there is one.
    sparing: OnceLock<Decoder<'a>>,
    model: NgramModel<'a>,
    thesaurus: &'a Thesaurus<'a>,
}

/// What may explain a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Theory<'s, 'a> {
    /// A spinner whose profile lists nearly all that it swaps.
    Known(&'s Known<'a>),
    /// The same, but it swaps a part of that only.
    Sparing(&'s Known<'a>),
    /// A spinner whose profile lists a part of it.
    Partly(&'s Known<'a>),
    /// A spinner that no profile knows.
    Unknown,
}

impl<'a> Theory<'_, 'a> {
    /// The profile in use.
    pub(super) fn profile(self) -> Option<&'a Profile> {
        match self {
            Self::Known(known) | Self::Sparing(known) | Self::Partly(known) => Some(known.profile),
            Self::Unknown => None,
        }
    }

    /// What is enough to call a text spun, one of these, by `bar`, which is enough for a spinner that is known; `strangers` is the share of words in the
    /// text that do not go with their neighbours.
    pub(super) fn bars(self, bar: Bar, strangers: f32) -> Vec<Bar> {
        match self {
            Self::Known(_) => vec![bar],
            Self::Sparing(_) => vec![bar.sparing()],
            // strangers tell of a spinner, not of which
            Self::Partly(_) => bar.unknown(0.0).to_vec(),
            Self::Unknown => bar.unknown(strangers).to_vec(),
        }
    }
}

impl<'a> Known<'a> {
    /// Compiles a profile.
    pub(super) fn new(profile: &'a Profile, model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, options: DecodeOptions) -> Self {
        let decoder = Decoder::new(model, thesaurus, Cipher::known(profile), options);
        Self { profile, decoder, partly: OnceLock::new(), sparing: OnceLock::new(), model, thesaurus }
    }

    /// The decoder for texts of which the profile lists a part.
    pub(super) fn partly(&self, options: DecodeOptions) -> &Decoder<'a> {
        self.partly.get_or_init(|| Decoder::new(self.model, self.thesaurus, Cipher::known_in_part(self.profile), options))
    }

    /// The decoder for texts in which it swaps a part of what it lists.
    pub(super) fn sparing(&self, options: DecodeOptions) -> &Decoder<'a> {
        self.sparing.get_or_init(|| Decoder::new(self.model, self.thesaurus, Cipher::sparing(self.profile), options))
    }
}
