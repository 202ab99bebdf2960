//! Every case of the corpus through the whole repair: one snapshot a case that a person can read, and the rules that all keep.
//!
//! A snapshot shows the head counts against the original, then each sentence before (`-`) and after (`+`) with the reason, the
//! confidence and the runner-up under it; `=` is a sentence that stayed. What went wrong is marked with what the original says.
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test cases`, and read the difference.

#[cfg(test)]
#[path = "common/align.rs"]
mod align;
#[cfg(test)]
#[path = "common/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "common/data.rs"]
mod data;

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::PathBuf;
    use std::sync::LazyLock;

    use unspin::decode::{Alternative, Reason};
    use unspin::detect::Verdict;
    use unspin::restore::{Restoration, Restorer};
    use unspin::text::{Byte, Span, segments, tokenise};

    use crate::align::{Counts, Word, compare};
    use crate::corpus::texts;
    use crate::data::restorer;

    /// A text and its repair.
    struct Case {
        path: PathBuf,
        spun: String,
        original: String,
        restoration: Restoration,
        restored: String,
    }

    impl Case {
        fn new(restorer: &Restorer<'_>, path: PathBuf, spun: String) -> Self {
            let original = std::fs::read_to_string(path.with_file_name("original.txt")).unwrap_or_else(|_| spun.clone());
            let restoration = restorer.restore(&spun);
            let restored = restoration.plan.apply(&spun).unwrap().into_owned();
            Self { path, spun, original, restoration, restored }
        }
    }

    static RESTORER: LazyLock<Restorer<'static>> = LazyLock::new(restorer);
    static ARTICLES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let families = ["in-the-wild-style", "known-failures", "synthetic"];
        let texts = families.into_iter().flat_map(|family| texts(family, "spun.txt"));
        texts.map(|(path, text)| Case::new(&RESTORER, path, text)).collect()
    });
    static CLEAN: LazyLock<Vec<Case>> =
        LazyLock::new(|| texts("clean", "clean.txt").into_iter().map(|(path, text)| Case::new(&RESTORER, path, text)).collect());

    #[test]
    fn restores() {
        insta::glob!("../corpus/cases", "*/*/spun.txt", |path| {
            let path = path.canonicalize().unwrap();
            let case = ARTICLES.iter().find(|case| case.path.canonicalize().unwrap() == path).unwrap();
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown(case)) });
        });
    }

    #[test]
    fn stays() {
        insta::glob!("../corpus/cases/clean", "*/clean.txt", |path| {
            let path = path.canonicalize().unwrap();
            let case = CLEAN.iter().find(|case| case.path.canonicalize().unwrap() == path).unwrap();
            insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown(case)) });
        });
    }

    #[test]
    fn a_plan_is_undone() {
        for case in ARTICLES.iter().chain(CLEAN.iter()) {
            assert_eq!(case.restoration.plan.undo(&case.restored).as_deref(), Ok(case.spun.as_str()), "{}", case.path.display());
        }
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let changed = |case: &&Case| !RESTORER.restore(&case.restored).plan.edits.is_empty();
        let unstable: Vec<String> = ARTICLES.iter().filter(changed).map(|case| case.path.display().to_string()).collect();
        assert!(unstable.is_empty(), "restoring what was restored changes it again:\n{}", unstable.join("\n"));
    }

    #[test]
    fn clean_texts_stay() {
        let harmed = |case: &&Case| case.restored != case.spun || case.restoration.verdict != Verdict::Clean;
        let harmed: Vec<String> = CLEAN.iter().filter(harmed).map(|case| format!("{}\n{}", case.path.display(), shown(case))).collect();
        assert!(harmed.is_empty(), "clean texts that are changed or not called clean:\n{}", harmed.join("\n"));
        assert!(CLEAN.len() >= 40, "only {} clean texts were read", CLEAN.len());
    }

    #[test]
    fn known_failures_still_fail() {
        let known = |case: &&Case| case.path.components().any(|part| part.as_os_str() == "known-failures");
        let mended = ARTICLES.iter().filter(known).filter(|case| case.restored == case.original);
        let mended: Vec<String> = mended.map(|case| case.path.display().to_string()).collect();
        assert!(mended.is_empty(), "fully restored by now; move to another folder:\n{}", mended.join("\n"));
    }

    /// A case for a person to read.
    fn shown(case: &Case) -> String {
        let words = compare(&case.original, &case.spun, &case.restored);
        let counts = Counts::of(&words);
        let found = &case.restoration;
        let mut out = String::new();
        let verdict = format!("{:?}", found.verdict).to_lowercase();
        let _ = writeln!(out, "verdict     {verdict} ({:.2})", found.score);
        let _ = writeln!(out, "profile     {}", found.profile.as_deref().unwrap_or("none"));
        let _ = writeln!(out, "words       {}", counts.words);
        let _ = writeln!(out, "swapped     {}", counts.swapped);
        let _ = writeln!(out, "restored    {}{}", counts.restored, share(counts.restored, counts.swapped));
        let _ = writeln!(out, "wrong       {}", counts.wrong);
        let _ = writeln!(out, "left        {}, of which {} reported as undecided", counts.left, reported(case, &words));
        let _ = writeln!(out, "damaged     {}", counts.damaged);
        if case.restored == case.spun && counts.swapped == 0 {
            out.push_str("unchanged, byte for byte\n");
            return out;
        }
        let tokens = tokenise(&case.spun);
        for sentence in segments(&case.spun, &tokens).sentences {
            let (Some(first), Some(last)) = (tokens.get(sentence.start), tokens.get(sentence.end - 1)) else { continue };
            let span = Span::new(first.span().start, last.span().end);
            if span.of(&case.spun).is_some_and(|text| !text.trim().is_empty()) {
                show_sentence(case, &words, span, &mut out);
            }
        }
        out
    }

    fn show_sentence(case: &Case, words: &[Word], sentence: Span<Byte>, out: &mut String) {
        let line = |span: Span<Byte>| span.of(&case.spun).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
        let plan = &case.restoration.plan;
        let edits: Vec<_> = plan.edits.iter().filter(|edit| sentence.contains(edit.span.start)).collect();
        out.push('\n');
        if edits.is_empty() {
            let _ = writeln!(out, "= {}", line(sentence));
        } else {
            let mut after = String::new();
            let mut at = sentence.start;
            for edit in &edits {
                after.push_str(Span::<Byte>::new(at, edit.span.start).of(&case.spun).unwrap_or(""));
                after.push_str(&edit.to);
                at = edit.span.end;
            }
            after.push_str(Span::<Byte>::new(at, sentence.end).of(&case.spun).unwrap_or(""));
            let after = after.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(out, "- {}\n+ {after}", line(sentence));
        }
        let mut notes: Vec<(usize, String)> = Vec::new();
        for edit in edits {
            let truth = truth(case, words, edit.span);
            let mark = if truth.iter().all(|word| word.right()) { String::new() } else { format!("   WRONG: {}", quoted(&truth)) };
            let change = format!("{} -> {}", edit.from, edit.to);
            let note = format!("{change:<28} {:.2}  {}{}{mark}", edit.confidence, why(&edit.reason), others(&edit.alternatives));
            notes.push((edit.span.start, note));
        }
        for open in plan.undecided.iter().filter(|open| sentence.contains(open.span.start)) {
            let truth = truth(case, words, open.span);
            let swapped = truth.iter().any(|word| word.swapped());
            let mark = if swapped { format!("   LEFT: {}", quoted(&truth)) } else { String::new() };
            notes.push((open.span.start, format!("{:<28}       undecided{}{mark}", open.text, others(&open.alternatives))));
        }
        for (index, chunk) in chunks(&case.spun).into_iter().enumerate().filter(|(_, chunk)| sentence.contains(chunk.start)) {
            let reported = plan.edits.iter().map(|edit| edit.span).chain(plan.undecided.iter().map(|open| open.span));
            let reported = reported.into_iter().any(|span| span.start < chunk.end && chunk.start < span.end);
            let missed = words.iter().find(|word| word.chunks.contains(&index) && word.swapped() && !word.changed());
            if let Some(word) = missed.filter(|_| !reported) {
                let text = chunk.of(&case.spun).unwrap_or("");
                notes.push((chunk.start, format!("{text:<28}       not noticed   LEFT: \"{}\"", word.original)));
            }
        }
        notes.sort();
        for (_, note) in notes {
            let _ = writeln!(out, "    {}", note.trim_end());
        }
    }

    /// Words of the original behind a place of the spun text.
    fn truth<'w>(case: &Case, words: &'w [Word], place: Span<Byte>) -> Vec<&'w Word> {
        let chunks = chunks(&case.spun);
        let first = chunks.partition_point(|chunk| chunk.end <= place.start);
        let behind = chunks.partition_point(|chunk| chunk.start < place.end);
        words.iter().filter(|word| word.chunks.start < behind && first < word.chunks.end).collect()
    }

    /// The white-space chunks of a text.
    fn chunks(text: &str) -> Vec<Span<Byte>> {
        let start = |chunk: &str| chunk.as_ptr() as usize - text.as_ptr() as usize;
        text.split_whitespace().map(|chunk| Span::new(start(chunk), start(chunk) + chunk.len())).collect()
    }

    /// How many of the words that are left as they are were reported as undecided.
    fn reported(case: &Case, words: &[Word]) -> usize {
        let undecided = &case.restoration.plan.undecided;
        let open = undecided.iter().flat_map(|open| truth(case, words, open.span));
        open.filter(|word| word.swapped() && !word.changed()).count()
    }

    fn why(reason: &Reason) -> String {
        match reason {
            Reason::Listed { confidence, source, .. } => format!("listed, {source} {confidence:.2}"),
            Reason::Related { relation, distance } => format!("{relation}, distance {distance}"),
            Reason::Open => "frequent word".to_owned(),
        }
    }

    fn others(alternatives: &[Alternative]) -> String {
        alternatives.first().map_or_else(String::new, |next| format!("; next {} {:.2}", next.text, next.confidence))
    }

    fn quoted(words: &[&Word]) -> String {
        format!("\"{}\"", words.iter().map(|word| word.original.as_str()).collect::<Vec<_>>().join(" "))
    }

    fn share(part: usize, whole: usize) -> String {
        if whole == 0 { String::new() } else { format!(" ({:.1}%)", 100.0 * part as f64 / whole as f64) }
    }
}
