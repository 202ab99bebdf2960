"""Web pages by trafilatura and by newspaper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import unspin

from .conftest import SPUN

PAGE = f"""<html><head><title>Bin workers vote</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>Bin workers vote</h1><p>{SPUN}</p><p>{SPUN.replace("December", "January")}</p></article></body></html>"""


@pytest.mark.parametrize("tool", ["trafilatura", "newspaper"])
def test_the_text_of_a_page_is_restored(tool: str, tmp_path: Path, example) -> None:
    pytest.importorskip(tool)
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    record = json.loads(example(f"{tool}_pages.py", page))
    assert record["verdict"] == "spun"
    restored = unspin.Restorer(preset="precision").restore(SPUN).text
    assert restored.split(",")[0] in record["text"] and "beryllium" not in record["text"]


def test_a_page_without_text_is_no_reason_to_stop(tmp_path: Path, example) -> None:
    pytest.importorskip("trafilatura")
    empty, page = tmp_path / "empty.html", tmp_path / "page.html"
    empty.write_text("<html></html>")
    page.write_text(PAGE)
    first, second = map(json.loads, example("trafilatura_pages.py", empty, page).splitlines())
    assert first["text"] is None and first["error"] and second["verdict"] == "spun"
