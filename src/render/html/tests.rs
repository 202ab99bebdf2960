use super::Page;
use crate::decode::{Alternative, Edit, Plan, Reason, Undecided};
use crate::detect::Verdict;
use crate::read::Document;
use crate::restore::Restoration;
use crate::text::{Span, is_hidden};

fn page(id: &str, text: &str, plan: Plan) -> String {
    let swapped = plan.edits.len();
    let restoration =
        Restoration { verdict: Verdict::Spun, score: 1.0, profile: Some("x".to_owned()), words: 9, swapped, paragraphs: Vec::new(), plan };
    let document = Document::new(id, text.as_bytes().to_vec());
    let (mut page, mut out) = (Page::default(), Vec::new());
    page.begin(&mut out).unwrap();
    page.document(&restoration, &document, &mut out).unwrap();
    page.document(&restoration, &document, &mut out).unwrap();
    page.end(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn edit(start: usize, from: &str, to: &str) -> Edit {
    let alternatives = vec![Alternative { text: "<b>".to_owned(), confidence: 0.012_34 }];
    let span = Span::new(start, start + from.len());
    Edit { span, from: from.to_owned(), to: to.to_owned(), reason: Reason::Open, confidence: 0.987_65, alternatives }
}

/// The data blocks of a page.
fn data(page: &str) -> Vec<serde_json::Value> {
    let blocks = page.split(r#"<script type="application/json" "#).skip(1);
    blocks.map(|block| serde_json::from_str(block.split_once('>').unwrap().1.split("</script>").next().unwrap()).unwrap()).collect()
}

#[test]
fn documents_and_totals_are_in_the_page() {
    let open = Undecided { span: Span::new(14, 17), text: "two".to_owned(), alternatives: Vec::new() };
    let plan = Plan { edits: vec![edit(3, "tin", "can"), edit(10, "tin", "can")], undecided: vec![open] };
    let found = data(&page("a.txt", "we tin or tin two", plan));
    assert_eq!(found.len(), 3);
    let place = serde_json::json!(["tin", "can", 0.988, 0, [["<b>", 0.012]]]);
    let pieces = serde_json::json!(["we ", place, " or ", place, " ", ["two", null, 0.0, 0, []]]);
    // numbers are compared as they are written
    assert_eq!(found[0]["pieces"].to_string(), pieces.to_string());
    let summary = &found[2];
    assert_eq!(
        (&summary["totals"]["edits"], &summary["totals"]["undecided"], &summary["totals"]["documents"]),
        (&4.into(), &2.into(), &2.into())
    );
    assert_eq!(summary["pairs"], serde_json::json!([["tin", "can", 4]]));
    assert_eq!(summary["reasons"].as_array().unwrap().len(), 1);
}

#[test]
fn hostile_texts_stay_data() {
    let text = "</script><script>alert(1)</script> <!-- tin \u{202e}evil\u{2066} \u{2028} \u{1b}[1m \u{e0041} & \" onload='x'";
    let at = text.find("tin").unwrap();
    let page =
        page("\"><img src=x onerror=alert(1)>\u{202e}.txt", text, Plan { edits: vec![edit(at, "tin", "<script>")], undecided: Vec::new() });
    assert_eq!(page.matches("<script").count(), 4, "two documents, the summary, the script");
    assert!(!page.contains("alert(1)<") && !page.contains("<img") && !page.contains("<!--"));
    assert!(!page.chars().any(|c| is_hidden(c) && c != '\n'));
    assert_eq!(data(&page)[0]["pieces"][0].as_str().unwrap(), text.get(..at).unwrap());
}

#[test]
fn what_is_not_changed_is_only_named() {
    let found = data(&page("a.txt", &"clean ".repeat(1000), Plan::default()));
    assert_eq!(found[0]["pieces"], serde_json::json!([]));
    assert_eq!(found[0]["words"], 9);
}
