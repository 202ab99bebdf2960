//! The program, run in a folder of its own.

use std::fs;
use std::io::Write;
use std::path::Path;
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
    command.env("NO_COLOR", "1").env("COLUMNS", "100");
    for name in ["RUST_BACKTRACE", "CLICOLOR_FORCE", "CI", "TF_BUILD"] {
        command.env_remove(name);
    }
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

/// Runs it with these bytes on standard input; the exit code must be `code`.
pub(crate) fn typed(folder: &TempDir, args: &str, input: &[u8], code: i32) -> Output {
    let mut command = unspin(folder, args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn({
        let input = input.to_vec();
        // who needs no more of it may close its end
        move || drop(stdin.write_all(&input))
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(code), "unspin {args}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What it prints for a text on standard input.
pub(crate) fn fed(args: &str, input: &[u8]) -> String {
    text(&typed(&folder(&[]), args, input, 0).stdout)
}

pub(crate) fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// All files below a folder, sorted; a file that is hidden would be one that was left behind.
pub(crate) fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(tree(&path).into_iter().map(|below| format!("{name}/{below}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
