"""A site that nobody has listed: its garbled articles to a profile."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import _core
from ._errors import TextError, WrongTypeError
from ._profile import Profile
from ._restorer import checked


class Lesson(NamedTuple):
    """What was learned of one spinner."""

    profile: Profile
    #: What was learned, for a person.
    report: str
    #: Why the profile must not be used; None if it may.
    refused: str | None


class Learned(NamedTuple):
    """What was learned."""

    #: One for each spinner, the one with most articles first.
    lessons: tuple[Lesson, ...]
    #: Names of garbled texts that equal a clean one; left out.
    copies: tuple[str, ...]
    #: Names of garbled texts that read like plain English; left out.
    plain: tuple[str, ...]
    #: Names of clean texts that read like garbled ones; left out.
    garbled: tuple[str, ...]


def learn(
    garbled: Sequence[str] | Mapping[str, str],
    clean: Sequence[str] | Mapping[str, str] = (),
    *,
    name: str = "learned",
    base: str | os.PathLike[str] | Profile | None = None,
    rounds: int | None = None,
    model: str | os.PathLike[str] | None = None,
    threads: int = 1,
) -> Learned:
    """Learns the spinners of garbled articles (docs/LEARNING.md), given as a list, or by name.

    Originals may be among the `clean` texts; unspin finds out which. `base` is a profile to extend. Raises `LearnError` if there is nothing to
    learn from. A lesson's profile may be refused, because it would do harm: look at `refused` before you use it.

        learned = unspin.learn(garbled=texts, clean=news, name="site")
        lesson = learned.lessons[0]
        if lesson.refused is None:
            lesson.profile.save("site.tsv")
            restorer = unspin.Restorer(profile=lesson.profile)
    """
    if base is not None and not isinstance(base, Profile):
        base = Profile.named(base)
    lessons, strays = _core.learn(
        name,
        named(garbled, "garbled"),
        named(clean, "clean"),
        None if base is None else base.text,
        rounds,
        None if model is None else os.fspath(model),
        checked(threads),
    )
    told = tuple(Lesson(Profile(text), report, refused) for text, report, refused in lessons)
    return Learned(told, *(tuple(names) for names in strays))


def named(texts: Sequence[str] | Mapping[str, str], what: str) -> list[tuple[str, str]]:
    """Texts with names for messages; what cannot be read is refused by its name."""
    if isinstance(texts, (str, bytes)):
        raise WrongTypeError(f"{what} takes many texts, not one")
    pairs = texts.items() if isinstance(texts, Mapping) else ((str(number), text) for number, text in enumerate(texts))
    out = []
    for name, text in pairs:
        if not isinstance(text, str):
            raise WrongTypeError(f"{what} text {name} is {type(text).__name__}, not str")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise TextError(f"{what} text {name}: {error}") from None
        out.append((name, text))
    return out
