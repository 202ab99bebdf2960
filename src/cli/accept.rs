//! `unspin accept`: what `check` proposed becomes what is stored.
//!
//! In: a folder with `.new` snapshots. Out: the same without them. Nothing is restored here: what is accepted is what was shown.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::message;
use super::snapshots;
use super::tally::Tally;

/// Least likeness of an id that is suggested.
const ALIKE: f64 = 0.7;

/// Arguments of `unspin accept`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    place: snapshots::Args,
    /// Accept only this article, named as `check` names it; may be given several times
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Delete the snapshots whose article is gone
    #[arg(long, conflicts_with = "only")]
    prune: bool,
}

/// Runs `unspin accept`.
pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let opened = args.place.open()?;
    let orphans = opened.orphans()?;
    let mut proposed = opened.store.all_proposed()?;
    proposed.retain(|id| !orphans.contains(id));
    for id in &args.only {
        if !proposed.contains(id) {
            bail!("nothing is proposed for `{id}`; {}", hint(id, &proposed));
        }
    }
    if !args.only.is_empty() {
        proposed.retain(|id| args.only.contains(id));
    }
    let mut tally = Tally::default();
    for id in proposed {
        match opened.store.accept(&id) {
            Ok(()) => tally.done += 1,
            Err(error) => tally.lose(&id, error),
        }
    }
    let mut told = format!("{} accepted", tally.done);
    if args.prune {
        let mut gone = 0;
        for id in &orphans {
            match opened.store.forget(id) {
                Ok(()) => gone += 1,
                Err(error) => tally.lose(id, error),
            }
        }
        told = format!("{told}, {gone} without their article deleted");
        tally.done += gone;
    } else if !orphans.is_empty() {
        told = format!("{told}; {} without their article are kept (delete them with --prune)", orphans.len());
    }
    message::done(told);
    Ok(tally.code())
}

fn hint(id: &str, proposed: &[String]) -> String {
    let alike = proposed.iter().map(|one| (strsim::jaro_winkler(id, one), one));
    let best = alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, one)) => format!("did you mean `{one}`?"),
        None if proposed.is_empty() => "run `unspin check` first".to_owned(),
        None if proposed.len() == 1 => "there is one for another article".to_owned(),
        None => format!("there are {} for other articles", proposed.len()),
    }
}
