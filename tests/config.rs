//! The configuration file and the manual page from outside.

#[cfg(test)]
#[path = "common/program.rs"]
#[expect(dead_code, reason = "this file needs part of it")]
mod program;

#[cfg(test)]
mod tests {
    use crate::program::{done, folder, text};

    const SPUN: &str = "{\"body\":\"Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell \
                        connected onslaught implicit plans to instrumentality a antheral disconnected each lorry.\"}\n";

    #[test]
    fn options_come_from_the_file_unless_they_are_typed() {
        let config = b"field = \"body\"\njobs = 1\nprotect-pattern = [\"Rubb.sh\"]\nfail-on-change = true\n";
        let some = folder(&[("in.jsonl", SPUN.as_bytes()), ("unspin.toml", config), ("other.toml", b"field = \"text\"\n")]);
        let out = text(&done(&some, "restore in.jsonl", 1).stdout);
        assert!(out.contains("could be left in"), "{out}");
        done(&some, "restore in.jsonl --field text", 3);
        done(&some, "restore in.jsonl --config other.toml", 3);
        done(&some, "restore in.jsonl --no-config --field=body", 0);
        // what another command has is no error
        assert!(text(&done(&some, "detect in.jsonl", 0).stdout).starts_with("spun"));
        let printed = text(&done(&some, "restore --print-config --preset recall in.jsonl", 0).stdout);
        for line in ["field = \"body\"", "jobs = 1", "preset = \"recall\"", "protect-pattern = [\"Rubb.sh\"]", "fail-on-change = true"] {
            assert!(printed.lines().any(|found| found == line), "{line}\n{printed}");
        }
        // what is printed can be read
        std::fs::write(some.path().join("printed.toml"), &printed).unwrap();
        done(&some, "restore in.jsonl --config printed.toml", 1);
    }

    #[test]
    fn an_unknown_key_is_answered_with_a_suggestion() {
        let some = folder(&[("unspin.toml", b"min_confidence = 0.5\n"), ("a.txt", b"a")]);
        let told = text(&done(&some, "restore a.txt", 2).stderr);
        assert!(told.contains("unspin.toml: unknown key `min_confidence`; did you mean `min-confidence`?"), "{told}");
        let some = folder(&[("unspin.toml", b"[jobs]\nx = 1\n"), ("a.txt", b"a")]);
        assert!(text(&done(&some, "restore a.txt", 2).stderr).contains("unspin.toml: `jobs`: takes a text or a number"));
        let some = folder(&[("unspin.toml", b"jobs =\n"), ("a.txt", b"a")]);
        assert!(text(&done(&some, "restore a.txt", 2).stderr).contains("unspin.toml is no configuration"));
    }

    #[test]
    fn values_keep_their_kind() {
        let config = b"field = \"7\"\nprotect-pattern = [\"true\", \"1.50\"]\ncompress = \"zstd\"\nmin-confidence = 0.25\n";
        let some = folder(&[("unspin.toml", config), ("a.txt", b"a")]);
        let printed = text(&done(&some, "restore --print-config", 0).stdout);
        for line in ["field = \"7\"", "protect-pattern = [\"true\", \"1.50\"]", "min-confidence = 0.25", "stats = false"] {
            assert!(printed.lines().any(|found| found == line), "{line}\n{printed}");
        }
        std::fs::write(some.path().join("printed.toml"), &printed).unwrap();
        assert_eq!(text(&done(&some, "restore --print-config --config printed.toml", 0).stdout), printed);
        // what is typed outranks what it cannot go with
        done(&some, "restore --in-place a.txt", 0);
        for (line, why) in [
            ("stats = \"yes\"", "`stats`: is true or false"),
            ("protect = true", "`protect`: takes a text or a number"),
            ("glob = [[\"a\"], true]", "`glob`: takes a text or a number, or a list of them"),
        ] {
            std::fs::write(some.path().join("wrong.toml"), line).unwrap();
            let told = text(&done(&some, "restore a.txt --config wrong.toml", 2).stderr);
            assert!(told.contains(&format!("wrong.toml: {why}")), "{told}");
        }
        // commands that make repairs take it too
        for args in ["check --print-config", "explain --print-config --in a.txt"] {
            assert!(text(&done(&some, args, 0).stdout).contains("min-confidence = 0.25"), "{args}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_the_name_of_the_file() {
        let some = folder(&[("a.txt", b"a")]);
        // unless what was typed is wrong itself
        for (line, args, why) in [
            (
                "min-confidence = \"hi\"",
                "restore a.txt --config wrong.toml",
                "unspin: wrong.toml: invalid value 'hi' for '--min-confidence <X>': not a number",
            ),
            (
                "jobs = 0",
                "restore a.txt --config wrong.toml",
                "unspin: wrong.toml: invalid value '0' for '--jobs <N>': give a number of threads, 1 or more",
            ),
            ("jobs = 1", "restore a.txt --jobs 0 --config wrong.toml", "error: invalid value '0' for '--jobs <N>'"),
        ] {
            std::fs::write(some.path().join("wrong.toml"), line).unwrap();
            let told = text(&done(&some, args, 2).stderr);
            assert!(told.starts_with(why), "{told}");
        }
    }

    #[test]
    fn the_manual_is_printed() {
        let none = folder(&[]);
        assert!(text(&done(&none, "man", 0).stdout).starts_with(".ie"));
        assert!(text(&done(&none, "man restore", 0).stdout).contains("protect\\-pattern"));
        assert!(text(&done(&none, "man nothing", 2).stderr).contains("no command `nothing`; there are: restore, detect"));
    }
}
