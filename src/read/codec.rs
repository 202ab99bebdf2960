//! How the bytes of an input are compressed, and how they are read without it.
//!
//! In: a name, the first bytes, a reader. Out: a reader of the plain bytes. Files of several members (gzip as web crawls have it,
//! bzip2, zstd frames) are read to their end: a reader that stops after the first member loses records without a word.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::limits::{Guard, Limits};

/// Bytes that are asked of the system at once.
const BUFFER: usize = 1 << 16;

/// A way of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Codec {
    /// None.
    #[default]
    Plain,
    /// gzip, of one member or many.
    Gzip,
    /// Zstandard.
    Zstd,
    /// bzip2.
    Bzip2,
}

impl Codec {
    /// What the ending of a name promises.
    #[must_use]
    pub fn of_name(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("gz" | "gzip") => Self::Gzip,
            Some("zst" | "zstd") => Self::Zstd,
            Some("bz2") => Self::Bzip2,
            _ => Self::Plain,
        }
    }

    /// What the first bytes say.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // a zstd frame, or a skippable one before it
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Bzip2,
            _ => Self::Plain,
        }
    }

    /// The ending of names, with its dot; empty for none.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
            Self::Bzip2 => ".bz2",
        }
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A reader of plain bytes, whatever the compression is; `bytes` counts what was read of the input itself.
///
/// # Errors
/// Those of the reader.
pub fn decoded(input: impl Read + Send + 'static, bytes: &Arc<AtomicU64>, limits: Limits) -> io::Result<(Codec, Box<dyn BufRead + Send>)> {
    let mut input = BufReader::with_capacity(BUFFER, Counted { inner: input, bytes: Arc::clone(bytes) });
    let codec = Codec::of_head(input.fill_buf()?);
    let plain: Box<dyn Read + Send> = match codec {
        Codec::Plain => return Ok((codec, Box::new(input))),
        Codec::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
        Codec::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
        Codec::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
    };
    Ok((codec, Box::new(BufReader::with_capacity(BUFFER, Guard::new(plain, Arc::clone(bytes), limits)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut out = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
        out.write_all(text).unwrap();
        out.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        ::zstd::stream::encode_all(text, 1).unwrap()
    }

    fn plain(bytes: Vec<u8>, limits: Limits) -> io::Result<(Codec, Vec<u8>)> {
        let (codec, mut reader) = decoded(io::Cursor::new(bytes), &Arc::default(), limits)?;
        let mut out = Vec::new();
        reader.read_to_end(&mut out)?;
        Ok((codec, out))
    }

    #[test]
    fn every_member_is_read() {
        for codec in [Codec::Gzip, Codec::Zstd, Codec::Bzip2] {
            let pack = |text: &[u8]| match codec {
                Codec::Gzip => gzip(text),
                Codec::Zstd => zstd(text),
                _ => bzip2(text),
            };
            let members: Vec<u8> = [b"one\n".as_slice(), b"", b"two\n", b"three\n"].into_iter().flat_map(pack).collect();
            assert_eq!(plain(members, Limits::default()).unwrap(), (codec, b"one\ntwo\nthree\n".to_vec()));
            let whole = pack(&b"abc".repeat(100));
            let told = plain(whole[..whole.len() - 3].to_vec(), Limits::default()).unwrap_err().to_string();
            assert!(told.starts_with("the compressed data are cut off or damaged ("), "{codec:?}: {told}");
            assert_eq!(Codec::of_name(Path::new(&format!("a.txt{}", codec.ending()))), codec);
        }
        assert_eq!(plain(b"plain".to_vec(), Limits::default()).unwrap(), (Codec::Plain, b"plain".to_vec()));
        assert_eq!(plain(Vec::new(), Limits::default()).unwrap(), (Codec::Plain, Vec::new()));
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = zstd(&vec![b' '; 40 << 20]);
        let error = plain(bomb.clone(), Limits::default()).unwrap_err().to_string();
        assert!(error.starts_with("more than 250 bytes out of each compressed byte"), "{error}");
        let error = plain(bomb, Limits { ratio: u64::MAX, total: 1 << 20, ..Limits::default() }).unwrap_err().to_string();
        assert!(error.starts_with("more than 1048576 bytes when decompressed"), "{error}");
    }
}
