"""Records: what a value is, what it may be, and what it shows."""
import copy
import decimal
import pickle
import sys

import numpy
import tap
from venue import limit, raises

import tradsys
from tradsys import command, event, extension


def defaults_are_those_of_the_library():
    # As trd_instrument_default, trd_match_def_default and trd_profile_default say.
    spec = tradsys.Instrument()
    tap.equal((spec.struct_size, spec.kind, spec.px_scale, spec.tick_size, spec.px_min, spec.px_max),
              (spec.SIZE, 1, 2, 1, 1, 10**9))
    match = tradsys.MatchDef()
    tap.equal((match.instruments_max, match.orders_max, match.ids_max, match.window, match.elect_max),
              (1024, 1 << 20, 1 << 16, 1024, 1 << 24))
    tap.equal(tradsys.Profile().ties, bytes([tradsys.Tie.IMBALANCE, tradsys.Tie.PRESSURE,
                                             tradsys.Tie.REFERENCE, 0, 0]))
    tap.equal(tradsys.Account().struct_size, tradsys.Account.SIZE)


def a_command_knows_its_kind():
    made = command.New()
    tap.equal((made.kind, made.slots, made.qty), (1, 1, 0))
    tap.equal(command.Books().kind, tradsys.CommandKind.BOOKS)
    tap.equal(event.Fill().kind, tradsys.EventKind.FILL)
    tap.equal(extension.OrderLink().kind, tradsys.ExtensionKind.ORDER_LINK)


def numbers_keep_their_ends():
    made = command.New(client_id=2**64 - 1, px=-2**63, qty=2**63 - 1, side=255)
    tap.equal((made.client_id, made.px, made.qty, made.side), (2**64 - 1, -2**63, 2**63 - 1, 255))


def what_does_not_fit_is_an_overflow_that_names_the_field():
    made = command.New(qty=5)
    for name, value in [("client_id", 2**64), ("client_id", -1), ("px", 2**63), ("px", -2**63 - 1),
                        ("side", 256), ("side", -1), ("exec", 65536), ("account", 2**32)]:
        with raises(OverflowError, f"New.{name}"):
            setattr(made, name, value)
    tap.equal(made, command.New(qty=5))



def what_is_no_whole_number_is_a_type_error():
    for value in (1.0, float("nan"), None, "1", decimal.Decimal(1), 1j, [1], numpy.float64(1)):
        with raises(TypeError, "New.qty"):
            command.New(qty=value)


def whole_numbers_of_numpy_and_choices_are_taken():
    made = command.New(qty=numpy.int64(5), side=tradsys.Side.SELL, account=numpy.uint32(7), stp=True)
    tap.equal((made.qty, made.side, made.account, made.stp), (5, 2, 7, 1))


def an_unknown_field_is_refused():
    with raises(TypeError, "quantity"):
        command.New(quantity=1)
    with raises(AttributeError):
        command.New().quantity = 1


def text_is_kept_and_bounded():
    tap.equal(tradsys.Asset(symbol="USD").symbol, "USD")
    with raises(OverflowError, "Asset.symbol"):
        tradsys.Asset(symbol="x" * 25)
    with raises(TypeError, "Asset.symbol"):
        tradsys.Asset(symbol=7)
    made = extension.Text(size=5, text="äöx")
    tap.equal((made.text, bytes(made)[24:29]), ("äöx", "äöx".encode()))
    # What is no UTF-8 comes back as it was.
    made.text = b"\xff\xfe"
    tap.equal(made.text.encode("utf-8", "surrogateescape"), b"\xff\xfe")


def records_inside_are_windows():
    spec = tradsys.Instrument(tiers=[tradsys.TickTier(from_=1, step=2)], tier_count=1)
    tap.equal((spec.tiers[0].step, spec.tiers[1].step, len(spec.tiers)), (2, 0, 16))
    spec.tiers[0].step = 9
    tap.equal(spec.tiers[0].step, 9)
    with raises(OverflowError, "tiers"):
        spec.tiers = [tradsys.TickTier()] * 17
    with raises(TypeError, "tiers"):
        spec.tiers = [tradsys.Asset()]


def arrays_of_numbers_are_bounded():
    made = tradsys.ScenarioArray(loss=[1, -2])
    tap.equal(made.loss[:3], (1, -2, 0))
    with raises(OverflowError, "loss"):
        made.loss = [0] * 17
    with raises(OverflowError, "loss"):
        made.loss = [2**63]
    with raises(TypeError, "loss"):
        made.loss = [0.5]


def equality_is_that_of_class_and_bytes():
    assert command.New(qty=1) == command.New(qty=1)
    assert command.New(qty=1) != command.New(qty=2)
    assert command.New() != event.Accepted()
    with raises(TypeError):
        hash(command.New())


def copies_pickles_and_bytes_come_back():
    made = limit(1, 2, 1, 3, 4)
    for other in (made.copy(), pickle.loads(pickle.dumps(made)), command.New.of(bytes(made)),
                  copy.deepcopy(made)):
        assert other == made
        other.qty = 77
        tap.equal(made.qty, 3)
    with raises(tradsys.BufferSizeError):
        command.New.of(b"short")
    for wrong in (64, "x" * 64, None):
        with raises(TypeError):
            command.New.of(wrong)


def a_record_shows_what_is_not_zero():
    tap.equal(repr(limit(1, 2, tradsys.Side.BUY, 3, 4)),
              "New(account=1, client_id=2, px=4, qty=3, side=BUY, type=LIMIT, tif=GTC)")


def extensions_make_a_longer_record():
    record = limit(1, 2, 1, 3, 4).extended(extension.OrderLink(expiry=5, flags=1))
    tap.equal((len(record), record[17], record[64 + 16]), (128, 2, tradsys.ExtensionKind.ORDER_LINK))
    with raises(TypeError):
        limit(1, 2, 1, 3, 4).extended(command.New())
    with raises(ValueError):
        limit(1, 2, 1, 3, 4).extended(*[extension.Text()] * 4)


def decimals_are_exact_and_floats_are_refused():
    # Two decimals, a tick of 0.05: 12.35 is 247 ticks.
    spec = tradsys.Instrument(symbol="X", tick_size=5, qty_scale=3)
    tap.equal(spec.px("12.35"), 247)
    tap.equal(spec.px(decimal.Decimal("12.35")), 247)
    tap.equal(spec.px(decimal.Decimal("1.235E+1")), 247)
    tap.equal(spec.px(12), 240)
    tap.equal(spec.px_text(247), "12.35")
    tap.equal(spec.px_decimal(247), decimal.Decimal("12.35"))
    tap.equal(spec.qty("0.125"), 125)
    tap.equal(spec.qty_text(125), "0.125")
    with raises(tradsys.RangeError):
        spec.px("12.36")
    tap.equal(spec.px("12.36", tradsys.Round.FLOOR), 247)
    tap.equal(spec.px("12.36", tradsys.Round.CEIL), 248)
    for value in (12.35, None, numpy.float64(1)):
        with raises(TypeError):
            spec.px(value)
    for value in ("", "x", "1e3", "NaN", "١", decimal.Decimal("NaN"), decimal.Decimal("Infinity")):
        with raises(ValueError):
            spec.px(value)


def a_specification_is_checked():
    tap.equal(tradsys.Instrument().check(), tradsys.InstrumentFault.SYMBOL)
    tap.equal(tradsys.Instrument(symbol="X").check(), tradsys.InstrumentFault.OK)
    # 3 lots at 7 ticks, 1/2 minor unit each: 10.5, down 10, up 11.
    spec = tradsys.Instrument(symbol="X", denominator=2)
    tap.equal((spec.value(7, 3), spec.value(7, 3, tradsys.Round.CEIL)), (10, 11))
    with raises(tradsys.RangeError):
        spec.value(7, 3, tradsys.Round.EXACT)


def arrays_start_with_the_default():
    made = command.New.array(3)
    tap.equal((made.dtype.itemsize, made["kind"].tolist(), made["slots"].tolist(), made["qty"].tolist()),
              (64, [1, 1, 1], [1, 1, 1], [0, 0, 0]))


def choices_have_the_numbers_and_words_of_the_headers():
    tap.equal((tradsys.Side.BUY, tradsys.Reject.KILLED, tradsys.Cause.CORPORATE), (1, 26, 23))
    tap.equal(tradsys.Exec.POST_ONLY | tradsys.Exec.HIDDEN, 17)
    tap.equal(tradsys.ACCOUNT_VENUE, 0xffffff00)
    assert "limit = opposite best" in tradsys.Type.__doc__


if __name__ == "__main__":
    sys.exit(tap.play(tap.functions_of(globals())))
