//! The network on a file of a few kilobytes, made here: what is asked in a tree must be what is asked in a row.

use std::num::NonZeroUsize;

use super::gguf::Gguf;
use super::network::{Memory, Network, Row};
use super::pieces::{Piece, Pieces, shown};
use super::{NeuralError, Rereader};
use crate::restore::{Doubt, Reread};
use crate::text::Span;

const WIDTH: u32 = 32;
const HEADS: u32 = 4;
const GROUPS: u32 = 2;
const INNER: u32 = 64;
const LAYERS: u32 = 2;

/// Numbers that look drawn, always the same.
struct Drawn(u32);

impl Drawn {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0.to_be_bytes()[0]
    }
}

#[derive(Default)]
struct Writer {
    head: Vec<u8>,
    tensors: Vec<u8>,
    data: Vec<u8>,
    values: u64,
    number: u64,
}

impl Writer {
    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    }

    fn value(&mut self, key: &str, kind: u32, bytes: &[u8]) {
        Self::text(&mut self.head, key);
        self.head.extend(kind.to_le_bytes());
        self.head.extend(bytes);
        self.values += 1;
    }

    fn texts(&mut self, key: &str, list: &[String]) {
        let mut bytes = 8u32.to_le_bytes().to_vec();
        bytes.extend((list.len() as u64).to_le_bytes());
        list.iter().for_each(|text| Self::text(&mut bytes, text));
        self.value(key, 9, &bytes);
    }

    /// A tensor of drawn numbers: as floats, or packed by eight bits with a scale of about 0.01.
    fn tensor(&mut self, name: &str, sizes: &[u32], packed: bool, drawn: &mut Drawn) {
        Self::text(&mut self.tensors, name);
        self.tensors.extend(u32::try_from(sizes.len()).unwrap().to_le_bytes());
        sizes.iter().for_each(|&size| self.tensors.extend(u64::from(size).to_le_bytes()));
        self.tensors.extend((if packed { 8u32 } else { 0 }).to_le_bytes());
        self.tensors.extend((self.data.len() as u64).to_le_bytes());
        let number: u32 = sizes.iter().product();
        for at in 0..number {
            if packed {
                if at % 32 == 0 {
                    self.data.extend(0x211f_u16.to_le_bytes());
                }
                self.data.push(drawn.next());
            } else {
                self.data.extend(((f32::from(drawn.next()) - 127.5) / 300.0).to_le_bytes());
            }
        }
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        self.number += 1;
    }

    fn file(self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend(self.number.to_le_bytes());
        out.extend(self.values.to_le_bytes());
        out.extend(self.head);
        out.extend(self.tensors);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(self.data);
        out
    }
}

fn tiny() -> Vec<u8> {
    let mut pieces: Vec<String> = (0..=u8::MAX).map(|byte| shown(byte).to_string()).collect();
    pieces.extend(["th", "Ġth", "the", "Ġthe", "<|endoftext|>"].map(str::to_owned));
    let merges = ["t h", "Ġ th", "th e", "Ġth e"].map(str::to_owned);
    let mut writer = Writer::default();
    let sizes = [
        ("embedding_length", WIDTH),
        ("attention.head_count", HEADS),
        ("attention.head_count_kv", GROUPS),
        ("feed_forward_length", INNER),
        ("block_count", LAYERS),
    ];
    sizes.iter().for_each(|(key, size)| writer.value(&format!("llama.{key}"), 4, &size.to_le_bytes()));
    writer.value("llama.attention.layer_norm_rms_epsilon", 6, &1e-5f32.to_le_bytes());
    writer.value("llama.rope.freq_base", 6, &1e4f32.to_le_bytes());
    let mut model = Vec::new();
    Writer::text(&mut model, "gpt2");
    writer.value("tokenizer.ggml.model", 8, &model);
    writer.texts("tokenizer.ggml.tokens", &pieces);
    writer.texts("tokenizer.ggml.merges", &merges);
    let (mut drawn, narrow) = (Drawn(7), WIDTH / HEADS * GROUPS);
    writer.tensor("token_embd.weight", &[WIDTH, u32::try_from(pieces.len()).unwrap()], false, &mut drawn);
    writer.tensor("output_norm.weight", &[WIDTH], false, &mut drawn);
    for layer in 0..LAYERS {
        let mut tensor = |part: &str, sizes: &[u32], packed: bool| {
            writer.tensor(&format!("blk.{layer}.{part}.weight"), sizes, packed, &mut drawn);
        };
        tensor("attn_norm", &[WIDTH], false);
        tensor("attn_q", &[WIDTH, WIDTH], false);
        tensor("attn_k", &[WIDTH, narrow], false);
        tensor("attn_v", &[WIDTH, narrow], false);
        tensor("attn_output", &[WIDTH, WIDTH], false);
        tensor("ffn_norm", &[WIDTH], false);
        tensor("ffn_gate", &[WIDTH, INNER], true);
        tensor("ffn_up", &[WIDTH, INNER], true);
        tensor("ffn_down", &[INNER, WIDTH], true);
    }
    writer.file()
}

fn threads(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn network(jobs: usize) -> (Network, Pieces) {
    let file = Gguf::read(tiny()).unwrap();
    let pieces = Pieces::of(&file).unwrap();
    (Network::of(file, threads(jobs)).unwrap(), pieces)
}

/// Log probability of each piece of a row but the first.
fn in_a_row(network: &Network, pieces: &[Piece]) -> Vec<f32> {
    let rows: Vec<Row> = pieces.iter().enumerate().map(|(at, &piece)| Row::trunk(piece, at, at)).collect();
    let states = network.read(&rows, &mut Memory::default(), 0);
    let asked: Vec<(usize, Piece)> = pieces.iter().skip(1).copied().enumerate().collect();
    network.chances(&states, &asked)
}

fn bits(list: &[f32]) -> Vec<u32> {
    list.iter().map(|number| number.to_bits()).collect()
}

fn close(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-4
}

#[test]
fn pieces_are_merged_in_the_order_of_the_merges() {
    let (_, pieces) = network(1);
    assert_eq!(pieces.encode("the then"), [258, 259, u32::from(b'n')]);
    assert_eq!(pieces.encode(""), [] as [Piece; 0]);
}

#[test]
fn the_chances_of_all_pieces_add_up_to_one() {
    let (network, pieces) = network(2);
    let rows: Vec<Row> = pieces.encode("the hat").iter().enumerate().map(|(at, &piece)| Row::trunk(piece, at, at)).collect();
    let states = network.read(&rows, &mut Memory::default(), 0);
    let asked: Vec<(usize, Piece)> = (0..261).map(|piece| (rows.len() - 1, piece)).collect();
    let sum: f32 = network.chances(&states, &asked).iter().map(|chance| chance.exp()).sum();
    assert!(close(sum, 1.0), "{sum}");
}

#[test]
fn a_branch_and_a_memory_say_what_a_row_says() {
    let (network, pieces) = network(2);
    let (before, left, right) = (pieces.encode("the old man sat on"), pieces.encode(" the mat."), pieces.encode(" a hat."));
    let whole = |end: &[Piece]| in_a_row(&network, &[before.as_slice(), end].concat())[before.len() - 1..].to_vec();
    // the first half is remembered, the second is the trunk that `left` goes on with and `right` branches off
    let mut memory = Memory::default();
    let half = before.len() / 2;
    let trunk: Vec<Piece> = before.iter().chain(&left).copied().collect();
    let first: Vec<Row> = (0..half).map(|at| Row::trunk(trunk[at], at, at)).collect();
    network.read(&first, &mut memory, half);
    let mut rows: Vec<Row> = (half..trunk.len()).map(|at| Row::trunk(trunk[at], at, at - half)).collect();
    let (branch, left_trunk) = (rows.len(), before.len() - half);
    for (step, &piece) in right.iter().enumerate() {
        rows.push(Row { piece, position: before.len() + step, trunk: left_trunk, branch: branch..branch + step + 1 });
    }
    let states = network.read(&rows, &mut memory, left_trunk);
    let asked = |first: usize, end: &[Piece]| -> Vec<(usize, Piece)> {
        end.iter().enumerate().map(|(step, &piece)| (if step == 0 { left_trunk - 1 } else { first + step - 1 }, piece)).collect()
    };
    for (end, first) in [(&left, left_trunk), (&right, branch)] {
        let found = network.chances(&states, &asked(first, end));
        let expected = whole(end);
        assert!(found.iter().zip(&expected).all(|(&a, &b)| close(a, b)), "{found:?} {expected:?}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let text = "the hat that the other man had thrown there";
    let said = |jobs: usize| {
        let (network, pieces) = network(jobs);
        bits(&in_a_row(&network, &pieces.encode(text)))
    };
    assert_eq!(said(1), said(3));
}

#[test]
fn what_is_certain_stays_and_shares_are_kept() {
    let text = "the hat sat on the mat, the hat sat";
    let readings = |list: [&str; 3]| list.map(str::to_owned).to_vec();
    let (open, sure) = ([0.5, 0.3, 0.1], [0.99, 0.005, 0.005]);
    let doubts = [
        Doubt { span: Span::new(4, 7), word: 0, readings: readings(["hat", "thing", "head"]), posterior: &open },
        Doubt { span: Span::new(8, 11), word: 1, readings: readings(["sat", "was", "is"]), posterior: &sure },
        Doubt { span: Span::new(28, 31), word: 0, readings: readings(["hat", "thing", "head"]), posterior: &open },
    ];
    let second = Rereader::of(tiny(), threads(2)).unwrap();
    let found = second.reread(text, &doubts);
    assert_eq!(bits(&found[1]), bits(&sure));
    for (doubt, found) in [(&doubts[0], &found[0]), (&doubts[2], &found[2])] {
        assert!(close(found.iter().sum(), doubt.posterior.iter().sum()), "{found:?}");
        assert_ne!(bits(found), bits(doubt.posterior));
    }
    let again = second.reread(text, &doubts);
    assert!(found.iter().zip(&again).all(|(a, b)| bits(a) == bits(b)));
    assert!(second.reread("", &[]).is_empty());
}

#[test]
fn a_damaged_file_is_told_from_another_kind() {
    let file = tiny();
    assert!(matches!(Rereader::of(b"PK\x03\x04 no".to_vec(), threads(1)), Err(NeuralError::NotGguf)));
    for length in (4..file.len()).step_by(97) {
        assert!(matches!(Rereader::of(file[..length].to_vec(), threads(1)), Err(NeuralError::Damaged { .. })), "{length}");
    }
    // any byte of the head may be wrong: an error or a network, never a panic
    for at in (4..12_000.min(file.len())).step_by(13) {
        let mut wrong = file.clone();
        wrong[at] ^= 0x5a;
        let _ = Rereader::of(wrong, threads(1)).map(|second| second.reread("the hat", &[]));
    }
}
