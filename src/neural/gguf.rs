//! A GGUF file: what it says of itself, and its tensors, left as they are packed.
//!
//! In: the bytes of a file as llama.cpp writes them (version 2 or 3, little-endian). Out: a [`Gguf`]: values by key, tensors by name. Every
//! length is checked before it is used. Rows of a tensor are unpacked when they are asked for, so memory is that of the file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::NeuralError;

/// Numbers in a block of the packed kinds.
const BLOCK: usize = 32;
/// Dimensions of a tensor that are read; networks of text have one or two.
const MAX_DIMENSIONS: usize = 4;

/// A GGUF file in memory.
#[derive(Debug)]
pub(super) struct Gguf {
    bytes: Vec<u8>,
    values: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Tensor>,
}

/// A value of the head; whole numbers of all widths are one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Whole(u64),
    Real(f32),
    Text(String),
    Texts(Vec<String>),
    /// What no network here asks for.
    Other,
}

/// How the numbers of a tensor are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    F32,
    F16,
    Q4_0,
    Q4_1,
    Q8_0,
}

/// A matrix, row by row; a vector has one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    packing: Packing,
    /// Number of rows.
    pub(super) rows: usize,
    /// Numbers in a row.
    pub(super) columns: usize,
    bytes: Range<usize>,
}

impl Packing {
    fn of(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            8 => Self::Q8_0,
            _ => return None,
        })
    }

    /// Numbers that are packed together, and the bytes they take.
    fn block(self) -> (usize, usize) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 => (1, 2),
            Self::Q4_0 => (BLOCK, 2 + BLOCK / 2),
            Self::Q4_1 => (BLOCK, 4 + BLOCK / 2),
            Self::Q8_0 => (BLOCK, 2 + BLOCK),
        }
    }
}

impl Gguf {
    /// Reads the head of a file.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, NeuralError> {
        let mut reader = Reader { bytes: &bytes, at: 0 };
        if reader.take(4)? != b"GGUF" {
            return Err(NeuralError::NotGguf);
        }
        let version = reader.u32()?;
        if !(2..=3).contains(&version) {
            return Err(NeuralError::Unfit { what: format!("GGUF version {version}; versions 2 and 3 are read") });
        }
        let (tensors, values) = (reader.u64()?, reader.u64()?);
        let mut read = BTreeMap::new();
        for _ in 0..values {
            let (key, kind) = (reader.text()?, reader.u32()?);
            read.insert(key, reader.value(kind)?);
        }
        let mut heads = Vec::new();
        for _ in 0..tensors {
            heads.push(reader.head()?);
        }
        let alignment = match read.get("general.alignment") {
            Some(&Value::Whole(wide)) if wide > 0 => usize::try_from(wide).unwrap_or(BLOCK),
            _ => BLOCK,
        };
        let start = reader.at.next_multiple_of(alignment);
        let tensors = heads.into_iter().map(|head| head.tensor(start, bytes.len())).collect::<Result<_, _>>()?;
        Ok(Self { values: read, tensors, bytes })
    }

    /// A value, if it is there.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A whole number that must be there.
    pub(super) fn whole(&self, key: &str) -> Result<usize, NeuralError> {
        match self.values.get(key) {
            Some(&Value::Whole(number)) => usize::try_from(number).map_err(|_| NeuralError::lacks(key)),
            _ => Err(NeuralError::lacks(key)),
        }
    }

    /// A real number that must be there.
    pub(super) fn real(&self, key: &str) -> Result<f32, NeuralError> {
        match self.values.get(key) {
            Some(&Value::Real(number)) => Ok(number),
            _ => Err(NeuralError::lacks(key)),
        }
    }

    /// A list of texts that must be there.
    pub(super) fn texts(&self, key: &str) -> Result<&[String], NeuralError> {
        match self.values.get(key) {
            Some(Value::Texts(list)) => Ok(list),
            _ => Err(NeuralError::lacks(key)),
        }
    }

    /// Whether there is a tensor of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// A tensor that must be there, of this form.
    pub(super) fn tensor(&self, name: &str, rows: usize, columns: usize) -> Result<Tensor, NeuralError> {
        let tensor = self.tensors.get(name).ok_or_else(|| NeuralError::lacks(name))?;
        if (tensor.rows, tensor.columns) != (rows, columns) {
            let (found, wanted) = ((tensor.rows, tensor.columns), (rows, columns));
            return Err(NeuralError::Unfit { what: format!("{name} is {} by {}, not {} by {}", found.0, found.1, wanted.0, wanted.1) });
        }
        Ok(tensor.clone())
    }

    /// Unpacks rows of a tensor of this file into `out`, which is as long as they are together.
    pub(super) fn unpack(&self, tensor: &Tensor, rows: Range<usize>, out: &mut [f32]) {
        let (numbers, bytes) = tensor.packing.block();
        let width = tensor.columns / numbers * bytes;
        let from = tensor.bytes.start + rows.start * width;
        let packed = self.bytes.get(from..from + rows.len() * width).unwrap_or(&[]);
        for (block, out) in packed.chunks_exact(bytes).zip(out.chunks_exact_mut(numbers)) {
            unpack(tensor.packing, block, out);
        }
    }
}

fn unpack(packing: Packing, block: &[u8], out: &mut [f32]) {
    match (packing, block) {
        (Packing::F32, &[a, b, c, d]) => out.fill(f32::from_le_bytes([a, b, c, d])),
        (Packing::F16, &[a, b]) => out.fill(half(a, b)),
        (Packing::Q4_0, [a, b, nibbles @ ..]) => unpack_nibbles(nibbles, half(*a, *b), -8.0 * half(*a, *b), out),
        (Packing::Q4_1, [a, b, c, d, nibbles @ ..]) => unpack_nibbles(nibbles, half(*a, *b), half(*c, *d), out),
        (Packing::Q8_0, [a, b, packed @ ..]) => {
            let scale = half(*a, *b);
            out.iter_mut().zip(packed).for_each(|(out, &byte)| *out = f32::from(byte.cast_signed()) * scale);
        }
        _ => {}
    }
}

/// The low halves of all bytes, then the high halves.
fn unpack_nibbles(nibbles: &[u8], scale: f32, offset: f32, out: &mut [f32]) {
    let (low, high) = out.split_at_mut(nibbles.len());
    for ((low, high), &byte) in low.iter_mut().zip(high).zip(nibbles) {
        *low = f32::from(byte & 15) * scale + offset;
        *high = f32::from(byte >> 4) * scale + offset;
    }
}

/// A number of 16 bits (IEEE 754), low byte first.
fn half(low: u8, high: u8) -> f32 {
    let bits = u32::from(u16::from_le_bytes([low, high]));
    let (sign, rest) = ((bits & 0x8000) << 16, bits & 0x7fff);
    // the exponent stands five bits wide where a float has eight: shifted into place, all that is off is a power of two
    let number = match rest >> 10 {
        31 => f32::from_bits(0x7f80_0000 | (rest & 0x3ff) << 13),
        _ => f32::from_bits(rest << 13) * f32::from_bits(0x7780_0000),
    };
    f32::from_bits(number.to_bits() | sign)
}

/// What the head says of a tensor.
struct Head {
    name: String,
    dimensions: Vec<u64>,
    packing: u32,
    offset: u64,
}

impl Head {
    /// The tensor, if it lies inside the file; `start` is where the data begins.
    fn tensor(self, start: usize, length: usize) -> Result<(String, Tensor), NeuralError> {
        let Self { name, dimensions, packing, offset } = self;
        let Some(packing) = Packing::of(packing) else {
            let what = format!("{name} is packed as kind {packing}; F32, F16, Q4_0, Q4_1 and Q8_0 are read");
            return Err(NeuralError::Unfit { what });
        };
        let mut sizes = dimensions.iter().map(|&size| usize::try_from(size).ok());
        let columns = sizes.next().flatten();
        let rows = sizes.try_fold(1usize, |all, size| all.checked_mul(size?));
        let (numbers, bytes) = packing.block();
        let found = columns.zip(rows).filter(|(columns, _)| columns % numbers == 0).and_then(|(columns, rows)| {
            let from = start.checked_add(usize::try_from(offset).ok()?)?;
            let to = from.checked_add((columns / numbers).checked_mul(bytes)?.checked_mul(rows)?)?;
            (to <= length).then_some(Tensor { packing, rows, columns, bytes: from..to })
        });
        match found {
            Some(tensor) => Ok((name, tensor)),
            None => Err(NeuralError::Damaged { what: format!("{name} does not lie inside the file") }),
        }
    }
}

/// Reads from front to back.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], NeuralError> {
        let end = self.at.checked_add(length);
        let Some(found) = end.and_then(|end| self.bytes.get(self.at..end)) else {
            return Err(NeuralError::Damaged { what: format!("the head ends at byte {} of {}", self.at, self.bytes.len()) });
        };
        self.at += length;
        Ok(found)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NeuralError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    fn u32(&mut self) -> Result<u32, NeuralError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, NeuralError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<String, NeuralError> {
        let length = usize::try_from(self.u64()?).unwrap_or(usize::MAX);
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn value(&mut self, kind: u32) -> Result<Value, NeuralError> {
        Ok(match kind {
            0 | 7 => Value::Whole(u64::from(self.array::<1>()?[0])),
            2 => Value::Whole(u64::from(u16::from_le_bytes(self.array()?))),
            4 => Value::Whole(u64::from(self.u32()?)),
            10 => Value::Whole(self.u64()?),
            6 => Value::Real(f32::from_le_bytes(self.array()?)),
            8 => Value::Text(self.text()?),
            9 => {
                let (kind, number) = (self.u32()?, self.u64()?);
                if kind == 9 {
                    return Err(NeuralError::Unfit { what: "a list of lists in the head".to_owned() });
                }
                let mut texts = Vec::new();
                for _ in 0..number {
                    match self.value(kind)? {
                        Value::Text(text) => texts.push(text),
                        _ => continue,
                    }
                }
                if kind == 8 { Value::Texts(texts) } else { Value::Other }
            }
            1 => self.skip(1)?,
            3 => self.skip(2)?,
            5 => self.skip(4)?,
            11 | 12 => self.skip(8)?,
            _ => return Err(NeuralError::Damaged { what: format!("a value of kind {kind} at byte {}", self.at) }),
        })
    }

    fn skip(&mut self, length: usize) -> Result<Value, NeuralError> {
        self.take(length)?;
        Ok(Value::Other)
    }

    fn head(&mut self) -> Result<Head, NeuralError> {
        let (name, number) = (self.text()?, self.u32()?);
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        if number == 0 || number > MAX_DIMENSIONS {
            return Err(NeuralError::Damaged { what: format!("{name} has {number} dimensions") });
        }
        let dimensions = (0..number).map(|_| self.u64()).collect::<Result<_, _>>()?;
        Ok(Head { name, dimensions, packing: self.u32()?, offset: self.u64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_sixteen_bits_are_read() {
        let cases = [(0x0000, 0.0), (0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x7bff, 65_504.0), (0x0001, 5.960_464_5e-8)];
        for (bits, expected) in cases {
            let [low, high] = u16::to_le_bytes(bits);
            assert!((half(low, high) - expected).abs() <= expected.abs() * 1e-6, "{bits:04x}");
        }
        assert!(half(0, 0x7c).is_infinite() && half(1, 0x7c).is_nan());
    }

    #[test]
    fn blocks_are_unpacked() {
        let unpacked = |packing: Packing, head: &[u8], body: u8| {
            let (numbers, bytes) = packing.block();
            let mut block = head.to_vec();
            block.resize(bytes, body);
            let mut out = vec![0.0; numbers];
            unpack(packing, &block, &mut out);
            (out[0], out[numbers - 1])
        };
        // a scale of 2, and an offset of -1
        assert_eq!(unpacked(Packing::Q4_0, &[0, 0x40], 0x3a), (4.0, -10.0));
        assert_eq!(unpacked(Packing::Q4_1, &[0, 0x40, 0, 0xbc], 0x3a), (19.0, 5.0));
        assert_eq!(unpacked(Packing::Q8_0, &[0, 0x40], 0xff), (-2.0, -2.0));
        assert_eq!(unpacked(Packing::F16, &[0, 0x40], 0), (2.0, 2.0));
        assert_eq!(unpacked(Packing::F32, &1.5f32.to_le_bytes(), 0), (1.5, 1.5));
    }
}
