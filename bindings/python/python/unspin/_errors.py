"""What goes wrong, as exceptions.

All of them are `UnspinError`; each is also the built-in exception that one would expect.
"""


class UnspinError(Exception):
    """Anything that goes wrong in unspin."""


class TextError(UnspinError, ValueError):
    """A string that cannot be restored: half a surrogate pair, a NUL character, too long."""


class WrongTypeError(UnspinError, TypeError):
    """Not a string at all: None, bytes, a number."""


class ConfigError(UnspinError, ValueError):
    """Settings that do not work: an unknown profile or preset, a file that cannot be read or is damaged."""


class LearnError(UnspinError, ValueError):
    """Nothing can be learned from these texts."""


class ArrowError(UnspinError, ValueError):
    """An Arrow table that cannot be used: no such column, a column without text."""


class InternalError(UnspinError, RuntimeError):
    """A fault of unspin itself. Please report it with the text."""
