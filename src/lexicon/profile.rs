//! The cipher profile of a spinner: its pairs, how sure each is and whence, and its touch rule.
//!
//! In: pairs. Out: a [`Profile`], to be asked by plain and by cipher word. The exact form of a word is the key, as spinners look words up by form.
//! [`super::file`] reads and writes it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::TouchRule;
use super::support::Support;

/// Whence a pair is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Read off a page of this spinner beside its original or in clear context.
    Observed,
    /// Written down alike in two or more lists that were made separately, from memory of such pages.
    Agreed,
    /// Written down in one such list.
    Recalled,
    /// Counted in aligned pairs of garbled and original articles.
    Aligned,
    /// Found by decipherment, without an original.
    Deciphered,
    /// Made up, for tests.
    Synthetic,
}

const SOURCES: [(&str, Source); 6] = [
    ("agreed", Source::Agreed),
    ("aligned", Source::Aligned),
    ("deciphered", Source::Deciphered),
    ("observed", Source::Observed),
    ("recalled", Source::Recalled),
    ("synthetic", Source::Synthetic),
];

impl Source {
    /// The source with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SOURCES.iter().find(|source| source.0 == name).map(|source| source.1)
    }

    /// All names.
    #[must_use]
    pub fn names() -> [&'static str; 6] {
        SOURCES.map(|source| source.0)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SOURCES.iter().find(|s| s.1 == *self).map_or("", |s| s.0))
    }
}

/// One swap that a spinner makes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The word of the original; may be several words.
    pub plain: String,
    /// What the spinner puts in its place; may be several words.
    pub cipher: String,
    /// How often it was counted, in tokens; 1 where it was not counted.
    pub count: f32,
    /// Probability that the spinner makes this swap.
    pub confidence: f32,
    /// Whence it is known.
    pub source: Source,
}

/// What is known of a spinner.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name of the family.
    pub name: String,
    /// Version of the list, apart from the program's.
    pub version: u32,
    /// In which shapes it swaps words.
    pub touch: TouchRule,
    /// Lines of the head that are for people: origin and licence.
    pub about: Vec<String>,
    pairs: Vec<Pair>,
    by_cipher: FxHashMap<String, Vec<usize>>,
    /// For each plain word its pairs, which stand together.
    by_plain: FxHashMap<String, Range<usize>>,
    support: BTreeMap<(String, String), Support>,
    /// Words that the spinner leaves alone, with the tokens in which it was seen to.
    stays: BTreeMap<String, u32>,
    lacking: Lacking,
}

/// What a profile knows to be missing from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Lacking {
    /// See [`Profile::lacking`].
    share: f32,
    /// Whether any pair was counted side by side.
    counted: bool,
}

/// What a profile lacks, as a share of all swaps, below which it has met the frequent words.
const WELL_COUNTED: f32 = 0.1;
/// The same, above which the profile is short.
const SHORT: f32 = 0.02;
/// Expected tokens of a pair up to which it may stand once.
const ONCE: f32 = 1.5;

impl Profile {
    /// A profile of these pairs; sorts them, and keeps the surer one of equal pairs.
    #[must_use]
    pub fn new(name: &str, version: u32, touch: TouchRule, mut pairs: Vec<Pair>) -> Self {
        let order = |a: &Pair, b: &Pair| (&a.plain, &a.cipher).cmp(&(&b.plain, &b.cipher)).then(b.confidence.total_cmp(&a.confidence));
        pairs.sort_by(order);
        pairs.dedup_by(|b, a| (&a.plain, &a.cipher) == (&b.plain, &b.cipher));
        let mut by_cipher: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (index, pair) in pairs.iter().enumerate() {
            by_cipher.entry(pair.cipher.clone()).or_default().push(index);
        }
        let mut by_plain: FxHashMap<String, Range<usize>> = FxHashMap::default();
        let mut start = 0;
        for images in pairs.chunk_by(|a, b| a.plain == b.plain) {
            let end = start + images.len();
            by_plain.insert(images[0].plain.clone(), start..end);
            start = end;
        }
        Self {
            name: name.to_owned(),
            version,
            touch,
            about: Vec::new(),
            pairs,
            by_cipher,
            by_plain,
            support: BTreeMap::new(),
            stays: BTreeMap::new(),
            lacking: Lacking::default(),
        }
    }

    /// The same profile with the words that the spinner was seen to leave alone, though it touches their shape, and in how many tokens.
    #[must_use]
    pub fn with_stays(self, stays: BTreeMap<String, u32>) -> Self {
        Self { stays, ..self }
    }

    /// In how many tokens the spinner was seen to leave a word alone that it could have touched.
    #[must_use]
    pub fn stays(&self, word: &str) -> u32 {
        self.stays.get(word).copied().unwrap_or(0)
    }

    /// All words that it was seen to leave alone, sorted, with the number of tokens.
    pub fn all_stays(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.stays.iter().map(|(word, count)| (word.as_str(), *count))
    }

    /// The same profile with what its pairs were learned from, by plain and cipher word.
    #[must_use]
    pub fn with_support(mut self, mut support: BTreeMap<(String, String), Support>) -> Self {
        support.retain(|(plain, cipher), _| self.images(plain).iter().any(|pair| pair.cipher == *cipher));
        self.lacking = Lacking::of(support.values());
        self.support = support;
        self
    }

    /// What a pair was learned from, if it was learned.
    #[must_use]
    pub fn support(&self, pair: &Pair) -> Option<&Support> {
        self.support.get(&(pair.plain.clone(), pair.cipher.clone()))
    }

    /// The share of swapped tokens, 0 to 1, whose pair is not here, as far as that is known: of the pairs that were counted side by side as many
    /// tokens are missing as were seen once (Good 1953), less those of the pairs that were deciphered besides. If all were deciphered, as many as are
    /// expected of those that are weak or stand once. Zero for what people wrote down.
    #[must_use]
    pub fn lacking(&self) -> f32 {
        self.lacking.share
    }

    /// Whether any pair was counted, side by side with an original; if not, what it has was deciphered, or people wrote it down.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.lacking.counted
    }

    /// Whether the pairs were counted, side by side with originals, on text enough to have met every frequent word: what is lacking is rare then.
    #[must_use]
    pub fn is_well_counted(&self) -> bool {
        self.lacking.counted && (f32::MIN_POSITIVE..WELL_COUNTED).contains(&self.lacking.share)
    }

    /// Whether it knows that pairs are missing, so many that its spinner counts as known in part whatever the text.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.lacking() > SHORT
    }

    /// Whether a pair is held apart as weak: too little speaks for it.
    #[must_use]
    pub fn is_weak(&self, pair: &Pair) -> bool {
        self.support(pair).is_some_and(|support| support.weak)
    }

    /// Whether any pair is.
    #[must_use]
    pub fn has_weak(&self) -> bool {
        self.support.values().any(|support| support.weak)
    }

    /// The profile without its weak pairs.
    #[must_use]
    pub fn firm(&self) -> Self {
        self.filtered(|pair| !self.is_weak(pair))
    }

    /// The profile with only these pairs; what is left out is not lacking for that, but that of weak pairs was lacking before.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&Pair) -> bool) -> Self {
        let pairs = self.pairs.iter().filter(|pair| keep(pair)).cloned().collect();
        let mut part = Self::new(&self.name, self.version, self.touch, pairs).with_support(self.support.clone());
        part.about.clone_from(&self.about);
        part.stays.clone_from(&self.stays);
        part.lacking = self.lacking;
        part
    }

    /// All pairs, sorted by plain word, then cipher word.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The pairs with this cipher word.
    pub fn behind(&self, cipher: &str) -> impl Iterator<Item = &Pair> {
        self.by_cipher.get(cipher).into_iter().flatten().filter_map(|&index| self.pairs.get(index))
    }

    /// What the spinner makes of this plain word.
    #[must_use]
    pub fn images(&self, plain: &str) -> &[Pair] {
        self.by_plain.get(plain).and_then(|images| self.pairs.get(images.clone())).unwrap_or(&[])
    }

    /// Probability that the spinner swaps this plain word: it then never stands for itself in a touchable position.
    #[must_use]
    pub fn listed(&self, plain: &str) -> f32 {
        self.images(plain).iter().map(|pair| pair.confidence).fold(0.0, f32::max)
    }

    /// The cipher words, sorted.
    pub fn ciphers(&self) -> impl Iterator<Item = &str> {
        let mut ciphers: Vec<&str> = self.by_cipher.keys().map(String::as_str).collect();
        ciphers.sort_unstable();
        ciphers.into_iter()
    }
}

impl Lacking {
    fn of<'s>(supports: impl Iterator<Item = &'s Support>) -> Self {
        let (mut counted, mut once, mut expected, mut doubtful) = (0.0, 0.0, 0.0, 0.0);
        for support in supports {
            match support.aligned {
                0 => {
                    expected += support.expected;
                    doubtful += if support.weak || support.expected < ONCE { support.expected } else { 0.0 };
                }
                1 => (counted, once) = (counted + 1.0, once + 1.0),
                more => counted += more as f32,
            }
        }
        let share = if counted > 0.0 { (once - expected) / counted } else { doubtful / f32::max(expected, f32::MIN_POSITIVE) };
        Self { share: share.max(0.0), counted: counted > 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource\n";

    #[test]
    fn what_was_counted_tells_what_is_missing() {
        let head = HEAD.replace("source\n", "source\taligned\tkept\texpected\tarticles\tchoice\tstanding\n");
        let lacking = |lines: &str| format!("{head}{lines}").parse::<Profile>().unwrap().lacking();
        let counted =
            "be\tberyllium\t9\t0.95\taligned\t9\t0\t0.0\t4\talways\tfirm\nor\toregon\t1\t0.90\taligned\t1\t0\t0.0\t1\talways\tfirm\n";
        assert!((lacking(counted) - 0.1).abs() < 1e-6);
        let more = "will\tvolition\t2\t0.90\tdeciphered\t0\t0\t0.5\t1\talways\tfirm\n";
        assert!((lacking(&format!("{counted}{more}")) - 0.05).abs() < 1e-6, "deciphered pairs are missing no more");
        let deciphered = "will\tvolition\t6\t0.90\tdeciphered\t0\t0\t6.0\t1\talways\tfirm\nwork\tenactment\t3\t0.90\tdeciphered\t0\t0\t3.0\t1\talways\tweak\nworse\tregretful\t1\t0.90\tdeciphered\t0\t0\t1.0\t1\talways\tfirm\n";
        assert!((lacking(deciphered) - 0.4).abs() < 1e-6, "weak, and expected once");
        assert!(lacking("be\tberyllium\t9\t0.95\tobserved\t-\t-\t-\t-\t-\t-\n").abs() < 1e-6, "a list that was written down");
    }
}
