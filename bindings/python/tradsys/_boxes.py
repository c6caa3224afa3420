"""Objects: the engine, the matcher alone, books of feeds, the reader of ITCH, arrays of events."""
from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, List

from . import _native as native
from . import event, extension, itch, record
from .errors import FormatError
from ._record import Command, Event, Extension, ItchMessage, Record

if TYPE_CHECKING:
    import numpy
    from typing_extensions import Self

    from ._native import Bytes

    # What run takes: an array or anything with a buffer, or records one by one.
    Commands = Bytes | list[Command | bytes] | tuple[Command | bytes, ...]

__all__ = ["Engine", "Events", "ItchReader", "JournalReader", "LevelBook", "Matcher", "OrderBook", "pack"]


def pack(records: Iterable[Record | bytes]) -> bytes:
    """Records, one behind the other, as bytes: commands for run, or extended ones."""
    return b"".join(map(bytes, records))


def _asked(kind, ask, *arguments):
    """A record that a question fills in."""
    found = kind.of(bytes(kind.SIZE))
    ask(*arguments, found)
    return found


def _listed(kind, ask, *arguments):
    """All records of a question that says how many there are."""
    room = ask(*arguments, bytearray())
    while True:
        found = bytearray(room * kind.SIZE)
        count = ask(*arguments, found)
        if count <= room:
            return _split(kind, found, count)
        room = count


def _split(kind, found, count):
    view = memoryview(found)
    return [kind._over(view[at:at + kind.SIZE]) for at in range(0, count * kind.SIZE, kind.SIZE)]


def _first(kind, ask, *arguments, room):
    """As many records as there is room for."""
    found = bytearray(room * kind.SIZE)
    return _split(kind, found, ask(*arguments, found))


class Events(native.Events):
    """Events, in the order in which they came; a sequence of slots.

    It is a buffer: numpy.asarray(events) is a structured array of the heads, without a copy. While
    such a view lives the events cannot be cleared. Iterating gives one object of tradsys.event per
    record, each a copy, with its extensions.
    """

    def __init__(self, data: Bytes = b"") -> None:
        super().__init__()
        self.append(data)

    def __len__(self) -> int:
        return self.slots()

    def __iter__(self) -> Iterator[Event]:
        at, slots = 0, self.slots()
        while at < slots:
            try:
                data = self.record(at)
            except IndexError:
                raise RuntimeError("the events were cleared or taken while they were read") from None
            yield _event_of(data)
            at += len(data) // 64

    def __bytes__(self) -> bytes:
        return memoryview(self).tobytes()

    def __eq__(self, other):
        return bytes(self) == bytes(other) if isinstance(other, Events) else NotImplemented

    __hash__ = None

    def __reduce__(self):
        return Events, (bytes(self),)

    def of_kind(self, kind: int | type[Event]) -> Events:
        """The records of one kind: a number of EventKind, or a class of tradsys.event."""
        picked = Events()
        self.pick(_kind_of(kind), picked)
        return picked

    def count(self, kind: int | type[Event] = 0) -> int:
        """How many records there are, of one kind if it is given."""
        return super().count(_kind_of(kind))

    def array(self, kind: int | type[Event]) -> numpy.ndarray[Any, Any]:
        """A NumPy array of the base slots of one kind, with its fields by name; a copy."""
        import numpy
        number = _kind_of(kind)
        slots = numpy.frombuffer(self, dtype=numpy.uint8).reshape(-1, 64) if len(self) else \
            numpy.empty((0, 64), dtype=numpy.uint8)
        chosen = numpy.ascontiguousarray(slots[slots[:, 16] == number])
        return chosen.reshape(-1).view(event.BY_KIND[number].dtype)

    def __repr__(self) -> str:
        kinds = {}
        for one in self:
            kinds[one.KIND_NAME] = kinds.get(one.KIND_NAME, 0) + 1
        return f"Events({', '.join(f'{count} {name}' for name, count in kinds.items())})"


def _kind_of(kind):
    number = kind.KIND if isinstance(kind, type) else kind
    if number != 0 and number not in event.BY_KIND:
        raise ValueError(f"{kind!r} is no kind of event")
    return int(number)


def _event_of(data):
    kind = event.BY_KIND.get(data[16], Event)
    if len(data) == 64:
        return kind._over(data)
    return kind._over(data[:64], tuple(extension.BY_KIND.get(data[at + 16], Extension)._over(data[at:at + 64])
                                       for at in range(64, len(data), 64)))


class _Box:
    """What all objects with a life have."""

    # SWIG's, by which the memory could be lost, or given back twice.
    acquire = disown = None

    def close(self) -> None:
        """Ends it. What is asked of it later is a ClosedError."""
        super().close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self.is_open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self.closed:
            self.close()

    def __repr__(self) -> str:
        return f"<tradsys.{type(self).__name__}{', closed' if self.closed else ''}>"

    def __reduce__(self):
        raise TypeError(f"{type(self).__name__} cannot be pickled")

    def audit(self) -> int:
        """Checks every invariant: 0, or the line of the library that saw the first break."""
        return super().audit()


class _Executes(_Box):
    """What takes commands: the engine, and the matcher alone.

    submit(account, client_id, side, qty, px, instrument=0, type=LIMIT, tif=GTC, exec=0, actor=0)
    sends one order, send one record, run a batch. Events wait until they are taken: submit and send
    return how many slots they were, run and take hand all over that wait.
    """

    def run(self, commands: Commands) -> Events:
        """Executes a batch: a NumPy array, bytes (pack) or anything with a buffer, not copied, or
        records in a list. Returns the Events of it, behind those that were waiting."""
        if isinstance(commands, (list, tuple)):
            commands = pack(commands)
        super().run(commands)
        return self.take()

    def take(self) -> Events:
        """All events that wait."""
        taken = Events()
        super().take(taken)
        return taken

    def find(self, account: int, client_id: int) -> int | None:
        """The handle of a live order, None if there is none."""
        return super().find(account, client_id) or None

    def order(self, order: int) -> record.OrderInfo:
        """A live order by its handle."""
        return _asked(record.OrderInfo, super().order, order)

    def orders(self, **filter: int) -> List[record.OrderInfo]:
        """Live orders: all, or those of account=, instrument=, side=, tag=, actor=."""
        bits = {"account": 1, "instrument": 2, "side": 4, "tag": 8, "actor": 16}
        for name in filter:
            if name not in bits:
                raise TypeError(f"orders have no filter {name!r}")
        wanted = record.OrderFilter(filter=sum(bits[name] for name in filter), **filter)
        return _listed(record.OrderInfo, super().orders, wanted)

    def best(self, instrument: int, side: int) -> record.Level | None:
        """The best level of a side, None if it is empty."""
        found = record.Level.of(bytes(record.Level.SIZE))
        return found if super().best(instrument, side, found) else None

    def depth(self, instrument: int, side: int, levels: int = 10) -> List[record.Level]:
        """The best levels of a side, best first."""
        return _first(record.Level, super().depth, instrument, side, room=levels)

    def queue(self, instrument: int, side: int, px: int, orders: int = 100) -> List[record.OrderInfo]:
        """The orders at a price, the first in the queue first."""
        return _first(record.OrderInfo, super().queue, instrument, side, px, room=orders)

    def state(self, instrument: int) -> int:
        """The session state of an instrument."""
        return super().state(instrument)

    def spec(self, instrument: int) -> record.Instrument:
        """The specification of an instrument."""
        return _asked(record.Instrument, super().spec, instrument)

    def stats(self) -> record.MatchStats:
        """What it has done."""
        return _asked(record.MatchStats, super().stats)


# What the parts of an engine must agree on, and can be said once.
_SHARED = ("accounts_max", "instruments_max", "orders_max", "balances_max", "positions_max")


class Engine(_Executes, native.Engine):
    """Matching, accounts, risk and monitoring behind one switch: commands in, events out.

    The parts' definitions may be given; what is not has its default. accounts_max, instruments_max,
    orders_max, balances_max and positions_max set that field in all parts that have it.
    monitor=True watches margin levels by the default definition. The defaults have room for a
    million orders: who needs less says so.
    """

    def __init__(self, match: record.MatchDef | None = None,
                 accounts: record.AccountsDef | None = None, risk: record.RiskDef | None = None,
                 monitor: record.MonitorDef | bool | None = None,
                 liquidation: record.Liquidation | None = None, *, decisions: bool = False,
                 trail: bool = True, **shared: int) -> None:
        super().__init__()
        parts = [match.copy() if match else record.MatchDef(),
                 accounts.copy() if accounts else record.AccountsDef(),
                 risk.copy() if risk else record.RiskDef()]
        if monitor:
            parts.append(record.MonitorDef() if monitor is True else monitor.copy())
        if match is None:
            # Its default is any number of accounts, which the other parts do not have.
            parts[0].accounts_max = parts[1].accounts_max
        for name, value in shared.items():
            if name not in _SHARED:
                raise TypeError(f"Engine has no argument {name!r}")
            for part in parts:
                # A matcher with positions_max 0 keeps none: that is a choice of its own.
                if name in part.FIELDS and (part is not parts[0] or name != "positions_max"):
                    setattr(part, name, value)
        self.open(*parts[:3], parts[3] if monitor else b"", liquidation or b"", int(decisions),
                  int(trail))

    @classmethod
    def load(cls, data: Bytes) -> Engine:
        """An engine of a snapshot's bytes."""
        made = cls.__new__(cls)
        native.Engine.__init__(made)
        native.Engine.load(made, data)
        return made

    def asset(self, asset: record.Asset) -> int:
        """Adds an asset: its number."""
        return super().asset(asset)

    def fees(self, table: record.FeeTable) -> int:
        """Adds a fee table: its number."""
        return super().fees(table)

    def list(self, spec: record.Instrument, terms: record.Terms | None = None,
             profile: record.Profile | None = None, model: record.MarginModel | None = None) -> int:
        """Lists an instrument: its number."""
        return super().list(spec, terms or record.Terms(), profile or b"", model or b"")

    def ask(self, command_: Command | Bytes) -> record.Verdict:
        """What the verdict on a NEW or REPLACE would be; nothing changes."""
        return _asked(record.Verdict, super().ask, command_)

    def account(self, account: int) -> record.Account:
        """The terms of an account."""
        return _asked(record.Account, super().account, account)

    def balance(self, account: int, asset: int) -> record.Balance:
        """What an account has of an asset."""
        return _asked(record.Balance, super().balance, account, asset)

    def balances(self, account: int) -> List[record.AssetBalance]:
        """What an account has, by asset."""
        return _listed(record.AssetBalance, super().balances, account)

    def position(self, account: int, instrument: int, side: int = 0) -> record.Holding:
        """The position of an account."""
        return _asked(record.Holding, super().position, account, instrument, side)

    def positions(self, account: int) -> List[record.InstrumentHolding]:
        """All positions of an account."""
        return _listed(record.InstrumentHolding, super().positions, account)

    def equity(self, account: int) -> record.Equity:
        """What an account is worth."""
        return _asked(record.Equity, super().equity, account)

    def activity(self, account: int) -> record.Activity:
        """What an account did."""
        return _asked(record.Activity, super().activity, account)

    def held(self, order: int) -> record.Held:
        """What is locked for an order."""
        return _asked(record.Held, super().held, order)

    def portfolio(self, account: int, asset: int) -> record.Portfolio:
        """How an account of mode PORTFOLIO stands."""
        return _asked(record.Portfolio, super().portfolio, account, asset)

    def sums(self, account: int, group: int) -> record.ScenarioSums:
        """What an account of mode PORTFOLIO has in a scenario group."""
        return _asked(record.ScenarioSums, super().sums, account, group)

    def collateral(self, account: int) -> record.Collateral:
        """How an account of mode MULTI stands."""
        return _asked(record.Collateral, super().collateral, account)

    def parent(self, account: int, parent: int) -> record.Parent:
        """How a parent order stands."""
        return _asked(record.Parent, super().parent, account, parent)

    def limit(self, which: record.Limit) -> record.Limit:
        """A limit with its value: `which` names it."""
        return _asked(record.Limit, super().limit, which)

    def margin(self, unit: record.Unit) -> record.MarginState:
        """How a unit stands now."""
        return _asked(record.MarginState, super().margin, unit)

    def interval(self, account: int, instrument: int, side: int = 0) -> tuple[int, int]:
        """(low, high): while the mark is in it, no level changes."""
        import struct
        found = bytearray(16)
        super().interval(account, instrument, side, found)
        return struct.unpack("<2q", found)

    def watch(self) -> record.MonitorStats:
        """What the monitor has done."""
        return _asked(record.MonitorStats, super().watch)

    def trail(self) -> record.EventTrail:
        """Where it is: last command, slots of events, their hash."""
        return _asked(record.EventTrail, super().trail)

    def checkpoint(self, number: int) -> record.Checkpoint:
        """A checkpoint of the trail."""
        return _asked(record.Checkpoint, super().checkpoint, number)

    def page(self, number: int) -> record.Page:
        """A page of its image."""
        return _asked(record.Page, super().page, number)

    def snapshot(self) -> bytes:
        """All of it, as bytes: Engine.load is the way back."""
        made = bytearray(self.snapshot_begin())
        self.snapshot_write(made)
        return bytes(made)

    def export(self) -> str:
        """What it has, as text: one record of JSON per line (docs/formats/export.md)."""
        self.export_begin()
        pieces, more = [], 1
        while more:
            piece = bytearray(1 << 16)
            more, size = self.export_write(piece)
            pieces.append(piece[:size])
        return b"".join(pieces).decode()


class Matcher(_Executes, native.Match):
    """Books and matching alone, without money."""

    def __init__(self, match: record.MatchDef | None = None, **fields: int) -> None:
        super().__init__()
        definition = match.copy() if match else record.MatchDef()
        for name, value in fields.items():
            setattr(definition, name, value)
        self.open(definition)

    def vet(self, command_: Command | Bytes) -> tuple[int, record.Vetted]:
        """What a NEW or REPLACE would be: (reason it would be refused for or 0, Vetted)."""
        found = record.Vetted.of(bytes(record.Vetted.SIZE))
        return super().vet(command_, found), found


class LevelBook(_Box, native.LevelBook):
    """A book of a feed that says (side, price, new quantity)."""

    def __init__(self, **fields: int) -> None:
        super().__init__()
        self.open(record.LevelBookDef(**fields))

    def best(self, side: int) -> record.Level | None:
        """The best level of a side, None if it is empty."""
        found = record.Level.of(bytes(record.Level.SIZE))
        return found if super().best(side, found) else None

    def depth(self, side: int, levels: int = 10) -> List[record.Level]:
        """The best levels of a side, best first."""
        return _first(record.Level, super().depth, side, room=levels)


class OrderBook(_Box, native.OrderBook):
    """Books of a feed that says each order."""

    def __init__(self, **fields: int) -> None:
        super().__init__()
        self.open(record.OrderBookDef(**fields))

    def find(self, ref: int) -> record.BookOrder:
        """An order by the feed's name of it."""
        return _asked(record.BookOrder, super().find, ref)

    def first(self, instrument: int, side: int) -> record.BookOrder | None:
        """The order that would trade next on a side, None if there is none."""
        found = record.BookOrder.of(bytes(record.BookOrder.SIZE))
        return found if super().first(instrument, side, found) else None

    def best(self, instrument: int, side: int) -> record.Level | None:
        """The best level of a side, None if it is empty."""
        found = record.Level.of(bytes(record.Level.SIZE))
        return found if super().best(instrument, side, found) else None

    def depth(self, instrument: int, side: int, levels: int = 10) -> List[record.Level]:
        """The best levels of a side, best first."""
        return _first(record.Level, super().depth, instrument, side, room=levels)

    def __len__(self) -> int:
        return self.count()


class ItchReader(_Box, native.Itch):
    """Messages of ITCH 5.0 in a stream of bytes: feed, then iterate or read into an array."""

    def __init__(self, framing: int = 1) -> None:
        super().__init__()
        self.open(framing)

    def __iter__(self) -> Iterator[ItchMessage]:
        room = bytearray(64 * 256)
        while True:
            count = self.read(room)
            if count == 0:
                return
            for at in range(0, count * 64, 64):
                data = bytes(room[at:at + 64])
                yield itch.BY_KIND[data[12]]._over(data)

    def counts(self) -> record.ItchCounts:
        """What was met."""
        return _asked(record.ItchCounts, super().counts)

    audit = None


class JournalReader(_Box, native.Journal):
    """Commands of a journal: its segments are entered one after the other, in their order, and each
    is iterated to its end. A frame comes with its payload: whole commands as bytes, which run takes
    as they are, or one JournalCheck if its count is 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open()

    def __iter__(self) -> Iterator[tuple[record.JournalFrame, bytes]]:
        while True:
            frame = record.JournalFrame.of(bytes(record.JournalFrame.SIZE))
            payload = Events()
            if self.next(payload, frame) == 0:
                return
            yield frame, bytes(payload)

    def end(self) -> record.JournalReport:
        """How it ended, when the last segment is finished; FormatError if what was acknowledged is
        not all there: its `report` says what is."""
        found = record.JournalReport.of(bytes(record.JournalReport.SIZE))
        try:
            super().end(found)
        except FormatError as error:
            error.report = found
            raise
        return found

    @classmethod
    def directory(cls, path: str | os.PathLike[str]) -> Iterator[tuple[record.JournalFrame, bytes]]:
        """All frames of the journal whose files are in a directory."""
        names = sorted(name for name in os.listdir(path) if re.fullmatch(r"\d{12}\.journal", name))
        if not names:
            raise FileNotFoundError(f"{path}: no journal")
        with cls() as reader:
            for name in names:
                with open(os.path.join(path, name), "rb") as file:
                    reader.enter(int(name[:12]), file.read())
                yield from reader
            reader.end()

    audit = None
