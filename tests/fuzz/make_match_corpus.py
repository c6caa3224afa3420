#!/usr/bin/env python3
"""Writes the seeds of fuzz_match into corpus/match: one small input for each thing that can happen.

    tests/fuzz/make_match_corpus.py

The bytes of an operation are those that make_commands of fuzz_match.c takes.
"""
import pathlib
import struct

BUY, SELL = 0, 1
POST, MINIMUM, MARKET, IOC, FOK = 2, 4, 6, 8, 24
EVERYTHING = 15 << 2
WINDOW, ASCENDING, REUSE = range(3)


def new(what, px, qty, name, *minimum):
    price = [] if what & 6 == MARKET else [px - 90]
    return bytes([0, what, *price, qty, name, *minimum])


def cancel(name):
    return bytes([4, name])


def reduce(name, qty):
    return bytes([6, name, qty])


def replace(name, px, qty, new_name=None):
    flags = 0 if new_name is None else 4 << 4
    tail = [] if new_name is None else [new_name]
    return bytes([5 | flags, name, px - 90, qty, *tail])


def raw(kind, slots=1, flags=0, body=b""):
    head = struct.pack("<QqBBHIII", 1, 1, kind, slots, flags, 0, 0, 0)
    return bytes([7]) + (head + body).ljust(64, b"\0")


def seeds():
    asks = b"".join(new(SELL, 100 + i // 2, 5, i) for i in range(6))
    bids = b"".join(new(BUY, 99 - i // 2, 5, 8 + i) for i in range(6))
    book = asks + bids
    for mode in (WINDOW, ASCENDING, REUSE):
        yield f"sweep_mode_{mode}", bytes([mode | EVERYTHING]) + asks + new(BUY, 102, 15, 30)
    start = bytes([WINDOW | EVERYTHING])
    yield "full_book", start + book + new(BUY, 95, 1, 40) + cancel(0) + new(BUY, 95, 1, 41)
    yield "at_once", start + asks + new(BUY | IOC, 101, 9, 30) + new(BUY | FOK, 101, 15, 31)
    yield "fok_ends", start + asks + new(BUY | FOK, 100, 15, 31)
    yield "market", start + asks + new(BUY | MARKET, 0, 12, 30) + new(SELL | MARKET, 0, 2, 31)
    yield "post_only", start + asks + new(BUY | POST, 100, 1, 30) + new(BUY | POST, 99, 1, 30)
    yield "minimum", start + asks + new(BUY | MINIMUM, 100, 12, 30, 11) + new(
        BUY | MINIMUM, 100, 12, 31, 9)
    yield "cancel_reduce", start + book + cancel(2) + reduce(0, 2) + reduce(8, 15) + cancel(2)
    yield "replace", start + book + replace(0, 100, 3) + replace(1, 100, 9) + replace(
        2, 99, 5, 50) + replace(50, 101, 4, 50)
    yield "replace_ends", start + asks + new(BUY, 100, 3, 30) + replace(0, 100, 2)
    yield "ids", start + new(BUY, 95, 1, 1) + new(BUY, 95, 1, 1) + cancel(1) + new(BUY, 95, 1, 1)
    yield "subscribe", bytes([WINDOW]) + asks + raw(10, body=struct.pack("<I", 15)) + new(
        BUY, 102, 15, 30)
    yield "raw_kinds", start + b"".join(raw(kind, slots=1) for kind in range(0, 140, 9))
    yield "raw_cut", start + raw(1, slots=3) + raw(129, slots=0)
    yield "raw_no_slots", start + raw(1, slots=0) + raw(3, slots=9) + raw(33, slots=2)
    yield "empty", b""


def main():
    out = pathlib.Path(__file__).resolve().parent / "corpus" / "match"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
