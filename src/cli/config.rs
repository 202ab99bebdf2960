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
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

/// The file that is looked for.
const NAME: &str = "unspin.toml";
/// Least likeness of a key that is suggested.
const ALIKE: f64 = 0.7;
/// What can be set, in the order that it is printed.
const KEYS: [&str; 23] = [
    "profile",
    "model",
    "preset",
    "min-confidence",
    "jobs",
    "input-format",
    "field",
    "id-field",
    "encoding",
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

/// The arguments as typed, with what the configuration file says; ends the program if they ask for help or are wrong.
pub(super) fn matches(program: &Command, typed: Vec<OsString>) -> Result<ArgMatches> {
    let (all, file) = arguments(program, &typed)?;
    match (program.clone().try_get_matches_from(all), file) {
        (Ok(matches), _) => Ok(matches),
        // what was typed is right by itself
        (Err(error), Some(file)) if error.exit_code() != 0 && program.clone().try_get_matches_from(&typed).is_ok() => {
            let error = error.to_string();
            let first = error.lines().next().unwrap_or_default();
            bail!("{}: {}", file.display(), first.strip_prefix("error: ").unwrap_or(first))
        }
        (Err(error), _) => error.exit(),
    }
}

/// Puts what the configuration file says behind the name of the command, and tells which file that is.
fn arguments(program: &Command, typed: &[OsString]) -> Result<(Vec<OsString>, Option<PathBuf>)> {
    let name = typed.get(1).and_then(|name| name.to_str()).unwrap_or("");
    let Some(command) = program.find_subcommand(name).filter(|command| option(command, "config").is_some()) else {
        return Ok((typed.to_vec(), None));
    };
    let until = typed.iter().position(|word| word == "--").unwrap_or(typed.len());
    let options = typed.get(2..until).unwrap_or(&[]);
    let named = value_of(options, "--config");
    if is_typed(options, "--no-config") || (named.is_none() && !Path::new(NAME).exists()) {
        return Ok((typed.to_vec(), None));
    }
    let path = named.unwrap_or_else(|| PathBuf::from(NAME));
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read the configuration {}", path.display()))?;
    let added = added(command, options, &text, &path)?;
    let mut out = typed.to_vec();
    out.splice(2..2, added);
    Ok((out, Some(path)))
}

/// What a configuration adds to the options as typed.
pub(super) fn added(command: &Command, options: &[OsString], text: &str, path: &Path) -> Result<Vec<OsString>> {
    let place = path.display();
    let table: Table = text.parse().with_context(|| format!("{place} is no configuration"))?;
    let mut added = Vec::new();
    for (key, value) in &table {
        if !KEYS.contains(&key.as_str()) {
            bail!("{place}: unknown key `{key}`{}", suggestion(key));
        }
        let Some(option) = option(command, key) else { continue };
        let outranked = command.get_arg_conflicts_with(option).into_iter().filter_map(Arg::get_long).chain([key.as_str()]);
        if !outranked.into_iter().any(|long| is_typed(options, &format!("--{long}"))) {
            added.extend(words(option, value).with_context(|| format!("{place}: `{key}`"))?);
        }
    }
    Ok(added)
}

/// Whether the options in force are all that is wanted.
pub(super) fn is_asked_for(matches: &ArgMatches) -> bool {
    let asked = matches.subcommand().and_then(|(_, matches)| matches.try_get_one::<bool>("print_config").ok().flatten());
    asked.is_some_and(|&asked| asked)
}

/// Prints the options in force.
pub(super) fn print(program: &Command, matches: &ArgMatches) -> Result<ExitCode> {
    let mut table = Table::new();
    let asked = matches.subcommand().and_then(|(name, matches)| Some((program.find_subcommand(name)?, matches)));
    for (key, option) in KEYS.into_iter().filter_map(|key| Some((key, option(asked?.0, key)?))) {
        let values = asked.and_then(|(_, matches)| matches.try_get_raw(option.get_id().as_str()).ok().flatten());
        let mut values: Vec<Value> = values.into_iter().flatten().map(|value| set_value(option, &value.to_string_lossy())).collect();
        if is_list(option) && !values.is_empty() {
            table.insert(key.to_owned(), Value::Array(values));
        } else if let Some(last) = values.pop() {
            table.insert(key.to_owned(), last);
        }
    }
    io::stdout().lock().write_all(table.to_string().as_bytes()).context("cannot write to stdout")?;
    Ok(ExitCode::SUCCESS)
}

/// The option of this name.
fn option<'c>(command: &'c Command, key: &str) -> Option<&'c Arg> {
    command.get_arguments().find(|argument| argument.get_long() == Some(key))
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
fn words(option: &Arg, value: &Value) -> Result<Vec<OsString>> {
    let name = format!("--{}", option.get_long().unwrap_or_default());
    let with = |value: &dyn std::fmt::Display| Ok(vec![format!("{name}={value}").into()]);
    match (option.get_action().takes_values(), value) {
        (false, Value::Boolean(true)) => Ok(vec![name.into()]),
        (false, Value::Boolean(false)) => Ok(Vec::new()),
        (false, _) => bail!("is true or false"),
        (true, Value::String(text)) => with(text),
        (true, Value::Integer(number)) => with(number),
        (true, Value::Float(number)) => with(number),
        (true, Value::Array(values)) if is_list(option) => {
            Ok(values.iter().map(|value| words(option, value)).collect::<Result<Vec<_>>>()?.concat())
        }
        (true, _) => bail!("takes a text or a number{}", if is_list(option) { ", or a list of them" } else { "" }),
    }
}

/// Whether an option may be given several times.
fn is_list(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

/// A value as the file has it: numbers only where the option takes one.
fn set_value(option: &Arg, text: &str) -> Value {
    let is_number = option.get_value_names().is_some_and(|names| names.iter().any(|name| matches!(name.as_str(), "N" | "X")));
    match option.get_action().takes_values() {
        false => Value::Boolean(text == "true"),
        true if !is_number => Value::String(text.to_owned()),
        true => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => Value::Integer(number),
            (_, Ok(number)) => Value::Float(number),
            _ => Value::String(text.to_owned()),
        },
    }
}

fn suggestion(key: &str) -> String {
    let alike = KEYS.iter().map(|known| (strsim::jaro_winkler(&key.replace('_', "-"), known), *known));
    let best = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or_else(|| format!(" (known: {})", KEYS.join(", ")), |(_, known)| format!("; did you mean `{known}`?"))
}
