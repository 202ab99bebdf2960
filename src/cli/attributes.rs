//! A line of attributes for a record, beside a document that is never touched, in the layout of the dolma toolkit.
//!
//! In: what became of a record. Out: `{"id", "attributes": {NAME__verdict, NAME__spun, NAME__edits}}`, each a list of `[start, end, score]`. Spans
//! count characters, as Python does, not bytes.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use unspin::batch::Fate;
use unspin::text::{Byte, Characters, Span};

/// Writes the line of one record; records without text have none.
pub(super) fn write(name: &str, fate: &Fate, out: &mut dyn Write) -> io::Result<()> {
    let (id, verdict, spun, edits) = match fate {
        Fate::Carried | Fate::Elsewhere => return Ok(()),
        Fate::Failed(id, _) => (id, vec![], vec![], vec![]),
        Fate::Restored(document, restoration) => {
            let text = document.text().unwrap_or("");
            let mut places = Characters::of(text);
            let spun = restoration.paragraphs.iter().map(|found| scored(&mut places, found.span, found.score())).collect();
            let edits = restoration.plan.edits.iter().map(|edit| scored(&mut places, edit.span, edit.confidence)).collect();
            (&document.id, vec![scored(&mut places, Span::new(0, text.len()), restoration.score)], spun, edits)
        }
    };
    let mut attributes = Map::new();
    for (kind, spans) in [("verdict", verdict), ("spun", spun), ("edits", edits)] {
        attributes.insert(format!("{name}__{kind}"), Value::Array(spans));
    }
    writeln!(out, "{}", json!({ "id": id, "attributes": attributes }))
}

fn scored(places: &mut Characters<'_>, span: Span<Byte>, score: f32) -> Value {
    let (start, end) = places.span(span);
    let score = (f64::from(score) * 1000.0).round() / 1000.0;
    json!([start, end, score])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_characters() {
        let mut places = Characters::of("é in \u{1f600} on");
        assert_eq!(scored(&mut places, Span::new(3, 5), 0.98765), json!([2, 4, 0.988]));
    }
}
