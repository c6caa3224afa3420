"""Records: classes over bytes. The generated modules say which fields lie where."""
from __future__ import annotations

import struct
from operator import index
from typing import TYPE_CHECKING, Any

from . import _native as native
from . import errors

if TYPE_CHECKING:
    from decimal import Decimal

    from typing_extensions import Self

    from ._constants import InstrumentFault

_UNSIGNED = {"B": 1, "H": 2, "I": 4, "Q": 8}
_SIGNED = {"b": 1, "h": 2, "i": 4, "q": 8}


def _range(code):
    if code in _UNSIGNED:
        return 0, (1 << 8 * _UNSIGNED[code]) - 1
    half = 1 << (8 * _SIGNED[code] - 1)
    return -half, half - 1


def _refuse(record, name, code, value):
    """What is wrong with a value that struct did not take."""
    try:
        number = index(value)
    except TypeError:
        return TypeError(f"{type(record).__name__}.{name}: a whole number is needed, not {type(value).__name__}")
    low, high = _range(code)
    if low <= number <= high:
        return TypeError(f"{type(record).__name__}.{name}: this record can only be read")
    return OverflowError(f"{type(record).__name__}.{name}: {number} is not in [{low}, {high}]")


def _described(made, layout, group=None):
    made.fget.layout = layout
    made.fget.group = group
    return made


def number(code, offset, name, doc, group=None):
    """A whole number."""
    packed = struct.Struct("<" + code)
    unpack_from, pack_into = packed.unpack_from, packed.pack_into

    def read(self):
        return unpack_from(self._buf, offset)[0]

    def write(self, value):
        try:
            pack_into(self._buf, offset, value)
        except (struct.error, TypeError):
            raise _refuse(self, name, code, value) from None

    return _described(property(read, write, None, doc), ("<" + _NUMPY[code], offset), group)


def letter(offset, name, doc):
    """One byte that is a character."""
    def read(self):
        return chr(self._buf[offset])

    def write(self, value):
        if isinstance(value, str):
            if len(value) != 1 or ord(value) > 255:
                raise ValueError(f"{type(self).__name__}.{name}: one character below 256 is needed")
            value = ord(value)
        try:
            struct.pack_into("B", self._buf, offset, value)
        except (struct.error, TypeError):
            raise _refuse(self, name, "B", value) from None

    return _described(property(read, write, None, doc), ("S1", offset))


def _bytes_for(self, name, value, count):
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    value = bytes(value) if not isinstance(value, (bytes, bytearray)) else value
    if len(value) > count:
        raise OverflowError(f"{type(self).__name__}.{name}: {len(value)} bytes do not fit in {count}")
    return value


def text(count, offset, name, doc):
    """Characters, filled up with zeros."""
    def read(self):
        return bytes(self._buf[offset:offset + count]).rstrip(b"\0").decode("utf-8", "surrogateescape")

    def write(self, value):
        if not isinstance(value, (str, bytes, bytearray)):
            raise TypeError(f"{type(self).__name__}.{name}: text is needed, not {type(value).__name__}")
        _store(self, offset, _bytes_for(self, name, value, count).ljust(count, b"\0"))

    return _described(property(read, write, None, doc), (f"S{count}", offset))


def raw(count, offset, name, doc):
    """Bytes."""
    def read(self):
        return bytes(self._buf[offset:offset + count])

    def write(self, value):
        if isinstance(value, (str, int)):
            raise TypeError(f"{type(self).__name__}.{name}: bytes are needed, not {type(value).__name__}")
        _store(self, offset, _bytes_for(self, name, value, count).ljust(count, b"\0"))

    return _described(property(read, write, None, doc), (("u1", (count,)), offset))


def numbers(code, count, offset, name, doc, group=None):
    """An array of whole numbers; fewer are filled up with zeros."""
    packed = struct.Struct(f"<{count}{code}")

    def read(self):
        return packed.unpack_from(self._buf, offset)

    def write(self, value):
        given = list(value)
        if len(given) > count:
            raise OverflowError(f"{type(self).__name__}.{name}: {len(given)} numbers do not fit in {count}")
        given += [0] * (count - len(given))
        try:
            packed.pack_into(self._buf, offset, *given)
        except (struct.error, TypeError):
            for one in given:
                try:
                    struct.pack("<" + code, one)
                except struct.error:
                    raise _refuse(self, name, code, one) from None
            raise _refuse(self, name, code, 0) from None

    return _described(property(read, write, None, doc), (("<" + _NUMPY[code], (count,)), offset), group)


def inner(of, offset, name, doc):
    """A record inside a record: what it shows, and takes, are the bytes of the outer one."""
    def read(self):
        kind = _CLASSES[of]
        return kind._over(memoryview(self._buf)[offset:offset + kind.SIZE])

    def write(self, value):
        kind = _CLASSES[of]
        if not isinstance(value, kind):
            raise TypeError(f"{type(self).__name__}.{name}: {of} is needed, not {type(value).__name__}")
        _store(self, offset, bytes(value))

    return _described(property(read, write, None, doc), (of, offset))


def inners(of, count, offset, name, doc):
    """Records inside a record; fewer are filled up with zeros."""
    def read(self):
        kind = _CLASSES[of]
        view = memoryview(self._buf)
        return tuple(kind._over(view[at:at + kind.SIZE])
                     for at in range(offset, offset + count * kind.SIZE, kind.SIZE))

    def write(self, value):
        kind = _CLASSES[of]
        given = list(value)
        if len(given) > count:
            raise OverflowError(f"{type(self).__name__}.{name}: {len(given)} records do not fit in {count}")
        for one in given:
            if not isinstance(one, kind):
                raise TypeError(f"{type(self).__name__}.{name}: {of} is needed, not {type(one).__name__}")
        _store(self, offset, b"".join(map(bytes, given)).ljust(count * kind.SIZE, b"\0"))

    return _described(property(read, write, None, doc), ((of, (count,)), offset))


def _store(self, offset, value):
    try:
        self._buf[offset:offset + len(value)] = value
    except TypeError:
        raise TypeError(f"{type(self).__name__}: this record can only be read") from None


_NUMPY = {"B": "u1", "b": "i1", "H": "u2", "h": "i2", "I": "u4", "i": "i4", "Q": "u8", "q": "i8"}
_CLASSES = {}  # name: class, of those that can be inside others


class _Kind(type):
    """What all classes of records have: a dtype, made when it is first asked for."""

    @property
    def dtype(cls) -> Any:
        """The record as a NumPy dtype."""
        made = cls.__dict__.get("_dtype")
        if made is None:
            import numpy
            spec = {"names": [], "formats": [], "offsets": [], "itemsize": cls.SIZE}
            for name in cls.FIELDS:
                what, offset = getattr(cls, name).fget.layout
                spec["names"].append(name)
                spec["formats"].append(_numpy_of(what))
                spec["offsets"].append(offset)
            made = cls._dtype = numpy.dtype(spec)
        return made


def _numpy_of(what):
    if isinstance(what, tuple):
        return _numpy_of(what[0]), what[1]
    return _CLASSES[what].dtype if what in _CLASSES else what


class Record(metaclass=_Kind):
    """Bytes of a struct of the headers, with a property for each field.

    Made by keyword: what is not named has its default. Two are equal if they are of one class and
    their bytes are equal. bytes(record) are these bytes, and Record.of(bytes) is the way back.
    """
    __slots__ = ("_buf",)
    _buf: Any  # bytes, bytearray or memoryview
    C_NAME, SIZE, FIELDS = "", 0, ()
    __hash__ = None

    def __init_subclass__(cls, **given):
        super().__init_subclass__(**given)
        if cls.__module__ == "tradsys.record":
            _CLASSES[cls.__name__] = cls

    def __init__(self, **fields):
        self._buf = bytearray(self._default())
        for name, value in fields.items():
            if name not in self.FIELDS:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(self, name, value)

    @classmethod
    def _default(cls):
        """The bytes of a new record."""
        made = cls.__dict__.get("_fresh")
        if made is None:
            made = bytearray(cls.SIZE)
            native.trb_default(cls.C_NAME, made)
            cls._complete(made)
            made = cls._fresh = bytes(made)
        return made

    @classmethod
    def _complete(cls, made):
        """What a class adds to the default of the library."""

    @classmethod
    def _over(cls, buffer):
        made = cls.__new__(cls)
        made._buf = buffer
        return made

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Self:
        """A record of these bytes, copied."""
        copied = bytearray(memoryview(data))
        if len(copied) != cls.SIZE:
            raise errors.BufferSizeError(-103, cls.__name__)
        return cls._over(copied)

    @classmethod
    def array(cls, count: int) -> Any:
        """A NumPy array of so many new records."""
        import numpy
        made = numpy.empty(count, cls.dtype)
        made[...] = numpy.frombuffer(cls._default(), cls.dtype)[0]
        return made

    def copy(self) -> Self:
        """Another record of the same bytes."""
        return self._over(bytearray(self._buf))

    def to_dict(self) -> dict[str, Any]:
        """{name: value}, without what is reserved; records inside as dictionaries."""
        made = {}
        for name in self.FIELDS:
            if not name.startswith("reserved"):
                value = getattr(self, name)
                if isinstance(value, Record):
                    value = value.to_dict()
                elif isinstance(value, tuple):
                    value = [one.to_dict() if isinstance(one, Record) else one for one in value]
                made[name] = value
        return made

    def __bytes__(self) -> bytes:
        return bytes(self._buf)

    def __reduce__(self):
        return type(self).of, (bytes(self),)

    def __eq__(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return bytes(self) == bytes(other)

    def _shown(self, name):
        value = getattr(self, name)
        group = getattr(type(self), name).fget.group
        if group is not None and isinstance(value, int):
            try:
                value = group(value)
                return f"{name}={value.name or int(value)}"
            except ValueError:
                pass
        return f"{name}={value!r}"

    def __repr__(self):
        """The fields that are not zero."""
        shown = []
        for name in self.FIELDS:
            value = getattr(self, name)
            if name == "struct_size" or name.startswith("reserved") or not value or value == "\0":
                continue
            if isinstance(value, tuple):
                if not any(bytes(one).strip(b"\0") if isinstance(one, Record) else one for one in value):
                    continue
            shown.append(self._shown(name))
        return f"{type(self).__name__}({', '.join(shown)})"


class _Slot(Record):
    """A record of the stride of commands and events: 64 bytes, kind at byte 16."""
    __slots__ = ()
    KIND, KIND_NAME = 0, ""

    def __repr__(self):
        shown = Record.__repr__(self)
        for name in ("kind", "slots"):
            shown = shown.replace(f"{name}={getattr(self, name)!r}, ", "", 1)
        return shown


class Command(_Slot):
    """A base slot that goes in."""
    __slots__ = ()

    @classmethod
    def _complete(cls, made):
        made[16], made[17] = cls.KIND, 1

    def extended(self, *extensions: Extension) -> bytes:
        """This command with extension slots behind it, as the bytes of one record."""
        if len(extensions) > 3:
            raise ValueError("a record has at most 3 extensions")
        for one in extensions:
            if not isinstance(one, Extension):
                raise TypeError(f"an extension is needed, not {type(one).__name__}")
        base = bytearray(self._buf)
        base[17] = 1 + len(extensions)
        return bytes(base) + b"".join(map(bytes, extensions))


class Event(_Slot):
    """A base slot that has come out. `extensions` are the slots behind it."""
    __slots__ = ("extensions",)
    extensions: tuple[Extension, ...]

    @classmethod
    def _complete(cls, made):
        made[16], made[17] = cls.KIND, 1

    def __init__(self, **fields):
        super().__init__(**fields)
        self.extensions = ()

    @classmethod
    def _over(cls, buffer, extensions=()):
        made = super()._over(buffer)
        made.extensions = extensions
        return made

    @classmethod
    def _whole(cls, data, extensions):
        return cls._over(data, extensions)

    def copy(self) -> Self:
        """Another event of the same bytes, with the same extensions."""
        return self._over(bytearray(self._buf), self.extensions)

    def __reduce__(self):
        return type(self)._whole, (bytes(self), self.extensions)

    def __eq__(self, other):
        same = super().__eq__(other)
        return same if same is not True else self.extensions == other.extensions

    __hash__ = None


class Extension(_Slot):
    """A slot that goes with a base slot."""
    __slots__ = ()

    @classmethod
    def _complete(cls, made):
        made[16] = cls.KIND


class ItchMessage(Record):
    """A message of ITCH."""
    __slots__ = ()
    KIND, KIND_NAME = 0, ""

    @classmethod
    def _complete(cls, made):
        made[12] = cls.KIND


class InstrumentRecord(Record):
    """What can be asked of a specification: text to ticks and lots, and back. A decimal is a str, a
    decimal.Decimal or an int; a float is refused, because what it says is not what was written."""
    __slots__ = ()

    @staticmethod
    def _text(value, name):
        if isinstance(value, str):
            return value
        if type(value).__name__ == "Decimal" and hasattr(value, "as_tuple"):
            if not value.is_finite():
                raise ValueError(f"{name}: {value} is no number")
            return format(value, "f")
        try:
            return str(index(value))
        except TypeError:
            raise TypeError(f"{name}: a str, Decimal or int is needed, not {type(value).__name__}") from None

    def px(self, value: str | int | Decimal, rounding: int = 0) -> int:
        """The ticks that a decimal price is. Not whole: RangeError, unless a Round is given."""
        return native.trb_instrument_px(self, self._text(value, "px"), rounding)

    def qty(self, value: str | int | Decimal, rounding: int = 0) -> int:
        """The lots that a decimal quantity is."""
        return native.trb_instrument_qty(self, self._text(value, "qty"), rounding)

    def px_text(self, px: int) -> str:
        """The shortest decimal that is exactly so many ticks."""
        made = bytearray(48)
        return made[:native.trb_instrument_px_text(self, px, made)].decode()

    def qty_text(self, qty: int) -> str:
        """The shortest decimal that is exactly so many lots."""
        made = bytearray(48)
        return made[:native.trb_instrument_qty_text(self, qty, made)].decode()

    def px_decimal(self, px: int) -> Decimal:
        """The same as a decimal.Decimal."""
        from decimal import Decimal
        return Decimal(self.px_text(px))

    def qty_decimal(self, qty: int) -> Decimal:
        """The same as a decimal.Decimal."""
        from decimal import Decimal
        return Decimal(self.qty_text(qty))

    def value(self, px: int, qty: int, rounding: int = 1) -> int:
        """The value of so many lots at px, in minor units, rounded down unless said otherwise."""
        return native.trb_instrument_value(self, px, qty, rounding)

    def tick_step(self, px: int) -> int:
        """What px must be a multiple of."""
        return native.trb_instrument_tick_step(self, px)

    def check(self, orders_max: int = 1) -> InstrumentFault:
        """The first fault of this specification, an InstrumentFault: OK if there is none."""
        from ._constants import InstrumentFault
        return InstrumentFault(native.trb_instrument_check(self, orders_max))
