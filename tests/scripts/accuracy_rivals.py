"""Simple ways to restore a garbled text, to compare with: a list applied blindly, by frequency, by bigrams, and a spelling corrector.

In: a garbled text, a list (cipher word to its plain words and their confidences), counts of other texts. Out: a text to be compared word by word;
white space is not kept.
"""

import collections
import math
import re

DISCOUNT = 0.75
# size of the vocabulary over which what was never seen is spread
VOCABULARY = 50_000
LONGEST = 6


def bare(word):
    return re.sub(r"^\W+|\W+$", "", word.lower())


def ends_sentence(word):
    return re.search(r"[.!?][\"'”’)]*$", word) is not None


def contexts(text):
    """Each word, bare, with the one before it."""
    before = "<s>"
    for word in text.split():
        yield before, bare(word)
        before = "<s>" if ends_sentence(word) else bare(word)


class Counts:
    """Words and pairs of neighbours of some texts."""

    def __init__(self, texts):
        self.words, self.pairs = collections.Counter(), collections.defaultdict(collections.Counter)
        for text in texts:
            for before, word in contexts(text):
                self.words[word] += 1
                self.pairs[before][word] += 1
        self.whole = sum(self.words.values())
        self.after = {before: sum(row.values()) for before, row in self.pairs.items()}

    def word(self, word):
        seen = max(self.words[word] - DISCOUNT, 0)
        return (seen + DISCOUNT * len(self.words) / VOCABULARY) / self.whole

    def pair(self, before, word):
        whole = self.after.get(before)
        if not whole:
            return self.word(word)
        row = self.pairs[before]
        return (max(row[word] - DISCOUNT, 0) + DISCOUNT * len(row) * self.word(word)) / whole


def units(text, listed):
    """The words of a text; listed phrases are one."""
    row, at = text.split(), 0
    longest = {len(cipher.split()) for cipher in listed if " " in cipher}
    while at < len(row):
        sizes = (size for size in sorted(longest, reverse=True) if size <= LONGEST and " ".join(row[at:at + size]) in listed)
        size = next(sizes, 1)
        yield " ".join(row[at:at + size])
        at += size


def blindly(text, listed, _):
    """Each listed cipher word becomes its surest plain word."""
    def choose(unit):
        plains = listed.get(unit)
        return min(plains, key=lambda plain: (-plains[plain], plain)) if plains else unit
    return " ".join(map(choose, units(text, listed)))


def most_frequent(text, listed, counts):
    """Each listed cipher word becomes the plain word that is seen most often in other texts."""
    def choose(unit):
        plains = listed.get(unit)
        return min(plains, key=lambda plain: (-counts.words[plain], -plains[plain], plain)) if plains else unit
    return " ".join(map(choose, units(text, listed)))


def by_bigrams(text, listed, counts):
    """The best path of a bigram model through the plain words and the words as they stand."""
    swapped = collections.Counter()
    for plains in listed.values():
        for plain, confidence in plains.items():
            swapped[plain] += confidence
    # the best way to each reading of the last unit: its score, its words, what the next word sees
    paths = [(0.0, (), "<s>")]
    for unit in units(text, listed):
        readings = [(unit, max(1 - swapped[unit], 0.01)), *sorted(listed.get(unit, {}).items())]
        after = []
        for reading, channel in readings:
            best = None
            for score, taken, before in paths:
                for word in reading.split():
                    score += math.log(counts.pair(before, bare(word)))
                    before = bare(word)
                score += math.log(channel)
                if best is None or score > best[0]:
                    best = (score, (taken, reading), "<s>" if ends_sentence(reading) else before)
            after.append(best)
        paths = after
    row, taken = [], max(paths, key=lambda path: path[0])[1]
    while taken:
        taken, reading = taken
        row.append(reading)
    return " ".join(reversed(row))


def speller():
    """SymSpell with the dictionary that comes with it, on words in lower case without punctuation, and its version; or (None, None)."""
    try:
        import importlib.metadata
        import importlib.resources

        from symspellpy import SymSpell, Verbosity
    except ImportError:
        return None, None
    checker = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    with importlib.resources.as_file(importlib.resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt") as path:
        checker.load_dictionary(str(path), term_index=0, count_index=1)
    known = {}

    def correct(word):
        if not (word.isalpha() and word.islower()):
            return word
        if word not in known:
            known[word] = checker.lookup(word, Verbosity.TOP, max_edit_distance=2, include_unknown=True)[0].term
        return known[word]

    return lambda text: " ".join(map(correct, text.split())), importlib.metadata.version("symspellpy")
