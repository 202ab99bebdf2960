//! Models and profiles, opened; and the restorer that borrows them.
//!
//! In: which spinner, which preset, perhaps a model's file. Out: a [`Machine`], built once and used for any number of texts. Profiles come as
//! text, so that a pickled configuration needs no file on the machine that unpickles it.

use std::path::Path;

use pyo3::prelude::*;
use self_cell::self_cell;
use unspin::embedded;
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lm::{ModelFile, NgramModel};
use unspin::restore::{Preset, ProfileChoice, RestoreOptions, Restorer};

use crate::trouble::Trouble;

/// Everything that a restorer borrows.
pub(crate) struct Models {
    file: Option<(String, ModelFile)>,
    pub(crate) thesaurus: Thesaurus<'static>,
    pub(crate) profiles: Vec<Profile>,
}

impl Models {
    /// With the built-in language model, or that of a file.
    pub(crate) fn open(model: Option<&str>, profiles: Vec<Profile>) -> Result<Self, Trouble> {
        let open = |path: &str| {
            let found = ModelFile::open(Path::new(path)).map_err(|error| Trouble::Config(format!("the language model {path}: {error}")));
            found.map(|found| (path.to_owned(), found))
        };
        Ok(Self { file: model.map(open).transpose()?, thesaurus: embedded::thesaurus().map_err(built_in)?, profiles })
    }

    /// The language model.
    pub(crate) fn model(&self) -> Result<NgramModel<'_>, Trouble> {
        match &self.file {
            Some((path, file)) => {
                let model = file.image().and_then(|image| embedded::complete(&image));
                model.map_err(|error| Trouble::Config(format!("the language model {path}: {error}")))
            }
            None => embedded::model().map_err(built_in),
        }
    }
}

self_cell!(
    /// Models, and the restorer over them.
    pub(crate) struct Machine {
        owner: Models,
        // it makes some decoders when they are first wanted
        #[not_covariant]
        dependent: Restorer,
    }
);

/// Opens a machine. `profile` is `auto`, `none`, or the text of a profile.
pub(crate) fn machine(profile: &str, preset: &str, model: Option<&str>, min_confidence: Option<f32>) -> Result<Machine, Trouble> {
    let (profiles, choice) = match profile {
        "auto" => (embedded::profiles().map_err(built_in)?, ProfileChoice::Auto),
        "none" => (Vec::new(), ProfileChoice::None),
        text => (vec![parsed(text)?], ProfileChoice::Fixed(0)),
    };
    let preset = match preset {
        "precision" => Preset::Precision,
        "balanced" => Preset::Balanced,
        "recall" => Preset::Recall,
        other => return Err(Trouble::Config(format!("unknown preset `{other}`: it is precision, balanced or recall"))),
    };
    if let Some(least) = min_confidence.filter(|least| !(0.0..=1.0).contains(least)) {
        return Err(Trouble::Config(format!("min_confidence is {least}; it must be between 0 and 1")));
    }
    let firm = |profile: Profile| if preset.takes_weak_pairs() || !profile.has_weak() { profile } else { profile.firm() };
    let models = Models::open(model, profiles.into_iter().map(firm).collect())?;
    let options = RestoreOptions { profile: choice, preset, min_confidence, ..RestoreOptions::default() };
    Machine::try_new(models, |models| Ok(Restorer::new(models.model()?, &models.thesaurus, &models.profiles, options)))
}

/// A profile from its text; what is wrong in it is named with its line.
pub(crate) fn parsed(text: &str) -> Result<Profile, Trouble> {
    text.parse().map_err(|error: unspin::lexicon::ProfileError| Trouble::Config(format!("profile, line {}: {}", error.line, error.message)))
}

fn built_in(error: impl std::fmt::Display) -> Trouble {
    Trouble::Internal(format!("the data in the package are damaged ({error}); install it again"))
}

/// Name, version and number of pairs of a profile's text.
#[pyfunction]
pub(crate) fn read_profile(text: &str) -> PyResult<(String, u32, usize)> {
    let profile = parsed(text)?;
    Ok((profile.name.clone(), profile.version, profile.pairs().len()))
}

/// Name and text of each shipped profile.
#[pyfunction]
pub(crate) fn shipped() -> Vec<(&'static str, &'static str)> {
    embedded::PROFILES.to_vec()
}
