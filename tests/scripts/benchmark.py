#!/usr/bin/env python3
"""What the program costs, whole processes on one text in one run, beside what one would use instead. Prints tables in Markdown.

usage: benchmark.py UNSPIN [--clean FOLDER] [--spun FOLDER] [--megabytes N] [--python PYTHON] [--runs N] [PART...]
parts: text forms growth start cores adversarial peers (all)

Without folders the texts are those of corpus/cases. `--python` is the interpreter of an environment with the peers (pip install codespell typos
ftfy symspellpy kenlm ahocorasick-rs); what is not installed is left out with a remark. Seconds are those of the processor, user and system,
the least of the runs, since others may use the machine; cores are measured by the clock. Peak memory is looked up every two
milliseconds (Linux); 0 is a process that was gone before. Nothing is left behind.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILE = ROOT / "dictionaries" / "profiles" / "beryllium.tsv"

# one line of Python a peer: reads the file in argv[1], does its work, writes what it has to the standard output
PEERS = {
    "ftfy": "import sys, ftfy\nfor line in open(sys.argv[1], encoding='utf-8'): sys.stdout.write(ftfy.fix_text(line))",
    "symspellpy, each word looked up": """
import sys, importlib.resources
from symspellpy import SymSpell, Verbosity
spell = SymSpell(2, 7)
with importlib.resources.as_file(importlib.resources.files('symspellpy') / 'frequency_dictionary_en_82_765.txt') as path:
    spell.load_dictionary(str(path), 0, 1)
for line in open(sys.argv[1], encoding='utf-8'):
    sys.stdout.write(' '.join((spell.lookup(w, Verbosity.TOP, 2) or [type('w', (), dict(term=w))])[0].term for w in line.split()) + '\\n')""",
    "KenLM, each line scored": """
import sys, kenlm
model = kenlm.Model(sys.argv[2])
print(sum(model.score(line) for line in open(sys.argv[1], encoding='utf-8')))""",
    "Aho-Corasick, the shipped list put back": """
import sys, re
from ahocorasick_rs import AhoCorasick, MatchKind
pairs = [line.split('\\t')[:2] for line in open(sys.argv[2], encoding='utf-8') if not line.startswith(('#', 'plain\\t'))]
back = {' ' + cipher + ' ': ' ' + plain + ' ' for plain, cipher in pairs}
words = list(back)
found = AhoCorasick(words, matchkind=MatchKind.LeftmostLongest)
for line in open(sys.argv[1], encoding='utf-8'):
    at = 0
    for which, start, end in found.find_matches_as_indexes(line):
        sys.stdout.write(line[at:start] + back[words[which]])
        at = end
    sys.stdout.write(line[at:])""",
}


class Run:
    """One program run: seconds of processor and clock, peak memory in MB."""

    def __init__(self, arguments, runs=1, **more):
        self.cpu = self.clock = float("inf")
        self.memory = 0.0
        for _ in range(runs):
            begun = time.monotonic()
            child = subprocess.Popen([str(argument) for argument in arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
            watch = threading.Thread(target=self.watch, args=(child.pid,))
            watch.start()
            errors = child.stderr.read()
            watch.join()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            # codespell and typos answer with a code if they find anything
            if child.returncode < 0 or b"Traceback" in errors or b"error:" in errors:
                raise RuntimeError(f"{arguments[0]} ended with {child.returncode}: {errors.decode(errors='replace').strip()[-300:]}")
            self.clock = min(self.clock, time.monotonic() - begun)
            self.cpu = min(self.cpu, usage.ru_utime + usage.ru_stime)

    def watch(self, pid):
        """Notes the high-water mark of a process while it runs: what `wait4` tells begins with the memory of this script."""
        while True:
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
            except OSError:
                return
            peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
            if not peak:
                return
            self.memory = max(self.memory, int(peak[0]) / 1024)
            time.sleep(0.002)


def table(title, head, rows):
    print(f"\n### {title}\n\n| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def rate(run, size, words):
    return f"{run.cpu:.2f}", f"{size / 1e6 / run.cpu:.2f}", f"{words / 1e6 / run.cpu:.3f}", f"{run.memory:.0f}"


HEAD = ["what", "s", "MB/s", "million words/s", "peak MB"]


class Bench:
    def __init__(self, options, folder):
        self.unspin, self.runs, self.python = options.unspin, options.runs, options.python
        self.folder, self.size = folder, int(options.megabytes * 1e6)
        self.clean = self.texts(options.clean, "cases/in-the-wild-style", "original.txt", "clean")
        self.spun = self.texts(options.spun, "cases/in-the-wild-style", "spun.txt", "spun")

    @staticmethod
    def texts(folder, default, pattern, what):
        folder = pathlib.Path(folder) if folder else ROOT / "corpus" / default
        found = [path.read_bytes() for path in sorted(folder.rglob(pattern if folder.is_relative_to(ROOT) else "*.txt"))]
        texts = [text for text in (raw.decode("utf-8", "ignore") for raw in found) if text.strip()]
        if not texts:
            sys.exit(f"no {what} texts in {folder}; name a folder of .txt files")
        return texts

    def joined(self, texts, size, name):
        """A file of about this size, of the texts in turn."""
        path = self.folder / name
        with open(path, "w", encoding="utf-8") as out:
            written = 0
            while written < size:
                for text in texts:
                    piece = text + "\n\n"
                    written += out.write(piece[: max(1, size - written)])
                    if written >= size:
                        break
        return path, path.stat().st_size, len(path.read_text(encoding="utf-8").split())

    def run(self, *arguments, runs=None):
        return Run(arguments, runs or self.runs)

    def text(self):
        clean, size, words = self.joined(self.clean, self.size, "clean.txt")
        spun, spun_size, spun_words = self.joined(self.spun, self.size // 20, "spun.txt")
        rows = [("`wc -w`, clean", *rate(self.run("wc", "-w", clean), size, words))]
        for what, arguments in (("detect", ["detect"]), ("restore", ["restore"])):
            run = self.run(self.unspin, *arguments, "--jobs", 1, clean)
            rows.append((f"`unspin {what}`, clean", *rate(run, size, words)))
        for what, arguments in (("detect", ["detect"]), ("restore", ["restore"])):
            run = self.run(self.unspin, *arguments, "--jobs", 1, spun, runs=1)
            rows.append((f"`unspin {what}`, spun", *rate(run, spun_size, spun_words)))
        table(f"One text, one core ({size / 1e6:.0f} MB clean, {spun_size / 1e6:.1f} MB spun)", HEAD, rows)

    def forms(self):
        many, lines = self.folder / "many", self.folder / "clean.jsonl"
        many.mkdir()
        size = words = 0
        with open(lines, "w", encoding="utf-8") as out:
            number = 0
            while size < self.size:
                for text in self.clean:
                    out.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
                    (many / f"{number:06}.txt").write_text(text, encoding="utf-8")
                    size, words, number = size + len(text.encode()), words + len(text.split()), number + 1
        rows = []
        files = sorted(many.iterdir())
        rows.append(("files, `wc -w`", *rate(self.run("wc", "-w", *files[:20000]), size, words)))
        rows.append(("files, `unspin detect`", *rate(self.run(self.unspin, "detect", "--jobs", 1, many), size, words)))
        rows.append(("JSON Lines, `wc -w`", *rate(self.run("wc", "-w", lines), size, words)))
        rows.append(("JSON Lines, `unspin detect`", *rate(self.run(self.unspin, "detect", "--jobs", 1, lines), size, words)))
        rows.append(("JSON Lines, `unspin restore`", *rate(self.run(self.unspin, "restore", "--jobs", 1, lines), size, words)))
        table(f"{number} clean documents, {size / 1e6:.0f} MB, one core", HEAD, rows)
        shutil.rmtree(many)

    def growth(self):
        rows = []
        for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 50_000_000):
            if size > self.size * 2:
                print(f"\n(growth stops at {self.size * 2 / 1e6:.0f} MB; more with --megabytes)")
                break
            clean, clean_size, words = self.joined(self.clean, size, "growth.txt")
            run = self.run(self.unspin, "detect", "--jobs", 1, clean)
            row = [f"{size / 1000:.0f} kB", f"{run.cpu:.3f}", f"{run.memory:.0f}"]
            if size <= self.size // 5:
                spun, *_ = self.joined(self.spun, size, "growth-spun.txt")
                run = self.run(self.unspin, "restore", "--jobs", 1, spun, runs=1)
                row += [f"{run.cpu:.3f}", f"{run.memory:.0f}"]
            else:
                row += ["", ""]
            rows.append(row)
        table("Growth with the length of one document", ["size", "detect, clean: s", "peak MB", "restore, spun: s", "peak MB"], rows)

    def start(self):
        small, *_ = self.joined(self.clean, 500, "small.txt")
        rows = []
        for arguments in (["--version"], ["detect", small], ["restore", small]):
            run = self.run(self.unspin, *arguments, runs=max(self.runs, 10))
            name = " ".join(str(argument) for argument in arguments).replace(str(small), "SMALL")
            rows.append((f"`unspin {name}`", f"{run.cpu * 1000:.0f}", f"{run.memory:.0f}"))
        run = self.run("wc", "-w", small, runs=max(self.runs, 10))
        rows.append(("`wc -w SMALL`", f"{run.cpu * 1000:.0f}", f"{run.memory:.0f}"))
        table("Start-up (500 bytes)", ["what", "ms", "peak MB"], rows)

    def cores(self):
        lines = self.folder / "cores.jsonl"
        random.seed(5)
        with open(lines, "w", encoding="utf-8") as out:
            size = 0
            while size < self.size // 4:
                text = random.choice(self.spun if random.random() < 0.02 else self.clean)
                size += out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        rows = []
        jobs = 1
        while jobs <= (os.cpu_count() or 1):
            run = self.run(self.unspin, "restore", "--jobs", jobs, lines)
            rows.append((jobs, f"{run.clock:.2f}", f"{size / 1e6 / run.clock:.2f}", f"{run.memory:.0f}"))
            jobs *= 2
        table(f"Cores (restore, JSON Lines, {size / 1e6:.0f} MB, 1 in 50 spun, by the clock)", ["threads", "s", "MB/s", "peak MB"], rows)

    def adversarial(self):
        size = self.size * 2
        words = "the council said that it would stop work on the road in the new year and be done with it ".encode()
        cases = {
            "one line": words * (size // len(words)),
            "one word without an end": b"x" * size,
            "words of one letter": b"a " * (size // 2),
            "one cipher word again and again": b"beryllium " * (size // 10),
            "cipher words, each on a line": b"beryllium\nsuccessful\nastatine\n" * (size // 30),
            "nested tags": b"<div>" * (size // 11) + b"</div>" * (size // 11),
            "open tags": b"<a href=\"" * (size // 9),
            "backticks": b"` `` ``` " * (size // 9),
            "apostrophes": b"a'b'c''d " * (size // 9),
            "letters beyond ASCII": "\u043d\u0435 \u4e2d\u6587 \u00e9t\u00e9 ".encode() * (size // 20),
        }
        rows = []
        for name, content in cases.items():
            seconds = []
            for part in (4, 2, 1):
                path = self.folder / "adversarial.txt"
                path.write_bytes(content[: len(content) // part].decode("utf-8", "ignore").encode())
                run = self.run(self.unspin, "restore", "--jobs", 1, path, runs=1)
                seconds.append(f"{run.cpu:.2f}")
            rows.append((name, *seconds, f"{run.memory:.0f}"))
        table(f"Adversarial ({size / 1e6:.0f} MB; linear is a doubling from column to column)",
              ["what", "a quarter: s", "half: s", "whole: s", "peak MB"], rows)

    def peers(self):
        clean, size, words = self.joined(self.clean, self.size // 5, "peers.txt")
        rows = [("`wc -w`", *rate(self.run("wc", "-w", clean), size, words)),
                ("`unspin detect`", *rate(self.run(self.unspin, "detect", "--jobs", 1, clean), size, words)),
                ("`unspin restore`", *rate(self.run(self.unspin, "restore", "--jobs", 1, clean), size, words))]
        beside = pathlib.Path(self.python).parent if self.python else None
        for name, arguments in (("codespell", []), ("typos", ["--threads", "1"])):
            program = shutil.which(name, path=str(beside)) if beside else shutil.which(name)
            if program is None:
                print(f"\n({name} is not installed)")
                continue
            rows.append((f"`{name}`", *rate(self.run(program, *arguments, clean, runs=1), size, words)))
        model = self.arpa(clean)
        for name, code in PEERS.items():
            extra = [model] if "kenlm" in code else [PROFILE]
            try:
                run = self.run(self.python or sys.executable, "-c", code, clean, *extra, runs=1)
                rows.append((name, *rate(run, size, words)))
            except RuntimeError as error:
                print(f"\n({name}: {str(error).splitlines()[-1]})")
        table(f"Beside other programs, clean text, {size / 1e6:.1f} MB, one core", HEAD, rows)

    def arpa(self, path):
        """A small bigram model of the text itself, for KenLM: the kind of query counts, not the answer."""
        single, double, total = {}, {}, 0
        for line in open(path, encoding="utf-8"):
            before = None
            for word in line.split():
                single[word] = single.get(word, 0) + 1
                if before is not None:
                    double[before, word] = double.get((before, word), 0) + 1
                before, total = word, total + 1
        import math
        out = self.folder / "peers.arpa"
        with open(out, "w", encoding="utf-8") as file:
            file.write(f"\\data\\\nngram 1={len(single) + 3}\nngram 2={len(double)}\n\n\\1-grams:\n-6\t<unk>\t0\n-99\t<s>\t0\n-2\t</s>\t0\n")
            file.writelines(f"{math.log10(count / (total + 1)):.4f}\t{word}\t-0.3\n" for word, count in single.items())
            file.write("\n\\2-grams:\n")
            file.writelines(f"{math.log10(count / single[a]):.4f}\t{a} {b}\n" for (a, b), count in double.items())
            file.write("\n\\end\\\n")
        return out


def main():
    parts = ["text", "forms", "growth", "start", "cores", "adversarial", "peers"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("unspin", type=lambda path: shutil.which(path) or sys.exit(f"{path} is no program"))
    parser.add_argument("part", nargs="*", help=", ".join(parts))
    parser.add_argument("--clean")
    parser.add_argument("--spun")
    parser.add_argument("--megabytes", type=float, default=25)
    parser.add_argument("--python")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_intermixed_args()
    unknown = [part for part in options.part if part not in parts]
    if unknown:
        sys.exit(f"unknown part {unknown[0]}; known are {', '.join(parts)}")
    with tempfile.TemporaryDirectory(prefix="unspin-benchmark-") as folder:
        bench = Bench(options, pathlib.Path(folder))
        for part in options.part or parts:
            getattr(bench, part)()


if __name__ == "__main__":
    main()
