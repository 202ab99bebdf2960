//! The restored text.

use std::io::{self, Write};

use super::{Render, both};
use crate::read::Document;
use crate::restore::Restoration;

/// The restored text, byte for byte the input where nothing was changed.
#[derive(Clone, Copy, Debug)]
pub struct Text;

impl Render for Text {
    fn render(&self, restoration: &Restoration, document: &Document, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(both(restoration, document)?.1.as_bytes())
    }
}
