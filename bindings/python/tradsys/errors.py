"""Errors: one class per kind of result code, each of which is also the built-in that fits.

A market's "no" is no error: it is an event (tradsys.event.Rejected and its kind).
"""
from __future__ import annotations

from . import _native as native
from ._constants import Result


class TradsysError(Exception):
    """A call of the library has failed, and nothing has changed by it. `code` is the number of
    tradsys.Result (or of the bindings, below -100), `name` its name, `where` the call."""

    def __init__(self, code: int, where: str = "") -> None:
        self.code = int(code)
        self.name = native.trb_result_name(self.code)
        self.where = where
        text = native.trb_result_text(self.code)
        super().__init__(f"{where}: {text} ({self.name})" if where else f"{text} ({self.name})")

    def __reduce__(self):
        return type(self), (self.code, self.where)

    def __str__(self) -> str:
        return self.args[0]


class ArgumentError(TradsysError, ValueError):
    """An argument or a definition is outside its documented range."""


class RangeError(TradsysError, OverflowError, ValueError):
    """A number does not fit its type or its declared range."""


class FormatError(TradsysError, ValueError):
    """Bytes or text are not what they claim to be: FORMAT, TRUNCATED, CORRUPT."""

    report = None  # of a journal: how it ended (JournalReport)


class UnknownError(TradsysError, KeyError):
    """There is no such order, level, instrument, key or message type."""


class ExistsError(TradsysError, ValueError):
    """It is already there."""


class FullError(TradsysError, RuntimeError):
    """There is no room: the definition says how much there is."""


class BusyError(TradsysError, RuntimeError):
    """Something is not finished, or another thread is in it."""


class FundsError(TradsysError, ValueError):
    """The free balance does not cover it."""


class OutOfMemory(TradsysError, MemoryError):
    """There is no memory for it."""


class IoError(TradsysError, OSError):
    """The operating system failed a call."""


class ClosedError(TradsysError, ValueError):
    """It was closed, or never opened."""


class ViewError(TradsysError, BufferError):
    """An array or memoryview still looks at these events."""


class BufferSizeError(TradsysError, ValueError):
    """A buffer has not the size or alignment that it must have."""


_CLASSES = {
    Result.E_ARG: ArgumentError,
    Result.E_FULL: FullError,
    Result.E_BUSY: BusyError,
    Result.E_RANGE: RangeError,
    Result.E_MEMORY: OutOfMemory,
    Result.E_UNKNOWN: UnknownError,
    Result.E_EXISTS: ExistsError,
    Result.E_FORMAT: FormatError,
    Result.E_TRUNCATED: FormatError,
    Result.E_FUNDS: FundsError,
    Result.E_CORRUPT: FormatError,
    Result.E_IO: IoError,
    -101: ClosedError,
    -102: ViewError,
    -103: BufferSizeError,
    -104: BusyError,
}

_missing = [result.name for result in Result if result < 0 and result not in _CLASSES]
if _missing:
    raise ImportError(f"tradsys: results without an error: {_missing}")
native.set_errors({int(code): kind for code, kind in _CLASSES.items()})

__all__ = ["ArgumentError", "BufferSizeError", "BusyError", "ClosedError", "ExistsError", "FormatError",
           "FullError", "FundsError", "IoError", "OutOfMemory", "RangeError", "TradsysError",
           "UnknownError", "ViewError"]
