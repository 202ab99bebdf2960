"""Many texts: order, bad records, threads, fork, other threads of Python."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import unspin


def test_a_batch_is_what_single_texts_are(restorer: unspin.Restorer, spun: str, clean: list[str]) -> None:
    texts = [spun, *clean[:5], spun[:300], ""]
    single = [restorer.restore(text) for text in texts]
    for threads in (1, 3):
        assert restorer.restore_batch(texts, threads=threads) == single
    assert restorer.restore_batch(iter(texts)) == single
    assert restorer.restore_batch([]) == []


def test_bad_records_never_raise(restorer: unspin.Restorer, spun: str) -> None:
    bad = [None, 7, b"bytes", "half \udc00", "nul \0", ["list"], float("nan")]
    texts = [spun, *bad, spun]
    for threads in (1, 2):
        done = restorer.restore_batch(texts, threads=threads)
        assert [result.error is None for result in done] == [True, *[False] * len(bad), True]
        assert all(result.text is given and result.edits == () for result, given in zip(done[1:-1], bad))
        assert done[0] == done[-1] == restorer.restore(spun)


def test_one_text_is_no_batch(restorer: unspin.Restorer, spun: str) -> None:
    for wrong in (spun, spun.encode()):
        with pytest.raises(unspin.WrongTypeError, match="many texts"):
            restorer.restore_batch(wrong)
    for threads in (0, -1, 1.5):
        with pytest.raises(unspin.ConfigError, match="threads"):
            restorer.restore_batch([spun], threads=threads)  # type: ignore[arg-type]


def test_other_threads_of_python_run_meanwhile(restorer: unspin.Restorer, spun: str) -> None:
    """However slow the machine: another thread can only tick where the restorer lets go of Python's lock."""
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    unhurried = sys.getswitchinterval()
    sys.setswitchinterval(600)
    ticker = threading.Thread(target=tick)
    try:
        ticker.start()
        before = ticks
        for _ in range(50):
            restorer.restore("\n\n".join([spun] * 5))
            if ticks > before:
                break
        during = ticks - before
    finally:
        sys.setswitchinterval(unhurried)
        done.set()
        ticker.join()
    assert during > 0


def test_threads_of_python_may_share_a_restorer(restorer: unspin.Restorer, spun: str) -> None:
    expected = restorer.restore(spun)
    with ThreadPoolExecutor(4) as pool:
        assert all(done == expected for done in pool.map(restorer.restore, [spun] * 8))


def test_a_fork_after_use_with_threads_works(restorer: unspin.Restorer, spun: str) -> None:
    expected = restorer.restore_batch([spun] * 4, threads=2)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(restorer.restore, [spun] * 4) == expected
    # threads in the child, too
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        same = restorer.restore_batch([spun] * 4, threads=2) == expected
        os.write(writing, b"same" if same else b"else")
        os._exit(0)
    assert os.read(reading, 4) == b"same"
    assert os.waitpid(child, 0)[1] == 0
    os.close(reading)
    os.close(writing)


def test_no_thread_is_left(restorer: unspin.Restorer, spun: str) -> None:
    def threads() -> int:
        return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 0

    before = threads()
    restorer.restore_batch([spun] * 4, threads=3)
    # the system may list a thread for a moment after it has ended
    deadline = time.monotonic() + 10
    while threads() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads() <= before


def test_a_spawned_process_works(restorer: unspin.Restorer, spun: str) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(restorer.restore, [spun]) == restorer.restore(spun)


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_a_long_batch(restorer: unspin.Restorer, spun: str, threads: int) -> None:
    timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        restorer.restore_batch([spun] * 100_000, threads=threads)
    assert time.monotonic() - start < 60
    timer.join()


def test_memory_does_not_grow(restorer: unspin.Restorer, spun: str, clean: list[str]) -> None:
    resource = pytest.importorskip("resource")

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    texts = [*clean, spun, None]
    for _ in range(2):
        restorer.restore_batch(texts)
    before = peak()
    for _ in range(10):
        restorer.restore_batch(texts)
        unspin.Restorer().restore(spun[:200])
    assert peak() - before < 30_000  # KiB
