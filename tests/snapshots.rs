//! Stored repairs from outside: `check`, its review, `accept`, `undo`, on a folder of fifty articles and on damaged files.
//!
//! Which words a spinner's profile gives back may change with the program, so most runs use a small profile of their own: all that it
//! lists with certainty is restored, and nothing else is asked of the repair than that it is the same twice.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "common/program.rs"]
#[expect(dead_code, reason = "this file needs part of it")]
mod program;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::Write;
    use std::path::Path;
    use std::process::Output;

    use tempfile::TempDir;

    use crate::corpus::texts;
    use crate::program::{done, folder, text, tree, typed, unspin};

    const SPUN: &str = "\
The council said it volition adjacent 2 libraries and that the plan could beryllium reviewed successful the spring.
Staff astatine the library person been told that they tin use for different jobs, oregon permission with a payment.
The mayor said: \"We person had to marque difficult choices astir wealth this year, and radical volition beryllium angry.\"
Campaigners accidental they volition combat on, and person asked for much clip earlier immoderate gathering is closed.
";
    const CLEAN: &str = "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n";

    /// A folder with these articles.
    fn written(files: &[(&str, &str)]) -> TempDir {
        folder(&files.iter().map(|(name, text)| (*name, text.as_bytes())).collect::<Vec<_>>())
    }

    /// The files below a folder and what is in them.
    fn contents(folder: &Path) -> BTreeMap<String, String> {
        tree(folder).into_iter().map(|name| (name.clone(), text(&fs::read(folder.join(name)).unwrap()))).collect()
    }

    /// The ids that a check names, with what it says of them.
    fn named(output: &Output) -> BTreeMap<String, String> {
        let out = text(&output.stdout);
        let heads = out.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(": "));
        heads.map(|(id, what)| (id.to_owned(), what.to_owned())).collect()
    }

    /// Fifty short spun articles, some in folders, from the corpus: the first paragraphs of each, and those that hold a certain word.
    fn fifty() -> Vec<(String, String)> {
        let whole: Vec<String> =
            ["in-the-wild-style", "synthetic"].iter().flat_map(|one| texts(one, "spun.txt")).map(|one| one.1).collect();
        let part = |text: &String, turn: usize| {
            let all: Vec<&str> = text.split("\n\n").collect();
            let (with, without): (Vec<&str>, Vec<&str>) = all.iter().partition(|paragraph| paragraph.contains("volition"));
            without.into_iter().skip(turn).take(2).chain(with.into_iter().take(1)).collect::<Vec<_>>().join("\n\n")
        };
        let mut all: Vec<String> = whole.iter().map(|text| part(text, 1)).collect();
        all.extend(whole.iter().map(|text| part(text, 2)));
        assert!(all.len() >= 50, "{}", all.len());
        all.truncate(50);
        let name = |number: usize| if number.is_multiple_of(5) { format!("deep/{number:02}.txt") } else { format!("{number:02}.txt") };
        all.into_iter().enumerate().map(|(number, text)| (name(number), text)).collect()
    }

    /// The shipped profile with one pair replaced.
    fn other_profile(plain: &str, cipher: &str, instead: &str) -> String {
        let shipped = unspin::embedded::PROFILES[0].1;
        let row = shipped.lines().find(|line| line.starts_with(&format!("{plain}\t{cipher}\t"))).expect("a pair of the profile");
        let changed: Vec<String> = shipped.lines().filter(|line| *line != row).map(str::to_owned).collect();
        let mut head: Vec<String> = changed.iter().take_while(|line| !line.starts_with("plain\t")).cloned().collect();
        let mut pairs: Vec<String> = changed.iter().skip(head.len() + 1).cloned().collect();
        pairs.push(row.replacen(plain, instead, 1));
        pairs.sort_by_key(|line| line.split('\t').take(2).map(str::to_owned).collect::<Vec<_>>());
        pairs.dedup_by_key(|line| line.split('\t').take(2).map(str::to_owned).collect::<Vec<_>>());
        head.push("plain\tcipher\tcount\tconfidence\tsource".to_owned());
        head.extend(pairs);
        head.join("\n") + "\n"
    }

    #[test]
    fn fifty_articles_from_creating_to_undoing() {
        let articles = fifty();
        let some = written(&[]);
        let at = some.path();
        fs::create_dir_all(at.join("in/deep")).unwrap();
        for (name, text) in &articles {
            fs::write(at.join("in").join(name), text).unwrap();
        }
        // the same list, but "volition" stands for "shall": exactly the articles with that edit change, and only in it
        fs::write(at.join("first.tsv"), unspin::embedded::PROFILES[0].1).unwrap();
        fs::write(at.join("second.tsv"), other_profile("will", "volition", "shall")).unwrap();
        let logged = |profile: &str| -> BTreeMap<String, Vec<(u64, String, String)>> {
            done(&some, &format!("restore in --profile {profile}.tsv --out-dir {profile} --edits {profile}.jsonl"), 0);
            let mut edits: BTreeMap<String, Vec<(u64, String, String)>> = BTreeMap::new();
            for line in fs::read_to_string(at.join(format!("{profile}.jsonl"))).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let id = line["document"].as_str().unwrap().replacen("in/", "", 1);
                let word = |key: &str| line[key].as_str().unwrap().to_owned();
                edits.entry(id).or_default().push((line["start"].as_u64().unwrap(), word("from"), word("to")));
            }
            edits
        };
        let (before, after) = (logged("first"), logged("second"));
        let mut differing: Vec<&String> = articles.iter().map(|one| &one.0).filter(|&id| before.get(id) != after.get(id)).collect();
        differing.sort();
        assert!((4..50).contains(&differing.len()), "{} of 50 differ", differing.len());

        let created = text(&done(&some, "check in --create --profile first.tsv", 0).stderr);
        assert!(created.starts_with("50 created"), "{created}");
        let stored = contents(&at.join("in/.unspin/snapshots"));
        assert_eq!(stored.len(), 50);
        let same = done(&some, "check in --profile first.tsv --jobs 1", 0);
        assert_eq!((text(&same.stdout), text(&same.stderr)), (String::new(), "50 as stored\n".to_owned()));
        assert_eq!(contents(&at.join("in/.unspin/snapshots")), stored, "a check without differences writes nothing");

        let drift = done(&some, "check in --profile second.tsv", 1);
        let found = named(&drift);
        assert_eq!(found.keys().collect::<Vec<_>>(), differing);
        let out = text(&drift.stdout);
        for &id in &differing {
            let section = out.split(&format!("{id}: ")).nth(1).unwrap();
            let section: Vec<&str> = section.lines().skip(1).take_while(|line| line.starts_with(' ')).collect();
            let none = Vec::new();
            let (old, new) = (before.get(id).unwrap_or(&none), after.get(id).unwrap_or(&none));
            for (_, from, to) in new.iter().filter(|edit| !old.contains(edit)) {
                let word = format!("    \"{from}\": was ");
                assert!(
                    section.iter().any(|line| line.starts_with(&word) && line.contains(&format!("is \"{to}\""))),
                    "{id}: {from}\n{section:?}"
                );
            }
        }
        assert!(text(&drift.stderr).contains("since then: profile: beryllium"), "{}", text(&drift.stderr));
        let proposed: Vec<String> = contents(&at.join("in/.unspin/snapshots")).into_keys().filter(|name| name.ends_with(".new")).collect();
        assert_eq!(proposed.len(), differing.len());
        assert!(contents(&at.join("in/.unspin/snapshots")).iter().filter(|file| !file.0.ends_with(".new")).eq(stored.iter()));

        // one accepted, one rejected, the rest later
        let review = typed(&some, "check in --profile second.tsv --review", b"?ar\nq", 1);
        assert!(text(&review.stdout).contains(&format!("{}  (1 of {})", differing[0], differing.len())), "{}", text(&review.stdout));
        let told = text(&review.stderr);
        assert!(told.contains("accept: store the repair"), "{told}");
        assert!(told.ends_with(&format!("1 accepted, 1 rejected, {} left for later\n", differing.len() - 2)), "{told}");
        let accepted =
            |id: &str| fs::read_to_string(at.join(format!("in/.unspin/snapshots/{id}.snap"))).unwrap() != stored[&format!("{id}.snap")];
        assert!(accepted(differing[0]) && !accepted(differing[1]) && !accepted(differing[2]));
        let rest = done(&some, "check in --profile second.tsv", 1);
        assert_eq!(named(&rest).len(), differing.len() - 1);
        done(&some, &format!("accept in --only {}", differing[2]), 0);
        assert!(accepted(differing[2]) && !accepted(differing[3]));
        let told = text(&done(&some, "accept in", 0).stderr);
        assert_eq!(told, format!("{} accepted\n", differing.len() - 2));
        done(&some, "check in --profile second.tsv", 0);

        // back to the input, by the log, in the folder that was written and in place
        let input = contents(&at.join("in"));
        done(&some, "undo --edits first.jsonl first", 0);
        assert!(contents(&at.join("first")).iter().all(|(name, text)| input[name] == *text));
        done(&some, "restore in --in-place --edits here.jsonl --profile first.tsv", 0);
        assert!(contents(&at.join("in")) != input);
        let told = text(&done(&some, "undo --edits here.jsonl in", 0).stderr);
        assert!(told.contains(" files put back"), "{told}");
        assert_eq!(contents(&at.join("in")), input);
    }

    #[test]
    fn new_stale_and_orphaned_are_told_apart() {
        let some = written(&[("a.txt", SPUN), ("b/c.txt", CLEAN), ("gone.txt", CLEAN)]);
        let at = some.path();
        let out = named(&done(&some, "check", 1));
        assert_eq!(out["a.txt"], "new: it has no snapshot");
        assert_eq!(out.len(), 3);
        done(&some, "accept", 0);
        done(&some, "check", 0);
        fs::remove_file(at.join("gone.txt")).unwrap();
        fs::write(at.join("a.txt"), SPUN.replace("the spring", "the autumn")).unwrap();
        fs::write(at.join("new.txt"), CLEAN).unwrap();
        let found = done(&some, "check .", 1);
        let out = named(&found);
        assert_eq!(out["a.txt"], "stale: the article has changed since its snapshot was made");
        assert_eq!(out["gone.txt"], "orphaned: its article is gone");
        assert_eq!(out["new.txt"], "new: it has no snapshot");
        assert!(text(&found.stdout).contains("reviewed in the autumn"), "{}", text(&found.stdout));
        assert!(text(&found.stderr).starts_with("1 as stored, 1 stale, 1 new, 1 orphaned\n"), "{}", text(&found.stderr));
        assert!(text(&found.stderr).ends_with("or accept them all: unspin accept --prune\n"), "{}", text(&found.stderr));
        let told = text(&done(&some, "accept", 0).stderr);
        assert_eq!(told, "2 accepted; 1 without their article are kept (delete them with --prune)\n");
        done(&some, "check", 1);
        done(&some, "accept --prune", 0);
        done(&some, "check", 0);
        // an article whose snapshots lie elsewhere
        done(&some, "check b --snapshots kept --create", 0);
        assert!(at.join("kept/c.txt.snap").is_file());
        done(&some, "check b --snapshots kept", 0);
        // the review settles orphans as well
        fs::remove_file(at.join("new.txt")).unwrap();
        typed(&some, "check --review", b"s", 1);
        typed(&some, "check --review", b"A", 0);
        assert_eq!(text(&done(&some, "check", 0).stderr), "2 as stored\n");
        // what made a repair may change without the repair
        let told = text(&done(&some, "check --preset precision --profile none", 1).stderr);
        assert!(told.contains("since then: settings: profile auto, preset balanced -> profile none, preset precision"), "{told}");
        done(&some, "accept", 0);
        fs::remove_file(at.join("a.txt")).unwrap();
        done(&some, "accept --prune", 0);
        let told = text(&done(&some, "check --create", 0).stderr);
        assert!(told.starts_with("1 as stored, 1 of them with a renewed head\n"), "{told}");
        assert_eq!(text(&done(&some, "check --strict", 0).stderr), "1 as stored\n");
    }

    #[test]
    fn a_snapshot_is_read_by_a_person_and_by_the_program() {
        let some = written(&[("a.txt", SPUN), ("clean.txt", CLEAN), ("odd.txt", &format!("\u{feff}{}", SPUN.replace('\n', "\r\n ")))]);
        done(&some, "check --create", 0);
        let files = contents(&some.path().join(".unspin/snapshots"));
        for (id, file) in &files {
            let snapshot: unspin::snapshot::Snapshot = file.parse().unwrap();
            assert_eq!(snapshot.to_string(), *file, "{id}");
            assert!(file.lines().all(|line| line.trim_end() == line), "{id}");
            let source = fs::read_to_string(some.path().join(&snapshot.id)).unwrap();
            let whole: String = snapshot.pieces.iter().map(|piece| piece.before.as_str()).collect();
            assert!(whole.is_empty() == (snapshot.id == "clean.txt") && (whole.is_empty() || whole == source), "{id}");
            // checked out with other line ends
            assert_eq!(file.replace('\n', "\r\n").parse(), Ok(snapshot));
        }
        let file = &files["a.txt.snap"];
        assert!(file.starts_with("# unspin snapshot 1\n# id: a.txt\n# program: unspin "), "{file}");
        assert!(
            file.contains("\n# profile: beryllium ")
                && file.contains("\n# model: sha256:")
                && file.contains("\n# settings: profile auto, preset ")
        );
        assert!(file.contains("\n- The council said it volition adjacent 2 libraries"), "{file}");
        assert!(file.contains("\n    20..28       \"volition\" -> \"will\""), "{file}");
    }

    #[test]
    fn snapshots_that_cannot_be_used_are_left_alone() {
        let some = written(&[("a.txt", SPUN), ("b.txt", SPUN), ("c.txt", SPUN), ("d.txt", SPUN), ("e.txt", SPUN), ("f.txt", SPUN)]);
        let at = some.path();
        done(&some, "check --create", 0);
        let path = |id: &str| at.join(format!(".unspin/snapshots/{id}.txt.snap"));
        let change = |id: &str, change: &dyn Fn(&str) -> String| {
            let text = fs::read_to_string(path(id)).unwrap();
            assert_ne!(change(&text), text);
            fs::write(path(id), change(&text)).unwrap();
        };
        change("a", &|text| text.replace("it will", "it might"));
        change("b", &|text| text.get(..text.len() / 2).unwrap().to_owned());
        change("c", &|text| text.replace("# unspin snapshot 1", "# unspin snapshot 2"));
        change("d", &|_| "hello\n".to_owned());
        change("e", &|_| fs::read_to_string(path("f")).unwrap());
        let before = contents(&at.join(".unspin"));
        for args in ["check", "check --create", "check --review", "accept"] {
            let code = if args == "accept" { 0 } else { 3 };
            let told = text(&done(&some, args, code).stderr);
            if code == 3 {
                assert!(told.contains("1 as stored, 5 not checked"), "{args}: {told}");
                for words in [
                    "a.txt.snap: it was edited by hand or is damaged",
                    "b.txt.snap: it is cut off",
                    "c.txt.snap: a newer version of the program made it (format 2; this one reads format 1)",
                    "d.txt.snap: not a snapshot",
                    "e.txt.snap: this is the snapshot of f.txt",
                ] {
                    assert!(told.contains(words), "{args}: {told}");
                }
            }
            assert_eq!(contents(&at.join(".unspin")), before, "{args}");
        }
        // neither is a damaged proposal accepted, nor a good one over a snapshot that is not understood
        fs::write(at.join(".unspin/snapshots/f.txt.snap.new"), "# unspin snapshot 1\n").unwrap();
        fs::write(at.join(".unspin/snapshots/c.txt.snap.new"), fs::read_to_string(path("f")).unwrap().replace("f.txt", "c.txt")).unwrap();
        let before = contents(&at.join(".unspin"));
        let told = text(&done(&some, "accept", 2).stderr);
        assert!(told.contains("f.txt.snap.new: it is cut off") && told.contains("c.txt.snap: a newer version"), "{told}");
        assert_eq!(contents(&at.join(".unspin")), before);
        let told = text(&done(&some, "accept --only c.tx", 2).stderr);
        assert!(told.contains("did you mean `c.txt`?"), "{told}");
    }

    #[test]
    fn folders_that_cannot_be_checked() {
        let some = written(&[("a.txt", CLEAN), ("x/none.csv", "")]);
        let said = |args: &str| text(&done(&some, args, 2).stderr);
        assert!(said("check a.txt").contains("is a file; name the folder"));
        assert_eq!(said("check nope"), "unspin: nope: no such file or folder; check the path\n");
        assert!(said("check --jobs 0").contains("give a number of threads, 1 or more"));
        assert!(said("check x").contains("no articles in this folder"));
        assert!(said("check . --snapshots a.txt").contains("is a file"));
        assert!(said("check --create --review").contains("cannot be used with"));
    }

    #[test]
    fn only_what_the_run_left_is_taken_back() {
        let some = written(&[("in/a.txt", SPUN), ("in/b.txt", &SPUN.replace("council", "borough")), ("other.txt", CLEAN)]);
        let at = some.path();
        done(&some, "restore in --out-dir out --edits log.jsonl", 0);
        let restored = contents(&at.join("out"));
        fs::write(at.join("out/b.txt"), restored["b.txt"].clone() + "One more line.\n").unwrap();
        let changed = contents(at);
        let told = text(&done(&some, "undo --edits log.jsonl out/b.txt", 2).stderr);
        assert!(told.contains("out/b.txt: it has changed since it was restored"), "{told}");
        let told = text(&done(&some, "undo --edits log.jsonl other.txt", 2).stderr);
        assert!(told.contains("the log has no edits of it; it has in/a.txt, in/b.txt"), "{told}");
        let told = text(&done(&some, "undo --edits in/a.txt out", 2).stderr);
        assert!(told.contains("in/a.txt:1: not an edit"), "{told}");
        let log = fs::read_to_string(at.join("log.jsonl")).unwrap();
        let few: Vec<&str> = log.lines().skip(1).collect();
        fs::write(at.join("cut.jsonl"), few.join("\n")).unwrap();
        let told = text(&done(&some, "undo --edits cut.jsonl out/a.txt", 2).stderr);
        assert!(told.contains("the log is damaged"), "{told}");
        fs::remove_file(at.join("cut.jsonl")).unwrap();
        assert_eq!(contents(at), changed, "nothing is written");
        let told = text(&done(&some, "undo --edits log.jsonl out", 3).stderr);
        assert!(told.ends_with("1 file put back, 1 refused\n"), "{told}");
        assert_eq!(fs::read_to_string(at.join("out/a.txt")).unwrap(), SPUN);
        let told = text(&done(&some, "undo --edits log.jsonl out/a.txt", 0).stderr);
        assert_eq!(told, "0 files put back, 1 as before the run\n");
        // under another name, it is known by its text
        fs::write(at.join("renamed.txt"), &restored["b.txt"]).unwrap();
        done(&some, "undo --edits log.jsonl renamed.txt", 0);
        assert_eq!(fs::read_to_string(at.join("renamed.txt")).unwrap(), SPUN.replace("council", "borough"));
    }

    #[test]
    fn undoing_tells_what_is_missing_and_says_nothing_twice() {
        let some = written(&[("in/a.txt", SPUN), ("in/b.txt", &SPUN.replace("council", "borough"))]);
        let at = some.path();
        done(&some, "restore in --out-dir out --edits log.jsonl", 0);
        let log = fs::read_to_string(at.join("log.jsonl")).unwrap();
        fs::write(at.join("wrong.jsonl"), log.replacen("\"to\":\"", "\"to\":\"x", 1)).unwrap();
        let told = text(&done(&some, "undo --edits wrong.jsonl out/a.txt", 2).stderr);
        assert_eq!(told.matches("it does not read").count(), 1, "{told}");
        fs::remove_file(at.join("out/b.txt")).unwrap();
        let told = text(&done(&some, "undo --edits log.jsonl out", 0).stderr);
        assert_eq!(told, "1 file put back, 1 of the log not found here\n");
        assert_eq!(fs::read_to_string(at.join("out/a.txt")).unwrap(), SPUN);
    }

    #[test]
    fn a_build_server_is_told_and_nothing_is_written() {
        let some = written(&[("a.txt", SPUN), ("b.txt", CLEAN)]);
        done(&some, "check --create", 0);
        fs::write(some.path().join("a.txt"), SPUN.replace("the spring", "the autumn")).unwrap();
        fs::write(some.path().join("c.txt"), CLEAN).unwrap();
        let before = contents(some.path());
        let told = text(&done(&some, "check --read-only", 1).stderr);
        assert!(told.contains("1 as stored, 1 stale, 1 new") && told.contains("nothing was written"), "{told}");
        let out = unspin(&some, "check").env("CI", "true").output().unwrap();
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(1), told));
        assert_eq!(contents(some.path()), before);
        for (value, args) in [("false", "check"), ("true", "check --read-only=false")] {
            assert_eq!(unspin(&some, args).env("CI", value).output().unwrap().status.code(), Some(1));
            assert_eq!(contents(some.path()).len(), before.len() + 2, "{args}");
            fs::remove_file(some.path().join(".unspin/snapshots/a.txt.snap.new")).unwrap();
            fs::remove_file(some.path().join(".unspin/snapshots/c.txt.snap.new")).unwrap();
        }
        // what is asked for is done there as well
        assert_eq!(unspin(&some, "check --create").env("CI", "true").output().unwrap().status.code(), Some(1));
        assert!(some.path().join(".unspin/snapshots/c.txt.snap").is_file());
        assert!(text(&done(&some, "check --read-only --review", 2).stderr).contains("cannot be used with"));
    }

    #[test]
    fn repairs_are_those_that_restore_makes() {
        let page = format!("<p class=\"be\">{SPUN}</p><pre>{SPUN}</pre>");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(SPUN.as_bytes()).unwrap();
        let some = written(&[("a.html", &page), ("c.jsonl", "{\"text\":\"a\"}\n"), ("words.list", "volition\n")]);
        fs::write(some.path().join("b.txt.gz"), packed.finish().unwrap()).unwrap();
        done(&some, "restore a.html b.txt.gz --out-dir out --edits log.jsonl", 0);
        fs::remove_dir_all(some.path().join("out")).unwrap();
        assert_eq!(text(&done(&some, "check --create", 0).stderr), "2 created\n", "streams have no snapshots");
        for id in ["a.html", "b.txt.gz"] {
            let stored = fs::read_to_string(some.path().join(format!(".unspin/snapshots/{id}.snap"))).unwrap();
            let stored: unspin::snapshot::Snapshot = stored.parse().unwrap();
            let edits: Vec<u64> = stored.notes().filter(|note| note.to.is_some()).map(|note| note.span.start as u64).collect();
            let log = fs::read_to_string(some.path().join("log.jsonl")).unwrap();
            let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let logged: Vec<u64> = lines.filter(|line| line["document"] == id).map(|line| line["start"].as_u64().unwrap()).collect();
            assert!(!edits.is_empty() && edits == logged, "{id}: {edits:?} {logged:?}");
        }
        // what is protected, on the command line or in the configuration, is part of what a repair depends on
        let told = text(&done(&some, "check --protect words.list", 1).stderr);
        assert!(told.contains("since then: settings: profile auto, preset balanced -> profile auto, preset balanced, protect "), "{told}");
        done(&some, "accept", 0);
        fs::write(some.path().join("unspin.toml"), "protect = \"words.list\"\nfield = \"body\"\n").unwrap();
        done(&some, "check --strict", 0);
        // the reasons are told of the same edits
        let told = text(&done(&some, "explain --in a.html --no-config", 0).stdout);
        assert!(told.contains("`volition` -> `will`") && !told.contains("`pre`"), "{told}");
        assert!(!text(&done(&some, "explain --in a.html", 0).stdout).contains("`volition` ->"));
        let streams = written(&[("c.jsonl", "{\"text\":\"a\"}\n")]);
        assert!(text(&done(&streams, "check", 2).stderr).contains("only streams of records"));
    }

    /// JSON Lines with spun records, whose words are written in several ways, and two of the same id and the same text.
    fn records() -> String {
        let body = serde_json::json!(SPUN).to_string();
        let odd = body.replace("volition", "volit\\u0069on").replace("beryllium", "b\\u0065ryllium");
        let clean = serde_json::json!(CLEAN);
        [
            format!("{{\"id\":\"x\", \"n\": 1.0e2, \"page\":{{\"text\":{body}}}}}\r\n"),
            format!("{{\"id\":\"y\",\"page\":{{\"text\":{clean}}}}}\n\n"),
            format!("{{\"page\":{{\"text\":{odd}}},\"id\":\"x\"}}\n"),
            format!("{{\"page\":{{\"text\":{body}}},\"id\":\"x\"}}"),
        ]
        .concat()
    }

    #[test]
    fn the_records_of_a_stream_are_taken_back() {
        let lines = records();
        let pages = [SPUN, CLEAN, SPUN].map(|text| {
            format!("WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}\r\n\r\n", text.len())
        });
        let some = written(&[("in/a.jsonl", &lines), ("in/b.txt", SPUN), ("in/c.wet", &pages.concat())]);
        let at = some.path();
        let before = contents(&at.join("in"));
        done(&some, "restore in --out-dir out --edits log.jsonl --field page.text", 0);
        let after = contents(&at.join("out"));
        assert!(after["a.jsonl"] != lines && after["c.wet"] != before["c.wet"]);
        assert_eq!(text(&done(&some, "undo --edits log.jsonl out", 0).stderr), "3 files put back\n");
        assert_eq!(contents(&at.join("out")), before);
        assert_eq!(text(&done(&some, "undo --edits log.jsonl out", 0).stderr), "0 files put back, 3 as before the run\n");
        // in place
        done(&some, "restore in --in-place --edits here.jsonl --field page.text", 0);
        assert_eq!(contents(&at.join("in")), after);
        done(&some, "undo --edits here.jsonl in", 0);
        assert_eq!(contents(&at.join("in")), before);
        // under another name and compression, which stays
        done(&some, "restore in/a.jsonl --output other.jsonl.zst --edits one.jsonl --field page.text", 0);
        done(&some, "undo --edits one.jsonl other.jsonl.zst", 0);
        assert_eq!(zstd::decode_all(fs::File::open(at.join("other.jsonl.zst")).unwrap()).unwrap(), lines.as_bytes());
    }

    #[test]
    fn a_stream_that_has_changed_is_refused_as_a_whole() {
        let some = written(&[("a.jsonl", &records())]);
        done(&some, "restore a.jsonl --output out.jsonl --edits log.jsonl --field page.text", 0);
        let restored = contents(some.path())["out.jsonl"].clone();
        let cut: String = restored.split_inclusive('\n').take(3).collect();
        for (content, why) in [
            (restored.replace("1.0e2", "100"), "record 1: its text could be put back, but not its bytes"),
            (restored.replacen("will", "shall", 1), "record 1: it has changed since it was restored"),
            (cut, "it has 2 records, and the log has more: it was cut off"),
            ("not json\n".to_owned(), "record 1: it has changed since it was restored"),
        ] {
            fs::write(some.path().join("out.jsonl"), &content).unwrap();
            let told = text(&done(&some, "undo --edits log.jsonl out.jsonl", 2).stderr);
            assert!(told.contains(&format!("out.jsonl: {why}")), "{told}");
            assert_eq!(contents(some.path())["out.jsonl"], content);
        }
        assert_eq!(contents(some.path()).len(), 3, "nothing is left behind");
    }
}
