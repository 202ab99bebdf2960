"""One text at a time: what comes back, what cannot be read, settings."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import unspin

SPUN = (
    "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected onslaught implicit plans "
    "to instrumentality a antheral disconnected each lorry."
)


def test_a_spun_article_is_restored(spun: str) -> None:
    done = unspin.restore(spun)
    assert done.verdict == "spun" and done.profile == "beryllium" and done.error is None
    assert done.changed and done.text != spun and done.original() == spun
    assert "beryllium" in spun and "beryllium" not in done.text
    assert [edit.start for edit in done.edits] == sorted(edit.start for edit in done.edits)
    assert all(spun[edit.start : edit.end] == edit.old for edit in done.edits)
    assert all(spun[span.start : span.end].strip() for span in done.spans)
    assert unspin.detect(spun) == (done.verdict, done.score, done.profile, done.words, done.swapped, done.spans)


def test_clean_text_comes_back_as_the_same_object(clean: list[str]) -> None:
    for text in clean:
        done = unspin.restore(text)
        assert done.text is text and done.edits == () and not done.changed


def test_places_count_characters() -> None:
    text = "Caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{GRINNING FACE} news.\n\n" + SPUN
    done = unspin.restore(text)
    assert done.edits and all(text[edit.start : edit.end] == edit.old for edit in done.edits)
    assert done.original() == text


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (None, unspin.WrongTypeError, "NoneType"),
        (7, unspin.WrongTypeError, "int"),
        (b"text", unspin.WrongTypeError, "decode it first"),
        ("half \ud800 a pair", unspin.TextError, "surrogate"),
        ("nul \0", unspin.TextError, "byte 4"),
    ],
)
def test_what_is_no_text_is_refused(given: object, error: type[Exception], message: str) -> None:
    for function in (unspin.restore, unspin.detect, unspin.explain):
        with pytest.raises(error, match=message) as caught:
            function(given)  # type: ignore[arg-type]
        assert isinstance(caught.value, unspin.UnspinError)
        assert isinstance(caught.value, TypeError if error is unspin.WrongTypeError else ValueError)


def test_a_text_of_50_mb_is_restored_and_a_cap_refuses_it(clean: list[str]) -> None:
    text = SPUN + "\n\n" + "The bridge was opened on Monday.\n" * (50_000_000 // 33)
    done = unspin.restore(text)
    assert done.text.startswith("Rubbish could be left in the streets")
    assert done.text[-40_000_000:] == text[-40_000_000:] and done.original() == text
    small = unspin.Restorer(max_bytes=1000)
    with pytest.raises(unspin.TextError, match="more than 1000"):
        small.restore(text)
    refused = small.restore_batch([text])[0]
    assert refused.text is text and refused.error is not None and "max_bytes" in refused.error


def test_settings_are_used() -> None:
    assert not unspin.Restorer(protect=["beryllium", "antheral"]).restore(SPUN).text.count(" be ")
    assert "antheral" in unspin.Restorer(protect_patterns=["an[a-z]+al"]).restore(SPUN).text
    assert 0 < len(unspin.Restorer(min_confidence=0.98).restore(SPUN).edits) < len(unspin.Restorer().restore(SPUN).edits)
    assert unspin.Restorer("none").restore("The bridge was opened on Monday.").verdict == "clean"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"profile": "berylium"}, "unknown profile `berylium`"),
        ({"profile": "./none.tsv"}, "none.tsv"),
        ({"preset": "best"}, "precision, balanced or recall"),
        ({"min_confidence": 1.5}, "between 0 and 1"),
        ({"model": "/nowhere/x.lm"}, "x.lm"),
        ({"protect": "word"}, "lists of strings"),
        ({"protect_patterns": ["("]}, "protect"),
    ],
)
def test_wrong_settings_say_what_is_wrong(settings: dict[str, object], message: str) -> None:
    with pytest.raises(unspin.ConfigError, match=message):
        unspin.Restorer(**settings)  # type: ignore[arg-type]


def test_a_damaged_profile_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "site.tsv"
    path.write_text("# unspin profile 1\n# name: x\n# version: 1\n# touch: lower-bare\nplain\tcipher\n")
    with pytest.raises(unspin.ConfigError, match=r"site\.tsv: profile, line \d+"):
        unspin.Restorer(profile=path)


def test_settings_and_results_can_be_pickled(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    unspin.Profile.shipped("beryllium").save(path)
    restorer = unspin.Restorer(profile=path, preset="recall", protect=["onslaught"])
    path.unlink()  # the profile travels in the pickle
    again = pickle.loads(pickle.dumps(restorer))
    assert again == restorer and hash(again) == hash(restorer) and again is pickle.loads(pickle.dumps(restorer))
    assert again != unspin.Restorer() and repr(again).startswith("unspin.Restorer(profile=<unspin.Profile beryllium")
    done = restorer.restore(SPUN)
    assert pickle.loads(pickle.dumps(done)) == done == again.restore(SPUN)


def test_reasons_are_told(spun: str) -> None:
    told = unspin.explain(spun)
    assert "why: profile beryllium lists" in told and told.splitlines()[-1].startswith("text: spun, profile beryllium: ")
    assert "stands for `be`" in unspin.explain_word("beryllium")
