#!/usr/bin/env python3
"""Writes the seeds of fuzz_match into corpus/match: one small input for each thing that can happen.

    tests/fuzz/make_match_corpus.py

The bytes of an operation are those that records_make of records.c takes.
"""
import pathlib
import struct

BUY, SELL = 0, 1
POST, MINIMUM, MARKET, IOC, FOK = 2, 4, 6, 8, 24
EVERYTHING = 31 << 2
WINDOW, ASCENDING, REUSE = range(3)

# Of a special order: numbers as in command.h.
(LIMIT_T, MARKET_T, PROTECTED, TO_LIMIT, STOP, STOP_LIMIT, TOUCHED, TOUCHED_LIMIT, TRAIL,
 TRAIL_LIMIT, PEGGED) = range(1, 12)
GTC, T_IOC, T_FOK, DAY, GTD, AT_OPEN, AT_CLOSE, GFA, GFN, GTT = range(1, 11)
(POST_ONLY, SLIDE, REDUCE_ONLY, CLOSE, HIDDEN, AON, SINGLE, PEAK_RANDOM, IN_PLACE,
 BUDGET) = (1 << bit for bit in range(10))
CONTINUOUS, PRE_OPEN, OPENING, VOLATILITY, CLOSING, CLOSED, HALTED = range(1, 8)
FIRM, ACCOUNT, INSTRUMENT, ACTOR, TAG = range(1, 6)
BANDED, CANCELS, WHOLE, PAUSES = 16, 32, 64, 128
BREAKER = 2


def start(mode=WINDOW, publish=EVERYTHING, level=0, rules=0, state=0, room=32):
    """The choices: definition, profile, and room with the state of the first instrument."""
    return bytes([mode | publish, level, rules, room | state])


def new(what, px, qty, name, *minimum):
    price = [] if what & 6 == MARKET else [px - 90]
    return bytes([0, what, *price, qty, name, *minimum])


def special(side, type_, tif, qty, name, px=90, exec_=0, stp=0, position=0, account=0,
            prices=(), sizes=(), link=()):
    what = side | (2 if sizes else 0) | (4 if link else 0) | account << 6
    more = exec_ >> 8 | stp << 2 | position << 5
    limit = [px - 90] if type_ in (LIMIT_T, STOP_LIMIT, TOUCHED_LIMIT, TRAIL_LIMIT) else []
    tail = [byte & 255 for byte in (*prices, *sizes, *link)]
    return bytes([2, what, (type_ - 1) | (tif - 1) << 4, exec_ & 255, more, *limit, qty, name, *tail])


def cancel(name):
    return bytes([4, name])


def reduce(name, qty):
    return bytes([4 | 16, name, qty])


def replace(name, px, qty, new_name=None):
    flags = 0 if new_name is None else 4 << 4
    tail = [] if new_name is None else [new_name]
    return bytes([5 | flags, name, px - 90, qty, *tail])


def price(px, source=0):
    """Sources: 0 last, 1 mark, 2 index, 3 bid."""
    return bytes([6, (px - 90) | source << 5])


def session(state, until=None):
    if until is None:
        return bytes([6 | 1 << 3, state - 1])
    return bytes([6 | 1 << 3 | 64, state - 1, until])


def mass(what):
    return bytes([6 | 3 << 3, what])


def kill(what, scope):
    return bytes([6 | 4 << 3, what, scope - 1])


def deadman(what, scope):
    return bytes([6 | 5 << 3, what, scope - 1])


def subscribe(mask):
    return bytes([6 | 6 << 3, mask])


def quote(bid, bid_qty, ask, ask_qty):
    return bytes([6 | 2 << 3, bid_qty | ask_qty << 3, bid - 90, ask - 90])


def protect(qty):
    return bytes([6 | 2 << 3 | 64, qty << 2, 63])


RESUME = bytes([6 | 2 << 3 | 64, 2])


def leg(what, qty, name, how=(), stop=None):
    """A limit order at 90 + what / 2, or a stop; `how` begins a group."""
    trigger = [] if stop is None else [0, stop - 90]
    what = what if stop is None else what | 6
    return bytes([1 | 8, what, qty - 1, name, *trigger, 0, *how])


def wait(steps):
    return bytes([6 | 7 << 3, steps])


def raw(kind, slots=1, flags=0, body=b""):
    head = struct.pack("<QqBBHIII", 1, 1, kind, slots, flags, 0, 0, 0)
    return bytes([7]) + (head + body).ljust(64, b"\0")


def plain_seeds(asks, bids):
    book = asks + bids
    for mode in (WINDOW, ASCENDING, REUSE):
        yield f"sweep_mode_{mode}", start(mode) + asks + new(BUY, 102, 15, 30)
    yield "full_book", start() + book + new(BUY, 95, 1, 40) + cancel(0) + new(BUY, 95, 1, 41)
    yield "at_once", start() + asks + new(BUY | IOC, 101, 9, 30) + new(BUY | FOK, 101, 15, 31)
    yield "fok_ends", start() + asks + new(BUY | FOK, 100, 15, 31)
    yield "market", start() + asks + new(BUY | MARKET, 0, 12, 30) + new(SELL | MARKET, 0, 2, 31)
    yield "post_only", start() + asks + new(BUY | POST, 100, 1, 30) + new(BUY | POST, 99, 1, 30)
    yield "minimum", start() + asks + new(BUY | MINIMUM, 100, 12, 30, 11) + new(
        BUY | MINIMUM, 100, 12, 31, 9)
    yield "cancel_reduce", start() + book + cancel(2) + reduce(0, 2) + reduce(8, 15) + cancel(2)
    yield "replace", start() + book + replace(0, 100, 3) + replace(1, 100, 9) + replace(
        2, 99, 5, 50) + replace(50, 101, 4, 50)
    yield "replace_ends", start() + asks + new(BUY, 100, 3, 30) + replace(0, 100, 2)
    yield "ids", start() + new(BUY, 95, 1, 1) + new(BUY, 95, 1, 1) + cancel(1) + new(BUY, 95, 1, 1)
    yield "subscribe", start(publish=0) + asks + subscribe(31) + new(BUY, 102, 15, 30)
    yield "raw_kinds", start() + b"".join(raw(kind, slots=1) for kind in range(0, 140, 9))
    yield "raw_cut", start() + raw(1, slots=3) + raw(129, slots=0)
    yield "raw_no_slots", start() + raw(1, slots=0) + raw(3, slots=9) + raw(33, slots=2)
    yield "empty", b""


def order_seeds(asks, bids):
    few = asks[:3 * 5] + bids[:3 * 5]
    yield "iceberg", start() + special(SELL, LIMIT_T, GTC, 15, 1, 100, sizes=(2, 3)) + special(
        SELL, LIMIT_T, GTC, 12, 2, 100, IN_PLACE, sizes=(2, 2)) + new(BUY, 100, 7, 30) + new(
            BUY, 100, 12, 31) + reduce(1, 2)
    yield "iceberg_random", start() + special(
        SELL, LIMIT_T, GTC, 15, 1, 100, PEAK_RANDOM, sizes=(2 | 2 << 4 | 64, 4)) + new(
            BUY, 100, 5, 30) + new(BUY, 100, 5, 31)
    yield "hidden", start() + special(SELL, LIMIT_T, GTC, 5, 1, 100, HIDDEN) + new(
        SELL, 100, 3, 2) + new(BUY, 100, 6, 30) + cancel(1)
    yield "all_or_none", start() + special(SELL, LIMIT_T, GTC, 9, 1, 100, AON) + new(
        BUY, 100, 5, 30) + new(BUY, 100, 5, 31) + special(BUY, LIMIT_T, GTC, 4, 3, 101, AON)
    for letter in range(9):
        yield f"allocate_{letter}", start(level=letter) + b"".join(
            new(SELL | (i & 1) << 6, 100, 3 + 2 * i, i) for i in range(5)) + new(BUY, 100, 11, 30)
    for mode in range(1, 7):
        yield f"stp_{mode}", start() + new(SELL, 100, 5, 1) + new(SELL | 64, 100, 5, 2) + special(
            BUY, LIMIT_T, GTC, 12, 3, 101, stp=mode)
    yield "group", start() + special(SELL, LIMIT_T, GTC, 5, 1, 100, account=1, link=(1 << 2,)) + (
        special(BUY, LIMIT_T, GTC, 5, 2, 100, stp=4, link=(1 << 2 | 1,)))
    yield "priced", start() + few + special(
        BUY, PROTECTED, GTC, 9, 30, prices=(0, 1)) + special(SELL, TO_LIMIT, GTC, 15, 31)
    yield "budget", start() + asks + special(
        BUY, MARKET_T, GTC, 0, 30, exec_=BUDGET, sizes=(0, 14))
    yield "slide", start() + few + special(BUY, LIMIT_T, GTC, 3, 30, 101, POST_ONLY | SLIDE)
    yield "single", start() + asks + special(BUY, LIMIT_T, T_FOK, 12, 30, 101, SINGLE) + special(
        BUY, LIMIT_T, T_FOK, 9, 31, 101, SINGLE)
    yield "stops", start() + few + special(BUY, STOP, GTC, 2, 40, prices=(0, 10)) + special(
        SELL, STOP_LIMIT, GTC, 2, 41, 95, prices=(0, 9)) + special(
            SELL, TOUCHED, GTC, 2, 42, prices=(3, 14)) + new(BUY, 100, 1, 50) + price(
                104, 1) + new(SELL, 99, 1, 51)
    yield "gtt", start() + few + special(
        BUY, TOUCHED_LIMIT, GTT, 2, 40, 101, prices=(0, 5), link=(15 << 4,)) + price(94) + wait(99)
    yield "trails", start() + few + special(SELL, TRAIL, GTC, 2, 40, prices=(0, 2)) + special(
        BUY, TRAIL_LIMIT, GTC, 2, 41, prices=(128 | 32 | 2 << 3, 90, 10, 3)) + b"".join(
            price(px) for px in (100, 104, 103, 102, 96, 98, 101))
    yield "pegs", start() + few + special(BUY, PEGGED, GTC, 3, 40, prices=(0, 1)) + special(
        SELL, PEGGED, GTC, 3, 41, prices=(1, 0)) + special(
            BUY, PEGGED, GTC, 3, 42, prices=(2 | 64, -1, 9)) + new(BUY, 99, 1, 50) + cancel(50)
    yield "reduce_only", start() + new(SELL | 64, 100, 9, 1) + new(BUY, 100, 6, 2) + special(
        SELL, LIMIT_T, GTC, 9, 3, 103, REDUCE_ONLY) + new(SELL, 102, 5, 4) + special(
            SELL, LIMIT_T, GTC, 0, 5, 104, REDUCE_ONLY | CLOSE) + new(BUY | 64, 102, 5, 6)
    yield "hedge", start() + new(SELL | 64, 100, 9, 1) + special(
        BUY, LIMIT_T, GTC, 4, 2, 100, position=1) + special(
            SELL, LIMIT_T, GTC, 9, 3, 101, position=1) + new(BUY | 64, 101, 9, 4)


def session_seeds(asks, bids):
    few = asks[:3 * 5] + bids[:3 * 5]
    crossed = new(BUY, 102, 7, 40) + new(SELL, 98, 9, 41) + special(
        BUY, MARKET_T, GFA, 3, 42) + special(SELL, LIMIT_T, AT_OPEN, 3, 43, 97)
    for ties in range(4):
        yield f"auction_ties_{ties}", start(rules=ties << 2, state=PRE_OPEN) + few + crossed + (
            session(OPENING) + session(CONTINUOUS))
    yield "auction_by_time", start() + few + session(VOLATILITY, 9) + crossed + wait(20)
    yield "auction_stp", start(rules=8 << 4, state=OPENING) + special(
        BUY, LIMIT_T, GTC, 5, 1, 101, stp=3) + special(
            SELL, LIMIT_T, GTC, 5, 2, 99, stp=4) + session(CONTINUOUS)
    yield "at_close", start() + special(SELL, LIMIT_T, AT_CLOSE, 5, 1, 100) + special(
        BUY, MARKET_T, AT_CLOSE, 3, 2) + session(CLOSING) + session(CLOSED)
    yield "day_ends", start() + special(BUY, LIMIT_T, DAY, 3, 1, 95) + special(
        BUY, LIMIT_T, GFN, 3, 2, 95) + few + session(CLOSING, 3) + wait(5)
    yield "halt", start() + few + session(HALTED, 9) + new(BUY, 99, 1, 50) + replace(
        0, 101, 5) + cancel(1) + wait(12)
    yield "dated", start() + special(BUY, LIMIT_T, GTD, 3, 1, 95, link=(2 << 4,)) + special(
        BUY, STOP, GTD, 3, 2, prices=(0, 20), link=(2 << 4,)) + wait(30)
    for level in (BANDED, BANDED | CANCELS, BANDED | WHOLE, BANDED | PAUSES):
        yield f"band_{level}", start(level=level) + price(100) + few + new(BUY, 120, 9, 40) + new(
            BUY, 103, 9, 41) + wait(6) + wait(20)
    yield "breaker", start(rules=BREAKER) + asks + new(BUY, 100, 3, 40) + new(SELL, 119, 3, 41) + (
        new(BUY, 121, 15, 42) + new(BUY, 121, 15, 43) + wait(30))
    yield "cascade", start(room=32 | 64) + few + b"".join(
        special(BUY, STOP, GTC, 1, 50 + i, prices=(0, 10 + i)) for i in range(5)) + new(
            BUY, 100, 1, 60) + session(CONTINUOUS)


def mass_seeds(asks, bids):
    book = asks + bids
    for what in (0, 1, 2, 4, 4 | 32, 8 | 32, 16):
        yield f"mass_{what}", start() + book + special(
            BUY, LIMIT_T, GTC, 1, 50, 91, link=(1,)) + mass(what)
    for scope in (FIRM, ACCOUNT, INSTRUMENT, ACTOR, TAG):
        yield f"kill_{scope}", start() + book + kill(2, scope) + new(BUY, 95, 1, 50) + kill(
            1, scope) + new(BUY, 95, 1, 51)
        yield f"deadman_{scope}", start() + book + deadman(3, scope) + wait(1) + deadman(
            7, scope) + wait(9)


def quote_seeds(asks, bids):
    yield "quotes", start() + quote(95, 5, 105, 5) + quote(96, 3, 105, 4) + new(BUY, 110, 2, 40) + (
        quote(97, 7, 104, 7) + new(SELL, 90, 9, 41) + cancel(40) + session(CLOSED))
    yield "quotes_take", start() + asks + quote(103, 7, 110, 7) + quote(90, 0, 110, 3)
    yield "protection", start() + protect(3) + quote(95, 5, 105, 5) + new(BUY, 110, 4, 40) + quote(
        95, 5, 105, 5) + RESUME + quote(95, 5, 105, 5)


OCO_OF, OTO_OF, OUO_OF, BRACKET_OF = range(4)


def link_seeds(asks, bids):
    """A leg of 8 is a buy at 94, of 32 at 106; what is odd sells."""
    for room in (32, 32 | 128):
        name = "judged" if room & 128 else "linked"
        begin = start(publish=0, room=room)
        yield f"{name}_oco", begin + leg(8, 4, 1, (OCO_OF,)) + leg(0, 4, 2, stop=104) + new(
            SELL, 94, 4, 40)
        yield f"{name}_oco_stop", begin + asks + leg(8, 4, 51, (OCO_OF,)) + leg(
            0, 4, 55, stop=101) + new(BUY, 101, 10, 40) + new(BUY, 101, 10, 41)
        yield f"{name}_ouo", begin + leg(8, 4, 1, (OUO_OF,)) + leg(16, 4, 2) + new(SELL, 98, 2, 40)
        yield f"{name}_oto", begin + leg(8, 4, 1, (OTO_OF,)) + leg(33, 4, 3) + new(
            SELL, 94, 2, 40) + new(SELL, 94, 2, 41)
        yield f"{name}_oto_full", begin + leg(8, 4, 1, (OTO_OF | 128,)) + leg(33, 4, 2) + new(
            SELL, 94, 2, 40) + new(SELL, 94, 2, 41)
        yield f"{name}_bracket", begin + leg(8, 4, 1, (BRACKET_OF,)) + leg(33, 4, 2) + leg(
            1, 4, 3, stop=91) + new(SELL, 94, 4, 40) + new(BUY, 91, 1, 41) + new(SELL, 91, 1, 42)
    yield "judged_stops", start(room=32 | 128) + asks + b"".join(
        special(BUY, STOP, GTC, 1, 53 + i, prices=(0, 11)) for i in range(3)) + new(BUY, 101, 11, 60)


def seeds():
    asks = b"".join(new(SELL, 100 + i // 2, 5, i) for i in range(6))
    bids = b"".join(new(BUY, 99 - i // 2, 5, 8 + i) for i in range(6))
    for some in (plain_seeds, order_seeds, session_seeds, mass_seeds, quote_seeds,
                 link_seeds):
        yield from some(asks, bids)


def main():
    out = pathlib.Path(__file__).resolve().parent / "corpus" / "match"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
