//! The thesaurus file: layout, checks on loading, access to the tables without copying.
//!
//! In: the bytes of a file. Out: [`Tables`], views into those bytes. Not obvious: list lengths are stored
//! as small counts with an absolute position every 16 lists, which costs a third of plain offsets and a
//! sum over at most 15 counts per look-up.
//!
//! # Layout, version 2
//!
//! All numbers are little-endian and unaligned; an item of *n* bytes is an unsigned number of 8*n* bits.
//!
//! | at | size | what |
//! |---|---|---|
//! | 0 | 8 | magic `UNSPNTHS` |
//! | 8 | 4 | version |
//! | 12 | 4 | number of sections, 20 |
//! | 16 | 8 | checksum of everything from byte 24 on ([`checksum`]) |
//! | 24 | 20 x 8 | section table: offset from the start of the file (4), length in bytes (4) |
//!
//! Sections follow without gaps in this order. Words are sorted by their bytes, lower-case, with single
//! spaces inside phrases; a word id is a rank in that order (18 bits). Synsets are numbered by part of
//! speech (noun, verb, adjective, adverb), then in the order of WordNet's files (18 bits).
//!
//! | section | item | what |
//! |---|---|---|
//! | `SHAPE` | 4 | number of words, of synsets; id of the first verb, adjective, adverb |
//! | `WORD_COUNTS`, `WORD_BASES`, `WORD_TEXT` | 1, 4, 1 | a list of bytes for each word |
//! | `SENSE_COUNTS`, `SENSE_BASES`, `SENSES` | 1, 4, 4 | senses of a word: synset (18), rank (6), tag count (4) |
//! | `MEMBER_COUNTS`, `MEMBER_BASES`, `MEMBERS` | 1, 4, 3 | lemmas of a synset: word (18), rank of this sense (6) |
//! | `POINTER_COUNTS`, `POINTER_BASES`, `POINTERS` | 2, 4, 3 | pointers of a synset: target (18), relation (4) |
//! | `LEXICAL_COUNTS`, `LEXICAL_BASES`, `LEXICAL` | 1, 4, 4 | pointers between words: target (18), relation (4), number of the source and of the target word among the members, from 1, 0 = any (5, 5) |
//! | `FORM_WORDS`, `FORM_LEMMAS` | 3, 3 | inflected form; its lemma (18), inflection (3); sorted by lemma, inflection, preference |
//! | `FORM_ORDER` | 3 | indices of the forms, sorted by inflected form |
//! | `KIN` | 1 | for each word what its nearest relatives come to: `share.rs` |
//!
//! Fields are given from the lowest bit up. Each list has three sections: counts, bases (the index of the
//! first item for every 16th list), items. Ranks count from 0 within the part of speech and stop at 63; tag
//! counts c are stored as 0 for 0, else 1 + ceil(log2 c), at most 15. Pointers are sorted by relation, then
//! target; codes of relations and inflections are their places in the enums of `relation.rs`.

use std::ops::Range;
use std::sync::OnceLock;

/// First bytes of every thesaurus file.
pub(crate) const MAGIC: &[u8; 8] = b"UNSPNTHS";
/// The version this code reads and writes.
pub(crate) const VERSION: u32 = 2;
/// Lists between two absolute positions.
const BLOCK: usize = 16;
/// Bits of a word or synset id.
pub(crate) const ID_BITS: u32 = 18;
/// Greatest rank of a sense that is told apart.
pub(crate) const MAX_RANK: u32 = 63;
const ID_MASK: u32 = (1 << ID_BITS) - 1;
const HEADER: usize = 24;
/// Names of the sections in the order of the file.
pub(crate) const SECTIONS: [&str; 20] = [
    "SHAPE",
    "WORD_COUNTS",
    "WORD_BASES",
    "WORD_TEXT",
    "SENSE_COUNTS",
    "SENSE_BASES",
    "SENSES",
    "MEMBER_COUNTS",
    "MEMBER_BASES",
    "MEMBERS",
    "POINTER_COUNTS",
    "POINTER_BASES",
    "POINTERS",
    "LEXICAL_COUNTS",
    "LEXICAL_BASES",
    "LEXICAL",
    "FORM_WORDS",
    "FORM_LEMMAS",
    "FORM_ORDER",
    "KIN",
];

/// Sections with which lists begin.
const SPELLINGS: usize = 1;
const SENSES: usize = 4;
const MEMBERS: usize = 7;
const POINTERS: usize = 10;
const LEXICAL: usize = 13;

/// Why bytes are not a usable thesaurus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ThesaurusError {
    /// The first bytes are not those of a thesaurus.
    #[error("not a thesaurus file: it does not begin with UNSPNTHS")]
    Magic,
    /// Written by another version of the program.
    #[error("thesaurus format version {found}, this program reads version {VERSION}; rebuild the file with `unspin thesaurus build`")]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// The content does not match its checksum.
    #[error("thesaurus file is damaged or cut short: checksum {found:016x}, expected {expected:016x}")]
    Checksum {
        /// Computed from the content.
        found: u64,
        /// Stored in the header.
        expected: u64,
    },
    /// A table does not hold together.
    #[error("thesaurus file is malformed: section {section}: {problem}")]
    Malformed {
        /// Name of the section.
        section: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

fn name(section: usize) -> &'static str {
    SECTIONS.get(section).copied().unwrap_or_default()
}

fn malformed(section: &'static str, problem: &'static str) -> ThesaurusError {
    ThesaurusError::Malformed { section, problem }
}

/// The little-endian number in the `N` bytes (at most 4) of item `index`; 0 beyond the end.
#[inline]
fn item<const N: usize>(bytes: &[u8], index: usize) -> u32 {
    let start = index * N;
    // four bytes at once, but at the end
    if let Some(wide) = bytes.get(start..start + 4).and_then(|wide| <[u8; 4]>::try_from(wide).ok()) {
        return u32::from_le_bytes(wide) & (u32::MAX >> (32 - 8 * N));
    }
    let mut wide = [0; 4];
    if let (Some(from), Some(to)) = (bytes.get(start..start + N), wide.get_mut(..N)) {
        to.copy_from_slice(from);
    }
    u32::from_le_bytes(wide)
}

/// All numbers of `N` bytes (at most 4), in order.
fn numbers<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<N>().0.iter().map(|number| {
        let mut wide = [0; 4];
        wide.iter_mut().zip(number).for_each(|(to, from)| *to = *from);
        u32::from_le_bytes(wide)
    })
}

/// Whether the id in each number is below `limit`; looks at all of them, which is faster than stopping.
fn all_below<const N: usize>(bytes: &[u8], limit: usize) -> bool {
    let greatest = numbers::<N>(bytes).fold(0, |greatest, number| greatest.max(number & ID_MASK));
    bytes.is_empty() || (greatest as usize) < limit
}

/// A fast 64-bit sum over four lanes of eight bytes, multiply and rotate, to notice damaged files.
#[must_use]
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x9e37_79b1_85eb_ca87;
    let mix = |lane: u64, word: u64| (lane ^ word).wrapping_mul(PRIME).rotate_left(29);
    let mut lanes = [1_u64, 2, 3, 4];
    let (chunks, tail) = bytes.as_chunks::<32>();
    for chunk in chunks {
        for (lane, word) in lanes.iter_mut().zip(chunk.as_chunks::<8>().0) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    }
    let sum = lanes.into_iter().fold(bytes.len() as u64, mix);
    tail.iter().fold(sum, |sum, &byte| mix(sum, u64::from(byte)))
}

/// Lists of items of `ITEM` bytes, their lengths in counts of `COUNT` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lists<'a, const COUNT: usize, const ITEM: usize> {
    counts: &'a [u8],
    bases: &'a [u8],
    items: &'a [u8],
}

impl<'a, const COUNT: usize, const ITEM: usize> Lists<'a, COUNT, ITEM> {
    fn of(file: &Sections<'a>, first: usize, length: usize) -> Result<Self, ThesaurusError> {
        let lists = Self { counts: file.get(first), bases: file.get(first + 1), items: file.get(first + 2) };
        if lists.counts.len() != length * COUNT {
            return Err(malformed(name(first), "not one count for each list"));
        }
        if lists.bases.len() != length.div_ceil(BLOCK) * 4 {
            return Err(malformed(name(first + 1), "not one position for every 16 lists"));
        }
        Ok(lists)
    }

    /// Whether the positions, and the number of items, follow from the counts; the lists begin with section `first`.
    fn check(&self, first: usize) -> Result<(), ThesaurusError> {
        let mut total = 0;
        for (index, block) in self.counts.chunks(BLOCK * COUNT).enumerate() {
            if item::<4>(self.bases, index) as usize != total {
                return Err(malformed(name(first + 1), "a position does not follow from the counts"));
            }
            total += numbers::<COUNT>(block).map(|count| count as usize).sum::<usize>();
        }
        if self.items.len() == total * ITEM { Ok(()) } else { Err(malformed(name(first + 2), "not as long as the counts say")) }
    }

    /// Where the items of list `index` stand among all items.
    #[inline]
    pub(crate) fn range(&self, index: usize) -> Range<usize> {
        let first = index - index % BLOCK;
        let base = item::<4>(self.bases, index / BLOCK) as usize;
        let start = base + (first..index).map(|at| item::<COUNT>(self.counts, at) as usize).sum::<usize>();
        start..start + item::<COUNT>(self.counts, index) as usize
    }

    /// The items of list `index`.
    #[inline]
    pub(crate) fn list(&self, index: usize) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a, COUNT, ITEM> {
        let items = self.items;
        self.range(index).map(move |at| item::<ITEM>(items, at))
    }

    /// Whether the id of every item is below `limit`.
    fn all_below(&self, limit: usize) -> bool {
        all_below::<ITEM>(self.items, limit)
    }
}

/// The section table, resolved.
struct Sections<'a>([&'a [u8]; SECTIONS.len()]);

impl<'a> Sections<'a> {
    fn get(&self, section: usize) -> &'a [u8] {
        self.0.get(section).copied().unwrap_or_default()
    }
}

/// The tables of a thesaurus file. Every look-up checks its bounds: what was not checked as a whole gives wrong words, never a panic.
#[derive(Clone, Debug)]
pub(crate) struct Tables<'a> {
    bytes: &'a [u8],
    /// Number of words and of synsets.
    pub(crate) words: usize,
    pub(crate) synsets: usize,
    /// First verb, adjective, adverb among the synsets.
    pub(crate) starts: [u32; 3],
    text: &'a [u8],
    spellings: Lists<'a, 1, 1>,
    pub(crate) senses: Lists<'a, 1, 4>,
    pub(crate) members: Lists<'a, 1, 3>,
    pub(crate) pointers: Lists<'a, 2, 3>,
    pub(crate) lexical: Lists<'a, 1, 4>,
    form_words: &'a [u8],
    form_lemmas: &'a [u8],
    form_order: &'a [u8],
    kin: &'a [u8],
    /// For each word the first of its forms; made when the first are asked for, which may be never.
    form_starts: OnceLock<Vec<u32>>,
}

impl<'a> Tables<'a> {
    /// Looks into the bytes: header, section table, lengths. To read all of it, as [`Tables::check`] does, would be most of the time in which a small text
    /// is restored.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ThesaurusError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ThesaurusError::Magic);
        }
        let found = item::<4>(bytes, 2);
        if found != VERSION {
            return Err(ThesaurusError::Version { found });
        }
        let file = sections(bytes)?;
        let shape = |index| item::<4>(file.get(0), index);
        let (words, synsets) = (shape(0) as usize, shape(1) as usize);
        let starts = [shape(2), shape(3), shape(4)];
        if file.get(0).len() != 20 || words > 1 << ID_BITS || synsets > 1 << ID_BITS || !starts.is_sorted() || starts[2] as usize > synsets
        {
            return Err(malformed("SHAPE", "numbers out of range"));
        }
        Ok(Self {
            bytes,
            words,
            synsets,
            starts,
            text: file.get(3),
            spellings: Lists::of(&file, SPELLINGS, words)?,
            senses: Lists::of(&file, SENSES, words)?,
            members: Lists::of(&file, MEMBERS, synsets)?,
            pointers: Lists::of(&file, POINTERS, synsets)?,
            lexical: Lists::of(&file, LEXICAL, synsets)?,
            form_words: file.get(16),
            form_lemmas: file.get(17),
            form_order: file.get(18),
            kin: file.get(19),
            form_starts: OnceLock::new(),
        })
    }

    /// Checks everything that a query relies on.
    pub(crate) fn check(&self) -> Result<(), ThesaurusError> {
        let expected = u64::from(item::<4>(self.bytes, 4)) | u64::from(item::<4>(self.bytes, 5)) << 32;
        let found = checksum(self.bytes.get(HEADER..).unwrap_or_default());
        if found != expected {
            return Err(ThesaurusError::Checksum { found, expected });
        }
        self.spellings.check(SPELLINGS)?;
        self.senses.check(SENSES)?;
        self.members.check(MEMBERS)?;
        self.pointers.check(POINTERS)?;
        self.lexical.check(LEXICAL)?;
        self.check_words()?;
        self.check_ids()
    }

    /// Text that is UTF-8 as a whole is so in each word if no word begins inside a character. The order of
    /// the words is left to the checksum: comparing them all would double the time of loading, and a wrong
    /// order could only hide words.
    fn check_words(&self) -> Result<(), ThesaurusError> {
        let text = str::from_utf8(self.text).map_err(|_| malformed("WORD_TEXT", "not UTF-8"))?;
        let mut start = 0;
        for &count in self.spellings.counts {
            if !text.is_char_boundary(start) {
                return Err(malformed("WORD_TEXT", "a word ends inside a character"));
            }
            start += usize::from(count);
        }
        Ok(())
    }

    fn check_ids(&self) -> Result<(), ThesaurusError> {
        let forms = self.form_words.len() / 3;
        let equal = [self.form_words, self.form_lemmas, self.form_order].iter().all(|section| section.len() == forms * 3);
        let by_form = || numbers::<3>(self.form_order).map(|at| item::<3>(self.form_words, at as usize));
        let by_lemma = || numbers::<3>(self.form_lemmas).map(|lemma| (id(lemma), lemma >> ID_BITS));
        let checks = [
            ("SENSES", self.senses.all_below(self.synsets)),
            ("MEMBERS", self.members.all_below(self.words)),
            ("POINTERS", self.pointers.all_below(self.synsets)),
            ("LEXICAL", self.lexical.all_below(self.synsets)),
            ("FORM_LEMMAS", equal && all_below::<3>(self.form_lemmas, self.words) && by_lemma().is_sorted()),
            ("FORM_WORDS", all_below::<3>(self.form_words, self.words)),
            ("KIN", self.kin.len() == self.words),
            ("FORM_ORDER", all_below::<3>(self.form_order, forms) && by_form().is_sorted()),
        ];
        match checks.iter().find(|(_, holds)| !holds) {
            Some((section, _)) => Err(malformed(section, "an id is out of range or out of order, or one is missing")),
            None => Ok(()),
        }
    }

    /// The word with this id; empty if there is none.
    #[inline]
    pub(crate) fn word(&self, id: usize) -> &'a str {
        str::from_utf8(self.spelling(id)).unwrap_or_default()
    }

    #[inline]
    fn spelling(&self, id: usize) -> &'a [u8] {
        self.text.get(self.spellings.range(id)).unwrap_or_default()
    }

    /// What the nearest relatives of the word with this id come to, as a code.
    #[inline]
    pub(crate) fn kin(&self, id: usize) -> u8 {
        self.kin.get(id).copied().unwrap_or_default()
    }

    /// The id of a word.
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.words.div_ceil(BLOCK));
        while low < high {
            let middle = low.midpoint(high);
            if self.spelling(middle * BLOCK) <= word.as_bytes() { low = middle + 1 } else { high = middle }
        }
        let block = low.checked_sub(1)? * BLOCK;
        (block..self.words.min(block + BLOCK)).find(|&id| self.spelling(id) == word.as_bytes())
    }

    /// Lemma and inflection code of each reading of an inflected form, packed as in `FORM_LEMMAS`.
    pub(crate) fn lemmas(&self, form: usize) -> impl Iterator<Item = u32> + use<'a> {
        let (words, lemmas, order) = (self.form_words, self.form_lemmas, self.form_order);
        let place = move |at| item::<3>(order, at) as usize;
        let word = move |at| item::<3>(words, place(at)) as usize;
        let first = partition(order.len() / 3, |at| word(at) < form);
        (first..order.len() / 3).take_while(move |&at| word(at) == form).map(move |at| item::<3>(lemmas, place(at)))
    }

    fn form_starts(&self) -> Vec<u32> {
        let mut starts = Vec::with_capacity(self.words);
        for (at, lemma) in (0..).zip(numbers::<3>(self.form_lemmas)) {
            starts.resize(starts.len().max(id(lemma) + 1), at);
        }
        starts
    }

    /// Form and inflection code of each form of a lemma, best spelling first within an inflection.
    pub(crate) fn forms(&self, lemma: usize) -> impl Iterator<Item = (usize, u32)> + use<'a> {
        let (words, lemmas) = (self.form_words, self.form_lemmas);
        let starts = self.form_starts.get_or_init(|| self.form_starts());
        let first = starts.get(lemma).map_or(lemmas.len() / 3, |&first| first as usize);
        (first..lemmas.len() / 3)
            .map(move |at| (item::<3>(words, at) as usize, item::<3>(lemmas, at)))
            .take_while(move |&(_, key)| id(key) == lemma)
            .map(|(form, key)| (form, key >> ID_BITS))
    }
}

/// The id in the low bits of an item.
#[inline]
pub(crate) fn id(item: u32) -> usize {
    (item & ID_MASK) as usize
}

fn partition(length: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn sections(bytes: &[u8]) -> Result<Sections<'_>, ThesaurusError> {
    if item::<4>(bytes, 3) as usize != SECTIONS.len() {
        return Err(malformed("header", "wrong number of sections"));
    }
    let mut found = Sections([&[]; SECTIONS.len()]);
    let mut end = HEADER + SECTIONS.len() * 8;
    for (index, (slot, name)) in found.0.iter_mut().zip(SECTIONS).enumerate() {
        let (offset, length) = (item::<4>(bytes, 6 + index * 2) as usize, item::<4>(bytes, 7 + index * 2) as usize);
        if offset != end {
            return Err(malformed(name, "does not follow the section before it"));
        }
        end = offset.saturating_add(length);
        *slot = bytes.get(offset..end).ok_or_else(|| malformed(name, "reaches beyond the end of the file"))?;
    }
    if end == bytes.len() { Ok(found) } else { Err(malformed("KIN", "is followed by more bytes")) }
}

/// Packs lists into their counts, bases and items; `None` if a list or the whole is too long.
#[cfg(feature = "build")]
pub(crate) fn pack_lists<const COUNT: usize, const ITEM: usize>(lists: &[Vec<u32>]) -> Option<[Vec<u8>; 3]> {
    let [mut counts, mut bases, mut items] = [const { Vec::new() }; 3];
    for (index, list) in lists.iter().enumerate() {
        if index % BLOCK == 0 {
            bases.extend(u32::try_from(items.len() / ITEM).ok()?.to_le_bytes());
        }
        let count = u32::try_from(list.len()).ok().filter(|&count| count >> (8 * COUNT) == 0)?;
        counts.extend(count.to_le_bytes().into_iter().take(COUNT));
        items.extend(pack::<ITEM>(list));
    }
    Some([counts, bases, items])
}

/// The low `ITEM` bytes of each number.
#[cfg(feature = "build")]
pub(crate) fn pack<const ITEM: usize>(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes().into_iter().take(ITEM)).collect()
}

/// Puts header, section table and sections together; `None` beyond 4 GiB.
#[cfg(feature = "build")]
pub(crate) fn assemble(sections: &[Vec<u8>; SECTIONS.len()]) -> Option<Vec<u8>> {
    let mut payload = Vec::new();
    let mut offset = u32::try_from(HEADER + SECTIONS.len() * 8).ok()?;
    for section in sections {
        let length = u32::try_from(section.len()).ok()?;
        payload.extend(offset.to_le_bytes().into_iter().chain(length.to_le_bytes()));
        offset = offset.checked_add(length)?;
    }
    payload.extend(sections.iter().flatten());
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_le_bytes());
    file.extend(u32::try_from(SECTIONS.len()).ok()?.to_le_bytes());
    file.extend(checksum(&payload).to_le_bytes());
    file.extend(payload);
    Some(file)
}
