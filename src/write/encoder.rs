//! Compression on the way out, in frames.
//!
//! In: plain bytes, marks where a frame ends. Out: compressed bytes on any writer. A frame (a gzip member, a zstd frame, a bzip2 stream) can
//! be read alone, so a file can be cut behind any of them and gone on with: that is where an interrupted run continues, and how
//! web archives want each record.

use std::io::{self, Write};

use crate::read::Codec;

/// Compression level of zstd: its default.
const ZSTD_LEVEL: i32 = 3;

/// A writer that compresses.
pub struct Encoder<W: Write> {
    codec: Codec,
    frame: Frame<W>,
    /// Whether there is any frame yet.
    framed: bool,
}

enum Frame<W: Write> {
    /// Between frames, or without compression.
    None(W),
    Gzip(flate2::write::GzEncoder<W>),
    Zstd(zstd::stream::write::Encoder<'static, W>),
    Bzip2(bzip2::write::BzEncoder<W>),
    /// After an error.
    Broken,
}

impl<W: Write> std::fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("codec", &self.codec).finish_non_exhaustive()
    }
}

fn broken() -> io::Error {
    io::Error::other("the output cannot be written to after an error")
}

impl<W: Write> Encoder<W> {
    /// Begins behind what was written before; `framed` tells if that was anything.
    pub fn new(codec: Codec, out: W, framed: bool) -> Self {
        Self { codec, frame: Frame::None(out), framed }
    }

    /// Ends the frame, if one was begun.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn end_frame(&mut self) -> io::Result<()> {
        let out = match std::mem::replace(&mut self.frame, Frame::Broken) {
            Frame::None(out) => out,
            Frame::Gzip(frame) => frame.finish()?,
            Frame::Zstd(frame) => frame.finish()?,
            Frame::Bzip2(frame) => frame.finish()?,
            Frame::Broken => return Err(broken()),
        };
        self.frame = Frame::None(out);
        Ok(())
    }

    /// Ends the frame and hands the writer out for a look.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn between(&mut self) -> io::Result<&mut W> {
        self.end_frame()?;
        match &mut self.frame {
            Frame::None(out) => Ok(out),
            _ => Err(broken()),
        }
    }

    /// Ends the last frame; a compressed file has at least one.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.framed {
            self.begin_frame()?;
        }
        self.end_frame()?;
        match self.frame {
            Frame::None(out) => Ok(out),
            _ => Err(broken()),
        }
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        self.framed = true;
        if !matches!(self.frame, Frame::None(_)) || self.codec == Codec::Plain {
            return Ok(());
        }
        let Frame::None(out) = std::mem::replace(&mut self.frame, Frame::Broken) else { return Err(broken()) };
        self.frame = match self.codec {
            Codec::Plain => Frame::None(out),
            // no name and no time in the head: the same bytes every time
            Codec::Gzip => Frame::Gzip(flate2::write::GzEncoder::new(out, flate2::Compression::default())),
            Codec::Zstd => {
                let mut frame = zstd::stream::write::Encoder::new(out, ZSTD_LEVEL)?;
                frame.include_checksum(true)?;
                Frame::Zstd(frame)
            }
            Codec::Bzip2 => Frame::Bzip2(bzip2::write::BzEncoder::new(out, bzip2::Compression::default())),
        };
        Ok(())
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.begin_frame()?;
        match &mut self.frame {
            Frame::None(out) => out.write(bytes),
            Frame::Gzip(frame) => frame.write(bytes),
            Frame::Zstd(frame) => frame.write(bytes),
            Frame::Bzip2(frame) => frame.write(bytes),
            Frame::Broken => Err(broken()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.frame {
            Frame::None(out) => out.flush(),
            Frame::Gzip(frame) => frame.flush(),
            Frame::Zstd(frame) => frame.flush(),
            Frame::Bzip2(frame) => frame.flush(),
            Frame::Broken => Err(broken()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_stand_alone_and_follow_each_other() {
        for codec in [Codec::Plain, Codec::Gzip, Codec::Zstd, Codec::Bzip2] {
            let mut out = Encoder::new(codec, Vec::new(), false);
            out.write_all(b"one").unwrap();
            let first = out.between().unwrap().clone();
            out.end_frame().unwrap();
            out.write_all(b"two").unwrap();
            let whole = out.finish().unwrap();
            assert!(whole.starts_with(&first));
            let mut again = Encoder::new(codec, first, true);
            again.write_all(b"two").unwrap();
            assert_eq!(again.finish().unwrap(), whole);
            let empty = Encoder::new(codec, Vec::new(), false).finish().unwrap();
            assert_eq!(Codec::of_head(&empty), codec);
        }
    }
}
