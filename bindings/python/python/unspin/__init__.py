"""unspin restores articles whose words a spinner has swapped, and leaves everything else alone.

>>> import unspin
>>> done = unspin.restore(
...     "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected onslaught "
...     "implicit plans to instrumentality a antheral disconnected each lorry."
... )
>>> done.text[:36], done.verdict
('Rubbish could be left in the streets', 'spun')
>>> done.edits[0].old, done.edits[0].new, done.edits[0].reason["kind"]
('beryllium', 'be', 'listed')

The functions here work with one `Restorer` of the default settings, made when it is first needed. Whoever wants other settings makes a
`Restorer`. For pipelines there are `unspin.scrapy`, `unspin.datatrove`, `unspin.spark`, `unspin.ray` and `unspin.dolma`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from . import _core
from ._errors import ArrowError, ConfigError, InternalError, LearnError, TextError, UnspinError, WrongTypeError
from ._learn import Learned, Lesson, learn
from ._profile import Profile
from ._restorer import Restorer, Rows
from ._types import Alternative, Detection, Edit, Restoration, Span, Undecided, Verdict

__version__: str = _core.VERSION

__all__ = [
    "Alternative",
    "ArrowError",
    "ConfigError",
    "Detection",
    "Edit",
    "InternalError",
    "LearnError",
    "Learned",
    "Lesson",
    "Profile",
    "Restoration",
    "Restorer",
    "Span",
    "TextError",
    "Undecided",
    "UnspinError",
    "Verdict",
    "WrongTypeError",
    "detect",
    "explain",
    "explain_word",
    "learn",
    "restore",
    "restore_arrow",
    "restore_batch",
]


@cache
def usual() -> Restorer:
    """The restorer of the default settings."""
    return Restorer()


def restore(text: str) -> Restoration:
    """Restores a text with the default settings; see `Restorer.restore`.

    >>> import unspin
    >>> unspin.restore("The bridge was opened on Monday.").verdict
    'clean'
    """
    return usual().restore(text)


def detect(text: str) -> Detection:
    """Tells whether a text is spun; see `Restorer.detect`.

    >>> import unspin
    >>> unspin.detect("The bridge was opened on Monday.").verdict
    'clean'
    """
    return usual().detect(text)


def explain(text: str) -> str:
    """Tells why each word of a text is changed; see `Restorer.explain`."""
    return usual().explain(text)


def explain_word(word: str) -> str:
    """Tells what a word may stand for; see `Restorer.explain_word`.

    >>> import unspin
    >>> print(unspin.explain_word("beryllium").splitlines()[1].strip()[:28])
    beryllium: stands for `be` (
    """
    return usual().explain_word(word)


def restore_batch(texts: Iterable[Any], *, threads: int = 1) -> list[Restoration]:
    """Restores many texts; see `Restorer.restore_batch`."""
    return usual().restore_batch(texts, threads=threads)


def restore_arrow(rows: Rows, column: str = "text", *, report: bool = False, threads: int = 1) -> Rows:
    """Restores a column of an Arrow table; see `Restorer.restore_arrow`."""
    return usual().restore_arrow(rows, column, report=report, threads=threads)
