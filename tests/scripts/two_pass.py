#!/usr/bin/env python3
"""How well `unspin learn` reads a spinner that works in two passes and chooses among synonyms anew for each article.

usage: two_pass.py UNSPIN [--jobs N]

Made of the articles of corpus/cases: those of the half `test` are spun, the others are the clean articles. Function words have one image each on the whole
site, and "the" becomes a plural noun. Of all other words half have one image on the site, half another one in each article. Half of the images are
then looked up again, in the list of the site or of the article, and swapped once more. The lists are made-up ciphers of `unspin eval --spin-with
random:SEED`. Same program, same figures.
"""
import argparse
import os
import re
import tempfile

from accuracy import PRESETS, number, shares, table
from accuracy_bench import HEAD, ROOT, Bench, read, texts_of
from accuracy_words import chance, total


def images(bench, originals, seed):
    """The list of a made-up spinner: plain word to image."""
    _, key = bench.spun(originals, f"random:{seed}")
    return {plain: cipher for cipher, plains in bench.pairs(key).items() for plain in plains}


def even(word):
    """Whether a word is in one half of all words."""
    return chance(word) < 0.5


def of_article(site, article, second, closed):
    """What the spinner makes of each word in one article."""
    found = {}
    for plain in sorted(set(site) | set(article)):
        first = (site if plain in closed or even(plain) else article).get(plain)
        if first is None:
            continue
        again = (site if even(first) else second).get(first) if plain not in closed and even(first + "/2") else None
        found[plain] = again or first
    found["the"] = "conditions"
    return {plain: image for plain, image in found.items() if image != plain}


def spun(bench, originals):
    """The articles as this spinner makes them."""
    closed = set(re.findall(r'"([a-z\']+)"', read(os.path.join(ROOT, "src", "lexicon", "closed.rs"))))
    site, garbled = images(bench, originals, 900), {}
    for index, (name, text) in enumerate(originals.items()):
        found = of_article(site, images(bench, originals, 1000 + index), images(bench, originals, 2000 + index), closed)
        rows = sorted(found.items(), key=lambda row: row[0].encode())
        path = bench.file("article.tsv", HEAD + "".join(f"{plain}\t{image}\t1\t1.00\tsynthetic\n" for plain, image in rows))
        garbled.update(bench.spun({name: text}, path)[0])
    return garbled


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("unspin")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(options.unspin), options.jobs, folder)
        originals = {name: text for name, text in bench.originals.items() if name in bench.held_out}
        clean = {name: text for name, text in bench.originals.items() if name not in bench.held_out}
        garbled = spun(bench, originals)
        site = bench.learned(garbled, clean, "--base", "none")
        rows = []
        for what, profile, preset in [("nothing learned", "none", "balanced"), *(("learned", site, preset) for preset in PRESETS)]:
            count = total(garbled, originals, texts_of(bench.restored(garbled, "--profile", profile, "--preset", preset)))
            rows.append([what, preset, len(garbled), number(count["swapped"]), *shares(count)])
        print(table(["profile", "preset", "articles", "swapped words", "restored", "wrong", "undecided", "damaged"], rows), end="")


if __name__ == "__main__":
    main()
