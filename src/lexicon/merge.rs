//! Two profiles of one spinner to one.
//!
//! In: profiles, each with pairs that the other may have too. Out: all pairs. What was counted adds up, and where both were counted the
//! confidence is their mean by count; else the surer one stands. Nothing is thrown away: to drop a pair is a matter for whoever reads it. But a word
//! that one of them swaps does not stay.

use std::collections::BTreeMap;

use super::{Pair, Profile, Support};

impl Profile {
    /// This profile with the pairs of another one; name, version and remarks stay.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut pairs: BTreeMap<(String, String), Pair> = BTreeMap::new();
        let mut support: BTreeMap<(String, String), Support> = BTreeMap::new();
        let mut stays: BTreeMap<String, u32> = BTreeMap::new();
        for profile in [self, other] {
            profile.all_stays().for_each(|(word, count)| *stays.entry(word.to_owned()).or_default() += count);
            for pair in profile.pairs() {
                let key = (pair.plain.clone(), pair.cipher.clone());
                let found = profile.support(pair);
                let both = found.is_some() && support.contains_key(&key);
                if let Some(found) = found {
                    support.entry(key.clone()).and_modify(|known| *known = added(known, found)).or_insert(*found);
                }
                pairs.entry(key).and_modify(|known| *known = joined(known, pair, both)).or_insert_with(|| pair.clone());
            }
        }
        let mut whole = Self::new(&self.name, self.version, self.touch.union(other.touch), pairs.into_values().collect());
        whole.about.clone_from(&self.about);
        stays.retain(|word, _| whole.images(word).is_empty());
        whole.with_support(support).with_stays(stays)
    }
}

fn joined(one: &Pair, other: &Pair, counted: bool) -> Pair {
    let surer = if other.confidence > one.confidence { other } else { one };
    let count = one.count + other.count;
    let mean = (one.confidence * one.count + other.confidence * other.count) / count.max(1e-6);
    let confidence = if counted && count > 0.0 { mean } else { surer.confidence };
    Pair { count, confidence, ..surer.clone() }
}

fn added(one: &Support, other: &Support) -> Support {
    Support {
        aligned: one.aligned + other.aligned,
        kept: one.kept + other.kept,
        expected: one.expected + other.expected,
        articles: one.articles + other.articles,
        choice: one.choice.max(other.choice),
        weak: one.weak && other.weak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_the_surer_pair_stands() {
        let head = "# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\n";
        let columns = "plain\tcipher\tcount\tconfidence\tsource";
        let written: Profile = format!("{head}{columns}\nbe\tberyllium\t1\t0.70\trecalled\nor\toregon\t1\t0.90\tagreed\n").parse().unwrap();
        let learned = |row: &str| -> Profile {
            let head = head.replace("lower-bare", "title-bare");
            format!("{head}{columns}\taligned\tkept\texpected\tarticles\tchoice\tstanding\n{row}\n").parse().unwrap()
        };
        let staying = written.clone().with_stays([("or".to_owned(), 1), ("and".to_owned(), 3)].into());
        assert_eq!(staying.merged(&staying).all_stays().collect::<Vec<_>>(), [("and", 6)]);
        let one = learned("be\tberyllium\t3\t0.90\taligned\t3\t0\t0.0\t2\talways\tfirm");
        let other = learned("be\tberyllium\t1\t0.50\taligned\t1\t1\t0.0\t1\tarticle\tweak");
        let both = one.merged(&other);
        assert_eq!(both.to_string().lines().last().unwrap(), "be\tberyllium\t4\t0.80\taligned\t4\t1\t0.0\t3\tarticle\tfirm");
        let all = written.merged(&both).to_string();
        assert!(all.contains("# touch: lower-bare title-bare\n"));
        assert!(all.contains("\nbe\tberyllium\t5\t0.80\taligned\t4\t1\t0.0\t3\tarticle\tfirm\nor\toregon\t1\t0.90\tagreed\t-\t"), "{all}");
    }
}
