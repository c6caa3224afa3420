#!/usr/bin/env python3
"""Writes the seeds of fuzz_engine into corpus/engine: one small input for each thing that can happen.

    tests/fuzz/make_engine_corpus.py

The bytes of an operation are those that make_record of fuzz_engine.c takes; orders are those of
make_match_corpus.py.
"""
import pathlib

from make_match_corpus import (
    BUY, CLOSE, GTC, GTT, HALTED, LIMIT_T, MARKET, MARKET_T, OPENING, PEGGED, REDUCE_ONLY, SELL, STOP,
    STOP_LIMIT, T_IOC, cancel, kill, mass, new, price, raw, reduce, replace, session, special, wait)

EVERYTHING = 31 << 2
LINEAR, OPTION, INVERSE = 1 | 1 << 1, 1 | 3 << 1, 1 | 2 << 1  # what instrument 1 is; 0 is linear
SPOT = 0
PLAIN = 8  # a tick of a lot is one minor unit
MANAGED = 16  # of money: actors have roles
PARENTS = 128  # of money: there is room for parent orders
DEPOSIT, WITHDRAW, MOVE = range(3)
SET, REMOVE, REARM = range(3)
(POSITION, ORDER_QTY, ORDER_VALUE, OPEN_VALUE, LEVERAGE, DAILY_LOSS, MESSAGES, COLLAR, REPEATED,
 EXECUTIONS, RESTRICTED, PARENT_QTY) = range(1, 13)
MUCH = 1 | 5 << 4  # 16^5
DRY_RUN, OVERRIDE = 16, 32


def start(first=EVERYTHING, level=0, money=8, listed=PLAIN | LINEAR, fees=3 | 4 << 3, room=0):
    """The choices: market, its tightness, that of the money, instruments, rates and modes, room."""
    return bytes([first, level, money, listed, fees, room])


def money(which, what, *more, actor=0):
    return bytes([3 | which << 3 | actor << 6, what, *more])


def account(number, how=1 | 1 << 2 | 1 << 6):
    """`how`: role, mode, hedge (32), enabled (64)."""
    return money(0, number, how)


def transfer(number, asset, action, amount=MUCH, to=0):
    """(number + 12 x k) % 3 is the account again: the bits above say asset, action and `to`."""
    for what in range(256):
        if (what % 3, what >> 2 & 1, (what >> 3) % 3) == (number, asset, action) and (
                action != MOVE or what >> 6 == to):
            return money(1, what, amount)
    raise ValueError("no such transfer")


def rich():
    return b"".join(transfer(number, asset, DEPOSIT) for number in (0, 1) for asset in (0, 1))


def limit(which, scope, value=1, action=SET, name=0, account_=0, burst=0):
    """Scopes from 0: firm, account, instrument, pair, actor, tag, parent order (name 1 to 3, + 4 sells)."""
    has_value = action == SET and which not in (REPEATED, RESTRICTED)
    tail = [value] if has_value else []
    return money(3, which | action << 4 | account_ << 6, scope | name << 3, 9 | burst << 6, *tail)


def funding(rate, mark=40, instrument=0):
    return money(4, (rate & 254) | instrument, mark)


def mark(px, instrument=0):
    return money(5, instrument, px - 60)


def flags(bits):
    return money(6, bits)


def damaged(at, byte):
    return money(7, at, byte)


B = 64  # account 1
OTHER = 128  # instrument 1


def deal(instrument=0, qty=5, px=100, name=20):
    """Account 1 sells to account 0."""
    what = OTHER if instrument else 0
    return new(SELL | B | what, px, qty, name) + new(BUY | what, px, qty, name + 1)


def market_seeds():
    for name, listed in (("spot", SPOT), ("linear", LINEAR), ("inverse", INVERSE), ("option", OPTION)):
        for numerator in (8, 16, 32):
            for room in (0, 63 | 128):
                begin = start(listed=listed | numerator, room=room) + rich() + mark(100) + mark(100, 1)
                yield f"{name}_{numerator}_{room}", (
                    begin + deal(0) + deal(1, name=30) + new(BUY, 99, 3, 40) + replace(40, 98, 5) +
                    reduce(40, 1) + cancel(40) + new(SELL, 101, 5, 41) + new(BUY | B, 101, 9, 42) +
                    mass(0))
    yield "settles", start(listed=128) + rich() + deal(0) + new(SELL, 100, 2, 40) + deal(0, name=45)
    yield "taxes_rebates", start(listed=0, fees=128) + rich() + deal(0) + deal(0, 7, 101, 30)
    for mode in range(8):
        yield f"mode_{mode}", start(fees=3 | mode << 3) + account(0, 1 | mode << 2 | 64) + rich() + (
            mark(100) + mark(100, 1) + deal(0) + deal(1, name=30) + mark(80) + new(BUY, 99, 3, 40))
    yield "poor", start() + mark(100) + new(BUY, 100, 5, 1) + transfer(0, 0, DEPOSIT, 4 | 1 << 4) + (
        new(BUY, 100, 5, 2) + new(BUY, 100, 1, 3) + replace(3, 100, 9))
    yield "no_room", start(level=3, money=8 | 7) + rich() + mark(100) + deal(0) + deal(1, name=30)
    yield "beyond", start(listed=LINEAR | 16) + b"".join(
        transfer(number, 0, DEPOSIT, 15 | 14 << 4) for number in (0, 1)) + mark(100) + deal(0)


def order_seeds():
    begin = start() + rich() + mark(100)
    rests = special(SELL, LIMIT_T, GTC, 5, 40, 110, REDUCE_ONLY)
    yield "reduce_only", begin + deal(0, 8) + rests + special(
        SELL, LIMIT_T, GTC, 6, 41, 108, REDUCE_ONLY) + deal(0, 3, 100, 30) + new(SELL, 99, 9, 50)
    stop = special(SELL, STOP, GTC, 5, 40, prices=(0, 5))
    gtt = special(SELL, STOP_LIMIT, GTT, 5, 41, 91, prices=(0, 4), link=(3 << 4,))
    yield "stops", begin + new(BUY | B, 94, 9, 30) + stop + gtt + price(95) + price(93)
    yield "stop_refused", begin + new(BUY | B, 94, 9, 30) + gtt + limit(POSITION, 1) + price(94)
    yield "stop_killed", begin + new(BUY | B, 94, 9, 30) + stop + kill(0, 2) + price(95)
    yield "closes", begin + deal(0, 8) + special(
        SELL, STOP, GTC, 0, 40, exec_=REDUCE_ONLY | CLOSE, prices=(0, 5)) + price(95)
    yield "peg", begin + new(BUY, 95, 3, 30) + special(
        BUY | B, PEGGED, GTC, 4, 40, prices=(0, 0)) + new(BUY, 96, 1, 31)
    yield "iceberg", begin + special(SELL, LIMIT_T, GTC, 9, 40, 100, sizes=(2, 3)) + new(
        BUY | B, 100, 5, 41)
    for mode in range(1, 7):
        yield f"prevention_{mode}", begin + new(SELL, 100, 5, 40) + special(
            BUY, LIMIT_T, GTC, 9, 41, 100, stp=mode)
    yield "hedged", start() + account(0, 1 | 4 << 2 | 32 | 64) + rich() + mark(100) + new(
        SELL | B, 100, 9, 30) + special(BUY, LIMIT_T, GTC, 5, 31, 100, position=1) + special(
            SELL, LIMIT_T, GTC, 9, 32, 105, position=1)
    yield "market", begin + new(SELL | B, 100, 5, 30) + new(BUY | MARKET, 0, 5, 31) + special(
        SELL, MARKET_T, T_IOC, 3, 32)
    for band in (16, 16 | 32, 16 | 64):
        yield f"band_{band}", start(first=EVERYTHING | 128, level=band) + rich() + mark(100) + (
            deal(0) + new(SELL | B, 111, 5, 30) + new(BUY | MARKET, 0, 5, 31) + wait(9))
    yield "auction", begin + session(OPENING) + deal(0) + session(1) + session(HALTED) + new(
        BUY, 100, 1, 50)
    yield "dry_runs", begin + flags(DRY_RUN) + new(BUY, 100, 5, 30) + new(BUY, 100, 5, 31) + flags(
        DRY_RUN) + replace(31, 99, 6) + flags(DRY_RUN) + replace(31, 99, 0) + flags(DRY_RUN) + cancel(31)


def limit_seeds():
    begin = start() + rich() + mark(100) + deal(0) + new(BUY, 95, 5, 60)
    for which in range(12):
        for scope in range(6):
            name = 1 if scope == 5 else 0
            order = special(BUY, LIMIT_T, GTC, 5, 31, 100, link=(1,)) + new(BUY, 101, 5, 32)
            for value in (1, 15 | 3 << 4):
                yield f"limit_{which}_{scope}_{value}", begin + (
                    limit(which, scope, value, name=name, burst=2) + order + replace(32, 102, 7) +
                    replace(60, 96, 7) + deal(0, 2, 100, 40) + deal(0, 2, 100, 45) + limit(
                        which, scope, action=REARM, name=name) + new(SELL, 110, 1, 50) + new(
                            SELL, 110, 1, 51) + limit(which, scope, action=REMOVE, name=name))
    for actors in (0, MANAGED):
        yield f"override_{actors}", start(money=8 | actors) + rich() + mark(100) + (
            limit(ORDER_QTY, 0) + flags(OVERRIDE) + new(BUY, 100, 5, 30) + new(BUY, 100, 5, 31))
    yield "one_limit", start(money=8 | 32) + limit(POSITION, 3) + limit(ORDER_QTY, 5, name=1)
    yield "roles", start(money=8 | MANAGED) + rich() + mark(100) + deal(0) + money(
        1, 0, MUCH, actor=1)
    yield "disabled", start() + rich() + account(0, 1 | 1 << 2) + new(BUY, 100, 5, 30)
    yield "viewer", start() + rich() + account(0, 1 << 2 | 64) + new(BUY, 100, 5, 30)
    yield "no_mark", start() + rich() + new(BUY, 100, 5, 30) + limit(LEVERAGE, 0) + limit(
        COLLAR, 0) + new(BUY, 100, 5, 31) + new(SELL | MARKET, 0, 5, 32)


def parent_seeds():
    begin = start(money=8 | PARENTS) + rich() + mark(100) + limit(PARENT_QTY, 6, 9, name=1)
    child = special(BUY, LIMIT_T, GTC, 5, 31, 100, link=(1 << 4,))
    more = special(BUY, LIMIT_T, GTC, 5, 32, 100, link=(1 << 4,))
    away = limit(PARENT_QTY, 6, action=REMOVE, name=1)
    yield "parent", begin + child + more + replace(31, 100, 9) + replace(31, 100, 10) + deal(
        0, 3, 100, 40) + away + cancel(31) + away + more
    yield "parent_changes", begin + child + limit(PARENT_QTY, 6, 2, name=1) + more + replace(
        31, 99, 5) + limit(PARENT_QTY, 6, 15, name=1) + more + limit(PARENT_QTY, 6, 9, name=1 | 4)
    yield "parent_unknown", begin + special(BUY, LIMIT_T, GTC, 5, 31, 100, link=(2 << 4,)) + special(
        SELL, LIMIT_T, GTC, 5, 32, 110, link=(1 << 4,)) + flags(OVERRIDE) + child + flags(DRY_RUN) + more
    stop = special(BUY, STOP_LIMIT, GTC, 9, 33, 104, prices=(0, 4), link=(1 << 4,))
    yield "parent_stop", begin + stop + child + deal(0, 1, 104, 40) + child
    for number in (2, 3):
        begin += limit(PARENT_QTY, 6, 9, name=number)
    yield "parent_full", begin + limit(PARENT_QTY, 6, 9, name=1, account_=1) + away + limit(
        PARENT_QTY, 6, 9, name=1, account_=1)


def money_seeds():
    yield "transfers", start() + rich() + transfer(0, 0, WITHDRAW, 3) + transfer(
        0, 0, MOVE, 3, to=1) + transfer(1, 1, MOVE, MUCH, to=2) + transfer(2, 0, WITHDRAW)
    yield "amounts", start() + b"".join(
        transfer(0, 0, DEPOSIT, 1 | power << 4) for power in range(16))
    for listed in (LINEAR, INVERSE, OPTION):
        yield f"funding_{listed}", start(listed=listed | PLAIN) + rich() + mark(100) + mark(
            100, 1) + deal(0) + deal(1, name=30) + b"".join(
                funding(rate, instrument=i) for rate in (2, 255, 127) for i in (0, 1))
    yield "accounts", start() + b"".join(account(number, how) for number in (0, 1, 2, 2 | 32, 64, 130)
                                         for how in (64, 1 | 64, 2 | 3 << 2, 32 | 64))
    orders = (new(BUY, 100, 5, 30), cancel(30), replace(30, 99, 4), transfer(0, 0, DEPOSIT),
              limit(POSITION, 1), funding(2), mark(90), account(0), kill(2, 2), mass(0))
    for at in (16, 18, 20, 24, 28, *range(32, 64, 3)):
        for byte in (1, 255):
            yield f"damaged_{at}_{byte}", start() + rich() + mark(100) + b"".join(
                damaged(at, byte) + order for order in orders)
    yield "raw_kinds", start() + rich() + b"".join(raw(kind) for kind in range(0, 48))
    yield "raw_slots", start() + raw(1, slots=3) + raw(1, slots=0) + raw(33, slots=9)
    yield "empty", b""


def main():
    out = pathlib.Path(__file__).resolve().parent / "corpus" / "engine"
    out.mkdir(parents=True, exist_ok=True)
    for some in (market_seeds, order_seeds, limit_seeds, parent_seeds, money_seeds):
        for name, data in some():
            (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
