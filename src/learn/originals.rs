//! Which clean texts may be the original of a garbled one: an index over what is rare, so that thousands of texts are no trouble.
//!
//! In: rows of clean texts, then one garbled row after the other. Out: the few clean texts that share most with it. A spinner leaves
//! names, numbers and many neighbouring words alone, and two articles that only share a subject hardly share a rare pair of
//! neighbours. What many clean texts hold says nothing and is not looked up.

use super::row::Row;

/// Clean texts that are laid beside a garbled one.
const BEST: usize = 4;
/// Least weight of what is shared, in nats.
const ENOUGH: f32 = 12.0;

/// Clean texts by what is rare in them.
#[derive(Debug)]
pub(super) struct Index {
    /// A word or two neighbouring words, and a text that holds it; sorted.
    entries: Vec<(u64, u32)>,
    texts: usize,
}

impl Index {
    /// Indexes clean texts.
    pub(super) fn new(rows: &[Row]) -> Self {
        let mut entries: Vec<(u64, u32)> = Vec::new();
        for (number, row) in (0u32..).zip(rows) {
            entries.extend(anchors(row).into_iter().map(|anchor| (anchor, number)));
        }
        entries.sort_unstable();
        Self { entries, texts: rows.len() }
    }

    /// The clean texts that share most with this one, best first.
    pub(super) fn like(&self, row: &Row) -> Vec<usize> {
        let limit = 3 + self.texts / 100;
        let mut shared = vec![0.0f32; self.texts];
        for anchor in anchors(row) {
            let from = self.entries.partition_point(|entry| entry.0 < anchor);
            let holders = || self.entries.iter().skip(from).take_while(|entry| entry.0 == anchor);
            let count = holders().take(limit + 1).count();
            if (1..=limit).contains(&count) {
                let weight = ((self.texts as f32 + 1.0) / count as f32).ln();
                for entry in holders() {
                    if let Some(sum) = shared.get_mut(entry.1 as usize) {
                        *sum += weight;
                    }
                }
            }
        }
        // among few texts everything is rare, and a weight says little; what is alike is found by laying them side by side
        let mut order: Vec<usize> = (0..self.texts).filter(|&text| shared[text] > ENOUGH.min(self.texts as f32)).collect();
        order.sort_by(|&a, &b| shared[b].total_cmp(&shared[a]).then(a.cmp(&b)));
        order.truncate(BEST);
        order
    }
}

/// Words and pairs of neighbours, each once.
fn anchors(row: &Row) -> Vec<u64> {
    let words = row.iter().filter(|item| item.is_word()).map(|item| u64::from(item.key) + 1);
    let pairs = row.windows(2).map(|pair| (u64::from(pair[0].key) + 1) << 32 | (u64::from(pair[1].key) + 1));
    let mut all: Vec<u64> = words.chain(pairs).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::row::Forms;

    #[test]
    fn the_original_is_found_among_many() {
        let mut forms = Forms::default();
        let text = |n: usize| {
            let words = (0..80).map(|at| format!("word{} of the", (n * 737 + at * at * 11) % 9000));
            words.collect::<Vec<_>>().join(" ")
        };
        let rows: Vec<Row> = (0..60).map(|n| forms.row(&text(n))).collect();
        let index = Index::new(&rows);
        for n in [0, 17, 59] {
            // every third word swapped for one of its own
            let mut at = 0;
            let garbled: Vec<String> = text(n)
                .split(' ')
                .map(|word| {
                    at += 1;
                    if at % 3 == 0 { format!("x{word}") } else { word.to_owned() }
                })
                .collect();
            assert_eq!(index.like(&forms.row(&garbled.join(" "))).first(), Some(&n));
        }
        assert!(index.like(&forms.row("nothing like it at all, nowhere")).is_empty());
    }
}
