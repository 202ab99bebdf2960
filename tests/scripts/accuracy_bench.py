"""The program on the bench: the articles, what spinners make of them, what the program makes of that.

In: the program and the corpus. Out: texts by name, and what `unspin restore` tells of each. Texts are in memory and go to a folder of
their own for each run; nothing is run twice.
"""

import collections
import concurrent.futures
import itertools
import json
import os
import re
import subprocess

from accuracy_words import chance

FAMILY = "beryllium"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAD = "# unspin profile 1\n# name: made-up\n# version: 1\n# touch: lower-bare\nplain\tcipher\tcount\tconfidence\tsource\n"
# stands for nothing in any text: garbling must be followed by a measurement, which this makes short
NOTHING = HEAD + "qqplain\tqqcipher\t1\t1\tsynthetic\n"


class Wrong(Exception):
    """Something is not as it must be."""


def check(condition, what):
    if not condition:
        raise Wrong(what)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


class Bench:
    """The program, the articles, and what was made of them so far."""

    def __init__(self, unspin, jobs, folder):
        self.unspin, self.jobs, self.folder = unspin, jobs, folder
        self.numbers, self.known = itertools.count(), {}
        self.nothing = self.file("nothing.tsv", NOTHING)
        self.originals, self.held_out = {}, set()
        for kind in ("in-the-wild-style", "synthetic"):
            place = os.path.join(ROOT, "corpus", "cases", kind)
            check(os.path.isdir(place), f"{place} is not there; run this script from a clone of the repository")
            for case in os.listdir(place):
                self.originals[case + ".txt"] = read(os.path.join(place, case, "original.txt"))
                if re.search(r'^split = "test"', read(os.path.join(place, case, "about.toml")), re.M):
                    self.held_out.add(case + ".txt")
        self.originals = dict(sorted(self.originals.items()))
        self.list = self.run("profile", "show", FAMILY, "--format", "tsv")

    def run(self, *arguments):
        """What the program prints."""
        done = subprocess.run([self.unspin, *arguments], capture_output=True, text=True, encoding="utf-8", cwd=self.folder)
        check(done.returncode == 0, f"unspin {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def write(self, texts):
        """A new folder with these texts."""
        folder = os.path.join(self.folder, str(next(self.numbers)))
        os.mkdir(folder)
        for name, text in texts.items():
            self.file(os.path.join(folder, name), text)
        return folder

    def once(self, key, make):
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def spun(self, texts, spinner):
        """What a spinner makes of the texts, and its cipher as a file."""
        folder = self.write({})
        self.run("eval", "--original", self.write(texts), "--spin-with", spinner, "--keep", folder, "--profile", self.nothing)
        return {name: read(os.path.join(folder, name)) for name in texts}, os.path.join(folder, "cipher.tsv")

    def learned(self, garbled, clean, *options):
        """The profile that `unspin learn` makes of garbled texts and clean ones, as a file."""
        path = os.path.join(self.folder, f"learned-{next(self.numbers)}.tsv")
        self.run("learn", "--garbled", self.write(garbled), "--clean", self.write(clean), "--jobs", str(self.jobs), "--output", path, *options)
        return path

    def family(self):
        """The articles by the spinner that is shipped."""
        return self.once("family", lambda: self.spun(self.originals, FAMILY)[0])

    def unknown(self):
        """The articles, each behind a cipher of its own."""
        return self.once("unknown", lambda: self.apart(self.originals))

    def apart(self, texts, kind="random"):
        """The texts, each behind a made-up cipher of its own."""
        def spin(seed, name):
            return self.spun({name: texts[name]}, f"{kind}:{seed}")[0][name]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return dict(zip(texts, pool.map(spin, itertools.count(1), texts)))

    def restored(self, texts, *options):
        """What `unspin restore` says of each text."""
        def make():
            if not texts:
                return {}
            told = self.run("restore", self.write(texts), "--format", "json", "--no-config", "--jobs", str(self.jobs), *options)
            found = {os.path.basename(record["id"]): record for record in map(json.loads, told.splitlines())}
            check(found.keys() == texts.keys(), f"{len(found)} of {len(texts)} texts came back")
            return found
        return self.once((tuple(sorted(texts.items())), options), make)

    def in_turn(self, texts, parts, *options):
        """The same, with the shipped list less one in so many of its plain words: each text lacks another part."""
        found = {}
        for part in range(parts):
            share = {name: texts[name] for index, name in enumerate(self.originals) if index % parts == part and name in texts}
            found.update(self.restored(share, "--profile", self.lacking(part, parts), *options))
        return {name: found[name] for name in texts}

    def lacking(self, part, parts):
        """The shipped list without one part of its plain words, as a file."""
        def make():
            head, rows = self.list.split("\nplain\t", 1)
            columns, *rows = rows.splitlines()
            rows = [row for row in rows if int(chance(row.split("\t")[0]) * parts) != part]
            return self.file(f"without-{part}-of-{parts}.tsv", "\n".join([head, "plain\t" + columns, *rows, ""]))
        return self.once(("list", part, parts), make)

    def pairs(self, path=None):
        """Cipher word to its plain words and their confidences, of the shipped list or a file."""
        listed = collections.defaultdict(dict)
        for line in (read(path) if path else self.list).splitlines():
            if not line.startswith(("#", "plain\t")):
                plain, cipher, _, confidence = line.split("\t")[:4]
                listed[cipher][plain] = float(confidence)
        return listed


def texts_of(records):
    return {name: record["text"] for name, record in records.items()}
