//! A profile as a file.
//!
//! In and out: sorted text, one pair a line, then the words that stay, that a person can read and `diff`. A file is validated as a whole: the first wrong line is
//! named, with what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::support;
use super::{Pair, Profile, Source};

const COLUMNS: &str = "plain\tcipher\tcount\tconfidence\tsource";
/// The line before the words that stay.
const STAYS: &str = "stays\tcount";

/// What is wrong in a profile file.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct ProfileError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there and how to mend it.
    pub message: String,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# unspin profile 1\n# name: {}\n# version: {}\n# touch: {}", self.name, self.version, self.touch)?;
        for line in &self.about {
            writeln!(f, "# {line}")?;
        }
        let learned = self.pairs().iter().any(|pair| self.support(pair).is_some());
        writeln!(f, "{COLUMNS}{}", if learned { support::COLUMNS } else { "" })?;
        for pair in self.pairs() {
            write!(f, "{}\t{}\t{}\t{:.2}\t{}", pair.plain, pair.cipher, pair.count, pair.confidence, pair.source)?;
            match self.support(pair) {
                Some(support) => writeln!(f, "\t{support}")?,
                None if learned => writeln!(f, "{}", support::NOTHING)?,
                None => writeln!(f)?,
            }
        }
        if self.all_stays().len() > 0 {
            writeln!(f, "{STAYS}")?;
        }
        self.all_stays().try_for_each(|(word, count)| writeln!(f, "{word}\t{count}"))
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
        let mut stays: Option<BTreeMap<String, u32>> = None;
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
            if let Some(stays) = &mut stays {
                let (word, count) = parse_stay(line).map_err(|message| ProfileError { line: number, message })?;
                if stays.last_key_value().is_some_and(|(before, _)| *before >= word) {
                    return fail(number, format!("`{word}` stands twice or is not sorted; sort the lines by bytes (LC_ALL=C sort -u)"));
                }
                stays.insert(word, count);
                continue;
            }
            if line == STAYS {
                stays = Some(BTreeMap::new());
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
        Ok(profile.with_support(support).with_stays(stays.unwrap_or_default()))
    }
}

/// Whether a text can be one side of a pair.
fn is_word(word: &str) -> bool {
    !word.is_empty() && word.trim() == word && !word.contains("  ") && word.to_lowercase() == word
}

fn parse_stay(line: &str) -> Result<(String, u32), String> {
    let Some((word, count)) = line.split_once('\t') else {
        return Err("expected a word that stays and a count, tab-separated".to_owned());
    };
    if !is_word(word) {
        return Err(format!("the word `{word}` must be lower case, with single spaces and none at the ends"));
    }
    match count.parse() {
        Ok(count) if count > 0 => Ok((word.to_owned(), count)),
        _ => Err(format!("the count `{count}` must be a whole number from 1 up")),
    }
}

fn parse_pair(line: &str) -> Result<Pair, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [plain, cipher, count, confidence, source] = fields.as_slice() else {
        return Err(format!("expected 5 tab-separated fields, found {}", fields.len()));
    };
    for (field, word) in [("plain", plain), ("cipher", cipher)] {
        if !is_word(word) {
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
    fn words_that_stay_are_read_back_as_written() {
        let text = format!("{HEAD}or\toregon\t1\t0.97\tagreed\nstays\tcount\nand\t12\nfarm\t2\n");
        let profile: Profile = text.parse().unwrap();
        assert_eq!(profile.to_string(), text);
        assert_eq!((profile.stays("and"), profile.stays("or"), profile.all_stays().len()), (12, 0, 2));
        assert_eq!(profile.filtered(|_| false).stays("farm"), 2);
        for (rows, message) in [
            ("farm\t2\nand\t12\n", "not sorted"),
            ("and\t12\nand\t12\n", "twice"),
            ("and\n", "tab-separated"),
            ("And\t1\n", "lower case"),
            ("and\t0\n", "from 1 up"),
        ] {
            let error = format!("{HEAD}stays\tcount\n{rows}").parse::<Profile>().unwrap_err();
            assert!(error.message.contains(message) && error.line >= 7, "{error}");
        }
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
