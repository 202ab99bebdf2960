"""Records for the engines, and what the command line makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SPUN = (
    "Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected onslaught implicit plans "
    "to instrumentality a antheral disconnected each lorry."
)
#: What no tool can read as text: it must come through as it is.
BROKEN = "A broken record: \0 stands here, and beryllium near successful the streets."


@pytest.fixture(scope="session")
def binary() -> str:
    """The program to compare with."""
    path = os.environ.get("UNSPIN")
    if path is None:
        pytest.skip("set UNSPIN to the program to compare with (bindings/python/engines does it)")
    return path


@pytest.fixture(scope="session")
def by_command_line(binary: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], list[str]]:
    """Texts as the command line restores them."""

    def restored(texts: list[str]) -> list[str]:
        path = tmp_path_factory.mktemp("cli") / "in.jsonl"
        path.write_text("".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)))
        out = subprocess.run([binary, "restore", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert out.returncode in (0, 3), out.stderr
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        assert [line["id"] for line in lines] == [str(n) for n in range(len(texts))]
        return [line["text"] for line in lines]

    return restored


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Clean, spun and broken texts, few of them."""
    out = [f"The bridge was opened on Monday, the {n}th time this year, and closed again at noon." for n in range(60)]
    for at in (5, 23, 41):
        out[at] = SPUN
    out[30] = BROKEN
    return out


@pytest.fixture
def example() -> Callable[..., str]:
    """Runs an example as its first lines say, and hands back what it printed."""

    def run(name: str, *arguments: object, by: tuple[str, ...] = (sys.executable,), cwd: Path | None = None) -> str:
        command = [*by, str(EXAMPLES / name), *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=600, check=False)
        assert ran.returncode == 0, ran.stderr[-4000:]
        return ran.stdout

    return run


def documents(folder: Path, texts: list[str], parts: int = 2) -> None:
    """Writes texts as JSON Lines, in several files."""
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(texts) // parts)
    for part in range(parts):
        lines = (json.dumps({"id": str(n), "text": texts[n]}) + "\n" for n in range(part * size, min((part + 1) * size, len(texts))))
        (folder / f"part-{part}.jsonl").write_text("".join(lines))
