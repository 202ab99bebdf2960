//! `unspin check --review`: one difference after the other, a key for each.
//!
//! In: the articles that differ, and keys: from the terminal without Enter, or from a pipe, where white space is passed over. Out: accepted
//! and rejected snapshots. The end of the keys is as good as `q`: what was not decided stays proposed.

use std::io::{self, IsTerminal, Read, Write};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result};
use console::{Key, Term};
use unspin::snapshot::{Store, compare, difference};
use unspin::text::visible;

use super::message;
use super::snapshots::Snapshots;

const TITLE: Style = Style::new().bold();
const KEY: Style = AnsiColor::Cyan.on_default().bold();

const HELP: &str = "\
a  accept: store the repair as it is made now
r  reject: keep the stored one, throw the new one away
s  skip: decide later
A  accept this and all that follow
q  quit: decide the rest later";
const HELP_ORPHAN: &str = "\
a  accept: delete the snapshot, its article is gone
r  reject, s  skip: keep it
A  accept this and all that follow
q  quit: decide the rest later";

/// What a key asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Accept,
    AcceptAll,
    Reject,
    Skip,
    Quit,
    Help,
}

/// What became of the differences.
#[derive(Default)]
struct Done {
    accepted: usize,
    rejected: usize,
    skipped: usize,
}

/// Shows each difference and does what is asked. How many are settled by being accepted.
pub(super) fn run(place: &Snapshots, differing: &[String], orphaned: &[String]) -> Result<usize> {
    let mut done = Done::default();
    let mut all = false;
    let total = differing.len() + orphaned.len();
    let both = differing.iter().map(|id| (id, false)).chain(orphaned.iter().map(|id| (id, true)));
    for (number, (id, orphan)) in both.enumerate() {
        if !all {
            show(&place.store, id, orphan, number + 1, total)?;
        }
        let choice = if all { Choice::Accept } else { ask(orphan)? };
        all |= choice == Choice::AcceptAll;
        match choice {
            Choice::Accept | Choice::AcceptAll => {
                if orphan { place.store.forget(id) } else { place.store.accept(id) }?;
                done.accepted += 1;
            }
            Choice::Reject => {
                if !orphan {
                    place.store.reject(id)?;
                }
                done.rejected += 1;
            }
            Choice::Skip | Choice::Help => done.skipped += 1,
            Choice::Quit => {
                done.skipped += total - number;
                break;
            }
        }
    }
    message::done(format_args!("{} accepted, {} rejected, {} left for later", done.accepted, done.rejected, done.skipped));
    Ok(done.accepted)
}

fn show(store: &Store, id: &str, orphan: bool, number: usize, total: usize) -> Result<()> {
    let mut out = Vec::new();
    writeln!(out, "\n{TITLE}{}{TITLE:#}  ({number} of {total})", visible(id))?;
    if orphan {
        writeln!(out, "  orphaned: its article is gone")?;
    } else if let Some(now) = store.proposed(id)? {
        let stored = store.stored(id)?;
        if stored.is_none() {
            writeln!(out, "  new: it has no snapshot")?;
        }
        let comparison = compare(stored.as_ref().unwrap_or(&now), &now);
        difference(stored.as_ref(), &now, &comparison, &mut out)?;
    }
    anstream::stdout().lock().write_all(&out).context("cannot write to stdout")
}

/// Asks until there is an answer.
fn ask(orphan: bool) -> Result<Choice> {
    let key = |key: &str, rest: &str| format!("{KEY}{key}{KEY:#}{rest}");
    let accept = if orphan { "ccept (delete)" } else { "ccept" };
    loop {
        let keys = [key("a", accept), key("r", "eject"), key("s", "kip"), key("A", "ccept all"), key("q", "uit"), key("?", "")];
        anstream::eprint!("{}: ", keys.join("  "));
        let choice = match next_key().context("cannot read the key")? {
            None | Some('q' | '\u{1b}' | '\u{3}' | '\u{4}') => Choice::Quit,
            Some('a' | 'y') => Choice::Accept,
            Some('A') => Choice::AcceptAll,
            Some('r' | 'n') => Choice::Reject,
            Some('s' | ' ') => Choice::Skip,
            Some(_) => Choice::Help,
        };
        let told = match choice {
            Choice::Accept | Choice::AcceptAll => "accepted",
            Choice::Reject => "rejected",
            Choice::Skip => "skipped",
            Choice::Quit => "quit",
            Choice::Help if orphan => HELP_ORPHAN,
            Choice::Help => HELP,
        };
        anstream::eprintln!("{told}");
        if choice != Choice::Help {
            return Ok(choice);
        }
    }
}

/// The next key; `None` at the end of what is piped in.
fn next_key() -> io::Result<Option<char>> {
    if io::stdin().is_terminal() {
        return Ok(match Term::stderr().read_key()? {
            Key::Char(c) => Some(c),
            Key::Escape | Key::CtrlC => Some('q'),
            _ => Some('?'),
        });
    }
    let mut stdin = io::stdin().lock();
    let mut byte = [0];
    loop {
        if stdin.read(&mut byte)? == 0 {
            return Ok(None);
        }
        if !byte[0].is_ascii_whitespace() {
            return Ok(Some(char::from(byte[0])));
        }
    }
}
