"""What a restoration tells: plain tuples with names, which can be compared, pickled and sent anywhere.

The native half makes them; the order of the fields is known there, too. Places count characters: `text[edit.start:edit.end] == edit.old`.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Verdict = Literal["spun", "clean", "unsure"]


class Alternative(NamedTuple):
    """Another reading of a place."""

    text: str
    #: Posterior probability, 0 to 1.
    confidence: float


class Edit(NamedTuple):
    """One change."""

    #: Where it begins in the text as it was, in characters.
    start: int
    #: Where it ends.
    end: int
    #: What stood there.
    old: str
    #: What stands there now.
    new: str
    #: Why: `kind` is `listed` (with `profile`, `confidence`, `source`), `related` (with `relation`, `distance`) or `open`.
    reason: dict[str, Any]
    #: Posterior probability of the new text, 0 to 1.
    confidence: float
    #: The next best readings, best first.
    alternatives: tuple[Alternative, ...]


class Undecided(NamedTuple):
    """A place that is probably swapped, and left as it is."""

    start: int
    end: int
    text: str
    #: The best readings, best first.
    alternatives: tuple[Alternative, ...]


class Span(NamedTuple):
    """A paragraph that is not clean."""

    start: int
    end: int
    verdict: Verdict
    #: Probability that it is spun, 0 to 1.
    score: float


class Restoration(NamedTuple):
    """A text restored; or, if `error` is set, a text handed back as it was given."""

    #: The restored text. It is the very object that was given if nothing is changed.
    text: str
    #: What was changed, in order.
    edits: tuple[Edit, ...]
    #: `unsure` also if there is an error.
    verdict: Verdict
    #: Probability that the text is spun, 0 to 1.
    score: float
    #: The profile that explains it; None if the text is clean or of an unknown spinner.
    profile: str | None
    #: Number of words.
    words: int
    #: How many of them are swapped, by estimate.
    swapped: int
    #: The paragraphs that are not clean.
    spans: tuple[Span, ...]
    #: Places left open.
    undecided: tuple[Undecided, ...]
    #: Why the text was not looked at. Only `restore_batch` sets it; where one text is restored, the same is an exception.
    error: str | None

    @property
    def changed(self) -> bool:
        """Whether the text is another one than was given."""
        return bool(self.edits)

    def original(self) -> str:
        """The text as it was given.

        >>> import unspin
        >>> spun = "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected onslaught."
        >>> unspin.restore(spun).original() == spun
        True
        """
        parts: list[str] = []
        at = grown = 0
        for edit in self.edits:
            begin = edit.start + grown
            parts += (self.text[at:begin], edit.old)
            at = begin + len(edit.new)
            grown += len(edit.new) - len(edit.old)
        parts.append(self.text[at:])
        return "".join(parts)


class Detection(NamedTuple):
    """What is held of a text."""

    verdict: Verdict
    #: Probability that the text is spun, 0 to 1.
    score: float
    profile: str | None
    words: int
    #: How many words are swapped, by estimate.
    swapped: int
    spans: tuple[Span, ...]
