"""Ray Data with two actors: the bytes of the command line, also when an actor is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import documents

ray = pytest.importorskip("ray")
pa = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def records(texts: list[str]) -> list[str]:
    return [f"{text} Record {n}." for n, text in enumerate(texts * 50)]


@pytest.fixture(scope="module")
def expected(records: list[str], by_command_line) -> list[str]:
    return by_command_line(records)


def run(records: list[str], step: type, **arguments: object) -> pa.Table:
    """The records through two actors, in order."""
    dataset = ray.data.from_arrow(pa.table({"n": range(len(records)), "text": records})).repartition(8)
    dataset = dataset.map_batches(
        step,
        fn_constructor_args=["text"],
        fn_constructor_kwargs=arguments,
        batch_format="pyarrow",
        batch_size=200,
        compute=ray.data.ActorPoolStrategy(size=2),
        num_cpus=0.5,
    )
    return pa.concat_tables(ray.get(dataset.to_arrow_refs())).sort_by("n")


def test_the_bytes_are_those_of_the_command_line(cluster: None, records: list[str], expected: list[str]) -> None:
    from unspin.ray import Restore

    done = run(records, Restore, report=True)
    assert done["text"].to_pylist() == expected
    assert done["text_verdict"].to_pylist().count("spun") == 150
    assert sum(error is not None for error in done["text_error"].to_pylist()) == 50


def test_an_actor_killed_in_the_middle_changes_nothing(cluster: None, records: list[str], expected: list[str], tmp_path: Path) -> None:
    from unspin.ray import Restore

    fallen = tmp_path / "fallen"

    class Mortal(Restore):
        calls = 0

        def __call__(self, rows: pa.Table) -> pa.Table:
            self.calls += 1
            if self.calls == 3 and not fallen.exists():
                fallen.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(rows)

    done = run(records, Mortal)
    assert fallen.exists()
    assert done["text"].to_pylist() == expected


def test_the_example_runs(tmp_path: Path, texts: list[str], by_command_line, example) -> None:
    import pyarrow.parquet as pq

    ray.shutdown()
    documents(tmp_path / "in", texts)
    example("ray_clean.py", tmp_path / "in", tmp_path / "out")
    rows = {row["id"]: row for row in pq.read_table(tmp_path / "out").to_pylist()}
    assert [rows[n]["text"] for n in sorted(rows, key=int)] == by_command_line(texts)
