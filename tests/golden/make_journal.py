#!/usr/bin/env python3
"""make_journal.py DIR - writes the journal of version 1 that every later version must read.

Written from docs/formats/journal.md, with libxxhash and no code of the library. What it holds, and
tests/unit/test_journal_golden.c expects:

  segment 1, id 0x0123456789abcdef, made at 1000
    empty frame                                    seq 1, time 1000
    commands 1 to 3: 1 slot of kind 1 at 1000,     seq 1, time 1500, synced 4160
      2 slots of kind 3 at 1400 (extension 130), 1 slot of kind 7 at 1500
    checkpoint after 3: 5 slots of events, of      seq 4, time 1500, synced 4480
      which slot n is 64 bytes n + 1
    commands 4 and 5, whose last slot never came to the disk
  segment 2, made at 1500, after a restart
    empty frame                                    seq 4, time 1500
    command 4: 1 slot of kind 2 at 2000            seq 4, time 2000, synced 4160
    empty frame, of a journal closed in order      seq 5, time 2000, synced 4288

Of each command, bytes 32 to 63 are its number. The files are never made again.
"""
import ctypes
import struct
import sys
from pathlib import Path

ID, SIZE, DATA = 0x0123456789ABCDEF, 65536, 4096

xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits_withSeed.restype = ctypes.c_uint64
xxh.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def hash_of(data, seed):
    return xxh.XXH3_64bits_withSeed(bytes(data), len(data), seed)


def command(seq, time, kind, slots):
    return struct.pack("<QqBBHIII", seq, time, kind, slots, 0, 0, 0, 0) + bytes([seq]) * 32


def extension(seq, kind):
    return struct.pack("<QQBBHI", 0, 0, kind, 0, 0, 0) + bytes(8) + bytes([seq]) * 32


class Segment:
    def __init__(self, number, time):
        self.number, self.at = number, DATA
        self.bytes = bytearray(SIZE)
        head = b"TRDJRNL1" + struct.pack("<qBBHIQQQQ", time, 96, 1, 1, DATA, ID, number, SIZE, 0)
        self.bytes[:64] = head + struct.pack("<Q", hash_of(head, 0))

    def add(self, seq, time, count, payload, before, synced):
        head = struct.pack("<QqBBHIIIQQQ", seq, time, 97, 1, 0, count, len(payload) // 64, 0, before, synced, 0)
        place = struct.pack("<QQQ", ID, self.number, self.at)
        own = hash_of(payload, hash_of(place + head, 0))
        frame = head + struct.pack("<Q", own) + payload
        self.bytes[self.at:self.at + len(frame)] = frame
        self.at += len(frame)
        return own


def main():
    folder = Path(sys.argv[1])
    digest = 0
    for n in range(5):
        digest = hash_of(bytes([n + 1]) * 64, digest)
    one = Segment(1, 1000)
    before = one.add(1, 1000, 0, b"", 0, DATA)
    three = command(1, 1000, 1, 1) + command(2, 1400, 3, 2) + extension(2, 130) + command(3, 1500, 7, 1)
    before = one.add(1, 1500, 3, three, before, 4160)
    check = struct.pack("<QqBBHIQQ", 3, 1500, 98, 1, 0, 0, 5, digest) + bytes(24)
    last = one.add(4, 1500, 0, check, before, 4480)
    one.add(4, 1700, 2, command(4, 1600, 1, 1) + command(5, 1700, 1, 1), last, 4608)
    one.bytes[one.at - 64:one.at] = bytes(64)
    two = Segment(2, 1500)
    before = two.add(4, 1500, 0, b"", last, DATA)
    before = two.add(4, 2000, 1, command(4, 2000, 2, 1), before, 4160)
    two.add(5, 2000, 0, b"", before, 4288)
    for segment in (one, two):
        (folder / f"{segment.number:012}.journal").write_bytes(segment.bytes)
    print(f"digest {digest:#x}, last frame of segment 1 {last:#x}")


if __name__ == "__main__":
    main()
