//! Two plans, one after the other, as one.
//!
//! In: a plan, and a plan for what it makes. Out: the plan that does both at once, and where the bytes of the text between them come from.

use super::plan::{Edit, Plan, PlanError};
use crate::text::{Byte, Span};

/// Where the bytes behind a plan come from.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// What each edit replaces, and what stands there then.
    edits: Vec<(Span<Byte>, Span<Byte>)>,
}

impl Trace {
    /// Of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let (mut grown, mut shrunk) = (0usize, 0usize);
        let place = |edit: &Edit| {
            let start = edit.span.start.saturating_add(grown).saturating_sub(shrunk);
            grown += edit.to.len();
            shrunk += edit.span.len();
            (edit.span, Span::new(start, start.saturating_add(edit.to.len())))
        };
        Self { edits: plan.edits.iter().map(place).collect() }
    }

    /// The bytes of the input that a span of the output comes from; an edit that it touches counts as a whole.
    #[must_use]
    pub fn back(&self, span: Span<Byte>) -> Span<Byte> {
        let place = |at: usize, before: usize, ends: bool| match before.checked_sub(1).and_then(|last| self.edits.get(last)) {
            None => at,
            Some((input, output)) if at < output.end => {
                if ends {
                    input.end
                } else {
                    input.start
                }
            }
            Some((input, output)) => at - output.end + input.end,
        };
        let first = self.edits.partition_point(|(_, output)| output.start <= span.start);
        let last = self.edits.partition_point(|(_, output)| output.start < span.end);
        Span::new(place(span.start, first, false), place(span.end, last, true))
    }

    /// A span of the output, made so wide that it holds every edit that it touches.
    fn widened(&self, span: Span<Byte>) -> Span<Byte> {
        let first = self.edits.partition_point(|(_, output)| output.end <= span.start);
        let touched = self.edits.get(first..).unwrap_or(&[]).iter().take_while(|(_, output)| output.start < span.end);
        touched.fold(span, |wide, (_, output)| Span::new(wide.start.min(output.start), wide.end.max(output.end)))
    }
}

impl Plan {
    /// This plan and then another, as one. What this one left open stays open unless the other decides it.
    ///
    /// # Errors
    /// [`PlanError`] if `input` is not the text of this plan, or the other is not for what it makes.
    pub fn then(self, next: Self, input: &str) -> Result<Self, PlanError> {
        let between = self.apply(input)?;
        next.apply(&between)?;
        let trace = Trace::of(&self);
        let mut joined: Vec<Edit> = Vec::new();
        let mut kept = self.edits.into_iter().zip(&trace.edits).peekable();
        let mut edits = next.edits.into_iter().peekable();
        while let Some(first) = edits.next() {
            // all edits of either plan that touch each other
            let mut wide = trace.widened(first.span);
            let mut group = vec![first];
            while let Some(more) = edits.next_if(|more| more.span.start < wide.end) {
                let further = trace.widened(more.span);
                wide = Span::new(wide.start, wide.end.max(further.end));
                group.push(more);
            }
            while let Some((edit, _)) = kept.next_if(|(_, (_, output))| output.end <= wide.start) {
                joined.push(edit);
            }
            while kept.next_if(|(_, (_, output))| output.start < wide.end).is_some() {}
            let span = trace.back(wide);
            let (mut to, mut at) = (String::new(), wide.start);
            for edit in &group {
                to.push_str(Span::<Byte>::new(at, edit.span.start).of(&between).unwrap_or(""));
                to.push_str(&edit.to);
                at = edit.span.end;
            }
            to.push_str(Span::<Byte>::new(at, wide.end).of(&between).unwrap_or(""));
            let from = span.of(input).unwrap_or("").to_owned();
            let confidence = group.iter().map(|edit| edit.confidence).fold(1.0, f32::min);
            if let Some(last) = group.pop().filter(|_| from != to) {
                joined.push(Edit { span, from, to, confidence, ..last });
            }
        }
        joined.extend(kept.map(|(edit, _)| edit));
        let mut undecided = self.undecided;
        undecided.retain(|open| {
            let behind = joined.partition_point(|edit| edit.span.end <= open.span.start);
            joined.get(behind).is_none_or(|edit| edit.span.start >= open.span.end)
        });
        Ok(Self { edits: joined, undecided })
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Reason;
    use super::*;

    fn plan(text: &str, swaps: &[(&str, &str)]) -> Plan {
        let mut at = 0;
        let edits = swaps.iter().map(|(from, to)| {
            let start = text.get(at..).and_then(|rest| rest.find(from)).unwrap() + at;
            at = start + from.len();
            let (from, to) = ((*from).to_owned(), (*to).to_owned());
            Edit { span: Span::new(start, at), from, to, reason: Reason::Open, confidence: 1.0, alternatives: vec![] }
        });
        Plan { edits: edits.collect(), undecided: vec![] }
    }

    #[test]
    fn two_plans_are_one() {
        let text = "it volition beryllium a caller solar year in tin and tin";
        type Swaps<'s> = &'s [(&'s str, &'s str)];
        let cases: [(Swaps<'_>, Swaps<'_>, usize); 6] = [
            (&[("volition", "will"), ("tin", "can")], &[("a", "the"), ("tin", "can")], 4),
            (&[("volition", "will"), ("tin", "can")], &[("will", "would"), ("can", "may")], 2),
            // a phrase over an edit, and two edits in one of the first plan
            (&[("caller", "new")], &[("a new solar year", "a year")], 1),
            (&[("caller solar year", "new year or so")], &[("new", "old"), ("so", "more")], 1),
            // and back
            (&[("volition", "will")], &[("will", "volition")], 0),
            (&[], &[("tin", "can")], 1),
        ];
        for (first, second, number) in cases {
            let first = plan(text, first);
            let between = first.apply(text).unwrap();
            let second = plan(&between, second);
            let output = second.apply(&between).unwrap();
            let both = first.then(second, text).unwrap();
            assert_eq!(both.apply(text).unwrap(), output);
            assert_eq!(both.undo(&output).unwrap(), text);
            assert_eq!(both.edits.len(), number, "{both:?}");
        }
    }

    #[test]
    fn bytes_are_traced_back() {
        let text = "it volition be a tin";
        let trace = Trace::of(&plan(text, &[("volition", "will"), ("tin", "metal can")]));
        let back = |start, end| trace.back(Span::new(start, end)).of(text).unwrap();
        // it will be a metal can
        assert_eq!((back(0, 2), back(3, 7), back(4, 5), back(8, 10)), ("it", "volition", "volition", "be"));
        assert_eq!((back(13, 18), back(8, 16), back(0, 22)), ("tin", "be a tin", text));
    }
}
