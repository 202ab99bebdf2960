//! The configuration file: `unspin.toml` in the current folder, or the one that `--config` names.
//!
//! In: the arguments as typed. Out: the same with what the file says put in, where it was not typed: the file holds options by their long
//! names, so it can say no more and no less than the command line. What the command in hand does not know is left to the others; what no
//! command knows is refused.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{ArgMatches, Command};
use toml::{Table, Value};

/// The file that is looked for.
const NAME: &str = "unspin.toml";
/// Least likeness of a key that is suggested.
const ALIKE: f64 = 0.7;
/// What can be set, in the order that it is printed.
const KEYS: [&str; 22] = [
    "profile",
    "model",
    "preset",
    "min-confidence",
    "jobs",
    "input-format",
    "field",
    "id-field",
    "protect",
    "protect-pattern",
    "glob",
    "ignore-files",
    "follow",
    "max-record",
    "max-total",
    "max-ratio",
    "step",
    "compress",
    "stats",
    "quarantine",
    "fail-on-change",
    "fail-on-spun",
];

/// Where options come from, as typed.
#[derive(clap::Args, Debug, Clone)]
#[group(skip)]
pub(super) struct Args {
    /// Take options from this file, not from unspin.toml in the current folder
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,
    /// Take no options from a file
    #[arg(long)]
    no_config: bool,
    /// Print the options in force as a configuration file, and do nothing
    #[arg(long)]
    print_config: bool,
}

/// Puts what the configuration file says behind the name of the command.
pub(super) fn arguments(program: &Command, typed: Vec<OsString>) -> Result<Vec<OsString>> {
    let name = typed.get(1).and_then(|name| name.to_str()).unwrap_or("");
    let Some(command) = program.find_subcommand(name).filter(|command| takes(command, "config")) else { return Ok(typed) };
    let until = typed.iter().position(|word| word == "--").unwrap_or(typed.len());
    let options = typed.get(2..until).unwrap_or(&[]);
    let named = value_of(options, "--config");
    if is_typed(options, "--no-config") || (named.is_none() && !Path::new(NAME).exists()) {
        return Ok(typed);
    }
    let path = named.unwrap_or_else(|| PathBuf::from(NAME));
    let place = path.display();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read the configuration {place}"))?;
    let table: Table = text.parse().with_context(|| format!("{place} is no configuration"))?;
    let mut added = Vec::new();
    for (key, value) in &table {
        if !KEYS.contains(&key.as_str()) {
            bail!("{place}: unknown key `{key}`{}", suggestion(key));
        }
        let option = format!("--{key}");
        if takes(command, key) && !is_typed(options, &option) {
            added.extend(words(&option, value).with_context(|| format!("{place}: `{key}`"))?);
        }
    }
    let mut out = typed;
    out.splice(2..2, added);
    Ok(out)
}

/// Whether the options in force are all that is wanted.
pub(super) fn is_asked_for(matches: &ArgMatches) -> bool {
    let asked = matches.subcommand().and_then(|(_, matches)| matches.try_get_one::<bool>("print_config").ok().flatten());
    asked.is_some_and(|&asked| asked)
}

/// Prints the options in force.
pub(super) fn print(matches: &ArgMatches) -> Result<ExitCode> {
    let mut table = Table::new();
    let matches = matches.subcommand().map(|(_, matches)| matches);
    for key in KEYS {
        let values = matches.and_then(|matches| matches.try_get_raw(&key.replace('-', "_")).ok().flatten());
        let mut values: Vec<Value> = values.into_iter().flatten().map(|value| typed_value(&value.to_string_lossy())).collect();
        if matches!(key, "glob" | "protect-pattern") && !values.is_empty() {
            table.insert(key.to_owned(), Value::Array(values));
        } else if let Some(last) = values.pop() {
            table.insert(key.to_owned(), last);
        }
    }
    io::stdout().lock().write_all(table.to_string().as_bytes()).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}

fn takes(command: &Command, key: &str) -> bool {
    command.get_arguments().any(|argument| argument.get_long() == Some(key))
}

fn is_typed(options: &[OsString], option: &str) -> bool {
    let with_value = format!("{option}=");
    options.iter().any(|word| word == option || word.to_string_lossy().starts_with(&with_value))
}

fn value_of(options: &[OsString], option: &str) -> Option<PathBuf> {
    let with_value = format!("{option}=");
    let at = options.iter().position(|word| word == option).and_then(|at| options.get(at + 1)).map(OsString::as_os_str);
    let joined = options.iter().find_map(|word| word.to_str()?.strip_prefix(&with_value)).map(OsStr::new);
    at.or(joined).map(PathBuf::from)
}

/// A value as it is typed.
fn words(option: &str, value: &Value) -> Result<Vec<OsString>> {
    Ok(match value {
        Value::Boolean(true) => vec![option.into()],
        Value::Boolean(false) => Vec::new(),
        Value::String(text) => vec![format!("{option}={text}").into()],
        Value::Integer(number) => vec![format!("{option}={number}").into()],
        Value::Float(number) => vec![format!("{option}={number}").into()],
        Value::Array(values) => values.iter().map(|value| words(option, value)).collect::<Result<Vec<_>>>()?.concat(),
        Value::Table(_) | Value::Datetime(_) => bail!("takes a text, a number, true or false"),
    })
}

fn typed_value(text: &str) -> Value {
    if let Ok(flag) = text.parse::<bool>() {
        return Value::Boolean(flag);
    }
    if let Ok(number) = text.parse::<i64>() {
        return Value::Integer(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::Float(number),
        _ => Value::String(text.to_owned()),
    }
}

fn suggestion(key: &str) -> String {
    let alike = KEYS.iter().map(|known| (strsim::jaro_winkler(&key.replace('_', "-"), known), *known));
    let best = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(|| format!(" (known: {})", KEYS.join(", ")), |(_, known)| format!("; did you mean `{known}`?"))
}
