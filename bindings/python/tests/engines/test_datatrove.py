"""datatrove's local executor with two processes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import unspin

from .conftest import documents

pytest.importorskip("datatrove")


def read(folder: Path) -> dict[str, dict]:
    """Documents by id."""
    out = {}
    for path in sorted(folder.rglob("*.jsonl.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            record = json.loads(line)
            out[record["id"]] = record
    return out


def test_documents_are_restored_in_two_processes(tmp_path: Path, texts: list[str], by_command_line, example) -> None:
    documents(tmp_path / "in", texts)
    example("datatrove_clean.py", tmp_path / "in", tmp_path / "out", cwd=tmp_path)
    found = read(tmp_path / "out")
    expected = unspin.Restorer(preset="precision").restore_batch(texts)
    assert [found[str(n)]["text"] for n in range(len(texts))] == [done.text for done in expected]
    assert found["5"]["metadata"]["unspin_verdict"] == "spun" and found["5"]["metadata"]["unspin_edits"] == len(expected[5].edits)
    assert "unspin_error" in found["30"]["metadata"] and "unspin_verdict" not in found["30"]["metadata"]


def test_the_step_gives_the_bytes_of_the_command_line(texts: list[str], by_command_line) -> None:
    from datatrove.data import Document

    from unspin.datatrove import Restore

    step = Restore(batch_size=7)
    done = list(step.run(Document(text=text, id=str(n)) for n, text in enumerate(texts)))
    assert [document.text for document in done] == by_command_line(texts)
    stats = {name: stat.total for name, stat in step.stats.stats.items()}
    assert (stats["total"], stats["spun"], stats["errors"]) == (len(texts), 3, 1)
    assert step.format(texts[5]) == done[5].text


def test_spun_documents_are_dropped_and_kept_aside(tmp_path: Path, texts: list[str]) -> None:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    from unspin.datatrove import DropSpun

    documents(tmp_path / "in", texts)
    steps = [
        JsonlReader(str(tmp_path / "in")),
        DropSpun(exclusion_writer=JsonlWriter(str(tmp_path / "dropped"))),
        JsonlWriter(str(tmp_path / "out")),
    ]
    LocalPipelineExecutor(steps, tasks=2, workers=1, logging_dir=str(tmp_path / "logs")).run()
    kept, dropped = read(tmp_path / "out"), read(tmp_path / "dropped")
    assert sorted(dropped) == ["23", "41", "5"] and {record["metadata"]["filter_reason"] for record in dropped.values()} == {"spun"}
    assert len(kept) == len(texts) - 3 and all(kept[n]["text"] == texts[int(n)] for n in kept)
