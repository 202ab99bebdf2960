//! The cipher profile of a spinner: its pairs, how sure each is and whence, and its touch rule.
//!
//! In and out: sorted text, one pair a line, that a person can read and `diff`. The exact form of a word is the key, as
//! spinners look words up by form. A profile is validated as a whole on load: the first wrong line is
//! named, with what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::TouchRule;
use super::support::{self, Support};

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
/// Expected tokens of a pair up to which it may stand once.
const ONCE: f32 = 1.5;
const COLUMNS: &str = "plain\tcipher\tcount\tconfidence\tsource";

/// What is wrong in a profile file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct ProfileError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there and how to mend it.
    pub message: String,
}

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
            lacking: Lacking::default(),
        }
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

    /// Whether the pairs were counted, side by side with originals, on text enough to have met every frequent word: what is lacking is rare then.
    #[must_use]
    pub fn is_well_counted(&self) -> bool {
        self.lacking.counted && (f32::MIN_POSITIVE..WELL_COUNTED).contains(&self.lacking.share)
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

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# unspin profile 1\n# name: {}\n# version: {}\n# touch: {}", self.name, self.version, self.touch)?;
        for line in &self.about {
            writeln!(f, "# {line}")?;
        }
        let learned = !self.support.is_empty();
        writeln!(f, "{COLUMNS}{}", if learned { support::COLUMNS } else { "" })?;
        for pair in &self.pairs {
            write!(f, "{}\t{}\t{}\t{:.2}\t{}", pair.plain, pair.cipher, pair.count, pair.confidence, pair.source)?;
            match self.support(pair) {
                Some(support) => writeln!(f, "\t{support}")?,
                None if learned => writeln!(f, "{}", support::NOTHING)?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        let fail = |line: usize, message: String| Err(ProfileError { line, message });
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim_end_matches('\r')));
        if lines.next().is_none_or(|(_, line)| line.trim_start_matches('\u{feff}') != "# unspin profile 1") {
            return fail(1, "not a profile: the first line must be `# unspin profile 1`".to_owned());
        }
        let (mut name, mut version, mut touch, mut about) = (None, None, None, Vec::new());
        let mut pairs: Vec<Pair> = Vec::new();
        let mut in_head = true;
        let mut learned = false;
        let mut support = BTreeMap::new();
        let mut last = 1;
        for (number, line) in lines {
            last = number;
            if in_head {
                let Some(head) = line.strip_prefix('#') else {
                    learned = line.strip_prefix(COLUMNS) == Some(support::COLUMNS);
                    if line != COLUMNS && !learned {
                        let optional = support::COLUMNS.replace('\t', " ");
                        return fail(
                            number,
                            format!(
                                "expected the column line `plain cipher count confidence source`, tab-separated; a learned profile has `{}` behind it",
                                optional.trim()
                            ),
                        );
                    }
                    in_head = false;
                    continue;
                };
                let head = head.trim();
                match head.split_once(':').map(|(key, value)| (key.trim(), value.trim())) {
                    Some(("name", value)) => name = Some(value.to_owned()),
                    Some(("version", value)) => match value.parse() {
                        Ok(value) => version = Some(value),
                        Err(_) => return fail(number, format!("the version must be a whole number, not `{value}`")),
                    },
                    Some(("touch", value)) => match value.parse() {
                        Ok(value) => touch = Some(value),
                        Err(message) => return fail(number, message),
                    },
                    _ => about.push(head.to_owned()),
                }
                continue;
            }
            let (line, known) =
                if learned { support::split(line) } else { Ok((line, None)) }.map_err(|message| ProfileError { line: number, message })?;
            let pair = parse_pair(line).map_err(|message| ProfileError { line: number, message })?;
            if let Some(known) = known {
                support.insert((pair.plain.clone(), pair.cipher.clone()), known);
            }
            if let Some(before) = pairs.last() {
                match (&before.plain, &before.cipher).cmp(&(&pair.plain, &pair.cipher)) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => {
                        return fail(number, format!("`{}` to `{}` stands twice; delete one line", pair.plain, pair.cipher));
                    }
                    std::cmp::Ordering::Greater => {
                        return fail(
                            number,
                            format!(
                                "not sorted: `{}` stands after `{}`; sort the lines by bytes (LC_ALL=C sort)",
                                pair.plain, before.plain
                            ),
                        );
                    }
                }
            }
            pairs.push(pair);
        }
        let missing = |what: &str| ProfileError { line: last, message: format!("the head has no `# {what}: ...` line") };
        let mut profile = Self::new(
            &name.ok_or_else(|| missing("name"))?,
            version.ok_or_else(|| missing("version"))?,
            touch.ok_or_else(|| missing("touch"))?,
            pairs,
        );
        if in_head {
            return fail(last, "there are no pairs".to_owned());
        }
        profile.about = about;
        Ok(profile.with_support(support))
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

fn parse_pair(line: &str) -> Result<Pair, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [plain, cipher, count, confidence, source] = fields.as_slice() else {
        return Err(format!("expected 5 tab-separated fields, found {}", fields.len()));
    };
    for (field, word) in [("plain", plain), ("cipher", cipher)] {
        if word.is_empty() || word.trim() != *word || word.contains("  ") || word.to_lowercase() != **word {
            return Err(format!("the {field} word `{word}` must be lower case, with single spaces and none at the ends"));
        }
    }
    if plain == cipher {
        return Err(format!("`{plain}` stands for itself; delete the line"));
    }
    let count: f32 = count.parse().map_err(|_| format!("the count `{count}` is no number"))?;
    let confidence: f32 = confidence.parse().map_err(|_| format!("the confidence `{confidence}` is no number"))?;
    if !(count.is_finite() && count >= 0.0 && (0.0..=1.0).contains(&confidence)) {
        return Err("the count must be at least 0 and the confidence between 0 and 1".to_owned());
    }
    let Some(source) = Source::named(source) else {
        return Err(format!("unknown source `{source}`; known are {}", Source::names().join(", ")));
    };
    Ok(Pair { plain: (*plain).to_owned(), cipher: (*cipher).to_owned(), count, confidence, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource\n";

    #[test]
    fn a_profile_is_read_back_as_written() {
        let text = format!("{HEAD}be\tberyllium\t9\t0.95\tobserved\nis a\tis simply a\t2\t0.80\tagreed\nor\toregon\t1\t0.97\tagreed\n");
        let profile: Profile = text.parse().unwrap();
        assert_eq!(profile.to_string(), text);
        assert_eq!(profile.behind("oregon").next().map(|p| p.plain.as_str()), Some("or"));
        assert!((profile.listed("be") - 0.95).abs() < 1e-6);
        assert!(profile.listed("beryllium").abs() < 1e-6);
    }

    #[test]
    fn what_was_learned_is_read_back_as_written() {
        let text = format!(
            "{}be\tberyllium\t9\t0.95\taligned\t9\t1\t0.0\t4\talways\tfirm\nor\toregon\t1\t0.40\tdeciphered\t0\t0\t0.8\t1\tarticle\tweak\nwill\tvolition\t1\t0.97\tagreed\t-\t-\t-\t-\t-\t-\n",
            HEAD.replace("source\n", "source\taligned\tkept\texpected\tarticles\tchoice\tstanding\n")
        );
        let profile: Profile = text.parse().unwrap();
        assert_eq!(profile.to_string(), text);
        assert_eq!(profile.pairs().iter().filter(|pair| profile.is_weak(pair)).map(|pair| pair.plain.as_str()).collect::<Vec<_>>(), ["or"]);
        assert_eq!(profile.filtered(|pair| pair.plain == "be").to_string().lines().count(), 6);
    }

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

    #[test]
    fn a_wrong_line_is_named() {
        let cases = [
            ("be\tberyllium\t9\t0.95\n", 6, "5 tab-separated fields"),
            ("be\tberyllium\tx\t0.95\tobserved\n", 6, "no number"),
            ("or\toregon\t1\t1\tobserved\nbe\tberyllium\t1\t1\tobserved\n", 7, "not sorted"),
            ("be\tberyllium\t1\t1\theard\n", 6, "unknown source"),
            ("Be\tberyllium\t1\t1\tobserved\n", 6, "lower case"),
            ("be\tbe\t1\t1\tobserved\n", 6, "itself"),
            ("be\tberyllium\t1\t1.5\tobserved\n", 6, "between 0 and 1"),
        ];
        for (rows, line, message) in cases {
            let error = format!("{HEAD}{rows}").parse::<Profile>().unwrap_err();
            assert_eq!(error.line, line);
            assert!(error.message.contains(message), "{error}");
        }
        let learned = HEAD.replace("source\n", "source\taligned\tkept\texpected\tarticles\tchoice\tstanding\n");
        for (columns, message) in [
            ("", "expected 11 tab-separated fields, found 5"),
            ("\t1\t0\t0.0\t1\tnever\tfirm", "unknown choice `never`"),
            ("\t1\t0\t0.0\t1\talways\tstrong", "`firm` or `weak`"),
            ("\t1\t-1\t0.0\t1\talways\tfirm", "no number"),
        ] {
            let error = format!("{learned}be\tberyllium\t9\t0.95\taligned{columns}\n").parse::<Profile>().unwrap_err();
            assert_eq!(error.line, 6);
            assert!(error.message.contains(message), "{error}");
        }
        assert_eq!("plain\tcipher".parse::<Profile>().unwrap_err().line, 1);
    }
}
