#!/usr/bin/env python3
"""What one core does, and how it scales: the figures of docs/SCALING.md.

usage: scaling.py UNSPIN [core] [spark] [ray]     (all)

Documents are made from the articles of corpus/cases: two clean articles each (4.5 KB), or two spun ones (5 KB). `core` compares the program, a
Python list and an Arrow column on one thread, in seconds of the processor, so that other work on the machine does not count. `spark` and `ray` run
one worker, then two, one document in a thousand spun, by the clock. Each line is the least of three runs. Needs the package in this
environment, built as the program is; `spark` and `ray` need theirs.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

import unspin

CASES = Path(__file__).resolve().parents[2] / "corpus" / "cases" / "in-the-wild-style"
RUNS = 3


def documents(kind: str, number: int) -> list[str]:
    """Pairs of articles, each pair another one as long as there are."""
    articles = [path.read_text() for path in sorted(CASES.glob(f"*/{kind}.txt"))]
    size = len(articles)
    return [articles[n % size] + "\n\n" + articles[(n + 1 + n // size) % size] for n in range(number)]


def mixed(number: int) -> list[str]:
    """One document in a thousand is spun."""
    out, spun = documents("original", number), documents("spun", number // 1000 + 1)
    out[500::1000] = spun[: len(out[500::1000])]
    return out


def least(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds, the least of some runs."""
    seconds = []
    for _ in range(RUNS):
        begun = clock()
        work()
        seconds.append(clock() - begun)
    return min(seconds)


def processor() -> float:
    """Seconds of the processor that this process and its children have had."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def row(what: str, texts: list[str], seconds: float, more: str = "") -> None:
    """A line of a table."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"| {what} | {len(texts):,} | {size:.1f} | {seconds:.2f} | {size / seconds:.2f} | {len(texts) / seconds:,.0f} | {more} |", flush=True)


def core(program: str) -> None:
    """One thread."""
    restorer = unspin.Restorer()
    for kind, texts in (("clean", documents("original", 2000)), ("spun", documents("spun", 6))):
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
            source.write_text("".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)))

            def run() -> None:
                subprocess.run([program, "restore", str(source), "--jobs", "1", "--output", str(target)], check=True)
                target.unlink()

            row(f"program, {kind}", texts, least(run, processor))
        row(f"list, {kind}", texts, least(lambda: restorer.restore_batch(texts), processor))
        rows = pa.record_batch({"text": texts})
        row(f"Arrow, {kind}", texts, least(lambda: restorer.restore_arrow(rows), processor))
    begun = time.perf_counter()
    unspin.Restorer()
    print(f"making a Restorer: {time.perf_counter() - begun:.3f} s; peak memory of this process: {peak()} MB")


def peak() -> int:
    """Peak memory, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def spark(number: int = 40_000) -> None:
    """Spark in local mode, without writing: the rows are counted by verdict."""
    import pyarrow.parquet as pq
    from pyspark.sql import SparkSession

    from unspin.spark import restore_column

    os.environ["PYSPARK_PYTHON"] = sys.executable
    texts = mixed(number)
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(pa.table({"text": texts}), Path(folder) / "in.parquet")
        for workers in (1, 2):
            session = (
                SparkSession.builder.master(f"local[{workers}]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.memory", "2g")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
                .getOrCreate()
            )
            session.sparkContext.setLogLevel("ERROR")
            frame = session.read.parquet(str(Path(folder) / "in.parquet")).repartition(8).cache()
            frame.count()
            restore_column(frame.limit(100), report=True).count()
            seconds = least(lambda: restore_column(frame, report=True).groupBy("text_verdict").count().collect())
            row(f"Spark, {workers} worker{'s' * (workers > 1)}", texts, seconds, workers_memory("pyspark.daemon"))
            session.stop()


def ray(number: int = 40_000) -> None:
    """Ray Data with one actor, then two."""
    import ray as engine

    from unspin.ray import Restore

    texts = mixed(number)
    for workers in (1, 2):
        engine.init(num_cpus=workers + 1, include_dashboard=False, log_to_driver=False)
        engine.data.DataContext.get_current().enable_progress_bars = False
        dataset = engine.data.from_arrow(pa.table({"text": texts})).repartition(40).materialize()

        def run() -> int:
            step = dict(fn_constructor_kwargs={"report": True}, batch_format="pyarrow", batch_size=1000)
            return dataset.map_batches(Restore, compute=engine.data.ActorPoolStrategy(size=workers), **step).count()

        seconds = least(run)
        row(f"Ray, {workers} actor{'s' * (workers > 1)}", texts, seconds)
        engine.shutdown()


def workers_memory(name: str) -> str:
    """Proportional memory of the processes of this name, where the system tells it."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if name in (folder / "cmdline").read_bytes().decode():
                told = (folder / "smaps_rollup").read_text().splitlines()
                sizes.append(next(int(line.split()[1]) for line in told if line.startswith("Pss:")) // 1024)
        except (OSError, StopIteration):
            continue
    return "workers: " + ", ".join(f"{size} MB" for size in sorted(sizes, reverse=True)) if sizes else ""


if __name__ == "__main__":
    program, *parts = sys.argv[1:]
    print("| | documents | MB | s | MB/s | documents/s | |\n| --- | --- | --- | --- | --- | --- | --- |")
    for part in parts or ["core", "spark", "ray"]:
        {"core": lambda: core(os.path.realpath(program)), "spark": spark, "ray": ray}[part]()
