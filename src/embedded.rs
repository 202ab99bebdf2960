//! What the program carries: language model and the network that goes with it, thesaurus, profiles.
//!
//! The bytes lie in the binary and are read in place; see `dictionaries/` for their sources, recipes and licences.

use crate::lexicon::thesaurus::{Thesaurus, ThesaurusError};
use crate::lexicon::{Profile, ProfileError};
use crate::lm::{ContextModel, ModelError, ModelImage, NgramModel};

/// Bytes aligned for tables of any number type.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

static MODEL: &Aligned<[u8]> = &Aligned(*include_bytes!("../dictionaries/english.lm"));
static CONTEXT: &Aligned<[u8]> = &Aligned(*include_bytes!("../dictionaries/english.context"));
static THESAURUS: &Aligned<[u8]> = &Aligned(*include_bytes!("../dictionaries/english.thesaurus"));

/// Name and text of each shipped profile.
pub const PROFILES: [(&str, &str); 1] = [("beryllium", include_str!("../dictionaries/profiles/beryllium.tsv"))];

/// The language model, with its network.
///
/// # Errors
/// If the embedded bytes were damaged when the program was built.
pub fn model() -> Result<NgramModel<'static>, ModelError> {
    complete(&model_image()?)
}

/// The language model of a file, with the network if it was trained for this model.
///
/// # Errors
/// As [`ModelImage::model`].
pub fn complete<'a>(image: &ModelImage<'a>) -> Result<NgramModel<'a>, ModelError> {
    let model = image.model()?;
    let context = ContextModel::new(&CONTEXT.0, model.vectors(), image.stated_checksum()?);
    Ok(context.map_or(model, |context| model.with_context(context)))
}

/// The language model's file.
///
/// # Errors
/// As [`model`].
pub fn model_image() -> Result<ModelImage<'static>, ModelError> {
    ModelImage::new(&MODEL.0)
}

/// The bytes of the language model's file.
#[must_use]
pub fn model_bytes() -> &'static [u8] {
    &MODEL.0
}

/// The bytes of the network's file.
#[must_use]
pub fn context_bytes() -> &'static [u8] {
    &CONTEXT.0
}

/// The bytes of the thesaurus's file.
#[must_use]
pub fn thesaurus_bytes() -> &'static [u8] {
    &THESAURUS.0
}

/// The thesaurus; that its bytes are whole is a test of this crate, not of every start.
///
/// # Errors
/// If the embedded bytes were damaged when the program was built.
pub fn thesaurus() -> Result<Thesaurus<'static>, ThesaurusError> {
    Thesaurus::open(&THESAURUS.0)
}

/// All shipped profiles, in order of their names.
///
/// # Errors
/// If a profile was damaged when the program was built.
pub fn profiles() -> Result<Vec<Profile>, ProfileError> {
    PROFILES.iter().map(|(_, text)| text.parse()).collect()
}
