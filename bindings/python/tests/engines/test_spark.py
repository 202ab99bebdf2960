"""Spark in local mode with two workers: 200,000 records, a broken one, a worker killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import unspin

from .conftest import BROKEN, SPUN, documents

pyspark = pytest.importorskip("pyspark")
pa = pytest.importorskip("pyarrow")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java 17", allow_module_level=True)

# the Python that has the package, for the workers and for spark-submit
os.environ["PYSPARK_PYTHON"] = sys.executable

RECORDS = 200_000
BROKEN_AT = 123_456


@pytest.fixture(scope="module")
def records() -> list[str]:
    out = [f"Record {n}: the council met on Monday and closed the road at noon, as it had said it would in the spring." for n in range(RECORDS)]
    for at in range(77, RECORDS, 2000):
        out[at] = f"{SPUN} Record {at}."
    out[BROKEN_AT] = BROKEN
    return out


@pytest.fixture(scope="module")
def expected(records: list[str], by_command_line) -> list[str]:
    return by_command_line(records)


@pytest.fixture(scope="module")
def spark() -> Iterator[pyspark.sql.SparkSession]:
    # two workers; a task may fail three times
    session = (
        pyspark.sql.SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "2g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def frame(spark: pyspark.sql.SparkSession, records: list[str], tmp_path_factory: pytest.TempPathFactory) -> pyspark.sql.DataFrame:
    import pyarrow.parquet as pq

    path = tmp_path_factory.mktemp("spark") / "records.parquet"
    pq.write_table(pa.table({"n": pa.array(range(RECORDS), pa.int64()), "text": records}), path)
    return spark.read.parquet(str(path)).repartition(6)


def sorted_texts(frame: pyspark.sql.DataFrame) -> pa.Table:
    return frame.toArrow().sort_by("n")


def test_the_bytes_are_those_of_the_command_line(frame: pyspark.sql.DataFrame, records: list[str], expected: list[str]) -> None:
    from unspin.spark import restore_column

    done = sorted_texts(restore_column(frame, "text", report=True))
    assert done.column_names == ["n", "text", "text_verdict", "text_edits", "text_error"]
    assert done["text"].to_pylist() == expected
    assert expected[77].startswith("Rubbish could be left in the streets")
    verdicts = done["text_verdict"].to_pylist()
    assert verdicts.count("spun") == len(range(77, RECORDS, 2000)) and verdicts[BROKEN_AT] == "unsure"
    errors = done["text_error"].to_pylist()
    assert errors[BROKEN_AT] and sum(error is not None for error in errors) == 1
    assert done["text"][BROKEN_AT].as_py() == BROKEN


def test_a_worker_killed_in_the_middle_changes_nothing(frame: pyspark.sql.DataFrame, expected: list[str], tmp_path: Path) -> None:
    from unspin.spark import batches

    restored = batches("text")
    fallen = tmp_path / "fallen"

    def run(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(restored(rows)):
            if number == 3 and not fallen.exists():
                fallen.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    done = sorted_texts(frame.mapInArrow(run, frame.schema))
    assert fallen.exists()
    assert done["text"].to_pylist() == expected


def test_wrong_settings_are_an_error_before_the_job(frame: pyspark.sql.DataFrame) -> None:
    from unspin.spark import restore_column

    with pytest.raises(unspin.ConfigError, match="no column `body`"):
        restore_column(frame, "body")
    with pytest.raises(unspin.ConfigError, match="unknown profile"):
        restore_column(frame, "text", profile="berylium")


def test_the_example_runs(tmp_path: Path, texts: list[str], by_command_line, example, spark: pyspark.sql.SparkSession) -> None:
    import pyarrow.parquet as pq

    documents(tmp_path / "in", texts)
    submit = str(Path(pyspark.__file__).parent / "bin" / "spark-submit")
    options = ("--conf", "spark.driver.bindAddress=127.0.0.1", "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false")
    example("spark_clean.py", f"{tmp_path}/in/*.jsonl", tmp_path / "out", by=(submit, "--master", "local[2]", *options))
    rows = {row["id"]: row for row in pq.read_table(tmp_path / "out").to_pylist()}
    assert [rows[str(n)]["text"] for n in range(len(texts))] == by_command_line(texts)
