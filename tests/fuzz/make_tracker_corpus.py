#!/usr/bin/env python3
"""Writes the seeds of fuzz_tracker into corpus/tracker: one small input for each thing that happens.

    tests/fuzz/make_tracker_corpus.py

The bytes of an operation are those that make_request and make_report of fuzz_tracker.c take.
"""
import pathlib
import struct

SUBMIT, CANCEL, REPLACE = 1, 2, 3
KINDS = ("PENDING_NEW NEW REJECTED FILL CANCELED CANCEL_REJECTED REPLACED REPLACE_REJECTED PENDING_CANCEL "
         "PENDING_REPLACE EXPIRED SUSPENDED STOPPED DONE_FOR_DAY CALCULATED RESTATED BUST CORRECT STATUS "
         "NOT_FOUND").split()
NEW, PARTIAL, FILLED, CANCELED = 1, 2, 3, 4
ID, ORIG, CUM, TERMS, NOT_KNOWN = 1, 2, 4, 8, 16
WIDE = 7 | 3 << 3 | 1 << 5 | 1 << 6 | 1 << 7  # the largest windows


def submit(name, qty, side=0):
    return bytes([0, SUBMIT | side << 5, name, qty])


def cancel(name, own=None):
    return bytes([0, CANCEL | (8 if own else 0), name | (own or 0) << 4])


def replace(name, qty, own=None):
    return bytes([0, REPLACE | (8 if own else 0), name | (own or 0) << 4, qty])


def report(kind, name, flags=ID, query=0, orig=0, lots=0, cum=0, side=0, state=0, version=0, trade=0, venue=0):
    more = side | state << 2 | (128 if version else 0)
    tail = [version] if version else []
    return bytes([2, KINDS.index(kind), name | orig << 4, query << 2 | flags << 3 & 255, lots | cum << 4,
                  more, trade | venue << 4, *tail])


def wait(time):
    return b"".join(bytes([7 | 31 << 3]) for _ in range(time // 31 + 1))


def raw(kind, **fields):
    slot = bytearray(192)
    struct.pack_into("<IIIBBBB", slot, 72, 1, 0, 0, kind, fields.get("state", 0), 1, 1)
    return bytes([5]) + bytes(slot)


def seeds():
    start = bytes([WIDE])
    ten = submit(1, 10) + report("NEW", 1)
    yield "fills", start + ten + report("FILL", 1, lots=4, trade=1) + report("FILL", 1, lots=6, trade=2)
    yield "duplicate", start + ten + report("FILL", 1, lots=4, trade=1) * 3
    yield "late_fill", start + ten + cancel(1) + report("CANCELED", 1) + report("FILL", 1, lots=4, trade=1)
    yield "overfill", start + ten + report("FILL", 1, lots=15, trade=1)
    yield "bust", start + ten + report("FILL", 1, lots=10, trade=1) + report("BUST", 1, trade=1)
    yield "bust_first", start + ten + report("BUST", 1, lots=4, trade=1) + report("FILL", 1, lots=4, trade=1)
    yield "correct", start + ten + report("FILL", 1, lots=4, trade=1) + report("CORRECT", 1, lots=9, trade=1)
    yield "gap", start + ten + report("FILL", 1, ID | CUM, lots=2, cum=5, trade=2) + wait(40)
    yield "versions", start + ten + report("SUSPENDED", 1, version=5) + report("NEW", 1, version=3)
    yield "replace", start + ten + replace(1, 15, 2) + report("FILL", 1, lots=4, trade=1) + report("REPLACED", 2)
    yield "replace_chain", start + ten + replace(1, 15, 2) + replace(2, 9, 3) + report("REPLACED", 3) + report(
        "REPLACED", 2)
    yield "replace_below", start + ten + report("FILL", 1, lots=7, trade=1) + replace(1, 5) + report("REPLACED", 1)
    yield "rejects", start + ten + cancel(1, 4) + replace(1, 3, 5) + report("CANCEL_REJECTED", 4) + report(
        "REPLACE_REJECTED", 5)
    yield "lost", start + submit(1, 10) + (wait(40) + report("NOT_FOUND", 1, query=1)) * 3 + report(
        "FILL", 1, lots=4, trade=1)
    yield "dropped", start + ten + cancel(1) + (wait(40) + report("STATUS", 1, ID | CUM, 1, state=NEW)) * 3
    yield "external", start + report("FILL", 0, TERMS, lots=2, side=2, trade=1, venue=1) + report(
        "CANCELED", 0, 0, side=2, venue=1)
    yield "orderless", start + report("FILL", 0, 0, lots=2, side=1, trade=1) + ten + report(
        "FILL", 1, lots=2, side=1, trade=1)
    yield "merge", start + submit(1, 10) + report("FILL", 0, 0, lots=2, side=1, trade=1, venue=3) + report(
        "NEW", 1, venue=3) + report("BUST", 1, trade=1)
    yield "snapshot", start + ten + wait(31) + bytes([6, 8]) + bytes([6, 0]) + wait(10)
    yield "position", start + ten + report("FILL", 1, lots=4, trade=1) + wait(31) + bytes([6, 0xf1]) * 2
    small = bytes([0])
    yield "forgets", small + b"".join(submit(i, 5) + report("FILL", i, lots=5, trade=i) for i in range(1, 9))
    yield "empty", b""
    yield "raw", start + ten + raw(2) + raw(4) + raw(19, state=1)


def main():
    out = pathlib.Path(__file__).resolve().parent / "corpus" / "tracker"
    out.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
