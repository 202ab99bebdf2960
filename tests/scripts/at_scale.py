#!/usr/bin/env python3
"""What cannot be shown in seconds: size, interruption, a full disk, other people's readers.

usage: at_scale.py UNSPIN [PART...]     parts: large many deep kill disk readonly warc parquet (all)

Each part that cannot run here says why and is skipped. Exit code 1 if anything is wrong. `warc` needs the package warcio, `parquet` needs
pyarrow and a program built with the feature; `disk` needs root. Nothing is installed and nothing is left behind.
"""

import gzip
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

SPUN = ("Rubbish could beryllium near successful the streets from December aft garbage workers voted to spell connected "
        "onslaught implicit plans to instrumentality a antheral disconnected each lorry.")
CLEAN = ("The bridge was opened on Monday, number %d of its kind. People can cross it on foot, and it will be lit at night. "
         "The council has paid for the work, which took two years and was late by a month, and the mayor cut the ribbon.")


class Wrong(Exception):
    """Something is not as it must be."""


def check(condition, what):
    if not condition:
        raise Wrong(what)


def records(number, spun_every=20):
    for index in range(number):
        text = SPUN if index % spun_every == spun_every - 1 else CLEAN % index
        yield json.dumps({"id": f"r{index}", "source": "test", "text": text, "added": 1.0}) + "\n"


def write_gzip(path, lines, per_member=5000):
    with open(path, "wb") as out:
        block = []
        for line in lines:
            block.append(line)
            if len(block) == per_member:
                out.write(gzip.compress("".join(block).encode(), 6))
                block = []
        out.write(gzip.compress("".join(block).encode(), 6))


def run(arguments, code=0, **more):
    """Runs a program; its seconds and its peak memory in MB."""
    begun = time.monotonic()
    child = subprocess.Popen(arguments, **more)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    check(code is None or child.returncode == code, f"{arguments} ended with {child.returncode}")
    return time.monotonic() - begun, usage.ru_maxrss / 1024


def plain(path):
    """The plain lines of a file in zstd."""
    return subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout.decode().splitlines(keepends=True)


def large(unspin, folder):
    """100,000 records, gzip to zstd."""
    if not shutil.which("zstd"):
        return "skipped: zstd is not there"
    peaks = {}
    for number in (10_000, 100_000):
        source, result = f"{folder}/{number}.jsonl.gz", f"{folder}/{number}.jsonl.zst"
        before = list(records(number))
        write_gzip(source, before)
        seconds, peaks[number] = run([unspin, "restore", source, "--output", result, "--summary", f"{folder}/sum.json"])
        after = plain(result)
        check(len(after) == number, f"{len(after)} of {number} records")
        for index, (old, new) in enumerate(zip(before, after)):
            if index % 20 == 19:
                old, new = json.loads(old), json.loads(new)
                check(old["id"] == new["id"] and "could be left in" in new["text"], f"record {index}")
                check({**old, "text": ""} == {**new, "text": ""}, f"record {index}")
            else:
                check(old == new, f"clean record {index} has changed")
        size = sum(len(line) for line in before) / 1e6
        print(f"  {number:>7} records: {size:6.1f} MB in {seconds:6.2f} s, {size / seconds:7.2f} MB/s, peak {peaks[number]:.0f} MB")
    clean = f"{folder}/clean.jsonl.gz"
    write_gzip(clean, records(100_000, 10**9))
    rivals = [("unspin, clean records", [unspin, "restore", clean, "--output", f"{folder}/clean.jsonl.zst"])]
    rivals += [("zcat", ["zcat", clean]), ("jq -c .", ["sh", "-c", f"zcat {clean} | jq -c ."])]
    size = sum(len(line) for line in records(100_000, 10**9)) / 1e6
    for name, command in rivals:
        if shutil.which(command[0]) and (name != "jq -c ." or shutil.which("jq")):
            seconds, _ = run(command, stdout=subprocess.DEVNULL)
            print(f"  {name:<22} {size / seconds:7.1f} MB/s")
    check(peaks[100_000] < peaks[10_000] + 40, f"memory is not flat: {peaks}")
    return None


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def kill(unspin, folder):
    """Killed ten times at random moments, and gone on with."""
    source = f"{folder}/kill.jsonl.gz"
    write_gzip(source, records(6_000, 10))
    options = ["--step", "50K", "--quarantine", f"{folder}/bad.jsonl"]
    seconds, _ = run([unspin, "restore", source, "--output", f"{folder}/whole.jsonl.zst", "--edits", f"{folder}/whole.edits", *options])
    check(os.path.getsize(f"{folder}/whole.edits") > 0, "no edits")
    dice = random.Random(7)
    for attempt in range(10):
        result, edits = f"{folder}/k{attempt}.jsonl.zst", f"{folder}/k{attempt}.edits"
        command = [unspin, "restore", source, "--output", result, "--edits", edits, "--resume", *options]
        child = subprocess.Popen(command)
        time.sleep(seconds * dice.random())
        child.send_signal(signal.SIGKILL)
        child.wait()
        was_done = os.path.exists(edits)
        again, _ = run(command)
        check(digest(result) == digest(f"{folder}/whole.jsonl.zst"), f"attempt {attempt}: another result")
        check(digest(edits) == digest(f"{folder}/whole.edits"), f"attempt {attempt}: another edit log")
        print(f"  attempt {attempt}: {'was through' if was_done else f'gone on with in {again:.2f} of {seconds:.2f} s'}")
    left = [name for name in os.listdir(folder) if name.endswith(("unspin-part", "unspin-resume"))]
    check(not left, f"left behind: {left}")
    return None


def disk(unspin, folder):
    """A disk that is full."""
    if os.geteuid() != 0:
        return "skipped: mounting a small disk needs root"
    small = f"{folder}/small"
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], capture_output=True).returncode != 0:
        return "skipped: a small disk cannot be mounted here"
    try:
        random.seed(1)
        noise = "".join(random.choice("abcdefgh \n") for _ in range(400_000))
        with open(f"{folder}/big.txt", "w") as out:
            out.write(noise)
        shutil.copy(f"{folder}/big.txt", f"{folder}/keep.txt")
        with open(f"{small}/result.txt", "w") as out:
            out.write("before")
        done = subprocess.run([unspin, "restore", f"{folder}/big.txt", "--output", f"{small}/result.txt"], capture_output=True, text=True)
        check(done.returncode == 2 and "No space left" in done.stderr, f"{done.returncode} {done.stderr}")
        check(open(f"{small}/result.txt").read() == "before", "the old result is gone")
        check(os.listdir(small) == ["result.txt"], f"left behind: {os.listdir(small)}")
        check(digest(f"{folder}/big.txt") == digest(f"{folder}/keep.txt"), "the input has changed")
        with open(f"{small}/in.txt", "w") as out:
            out.write((SPUN + "\n\n") * 1000)
        held = digest(f"{small}/in.txt")
        done = subprocess.run([unspin, "restore", "--in-place", f"{small}/in.txt"], capture_output=True, text=True)
        check(done.returncode == 2 and "No space left" in done.stderr, f"{done.returncode} {done.stderr}")
        check(digest(f"{small}/in.txt") == held, "the file in place is damaged")
        check(".unspin-" not in done.stderr, f"a temporary name in {done.stderr}")
        print(f"  told: {done.stderr.strip().splitlines()[0].replace(folder, '')}")
    finally:
        subprocess.run(["umount", small], check=False)
    return None


def many(unspin, folder):
    """10,000 files in one folder."""
    os.mkdir(f"{folder}/in")
    for index in range(10_000):
        with open(f"{folder}/in/{index}.txt", "w") as out:
            out.write(SPUN if index % 50 == 0 else CLEAN % index)
    seconds, peak = run([unspin, "restore", f"{folder}/in", "--out-dir", f"{folder}/out", "--edits", f"{folder}/log.jsonl"])
    check(len(os.listdir(f"{folder}/out")) == 10_000, f"{len(os.listdir(f'{folder}/out'))} files")
    restored = sum("could be left in" in open(f"{folder}/out/{index}.txt").read() for index in range(10_000))
    check(restored == 200, f"{restored} restored")
    run([unspin, "undo", "--edits", f"{folder}/log.jsonl", f"{folder}/out"], stderr=subprocess.DEVNULL)
    for index in range(10_000):
        check(digest(f"{folder}/in/{index}.txt") == digest(f"{folder}/out/{index}.txt"), f"{index}.txt is not undone")
    print(f"  10000 files in {seconds:.2f} s, peak {peak:.0f} MB, and undone")
    return None


def deep(unspin, folder):
    """A tree deeper than a path may be long."""
    os.mkdir(f"{folder}/in")
    with open(f"{folder}/in/a.txt", "w") as out:
        out.write(SPUN)
    here = os.getcwd()
    try:
        os.chdir(f"{folder}/in")
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        with open("b.txt", "w") as out:
            out.write(SPUN)
    finally:
        os.chdir(here)
    done = subprocess.run([unspin, "restore", f"{folder}/in", "--out-dir", f"{folder}/out"], capture_output=True, text=True)
    check(done.returncode == 3 and "File name too long" in done.stderr, f"{done.returncode} {done.stderr[-300:]}")
    check("could be left in" in open(f"{folder}/out/a.txt").read(), "the file that can be read")
    print("  what lies too deep is named, the rest is done")
    return None


def readonly(unspin, folder):
    """A folder and a disk that cannot be written to."""
    root = os.geteuid() == 0
    place = f"{folder}/place"
    os.mkdir(place)
    if root and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True).returncode != 0:
        return "skipped: a disk cannot be mounted here, and root may write anywhere"
    try:
        with open(f"{place}/in.txt", "w") as out:
            out.write(SPUN)
        if root:
            check(subprocess.run(["mount", "-o", "remount,ro", place]).returncode == 0, "remount")
        else:
            os.chmod(place, 0o555)
        for options in (["--in-place"], ["--in-place", "--resume"], ["--out-dir", f"{place}/out"], ["--output", f"{place}/out.txt"]):
            done = subprocess.run([unspin, "restore", f"{place}/in.txt", *options], capture_output=True, text=True)
            check(done.returncode in (2, 3) and place in done.stderr, f"{options}: {done.returncode} {done.stderr}")
            check(os.listdir(place) == ["in.txt"], f"{options}: {os.listdir(place)}")
        check(open(f"{place}/in.txt").read() == SPUN, "the input has changed")
        print(f"  told: {done.stderr.strip().splitlines()[0].replace(folder, '')}")
    finally:
        if root:
            subprocess.run(["umount", place], check=False)
        else:
            os.chmod(place, 0o755)
    return None


def warc(unspin, folder):
    """A web archive, read by warcio."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.statusandheaders import StatusAndHeaders
        from warcio.warcwriter import WARCWriter
    except ImportError:
        return "skipped: the Python package warcio is not there"
    page = f"<html><head><title>x</title></head><body class='be'><p>{SPUN}</p></body></html>".encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (page[:100], page[100:])) + b"0\r\n\r\n"
    # as pages are stored: plain, compressed, in chunks, both
    stored = [([], page), ([("Content-Encoding", "gzip")], gzip.compress(page)), ([("Transfer-Encoding", "chunked")], chunked)]
    packed = gzip.compress(page)
    both = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    stored += [([("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], both), ([("Content-Encoding", "deflate")], zlib.compress(page))]
    for name in ("pages.warc.gz", "text.warc.wet.gz"):
        with open(f"{folder}/{name}", "wb") as out:
            writer = WARCWriter(out, gzip=True)
            writer.write_record(writer.create_warcinfo_record(name, {"software": "test"}))
            for index in range(20):
                address = f"http://example.org/{index}"
                if "wet" in name:
                    text = (SPUN if index % 4 == 0 else CLEAN % index).encode()
                    record = writer.create_warc_record(address, "conversion", io.BytesIO(text), warc_content_type="text/plain")
                else:
                    headers, body = stored[index // 4] if index % 4 == 0 else ([], (CLEAN % index).encode())
                    kind = "text/html; charset=utf-8" if index % 4 == 0 else "image/png"
                    lengths = [] if "Transfer-Encoding" in dict(headers) else [("Content-Length", str(len(body)))]
                    head = StatusAndHeaders("200 OK", [("Content-Type", kind)] + headers + lengths, protocol="HTTP/1.1")
                    record = writer.create_warc_record(address, "response", io.BytesIO(body), http_headers=head)
                writer.write_record(record)
        run([unspin, "restore", f"{folder}/{name}", "--out-dir", f"{folder}/out"])
        restored, ids = 0, []
        with open(f"{folder}/{name}", "rb") as before:
            wanted = [record.rec_headers.get_header("WARC-Record-ID") for record in ArchiveIterator(before)]
        with open(f"{folder}/out/{name}", "rb") as after:
            for record in ArchiveIterator(after, check_digests="raise"):
                body = record.content_stream().read()
                ids.append(record.rec_headers.get_header("WARC-Record-ID"))
                restored += b"could be left in" in body
                check(record.digest_checker.passed is not False, f"{name}: digest")
                if record.http_headers:
                    check(int(record.http_headers.get_header("Content-Length")) == len(body), f"{name}: length")
        check(ids == wanted, f"{name}: records")
        check(restored == 5, f"{name}: {restored} restored")
        if shutil.which("warcio"):
            run(["warcio", "check", f"{folder}/out/{name}"])
        print(f"  {name}: {len(ids)} records, every digest right, {restored} restored")
    return None


def parquet(unspin, folder):
    """Tables, read by pyarrow."""
    try:
        import pyarrow
        import pyarrow.ipc
        import pyarrow.parquet
    except ImportError:
        return "skipped: the Python package pyarrow is not there"
    texts = [None if index == 3 else SPUN if index % 10 == 0 else CLEAN % index for index in range(1000)]
    columns = {
        "id": [f"r{index}" for index in range(1000)],
        "text": texts,
        "score": [index / 7 for index in range(1000)],
        "tags": [["a", "b"], None] * 500,
        "when": pyarrow.array(range(1000), pyarrow.timestamp("us", "UTC")),
        "kind": pyarrow.array(["x", "y"] * 500).dictionary_encode(),
    }
    table = pyarrow.table(columns).replace_schema_metadata({"made": "by a test"})
    pyarrow.parquet.write_table(table, f"{folder}/t.parquet", row_group_size=300, compression="zstd")
    with pyarrow.ipc.new_file(f"{folder}/t.arrow", table.schema) as out:
        out.write_table(table, max_chunksize=300)
    with pyarrow.ipc.new_stream(f"{folder}/t.arrows", table.schema) as out:
        out.write_table(table, max_chunksize=300)
    for name in ("t.parquet", "t.arrow", "t.arrows"):
        done = subprocess.run([unspin, "restore", f"{folder}/{name}", "--output", f"{folder}/new.{name}"], capture_output=True, text=True)
        if "--features parquet" in done.stderr:
            return "skipped: the program was built without the feature parquet"
        check(done.returncode == 0, done.stderr)
        path = f"{folder}/new.{name}"
        before = table
        if name.endswith("parquet"):
            before = pyarrow.parquet.read_table(f"{folder}/{name}")
            after = pyarrow.parquet.read_table(path)
            check(pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD", "compression")
        elif name.endswith("arrow"):
            after = pyarrow.ipc.open_file(path).read_all()
        else:
            after = pyarrow.ipc.open_stream(path).read_all()
        check(after.schema.equals(before.schema), f"{name}: {after.schema} is not {before.schema}")
        check(after.schema.metadata == before.schema.metadata, f"{name}: metadata {after.schema.metadata}")
        check(after.drop(["text"]).equals(before.drop(["text"])), f"{name}: other columns")
        for index, (old, new) in enumerate(zip(texts, after["text"].to_pylist())):
            same = old == new
            check(same or "could be left in" in new, f"{name}: row {index}")
            check(same == (index % 10 != 0 or index == 3), f"{name}: row {index}")
        print(f"  {name}: {after.num_rows} rows, equal but for the text")
    return None


def main():
    parts = {"large": large, "many": many, "deep": deep, "kill": kill, "disk": disk, "readonly": readonly, "warc": warc,
             "parquet": parquet}
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(parts):
        sys.exit(__doc__)
    unspin = os.path.abspath(sys.argv[1])
    failed = False
    for name in sys.argv[2:] or parts:
        print(f"{name}: {parts[name].__doc__}", flush=True)
        folder = tempfile.mkdtemp(prefix="unspin-")
        try:
            skipped = parts[name](unspin, folder)
            print(f"  {skipped or 'right'}", flush=True)
        except Wrong as wrong:
            print(f"  WRONG: {wrong}", flush=True)
            failed = True
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
