"""Learning a spinner, and using what was learned."""

from __future__ import annotations

from pathlib import Path

import pytest

import unspin

CASES = Path(__file__).parents[3] / "corpus" / "cases" / "in-the-wild-style"

PLAIN = (CASES / "strike-ballot-refuse" / "original.txt").read_text()


def test_a_learned_profile_restores() -> None:
    cases = sorted(CASES.iterdir())[:8]
    garbled = {case.name: (case / "spun.txt").read_text() for case in cases}
    clean = [(case / "original.txt").read_text() for case in cases]
    learned = unspin.learn(garbled, clean, name="site", rounds=1, threads=2)
    assert len(learned.lessons) == 1 and not learned.copies and not learned.plain
    lesson = learned.lessons[0]
    assert lesson.refused is None and lesson.profile.name == "site" and lesson.profile.pairs > 50
    assert "8" in lesson.report
    done = unspin.Restorer(lesson.profile).restore(garbled[cases[0].name])
    assert done.profile == "site" and done.changed


@pytest.mark.parametrize(
    ("garbled", "error", "message"),
    [
        ([], unspin.LearnError, "no garbled text"),
        ([PLAIN], unspin.LearnError, "plain English"),
        ("one text", unspin.WrongTypeError, "many texts"),
        ([None], unspin.WrongTypeError, "garbled text 0"),
        ({"a": "half \ud800"}, unspin.TextError, "garbled text a"),
    ],
)
def test_what_cannot_be_learned_from_is_named(garbled: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        unspin.learn(garbled)  # type: ignore[arg-type]
