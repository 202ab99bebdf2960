//! Training text: files to sentences of word numbers.
//!
//! In: text sources of a recipe. Out: the words with their counts (first pass), then one flat list of
//! word numbers in which every sentence or fragment starts with `<s>` or `<brk>` (second pass).

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::BuildError;
use super::recipe::TextSource;
use crate::lm::WordId;
use crate::lm::reading::{Reading, sentences};
use crate::lm::special;
use crate::text::{segments, tokenise};

/// A symbol of the training text.
pub(super) enum Piece<'t> {
    Word(&'t str),
    /// Start of a sentence (`true`) or of a fragment behind a break.
    Start(bool),
    End,
}

/// Which documents of a text are read.
#[derive(Clone, Copy)]
pub(super) struct Selection {
    /// Every n-th document is held out; zero: none.
    pub(super) hold_out: usize,
}

/// Calls `each` with the symbols of every selected document of `source`.
pub(super) fn read_text(
    folder: &Path,
    source: &TextSource,
    selection: Selection,
    each: &mut dyn FnMut(Piece<'_>),
) -> Result<(), BuildError> {
    let path = folder.join(&source.file);
    let fail = |error| BuildError::Read { path: path.clone(), source: error };
    check_hash(&path, &source.sha256)?;
    let file = File::open(&path).map_err(fail)?;
    let reader: Box<dyn Read> =
        if source.file.ends_with(".zst") { Box::new(zstd::stream::read::Decoder::new(file).map_err(fail)?) } else { Box::new(file) };
    let mut document = 0usize;
    for line in BufReader::with_capacity(1 << 20, reader).lines() {
        let line = line.map_err(fail)?;
        if line.trim().is_empty() {
            document += 1;
            if source.documents.is_some_and(|limit| document >= limit) {
                break;
            }
            continue;
        }
        if selection.hold_out > 0 && document % selection.hold_out == selection.hold_out - 1 {
            continue;
        }
        read_line(&line, each);
    }
    Ok(())
}

/// The symbols of one paragraph.
pub(super) fn read_line(line: &str, each: &mut dyn FnMut(Piece<'_>)) {
    let tokens = tokenise(line);
    let found = segments(line, &tokens);
    for (_, readings) in sentences(line, &tokens, &found) {
        let mut open = false;
        let mut start = true;
        for reading in &readings {
            let word = match reading {
                Reading::Nothing => continue,
                Reading::Break => {
                    start = false;
                    open = false;
                    continue;
                }
                Reading::Opaque => special::NAMES[special::UNKNOWN as usize],
                Reading::Word(word) | Reading::Possessive(word) => word,
            };
            if !open {
                each(Piece::Start(start));
                open = true;
            }
            each(Piece::Word(word));
            if matches!(reading, Reading::Possessive(_)) {
                each(Piece::Word("'s"));
            }
        }
        if open {
            each(Piece::End);
        }
    }
}

/// Turns symbols into numbers with the given vocabulary.
pub(super) fn encode(ids: &HashMap<String, WordId>, piece: &Piece<'_>) -> WordId {
    match piece {
        Piece::Word(word) => ids.get(*word).copied().unwrap_or(special::UNKNOWN),
        Piece::Start(true) => special::START,
        Piece::Start(false) => special::BREAK,
        Piece::End => special::END,
    }
}

/// Stops the build when a file is not the one that the recipe names.
pub(super) fn check_hash(path: &Path, stated: &str) -> Result<(), BuildError> {
    let mut file = File::open(path).map_err(|source| BuildError::Read { path: path.to_owned(), source })?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(|source| BuildError::Read { path: path.to_owned(), source })?;
        if read == 0 {
            break;
        }
        hasher.update(buffer.get(..read).unwrap_or(&[]));
    }
    let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == stated { Ok(()) } else { Err(BuildError::Hash { path: path.to_owned(), stated: stated.to_owned(), found }) }
}
