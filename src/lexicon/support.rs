//! What a learned pair rests on.
//!
//! In and out: the columns of a profile behind the first five. They are optional, all together: a profile that people wrote down has
//! none of them.

use std::fmt;

use serde::Serialize;

/// When a spinner takes this image and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Always.
    Always,
    /// It chooses among several once an article.
    Article,
    /// By letter case: this one for words with a capital.
    Case,
    /// Anew each time.
    Place,
}

const CHOICES: [(&str, Choice); 4] =
    [("always", Choice::Always), ("article", Choice::Article), ("case", Choice::Case), ("place", Choice::Place)];

/// The columns of a profile that hold it, with a tab before each.
pub(super) const COLUMNS: &str = "\taligned\tkept\texpected\tarticles\tchoice\tstanding";
/// What stands there for a pair that was not learned.
pub(super) const NOTHING: &str = "\t-\t-\t-\t-\t-\t-";

/// What a learned pair rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Support {
    /// Tokens in which the swap was seen, original and garbled text side by side.
    pub aligned: u32,
    /// Tokens in which the plain word stayed as it was there, although the spinner could have touched it.
    pub kept: u32,
    /// Tokens in which decipherment expects the swap.
    pub expected: f32,
    /// Articles with either.
    pub articles: u32,
    /// When the spinner takes this image.
    pub choice: Choice,
    /// Too little speaks for the pair: only the bold preset uses it.
    pub weak: bool,
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { aligned, kept, expected, articles, choice, weak } = self;
        let standing = if *weak { "weak" } else { "firm" };
        write!(f, "{aligned}\t{kept}\t{expected:.1}\t{articles}\t{choice}\t{standing}")
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CHOICES.iter().find(|choice| choice.1 == *self).map_or("", |choice| choice.0))
    }
}

/// Takes the columns off the end of a line.
pub(super) fn split(line: &str) -> Result<(&str, Option<Support>), String> {
    let Some((at, _)) = line.match_indices('\t').nth(4).filter(|_| line.matches('\t').count() == 10) else {
        return Err(format!("expected 11 tab-separated fields, found {}", line.matches('\t').count() + 1));
    };
    let (line, rest) = line.split_at(at);
    if rest == NOTHING {
        return Ok((line, None));
    }
    let fields: Vec<&str> = rest.split('\t').skip(1).collect();
    let [aligned, kept, expected, articles, choice, standing] = fields.as_slice() else {
        return Err("expected 11 tab-separated fields".to_owned());
    };
    let whole = |name: &str, text: &str| text.parse().map_err(|_| format!("`{name}` is `{text}`, which is no number from 0 up"));
    let expected: f32 = expected.parse().map_err(|_| format!("`expected` is `{expected}`, which is no number"))?;
    if !(expected.is_finite() && expected >= 0.0) {
        return Err("`expected` must be at least 0".to_owned());
    }
    let Some((_, choice)) = CHOICES.iter().find(|known| known.0 == *choice) else {
        return Err(format!("unknown choice `{choice}`; known are {}", CHOICES.map(|known| known.0).join(", ")));
    };
    let weak = match *standing {
        "firm" => false,
        "weak" => true,
        other => return Err(format!("the standing is `{other}`; it must be `firm` or `weak`")),
    };
    let (aligned, kept, articles) = (whole("aligned", aligned)?, whole("kept", kept)?, whole("articles", articles)?);
    Ok((line, Some(Support { aligned, kept, expected, articles, choice: *choice, weak })))
}
