"""The native half, in Rust; see bindings/python/src."""

from ._types import Restoration

VERSION: str

class Engine:
    def __new__(
        cls,
        profile: str,
        preset: str,
        model: str | None,
        min_confidence: float | None,
        protect: tuple[str, ...],
        protect_patterns: tuple[str, ...],
        max_bytes: int,
    ) -> Engine: ...
    def restore(self, text: str) -> Restoration: ...
    def restore_list(self, texts: list[object], threads: int) -> list[Restoration]: ...
    def restore_array(self, schema: object, array: object, threads: int) -> list[Restoration]: ...
    def restore_columns(
        self, schema: object, array: object, column: str, report: bool, threads: int
    ) -> tuple[object, object]: ...
    def explain(self, text: str) -> str: ...
    def explain_word(self, word: str) -> str: ...

def learn(
    name: str,
    garbled: list[tuple[str, str]],
    clean: list[tuple[str, str]],
    base: str | None,
    rounds: int | None,
    model: str | None,
    threads: int,
) -> tuple[list[tuple[str, str, str | None]], tuple[list[str], list[str], list[str]]]: ...
def read_profile(text: str) -> tuple[str, int, int]: ...
def shipped() -> list[tuple[str, str]]: ...
