//! A text to its restoration: detect, decode by the theory that explains it, read doubtful places again if there is who does, decide. Pure,
//! one thread, cannot fail.
//!
//! In: a text, loaded models, profiles. Out: a [`Restoration`]: verdict, plan, and what the paragraphs are held to be. A long text is
//! cut into sections that are decided one after the other, so memory is bounded for any input.

mod pieces;
mod reread;
mod risks;
mod shares;
mod survey;
mod theory;
mod touch;
mod verdict;

pub use reread::{Doubt, Reread};

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::pieces::{NEIGHBOURHOOD, SAMPLE, bytes_of, middle, sections, shift, widened};
use self::reread::reread;
use self::risks::{RERANKED, REREAD};
use self::shares::{is_spun, is_spun_paragraph, swap_probability, unlisted, used};
use self::theory::{Known, Theory};
use self::verdict::judgement;
use crate::decode::{Alternative, Cipher, DecodeOptions, Decoder, Decoding, Edit, Origin, Place, Plan, Reason, Trace, Undecided};
use crate::detect::{DetectOptions, Judgement, Sieve, Sifted, Suspect, Verdict};
use crate::lexicon::thesaurus::Thesaurus;
use crate::lexicon::{Profile, TouchRule};
use crate::lm::NgramModel;
use crate::text::{Byte, Segments, Setting, Span, Token, segments, tokenise};

/// Share of the allowed risk for a word of an unknown spinner with a mark beside it.
const MARKED_RISK: f32 = 0.5;
/// Of what is held to be swapped, the share that the profile does not list, from which on a text is decoded again as one of a spinner that is
/// known in part: it is below 0.01 where all pairs are listed, 0.03 to 0.15 where nine in ten are, mostly above 0.12 where half of them are.
const MANY_UNLISTED: f32 = 0.02;
/// The share that the profile does not list, of a text decoded so, from which on the spinner is another one, some of whose swaps the profile has by chance.
const MOSTLY_UNLISTED: f32 = 0.65;
/// Of the words that the profile lists, the share that is swapped, below which a text is decoded again as one in which a spinner swaps sparingly.
const MOSTLY_USED: f32 = 0.85;

/// Share of strangers from which on a text may be of a spinner that a profile knows in part: with fewer, texts that talk of what a profile lists (a chat
/// about beryllium) would be taken for such.
const MIXED: f32 = 0.055;

/// Most times that a restored text is looked at again, to find what can be told only now.
const PASSES: usize = 4;

/// How sure an edit must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Few wrong edits, more places left open.
    Precision,
    /// The default.
    #[default]
    Balanced,
    /// Few places left open, more wrong edits.
    Recall,
}

impl Preset {
    /// Least posterior probability of an edit, among the readings of a word that is not itself.
    #[must_use]
    pub fn min_confidence(self) -> f32 {
        match self {
            Self::Precision => 0.85,
            Self::Balanced => 0.30,
            Self::Recall => 0.20,
        }
    }

    /// Greatest posterior odds of a word as it stands against the reading that is put in its place: what harm is risked for a word restored. Of all rules with
    /// as much harm, this one restores most, if the posteriors are right (Neyman and Pearson 1933).
    #[must_use]
    pub fn max_odds(self) -> f32 {
        match self {
            Self::Precision => 0.045,
            Self::Balanced => 0.1,
            Self::Recall => 0.52,
        }
    }

    /// Whether the weak pairs of a profile are used.
    #[must_use]
    pub fn takes_weak_pairs(self) -> bool {
        self == Self::Recall
    }
}

/// Which spinner is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ProfileChoice {
    /// The profile that explains the text best; none of them if none does.
    #[default]
    Auto,
    /// The profile with this index.
    Fixed(usize),
    /// No profile: thesaurus and language model alone.
    None,
}

/// How texts are restored.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct RestoreOptions {
    /// Which spinner is looked for.
    pub profile: ProfileChoice,
    /// How sure an edit must be.
    pub preset: Preset,
    /// Overrides the preset's least posterior probability.
    pub min_confidence: Option<f32>,
    /// Overrides the preset's greatest odds of a word as it stands.
    pub max_odds: Option<f32>,
    /// Thresholds of the verdict.
    pub detect: DetectOptions,
    /// How the decoder works.
    pub decode: DecodeOptions,
}

/// What is held of one paragraph.
#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    /// Where it stands.
    pub span: Span<Byte>,
    /// Spun, clean or unsure.
    pub verdict: Verdict,
    /// Log likelihood ratio of cipher against plain English, in nats.
    pub ratio: f32,
}

impl Paragraph {
    /// Probability that it is spun: the ratio with the same slope as for documents.
    #[must_use]
    pub fn score(&self) -> f32 {
        1.0 / (1.0 + (-self.ratio / 4.0).exp())
    }
}

/// A text restored.
#[derive(Clone, Debug, PartialEq)]
pub struct Restoration {
    /// Of the document: spun if any section is.
    pub verdict: Verdict,
    /// Probability that it is spun.
    pub score: f32,
    /// Name of the profile that explains it; `None` if clean or of an unknown spinner.
    pub profile: Option<String>,
    /// Words, in the sense of the tokeniser.
    pub words: usize,
    /// Estimated number of swapped words.
    pub swapped: usize,
    /// Paragraphs that are not clean.
    pub paragraphs: Vec<Paragraph>,
    /// What is changed.
    pub plan: Plan,
}

impl Restoration {
    /// Of a clean text of so many words.
    fn clean(words: usize) -> Self {
        Self { verdict: Verdict::Clean, score: 0.0, profile: None, words, swapped: 0, paragraphs: Vec::new(), plan: Plan::default() }
    }

    /// Takes the next section of the text in.
    fn join(&mut self, part: Self) {
        self.words += part.words;
        self.swapped += part.swapped;
        self.score = self.score.max(part.score);
        self.verdict = match (self.verdict, part.verdict) {
            (Verdict::Spun, _) | (_, Verdict::Spun) => Verdict::Spun,
            (Verdict::Unsure, _) | (_, Verdict::Unsure) => Verdict::Unsure,
            _ => Verdict::Clean,
        };
        self.profile = self.profile.take().or(part.profile);
        self.paragraphs.extend(part.paragraphs);
        self.plan.edits.extend(part.plan.edits);
        self.plan.undecided.extend(part.plan.undecided);
    }
}

/// Loaded models and compiled profiles: restores any number of texts.
#[derive(Debug)]
pub struct Restorer<'a> {
    sieve: Sieve<'a>,
    known: Vec<Known<'a>>,
    unknown: Decoder<'a>,
    second: Option<&'a dyn Reread>,
    options: RestoreOptions,
}

impl<'a> Restorer<'a> {
    /// Compiles the profiles for a model.
    #[must_use]
    pub fn new(model: NgramModel<'a>, thesaurus: &'a Thesaurus<'a>, profiles: &'a [Profile], options: RestoreOptions) -> Self {
        let wanted = |index: usize| match options.profile {
            ProfileChoice::Auto => true,
            ProfileChoice::Fixed(only) => only == index,
            ProfileChoice::None => false,
        };
        let profiles: Vec<&Profile> = profiles.iter().enumerate().filter(|&(index, _)| wanted(index)).map(|(_, profile)| profile).collect();
        let known = profiles.iter().map(|&profile| Known::new(profile, model, thesaurus, options.decode)).collect();
        let unknown = Decoder::new(model, thesaurus, Cipher::unknown(TouchRule::BARE), options.decode);
        Self { sieve: Sieve::new(model, &profiles), known, unknown, second: None, options }
    }

    /// Has doubtful places read again, if there is who does, before it is decided on them.
    #[must_use]
    pub fn with_second(self, second: Option<&'a dyn Reread>) -> Self {
        Self { second, ..self }
    }

    /// Restores a text.
    #[must_use]
    pub fn restore(&self, text: &str) -> Restoration {
        self.restore_sparing(text, &|_| false)
    }

    /// Restores a text; the words that `spared` says yes to stay as they are. To restore the result changes nothing more.
    #[must_use]
    pub fn restore_sparing(&self, text: &str, spared: &dyn Fn(Span<Byte>) -> bool) -> Restoration {
        let mut whole = self.pass(text, spared);
        for _ in 0..PASSES {
            if whole.plan.edits.is_empty() {
                return whole;
            }
            let Ok(restored) = whole.plan.apply(text) else { break };
            let trace = Trace::of(&whole.plan);
            let again = self.pass(&restored, &|span| spared(trace.back(span))).plan;
            if again.edits.is_empty() {
                return whole;
            }
            whole.plan = whole.plan.then(again, text).unwrap_or_default();
        }
        // it goes round in circles, so nothing of it is sure
        let open = |edit: Edit| Undecided { span: edit.span, text: edit.from, alternatives: edit.alternatives };
        whole.plan.undecided.extend(std::mem::take(&mut whole.plan.edits).into_iter().map(open));
        whole.plan.undecided.sort_by_key(|open| open.span);
        whole
    }

    /// What one look at a text tells.
    fn pass(&self, text: &str, spared: &dyn Fn(Span<Byte>) -> bool) -> Restoration {
        let mut whole = Restoration::clean(0);
        for section in sections(text) {
            let Some(piece) = section.of(text) else { continue };
            whole.join(self.restore_section(piece, section.start, spared));
        }
        whole
    }

    fn restore_section(&self, text: &str, offset: usize, spared: &dyn Fn(Span<Byte>) -> bool) -> Restoration {
        let sifted = self.sift(text, offset, spared);
        let mut part = Restoration::clean(sifted.words);
        if sifted.known.is_none() && !sifted.unknown {
            return part;
        }
        let tokens = tokenise(text);
        let found = segments(text, &tokens);
        let mut score = 0.0f32;
        let judged = |theory: Theory<'_, 'a>, decoding: &Decoding| {
            judgement(decoding, &found, &theory.bars(self.options.detect.bar, sifted.strangers), &self.options.detect)
        };
        let decode = |theory: Theory<'_, 'a>| {
            let decoding = self.decoder(theory).decode(text, &tokens, &found, &|token| spared(shift(token.span(), offset)));
            let judgement = judged(theory, &decoding);
            (decoding, judgement)
        };
        let mut tried = self.theories(&sifted, text, offset, spared).map(|theory| {
            let (decoding, judgement) = decode(theory);
            score = score.max(judgement.probability);
            (theory, decoding, judgement)
        });
        // what one theory does not explain another may
        let explained = tried.find(|(theory, decoding, judgement)| {
            let foreign = matches!(theory, Theory::Partly(_)) && unlisted(&decoding.readings, |_| true) > MOSTLY_UNLISTED;
            judgement.verdict != Verdict::Clean && !foreign
        });
        part.score = score;
        let Some((theory, mut decoding, mut judgement)) = explained else { return part };
        let mut decoder = Cow::Borrowed(self.decoder(theory));
        if let (Theory::Known(known), Verdict::Spun) = (theory, judgement.verdict) {
            let spun = |place: &Place| is_spun(&judgement, &found, place);
            let other = match known {
                _ if known.profile.is_short() || unlisted(&decoding.readings, spun) > MANY_UNLISTED => Some(Theory::Partly(known)),
                _ if used(&decoding.readings, known.profile, spun) < MOSTLY_USED => Some(Theory::Sparing(known)),
                _ => None,
            };
            // a text that the other does not explain is left to the whole list and nothing else
            let again = other.map(|other| (other, decode(other))).filter(|(_, (_, judgement))| judgement.verdict == Verdict::Spun);
            if let Some((other, again)) = again {
                decoder = Cow::Borrowed(self.decoder(other));
                (decoding, judgement) = again;
            }
        }
        if let (Theory::Unknown, Verdict::Spun) = (theory, judgement.verdict)
            && let Some((rule, names)) = touch::beyond_bare(&decoding.readings, &judgement, text, &tokens, &found)
        {
            let frozen = |token: &Token| names.contains(&token.span().start) || spared(shift(token.span(), offset));
            let touching = self.unknown.touching(rule);
            let wider = touching.decode(text, &tokens, &found, &frozen);
            let again = judged(theory, &wider);
            if again.verdict == Verdict::Spun {
                decoder = Cow::Owned(touching);
                (decoding, judgement) = (wider, again);
            }
        }
        let profile = theory.profile();
        part.verdict = judgement.verdict;
        part.profile = profile.map(|profile| profile.name.clone());
        for ((span, verdict), evidence) in found.paragraphs.iter().zip(&judgement.paragraphs).zip(&decoding.paragraphs) {
            if let Some(bytes) = bytes_of(*span, &tokens).filter(|_| *verdict != Verdict::Clean) {
                part.paragraphs.push(Paragraph { span: shift(bytes, offset), verdict: *verdict, ratio: evidence.ratio });
            }
        }
        if judgement.verdict == Verdict::Spun {
            match self.second {
                Some(second) => reread(second, text, &tokens, &found, &mut decoding.readings, &judgement),
                None => decoder.weigh_again(&mut decoding, &|paragraph| is_spun_paragraph(&judgement, paragraph)),
            }
            self.decide(text, offset, &tokens, &found, &decoding, &judgement, profile, &mut part);
        }
        part
    }

    /// The decoder for a theory.
    fn decoder<'s>(&'s self, theory: Theory<'s, 'a>) -> &'s Decoder<'a> {
        match theory {
            Theory::Known(known) => &known.decoder,
            Theory::Sparing(known) => known.sparing(self.options.decode),
            Theory::Partly(known) => known.partly(self.options.decode),
            Theory::Unknown => &self.unknown,
        }
    }

    /// What makes a section suspicious.
    fn sift(&self, text: &str, offset: usize, spared: &dyn Fn(Span<Byte>) -> bool) -> Sifted {
        let sifted = self.sieve.sift(text);
        let known = sifted.known.filter(|suspect| self.stands(suspect, text, offset, spared));
        Sifted { known, ..sifted }
    }

    /// Whether the suspicion of a known spinner stands up to the decoder in the neighbourhood that gave rise to it. In a short text it is not
    /// looked into: the decoder will see the whole anyway.
    fn stands(&self, suspect: &Suspect, text: &str, offset: usize, spared: &dyn Fn(Span<Byte>) -> bool) -> bool {
        let near = widened(text, suspect.run, NEIGHBOURHOOD);
        if near.len() > text.len() / 4 {
            return true;
        }
        let (Some(piece), Some(known)) = (near.of(text), self.known.get(suspect.profile)) else { return false };
        let tokens = tokenise(piece);
        let found = segments(piece, &tokens);
        let frozen = |token: &Token| spared(shift(token.span(), offset + near.start));
        let decoding = known.decoder.decode(piece, &tokens, &found, &frozen);
        judgement(&decoding, &found, &Theory::Known(known).bars(self.options.detect.bar, 0.0), &self.options.detect).verdict
            != Verdict::Clean
    }

    /// Whether a spinner nobody knows explains some of the text better than plain English does.
    fn weighs(&self, text: &str, offset: usize, spared: &dyn Fn(Span<Byte>) -> bool) -> bool {
        let sample = widened(text, middle(text), SAMPLE / 2);
        let Some(piece) = sample.of(text) else { return true };
        let tokens = tokenise(piece);
        let found = segments(piece, &tokens);
        let frozen = |token: &Token| spared(shift(token.span(), offset + sample.start));
        self.unknown.is_promising(piece, &tokens, &found, &frozen)
    }

    /// What may explain a section, in the order of trial; a spinner that nobody knows is weighed only when its turn comes.
    fn theories<'s>(
        &'s self,
        sifted: &Sifted,
        text: &'s str,
        offset: usize,
        spared: &'s dyn Fn(Span<Byte>) -> bool,
    ) -> impl Iterator<Item = Theory<'s, 'a>> + use<'a, 's> {
        let known = sifted.known.and_then(|suspect| self.known.get(suspect.profile));
        let sparing = known.map(Theory::Sparing);
        let partly = known.filter(|_| sifted.strangers > MIXED).map(Theory::Partly);
        let unknown = (sifted.unknown && !matches!(self.options.profile, ProfileChoice::Fixed(_))).then_some(Theory::Unknown);
        let weighed = unknown.into_iter().filter(move |_| self.weighs(text, offset, spared));
        known.map(Theory::Known).into_iter().chain(sparing).chain(partly).chain(weighed)
    }

    #[expect(clippy::too_many_arguments, reason = "the last step of one section, with all that came before")]
    fn decide(
        &self,
        text: &str,
        offset: usize,
        tokens: &[Token],
        found: &Segments,
        decoding: &Decoding,
        judgement: &Judgement,
        profile: Option<&Profile>,
        part: &mut Restoration,
    ) {
        let threshold = self.options.min_confidence.unwrap_or(self.options.preset.min_confidence());
        let risk = self.options.preset.max_odds();
        let risks = if self.second.is_some() { REREAD } else { RERANKED };
        let readings = &decoding.readings;
        let beyond = unlisted(readings, |place| is_spun(judgement, found, place));
        // what can be read in one way only stays
        let doubtful = |place: &&Place| readings.candidates(place).len() > 1 || place.tokens.len() > 1;
        let mut places: Vec<&Place> = readings.places.iter().filter(doubtful).collect();
        // phrases before the words inside them
        places.sort_by_key(|place| (place.tokens.start, std::cmp::Reverse(place.tokens.end)));
        let (mut behind, mut order) = (0, Vec::new());
        for place in places {
            if place.tokens.start < behind || !is_spun(judgement, found, place) {
                continue;
            }
            // what was read again by a second opinion is no longer what the reranker was trained on
            let posterior = if self.second.is_some() { readings.posterior(place).into() } else { decoding.posterior(place) };
            let candidates = readings.candidates(place);
            let share = |choice: usize| posterior.get(choice).copied().unwrap_or(0.0);
            order.clear();
            order.extend(0..candidates.len());
            order.sort_by(|&a, &b| share(b).total_cmp(&share(a)).then(a.cmp(&b)));
            let Some(&best) = order.iter().find(|&&choice| candidates[choice].origin != Origin::Identity) else { continue };
            let phrase = place.tokens.len() > 1;
            let swap = swap_probability(readings, place);
            part.swapped += usize::from(swap > 0.5);
            let Some((span, from)) = bytes_of(place.tokens, tokens).and_then(|span| span.of(text).map(|from| (span, from))) else {
                continue;
            };
            let alternatives = |taken: Option<usize>| {
                let others = order.iter().filter(|&&choice| share(choice) >= 0.01 && Some(choice) != taken).take(3);
                others.map(|&choice| Alternative { text: candidates[choice].text.clone(), confidence: share(choice) }).collect()
            };
            let listed = matches!(candidates[best].origin, Origin::Listed { .. });
            let identity = match phrase {
                // a phrase stands against the words inside it, which are not among its candidates
                true => 1.0 - swap,
                false => candidates.iter().zip(&*posterior).filter(|(c, _)| c.origin == Origin::Identity).map(|(_, p)| p).sum(),
            };
            let shape = tokens.get(place.tokens.start).and_then(Token::shape);
            // half of what stands around a word with a mark beside it tells nothing
            let marked = profile.is_none() && shape.is_some_and(|shape| shape.setting != Setting::Bare);
            let share_of_risk = if marked { MARKED_RISK } else { 1.0 };
            let allowed = self.options.max_odds.unwrap_or_else(|| share_of_risk * risks.of(risk, profile, listed, beyond));
            if share(best) >= threshold && identity <= allowed * share(best) {
                let to = shape.map_or_else(|| candidates[best].text.clone(), |shape| shape.case.carry(&candidates[best].text));
                let reason = reason(&candidates[best].origin, profile);
                part.plan.edits.push(Edit {
                    span: shift(span, offset),
                    from: from.to_owned(),
                    to,
                    reason,
                    confidence: share(best).min(1.0),
                    alternatives: alternatives(Some(best)),
                });
                behind = place.tokens.end;
            } else if swap > 0.5 && !phrase {
                part.plan.undecided.push(Undecided { span: shift(span, offset), text: from.to_owned(), alternatives: alternatives(None) });
            }
        }
    }
}

fn reason(origin: &Origin, profile: Option<&Profile>) -> Reason {
    match origin {
        Origin::Listed { confidence, source, .. } => {
            Reason::Listed { profile: profile.map_or_else(String::new, |p| p.name.clone()), confidence: *confidence, source: *source }
        }
        Origin::Related { relation, distance } => Reason::Related { relation: *relation, distance: *distance },
        Origin::Open | Origin::Frequent | Origin::Identity => Reason::Open,
    }
}
