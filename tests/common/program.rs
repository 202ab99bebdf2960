//! The program, run in a folder of its own.

use std::fs;
use std::process::{Command, Output, Stdio};

use insta_cmd::get_cargo_bin;
use tempfile::TempDir;

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// The program, to be run in `folder` with these arguments.
pub(crate) fn unspin(folder: &TempDir, args: &str) -> Command {
    let mut command = Command::new(get_cargo_bin("unspin"));
    command.current_dir(folder.path()).args(args.split_whitespace()).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("RUST_BACKTRACE").env_remove("CLICOLOR_FORCE");
    command
}

/// Runs it; the exit code must be `code`.
pub(crate) fn done(folder: &TempDir, args: &str, code: i32) -> Output {
    let output = unspin(folder, args).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "unspin {args}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
