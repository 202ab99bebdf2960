//! The small vocabularies of the thesaurus: relations between words, inflections, parts of speech.
//!
//! In: codes of the thesaurus file. Out: enums. Not obvious: the order of [`Relation`] is the order of
//! preference when one word is reached in two ways at the same cost, and it is the code in the file, so
//! a new relation goes to the end and asks for a new version of the format.

use std::fmt;

use serde::{Serialize, Serializer};

/// How the plain word hangs together with the cipher word, named by the first step from the cipher word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// Both words are lemmas of one synset (volition, will).
    SameSynset,
    /// Another inflected form of the same lemma, or derived from it (move, moving; national, nationalist).
    SameLemma,
    /// Adjectives of one cluster (successful, in).
    SimilarTo,
    /// WordNet's "see also".
    AlsoSee,
    /// The plain word is more general (lone wolf, wolf).
    Hypernym,
    /// The plain word is more special (location, home).
    Hyponym,
    /// A derivation between other words of the two synsets.
    Derivation,
    /// Adjective and noun, or adverb and adjective, between other words of the two synsets.
    Pertainym,
    /// Verbs of like meaning.
    VerbGroup,
    /// Noun and the adjectives that are its values (size, large).
    Attribute,
    /// One verb entails or causes the other, in either direction.
    Entailment,
    /// Two kinds of one thing: a step up and a step down.
    CoHyponym,
    /// The plain word names a part, member or substance of the cipher word.
    Meronym,
    /// The plain word names a whole that the cipher word is a part of.
    Holonym,
    /// The opposite.
    Antonym,
    /// Topic, region or usage, in either direction.
    Domain,
}

impl Relation {
    /// Every relation, at the index of its code.
    const ALL: [Self; 16] = [
        Self::SameSynset,
        Self::SameLemma,
        Self::SimilarTo,
        Self::AlsoSee,
        Self::Hypernym,
        Self::Hyponym,
        Self::Derivation,
        Self::Pertainym,
        Self::VerbGroup,
        Self::Attribute,
        Self::Entailment,
        Self::CoHyponym,
        Self::Meronym,
        Self::Holonym,
        Self::Antonym,
        Self::Domain,
    ];

    /// The relation with this code of four bits; what is beyond counts as [`Relation::Domain`].
    #[must_use]
    pub(crate) fn from_code(code: u32) -> Self {
        Self::ALL.get(code as usize).copied().unwrap_or(Self::Domain)
    }

    /// Whether the relation is between two words, so that it joins exactly those.
    #[must_use]
    pub(crate) fn is_stem(self) -> bool {
        matches!(self, Self::Derivation | Self::Pertainym)
    }

    /// The same pointer seen from its other end.
    #[cfg(feature = "build")]
    #[must_use]
    pub(crate) fn inverse(self) -> Self {
        match self {
            Self::Hypernym => Self::Hyponym,
            Self::Hyponym => Self::Hypernym,
            Self::Meronym => Self::Holonym,
            Self::Holonym => Self::Meronym,
            other => other,
        }
    }

    /// The relation that a pointer symbol of WordNet stands for (`man 5 wninput`).
    #[cfg(feature = "build")]
    #[must_use]
    pub(crate) fn from_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "@" | "@i" => Self::Hypernym,
            "~" | "~i" => Self::Hyponym,
            "#m" | "#s" | "#p" => Self::Holonym,
            "%m" | "%s" | "%p" => Self::Meronym,
            "!" => Self::Antonym,
            "&" => Self::SimilarTo,
            "^" => Self::AlsoSee,
            "+" => Self::Derivation,
            "\\" | "<" => Self::Pertainym,
            "$" => Self::VerbGroup,
            "=" => Self::Attribute,
            "*" | ">" => Self::Entailment,
            ";c" | ";r" | ";u" | "-c" | "-r" | "-u" => Self::Domain,
            _ => return None,
        })
    }
}

/// By its name, as it is shown.
impl Serialize for Relation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::SameSynset => "same synset",
            Self::SameLemma => "same lemma",
            Self::SimilarTo => "similar to",
            Self::AlsoSee => "see also",
            Self::Hypernym => "hypernym",
            Self::Hyponym => "hyponym",
            Self::Derivation => "derivation",
            Self::Pertainym => "pertainym",
            Self::VerbGroup => "verb group",
            Self::Attribute => "attribute",
            Self::Entailment => "entailment",
            Self::CoHyponym => "co-hyponym",
            Self::Meronym => "meronym",
            Self::Holonym => "holonym",
            Self::Antonym => "antonym",
            Self::Domain => "domain",
        })
    }
}

/// An inflection of a lemma; the number is the code in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inflection {
    /// The lemma itself, or a present form without a tag of its own (am, are).
    Base,
    /// Plural of a noun.
    Plural,
    /// Third person of a verb (takes).
    ThirdPerson,
    /// Past of a verb (took).
    Past,
    /// Past participle (taken).
    PastParticiple,
    /// The form in -ing (taking).
    Ing,
    /// Comparative (nearer).
    Comparative,
    /// Superlative (nearest).
    Superlative,
}

impl Inflection {
    const ALL: [Self; 8] =
        [Self::Base, Self::Plural, Self::ThirdPerson, Self::Past, Self::PastParticiple, Self::Ing, Self::Comparative, Self::Superlative];

    /// The inflection with this code of three bits.
    #[must_use]
    pub(crate) fn from_code(code: u32) -> Self {
        Self::ALL.get(code as usize).copied().unwrap_or(Self::Base)
    }

    /// Whether words of that part of speech have this inflection.
    #[must_use]
    pub fn fits(self, part_of_speech: PartOfSpeech) -> bool {
        match self {
            Self::Plural => part_of_speech == PartOfSpeech::Noun,
            Self::Comparative | Self::Superlative => matches!(part_of_speech, PartOfSpeech::Adjective | PartOfSpeech::Adverb),
            Self::Base | Self::ThirdPerson | Self::Past | Self::PastParticiple | Self::Ing => part_of_speech == PartOfSpeech::Verb,
        }
    }
}

/// Part of speech, in the order in which the synsets of the file stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartOfSpeech {
    /// Noun.
    Noun,
    /// Verb.
    Verb,
    /// Adjective, satellites included.
    Adjective,
    /// Adverb.
    Adverb,
}
