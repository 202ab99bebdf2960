"""Arrow in, Arrow out: the same texts as in lists, everything else untouched, nothing copied that need not be."""

from __future__ import annotations

import pytest

import unspin

pa = pytest.importorskip("pyarrow")

KINDS = ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"]


def kind(name: str) -> pa.DataType:
    return getattr(pa, name)()


@pytest.fixture(scope="module")
def texts(spun: str, clean: list[str]) -> list[str | None]:
    return [clean[0], spun, None, "", "short", clean[1], spun[:400], spun[:400], "on"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("threads", [1, 2])
def test_every_kind_of_column_has_the_texts_of_lists(restorer: unspin.Restorer, texts: list[str | None], name: str, threads: int) -> None:
    rows = pa.record_batch({"id": pa.array(range(len(texts))), "text": pa.array(texts, kind("string")).cast(kind(name))})
    done = restorer.restore_arrow(rows, threads=threads)
    done.validate(full=True)
    assert done.schema.equals(rows.schema, check_metadata=True)
    expected = [text if text is None else restorer.restore(text).text for text in texts]
    assert done["text"].cast(pa.string()).to_pylist() == expected
    assert done["id"].equals(rows["id"])
    assert expected != texts


@pytest.mark.parametrize("name", KINDS)
def test_slices_are_read_where_they_begin(restorer: unspin.Restorer, texts: list[str | None], name: str) -> None:
    column = pa.array(["before", *texts, "behind"], pa.string()).cast(kind(name))
    rows = pa.record_batch({"text": column, "n": pa.array(range(len(column)))})
    expected = [text if text is None else restorer.restore(text).text for text in texts]
    for part in (rows.slice(1, len(texts)), pa.record_batch({"text": column.slice(1, len(texts)), "n": rows["n"].slice(1, len(texts))})):
        done = restorer.restore_arrow(part)
        done.validate(full=True)
        assert done["text"].cast(pa.string()).to_pylist() == expected
        assert done["n"].to_pylist() == list(range(1, len(texts) + 1))
    assert restorer.restore_arrow(rows.slice(0, 0)).num_rows == 0


def test_other_columns_and_metadata_pass_whatever_they_are(restorer: unspin.Restorer, spun: str) -> None:
    columns = {
        "list": pa.array([[1], None, []]),
        "nested": pa.array([{"a": "x", "b": [None, 1.5]}, None, {"a": None, "b": None}]),
        "dictionary": pa.array(["x", "y", "x"]).dictionary_encode(),
        "time": pa.array([1, 2, None], pa.timestamp("us", "UTC")),
        "decimal": pa.array([None, 1, 2], pa.decimal128(9, 2)),
        "null": pa.nulls(3),
        "text": pa.array([spun, None, "on"]),
        "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int8())),
    }
    rows = pa.record_batch(columns)
    fields = [rows.schema.field(name).with_metadata({"of": name}) for name in rows.schema.names]
    rows = rows.cast(pa.schema(fields, metadata={"origin": "test"}))
    done = restorer.restore_arrow(rows, report=True)
    done.validate(full=True)
    assert done.select(rows.schema.names).schema.equals(rows.schema, check_metadata=True)
    assert all(done[name].equals(rows[name]) for name in columns if name != "text")
    assert done["text"][0].as_py() == restorer.restore(spun).text
    assert done["text_verdict"].to_pylist() == ["spun", None, "clean"]
    assert done["text_edits"].to_pylist() == [len(restorer.restore(spun).edits), None, 0]
    assert done["text_error"].to_pylist() == [None, None, None]


def test_nothing_is_copied_where_nothing_changes(restorer: unspin.Restorer, clean: list[str]) -> None:
    rows = pa.record_batch({"text": clean, "n": pa.array(range(len(clean)))})
    done = restorer.restore_arrow(rows)
    for column in ("text", "n"):
        assert [buffer and buffer.address for buffer in done[column].buffers()] == [buffer and buffer.address for buffer in rows[column].buffers()]
    # and it outlives what it was made from
    del rows
    assert done["text"].to_pylist() == clean


def test_a_bad_record_keeps_its_bytes(restorer: unspin.Restorer, spun: str) -> None:
    raw = [spun.encode(), b"\xff\xfe bad", b"nul \0", spun.encode()]
    offsets = pa.array([0, *[sum(map(len, raw[: n + 1])) for n in range(len(raw))]], pa.int32())
    column = pa.Array.from_buffers(pa.string(), len(raw), [None, offsets.buffers()[1], pa.py_buffer(b"".join(raw))])
    rows = pa.record_batch([column], ["text"])
    done = restorer.restore_arrow(rows, report=True)
    restored = restorer.restore(spun).text.encode()
    assert done["text"].cast(pa.binary()).to_pylist() == [restored, *raw[1:3], restored]
    assert done["text_verdict"].to_pylist() == ["spun", "unsure", "unsure", "spun"]
    errors = done["text_error"].to_pylist()
    assert errors[0] is None and "byte 0 is not UTF-8" in errors[1] and errors[2] and errors[3] is None
    results = restorer.restore_batch(column)
    assert [result.text for result in results] == [restored.decode(), raw[1], "nul \0", restored.decode()]
    assert [result.error for result in results] == errors


def test_arrays_are_batches(restorer: unspin.Restorer, texts: list[str | None]) -> None:
    expected = restorer.restore_batch(texts)
    for name in KINDS:
        array = pa.array(texts, pa.string()).cast(kind(name))
        for given in (array, pa.chunked_array([array.slice(0, 3), array.slice(3)])):
            done = restorer.restore_batch(given)
            assert [result[:9] for result in done] == [result[:9] for result in expected]
            assert [result.error is None for result in done] == [result.error is None for result in expected]


def test_tables_of_many_batches_and_of_none(restorer: unspin.Restorer, texts: list[str | None]) -> None:
    table = pa.table({"text": pa.chunked_array([pa.array(texts), pa.array(texts[:2])])})
    done = restorer.restore_arrow(table, report=True)
    assert done["text"].to_pylist() == [text if text is None else restorer.restore(text).text for text in [*texts, *texts[:2]]]
    empty = restorer.restore_arrow(table.slice(0, 0), report=True)
    assert empty.num_rows == 0 and empty.schema == done.schema


@pytest.mark.parametrize(
    ("rows", "column", "message"),
    [
        (lambda: pa.record_batch({"a": ["x"]}), "text", r"no column `text` \(there are: a\)"),
        (lambda: pa.record_batch({"text": [1]}), "text", "holds no text but Int64; cast"),
        (lambda: pa.record_batch([pa.array(["x"]), pa.array(["y"])], ["text", "text"]), "text", "2 column"),
        (lambda: pa.record_batch({"text": pa.array(["x"]).dictionary_encode()}), "text", "Dictionary"),
    ],
)
def test_what_cannot_be_used_is_named(restorer: unspin.Restorer, rows: object, column: str, message: str) -> None:
    with pytest.raises(unspin.ArrowError, match=message):
        restorer.restore_arrow(rows(), column)  # type: ignore[operator]


def test_damaged_offsets_are_an_error_and_no_crash(restorer: unspin.Restorer) -> None:
    offsets = pa.array([0, 9, 3], pa.int32()).buffers()[1]
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abc")])
    with pytest.raises(unspin.ArrowError, match="damaged"):
        restorer.restore_arrow(pa.record_batch([column], ["text"]))


def test_what_is_no_arrow_is_refused(restorer: unspin.Restorer) -> None:
    with pytest.raises(unspin.WrongTypeError, match="list"):
        restorer.restore_arrow([{"text": "x"}])
