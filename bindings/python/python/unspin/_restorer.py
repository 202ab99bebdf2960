"""Settings and loaded models, for any number of texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from . import _core
from ._errors import ArrowError, ConfigError, WrongTypeError
from ._profile import Profile
from ._types import Detection, Restoration

if TYPE_CHECKING:
    import pyarrow

    Rows = TypeVar("Rows", pyarrow.RecordBatch, pyarrow.Table)
else:
    Rows = TypeVar("Rows")

#: Longer texts are not looked at, in bytes of UTF-8: as the command line has it.
MAX_BYTES = 64 << 20


class Restorer:
    """Restores texts. Make one and keep it: making it takes longer than restoring a short text.

    `profile` is `auto` (whichever spinner explains the text), `none` (thesaurus and language model alone), the name of a shipped profile, a
    profile file, or a `Profile`. `preset` is `precision`, `balanced` or `recall`; `min_confidence` (0 to 1) overrides its least confidence of
    an edit. `model` is the file of another language model. `protect` lists words and phrases that stay as they are, `protect_patterns` regular
    expressions of such. Texts of more than `max_bytes` are refused.

    It never changes, so threads may share it; it can be pickled (profiles travel along, a `model` must lie at the same path there) and used
    on both sides of a fork. It works on the calling thread unless `threads` says otherwise, and lets other threads of Python run meanwhile.

    >>> import unspin
    >>> restorer = unspin.Restorer(preset="precision", protect=["onslaught"])
    >>> restorer
    unspin.Restorer(preset='precision', protect=('onslaught',))
    """

    __slots__ = ("_engine", "_settings")

    def __init__(
        self,
        profile: str | os.PathLike[str] | Profile = "auto",
        *,
        preset: Literal["precision", "balanced", "recall"] = "balanced",
        model: str | os.PathLike[str] | None = None,
        min_confidence: float | None = None,
        protect: Iterable[str] = (),
        protect_patterns: Iterable[str] = (),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        if not isinstance(profile, Profile) and profile not in ("auto", "none"):
            profile = Profile.named(profile)
        if isinstance(protect, str) or isinstance(protect_patterns, str):
            raise ConfigError("protect and protect_patterns take lists of strings, not one string")
        words, patterns = tuple(protect), tuple(protect_patterns)
        path = None if model is None else os.path.abspath(model)
        text = profile.text if isinstance(profile, Profile) else os.fspath(profile)
        self._engine = _core.Engine(text, preset, path, min_confidence, words, patterns, max_bytes)
        self._settings: dict[str, Any] = {
            "profile": profile,
            "preset": preset,
            "model": path,
            "min_confidence": min_confidence,
            "protect": words,
            "protect_patterns": patterns,
            "max_bytes": max_bytes,
        }

    def restore(self, text: str) -> Restoration:
        """Restores a text. Raises `WrongTypeError` if it is no string, `TextError` if it is none that can be restored."""
        return self._engine.restore(text)

    def detect(self, text: str) -> Detection:
        """Tells whether a text is spun. Raises as `restore`."""
        found = self._engine.restore(text)
        return Detection(found.verdict, found.score, found.profile, found.words, found.swapped, found.spans)

    def explain(self, text: str) -> str:
        """Tells for a person why each word is changed or left open. Raises as `restore`."""
        return self._engine.explain(text)

    def explain_word(self, word: str) -> str:
        """Tells for a person what a word may stand for."""
        return self._engine.explain_word(word)

    def restore_batch(self, texts: Iterable[Any], *, threads: int = 1) -> list[Restoration]:
        """Restores many texts: a list, any iterable, or an Arrow array (whatever has `__arrow_c_array__` or `__arrow_c_stream__`).

        The results are in the order of the texts. A bad record never raises: its result has the text as it was given (a null is None, what
        is not UTF-8 is bytes) and the `error`.

        >>> import unspin
        >>> good, bad = unspin.restore_batch(["The bridge was opened on Monday.", None])
        >>> good.error, bad.text, bad.error
        (None, None, 'this is NoneType, not str')
        """
        threads = checked(threads)
        if hasattr(texts, "__arrow_c_array__"):
            return self._array(texts, threads)
        if hasattr(texts, "__arrow_c_stream__"):
            chunks = needs_pyarrow().chunked_array(texts).chunks
            return [done for chunk in chunks for done in self._array(chunk, threads)]
        if isinstance(texts, (str, bytes)):
            raise WrongTypeError("restore_batch takes many texts; for one text there is restore")
        return self._engine.restore_list(texts if isinstance(texts, list) else list(texts), threads)

    def restore_arrow(self, rows: Rows, column: str = "text", *, report: bool = False, threads: int = 1) -> Rows:
        """Restores the texts of one column of a `pyarrow.RecordBatch` or `Table`; everything else stays as it is.

        Nothing is copied on the way in; on the way out only a column with changes is made anew. Nulls stay null; a bad record keeps its
        bytes. With `report` there are three more columns: `{column}_verdict`, `{column}_edits` (their number) and `{column}_error`.

        >>> import pyarrow as pa, unspin
        >>> rows = pa.record_batch({"id": [1, 2], "text": ["The bridge was opened on Monday.", None]})
        >>> unspin.restore_arrow(rows, report=True).column_names
        ['id', 'text', 'text_verdict', 'text_edits', 'text_error']
        """
        threads = checked(threads)
        pa = needs_pyarrow()
        if isinstance(rows, pa.Table):
            # a table without rows has no batch that would tell what comes out
            batches = rows.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]
            return pa.Table.from_batches([self.restore_arrow(batch, column, report=report, threads=threads) for batch in batches])
        if not hasattr(rows, "__arrow_c_array__"):
            raise WrongTypeError(f"this is {type(rows).__name__}, not a pyarrow.RecordBatch or Table")
        schema, array = rows.__arrow_c_array__()
        return pa.record_batch(Capsules(self._engine.restore_columns(schema, array, column, report, threads)))

    def _array(self, texts: Any, threads: int) -> list[Restoration]:
        schema, array = texts.__arrow_c_array__()
        return self._engine.restore_array(schema, array, threads)

    def __reduce__(self) -> tuple[Callable[..., Restorer], tuple[Any, ...]]:
        return (restorer_of, tuple(self._settings.items()))

    def __eq__(self, other: object) -> bool:
        return self._settings == other._settings if isinstance(other, Restorer) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._settings.values()))

    def __repr__(self) -> str:
        usual = {"profile": "auto", "preset": "balanced", "max_bytes": MAX_BYTES}
        told = (f"{name}={value!r}" for name, value in self._settings.items() if value and value != usual.get(name))
        return f"unspin.Restorer({', '.join(told)})"


@lru_cache(maxsize=4)
def restorer_of(*settings: tuple[str, Any]) -> Restorer:
    """A restorer as it is unpickled: a worker that is sent the same one with every task loads it once."""
    return Restorer(**dict(settings))


class Capsules:
    """Arrow data on their way to another library."""

    def __init__(self, pair: tuple[object, object]) -> None:
        self.pair = pair

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self.pair


def checked(threads: int) -> int:
    """A number of threads that can be used."""
    if not isinstance(threads, int) or threads < 1:
        raise ConfigError(f"threads is {threads!r}; it must be a whole number from 1 on")
    return threads


def needs_pyarrow() -> Any:
    """The module, or what to do without it."""
    try:
        import pyarrow
    except ImportError:
        raise ArrowError("this needs pyarrow: pip install pyarrow") from None
    return pyarrow

