#!/usr/bin/env python3
"""make_journal_corpus.py DIR - writes the seeds of fuzz_journal: flags, bytes of the first segment, frames.

Hashes and chains are put in by the target, as the flags say.
"""
import struct
import sys
from pathlib import Path

REHASH, CHAIN, LATER = 1, 2, 4


def frame(seq, time, payload=b"", count=None, synced=4096, before=0):
    count = len(payload) // 64 if count is None else count
    return struct.pack("<QqBBHIIIQQQQ", seq, time, 97, 1, 0, count, len(payload) // 64, 0, before, synced, 0, 0) + payload


def command(seq, time, kind=1, slots=1):
    return struct.pack("<QqBBHIII", seq, time, kind, slots, 0, 0, 0, 0) + bytes(32)


def extension(kind):
    return bytes(16) + bytes([kind]) + bytes(47)


def check(seq):
    return struct.pack("<QqBBHIQQ", seq, 0, 98, 1, 0, 0, 5, 6) + bytes(24)


def seed(flags, first, second=b""):
    return struct.pack("<BH", flags, len(first)) + first + second


BEGUN = frame(1, 0) + frame(1, 5, command(1, 3) + command(2, 5), synced=4160)
BROKEN = frame(3, 9, command(3, 9), synced=4352)
SEEDS = {
    "nothing": seed(0, b""),
    "zeros": seed(0, bytes(128), bytes(64)),
    "no_hash": seed(0, BEGUN),
    "no_chain": seed(REHASH, BEGUN),
    "two_frames": seed(REHASH | CHAIN, BEGUN),
    "long_record": seed(REHASH | CHAIN, frame(1, 1, command(1, 1, 3, 3) + extension(129) + extension(130), 1)),
    "checkpoint": seed(REHASH | CHAIN, BEGUN + frame(3, 5, check(2), 0, 4352)),
    "checkpoint_ahead": seed(REHASH | CHAIN, BEGUN + frame(3, 5, check(3), 0, 4352)),
    "wrong_count": seed(REHASH | CHAIN, frame(1, 1, command(1, 1), 2)),
    "record_cut": seed(REHASH | CHAIN, frame(1, 1, command(1, 1, 3, 2), 1)),
    "time_falls": seed(REHASH | CHAIN, BEGUN + frame(3, 4, command(3, 4), synced=4352)),
    "last_seq": seed(REHASH | CHAIN, frame(2**64 - 1, 0, command(2**64 - 1, 0))),
    "torn": seed(REHASH | CHAIN, BEGUN + BROKEN[:-1]),
    "two_segments": seed(REHASH | CHAIN, BEGUN, frame(3, 5) + frame(3, 6, command(3, 6), synced=4160)),
    "given_up": seed(REHASH | CHAIN, BEGUN + bytes(63) + b"x", frame(3, 5)),
    "lost_first": seed(REHASH, bytes(63) + b"x", frame(1, 0, before=5)),
    "lost_later": seed(REHASH | LATER, bytes(63) + b"x", frame(1, 0, before=5)),
    "not_continued": seed(REHASH, BEGUN, frame(3, 5)),
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
