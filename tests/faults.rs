//! What goes wrong outside the program, and what becomes of the data then: the rows of docs/RELIABILITY.md that need no size.

#[cfg(test)]
#[path = "common/program.rs"]
#[expect(dead_code, reason = "this file needs part of it")]
mod program;

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::OsStr;
    use std::fs::{self, File};
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::time::{Duration, SystemTime};

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use crate::program::{done, folder, read, text, tree, unspin};

    const SPUN: &str = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected \
                        onslaught implicit plans to instrumentality a antheral disconnected each lorry.";
    const BEGINS: &str = "Rubbish could be left in the streets";

    /// A zstd frame of 25 kB that unpacks to 800 MB: blocks that are one byte and how often it stands.
    fn bomb() -> Vec<u8> {
        // magic; no checksum, no content size, a window of 8 MB
        let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3];
        let blocks = 800_000_000 / (128 << 10) + 1;
        for number in 1..=blocks {
            let head = (128u32 << 10) << 3 | 1 << 1 | u32::from(number == blocks);
            out.extend(&head.to_le_bytes()[..3]);
            out.push(b' ');
        }
        out
    }

    /// Most memory that a run has taken, in MB, and what it printed on standard error.
    fn peak(folder: &TempDir, args: &str, code: i32) -> (u64, String) {
        let child = unspin(folder, args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        // the peak of a process that is gone is not told any more
        while let Ok(status) = fs::read_to_string(&status) {
            let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) else { break };
            most = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap().max(most);
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{told}");
        (most >> 10, told)
    }

    #[test]
    fn a_decompression_bomb_is_given_up_early() {
        let bomb = bomb();
        assert!(bomb.len() < 26_000, "{}", bomb.len());
        let some = folder(&[("a.txt.zst", &bomb), ("b.jsonl.zst", &bomb), ("c.txt", SPUN.as_bytes())]);
        let (megabytes, told) = peak(&some, "restore a.txt.zst b.jsonl.zst c.txt --out-dir out --jobs 1", 3);
        assert_eq!(told.matches("as in a decompression bomb; raise --max-ratio").count(), 2, "{told}");
        assert_eq!(tree(&some.path().join("out")), ["c.txt"]);
        if cfg!(target_os = "linux") {
            assert!(megabytes < 400, "{megabytes} MB");
        }
    }

    /// A table with one column, `text`.
    #[cfg(feature = "parquet")]
    fn table(path: &Path, column: arrow_array::ArrayRef, with_dictionary: bool) {
        use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
        use parquet::basic::Compression;
        use parquet::file::properties::WriterProperties;
        let rows = arrow_array::RecordBatch::try_from_iter([("text", column)]).unwrap();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
            .set_dictionary_enabled(with_dictionary)
            .set_dictionary_page_size_limit(1 << 30)
            .set_statistics_enabled(parquet::file::properties::EnabledStatistics::None)
            .build();
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(File::create(path).unwrap(), rows.schema(), options).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn a_table_that_unpacks_to_gigabytes_is_read_in_bounded_memory_or_given_up() {
        use std::sync::Arc;

        use arrow_array::types::Int32Type;
        use arrow_array::{DictionaryArray, Int32Array, StringArray};
        let some = folder(&[]);
        // one text of 20 MB, and a thousand rows that say: that one
        let long = Arc::new(StringArray::from(vec!["tin ".repeat(5 << 20)]));
        let rows = DictionaryArray::<Int32Type>::new(Int32Array::from(vec![0; 1000]), long);
        table(&some.path().join("rows.parquet"), Arc::new(rows), true);
        assert!(fs::metadata(some.path().join("rows.parquet")).unwrap().len() < 20_000);
        let (megabytes, told) = peak(&some, "restore rows.parquet --dry-run --max-record 1M --max-ratio 1000000 --jobs 2", 3);
        assert!(told.contains("larger than 1048576 bytes; raise --max-record"), "{told}");
        assert!(megabytes < 900, "{megabytes} MB");
        // 400 pages of a megabyte that are nearly the same
        let pages: Vec<String> = (0..400).map(|row| format!("{row} {}", "tin ".repeat(250_000))).collect();
        table(&some.path().join("pages.parquet"), Arc::new(StringArray::from(pages)), false);
        let (megabytes, told) = peak(&some, "restore pages.parquet --dry-run", 2);
        assert!(told.contains("as in a decompression bomb; raise --max-ratio"), "{told}");
        assert!(megabytes < 250, "{megabytes} MB");
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn an_arrow_block_beyond_the_end_of_its_file_takes_no_memory() {
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/tables/a-block-beyond-the-end.arrow")).unwrap();
        let some = folder(&[("far.arrow", &bytes)]);
        let (megabytes, told) = peak(&some, "restore far.arrow --dry-run", 2);
        assert!(told.contains("far.arrow") && told.contains("a block reaches beyond the end of the file"), "{told}");
        assert!(megabytes < 250, "{megabytes} MB");
    }

    #[test]
    fn a_record_over_the_cap_passes_in_fixed_memory() {
        let huge = format!("{{\"id\":\"huge\",\"text\":\"{}\"}}\n{{\"id\":\"next\",\"text\":{}}}\n", "tin ".repeat(20 << 20), json!(SPUN));
        let some = folder(&[("a.jsonl", huge.as_bytes())]);
        let (megabytes, told) = peak(&some, "restore a.jsonl --output b.jsonl --max-record 1M --jobs 1", 3);
        assert!(told.contains("larger than 1048576 bytes; raise --max-record"), "{told}");
        let after = fs::read(some.path().join("b.jsonl")).unwrap();
        let line = huge.find('\n').unwrap();
        assert!(after[..line] == huge.as_bytes()[..line], "the record has changed");
        assert!(String::from_utf8_lossy(&after[line..]).contains(BEGINS));
        if cfg!(target_os = "linux") {
            assert!(megabytes < 250, "{megabytes} MB");
        }
    }

    #[test]
    fn a_file_that_vanishes_before_its_turn_is_named() {
        let some = folder(&[("b.txt", SPUN.as_bytes()), ("c.txt", SPUN.as_bytes())]);
        let pipe = some.path().join("a.txt");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let child = unspin(&some, "restore a.txt b.txt c.txt --out-dir out").stderr(Stdio::piped()).spawn().unwrap();
        // opens once the program reads it: then the others are listed, and not yet read
        let mut first = File::options().write(true).open(&pipe).unwrap();
        fs::remove_file(some.path().join("b.txt")).unwrap();
        first.write_all(SPUN.as_bytes()).unwrap();
        drop(first);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(text(&output.stderr), "unspin: b.txt: no such file or folder; check the path\n");
        assert_eq!(tree(&some.path().join("out")), ["a.txt", "c.txt"]);
    }

    /// Runs in place over a large file and does something to it while its result is being written.
    fn meddled(meddle: impl Fn(&Path)) -> (TempDir, String) {
        let line = format!("{{\"text\":{}}}\n", json!(SPUN));
        let clean = format!("{{\"text\":{}}}\n", json!("The bridge was opened on Monday, and people can cross it on foot.".repeat(4)));
        let some = folder(&[("a.jsonl", (line + &clean.repeat(4000)).as_bytes())]);
        let path = some.path().join("a.jsonl");
        let mut child = unspin(&some, "restore --in-place a.jsonl --jobs 1").stderr(Stdio::piped()).spawn().unwrap();
        while tree(some.path()).len() < 2 {
            assert_eq!(child.try_wait().unwrap(), None, "through before it was meddled with");
            std::thread::sleep(Duration::from_millis(1));
        }
        meddle(&path);
        let output = child.wait_with_output().unwrap();
        // nothing at all was delivered
        assert_eq!(output.status.code(), Some(2));
        (some, text(&output.stderr))
    }

    #[test]
    fn a_file_that_changes_while_it_is_restored_is_left_alone() {
        let (some, told) = meddled(|path| File::options().append(true).open(path).unwrap().write_all(b"{\"text\":\"mine\"}\n").unwrap());
        assert!(told.contains("a.jsonl: ") && told.contains("has changed since it was read; it was left alone, run again"), "{told}");
        assert!(read(&some, "a.jsonl").contains("could beryllium") && read(&some, "a.jsonl").ends_with("\"mine\"}\n"));
        assert_eq!(tree(some.path()), ["a.jsonl"]);
    }

    #[test]
    fn a_file_that_vanishes_while_it_is_restored_does_not_come_back() {
        let (some, told) = meddled(|path| fs::remove_file(path).unwrap());
        assert!(told.contains("the file has vanished since it was read"), "{told}");
        assert_eq!(tree(some.path()), [""; 0]);
    }

    #[test]
    fn the_clock_decides_nothing() {
        let some = folder(&[("in/a.txt", SPUN.as_bytes()), ("in/b.jsonl", format!("{{\"text\":{}}}\n", json!(SPUN)).as_bytes())]);
        let mut seen = Vec::new();
        let far = Duration::from_secs(4_000_000_000);
        for time in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + far, SystemTime::UNIX_EPOCH + far / 3] {
            for name in ["in/a.txt", "in/b.jsonl"] {
                File::options().append(true).open(some.path().join(name)).unwrap().set_modified(time).unwrap();
            }
            // a run that goes on finds what the run before it left, whatever the files say of their age
            done(&some, "restore in --out-dir out --edits log.jsonl --resume", 0);
            seen.push((read(&some, "out/a.txt"), read(&some, "out/b.jsonl"), read(&some, "log.jsonl")));
        }
        assert!(seen[0].0.starts_with(BEGINS));
        assert!(seen.iter().all(|result| *result == seen[0]));
    }

    #[test]
    fn circles_of_links_are_an_error_of_that_folder_alone() {
        let some = folder(&[("in/a.txt", SPUN.as_bytes()), ("in/deep/b.txt", SPUN.as_bytes())]);
        symlink("..", some.path().join("in/deep/up")).unwrap();
        symlink("me.txt", some.path().join("in/me.txt")).unwrap();
        let told = text(&done(&some, "restore in --out-dir out", 3).stderr);
        assert!(told.starts_with("unspin: in/me.txt: cannot be read: ") && !told.contains("in/deep/up"), "{told}");
        assert_eq!(tree(&some.path().join("out")), ["a.txt", "deep/b.txt"]);
        let told = text(&done(&some, "restore in --out-dir two --follow", 3).stderr);
        assert!(told.contains("in/deep/up"), "{told}");
        assert_eq!(tree(&some.path().join("two")), ["a.txt", "deep/b.txt"]);
    }

    #[test]
    fn no_name_in_the_data_leads_out_of_the_folder_of_results() {
        let archive = |id: &str| {
            format!(
                "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <{id}>\r\nWARC-Target-URI: {id}\r\nWARC-Filename: {id}\r\n\
                 Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{SPUN}\r\n\r\n",
                SPUN.len()
            )
        };
        let records = [archive("../../escaped.txt"), archive("/tmp/unspin-escaped.txt")].concat();
        let lines = format!("{{\"id\":\"../escaped\",\"text\":{0}}}\n{{\"id\":\"/tmp/unspin-escaped\",\"text\":{0}}}\n", json!(SPUN));
        let some = folder(&[("box/in/a.warc", records.as_bytes()), ("box/in/b.jsonl", lines.as_bytes()), ("c.txt", SPUN.as_bytes())]);
        fs::create_dir(some.path().join("box/cwd")).unwrap();
        let run = |args: &str, code: i32| {
            let output = unspin(&some, args).current_dir(some.path().join("box/cwd")).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
            text(&output.stderr)
        };
        run("restore ../in ../../c.txt --out-dir out --edits log.jsonl", 0);
        assert_eq!(
            tree(some.path()),
            [
                "box/cwd/log.jsonl",
                "box/cwd/out/a.warc",
                "box/cwd/out/b.jsonl",
                "box/cwd/out/c.txt",
                "box/in/a.warc",
                "box/in/b.jsonl",
                "c.txt"
            ]
        );
        // an edit log names documents; undo writes to no other file than those it is given
        let log = read(&some, "box/cwd/log.jsonl").replace("../../c.txt", "/../../../etc/passwd");
        fs::write(some.path().join("box/cwd/evil.jsonl"), log).unwrap();
        run("undo --edits evil.jsonl out", 0);
        assert_eq!(read(&some, "box/cwd/out/c.txt"), SPUN);
        assert!(!Path::new("/tmp/unspin-escaped").exists() && !Path::new("/tmp/unspin-escaped.txt").exists());
        for name in ["..", ".", "a/b"] {
            assert!(run(&format!("restore ../in --out-dir out --attributes {name}"), 2).contains("--attributes takes a name"));
        }
    }

    #[test]
    fn odd_file_names_are_kept_and_undone() {
        let some = folder(&[]);
        let names: [&[u8]; 6] =
            [b"new\nline.txt", b"bad\xff.txt", b"bad\xfe.txt", b"\x1b[31m.txt", "\u{202e}txt.b\u{301}.txt".as_bytes(), b" -x .txt"];
        let path = |folder: &str, name: &[u8]| some.path().join(folder).join(OsStr::from_bytes(name));
        fs::create_dir(some.path().join("in")).unwrap();
        for (number, name) in names.iter().enumerate() {
            fs::write(path("in", name), format!("{number} {SPUN}")).unwrap();
        }
        fs::write(path("in", b"no\ntext\x1b.txt"), b"\xff").unwrap();
        let told = text(&done(&some, "restore in --out-dir out --edits log.jsonl", 3).stderr);
        assert_eq!(told.lines().count(), 1, "one line a message: {told:?}");
        assert!(told.contains("in/no\\ntext\\u{1b}.txt: passed through unchanged"), "{told}");
        for (number, name) in names.iter().enumerate() {
            assert!(fs::read_to_string(path("out", name)).unwrap().starts_with(&format!("{number} {BEGINS}")), "{name:?}");
        }
        let rows = text(&done(&some, "detect in", 3).stdout);
        assert_eq!(rows.lines().count(), names.len(), "{rows:?}");
        done(&some, "undo --edits log.jsonl out", 0);
        for (number, name) in names.iter().enumerate() {
            assert_eq!(fs::read_to_string(path("out", name)).unwrap(), format!("{number} {SPUN}"), "{name:?}");
        }
    }

    #[test]
    fn a_deep_tree_is_read_to_its_ground() {
        let some = folder(&[]);
        let deep: PathBuf = std::iter::once("in").chain(std::iter::repeat_n("d", 400)).collect();
        fs::create_dir_all(some.path().join(&deep)).unwrap();
        fs::write(some.path().join(&deep).join("a.txt"), SPUN).unwrap();
        done(&some, "restore in --out-dir out", 0);
        let found = tree(&some.path().join("out"));
        assert_eq!(found, [format!("{}a.txt", "d/".repeat(400))]);
    }

    #[test]
    fn encodings_are_told_kept_and_undone() {
        let units = |text: &str, of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
        let page = format!("caf\u{e9} \u{201c}on\u{201d}\r\n\r\n{SPUN}\r\n");
        let windows: Vec<u8> = page
            .chars()
            .map(|c| match c {
                '\u{201c}' => 0x93,
                '\u{201d}' => 0x94,
                other => u8::try_from(u32::from(other)).unwrap(),
            })
            .collect();
        let marked = format!("\u{feff}{page}");
        let html = units(&format!("\u{feff}<p title='tin'>{SPUN}</p>"), u16::to_le_bytes);
        let files: [(&str, &str, Vec<u8>); 5] = [
            ("le.txt", "utf-16", units(&marked, u16::to_le_bytes)),
            ("be.txt", "utf-16", units(&marked, u16::to_be_bytes)),
            ("bare.txt", "utf-16le", units(&page, u16::to_le_bytes)),
            ("w.txt", "windows-1252", windows),
            ("p.html", "UTF16", html),
        ];
        for (name, encoding, bytes) in files {
            let some = folder(&[(name, &bytes)]);
            // not told: passes as it is, with the reason
            let told = text(&done(&some, &format!("restore {name} --output same"), 3).stderr);
            assert!(told.contains(&format!("{name}: passed through unchanged: this is ")), "{told}");
            assert!(fs::read(some.path().join("same")).unwrap() == bytes, "{name}");
            done(&some, &format!("restore {name} --encoding {encoding} --out-dir out --edits log.jsonl"), 0);
            let after = fs::read(some.path().join("out").join(name)).unwrap();
            let spun = if name == "w.txt" {
                SPUN.as_bytes().to_vec()
            } else if name == "be.txt" {
                units(SPUN, u16::to_be_bytes)
            } else {
                units(SPUN, u16::to_le_bytes)
            };
            let at = bytes.windows(spun.len()).position(|window| window == spun).unwrap();
            let begins = if name == "w.txt" {
                BEGINS.as_bytes().to_vec()
            } else if name == "be.txt" {
                units(BEGINS, u16::to_be_bytes)
            } else {
                units(BEGINS, u16::to_le_bytes)
            };
            assert!(after[..at] == bytes[..at] && after[at..].starts_with(&begins), "{name}");
            assert!(after.ends_with(&bytes[at + spun.len()..]), "{name}");
            done(&some, &format!("undo --edits log.jsonl --encoding {encoding} out/{name}"), 0);
            assert!(fs::read(some.path().join("out").join(name)).unwrap() == bytes, "{name}");
        }
        let some = folder(&[("a.txt", b"a\0b"), ("odd.txt", b"\xff\xfea")]);
        let told = text(&done(&some, "restore a.txt odd.txt --encoding utf-16 --out-dir out", 3).stderr);
        assert!(
            told.contains("does not begin with a byte order mark")
                && told.contains("odd.txt: passed through unchanged: this is not UTF-16 (byte 2)"),
            "{told}"
        );
        assert!(text(&done(&some, "restore a.txt --encoding koi8-r", 2).stderr).contains("known are utf-8, utf-16"));
    }

    #[test]
    fn characters_that_are_not_seen_are_kept() {
        let odd = "\u{feff}nai\u{308}ve na\u{ef}ve \u{2018}curly\u{2019} 'straight' \"both\u{201d} soft\u{ad}hyphen zero\u{200b}width \u{200f}\u{5d0}\u{5d1}\u{200e} \
                   \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f3f4}\u{e0067}\u{e007f} \u{a0}\u{2028}end\r\n";
        let before = format!("{odd}\r\n{SPUN} {SPUN}\r\n\r\n{odd}");
        let some = folder(&[("a.txt", before.as_bytes())]);
        done(&some, "restore a.txt --output b.txt", 0);
        let after = read(&some, "b.txt");
        assert!(after.starts_with(&format!("{odd}\r\n{BEGINS}")) && after.ends_with(&format!(".\r\n\r\n{odd}")), "{after:?}");
    }

    #[test]
    fn a_closed_pipe_ends_a_stream_quietly() {
        let line = format!("{{\"text\":{}}}\n", json!(SPUN));
        let some = folder(&[("a.jsonl", line.repeat(400).as_bytes())]);
        for args in ["restore a.jsonl", "detect a.jsonl", "restore a.jsonl --compress gzip", "restore a.jsonl --format json"] {
            let mut child = unspin(&some, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{args}");
        }
    }

    #[test]
    fn a_summary_counts_what_was_lost() {
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("b.txt", b"\xff")]);
        done(&some, "restore a.txt b.txt none.txt --out-dir out --summary sum.json", 3);
        let summary: Value = serde_json::from_str(&read(&some, "sum.json")).unwrap();
        assert_eq!((&summary["documents"], &summary["failed"], &summary["lost"]), (&json!(1), &json!(1), &json!(1)));
    }
}
