//! Who may use whom: data flows one way, and this test holds it.
//!
//! It reads the paths in `src/`: `crate::ROOM`, and `super::` where it climbs out of its own room. Files named `tests.rs` and
//! `#[cfg(test)]` modules are free. A room that the table does not name, or a use that it does not allow, fails with
//! the line.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Each room and the rooms that it may use, lowest first.
    const MAY_USE: [(&str, &[&str]); 19] = [
        ("text", &[]),
        ("lexicon", &["text"]),
        ("lm", &["text"]),
        ("detect", &["text", "lexicon", "lm"]),
        ("decode", &["text", "lexicon", "lm", "detect"]),
        ("restore", &["text", "lexicon", "lm", "detect", "decode"]),
        // a document, as it was read, is what is rendered and written
        ("read", &["text", "restore"]),
        ("render", &["text", "lexicon", "lm", "detect", "decode", "restore", "read"]),
        ("write", &["text", "restore", "read"]),
        ("batch", &["text", "lexicon", "lm", "detect", "decode", "restore", "read", "render", "write"]),
        ("snapshot", &["text", "lexicon", "lm", "detect", "decode", "restore", "read", "render", "write", "batch"]),
        ("undo", &["text", "decode", "restore", "read"]),
        // beside the path of a repair: nothing in it uses these
        ("neural", &["text", "restore"]),
        ("eval", &["text", "lexicon", "lm", "detect", "decode", "restore"]),
        ("learn", &["text", "lexicon", "lm", "detect", "decode", "restore", "batch", "eval"]),
        ("build", &["text", "lexicon", "lm"]),
        ("embedded", &["lexicon", "lm"]),
        // the program: it reaches the library by the name of the crate
        ("cli", &[]),
        ("main", &["cli"]),
    ];

    #[test]
    fn rooms_use_only_what_lies_below() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut wrong = Vec::new();
        let mut read = 0;
        for file in files(&source) {
            let path = file.strip_prefix(&source).unwrap().to_owned();
            let module = module_of(&path);
            let Some(room) = module.first().filter(|room| *room != "lib") else { continue };
            let name = path.display();
            let Some((_, allowed)) = MAY_USE.iter().find(|row| row.0 == room) else {
                wrong.push(format!("src/{name}: the room `{room}` is new: give it a row in MAY_USE"));
                continue;
            };
            read += 1;
            let code = without_tests(&without_comments(&std::fs::read_to_string(&file).unwrap()));
            for (line, used) in uses(&code, &module) {
                if used != *room && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("src/{name}:{line}: `{room}` may not use `{used}`"));
                }
            }
            if room != "cli" && room != "main" && code.contains("unspin::") {
                wrong.push(format!("src/{name}: the library does not call itself by its name"));
            }
        }
        assert!(read > 30, "only {read} files were read");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_program_is_not_part_of_the_library() {
        let declared = |file: &str| -> BTreeSet<String> {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).unwrap();
            let lines = text.lines().map(|line| line.trim_start_matches("pub ").trim_start_matches("pub(crate) "));
            lines.filter_map(|line| line.strip_prefix("mod ")).map(|rest| rest.trim_end_matches(';').to_owned()).collect()
        };
        assert_eq!(declared("main.rs"), BTreeSet::from(["cli".to_owned()]));
        let library = declared("lib.rs");
        assert!(library.contains("restore") && !library.contains("cli"), "{library:?}");
    }

    #[test]
    fn the_table_has_no_circle() {
        let names: Vec<&str> = MAY_USE.iter().map(|row| row.0).collect();
        for (index, (room, allowed)) in MAY_USE.iter().enumerate().filter(|(_, row)| row.0 != "main") {
            assert!(allowed.iter().all(|used| names[..index].contains(used)), "{room} uses what stands below it in the table");
        }
    }

    #[test]
    fn paths_are_found() {
        let module = ["lexicon".to_owned(), "thesaurus".to_owned(), "format".to_owned()];
        let code = "use crate::text::Span;\nuse crate::{lm::{State, Model}, decode};\nuse super::relation;\nlet x = super::super::super::eval::y();\n";
        let found: Vec<String> = uses(code, &module).into_iter().map(|found| found.1).collect();
        assert_eq!(found, ["text", "lm", "decode", "lexicon", "eval"]);
        assert_eq!(
            without_tests("a\n#[cfg(test)]\nmod tests {\n  fn f() { crate::b } }\nc\n#[cfg(test)]\nmod tests;\nd"),
            "a\n\n\n\nc\n\n\nd"
        );
        assert_eq!(without_comments("a // crate::b\n//! crate::c\n\"http://x\" d"), "a \n\n\"http://x\" d");
    }

    /// The Rust files below `folder` without those named `tests.rs`, sorted.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut out = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                out.extend(files(&path));
            } else if path.extension().is_some_and(|end| end == "rs") && path.file_name().is_some_and(|name| name != "tests.rs") {
                out.push(path);
            }
        }
        out.sort();
        out
    }

    /// `lexicon/thesaurus/mod.rs` is `[lexicon, thesaurus]`.
    fn module_of(path: &Path) -> Vec<String> {
        let parts = path.with_extension("");
        let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
        parts.filter(|part| part != "mod").collect()
    }

    /// The rooms that the paths of a file lead to, with their lines.
    fn uses(code: &str, module: &[String]) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
            let before = code.get(..at).unwrap_or("");
            if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                continue; // `$crate`, or inside a longer path
            }
            let mut rest = code.get(at..).unwrap_or("");
            let mut here: Vec<&str> = module.iter().map(String::as_str).collect();
            if let Some(behind) = rest.strip_prefix("crate::") {
                (rest, here) = (behind, Vec::new());
            }
            while let Some(behind) = rest.strip_prefix("super::") {
                rest = behind;
                here.pop();
            }
            let line = before.matches('\n').count() + 1;
            match here.first() {
                Some(room) => out.push((line, (*room).to_owned())),
                None => out.extend(heads(rest).into_iter().map(|room| (line, room))),
            }
        }
        out.sort_by_key(|found| found.0);
        out
    }

    /// The first names of a path or of a group of paths in braces.
    fn heads(path: &str) -> Vec<String> {
        let Some(group) = path.strip_prefix('{') else {
            return vec![path.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect()];
        };
        let mut depth = 0;
        let mut out = vec![String::new()];
        let mut in_head = true;
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    out.push(String::new());
                    in_head = true;
                }
                c if in_head && (c.is_alphanumeric() || c == '_') => out.last_mut().unwrap().push(c),
                c if c.is_whitespace() => {}
                _ => in_head = false,
            }
        }
        out.retain(|name| !name.is_empty());
        out
    }

    /// The code without what stands behind `//`; a `//` in a string that begins an address stays.
    fn without_comments(code: &str) -> String {
        let strip = |line: &str| -> String {
            let starts = line.match_indices("//").map(|found| found.0);
            let comment = starts.into_iter().find(|&at| !line.get(..at).unwrap_or("").ends_with(':'));
            comment.map_or(line, |at| line.get(..at).unwrap_or("")).to_owned()
        };
        code.lines().map(strip).collect::<Vec<_>>().join("\n")
    }

    /// The code without `#[cfg(test)]` modules; lines keep their numbers.
    fn without_tests(code: &str) -> String {
        let mut out: Vec<&str> = Vec::new();
        let (mut pending, mut depth) = (false, 0usize);
        for line in code.lines() {
            let opened = line.matches('{').count();
            let closed = line.matches('}').count();
            if depth > 0 {
                depth = (depth + opened).saturating_sub(closed);
                out.push("");
            } else if pending {
                // further attributes, then the item
                out.push("");
                pending = line.trim_start().starts_with("#[");
                depth = opened.saturating_sub(closed);
            } else if line.trim() == "#[cfg(test)]" {
                out.push("");
                pending = true;
            } else {
                out.push(line);
            }
        }
        out.join("\n")
    }
}
