#!/usr/bin/env python3
"""How much comes back, by cipher, rate and length, against simple methods; and what a confidence is worth.

usage: accuracy.py UNSPIN [--part PART]... [--jobs N] [--write]     parts: cipher rate length methods list confidence (all)

Prints Markdown. With --write, it goes into docs/ACCURACY.md between its two marks, and the diagram becomes docs/reliability.svg. Needs only
what is in the repository: the 48 articles of corpus/cases, garbled anew. The package symspellpy, if it is there, adds a row. Same
program, same figures: but for the line with the day and the machine, the output is the same every time. Exit code 1 if anything is wrong.
"""

import argparse
import datetime
import json
import os
import re
import sys
import tempfile

import accuracy_diagram
import accuracy_rivals
from accuracy_bench import FAMILY, ROOT, Bench, Wrong, check, read, texts_of
from accuracy_words import beside, cut, thinned, total, words

PAGE, DIAGRAM = os.path.join(ROOT, "docs", "ACCURACY.md"), os.path.join(ROOT, "docs", "reliability.svg")
MARKS = ("<!-- accuracy.py: begin -->", "<!-- accuracy.py: end -->")
PRESETS = ("precision", "balanced", "recall")
# the seed of the one made-up cipher that is learned; the others are numbered from 1
LEARNED_SEED = 100
# articles that are joined, one cipher a row, and cut again
JOINED = 5
BINS = 10


def number(count):
    return f"{count:,}"


def percent(part, whole, digits=1):
    return f"{100 * part / whole:.{digits}f} %" if whole else "-"


def shares(count):
    """Restored, wrong, undecided and damaged, as cells."""
    return [percent(count[key], count["swapped"]) for key in ("restored", "wrong", "undecided")] + [percent(count["damaged"], count["kept"], 2)]


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def cipher(bench):
    """What is known of the cipher, at each preset."""
    originals, family, unknown = bench.originals, bench.family(), bench.unknown()
    # what this script counts is what the program counts
    told = json.loads(bench.run("eval", "--garbled", bench.write(family), "--original", bench.write(originals), "--format", "json",
                                "--jobs", str(bench.jobs)))["total"]
    ours = total(family, originals, texts_of(bench.restored(family)))
    check(all(told[key] == ours[key] for key in ("words", "swapped", "restored", "wrong", "undecided", "kept", "damaged")),
          f"eval counts {told}, this script {dict(ours)}")

    rows = []

    def add(what, garbled, restore):
        for preset in PRESETS:
            options = () if preset == "balanced" else ("--preset", preset)
            count = total(garbled, originals, texts_of(restore(garbled, *options)))
            rows.append([what, preset, len(garbled), number(count["swapped"]), *shares(count)])
            what = ""

    add("the family: its list is shipped", family, bench.restored)
    add("the family, nine tenths of its plain words listed", family, lambda garbled, *options: bench.in_turn(garbled, 10, *options))
    add("the family, half of its plain words listed", family, lambda garbled, *options: bench.in_turn(garbled, 2, *options))
    add("nothing, each article behind a made-up cipher of its own", unknown, bench.restored)
    add("nothing, the same, and ciphers that swap \"the\", \"from\", \"which\" too", bench.apart(originals, "any-word"), bench.restored)

    lessons = {name: text for name, text in originals.items() if name not in bench.held_out}
    garbled, key = bench.spun(originals, f"random:{LEARNED_SEED}")
    learned = bench.learned({name: garbled[name] for name in lessons}, lessons)
    exam = {name: text for name, text in garbled.items() if name in bench.held_out}
    add("nothing, all behind one made-up cipher", exam, bench.restored)
    add(f"that cipher, learned from {len(lessons)} other articles and their originals", exam,
        lambda garbled, *options: bench.restored(garbled, "--profile", learned, *options))
    add("that cipher, given as a list", exam, lambda garbled, *options: bench.restored(garbled, "--profile", key, *options))

    return f"""### What is known of the cipher

{table(["known of the cipher", "preset", "articles", "swapped words", "restored", "wrong", "undecided", "damaged"], rows)}
Where a part of the list is missing, each article lacks another part in turn. The last three groups are the articles of the half `test`; what is
learned is learned from the other half. Articles of the family are garbled with the list itself: these figures say how well context
chooses among listed words, not how complete the list is.
"""


def rate(bench):
    """How many of the words are swapped."""
    originals, rows = bench.originals, []
    for what, garbled in ((f"`{FAMILY}`, shipped", bench.family()), ("unknown, one an article", bench.unknown())):
        full = total(garbled, originals, garbled)
        most = full["swapped"] / full["words"]
        for share in (0.0, 0.05, 0.1, 0.2, 0.3, 1.0):
            if share < 1 and share > most:
                rows.append([what, percent(share, 1, 0), "-", "-", "-", "-", "-", "-"])
                continue
            texts = garbled if share == 1 else {name: thinned(name, originals[name], text, share) for name, text in garbled.items()}
            records = bench.restored(texts)
            count = total(texts, originals, texts_of(records))
            called = sum(record["verdict"] == "spun" for record in records.values())
            label = f"all it lists ({percent(most, 1, 0)})" if share == 1 else percent(share, 1, 0)
            rows.append([what, label, percent(called, len(records), 0), number(count["swapped"]), *shares(count)])
    clean = {}
    place = os.path.join(ROOT, "corpus", "cases", "clean")
    for case in sorted(os.listdir(place)):
        clean[case + ".txt"] = read(os.path.join(place, case, "clean.txt"))
    records = bench.restored(clean)
    changed = sum(record["text"] != clean[name] for name, record in records.items())
    called = sum(record["verdict"] == "spun" for record in records.values())
    return f"""### How many words are swapped

A spinner that lists fewer words swaps fewer, and each of them everywhere. So the originals of whole types of words, drawn by a hash, are put
back in each article until the share of swapped words is the one named. At 0 % the articles are clean. A row of dashes: the list does not
swap that many words.

{table(["cipher", "words swapped", "articles called spun", "swapped words", "restored", "wrong", "undecided", "damaged"], rows)}
Of the {len(clean)} clean texts of `corpus/cases/clean`, chosen to be mistaken for spun ones, {called} are called spun and {changed} are changed.
"""


def length(bench):
    """How long the text is."""
    rows, names = [], list(bench.originals)
    groups = [names[at:at + JOINED] for at in range(0, len(names), JOINED)]

    def joined(texts, group):
        return "\n\n".join(texts[name].strip() for name in group) + "\n"

    plain = {f"{index}.txt": joined(bench.originals, group) for index, group in enumerate(groups)}
    family = {f"{index}.txt": joined(bench.family(), group) for index, group in enumerate(groups)}
    unknown = bench.apart(plain)
    for what, garbled in ((f"`{FAMILY}`, shipped", family), ("unknown", unknown)):
        for size in (60, 200, 500, 1000):
            originals, texts = {}, {}
            for name in plain:
                for index, (original, text) in enumerate(cut(plain[name], garbled[name], size)):
                    originals[f"{index}-{name}"], texts[f"{index}-{name}"] = original, text
            records = bench.restored(texts)
            count = total(texts, originals, texts_of(records))
            called = sum(record["verdict"] == "spun" for record in records.values())
            mean = f"{round(count['words'] / len(texts)):,}" + (" (a paragraph)" if size == 60 else "")
            rows.append([what, mean, len(texts), percent(called, len(texts), 0), number(count["swapped"]), *shares(count)])
    return f"""### How long the text is

The same words in every row of a cipher: each {JOINED} articles are joined, garbled with one cipher, and cut at paragraph ends; each piece is
restored by itself.

{table(["cipher", "words a text", "texts", "called spun", "swapped words", "restored", "wrong", "undecided", "damaged"], rows)}"""


def methods(bench):
    """Simple methods on the same texts."""
    originals, family, unknown = bench.originals, bench.family(), bench.unknown()
    names = list(originals)
    whole = bench.pairs()
    halves = [bench.pairs(bench.lacking(part, 2)) for part in range(2)]
    counts = {name: accuracy_rivals.Counts(text for other, text in originals.items() if other != name) for name in names}

    def cells(count):
        restored, wrong, _, damaged = shares(count)
        return [restored, wrong, damaged]

    def row(what, restore):
        """`restore` takes texts, and a list for each of them (or None)."""
        lists = {name: whole for name in names}, {name: halves[index % 2] for index, name in enumerate(names)}
        sets = ((family, lists[0], "all"), (family, lists[1], "half"), (unknown, None, "none"))
        cell = []
        for garbled, lists_of, known in sets:
            found = restore(garbled, lists_of, known)
            cell += cells(total(garbled, originals, found)) if found else ["-"] * 3
        clean = restore(originals, lists[0], "all")
        count = total(originals, originals, clean)
        return [what, *cell, percent(count["damaged"], count["kept"], 2)]

    def with_list(choose):
        def restore(garbled, lists, _):
            return lists and {name: choose(text, lists[name], counts[name]) for name, text in garbled.items()}
        return restore

    def ours(garbled, _, known):
        return texts_of(bench.in_turn(garbled, 2) if known == "half" else bench.restored(garbled))

    rows = [row("the list, blindly: the surest plain word", with_list(accuracy_rivals.blindly)),
            row("the list, the most frequent plain word", with_list(accuracy_rivals.most_frequent)),
            row("the list and a bigram model", with_list(accuracy_rivals.by_bigrams))]
    note = "A spelling corrector finds hardly anything to correct: the words that a spinner puts in are spelt right."
    correct, version = accuracy_rivals.speller()
    if correct:
        rows.append(row(f"SymSpell (symspellpy {version})", lambda garbled, *_: {name: correct(text) for name, text in garbled.items()}))
    else:
        note = "SymSpell is left out: the Python package symspellpy was not there."
        print(note, file=sys.stderr)
    rows.append(row("unspin", ours))
    size = round(len(words(" ".join(originals.values()))) * (len(names) - 1) / len(names), -3)
    head = ["method"] + [f"{known}: {what}" for known in ("listed", "half listed", "unknown") for what in ("restored", "wrong", "damaged")]
    return f"""### Against simple methods

The same {len(names)} articles, the same list, preset `balanced`. The last column is the share of words that the method changes in the clean
originals, given the whole list.

{table([*head, "clean: changed"], rows)}
Frequencies and bigrams (absolute discounting, back-off to single words, the confidences of the list as the channel, the best path) are
counted, for each article, on the {len(names) - 1} other originals: about {size:,.0f} words, which is little; a larger text would help both.
{note}
"""


def list_(bench):
    """What the shipped list brings."""
    originals, family = bench.originals, bench.family()
    columns = bench.list.index("plain\t")
    head, rows = bench.list[:columns], bench.list[columns:].splitlines()

    def only(*sources):
        kept = [row for row in rows[1:] if row.split("\t")[4] in sources]
        return len(kept), bench.file(f"only-{'-'.join(sources)}.tsv", head + "\n".join([rows[0], *kept, ""]))

    cells = []
    ways = [
        ("none (`--profile none`): thesaurus, language model and the article itself", (0, "none")),
        ("pairs read off spun pages (`observed`)", only("observed")),
        ("also those that two lists agree on (`agreed`)", only("observed", "agreed")),
        ("all that is shipped", (len(rows) - 1, "auto")),
    ]
    for what, (size, profile) in ways:
        options = () if profile == "auto" else ("--profile", profile)
        records = bench.restored(family, *options)
        count = total(family, originals, texts_of(records))
        called = sum(record["verdict"] == "spun" for record in records.values())
        cells.append([what, number(size), percent(called, len(records), 0), number(count["swapped"]), *shares(count)])
    return f"""### What the list brings

The articles of `{FAMILY}` again, preset `balanced`, with less of its list. The model, the thesaurus and the parts of the decoder cannot be
switched off from outside, so they are not in this table.

{table(["list", "pairs", "articles called spun", "swapped words", "restored", "wrong", "undecided", "damaged"], cells)}"""


def proposals(record, garbled, original):
    """For each place that the program holds to be swapped: the confidence of its best other reading, and whether that is right."""
    data = garbled.encode()
    before, truths = words(original), beside(words(garbled), words(original))
    starts, ends = [], []
    for found in re.finditer(r"\S+", garbled):
        starts.append(len(garbled[:found.start()].encode()))
        ends.append(len(garbled[:found.end()].encode()))
    check(len(starts) == len(truths), "words are cut otherwise")
    places = [(edit["start"], edit["end"], edit["to"], edit["confidence"]) for edit in record["edits"]]
    for place in record["undecided"]:
        others = [reading for reading in place["alternatives"] if reading["text"].lower() != place["text"].lower()]
        if others:
            places.append((place["start"], place["end"], others[0]["text"], others[0]["confidence"]))
    out = []
    for start, end, text, confidence in sorted(places):
        first = next(index for index in range(len(ends)) if ends[index] > start)
        last = next(index for index in range(len(ends)) if ends[index] >= end)
        found = (data[starts[first]:start] + text.encode() + data[end:ends[last]]).decode()
        truth = before[truths[first][0]:truths[last][1]]
        out.append((confidence, words(found) == truth))
    return out


class Bin:
    def __init__(self):
        self.places, self.confidence, self.right = 0, 0.0, 0


def bins(found):
    rows = [Bin() for _ in range(BINS)]
    for confidence, right in found:
        row = rows[min(int(confidence * BINS), BINS - 1)]
        row.places, row.confidence, row.right = row.places + 1, row.confidence + confidence, row.right + right
    return rows


def expected_error(rows):
    """Expected calibration error: the distance of share right and mean confidence of each bin, by its number of places."""
    whole = sum(row.places for row in rows)
    return sum(abs(row.right - row.confidence) for row in rows) / max(whole, 1)


def confidence(bench):
    """What a confidence is worth, on the articles held out."""
    options = ("--preset", "recall", "--min-confidence", "0")
    held = {name: text for name, text in bench.originals.items() if name in bench.held_out}
    family = {name: bench.family()[name] for name in held}
    unknown = {name: bench.unknown()[name] for name in held}
    sets = [("family listed", family, bench.restored(family, *options)), ("half of it listed", family, bench.in_turn(family, 2, *options)),
            ("unknown cipher", unknown, bench.restored(unknown, *options))]
    named = []
    for what, garbled, records in sets:
        found = [pair for name in held for pair in proposals(records[name], garbled[name], held[name])]
        check(found, f"{what}: no place is held to be swapped")
        named.append((what, bins(found)))
    rows = []
    for index in range(BINS):
        row = [f"{index / BINS:.1f} to {(index + 1) / BINS:.1f}"]
        for _, found in named:
            one = found[index]
            row += [number(one.places), f"{one.confidence / one.places:.3f}", f"{one.right / one.places:.3f}"] if one.places else ["0", "-", "-"]
        rows.append(row)
    rows.append(["all"] + [cell for _, found in named for cell in (
        number(sum(row.places for row in found)), f"{sum(row.confidence for row in found) / sum(row.places for row in found):.3f}",
        f"{sum(row.right for row in found) / sum(row.places for row in found):.3f}")])
    head = ["confidence"] + [f"{what}: {column}" for what, _ in named for column in ("places", "mean", "right")]
    errors = ", ".join(f"{expected_error(found):.3f} ({what})" for what, found in named)
    bench.diagram = accuracy_diagram.draw([(what, expected_error(found), found) for what, found in named])
    return f"""## Confidence

The confidence of an edit is how likely the program holds the new text to be the original's: of a hundred edits of confidence 0.8 about eighty
should be right. It is the posterior of that reading among all readings of the place, the word as it stands being one of them. (How likely
that one is decides too whether an edit is made; `--preset` sets how likely it may be.)

Measured on the {len(held)} articles of the half `test`. Counted are the places that are held to be swapped, edited or left as undecided, as
`--preset recall --min-confidence 0` shows them; what is judged is the best reading that is not the word itself.

{table(head, rows)}
Expected calibration error (Naeini, Cooper and Hauskrecht 2015: the distance between mean confidence and share right in
each of {BINS} bins, weighted by their places): {errors}.

![Reliability diagram: share of right readings against confidence](reliability.svg)

Below the dashed line the program is surer than it should be, above it less sure.
"""


PARTS = {"cipher": cipher, "rate": rate, "length": length, "methods": methods, "list": list_, "confidence": confidence}


def machine():
    """The processor of this machine, in a few words."""
    told = {}
    if os.path.exists("/proc/cpuinfo"):
        for line in read("/proc/cpuinfo").splitlines():
            key, _, value = line.partition(":")
            told.setdefault(key.strip(), value.strip())
    name = told.get("model name", "unknown processor").replace("(R)", "").replace("(TM)", "")
    more = f" (family {told['cpu family']} model {told['model']})" if "cpu family" in told and "model" in told else ""
    return f"{os.cpu_count()}-core {name}{more}"


def heading(bench):
    """What is measured."""
    version = bench.run("--version").strip()
    found = re.search(r'path = "english.lm"\n.*\nsha256 = "([0-9a-f]{8})', read(os.path.join(ROOT, "dictionaries", "MANIFEST.toml")))
    check(found, "dictionaries/MANIFEST.toml does not name english.lm")
    size = len(words(" ".join(bench.originals.values())))
    return f"""## By cipher, rate and length

Made by `python3 tests/scripts/accuracy.py UNSPIN --write`, where UNSPIN is the program; everything from here to the diagram is its output.

Measured on {datetime.date.today()} with {version} (language model `{found[1]}…`) on a {machine()}.

The texts are the {len(bench.originals)} articles of `corpus/cases` ({size:,} words, written for this project, seen by no model), garbled anew with
`unspin eval --spin-with {FAMILY}`, or `random:SEED` for ciphers that nobody knows. *Restored*, *wrong* and *undecided* are shares of
the swapped words: the original's again (case ignored), changed to something else, left as they stood. *Damaged* is the share of all other
words that were changed. Where nothing else is said, the options are the defaults.
"""


def frame():
    """The page as it is, before and behind what is between the marks."""
    whole = read(PAGE)
    begin, end = whole.find(MARKS[0]), whole.find(MARKS[1])
    check(0 <= begin < end, f"{PAGE} has no lines {MARKS[0]} and {MARKS[1]}; put them where the tables belong")
    return whole[:begin], whole[end:]


def write(page):
    """Puts the page between the marks."""
    before, behind = frame()
    with open(PAGE, "w", encoding="utf-8", newline="") as file:
        file.write(f"{before}{MARKS[0]}\n{page}\n{behind}")


def main():
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unspin")
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.write and asked.part:
        parser.error("--write takes all parts")
    if not os.path.isfile(asked.unspin):
        parser.error(f"{asked.unspin} is not there; build it with `cargo build --release`")
    with tempfile.TemporaryDirectory(prefix="unspin-") as folder:
        try:
            bench = Bench(os.path.abspath(asked.unspin), asked.jobs, folder)
            if asked.write:
                # a page without marks is told of now, not in minutes
                frame()
            pieces = []
            for name, part in [("heading", heading), *((name, PARTS[name]) for name in asked.part or PARTS)]:
                print(f"{name}: {part.__doc__}", file=sys.stderr, flush=True)
                pieces.append(part(bench))
                print(pieces[-1], flush=True)
            if asked.write:
                write("\n".join(pieces))
                with open(DIAGRAM, "w", encoding="utf-8", newline="") as file:
                    file.write(bench.diagram)
        except Wrong as wrong:
            sys.exit(f"WRONG: {wrong}")


if __name__ == "__main__":
    main()
