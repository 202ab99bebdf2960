//! The prose of a Markdown document.
//!
//! In: Markdown. Out: a [`Passage`] without front matter, code blocks, link targets and link definitions. Inline code and tags are left
//! in: the tokeniser knows them.

use super::passage::{Passage, Writing};

/// The prose of a document.
#[must_use]
pub fn passage(text: &str) -> Passage {
    let mut passage = Passage::new(Writing::Plain);
    let mut at = 0;
    let mut fence: Option<(u8, usize)> = None;
    let mut front = text.starts_with("---\n") || text.starts_with("---\r\n");
    let mut before_blank = true;
    let mut indented = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let body = line.trim_start_matches(' ');
        let indent = line.len() - body.len();
        let ticks = fence_of(body).filter(|_| indent < 4);
        let mut prose = false;
        if front {
            front = number == 0 || !matches!(line.trim_end(), "---" | "...");
        } else if let Some((mark, length)) = fence {
            if ticks.is_some_and(|(found, run)| found == mark && run >= length && body.trim_end().bytes().all(|byte| byte == mark)) {
                fence = None;
            }
        } else if let Some(opened) = ticks {
            fence = Some(opened);
        } else {
            let blank = body.trim().is_empty();
            indented = (indent >= 4 || line.starts_with('\t')) && (before_blank || indented) && !blank;
            before_blank = blank;
            prose = !indented && !is_definition(body);
        }
        if prose {
            line_of_prose(&mut passage, at, line);
        } else {
            passage.part("\n\n");
        }
        at += line.len();
    }
    passage
}

/// The mark of a fence and its length.
fn fence_of(body: &str) -> Option<(u8, usize)> {
    let mark = *body.as_bytes().first().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let run = body.bytes().take_while(|&byte| byte == mark).count();
    (run >= 3 && !(mark == b'`' && body.get(run..).is_some_and(|info| info.contains('`')))).then_some((mark, run))
}

/// `[name]: target`
fn is_definition(body: &str) -> bool {
    body.strip_prefix('[').and_then(|rest| rest.split_once(']')).is_some_and(|(_, behind)| behind.starts_with(':'))
}

/// A line without the targets of its links.
fn line_of_prose(passage: &mut Passage, at: usize, line: &str) {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find("](")) {
        let target = from + found + 2;
        let Some(end) = line.get(target..).and_then(|rest| rest.find(')')) else { break };
        passage.keep(at + from, line.get(from..target).unwrap_or(""));
        from = target + end;
    }
    passage.keep(at + from, line.get(from..).unwrap_or(""));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_targets_are_left_out() {
        let text = "---\ntitle: in\n---\n# Be\n\nIt [tin](be.md) `be`\n\n```sh\nbe in\n```\nso\n    not code\n\n    code\n\n[a]: on\nend\n";
        assert_eq!(passage(text).text, "# Be\n\nIt [tin]() `be`\n\nso\n    not code\n\n\nend\n");
        let passage = passage("a ~~~\n~~~\nx\n~~~~\nb");
        assert_eq!(passage.text, "a ~~~\n\n\nb");
    }

    #[test]
    fn an_open_fence_reaches_to_the_end() {
        assert_eq!(passage("a\n```\nbe\n").text, "a\n\n\n");
    }
}
