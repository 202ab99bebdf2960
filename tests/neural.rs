//! `--neural`: what it refuses, and what the real network does. `dictionaries/fetch-neural` fetches that; where it is not, its tests say so and pass.
#![cfg(feature = "neural")]

#[cfg(test)]
#[path = "common/program.rs"]
#[expect(dead_code, reason = "this file needs part of it")]
mod program;

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::num::NonZeroUsize;
    use std::path::{Path, PathBuf};

    use unspin::embedded;
    use unspin::eval::Score;
    use unspin::neural::Rereader;
    use unspin::restore::{Doubt, Reread, RestoreOptions, Restorer};
    use unspin::text::Span;

    use super::program::{done, folder, text};

    fn here(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn network(threads: usize) -> Option<Rereader> {
        let path = here("dictionaries/smollm2-135m-instruct-q4_1.gguf");
        if !path.exists() {
            let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not there; dictionaries/fetch-neural fetches it", path.display());
            return None;
        }
        Some(Rereader::open(&path, NonZeroUsize::new(threads).unwrap()).unwrap())
    }

    #[test]
    fn what_is_no_network_is_named_with_a_remedy() {
        let folder = folder(&[("a.txt", b"Nothing is wrong here."), ("b.gguf", b"GGUF\x03\0\0\0\x01"), ("c.gguf", b"something else")]);
        let answers = [
            ("missing.gguf", "missing.gguf: cannot read the network"),
            ("b.gguf", "the file is damaged: the head ends at byte 8 of 9; fetch it again"),
            ("c.gguf", "not a GGUF file; dictionaries/fetch-neural fetches one"),
        ];
        for (name, answer) in answers {
            let output = done(&folder, &format!("restore a.txt --neural {name}"), 2);
            let message = text(&output.stderr);
            assert!(message.contains(answer) && message.contains(name), "{message}");
            assert!(output.stdout.is_empty());
        }
    }

    #[test]
    fn the_network_knows_english() {
        let Some(one) = network(1) else { return };
        let text = "The council said that it could not beryllium left in the streets over the summer, and that staff would go.";
        let at = text.find("beryllium").unwrap();
        let (readings, posterior) = (["beryllium", "be", "see", "by"].map(str::to_owned).to_vec(), [0.25; 4]);
        let doubts = [Doubt { span: Span::new(at, at + 9), word: 0, readings, posterior: &posterior }];
        let found = one.reread(text, &doubts);
        assert!(found[0][1] > 0.8, "{found:?}");
        let bits = |found: &[Vec<f32>]| found.concat().iter().map(|share| share.to_bits()).collect::<Vec<u32>>();
        assert_eq!(bits(&network(2).unwrap().reread(text, &doubts)), bits(&found));
    }

    #[test]
    fn an_article_gains() {
        let Some(second) = network(2) else { return };
        let case = here("corpus/cases/in-the-wild-style/strike-ballot-refuse");
        let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap();
        let (garbled, original) = (read("spun.txt"), read("original.txt"));
        let (thesaurus, profiles) = (embedded::thesaurus().unwrap(), embedded::profiles().unwrap());
        let score = |second: Option<&dyn Reread>| {
            let restorer = Restorer::new(embedded::model().unwrap(), &thesaurus, &profiles, RestoreOptions::default()).with_second(second);
            let plan = restorer.restore(&garbled).plan;
            let restored = plan.apply(&garbled).unwrap();
            assert_eq!(plan.undo(&restored).unwrap(), garbled);
            Score::of(&garbled, &original, &restored)
        };
        let (without, with) = (score(None), score(Some(&second)));
        assert!(with.restored > without.restored && with.wrong <= without.wrong && with.damaged <= without.damaged, "{without:?} {with:?}");
    }
}
