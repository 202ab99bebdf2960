//! `unspin lm`: build a language model from a recipe, tell what a model file is.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use unspin::lm::ModelFile;

#[cfg(feature = "build")]
use super::message;

/// Arguments of `unspin lm`.
#[derive(Subcommand, Debug)]
pub(super) enum Args {
    /// Train, mix, prune and write the model of a recipe.
    #[cfg(feature = "build")]
    Build {
        /// The recipe (TOML).
        recipe: PathBuf,
        /// Folder that holds the inputs named in the recipe.
        #[arg(long, value_name = "DIR")]
        inputs: PathBuf,
        /// Where the model is written.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Memory for sorting, in MiB; what does not fit goes to temporary files.
        #[arg(long, value_name = "MIB", default_value_t = 2048)]
        memory: usize,
        /// Texts that no component saw: report the mixture weights that fit them best.
        #[arg(long, value_name = "FILE", num_args = 1..)]
        tune: Vec<PathBuf>,
    },
    /// Order, n-grams, size and origin of a model file; verifies its checksum.
    Info {
        /// The model file.
        model: PathBuf,
    },
}

/// Runs `unspin lm`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    match args {
        #[cfg(feature = "build")]
        Args::Build { recipe, inputs, output, memory, tune } => build(recipe, inputs, output, *memory, tune)?,
        Args::Info { model } => info(model)?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "build")]
fn build(recipe: &Path, inputs: &Path, output: &Path, memory: usize, tune: &[PathBuf]) -> Result<()> {
    use unspin::build::{BuildStep, Recipe, build_model};
    let loaded = Recipe::load(recipe)?;
    let mut lines = Vec::new();
    for path in tune {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        lines.extend(text.lines().map(str::to_owned));
    }
    let bytes = build_model(&loaded, inputs, memory << 20, &lines, &mut |step| match step {
        BuildStep::Vocabulary(words, tokens) => anstream::eprintln!("vocabulary: {words} words, of {tokens} tokens"),
        BuildStep::Component(name, sizes) => anstream::eprintln!("component {name}: n-grams by order {sizes:?}"),
        BuildStep::Tuned(weights, perplexity) => {
            let weights: Vec<String> = weights.iter().map(|w| format!("{w:.3}")).collect();
            anstream::eprintln!("best weights on the tuning text: {} (perplexity {perplexity:.1})", weights.join(" "));
        }
        BuildStep::Mixed(sizes) => anstream::eprintln!("mixed: n-grams by order {sizes:?}"),
        BuildStep::Pruned(sizes) => anstream::eprintln!("pruned: n-grams by order {sizes:?}"),
        _ => {}
    })?;
    unspin::write::replace(output, &bytes)?;
    message::done(format_args!("wrote {}: {} bytes", output.display(), bytes.len()));
    Ok(())
}

fn info(path: &Path) -> Result<()> {
    let model = ModelFile::open(path).with_context(|| path.display().to_string())?;
    let info = model.image().and_then(|image| image.info()).with_context(|| path.display().to_string())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "order     {}", info.order)?;
    for (order, count) in info.counts.iter().enumerate() {
        writeln!(out, "{}-grams   {count}", order + 1)?;
    }
    writeln!(out, "bytes     {}\nchecksum  {:016x}\n{}", info.bytes, info.checksum, info.note.trim_end())?;
    Ok(())
}
