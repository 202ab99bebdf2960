"""dolma's own command with our tagger: the attributes that the command line writes."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dolma")


def attributes(text: str, prefix: str) -> dict[str, dict[str, list]]:
    """Attributes by id, without what stands before their names."""
    records = map(json.loads, text.splitlines())
    return {record["id"]: {name.removeprefix(prefix): spans for name, spans in record["attributes"].items()} for record in records}


def test_the_tagger_says_what_the_command_line_says(tmp_path: Path, texts: list[str], binary: str) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    # dolma wants a source; the \u00e9 shows whether characters are counted
    lines = (json.dumps({"id": str(n), "source": "test", "text": f"\u00e9 {text}"}) + "\n" for n, text in enumerate(texts))
    path = folder / "a.jsonl.gz"
    path.write_bytes(gzip.compress("".join(lines).encode()))
    command = [str(Path(sys.executable).parent / "dolma"), "tag", "--documents", str(folder / "*.jsonl.gz")]
    command += ["--tagger_modules", "unspin.dolma", "--taggers", "unspin", "--experiment", "ours", "--processes", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    found = attributes(gzip.decompress((tmp_path / "attributes" / "ours" / "a.jsonl.gz").read_bytes()).decode(), "ours__unspin__")
    assert len(found) == len(texts) and len(found["5"]["edits"]) > 5 and found["30"] == {"verdict": [], "spun": [], "edits": []}
    out = subprocess.run([binary, "restore", str(folder), "--attributes", "cli", "--out-dir", str(tmp_path / "cli")], check=False)
    assert out.returncode == 3
    written = next((tmp_path / "cli").rglob("*.jsonl.gz"))
    assert found == attributes(gzip.decompress(written.read_bytes()).decode(), "cli__")
