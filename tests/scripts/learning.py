#!/usr/bin/env python3
"""What `unspin learn` makes of a site that nobody has listed, measured on any folder of clean articles.

usage: learning.py UNSPIN TEXTS [--seeds N [N...]] [--jobs N]

TEXTS holds clean articles (.txt), 550 or more for the sizes named below, and less of each if there are fewer; a hash of its name says what an article is for.
50 are pairs to learn from and 50 others are restored; 150 are learned from and restored with 300 others as clean articles, none of them an
original. The ciphers are made-up ones of `unspin eval --spin-with random:SEED`; that of the pairs also touches capitals and words with punctuation. Same program, same
texts, same figures. Texts that the language model was made of give figures that are too kind.
"""
import argparse
import os
import re
import tempfile
import time

from accuracy import number, shares, table
from accuracy_bench import Bench, check, read, texts_of
from accuracy_words import chance, total

WIDE = "lower-bare lower-punctuated title-bare title-punctuated"
SIZES = {"pairs": 50, "others": 50, "garbled": 150, "clean": 300}


def parts(folder):
    """The articles of the folder by what they are for."""
    texts = {}
    for place, _, names in os.walk(folder):
        for name in (name for name in names if name.endswith(".txt")):
            path = os.path.join(place, name)
            texts[os.path.relpath(path, folder).replace(os.sep, "-")] = read(path)
    names = sorted(texts, key=lambda name: (chance(name), name))
    check(len(names) >= 22, f"{folder} holds {len(names)} texts; 22 are the fewest of which anything could be learned")
    share, found = min(1.0, len(names) / sum(SIZES.values())), {}
    for what, size in SIZES.items():
        found[what], names = names[: int(size * share)], names[int(size * share) :]
    return {what: {name: texts[name] for name in own} for what, own in found.items()}


def wide(bench, texts, seed):
    """A made-up cipher that touches capitals and words with punctuation too."""
    _, cipher = bench.spun(texts, f"random:{seed}")
    return bench.file(f"wide-{seed}.tsv", re.sub(r"(?m)^# touch: .*$", f"# touch: {WIDE}", read(cipher)))


def learned(bench, garbled, clean):
    """The profile that is learned, as a file, and the seconds it took."""
    begin = time.monotonic()
    return bench.learned(garbled, clean, "--base", "none"), time.monotonic() - begin


def row(bench, what, seed, garbled, originals, profile, seconds):
    count = total(garbled, originals, texts_of(bench.restored(garbled, "--profile", profile)))
    return [what, str(seed), str(len(garbled)), number(count["swapped"]), *shares(count), f"{seconds:.0f} s"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("unspin")
    parser.add_argument("texts")
    parser.add_argument("--seeds", type=int, nargs="+", default=[501, 502])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench, sets, rows = Bench(os.path.abspath(options.unspin), options.jobs, folder), parts(options.texts), []
        for seed in options.seeds:
            for what, cipher in [("bare words", f"random:{seed}"), ("capitals and punctuation too", wide(bench, sets["pairs"], seed))]:
                # one table for both halves: a made-up cipher lists all words that it could meet
                both, _ = bench.spun({**sets["pairs"], **sets["others"]}, cipher)
                pairs, others = ({name: both[name] for name in sets[half]} for half in ("pairs", "others"))
                profile, seconds = learned(bench, pairs, sets["pairs"])
                rows.append(row(bench, f"{len(pairs)} pairs, {what}", seed, others, sets["others"], profile, seconds))
        for seed in options.seeds:
            garbled, _ = bench.spun(sets["garbled"], f"random:{seed}")
            profile, seconds = learned(bench, garbled, sets["clean"])
            rows.append(row(bench, f"garbled texts, {len(sets['clean'])} clean others", seed, garbled, sets["garbled"], profile, seconds))
        heads = ["learned from", "cipher", "restored texts", "swapped words", "restored", "wrong", "undecided", "damaged", "learned in"]
        print(table(heads, rows), end="")


if __name__ == "__main__":
    main()
