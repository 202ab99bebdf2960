#!/usr/bin/env python3
"""How well `unspin learn` reads a spinner that works in two passes and chooses among synonyms anew for each article.

usage: two_pass.py UNSPIN

Made of the articles of corpus/cases: every other one is spun, the rest are the clean articles. Function words have one image each on the whole site, and "the"
becomes a plural noun. Of all other words half have one image on the site, half another one in each article. Half of the images are then looked up
again, in the list of the site or of the article, and swapped once more. The lists are made-up ciphers of `unspin eval --spin-with random:SEED`.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from accuracy_words import chance

ROOT = Path(__file__).resolve().parents[2]
HEAD = "# unspin profile 1\n# name: two-pass\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource\n"


def spin(unspin, originals, cipher, spun):
    subprocess.run([unspin, "eval", "--original", originals, "--spin-with", cipher, "--keep", spun, "--profile", "none"], check=True, capture_output=True)


def cipher(unspin, originals, seed, folder):
    """The list of a made-up spinner: plain word to image."""
    spin(unspin, originals, f"random:{seed}", folder)
    lines = (folder / "cipher.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith(("#", "plain\t"))]
    return {row[0]: row[1] for row in rows}


def even(word):
    """Whether a word is in one half of all words; the same on every machine."""
    return chance(word) < 0.5


def of_article(site, article, second, closed):
    """What the spinner makes of each word in one article."""
    images = {}
    for plain in sorted(set(site) | set(article)):
        first = (site if plain in closed or even(plain) else article).get(plain)
        if first is None:
            continue
        again = (site if even(first) else second).get(first) if plain not in closed and even(first + "/2") else None
        images[plain] = again or first
    images["the"] = "conditions"
    return {plain: image for plain, image in images.items() if image != plain}


def main():
    unspin = str(Path(sys.argv[1]).resolve())
    closed = set(re.findall(r'"([a-z\']+)"', (ROOT / "src/lexicon/closed.rs").read_text()))
    articles = sorted(path for path in ROOT.glob("corpus/cases/*/*/original.txt"))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in ("original", "garbled", "clean", "one"):
            (folder / name).mkdir()
        for number, path in enumerate(articles):
            (folder / ("original", "clean")[number % 2] / f"{path.parent.name}.txt").write_text(path.read_text())
        originals = sorted((folder / "original").iterdir())
        site = cipher(unspin, folder / "original", 900, folder / "lists")
        for number, path in enumerate(originals):
            lists = [cipher(unspin, folder / "original", seed + number, folder / "lists") for seed in (1000, 2000)]
            images = of_article(site, *lists, closed)
            rows = sorted(images.items(), key=lambda row: row[0].encode())
            (folder / "list.tsv").write_text(HEAD + "".join(f"{plain}\t{image}\t1\t1.00\tsynthetic\n" for plain, image in rows))
            (folder / "one" / path.name).write_text(path.read_text())
            spin(unspin, folder / "one", folder / "list.tsv", folder / "garbled")
            (folder / "one" / path.name).unlink()
        (folder / "garbled" / "cipher.tsv").unlink(missing_ok=True)
        learn = [unspin, "learn", "--garbled", folder / "garbled", "--clean", folder / "clean", "--base", "none", "--output", folder / "site.tsv"]
        subprocess.run(learn, check=True, capture_output=True)
        print("| profile | preset | swapped words | restored | wrong | undecided | damaged |\n| --- | --- | --- | --- | --- | --- | --- |")
        for profile, preset in [("none", "balanced"), ("site.tsv", "precision"), ("site.tsv", "balanced"), ("site.tsv", "recall")]:
            named = folder / profile if profile != "none" else "none"
            command = [unspin, "eval", "--garbled", folder / "garbled", "--original", folder / "original", "--profile", named]
            out = subprocess.run([*command, "--preset", preset, "--format", "json"], check=True, capture_output=True, text=True).stdout
            total = json.loads(out)["total"]
            shares = [f"{100 * total[of] / total['swapped']:.1f} %" for of in ("restored", "wrong", "undecided")]
            name = "nothing learned" if profile == "none" else "learned"
            print("|", " | ".join([name, preset, f"{total['swapped']:,}", *shares, f"{100 * total['damaged'] / total['kept']:.2f} %"]), "|")


if __name__ == "__main__":
    main()
