#!/usr/bin/env python3
"""Writes the seeds of fuzz_itch into corpus/itch: one small input for each thing that can happen.

    tests/fuzz/make_itch_corpus.py

Field contents do not matter here, only sizes and framing: the bytes of a message count upwards.
"""
import pathlib
import struct

SIZES = {
    "S": 12, "R": 39, "H": 25, "Y": 20, "L": 26, "V": 35, "W": 12, "K": 28, "J": 35, "h": 21,
    "A": 36, "F": 40, "E": 31, "C": 36, "X": 23, "D": 19, "U": 35, "P": 44, "Q": 40, "B": 19,
    "I": 50, "N": 20, "O": 48,
}
LENGTH, ZERO, RAW, MOLD = (bytes([pick]) for pick in range(4))
HEARTBEAT, END = 0, 0xFFFF


def message(kind):
    return kind.encode() + bytes(range(1, SIZES[kind]))


def block(data):
    return struct.pack(">H", len(data)) + data


def packet(seq, messages, count=None, session=b"SESSION001"):
    count = len(messages) if count is None else count
    return block(session + struct.pack(">QH", seq, count) + b"".join(map(block, messages)))


def seeds():
    every = [message(kind) for kind in SIZES]
    some = [message(kind) for kind in "SADX"]
    yield "length_every_type", LENGTH + b"".join(map(block, every)) + b"\0\0"
    yield "length_no_end", LENGTH + b"".join(map(block, some))
    yield "length_cut", LENGTH + b"".join(map(block, some))[:-3]
    yield "length_behind_end", LENGTH + b"\0\0" + block(some[0])
    yield "length_unknown_short_long", (
        LENGTH + block(b"zzzz") + block(some[1][:-1]) + block(some[2] + b"more") + block(some[3]))
    yield "zero_every_type", ZERO + b"".join(b"\0\0" + each for each in every)
    yield "zero_unknown", ZERO + b"\0\0" + some[0] + b"\0\0z"
    yield "zero_with_length", ZERO + b"\0\0" + some[0] + block(some[1])
    yield "raw_every_type", RAW + b"".join(every)
    yield "raw_cut", RAW + some[0] + some[1][:20]
    yield "raw_unknown", RAW + some[0] + b"zz"
    yield "mold_in_order", MOLD + packet(1, some) + packet(5, [], HEARTBEAT) + packet(5, [], END)
    yield "mold_gap_filled", (
        MOLD + packet(1, some[:1]) + packet(4, some[3:]) + packet(2, some[1:3])
        + packet(4, some[3:]))
    yield "mold_duplicate_overlap", MOLD + packet(1, some[:2]) * 2 + packet(1, some)
    yield "mold_end_missing", MOLD + packet(1, some) + packet(9, [], END) + packet(5, some)
    yield "mold_foreign_damaged", (
        MOLD + packet(1, some) + packet(5, some, session=b"SESSION002") + packet(5, some, 3)
        + packet(5, some, 5) + packet(0, []) + packet(2**64 - 1, some))
    yield "mold_empty_message", MOLD + packet(1, [b"", some[0], b"zz"])


def main():
    directory = pathlib.Path(__file__).parent / "corpus" / "itch"
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (directory / name).write_bytes(data)


if __name__ == "__main__":
    main()
