//! From what all pairs of texts say to the table of the spinner: its pairs, how sure each is, and the shapes it touches.
//!
//! In: [`Sides`]. Out: a [`Profile`]. The shapes come first: a shape is touched if words that are swapped elsewhere are swapped in
//! it too. A word that stayed in a touchable place speaks against its pair; one that stayed elsewhere says nothing. Several images of
//! one word are kept as they are, with the mark whether letter case, the article or nothing we know decides.

use std::collections::{BTreeMap, BTreeSet};

use super::align::alike;
use super::phrases::phrases;
use super::row::Forms;
use super::sides::Sides;
use crate::lexicon::{Choice, Pair, Profile, Source, Support, TouchRule};
use crate::text::Case;

/// Tokens that a pair is credited with beforehand: what stands between words that agree is hardly ever chance.
const CREDIT: f32 = 2.0;
/// Tokens that speak against any pair beforehand.
const DOUBT: f32 = 0.25;
/// Most confidence of a phrase seen once whose borders may be wrong.
const DOUBTFUL: f32 = 0.4;
/// Probability that a word which stayed is swapped elsewhere, from which on it does not count as one that stays.
const MAY_BE_SWAPPED: f32 = 0.05;
/// Confidence below which a pair is weak.
pub(super) const FIRM: f32 = 0.5;

/// How often a pair was seen, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    by_shape: [u32; TouchRule::SHAPES],
    capital: u32,
    tokens: u32,
    /// Tokens by article.
    articles: BTreeMap<usize, u32>,
}

/// Pairs of single words by plain word, then cipher word.
pub(super) type Swaps = BTreeMap<u32, BTreeMap<u32, Seen>>;

/// What was learned from pairs of texts.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The spinner.
    pub(super) profile: Profile,
    /// Pairs left out because they are two spellings of one word.
    pub(super) spellings: usize,
}

/// Makes the table.
pub(super) fn table(name: &str, sides: &[&Sides], forms: &Forms) -> Table {
    let mut swaps = Swaps::new();
    let mut kept: BTreeMap<u32, [u32; TouchRule::SHAPES]> = BTreeMap::new();
    for (article, side) in sides.iter().enumerate() {
        for &(plain, cipher, shape) in &side.swapped {
            let seen = swaps.entry(plain).or_default().entry(cipher).or_default();
            if let Some(index) = TouchRule::index(shape) {
                seen.by_shape[index] += 1;
            }
            seen.tokens += 1;
            seen.capital += u32::from(shape.case != Case::Lower);
            *seen.articles.entry(article).or_default() += 1;
        }
        for &(plain, shape) in &side.kept {
            if let Some(index) = TouchRule::index(shape) {
                kept.entry(plain).or_default()[index] += 1;
            }
        }
    }
    let touch = touched(&swaps, &kept);
    let mut out = (Vec::new(), BTreeMap::new());
    let mut spellings = 0;
    let mut firm: BTreeSet<(u32, u32)> = BTreeSet::new();
    for (&plain, images) in &swaps {
        let stayed: u32 = kept.get(&plain).map_or(0, |kept| in_touch(kept, touch));
        let all: u32 = images.values().map(|seen| seen.tokens).sum();
        let choices = choices(images);
        for ((&cipher, seen), choice) in images.iter().zip(choices) {
            let spelt_alike = alike(forms.text(plain), forms.text(cipher));
            if spelt_alike && stayed >= seen.tokens {
                spellings += 1;
                continue;
            }
            let confidence = confidence(seen.tokens, all, stayed);
            let weak = confidence < FIRM || (spelt_alike && seen.tokens == 1);
            if !weak {
                firm.insert((plain, cipher));
            }
            let articles = u32::try_from(seen.articles.len()).unwrap_or(u32::MAX);
            let support = Support { aligned: seen.tokens, kept: stayed, expected: 0.0, articles, choice, weak };
            add(&mut out, forms.text(plain), forms.text(cipher), confidence, support);
        }
    }
    for phrase in phrases(sides, &firm) {
        let (plain, cipher) = (forms.phrase(&phrase.plain), forms.phrase(&phrase.cipher));
        let share = (phrase.seen as f32 + 1.0) / (phrase.occurs.max(phrase.seen) as f32 + 1.5);
        let doubtful = phrase.seen == 1 && (phrase.guessed || phrase.plain.len() > 2);
        let confidence = if doubtful { share.min(DOUBTFUL) } else { share };
        let support = Support {
            aligned: phrase.seen,
            kept: phrase.occurs.saturating_sub(phrase.seen),
            expected: 0.0,
            articles: phrase.articles,
            choice: Choice::Always,
            weak: confidence < FIRM,
        };
        add(&mut out, &plain, &cipher, confidence, support);
    }
    let stays = stays(&kept, touch, &firm, &out.1, forms);
    let (pairs, support) = out;
    Table { profile: Profile::new(name, 1, touch, pairs).with_support(support).with_stays(stays), spellings }
}

/// The words that stayed wherever they could have been swapped, and so often that the spinner, which leaves some of what it lists, surely does not list them.
fn stays(
    kept: &BTreeMap<u32, [u32; TouchRule::SHAPES]>,
    touch: TouchRule,
    firm: &BTreeSet<(u32, u32)>,
    support: &BTreeMap<(String, String), Support>,
    forms: &Forms,
) -> BTreeMap<String, u32> {
    let listed = |plain: u32| firm.range((plain, 0)..=(plain, u32::MAX)).next().is_some();
    // of the tokens of words with a sure pair
    let sure = support.values().filter(|support| !support.weak);
    let (swapped, left) = sure.fold((1.0, 1.0), |(swapped, left), support| (swapped + support.aligned as f32, left + support.kept as f32));
    let left_alone: f32 = left / (swapped + left);
    let counted = kept.iter().map(|(&plain, counts)| (plain, in_touch(counts, touch)));
    let surely = counted.filter(|&(plain, count)| count > 0 && !listed(plain) && left_alone.powf(count as f32) < MAY_BE_SWAPPED);
    surely.map(|(plain, count)| (forms.text(plain).to_owned(), count)).collect()
}

type Out = (Vec<Pair>, BTreeMap<(String, String), Support>);

fn add(out: &mut Out, plain: &str, cipher: &str, confidence: f32, support: Support) {
    let key = (plain.to_owned(), cipher.to_owned());
    if plain != cipher && !out.1.contains_key(&key) {
        out.0.push(Pair {
            plain: key.0.clone(),
            cipher: key.1.clone(),
            count: support.aligned as f32,
            confidence,
            source: Source::Aligned,
        });
        out.1.insert(key, support);
    }
}

/// Probability that the spinner makes a swap that was seen `tokens` times, when its word was swapped `all` times and stayed `stayed`
/// times. Staying weighs more against a pair that was hardly seen: then it is likely an editor's change.
fn confidence(tokens: u32, all: u32, stayed: u32) -> f32 {
    let (tokens, all, stayed) = (tokens as f32, all as f32, stayed as f32);
    let against = stayed * (1.0 + 2.0 / tokens.max(1.0));
    (tokens + CREDIT * tokens / all.max(1.0)) / (all + CREDIT + DOUBT + against)
}

fn in_touch(counts: &[u32; TouchRule::SHAPES], touch: TouchRule) -> u32 {
    let only = |index: usize| TouchRule::of(std::array::from_fn(|at| at == index));
    counts.iter().enumerate().filter(|&(index, _)| touch.union(only(index)) == touch).map(|(_, count)| count).sum()
}

/// The shapes in which words are swapped that are swapped in other shapes too.
fn touched(swaps: &Swaps, kept: &BTreeMap<u32, [u32; TouchRule::SHAPES]>) -> TouchRule {
    let mut chances = [(0u32, 0u32); TouchRule::SHAPES];
    for (plain, images) in swaps {
        let swapped: [u32; TouchRule::SHAPES] = std::array::from_fn(|index| images.values().map(|seen| seen.by_shape[index]).sum());
        let all: u32 = swapped.iter().sum();
        for (index, chance) in chances.iter_mut().enumerate() {
            if all > swapped[index] {
                chance.0 += swapped[index];
                chance.1 += swapped[index] + kept.get(plain).map_or(0, |kept| kept[index]);
            }
        }
    }
    let most: u32 = swaps.values().flat_map(BTreeMap::values).map(|seen| seen.by_shape[0]).sum();
    TouchRule::of(std::array::from_fn(|index| {
        let (swapped, all) = chances[index];
        if index == 0 { most > 0 } else { swapped >= 2 && swapped * 2 > all }
    }))
}

/// For each image of a word, when the spinner takes it.
fn choices(images: &BTreeMap<u32, Seen>) -> Vec<Choice> {
    // what was seen once beside something frequent is noise, and decides nothing
    let most = images.values().map(|seen| seen.tokens).max().unwrap_or(0);
    let counts = |seen: &&Seen| seen.tokens * 8 >= most;
    if images.values().filter(counts).count() < 2 {
        return vec![Choice::Always; images.len()];
    }
    let mut by_article: BTreeMap<usize, u32> = BTreeMap::new();
    for seen in images.values().filter(counts) {
        seen.articles.keys().for_each(|&article| *by_article.entry(article).or_default() += 1);
    }
    let by_case = images.values().filter(counts).all(|seen| seen.capital == 0 || seen.capital == seen.tokens)
        && images.values().filter(counts).any(|seen| seen.capital > 0)
        && images.values().filter(counts).any(|seen| seen.capital == 0);
    let one_each = by_article.values().all(|&images| images == 1) && by_article.len() > 1;
    let choice = |seen: &Seen| match (by_case, one_each) {
        (true, _) if seen.capital > 0 => Choice::Case,
        (true, _) => Choice::Always,
        (_, true) => Choice::Article,
        _ => Choice::Place,
    };
    images.values().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::align::Alignment;

    fn learn(pairs: &[(&str, &str)]) -> Profile {
        let mut forms = Forms::default();
        let sides: Vec<Sides> = pairs
            .iter()
            .map(|(garbled, plain)| {
                let (garbled, plain) = (forms.row(garbled), forms.row(plain));
                Sides::of(&garbled, &plain, &Alignment::new(&garbled, &plain, &forms))
            })
            .collect();
        table("x", &sides.iter().collect::<Vec<_>>(), &forms).profile
    }

    fn rows(profile: &Profile) -> Vec<String> {
        profile
            .to_string()
            .lines()
            .filter(|line| line.contains("\taligned\t") && !line.starts_with("plain"))
            .map(|line| line.replace('\t', " "))
            .collect()
    }

    const PLAIN: &str = "The staff of the Otley library will meet on Monday, and the mayor said that Mr Hill will be in town with a new plan for the new year. \
                         On Friday the Otley staff had been told that they can leave in the new year, or in May.";

    #[test]
    fn pairs_phrases_and_touch_are_read_off() {
        let garbled = "The unit of the Otley library volition meet connected Monday, and the mayor said that Mr Hill volition beryllium successful town with a caller plan for the caller solar year. \
                       On Friday the Otley unit had been told that they tin leave successful the caller solar year, oregon successful May.";
        let profile = learn(&[(garbled, PLAIN)]);
        assert_eq!(profile.touch, TouchRule::BARE);
        let pairs: Vec<&str> = profile.pairs().iter().map(|pair| pair.cipher.as_str()).collect();
        assert_eq!(pairs, ["beryllium", "tin", "successful", "caller", "connected", "oregon", "unit", "volition", "solar year"]);
        assert!(profile.pairs().iter().all(|pair| pair.confidence > 0.8 && !profile.is_weak(pair)), "{}", profile);
        assert_eq!(profile.support(&profile.images("in")[0]).map(|support| support.aligned), Some(3));
    }

    #[test]
    fn what_varies_is_kept_as_it_varies() {
        let with = |will: &str, staff: &str, on: &str| {
            let text = PLAIN.replace("will", will).replace("staff", staff);
            text.replace(" on ", " connected ").replace("On ", on)
        };
        let profile = learn(&[(&with("volition", "unit", "Along "), PLAIN), (&with("bequeath", "unit", "Along "), PLAIN)]);
        let rows = rows(&profile);
        let choice = |row: &str| {
            rows.iter().find(|found| found.starts_with(row)).and_then(|found| found.split(' ').rev().nth(1)).unwrap().to_owned()
        };
        assert_eq!((choice("will volition"), choice("will bequeath")), ("article".to_owned(), "article".to_owned()));
        assert_eq!((choice("on connected"), choice("on along")), ("always".to_owned(), "case".to_owned()));
        assert_eq!(choice("staff unit"), "always");
        assert_eq!(profile.touch.to_string(), "lower-bare title-bare");
    }

    #[test]
    fn what_only_stays_is_put_down_as_staying() {
        let garbled = PLAIN.replace("will", "volition").replace(" in ", " successful ");
        let profile = learn(&[(&garbled, PLAIN)]);
        // "otley" is touched in no shape, "staff" stayed twice
        assert_eq!(["staff", "will", "in", "otley", "volition"].map(|word| profile.stays(word)), [2, 0, 0, 0, 0]);
        // a spinner that leaves every second word alone: to stay once or twice says nothing
        let half = PLAIN.replacen("will", "volition", 1).replacen(" in ", " successful ", 2);
        assert_eq!(learn(&[(&half, PLAIN)]).stays("staff"), 0);
    }

    #[test]
    fn an_editors_change_is_weak_and_a_spelling_is_none() {
        let garbled = PLAIN.replacen("staff", "people", 1).replacen("Otley", "Otleye", 1).replace(" in ", " successful ");
        let rows = rows(&learn(&[(&garbled, PLAIN), (&PLAIN.replace(" in ", " successful "), PLAIN)]));
        assert!(rows.iter().any(|row| row.starts_with("staff people") && row.ends_with("weak")), "{rows:?}");
        assert!(rows.iter().all(|row| row.ends_with("weak") != row.starts_with("in successful")), "{rows:?}");
    }
}
