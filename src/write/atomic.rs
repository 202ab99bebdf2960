//! A file written beside its place and renamed into it.
//!
//! In: bytes, as to any writer. Out: on commit the whole file under its name, else nothing. A file that is replaced keeps its
//! mode and owner, and a link stays a link: the file that it points to is replaced. [`AtomicFile::commit_durably`] waits for the disk.
//! The file beside has a name of its own, or one that a later run finds again ([`AtomicFile::resume`]). Devices and pipes
//! (`/dev/null`) are written to directly: renaming would put a file in their place.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::read::Stamp;

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
    /// Stays if it is not committed.
    Part(File, PathBuf),
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

    /// Begins a file that will stand at `path`, or goes on with one behind its first `keep` bytes: until the commit it has a name
    /// that the next run finds again, and it stays if there is no commit.
    ///
    /// # Errors
    /// As [`AtomicFile::create`]; and if there are fewer bytes than that.
    pub fn resume(path: &Path, keep: u64) -> Result<Self, WriteError> {
        go_on(path, keep).map_err(|source| WriteError { path: path.to_owned(), source })
    }

    /// The name that [`AtomicFile::resume`] gives the file until the commit.
    #[must_use]
    pub fn part_of(path: &Path) -> PathBuf {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        folder_of(&path).join(format!(".{name}.unspin-part"))
    }

    /// Where the file will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands all bytes to the system, and to the disk if `durably`.
    ///
    /// # Errors
    /// [`WriteError`] if they cannot be written.
    pub fn settle(&mut self, durably: bool) -> Result<(), WriteError> {
        let done = self.writer.flush().and_then(|()| match self.writer.get_ref().file() {
            Some(file) if durably => file.sync_data(),
            _ => Ok(()),
        });
        done.map_err(|source| WriteError { path: self.path.clone(), source })
    }

    /// Takes back all but the first `length` bytes.
    ///
    /// # Errors
    /// [`WriteError`] if the system refuses.
    pub fn cut(&mut self, length: u64) -> Result<(), WriteError> {
        let done = self.writer.flush().and_then(|()| match self.writer.get_ref().file() {
            Some(mut file) => file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)).map(|_| ())),
            None => Ok(()),
        });
        done.map_err(|source| WriteError { path: self.path.clone(), source })
    }

    /// Puts the file into its place once its content is safe on the disk, if `path` is still the file that has this stamp.
    ///
    /// # Errors
    /// As [`AtomicFile::commit_durably`]; and if the file has changed.
    pub fn commit_onto(self, stamp: Stamp) -> Result<(), WriteError> {
        let now = std::fs::metadata(&self.path).map(|found| Stamp::of(&found));
        let source = match now {
            Ok(now) if now == stamp => return self.finish(true),
            Ok(_) => io::Error::other("the file has changed since it was read; it was left alone, run again"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                io::Error::new(error.kind(), "the file has vanished since it was read")
            }
            Err(error) => error,
        };
        if let Beside::Part(_, part) = self.writer.get_ref() {
            let _ = std::fs::remove_file(part);
        }
        Err(WriteError { path: self.path, source })
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    /// [`WriteError`] if it cannot be completed; what was there before stays.
    pub fn commit(self) -> Result<(), WriteError> {
        self.finish(false)
    }

    /// Gives the file up, whatever its name.
    pub fn discard(self) {
        if let Beside::Part(_, part) = self.writer.get_ref() {
            let _ = std::fs::remove_file(part);
        }
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
            let beside = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            if let Some(file) = beside.file().filter(|_| durably) {
                file.sync_all()?;
            }
            match beside {
                Beside::Temporary(file) => drop(file.persist(&path).map_err(|error| error.error)?),
                Beside::Part(_, part) => std::fs::rename(part, &path)?,
                Beside::Device(_) => return Ok(()),
            }
            if durably && cfg!(unix) {
                File::open(folder_of(&path))?.sync_all()?;
            }
            Ok(())
        };
        put(writer).map_err(|source| WriteError { path: path.clone(), source })
    }
}

impl Beside {
    /// The file, unless it is a device.
    fn file(&self) -> Option<&File> {
        match self {
            Self::Temporary(file) => Some(file.as_file()),
            Self::Part(file, _) => Some(file),
            Self::Device(_) => None,
        }
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            // not through the temporary file, which would put its name into errors
            Self::Temporary(file) => file.as_file_mut().write(bytes),
            Self::Part(file, _) | Self::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.as_file_mut().flush(),
            Self::Part(file, _) | Self::Device(file) => file.flush(),
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
    let file = builder.tempfile_in(folder).map_err(without_path)?;
    if let Some(before) = before {
        like(file.as_file(), &before)?;
    }
    Ok(AtomicFile { writer: BufWriter::new(Beside::Temporary(file)), path })
}

/// The error without the name of the temporary file, which says nothing to a person.
fn without_path(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((what, _)) => io::Error::new(error.kind(), what),
        None => error,
    }
}

fn go_on(path: &Path, keep: u64) -> io::Result<AtomicFile> {
    let before = std::fs::metadata(path).ok();
    if path.is_dir() || before.as_ref().is_some_and(|found| !found.is_file()) {
        return begin(path);
    }
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    std::fs::create_dir_all(folder_of(&path))?;
    let part = AtomicFile::part_of(&path);
    let mut file = File::options().create(true).truncate(false).write(true).open(&part)?;
    if file.metadata()?.len() < keep {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "what was written before is not there any more; start without --resume"));
    }
    file.set_len(keep)?;
    file.seek(SeekFrom::Start(keep))?;
    if let Some(before) = before {
        like(&file, &before)?;
    }
    Ok(AtomicFile { writer: BufWriter::new(Beside::Part(file, part)), path })
}

/// Gives a file the mode and the owner of another.
fn like(file: &File, before: &std::fs::Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let now = file.metadata()?;
        if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
            std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()))
                .map_err(|error| io::Error::new(error.kind(), format!("the owner of the file cannot be kept: {error}")))?;
        }
    }
    file.set_permissions(before.permissions())
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

    #[test]
    fn a_file_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let mut file = AtomicFile::resume(&path, 0).unwrap();
        file.write_all(b"one two").unwrap();
        file.settle(true).unwrap();
        drop(file);
        assert!(!path.exists() && AtomicFile::resume(&path, 9).is_err());
        let mut file = AtomicFile::resume(&path, 3).unwrap();
        file.write_all(b"+three").unwrap();
        file.cut(4).unwrap();
        file.write_all(b"!").unwrap();
        file.commit_durably().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one+!");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_has_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "before").unwrap();
        let stamp = Stamp::of(&std::fs::metadata(&path).unwrap());
        let file = || {
            let mut file = AtomicFile::create(&path).unwrap();
            file.write_all(b"after").unwrap();
            file
        };
        std::fs::write(&path, "meanwhile").unwrap();
        let error = file().commit_onto(stamp).unwrap_err().to_string();
        assert!(error.ends_with("has changed since it was read; it was left alone, run again"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"meanwhile");
        file().commit_onto(Stamp::of(&std::fs::metadata(&path).unwrap())).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"after");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_temporary_file_is_not_told() {
        let told = AtomicFile::create(Path::new("/proc/x.txt")).unwrap_err().to_string();
        assert!(told.starts_with("cannot write /proc/x.txt: ") && !told.contains(".unspin-"), "{told}");
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
