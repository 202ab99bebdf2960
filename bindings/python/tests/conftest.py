"""Texts of the project's own corpus, spun and clean."""

from __future__ import annotations

from pathlib import Path

import pytest

import unspin

CASES = Path(__file__).parents[3] / "corpus" / "cases"


@pytest.fixture(scope="session")
def spun() -> str:
    """A short spun article."""
    return (CASES / "in-the-wild-style" / "strike-ballot-refuse" / "spun.txt").read_text()


@pytest.fixture(scope="session")
def clean() -> list[str]:
    """Clean texts."""
    texts = [path.read_bytes().decode() for path in sorted((CASES / "clean").glob("*/clean.txt"))]
    assert len(texts) > 10
    return texts


@pytest.fixture(scope="session")
def restorer() -> unspin.Restorer:
    """The default settings, loaded once."""
    return unspin.Restorer()
