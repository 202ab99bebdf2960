//! The program from outside: what it prints, where it writes, how it exits.
//!
//! Each test runs the program in a folder of its own, with relative paths, so that a snapshot holds no path of this machine. Where a
//! number may change with the models, it is masked, or the snapshot is of something else.

#[cfg(test)]
#[path = "common/program.rs"]
mod program;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::process::Stdio;

    use crate::program::{done, fed, folder, read, text, tree, unspin};
    use insta::assert_snapshot;
    use insta_cmd::assert_cmd_snapshot;

    const SPUN: &str = "\
The council said it volition adjacent 2 libraries and that the plan could beryllium reviewed successful the spring.
Staff astatine the library person been told that they tin use for different jobs, oregon permission with a payment.
The mayor said: \"We person had to marque difficult choices astir wealth this year, and radical volition beryllium angry.\"
Campaigners accidental they volition combat on, and person asked for much clip earlier immoderate gathering is closed.
";
    const CLEAN: &str = "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n";
    const HEAD: &str =
        "# unspin profile 1\n# name: small\n# version: 1\n# touch: lower-bare\n# For tests.\nplain\tcipher\tcount\tconfidence\tsource\n";

    fn masked(bytes: &[u8]) -> String {
        let mut out = String::new();
        for c in text(bytes).chars() {
            match c {
                '0'..='9' if out.ends_with('#') => {}
                '0'..='9' => out.push('#'),
                _ => out.push(c),
            }
        }
        out
    }

    #[test]
    fn help() {
        let none = folder(&[]);
        assert_cmd_snapshot!("help", unspin(&none, "--help"));
        assert_cmd_snapshot!("help_restore", unspin(&none, "restore --help"));
        assert_cmd_snapshot!("help_detect", unspin(&none, "detect --help"));
        assert_cmd_snapshot!("help_explain", unspin(&none, "explain --help"));
        assert_cmd_snapshot!("help_check", unspin(&none, "check --help"));
        assert_cmd_snapshot!("help_accept", unspin(&none, "accept --help"));
        assert_cmd_snapshot!("help_undo", unspin(&none, "undo --help"));
        assert_cmd_snapshot!("help_profile", unspin(&none, "profile --help"));
        assert_cmd_snapshot!("help_profile_show", unspin(&none, "profile show --help"));
        assert_cmd_snapshot!("help_lm", unspin(&none, "lm --help"));
        assert_cmd_snapshot!("help_completions", unspin(&none, "completions --help"));
    }

    #[test]
    fn wrong_usage() {
        let some = folder(&[("a.txt", b"a"), ("b.txt", b"b"), ("x.csv/none.csv", b"")]);
        assert_cmd_snapshot!("bad_flag", unspin(&some, "restore --frob a.txt"));
        assert_cmd_snapshot!("bad_confidence", unspin(&some, "restore --min-confidence 2 a.txt"));
        assert_cmd_snapshot!("no_command", unspin(&some, "resto a.txt"));
        assert_cmd_snapshot!("missing_file", unspin(&some, "restore nope.txt"));
        assert_cmd_snapshot!("missing_files", unspin(&some, "detect nope.txt neither.txt"));
        assert_cmd_snapshot!("no_articles", unspin(&some, "restore x.csv --out-dir out"));
        assert_cmd_snapshot!("several_to_stdout", unspin(&some, "restore a.txt b.txt"));
        assert_cmd_snapshot!("folder_to_stdout", unspin(&some, "restore ."));
        assert_cmd_snapshot!("stdin_in_place", unspin(&some, "restore --in-place -"));
        assert_cmd_snapshot!("stdin_to_folder", unspin(&some, "restore --out-dir out -"));
        assert_cmd_snapshot!("stdin_twice", unspin(&some, "detect - -"));
        assert_cmd_snapshot!("backup_alone", unspin(&some, "restore --backup .orig a.txt"));
        assert_cmd_snapshot!("diff_in_place", unspin(&some, "restore --in-place --format diff a.txt"));
        assert_eq!(tree(some.path()), ["a.txt", "b.txt", "x.csv/none.csv"]);
    }

    #[test]
    fn models_and_profiles_that_cannot_be_used() {
        let broken = format!("{HEAD}be\tberyllium\t1\t0.97\n");
        let some = folder(&[
            ("a.txt", b"a"),
            ("broken.tsv", broken.as_bytes()),
            ("latin.tsv", b"\xe9"),
            ("not.lm", b"something else"),
            ("old.lm", b"UNSPINLM\x09\0\0\0"),
            ("cut.lm", b"UNSPINLM\x01\0\0\0\x04\0\0\0"),
        ]);
        assert_cmd_snapshot!("unknown_profile", unspin(&some, "restore --profile berylium a.txt"));
        assert_cmd_snapshot!("broken_profile", unspin(&some, "detect --profile broken.tsv a.txt"));
        assert_cmd_snapshot!("missing_profile", unspin(&some, "explain --profile ./nope.tsv word"));
        assert_cmd_snapshot!("profile_of_another_encoding", unspin(&some, "profile show latin.tsv"));
        assert_cmd_snapshot!("not_a_model", unspin(&some, "restore --model not.lm a.txt"));
        assert_cmd_snapshot!("model_of_another_version", unspin(&some, "lm info old.lm"));
        assert_cmd_snapshot!("model_cut_off", unspin(&some, "detect --model cut.lm a.txt"));
        assert_cmd_snapshot!("missing_model", unspin(&some, "restore --model nope.lm a.txt"));
    }

    #[test]
    fn one_text_is_restored_to_stdout() {
        let none = folder(&[]);
        assert_cmd_snapshot!("restore_stdin", unspin(&none, "restore").pass_stdin(SPUN));
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("clean.txt", CLEAN.as_bytes()), ("empty.txt", b"")]);
        let from_stdin = fed("restore -", SPUN.as_bytes());
        assert_eq!(text(&done(&some, "restore a.txt", 0).stdout), from_stdin);
        assert_eq!(text(&done(&some, "restore a.txt --fail-on-change", 1).stdout), from_stdin);
        assert_eq!(text(&done(&some, "restore clean.txt --fail-on-change", 0).stdout), CLEAN);
        assert_cmd_snapshot!("restore_empty", unspin(&some, "restore empty.txt"));
        assert_cmd_snapshot!("restore_nothing_spun", unspin(&some, "restore clean.txt --profile none"));
    }

    #[test]
    fn what_is_not_text_passes_as_it_is() {
        let odd: [(&str, &[u8]); 3] = [("binary.txt", b"a\0b\xff"), ("latin.txt", b"caf\xe9"), ("wide.txt", b"\xff\xfea\0")];
        let some = folder(&odd);
        for (name, bytes) in odd {
            assert_eq!(done(&some, &format!("restore {name}"), 3).stdout, bytes);
        }
        assert_cmd_snapshot!("not_text", unspin(&some, "restore . --out-dir out"));
        for (name, bytes) in odd {
            assert_eq!(fs::read(some.path().join("out").join(name)).unwrap(), bytes);
        }
        assert_cmd_snapshot!("not_text_in_place", unspin(&some, "restore --in-place latin.txt"));
        assert_cmd_snapshot!("not_text_detect", unspin(&some, "detect latin.txt"));
        assert_cmd_snapshot!("not_text_explain", unspin(&some, "explain --in latin.txt"));
        assert_cmd_snapshot!("not_text_json", unspin(&some, "restore latin.txt --format json"));
    }

    #[test]
    fn marks_and_line_ends_are_kept() {
        let marked = format!("\u{feff}{}", SPUN.replace('\n', "\r\n"));
        let restored = fed("restore", marked.as_bytes());
        assert!(restored.starts_with("\u{feff}The council said it will"), "{restored}");
        assert_eq!(restored.matches("\r\n").count(), SPUN.lines().count());
    }

    #[test]
    fn a_tree_is_mirrored() {
        let some = folder(&[
            ("in/b/2.txt", SPUN.as_bytes()),
            ("in/1.md", CLEAN.as_bytes()),
            ("in/x.csv", b"1,2"),
            ("in/.hidden.txt", b"x"),
            ("more/3.HTM", SPUN.as_bytes()),
        ]);
        done(&some, "restore in more/ --out-dir in/out --jobs 1 --edits one.jsonl", 0);
        assert_eq!(tree(&some.path().join("in/out")), ["1.md", "3.HTM", "b/2.txt"]);
        assert_eq!(read(&some, "in/out/1.md"), CLEAN);
        assert!(read(&some, "in/out/b/2.txt").contains("it will"));
        // what was written is no input the next time
        done(&some, "restore in more --out-dir in/out --jobs 7 --edits seven.jsonl", 0);
        assert_eq!(tree(&some.path().join("in/out")), ["1.md", "3.HTM", "b/2.txt"]);
        let one = read(&some, "one.jsonl");
        assert_eq!(one, read(&some, "seven.jsonl"));
        let first = one.lines().next().unwrap().to_owned();
        assert!(first.starts_with(r#"{"document":"in/b/2.txt","start":20,"end":28,"from":"volition","to":"will","reason":{"#), "{first}");
        done(&some, "restore in --out-dir diffs --format diff", 0);
        assert_eq!(tree(&some.path().join("diffs")), ["1.md.diff", "b/2.txt.diff", "out/1.md.diff", "out/3.HTM.diff", "out/b/2.txt.diff"]);
    }

    #[test]
    fn nothing_is_written_over() {
        let some = folder(&[("in/a.txt", SPUN.as_bytes()), ("b/a.txt", b"b"), ("file", b"x")]);
        assert_cmd_snapshot!("onto_input", unspin(&some, "restore in --out-dir in"));
        assert_cmd_snapshot!("onto_input_file", unspin(&some, "restore in/a.txt --out-dir ./in/../in"));
        assert_cmd_snapshot!("two_onto_one", unspin(&some, "restore in b --out-dir out"));
        assert_cmd_snapshot!("edits_onto_input", unspin(&some, "restore in/a.txt --edits in/a.txt"));
        assert_cmd_snapshot!("edits_onto_output", unspin(&some, "restore in/a.txt --out-dir out --edits out/a.txt"));
        assert_cmd_snapshot!("folder_is_a_file", unspin(&some, "restore in --out-dir file"));
        let onto_itself = fs::OpenOptions::new().append(true).open(some.path().join("in/a.txt")).unwrap();
        let refused = unspin(&some, "restore in/a.txt").stdout(onto_itself).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert_eq!(read(&some, "in/a.txt"), SPUN);
        assert!(!some.path().join("out").exists());
    }

    #[test]
    fn a_missing_file_among_several_does_not_stop_the_rest() {
        let some = folder(&[("a.txt", CLEAN.as_bytes()), ("empty/x.csv", b"")]);
        assert_cmd_snapshot!("missing_among_several", unspin(&some, "restore nope.txt a.txt empty --out-dir out"));
        assert_eq!(read(&some, "out/a.txt"), CLEAN);
    }

    #[test]
    fn in_place_touches_only_what_changes() {
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("clean.txt", CLEAN.as_bytes())]);
        let clean = some.path().join("clean.txt");
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        fs::File::options().write(true).open(&clean).unwrap().set_modified(long_ago).unwrap();
        assert_cmd_snapshot!("in_place", unspin(&some, "restore --in-place --backup .orig . --edits log.jsonl"));
        assert!(read(&some, "a.txt").starts_with("The council said it will"));
        assert_eq!(read(&some, "a.txt.orig"), SPUN);
        assert_eq!(fs::metadata(&clean).unwrap().modified().unwrap(), long_ago);
        assert_eq!(tree(some.path()), ["a.txt", "a.txt.orig", "clean.txt", "log.jsonl"]);
        // the backup is the only copy of the input: another text does not replace it
        fs::write(some.path().join("a.txt"), SPUN.replace("mayor", "leader")).unwrap();
        assert_cmd_snapshot!("backup_exists", unspin(&some, "restore --in-place --backup .orig a.txt clean.txt"));
        assert_eq!(read(&some, "a.txt.orig"), SPUN);
        assert!(read(&some, "a.txt").contains("volition"));
    }

    #[cfg(unix)]
    #[test]
    fn in_place_keeps_the_mode() {
        use std::os::unix::fs::PermissionsExt;
        let some = folder(&[("a.txt", SPUN.as_bytes())]);
        let path = some.path().join("a.txt");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        done(&some, "restore --in-place --backup ~ a.txt", 0);
        for name in ["a.txt", "a.txt~"] {
            assert_eq!(fs::metadata(some.path().join(name)).unwrap().permissions().mode() & 0o777, 0o640);
        }
    }

    #[test]
    fn diff_and_json() {
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("clean.txt", CLEAN.as_bytes())]);
        let diff = text(&done(&some, "restore a.txt clean.txt --format diff", 0).stdout);
        assert!(diff.starts_with("--- a/a.txt\n+++ b/a.txt\n@@ -1,4 +1,4 @@\n-The council said it volition adjacent"), "{diff}");
        assert!(!diff.contains("clean.txt"));
        let json = text(&done(&some, "restore . --format json", 0).stdout);
        let records: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(records.len(), 2);
        let keys: Vec<&String> = records[0].as_object().unwrap().keys().collect();
        let wanted = ["id", "verdict", "score", "profile", "words", "swapped_estimate", "spans", "edits", "undecided", "text"];
        assert_eq!(keys, wanted);
        assert_eq!(records[0]["text"], text(&done(&some, "restore a.txt", 0).stdout));
        assert_eq!(records[1]["verdict"], "clean");
    }

    #[test]
    fn one_page_of_all_documents() {
        let some = folder(&[("in/a.txt", SPUN.as_bytes()), ("in/b/clean.txt", CLEAN.as_bytes()), ("in/latin.txt", b"caf\xe9")]);
        let page = text(&done(&some, "restore in --format html --edits log.jsonl", 3).stdout);
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        let block = page.split(r#"id="summary">"#).nth(1).unwrap().split("</script>").next().unwrap();
        let summary: serde_json::Value = serde_json::from_str(block).unwrap();
        let json = text(&done(&some, "restore in --format json", 3).stdout);
        let records: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sum = |of: &dyn Fn(&serde_json::Value) -> u64| records.iter().map(of).sum::<u64>();
        assert_eq!(summary["totals"]["documents"], 2);
        assert_eq!(summary["totals"]["edits"], sum(&|record| record["edits"].as_array().unwrap().len() as u64));
        assert_eq!(summary["totals"]["undecided"], sum(&|record| record["undecided"].as_array().unwrap().len() as u64));
        assert_eq!(summary["totals"]["words"], sum(&|record| record["words"].as_u64().unwrap()));
        assert_eq!(summary["totals"]["swapped_estimate"], sum(&|record| record["swapped_estimate"].as_u64().unwrap()));
        assert_eq!(summary["totals"]["edits"], read(&some, "log.jsonl").lines().count());
        done(&some, "restore in --format html --out-dir out", 3);
        assert_eq!(read(&some, "out/report.html"), page);
        assert_eq!(tree(&some.path().join("out")), ["report.html"]);
        let refused = done(&some, "restore in --format html --in-place", 2);
        assert!(text(&refused.stderr).contains("leave out --format"));
        done(&some, "restore in --format html --out-dir out --edits out/report.html", 2);
        assert_eq!(read(&some, "out/report.html"), page);
    }

    #[test]
    fn a_text_is_detected() {
        let some = folder(&[("a.txt", SPUN.as_bytes()), ("clean.txt", CLEAN.as_bytes()), ("empty.txt", b"")]);
        assert_snapshot!(masked(&done(&some, "detect .", 0).stdout), @"
        spun     #.#  beryllium          #       #  ./a.txt
        clean    #.#  -                   #       #  ./clean.txt
        clean    #.#  -                   #        #  ./empty.txt
        ");
        done(&some, "detect . --fail-on-spun", 1);
        done(&some, "detect clean.txt --fail-on-spun", 0);
        let json = text(&done(&some, "detect --format json a.txt clean.txt", 0).stdout);
        let records: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(records[0]["verdict"], "spun");
        assert_eq!(records[0]["spans"][0]["start"], 0);
        assert_eq!(records[1]["id"], "clean.txt");
        assert_eq!(records[1]["profile"], serde_json::Value::Null);
    }

    #[test]
    fn words_and_edits_are_explained() {
        let profile = format!("{HEAD}can\ttin\t1\t0.97\tagreed\nsuccessful\tpalmy\t1\t0.80\trecalled\n");
        let some = folder(&[("small.tsv", profile.as_bytes()), ("a.txt", SPUN.as_bytes())]);
        assert_cmd_snapshot!("explain_words", unspin(&some, "explain --profile small.tsv Tin successful qqqq"));
        let edits = text(&done(&some, "explain --in a.txt", 0).stdout);
        assert!(edits.starts_with("a.txt:1:21: `volition` -> `will`  confidence "), "{edits}");
        assert!(edits.contains("    The council said it [volition] adjacent 2 libraries"), "{edits}");
        assert!(edits.contains("    why: profile beryllium lists will -> volition (confidence "), "{edits}");
        assert!(edits.contains("    model gain: "), "{edits}");
        assert_cmd_snapshot!("explain_nothing", unspin(&some, "explain"));
        let told = text(&done(&some, "explain --in .", 2).stderr);
        assert!(told.contains(". is a folder; name a file in it"), "{told}");
    }

    #[test]
    fn profiles_are_listed_shown_and_validated() {
        let good = format!("{HEAD}can\ttin\t1\t0.97\tagreed\nis a\tis simply a\t2\t0.80\tobserved\n");
        let bad = format!("{HEAD}can\ttin\t1\t0.97\tagreed\nbe\tberyllium\t1\t0.97\tagreed\n");
        let some = folder(&[("good.tsv", good.as_bytes()), ("bad.tsv", bad.as_bytes()), ("empty.tsv", b"")]);
        assert_snapshot!(masked(&done(&some, "profile list", 0).stdout), @"beryllium  version #   # pairs  touches lower-bare");
        assert_cmd_snapshot!("profile_show", unspin(&some, "profile show good.tsv"));
        assert_cmd_snapshot!("profile_show_json", unspin(&some, "profile show good.tsv --format json --word tin"));
        assert_eq!(text(&done(&some, "profile show good.tsv --format tsv", 0).stdout), good);
        assert!(text(&done(&some, "profile show beryllium --word beryllium", 0).stdout).contains("be "));
        assert_cmd_snapshot!("profile_validate", unspin(&some, "profile validate good.tsv bad.tsv empty.tsv nope.tsv"));
        done(&some, "profile validate good.tsv", 0);
    }

    #[test]
    fn the_model_is_described() {
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/dictionaries/english.lm");
        let info = masked(&done(&folder(&[]), &format!("lm info {model}"), 0).stdout);
        assert!(info.starts_with("order     #\n#-grams   #\n"), "{info}");
    }

    #[test]
    fn completions_and_licences_are_printed() {
        let none = folder(&[]);
        for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
            assert!(text(&done(&none, &format!("completions {shell}"), 0).stdout).contains("fail-on-spun"));
        }
        assert!(text(&done(&none, "--licenses", 0).stdout).contains("WordNet"));
    }

    #[test]
    fn a_closed_pipe_is_success() {
        let long = CLEAN.repeat(20_000);
        let some = folder(&[("long.txt", long.as_bytes())]);
        for args in ["restore long.txt", "restore -", "profile show beryllium", "completions bash", "detect long.txt"] {
            let mut child = unspin(&some, args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let mut stdin = child.stdin.take().unwrap();
            let _ = stdin.write_all(long.as_bytes());
            drop(stdin);
            let output = child.wait_with_output().unwrap();
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{args}");
        }
    }
}
