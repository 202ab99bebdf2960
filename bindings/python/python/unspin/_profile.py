"""What is known of one spinner, as a value that can be pickled."""

from __future__ import annotations

import os
from pathlib import Path

from . import _core
from ._errors import ConfigError


class Profile:
    """A spinner's pairs of words, as its file has them (docs/FORMATS.md). It carries its text, so it needs no file where it is unpickled.

    >>> import unspin
    >>> profile = unspin.Profile.shipped("beryllium")
    >>> profile.name, profile.pairs > 1000
    ('beryllium', True)
    """

    __slots__ = ("name", "pairs", "text", "version")

    def __init__(self, text: str) -> None:
        #: The profile as it stands in its file.
        self.text = text
        self.name, self.version, self.pairs = _core.read_profile(text)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Profile:
        """Reads a profile file; raises ConfigError with the line of what is wrong."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read the profile {os.fspath(path)}: {error}") from error
        try:
            return cls(text)
        except ConfigError as error:
            raise ConfigError(f"{os.fspath(path)}: {error}") from None

    @classmethod
    def shipped(cls, name: str) -> Profile:
        """A profile that comes with the package."""
        known = dict(_core.shipped())
        if name not in known:
            raise ConfigError(f"unknown profile `{name}` (known: {', '.join(known)}); for a file write its path, such as ./my.tsv")
        return cls(known[name])

    @classmethod
    def named(cls, name: str | os.PathLike[str]) -> Profile:
        """A shipped profile, or a file: what ends in `.tsv` or has a folder in it."""
        path = os.fspath(name)
        if not isinstance(name, str) or path.endswith(".tsv") or os.path.dirname(path):
            return cls.load(name)
        return cls.shipped(name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the profile to a file, for `--profile FILE` or `Profile.load`."""
        Path(path).write_text(self.text, encoding="utf-8", newline="\n")

    def __reduce__(self) -> tuple[type[Profile], tuple[str]]:
        return (Profile, (self.text,))

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Profile) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"<unspin.Profile {self.name} {self.version}, {self.pairs} pairs>"
