//! Writes what `dictionaries/recipes/train_context.py` trains the network of `src/lm/context.rs` on.
//!
//!     cargo run --release --example context_data -- TEXTS OUT
//!
//! TEXTS is the folder of the training texts of the language model (see dictionaries/README.md). OUT gets the words of the model with their log
//! probabilities, their vectors, what each may stand for, the images of 2,000 made-up spinners, and as word numbers the texts and the prose of `corpus/prose`.
//! Every 50th document is held out, as it is from the language model. MASC is not among the texts: of it only counts may be passed on.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Context, Result};
use unspin::decode::{Cipher, DecodeOptions, Decoder};
use unspin::embedded;
use unspin::eval::{SpinnerKind, invent};
use unspin::lexicon::TouchRule;
use unspin::lm::reading::{Reading, read_sentence};
use unspin::lm::{LanguageModel, Vocabulary, WordId, special};
use unspin::text::{segments, tokenise};

/// Texts, of how many of their documents one is taken, and how many documents are looked at.
const TEXTS: [(&str, usize, usize); 6] = [
    ("senate-releases", 1, 40_133),
    ("un-debates", 4, usize::MAX),
    ("us-gov-blogs", 1, usize::MAX),
    ("economics-textbook", 1, usize::MAX),
    ("world-factbook", 1, usize::MAX),
    ("state-of-the-union", 3, usize::MAX),
];
/// Seeds of the spinners, and their kinds, in turn.
const SEEDS: std::ops::Range<u64> = 1_000..3_000;
const KINDS: [SpinnerKind; 4] = [
    SpinnerKind::USUAL,
    SpinnerKind { ranks: 2_500, grammar: 12 },
    SpinnerKind { ranks: 5_000, grammar: 0 },
    SpinnerKind { ranks: 8_000, grammar: 30 },
];
/// Spinners that are made at a time.
const AT_A_TIME: usize = 64;
/// Relatives of a word.
const RELATIVES: usize = 64;
/// One of so many documents is held out.
const HELD_OUT: usize = 50;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, out] = arguments.as_slice() else { anyhow::bail!("usage: context_data TEXTS OUT") };
    let (texts, out) = (Path::new(texts), Path::new(out));
    std::fs::create_dir_all(out)?;
    let create = |name: &str| File::create(out.join(name)).map(BufWriter::new).with_context(|| name.to_owned());
    let (model, thesaurus) = (embedded::model()?, embedded::thesaurus()?);
    let vocabulary = model.vocabulary();
    let words = || (0..vocabulary.len()).filter_map(|id| WordId::try_from(id).ok());

    let mut file = create("vocabulary.tsv")?;
    for id in words() {
        writeln!(file, "{}\t{}", vocabulary.word(id), model.unigram(id).0)?;
    }
    create("vectors.bin")?.write_all(bytemuck::cast_slice(model.vectors().components()))?;

    let decoder = Decoder::new(model, &thesaurus, Cipher::unknown(TouchRule::BARE), DecodeOptions::default());
    let mut file = create("relatives.bin")?;
    for id in words() {
        let mut relatives = if id > special::BREAK { decoder.relatives(vocabulary.word(id)) } else { Vec::new() };
        relatives.resize(RELATIVES, special::UNKNOWN);
        file.write_all(bytemuck::cast_slice(&relatives))?;
    }

    let images = |&(seed, kind): &(u64, SpinnerKind)| {
        let mut images = vec![special::UNKNOWN; vocabulary.len()];
        for pair in invent("made-up", seed, kind, &thesaurus, &model).pairs() {
            if let (Some(plain), Some(image)) = (vocabulary.id(&pair.plain), vocabulary.id(&pair.cipher)) {
                images[usize::from(plain)] = image;
            }
        }
        images
    };
    let mut file = create("spinners.bin")?;
    let jobs = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let spinners: Vec<(u64, SpinnerKind)> = SEEDS.zip(KINDS.iter().copied().cycle()).collect();
    for some in spinners.chunks(AT_A_TIME) {
        let made: Vec<Vec<WordId>> = std::thread::scope(|scope| {
            let share = some.len().div_ceil(jobs);
            let images = &images;
            let threads: Vec<_> = some.chunks(share).map(|some| scope.spawn(move || some.iter().map(images).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        });
        anyhow::ensure!(made.len() == some.len(), "a spinner could not be made");
        made.iter().try_for_each(|images| file.write_all(bytemuck::cast_slice(images)))?;
    }

    for (name, step, most) in TEXTS {
        let path = texts.join(format!("{name}.txt.zst"));
        let input = File::open(&path).with_context(|| path.display().to_string())?;
        let lines = BufReader::new(zstd::stream::read::Decoder::new(input)?).lines();
        write_text(create(&format!("{name}.ids"))?, lines, &vocabulary, |number| number % step == 0 && number < most)?;
    }
    let mut file = create("prose.ids")?;
    let prose = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/prose");
    let mut paths = std::fs::read_dir(&prose)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    for path in paths {
        let lines = BufReader::new(File::open(&path).with_context(|| path.display().to_string())?).lines();
        write_text(&mut file, lines, &vocabulary, |_| true)?;
    }
    Ok(())
}

/// Writes the documents of a text that are taken and not held out.
fn write_text(
    mut file: impl Write,
    lines: impl Iterator<Item = std::io::Result<String>>,
    vocabulary: &Vocabulary<'_>,
    is_taken: impl Fn(usize) -> bool,
) -> Result<()> {
    let (mut document, mut number) = (String::new(), 0);
    for line in lines.chain([Ok(String::new())]) {
        let line = line?;
        if !line.is_empty() {
            document.push_str(&line);
            document.push_str("\n\n");
            continue;
        }
        if !document.is_empty() {
            if number % HELD_OUT != HELD_OUT - 1 && is_taken(number) {
                file.write_all(bytemuck::cast_slice(&symbols(&document, vocabulary)))?;
            }
            number += 1;
            document.clear();
        }
    }
    Ok(())
}

/// The words of a document, each with a one if a spinner may swap it; two breaks at the end.
fn symbols(text: &str, vocabulary: &Vocabulary<'_>) -> Vec<[WordId; 2]> {
    let tokens = tokenise(text);
    let mut out = Vec::new();
    for sentence in segments(text, &tokens).sentences {
        let tokens = tokens.get(sentence.start..sentence.end).unwrap_or(&[]);
        for (token, reading) in tokens.iter().zip(read_sentence(text, tokens)) {
            let open = WordId::from(token.shape().is_some_and(|shape| TouchRule::BARE.touches(shape)));
            match reading {
                Reading::Nothing => {}
                Reading::Break => out.push([special::BREAK, 0]),
                Reading::Opaque => out.push([special::UNKNOWN, 0]),
                Reading::Word(key) => out.push([vocabulary.id_or_unknown(&key), open]),
                Reading::Possessive(key) => out.extend([[vocabulary.id_or_unknown(&key), open], [vocabulary.id_or_unknown("'s"), 0]]),
            }
        }
        out.push([special::END, 0]);
    }
    out.extend([[special::BREAK, 0]; 2]);
    out
}
