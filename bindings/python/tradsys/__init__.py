"""libtradsys in Python: matching, accounts, risk, order books and feeds.

    import tradsys
    from tradsys import command

    with tradsys.Engine(instruments_max=1, accounts_max=8, orders_max=1000) as engine:
        ...
        for event in engine.run([command.New(account=1, client_id=1, side=tradsys.Side.BUY,
                                             qty=5, px=100, type=tradsys.Type.LIMIT,
                                             tif=tradsys.Tif.GTC)]):
            print(event)

Commands are in tradsys.command, events in tradsys.event, their extensions in tradsys.extension,
messages of ITCH in tradsys.itch, margin in tradsys.margin; definitions, answers, constants and
objects are here. Prices are ticks, quantities lots, money minor units: whole numbers, never floats.
"""
from __future__ import annotations

from . import _constants, _native
from ._constants import *  # noqa: F401,F403 - the lists of the headers
from .errors import *  # noqa: F401,F403
from . import _record, command, event, extension, itch, record
from ._boxes import Engine, Events, ItchReader, JournalReader, LevelBook, Matcher, OrderBook, pack
from ._record import Record
from .record import *  # noqa: F401,F403
from . import margin

_version = _native.trb_version()
__version__ = f"{_version >> 16}.{_version >> 8 & 255}.{_version & 255}"


def itch_detect(data: _native.Bytes) -> int:
    """The framing of a file of ITCH, from its start."""
    return _native.trb_itch_detect(data)


def itch_decode(data: _native.Bytes) -> tuple[_record.ItchMessage, int]:
    """The message at the start of these bytes: (message, bytes consumed)."""
    found = bytearray(64)
    size = _native.trb_itch_decode(data, found)
    return itch.BY_KIND[found[12]]._over(found), size


def itch_encode(message: _record.ItchMessage) -> bytes:
    """The bytes of a message."""
    made = bytearray(64)
    return bytes(made[:_native.trb_itch_encode(message, made)])


def snapshot_head(data: _native.Bytes) -> record.SnapshotHead:
    """What a snapshot says of itself."""
    found = record.SnapshotHead.of(bytes(record.SnapshotHead.SIZE))
    _native.trb_snapshot_peek(data, found)
    return found
