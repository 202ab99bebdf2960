//! `unspin --licenses`: the licences of the data in the binary, which must go where the data goes.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};

const LICENSES: [&str; 4] = [
    include_str!("../../dictionaries/licenses/NOTICE.md"),
    include_str!("../../dictionaries/licenses/wordnet-LICENSE"),
    include_str!("../../dictionaries/licenses/lemminflect-LICENSE"),
    include_str!("../../dictionaries/licenses/cmu-en-us.LICENSE.txt"),
];

/// Prints them.
pub(super) fn run() -> Result<ExitCode> {
    let all = LICENSES.map(str::trim_end).join(&format!("\n\n{}\n\n", "-".repeat(72)));
    writeln!(io::stdout().lock(), "{all}").context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}
