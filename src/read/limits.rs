//! What an input may unfold to.
//!
//! In: a reader that decompresses. Out: the same reader, which fails once it gives more than it may. A few kilobytes can hold
//! gigabytes; who cleans what strangers wrote must not be brought down by that.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Decompressed bytes below which the ratio is not looked at.
const SMALL: u64 = 32 << 20;

/// Caps on one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one record, or of a document that is a file of its own.
    pub record: usize,
    /// Most bytes that one compressed input may have when decompressed.
    pub total: u64,
    /// Most bytes out of each compressed byte, once 32 MiB are out.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: 64 << 20, total: 1 << 40, ratio: 250 }
    }
}

impl Limits {
    /// Whether an input may unfold to `plain` bytes where `packed` were read of it.
    ///
    /// # Errors
    /// [`LimitError`] if that is too much.
    pub fn check(&self, plain: u64, packed: u64) -> Result<(), LimitError> {
        if plain > self.total {
            return Err(LimitError::Total(self.total));
        }
        if plain > SMALL && plain / packed.max(1) >= self.ratio {
            return Err(LimitError::Ratio(self.ratio));
        }
        Ok(())
    }
}

/// Why decompression was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// More than [`Limits::total`].
    #[error("more than {0} bytes when decompressed; raise --max-total if that is right")]
    Total(u64),
    /// More than [`Limits::ratio`].
    #[error("more than {0} bytes out of each compressed byte, as in a decompression bomb; raise --max-ratio if that is right")]
    Ratio(u64),
}

/// A decompressing reader under guard.
pub(super) struct Guard<R> {
    inner: R,
    compressed: Arc<AtomicU64>,
    given: u64,
    limits: Limits,
}

impl<R> Guard<R> {
    pub(super) fn new(inner: R, compressed: Arc<AtomicU64>, limits: Limits) -> Self {
        Self { inner, compressed, given: 0, limits }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out).map_err(damaged)?;
        self.given += read as u64;
        self.limits.check(self.given, self.compressed.load(Ordering::Relaxed)).map_err(io::Error::other)?;
        Ok(read)
    }
}

/// What a decoder says, in words for a person; what the system says stays as it is.
fn damaged(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
        return error;
    }
    let told = format!("the compressed data are cut off or damaged ({error}); get them anew, or unpack what is left and give that");
    io::Error::new(error.kind(), told)
}
