//! `unspin eval` from outside: what it counts, what it writes, what it refuses.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    use insta_cmd::get_cargo_bin;
    use serde_json::Value;

    const ORIGINAL: &str = "\
The council said it will close two libraries and that the plan could be reviewed in the spring. Staff at the library have been told that
they can apply for other jobs, or leave with a payment. There is a bridge over the river, and people cross it on foot in the summer.
";
    const GARBLED: &str = "\
The council said it volition adjacent 2 libraries and that the plan could beryllium reviewed successful the spring. Staff astatine the library person been told that
they tin use for different jobs, oregon permission with a payment. There is simply a bridge implicit the river, and radical transverse it connected ft successful the summer.
";

    fn run(folder: &Path, args: &str, code: i32) -> Output {
        let mut command = Command::new(get_cargo_bin("unspin"));
        command.current_dir(folder).args(args.split_whitespace()).stdin(Stdio::null()).env("NO_COLOR", "1");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "unspin {args}\n{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn put(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn objects(output: &Output) -> Vec<Value> {
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn texts_are_paired_by_name_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("g/a/1.txt", GARBLED), ("o/a/1.txt", ORIGINAL), ("o/2.txt", ORIGINAL), ("g/other.txt", "x")] {
            put(folder.path(), name, text);
        }
        let output = run(folder.path(), "eval --garbled g --original o --format json --profile beryllium --profile none", 3);
        assert!(String::from_utf8_lossy(&output.stderr).contains("originals without a garbled text of the same name, left out: 1"));
        let found = objects(&output);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0]["profile"], "beryllium");
        let document = &found[0]["documents"][0];
        assert_eq!(document["id"], "a/1.txt");
        // of "is simply a" only "simply" is no word of the original
        assert_eq!((&document["swapped"], &document["kept"]), (&Value::from(19), &Value::from(35)));
        assert!(document["restored"].as_u64() >= Some(15), "{document}");
        let sum = ["restored", "wrong", "undecided"].iter().filter_map(|key| document[key].as_u64()).sum::<u64>();
        assert_eq!(Some(sum), document["swapped"].as_u64());
        assert!(found[0]["total"]["wer_after"].as_f64() < found[0]["total"]["wer_before"].as_f64());
        let table = run(folder.path(), "eval --garbled g --original o --profile beryllium", 3).stdout;
        assert!(String::from_utf8_lossy(&table).starts_with("profile beryllium, preset balanced\ndocument "));
    }

    #[test]
    fn originals_are_garbled_on_the_spot() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "o/1.txt", ORIGINAL);
        let output =
            run(folder.path(), "eval --original o --spin-with random:7 --touch lower-bare,lower-punctuated --keep k --format json", 0);
        let (garbled, cipher) = (folder.path().join("k/1.txt"), folder.path().join("k/cipher.tsv"));
        assert!(fs::read_to_string(&cipher).unwrap().contains("# touch: lower-bare lower-punctuated\n"));
        assert_ne!(fs::read_to_string(&garbled).unwrap(), ORIGINAL);
        // what was kept measures the same
        let again = run(folder.path(), "eval --original o --garbled k --format json --jobs 1", 0);
        let without_clock = |output: &Output| {
            let mut found = objects(output).remove(0);
            found["total"].as_object_mut().unwrap().remove("words_per_second");
            found["documents"][0].as_object_mut().unwrap().remove("words_per_second");
            found
        };
        assert_eq!(without_clock(&output), without_clock(&again));
        let by_file = run(folder.path(), "eval --original o --spin-with k/cipher.tsv --profile k/cipher.tsv --format json", 0);
        assert_eq!(objects(&by_file)[0]["total"]["swapped"], objects(&output)[0]["total"]["swapped"]);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("g/1.txt", GARBLED), ("o/2.txt", ORIGINAL), ("bad/1.txt", ORIGINAL)] {
            put(folder.path(), name, text);
        }
        fs::write(folder.path().join("bad/1.txt"), b"caf\xe9").unwrap();
        for (args, message) in [
            ("eval --garbled g --original o", "the files in both folders must have the same names"),
            ("eval --garbled nope --original o", "no such file or folder"),
            ("eval --garbled g/1.txt --original o", "takes a folder"),
            ("eval --garbled g --original bad", "not UTF-8"),
            ("eval --original o", "--garbled"),
            ("eval --original o --spin-with random:x", "the seed must be a whole number, such as random:7"),
            ("eval --original o --spin-with any-word:x", "the seed must be a whole number, such as any-word:7"),
            ("eval --original o --spin-with random:1 --touch bare", "unknown shape `bare`"),
            ("eval --original o --spin-with random:1 --keep o", "is an original"),
            ("eval --garbled g --original o --spin-with random:1", "cannot be used with"),
        ] {
            let stderr = String::from_utf8_lossy(&run(folder.path(), args, 2).stderr).into_owned();
            assert!(stderr.contains(message), "{args}\n{stderr}");
        }
    }
}
