use super::{Detection, DetectionJson, Diff, EditLog, Explanation, Json, Render, Text, explain_word};
use crate::decode::{Alternative, Edit, Plan, Reason, Undecided};
use crate::detect::Verdict;
use crate::lexicon::Source;
use crate::lexicon::thesaurus::Relation;
use crate::read::Document;
use crate::restore::{Paragraph, Restoration};
use crate::text::Span;

const TEXT: &str = "One line.\nIt tin beryllium done. \u{c9} moving\nTwo";

fn sample() -> (Restoration, Document) {
    let edit = |start: usize, from: &str, to: &str, reason: Reason| Edit {
        span: Span::new(start, start + from.len()),
        from: from.to_owned(),
        to: to.to_owned(),
        reason,
        confidence: 0.912_345,
        alternatives: vec![Alternative { text: "pewter".to_owned(), confidence: 0.05 }],
    };
    let listed = Reason::Listed { profile: "x".to_owned(), confidence: 0.97, source: Source::Agreed };
    let related = Reason::Related { relation: Relation::SameSynset, distance: 0 };
    let undecided = Undecided { span: Span::new(36, 42), text: "moving".to_owned(), alternatives: Vec::new() };
    let plan = Plan { edits: vec![edit(13, "tin", "can", related), edit(17, "beryllium", "be", listed)], undecided: vec![undecided] };
    let paragraphs = vec![Paragraph { span: Span::new(0, TEXT.len()), verdict: Verdict::Spun, ratio: 8.0 }];
    let restoration =
        Restoration { verdict: Verdict::Spun, score: 0.987_654, profile: Some("x".to_owned()), words: 8, swapped: 3, paragraphs, plan };
    (restoration, Document::new("dir/a.txt", TEXT.as_bytes().to_vec()))
}

fn shown(view: &dyn Render) -> String {
    let (restoration, document) = sample();
    let mut out = Vec::new();
    view.render(&restoration, &document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_text_has_all_edits() {
    assert_eq!(shown(&Text), "One line.\nIt can be done. \u{c9} moving\nTwo");
}

#[test]
fn the_diff_is_one_that_patch_reads() {
    insta::assert_snapshot!(shown(&Diff { colour: false }), @r"
    --- a/dir/a.txt
    +++ b/dir/a.txt
    @@ -1,3 +1,3 @@
     One line.
    -It tin beryllium done. É moving
    +It can be done. É moving
     Two
    \ No newline at end of file
    ");
}

#[test]
fn what_would_steer_the_terminal_is_shown_by_its_code() {
    let (before, after) = ("a\t\u{1b}]0;x\u{7} tin\u{202e}\r\nb\r\n", "a\t\\u{1b}]0;x\\u{7} can\\u{202e}\nb\n");
    let at = before.find("tin").unwrap();
    let reason = Reason::Open;
    let edit =
        Edit { span: Span::new(at, at + 3), from: "tin".into(), to: "can".into(), reason, confidence: 1.0, alternatives: Vec::new() };
    let (mut restoration, _) = sample();
    restoration.plan = Plan { edits: vec![edit], undecided: Vec::new() };
    let document = Document::new("x\n+++ b/\u{1b}[2Jy.txt", before.as_bytes().to_vec());
    let shown = |view: &dyn Render| {
        let mut out = Vec::new();
        view.render(&restoration, &document, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let name = "x\\n+++ b/\\u{1b}[2Jy.txt";
    let coloured = anstream::adapter::strip_str(&shown(&Diff { colour: true })).to_string();
    let added: Vec<&str> = coloured.lines().filter_map(|line| line.strip_prefix('+').or_else(|| line.strip_prefix(' '))).collect();
    assert_eq!(added, [format!("++ b/{name}").as_str(), after.lines().next().unwrap(), "b"]);
    // what is for `patch` has the text as it is
    let plain = shown(&Diff { colour: false });
    assert!(
        plain.starts_with(&format!("--- a/{name}\n+++ b/{name}\n@@")) && plain.contains("-a\t\u{1b}]0;x\u{7} tin\u{202e}\r\n"),
        "{plain}"
    );
    let explained = shown(&Explanation { model: None });
    assert!(!explained.contains(['\u{1b}', '\u{7}', '\u{202e}']) && explained.starts_with(&format!("{name}:1:")), "{explained}");
}

#[test]
fn colours_add_nothing_but_colours() {
    let plain = anstream::adapter::strip_str(&shown(&Diff { colour: true })).to_string();
    assert_eq!(plain, shown(&Diff { colour: false }));
    assert!(shown(&Diff { colour: true }).contains("\u{1b}[4m\u{1b}[31mtin"));
}

#[test]
fn json_has_the_documented_keys_in_order() {
    insta::assert_snapshot!(shown(&Json), @r#"{"id":"dir/a.txt","verdict":"spun","score":0.988,"profile":"x","words":8,"swapped_estimate":3,"spans":[{"start":0,"end":46,"score":0.881}],"edits":[{"start":13,"end":16,"from":"tin","to":"can","reason":{"kind":"related","relation":"same synset","distance":0},"confidence":0.912,"alternatives":[{"text":"pewter","confidence":0.05}]},{"start":17,"end":26,"from":"beryllium","to":"be","reason":{"kind":"listed","profile":"x","confidence":0.97,"source":"agreed"},"confidence":0.912,"alternatives":[{"text":"pewter","confidence":0.05}]}],"undecided":[{"start":36,"end":42,"text":"moving","alternatives":[]}],"text":"One line.\nIt can be done. É moving\nTwo"}"#);
    insta::assert_snapshot!(shown(&DetectionJson), @r#"{"id":"dir/a.txt","verdict":"spun","score":0.988,"profile":"x","words":8,"swapped_estimate":3,"spans":[{"start":0,"end":46,"score":0.881}]}"#);
    insta::assert_snapshot!(shown(&EditLog::default()), @r#"
    {"document":"dir/a.txt","start":13,"end":16,"from":"tin","to":"can","reason":{"kind":"related","relation":"same synset","distance":0},"confidence":0.912,"alternatives":[{"text":"pewter","confidence":0.05}],"input_sha256":"dd1ee30b979b73a271ec935a5c8825558dd74c4257bafce1473d91452ea99568","output_sha256":"b0fb313a7248ade0cc3c859754821faad1a6160c0f1205d35abd6384d15643b2"}
    {"document":"dir/a.txt","start":17,"end":26,"from":"beryllium","to":"be","reason":{"kind":"listed","profile":"x","confidence":0.97,"source":"agreed"},"confidence":0.912,"alternatives":[{"text":"pewter","confidence":0.05}],"input_sha256":"dd1ee30b979b73a271ec935a5c8825558dd74c4257bafce1473d91452ea99568","output_sha256":"b0fb313a7248ade0cc3c859754821faad1a6160c0f1205d35abd6384d15643b2"}
    "#);
}

#[test]
fn rows_align_under_their_header() {
    insta::assert_snapshot!(format!("{}\n{}", Detection::HEADER, shown(&Detection::default())), @"
    verdict  score  profile       swapped    words  name
    spun     0.988  x                   3        8  dir/a.txt
    ");
}

#[test]
fn an_explanation_shows_place_reason_and_alternatives() {
    insta::assert_snapshot!(shown(&Explanation { model: None }), @r"
    dir/a.txt:2:4: `tin` -> `can`  confidence 0.91
        It [tin] beryllium done.
        why: thesaurus: same synset, no step apart
        or: pewter 0.05
    dir/a.txt:2:8: `beryllium` -> `be`  confidence 0.91
        It tin [beryllium] done.
        why: profile x lists be -> beryllium (confidence 0.97, agreed)
        or: pewter 0.05
    dir/a.txt:2:26: `moving` left as it is: no reading is sure enough
        É [moving]
    dir/a.txt: spun, profile x: 2 edits, 1 left open
    ");
}

#[test]
fn a_word_is_explained_from_both_sides() {
    let head = "# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource\n";
    let profile = format!("{head}can\ttin\t7\t0.97\tagreed\ntin\tmetal\t1\t0.50\trecalled\n").parse().unwrap();
    let thesaurus = crate::embedded::thesaurus().unwrap();
    let mut out = Vec::new();
    explain_word("Tin", &[&profile], &thesaurus, &mut out).unwrap();
    explain_word("qqq", &[&profile], &thesaurus, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with(
        "tin\n  x: stands for `can` (confidence 0.97, agreed, seen 7 times)\n  x: becomes `metal` (confidence 0.50, recalled)\n"
    ));
    assert!(text.contains("  thesaurus: can (same synset, no step apart)\n"));
    assert!(text.ends_with("qqq\n  nothing is known of this word\n"));
}
