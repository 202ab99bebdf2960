//! The data that the program carries, loaded once for all tests of a file.

use std::sync::LazyLock;

use unspin::embedded;
use unspin::lexicon::Profile;
use unspin::lexicon::thesaurus::Thesaurus;
use unspin::lm::NgramModel;
use unspin::restore::{RestoreOptions, Restorer};

/// Model, thesaurus, profiles.
pub(crate) struct Shipped {
    pub(crate) model: NgramModel<'static>,
    pub(crate) thesaurus: Thesaurus<'static>,
    pub(crate) profiles: Vec<Profile>,
}

pub(crate) static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| Shipped {
    model: embedded::model().unwrap(),
    thesaurus: embedded::thesaurus().unwrap(),
    profiles: embedded::profiles().unwrap(),
});

/// A restorer with all that is shipped, as `unspin restore` without options has it.
pub(crate) fn restorer() -> Restorer<'static> {
    Restorer::new(SHIPPED.model, &SHIPPED.thesaurus, &SHIPPED.profiles, RestoreOptions::default())
}
