"""What happened to each word of a garbled text; and texts that are garbled less, or shorter.

In: texts. Out: counts as `unspin eval` makes them (words are what stands between white space, compared without regard to case), or texts.
"""

import collections
import difflib
import hashlib
import re


def chance(*names):
    """A number from 0 to 1 that is the same for the same names, everywhere."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def words(text):
    return text.lower().split()


def opcodes(before, after):
    return difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()


def beside(row, other):
    """For each word of `row` the range of words of `other` that stands for it, as `unspin eval` has it."""
    if len(row) == len(other):
        return [(at, at + 1) for at in range(len(row))]
    out = [(0, 0)] * len(row)
    for _, start, end, to_start, to_end in opcodes(row, other):
        if start == end:
            # words put in belong to the word before them
            if start > 0:
                first, last = out[start - 1]
                out[start - 1] = (first if first < last else to_start, to_end)
            continue
        for at in range(start, end):
            first = min(to_start + at - start, to_end)
            out[at] = (first, to_end if at == end - 1 else min(first + 1, to_end))
    return out


def score(garbled, original, restored):
    """Counts of words, as `unspin eval` counts them."""
    garbled, original, restored = words(garbled), words(original), words(restored)
    count = collections.Counter(words=len(original))
    for word, truth, found in zip(garbled, beside(garbled, original), beside(garbled, restored)):
        truth, found = original[slice(*truth)], restored[slice(*found)]
        if truth == [word]:
            count["kept"] += 1
            count["damaged"] += found != truth
        else:
            count["swapped"] += 1
            count["restored" if found == truth else "undecided" if found == [word] else "wrong"] += 1
    return count


def total(garbled, originals, restored):
    """The counts of all texts."""
    return sum((score(garbled[name], originals[name], restored[name]) for name in garbled), collections.Counter())


def swaps(original, garbled):
    """Pairs of ranges of words, in the original and in the garbled text: the swaps, each by itself."""
    before, after = words(original), words(garbled)
    if len(before) == len(after):
        return [((at, at + 1), (at, at + 1)) for at in range(len(before)) if before[at] != after[at]]
    found = []
    for kind, start, end, to_start, to_end in opcodes(before, after):
        if kind == "replace" and end - start == to_end - to_start:
            found += [((start + at, start + at + 1), (to_start + at, to_start + at + 1)) for at in range(end - start)]
        elif kind != "equal":
            # a word was put in, or left out: its neighbour, which is the same in both, goes with it
            if start == end or to_start == to_end:
                grow = (1, 0) if start > 0 and to_start > 0 else (0, 1)
                start, end, to_start, to_end = start - grow[0], end + grow[1], to_start - grow[0], to_end + grow[1]
            found.append(((start, end), (to_start, to_end)))
    return found


def thinned(name, original, garbled, rate):
    """The text of a spinner that lists fewer words: whole types, drawn by a hash, until `rate` of the words are swapped."""
    pieces, after = re.findall(r"\S+|\s+", original), garbled.split()
    places = [at for at, piece in enumerate(pieces) if not piece.isspace()]
    before = words(original)
    types = collections.defaultdict(list)
    for plain, cipher in swaps(original, garbled):
        types[" ".join(before[slice(*plain)])].append((plain, cipher))
    left = rate * len(before)
    for word in sorted(types, key=lambda word: chance(name, word)):
        number = sum(plain[1] - plain[0] for plain, _ in types[word])
        if number <= left:
            left -= number
            for (start, end), cipher in types[word]:
                pieces[places[start]] = " ".join(after[slice(*cipher)])
                for at in range(places[start] + 1, places[end - 1] + 1):
                    pieces[at] = ""
    return "".join(pieces)


def cut(original, garbled, length):
    """Both texts in pieces of about `length` words, cut at paragraph ends."""
    rows = [[line for line in text.split("\n") if line.strip()] for text in (original, garbled)]
    whole = len(words(original))
    number = max(1, round(whole / length))
    pieces, at = collections.defaultdict(lambda: ([], [])), 0
    for plain, cipher in zip(*rows, strict=True):
        size = len(words(plain))
        piece = pieces[int((at + size / 2) / whole * number)]
        piece[0].append(plain)
        piece[1].append(cipher)
        at += size
    return [tuple("\n\n".join(side) + "\n" for side in piece) for piece in pieces.values()]
