//! Compressed inputs: every member is read, damage is an error, and no input unfolds without bound.

use std::io::{Cursor, Read, Write};
use std::sync::Arc;

use unspin::read::{Codec, Kind, Limits, decoded};

/// Most plain bytes of one input.
const TOTAL: u64 = 1 << 20;
/// Bytes that are in hand when the cap is found to be passed.
const IN_HAND: usize = 1 << 17;

/// The first byte says whether the rest is an input as it is, or what a compressed one shall hold.
pub fn unpack(bytes: &[u8]) {
    let Some((&mode, rest)) = bytes.split_first() else { return };
    let pack: fn(&[u8]) -> Vec<u8> = match mode % 8 {
        0 => gzip,
        1 => zstd,
        2 => bzip2,
        _ => {
            let _ = plain(rest.to_vec());
            return;
        }
    };
    let members = rest.split_inclusive(|&byte| byte == b'\n').chain([b"".as_slice()]);
    let packed: Vec<u8> = members.flat_map(pack).collect();
    assert_eq!(plain(packed.clone()).as_deref(), Ok(rest));
    assert!(plain(packed[..packed.len() - 1].to_vec()).is_err(), "cut off, and not noticed");
}

fn plain(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let limits = Limits { total: TOTAL, ..Limits::default() };
    let is_packed = Codec::of_head(&bytes) != Codec::Plain;
    let (_, mut reader) = decoded(Cursor::new(bytes), &Arc::default(), limits).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let mut piece = vec![0; 1 << 12];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => out.extend_from_slice(&piece[..read]),
            Err(error) => return Err(error.to_string()),
        }
        assert!(!is_packed || out.len() <= usize::try_from(TOTAL).unwrap() + IN_HAND, "unfolds without bound");
    }
    let _ = Kind::of_head(&out);
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).unwrap()
}
