"""The examples in docstrings and in the README are run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")


@pytest.mark.parametrize("name", ["unspin", "unspin._types", "unspin._restorer", "unspin._profile"])
def test_docstrings(name: str) -> None:
    ran = doctest.testmod(importlib.import_module(name))
    assert ran.attempted > 0 and ran.failed == 0


def test_readme() -> None:
    ran = doctest.testfile(str(Path(__file__).parents[1] / "README.md"), module_relative=False)
    assert ran.attempted > 0 and ran.failed == 0
