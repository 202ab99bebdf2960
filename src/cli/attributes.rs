//! A line of attributes for a record, beside a document that is never touched, in the layout of the dolma toolkit.
//!
//! In: what became of a record. Out: `{"id", "attributes": {NAME__verdict, NAME__spun, NAME__edits}}`, each a list of `[start, end, score]`. Spans
//! count characters, as Python does, not bytes.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use unspin::batch::Fate;
use unspin::text::{Byte, Span};

/// Writes the line of one record; records without text have none.
pub(super) fn write(name: &str, fate: &Fate, out: &mut dyn Write) -> io::Result<()> {
    let (id, verdict, spun, edits) = match fate {
        Fate::Carried | Fate::Elsewhere => return Ok(()),
        Fate::Failed(id, _) => (id, vec![], vec![], vec![]),
        Fate::Restored(document, restoration) => {
            let text = document.text().unwrap_or("");
            let mut places = Characters { text, byte: 0, count: 0 };
            let spun = restoration.paragraphs.iter().map(|found| places.scored(found.span, probability(found.ratio))).collect();
            let mut places = Characters { text, byte: 0, count: 0 };
            let edits = restoration.plan.edits.iter().map(|edit| places.scored(edit.span, edit.confidence)).collect();
            let mut places = Characters { text, byte: 0, count: 0 };
            (&document.id, vec![places.scored(Span::new(0, text.len()), restoration.score)], spun, edits)
        }
    };
    let mut attributes = Map::new();
    for (kind, spans) in [("verdict", verdict), ("spun", spun), ("edits", edits)] {
        attributes.insert(format!("{name}__{kind}"), Value::Array(spans));
    }
    writeln!(out, "{}", json!({ "id": id, "attributes": attributes }))
}

/// The evidence of a paragraph as a probability, as in the JSON view.
fn probability(ratio: f32) -> f32 {
    1.0 / (1.0 + (-ratio / 4.0).exp())
}

/// Counts characters up to bytes that are asked for in rising order.
struct Characters<'t> {
    text: &'t str,
    byte: usize,
    count: usize,
}

impl Characters<'_> {
    fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.count) = (0, 0);
        }
        let between = Span::<Byte>::new(self.byte, byte).of(self.text).unwrap_or("");
        self.count += between.chars().count();
        self.byte = byte;
        self.count
    }

    fn scored(&mut self, span: Span<Byte>, score: f32) -> Value {
        let (start, end) = (self.at(span.start), self.at(span.end));
        let score = (f64::from(score) * 1000.0).round() / 1000.0;
        json!([start, end, score])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_characters() {
        let mut places = Characters { text: "é in \u{1f600} on", byte: 0, count: 0 };
        assert_eq!(places.scored(Span::new(3, 5), 0.98765), json!([2, 4, 0.988]));
        assert_eq!(places.scored(Span::new(11, 13), 1.0), json!([7, 9, 1.0]));
        assert_eq!(places.scored(Span::new(0, 2), 1.0), json!([0, 1, 1.0]));
    }
}
