//! Stored repairs from outside: `check`, its review, `accept`, `undo`, on a folder of fifty articles and on damaged files.
//!
//! Which words a spinner's profile gives back may change with the program, so most runs use a small profile of their own: all that it
//! lists with certainty is restored, and nothing else is asked of the repair than that it is the same twice.

#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};

    use insta_cmd::get_cargo_bin;
    use tempfile::TempDir;

    use crate::corpus::texts;

    const SPUN: &str = "\
The council said it volition adjacent 2 libraries and that the plan could beryllium reviewed successful the spring.
Staff astatine the library person been told that they tin use for different jobs, oregon permission with a payment.
The mayor said: \"We person had to marque difficult choices astir wealth this year, and radical volition beryllium angry.\"
Campaigners accidental they volition combat on, and person asked for much clip earlier immoderate gathering is closed.
";
    const CLEAN: &str = "The bridge was opened on Monday. People can cross it on foot, and it will be lit at night.\n";

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    /// Runs the program in `folder` with keys on standard input; the exit code must be `code`.
    fn typed(folder: &Path, args: &str, keys: &str, code: i32) -> Output {
        let mut command = Command::new(get_cargo_bin("unspin"));
        command.current_dir(folder).args(args.split_whitespace()).env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(keys.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "unspin {args}\n{out}\n{err}");
        output
    }

    fn done(folder: &Path, args: &str, code: i32) -> Output {
        typed(folder, args, "", code)
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// The files below a folder and what is in them.
    fn tree(folder: &Path) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                out.extend(tree(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
            } else {
                out.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
        out
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
        let some = tempfile::tempdir().unwrap();
        let at = some.path();
        fs::create_dir_all(at.join("in/deep")).unwrap();
        for (name, text) in &articles {
            fs::write(at.join("in").join(name), text).unwrap();
        }
        // the same list, but "volition" stands for "shall": exactly the articles with that edit change, and only in it
        fs::write(at.join("first.tsv"), unspin::embedded::PROFILES[0].1).unwrap();
        fs::write(at.join("second.tsv"), other_profile("will", "volition", "shall")).unwrap();
        let logged = |profile: &str| -> BTreeMap<String, Vec<(u64, String, String)>> {
            done(at, &format!("restore in --profile {profile}.tsv --out-dir {profile} --edits {profile}.jsonl"), 0);
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

        let created = text(&done(at, "check in --create --profile first.tsv", 0).stderr);
        assert!(created.starts_with("50 created"), "{created}");
        let stored = tree(&at.join("in/.unspin/snapshots"));
        assert_eq!(stored.len(), 50);
        let same = done(at, "check in --profile first.tsv --jobs 1", 0);
        assert_eq!((text(&same.stdout), text(&same.stderr)), (String::new(), "50 as stored\n".to_owned()));
        assert_eq!(tree(&at.join("in/.unspin/snapshots")), stored, "a check without differences writes nothing");

        let drift = done(at, "check in --profile second.tsv", 1);
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
        let proposed: Vec<String> = tree(&at.join("in/.unspin/snapshots")).into_keys().filter(|name| name.ends_with(".new")).collect();
        assert_eq!(proposed.len(), differing.len());
        assert!(tree(&at.join("in/.unspin/snapshots")).iter().filter(|file| !file.0.ends_with(".new")).eq(stored.iter()));

        // one accepted, one rejected, the rest later
        let review = typed(at, "check in --profile second.tsv --review", "?ar\nq", 1);
        assert!(text(&review.stdout).contains(&format!("{}  (1 of {})", differing[0], differing.len())), "{}", text(&review.stdout));
        let told = text(&review.stderr);
        assert!(told.contains("accept: store the repair"), "{told}");
        assert!(told.ends_with(&format!("1 accepted, 1 rejected, {} left for later\n", differing.len() - 2)), "{told}");
        let accepted =
            |id: &str| fs::read_to_string(at.join(format!("in/.unspin/snapshots/{id}.snap"))).unwrap() != stored[&format!("{id}.snap")];
        assert!(accepted(differing[0]) && !accepted(differing[1]) && !accepted(differing[2]));
        let rest = done(at, "check in --profile second.tsv", 1);
        assert_eq!(named(&rest).len(), differing.len() - 1);
        done(at, &format!("accept in --only {}", differing[2]), 0);
        assert!(accepted(differing[2]) && !accepted(differing[3]));
        let told = text(&done(at, "accept in", 0).stderr);
        assert_eq!(told, format!("{} accepted\n", differing.len() - 2));
        done(at, "check in --profile second.tsv", 0);

        // back to the input, by the log, in the folder that was written and in place
        let input = tree(&at.join("in"));
        done(at, "undo --edits first.jsonl first", 0);
        assert!(tree(&at.join("first")).iter().all(|(name, text)| input[name] == *text));
        done(at, "restore in --in-place --edits here.jsonl --profile first.tsv", 0);
        assert!(tree(&at.join("in")) != input);
        let told = text(&done(at, "undo --edits here.jsonl in", 0).stderr);
        assert!(told.contains(" files put back"), "{told}");
        assert_eq!(tree(&at.join("in")), input);
    }

    #[test]
    fn new_stale_and_orphaned_are_told_apart() {
        let some = folder(&[("a.txt", SPUN), ("b/c.txt", CLEAN), ("gone.txt", CLEAN)]);
        let at = some.path();
        let out = named(&done(at, "check", 1));
        assert_eq!(out["a.txt"], "new: it has no snapshot");
        assert_eq!(out.len(), 3);
        done(at, "accept", 0);
        done(at, "check", 0);
        fs::remove_file(at.join("gone.txt")).unwrap();
        fs::write(at.join("a.txt"), SPUN.replace("2 libraries", "3 libraries")).unwrap();
        fs::write(at.join("new.txt"), CLEAN).unwrap();
        let found = done(at, "check .", 1);
        let out = named(&found);
        assert_eq!(out["a.txt"], "stale: the article has changed since its snapshot was made");
        assert_eq!(out["gone.txt"], "orphaned: its article is gone");
        assert_eq!(out["new.txt"], "new: it has no snapshot");
        assert!(text(&found.stdout).contains("3 libraries"), "{}", text(&found.stdout));
        assert!(text(&found.stderr).starts_with("1 as stored, 1 stale, 1 new, 1 orphaned\n"), "{}", text(&found.stderr));
        let told = text(&done(at, "accept", 0).stderr);
        assert_eq!(told, "2 accepted; 1 without their article are kept (delete them with --prune)\n");
        done(at, "check", 1);
        done(at, "accept --prune", 0);
        done(at, "check", 0);
        // an article whose snapshots lie elsewhere
        done(at, "check b --snapshots kept --create", 0);
        assert!(at.join("kept/c.txt.snap").is_file());
        done(at, "check b --snapshots kept", 0);
        // the review settles orphans as well
        fs::remove_file(at.join("new.txt")).unwrap();
        typed(at, "check --review", "s", 1);
        typed(at, "check --review", "A", 0);
        assert_eq!(text(&done(at, "check", 0).stderr), "2 as stored\n");
        // what made a repair may change without the repair
        let told = text(&done(at, "check --preset precision --profile none", 1).stderr);
        assert!(told.contains("since then: settings: profile auto, preset balanced -> profile none, preset precision"), "{told}");
        done(at, "accept", 0);
        fs::remove_file(at.join("a.txt")).unwrap();
        done(at, "accept --prune", 0);
        let told = text(&done(at, "check --create", 0).stderr);
        assert!(told.starts_with("1 as stored, 1 of them with a renewed head\n"), "{told}");
        assert_eq!(text(&done(at, "check --strict", 0).stderr), "1 as stored\n");
    }

    #[test]
    fn a_snapshot_is_read_by_a_person_and_by_the_program() {
        let some = folder(&[("a.txt", SPUN), ("clean.txt", CLEAN), ("odd.txt", &format!("\u{feff}{}", SPUN.replace('\n', "\r\n ")))]);
        done(some.path(), "check --create", 0);
        let files = tree(&some.path().join(".unspin/snapshots"));
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
        let some = folder(&[("a.txt", SPUN), ("b.txt", SPUN), ("c.txt", SPUN), ("d.txt", SPUN), ("e.txt", SPUN), ("f.txt", SPUN)]);
        let at = some.path();
        done(at, "check --create", 0);
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
        let before = tree(&at.join(".unspin"));
        for args in ["check", "check --create", "check --review", "accept"] {
            let code = if args == "accept" { 0 } else { 3 };
            let told = text(&done(at, args, code).stderr);
            if code == 3 {
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
            assert_eq!(tree(&at.join(".unspin")), before, "{args}");
        }
        // neither is a damaged proposal accepted, nor a good one over a snapshot that is not understood
        fs::write(at.join(".unspin/snapshots/f.txt.snap.new"), "# unspin snapshot 1\n").unwrap();
        fs::write(at.join(".unspin/snapshots/c.txt.snap.new"), fs::read_to_string(path("f")).unwrap().replace("f.txt", "c.txt")).unwrap();
        let before = tree(&at.join(".unspin"));
        let told = text(&done(at, "accept", 2).stderr);
        assert!(told.contains("f.txt.snap.new: it is cut off") && told.contains("c.txt.snap: a newer version"), "{told}");
        assert_eq!(tree(&at.join(".unspin")), before);
        let told = text(&done(at, "accept --only c.tx", 2).stderr);
        assert!(told.contains("did you mean `c.txt`?"), "{told}");
    }

    #[test]
    fn folders_that_cannot_be_checked() {
        let some = folder(&[("a.txt", CLEAN), ("x/none.csv", "")]);
        let said = |args: &str| text(&done(some.path(), args, 2).stderr);
        assert!(said("check a.txt").contains("is a file; name the folder"));
        assert!(said("check nope").contains("nope"), "{}", said("check nope"));
        assert!(said("check x").contains("no articles in this folder"));
        assert!(said("check . --snapshots a.txt").contains("is a file"));
        assert!(said("check --create --review").contains("cannot be used with"));
    }

    #[test]
    fn only_what_the_run_left_is_taken_back() {
        let some = folder(&[("in/a.txt", SPUN), ("in/b.txt", &SPUN.replace("council", "borough")), ("other.txt", CLEAN)]);
        let at = some.path();
        done(at, "restore in --out-dir out --edits log.jsonl", 0);
        let restored = tree(&at.join("out"));
        fs::write(at.join("out/b.txt"), restored["b.txt"].clone() + "One more line.\n").unwrap();
        let changed = tree(at);
        let told = text(&done(at, "undo --edits log.jsonl out/b.txt", 2).stderr);
        assert!(told.contains("out/b.txt: it has changed since it was restored"), "{told}");
        let told = text(&done(at, "undo --edits log.jsonl other.txt", 2).stderr);
        assert!(told.contains("the log has no edits of it; it has in/a.txt, in/b.txt"), "{told}");
        let told = text(&done(at, "undo --edits in/a.txt out", 2).stderr);
        assert!(told.contains("in/a.txt:1: not an edit"), "{told}");
        let log = fs::read_to_string(at.join("log.jsonl")).unwrap();
        let few: Vec<&str> = log.lines().skip(1).collect();
        fs::write(at.join("cut.jsonl"), few.join("\n")).unwrap();
        let told = text(&done(at, "undo --edits cut.jsonl out/a.txt", 2).stderr);
        assert!(told.contains("the log is damaged"), "{told}");
        fs::remove_file(at.join("cut.jsonl")).unwrap();
        assert_eq!(tree(at), changed, "nothing is written");
        let told = text(&done(at, "undo --edits log.jsonl out", 3).stderr);
        assert!(told.ends_with("1 file put back, 1 refused\n"), "{told}");
        assert_eq!(fs::read_to_string(at.join("out/a.txt")).unwrap(), SPUN);
        let told = text(&done(at, "undo --edits log.jsonl out/a.txt", 0).stderr);
        assert_eq!(told, "0 files put back, 1 as before the run\n");
        // under another name, it is known by its text
        fs::write(at.join("renamed.txt"), &restored["b.txt"]).unwrap();
        done(at, "undo --edits log.jsonl renamed.txt", 0);
        assert_eq!(fs::read_to_string(at.join("renamed.txt")).unwrap(), SPUN.replace("council", "borough"));
    }
}
