//! A file written beside its place and renamed into it.
//!
//! In: bytes, as to any writer. Out: on commit the whole file under its name, else nothing. A file that is replaced keeps its
//! mode, and a link stays a link: the file that it points to is replaced. Only [`AtomicFile::commit_durably`] waits for the disk:
//! needed where the old content is gone for good, too slow for outputs that can be made again. Devices and pipes
//! (`/dev/null`) are written to directly: renaming would put a file in their place.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Where the bytes are until the commit.
#[derive(Debug)]
enum Beside {
    Temporary(NamedTempFile),
    Device(File),
}

/// A file on the way to its place.
#[derive(Debug)]
pub struct AtomicFile {
    writer: BufWriter<Beside>,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins a file that will stand at `path`; missing folders are made.
    ///
    /// # Errors
    /// [`WriteError`] if its folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        begin(path).map_err(|source| WriteError { path: path.to_owned(), source })
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// [`WriteError`] if it cannot be completed; what was there before stays.
    pub fn commit(self) -> Result<(), WriteError> {
        self.finish(false)
    }

    /// Puts the file into its place once its content is safe on the disk.
    ///
    /// # Errors
    /// As [`AtomicFile::commit`].
    pub fn commit_durably(self) -> Result<(), WriteError> {
        self.finish(true)
    }

    fn finish(self, durably: bool) -> Result<(), WriteError> {
        let Self { writer, path } = self;
        let put = |writer: BufWriter<Beside>| {
            let Beside::Temporary(file) = writer.into_inner().map_err(io::IntoInnerError::into_error)? else { return Ok(()) };
            if durably {
                file.as_file().sync_all()?;
            }
            file.persist(&path).map_err(|error| error.error)?;
            if durably && cfg!(unix) {
                File::open(folder_of(&path))?.sync_all()?;
            }
            Ok(())
        };
        put(writer).map_err(|source| WriteError { path: path.clone(), source })
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file) => file.write(bytes),
            Self::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.flush(),
            Self::Device(file) => file.flush(),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Writes a whole file durably.
///
/// # Errors
/// As [`AtomicFile::commit_durably`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|source| WriteError { path: path.to_owned(), source })?;
    file.commit_durably()
}

fn begin(path: &Path) -> io::Result<AtomicFile> {
    // a link keeps pointing where it points
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        return Err(io::Error::other("this is a folder; name a file"));
    }
    let before = std::fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|found| !found.is_file()) {
        let device = File::options().write(true).open(&path)?;
        return Ok(AtomicFile { writer: BufWriter::new(Beside::Device(device)), path });
    }
    let folder = folder_of(&path);
    std::fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".unspin-");
    if let Some(mode) = new_file_mode() {
        builder.permissions(mode);
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    Ok(AtomicFile { writer: BufWriter::new(Beside::Temporary(file)), path })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn new_file_mode() -> Option<Permissions> {
    // less what the umask takes away
    Some(std::os::unix::fs::PermissionsExt::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file_mode() -> Option<Permissions> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_seen_before_the_commit_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/deep/a.txt");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"one").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        drop(AtomicFile::create(&path).unwrap());
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(AtomicFile::create(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_stays_a_device() {
        replace(Path::new("/dev/null"), b"one").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_link_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("link.txt"));
        std::fs::write(&path, "one").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        replace(&link, b"two").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
