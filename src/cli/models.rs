//! The models that a command works with, as typed and opened.
//!
//! In: a profile's name or file, a model file, how sure an edit must be. Out: everything that a restorer borrows.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use sha2::{Digest, Sha256};
use unspin::embedded;
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lm::{ModelFile, NgramModel};
use unspin::restore::{Preset, ProfileChoice, RestoreOptions, Restorer};
use unspin::snapshot::Setup;
use unspin::text::sha256;

use super::sparing;

/// Least likeness of a name that is suggested.
const ALIKE: f64 = 0.7;

/// Models and profiles, as typed.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(super) struct Args {
    /// Which spinner: auto (whichever explains the text), none (thesaurus and language model alone), the name of a shipped profile, or
    /// a profile file
    #[arg(long, value_name = "auto|none|NAME|FILE", default_value = "auto", hide_default_value = true)]
    profile: String,
    /// Language model to use instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// How sure an edit must be, as typed.
#[derive(clap::Args, Debug)]
#[group(skip)]
pub(super) struct Thresholds {
    /// How sure an edit must be
    #[arg(long, value_enum, default_value = "balanced")]
    preset: PresetName,
    /// Least confidence of an edit, 0 to 1, instead of the preset's
    #[arg(long, value_name = "X", value_parser = probability)]
    min_confidence: Option<f32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PresetName {
    /// Few wrong edits, more places left open
    Precision,
    /// Between the two
    Balanced,
    /// Few places left open, more wrong edits
    Recall,
}

impl Thresholds {
    /// As the restorer takes them.
    pub(super) fn options(&self) -> RestoreOptions {
        let preset = match self.preset {
            PresetName::Precision => Preset::Precision,
            PresetName::Balanced => Preset::Balanced,
            PresetName::Recall => Preset::Recall,
        };
        RestoreOptions { preset, min_confidence: self.min_confidence, ..RestoreOptions::default() }
    }

    /// As a snapshot tells them.
    fn told(&self) -> String {
        let preset = self.preset.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let confidence = self.min_confidence.map_or_else(String::new, |least| format!(", min-confidence {least}"));
        format!("preset {preset}{confidence}")
    }
}

fn probability(text: &str) -> Result<f32, String> {
    let number: f32 = text.parse().map_err(|_| "not a number; give one between 0 and 1".to_owned())?;
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err("must be between 0 and 1".to_owned()) }
}

/// Models and profiles, opened.
#[derive(Debug)]
pub(super) struct Models {
    file: Option<(PathBuf, ModelFile)>,
    /// The profiles to choose from.
    pub(super) profiles: Vec<Profile>,
    /// The same without their weak pairs, if there are any.
    firm: Option<Vec<Profile>>,
    /// The thesaurus.
    pub(super) thesaurus: Thesaurus<'static>,
    choice: ProfileChoice,
}

impl Args {
    /// As if this profile, and nothing else but perhaps a language model, had been typed.
    pub(super) fn with(profile: &str, model: Option<&Path>) -> Self {
        Self { profile: profile.to_owned(), model: model.map(Path::to_owned) }
    }

    /// All that decides about the result: names, and what stands in the files.
    pub(super) fn told(&self) -> Result<String> {
        let mut told = format!("{self:?}");
        let files = [Some(PathBuf::from(&self.profile)), self.model.clone()].into_iter().flatten();
        for path in files.filter(|path| path.is_file()) {
            let mut hash = Sha256::new();
            hash.update(std::fs::read(&path).with_context(|| path.display().to_string())?);
            told.push_str(&format!(" {:?}", hash.finalize()));
        }
        Ok(told)
    }

    /// Opens the models.
    pub(super) fn open(&self) -> Result<Models> {
        let (profiles, choice) = match self.profile.as_str() {
            "auto" => (shipped()?, ProfileChoice::Auto),
            "none" => (Vec::new(), ProfileChoice::None),
            name => (vec![profile(name, &["auto", "none"])?], ProfileChoice::Fixed(0)),
        };
        let open = |path: &PathBuf| ModelFile::open(path).map(|model| (path.clone(), model)).with_context(|| path.display().to_string());
        let file = self.model.as_ref().map(open).transpose()?;
        let thesaurus = embedded::thesaurus().context("the built-in thesaurus")?;
        let firm = profiles.iter().any(Profile::has_weak).then(|| profiles.iter().map(Profile::firm).collect());
        Ok(Models { file, profiles, firm, thesaurus, choice })
    }
}

impl Models {
    /// The language model.
    pub(super) fn model(&self) -> Result<NgramModel<'_>> {
        match &self.file {
            Some((path, file)) => file.image().and_then(|image| embedded::complete(&image)).with_context(|| path.display().to_string()),
            None => embedded::model().context("the built-in language model"),
        }
    }

    /// A restorer over these models.
    pub(super) fn restorer(&self, options: RestoreOptions) -> Result<Restorer<'_>> {
        let profiles = self.firm.as_ref().filter(|_| !options.preset.takes_weak_pairs()).unwrap_or(&self.profiles);
        Ok(Restorer::new(self.model()?, &self.thesaurus, profiles, RestoreOptions { profile: self.choice, ..options }))
    }

    /// What repairs with these models depend on.
    pub(super) fn setup(&self, thresholds: &Thresholds, spare: &sparing::Args) -> Result<Setup> {
        let digest = |bytes: &[u8]| format!("sha256:{}", sha256(bytes));
        let model = match &self.file {
            Some((path, _)) => digest(&std::fs::read(path).with_context(|| format!("cannot read the model {}", path.display()))?),
            None => format!("{} {}", digest(embedded::model_bytes()), digest(embedded::context_bytes())),
        };
        let choice = match (self.choice, self.profiles.first()) {
            (ProfileChoice::Auto, _) => "auto",
            (ProfileChoice::Fixed(_), Some(profile)) => &profile.name,
            _ => "none",
        };
        let profile = |profile: &Profile| format!("{} {} {}", profile.name, profile.version, digest(profile.to_string().as_bytes()));
        Ok(Setup {
            program: concat!("unspin ", env!("CARGO_PKG_VERSION")).to_owned(),
            profiles: self.profiles.iter().map(profile).collect(),
            model,
            thesaurus: digest(embedded::thesaurus_bytes()),
            settings: [format!("profile {choice}"), thresholds.told(), spare.told()?]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

/// The shipped profiles.
pub(super) fn shipped() -> Result<Vec<Profile>> {
    embedded::profiles().context("a built-in profile")
}

/// A profile by name or file; `words` are other values that were possible here.
pub(super) fn profile(name: &str, words: &[&str]) -> Result<Profile> {
    let path = Path::new(name);
    if path.components().count() > 1 || name.contains(std::path::is_separator) || path.extension().is_some_and(|end| end == "tsv") {
        return load(path);
    }
    let mut profiles = shipped()?;
    if let Some(at) = profiles.iter().position(|profile| profile.name == name) {
        return Ok(profiles.swap_remove(at));
    }
    let known: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    let candidates = known.iter().chain(words).map(|&word| (strsim::jaro_winkler(name, word), word));
    let best = candidates.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = match best {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if path.exists() => format!("for the file of that name write `./{name}`"),
        None => "name one of these, or a file such as ./my.tsv".to_owned(),
    };
    bail!("unknown profile `{name}` (known: {}); {hint}", known.join(", "))
}

/// A profile from a file; what is wrong in it is named with its line.
pub(super) fn load(path: &Path) -> Result<Profile> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the profile {name}"))?;
    let Ok(text) = String::from_utf8(bytes) else { bail!("{name}:1: not a profile: this is not UTF-8 text") };
    text.parse().map_err(|error: unspin::lexicon::ProfileError| anyhow::anyhow!("{name}:{}: {}", error.line, error.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_profile_is_answered_with_a_suggestion() {
        let message = |name: &str| profile(name, &["auto", "none"]).unwrap_err().to_string();
        assert!(message("berylium").ends_with("did you mean `beryllium`?"));
        assert!(message("nome").ends_with("did you mean `none`?"));
        assert!(!message("zzz").contains("did you mean"));
        assert!(message("zzz.tsv").starts_with("cannot read the profile zzz.tsv"));
    }

    #[test]
    fn a_confidence_is_a_probability() {
        assert!(probability("0.5").is_ok());
        assert!(["1.1", "-0.1", "NaN", "x"].iter().all(|text| probability(text).is_err()));
    }
}
