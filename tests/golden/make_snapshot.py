#!/usr/bin/env python3
"""make_snapshot.py DIR - writes the snapshot of format 1 whose bytes every later version must judge.

Written from docs/formats/snapshot.md, with libxxhash and no code of the library. It is of a library
whose engines are laid out otherwise than any of ours, so no engine can be made of it; its head must be
read, and each of its bytes found right. What tests/unit/test_snapshot_golden.c and
tests/tools/snapshot_test.py expect:

  head     layout 0x0123456789abcdef, version 7.8.9, block of 14,400 bytes, time -5, seq 42,
           events 99, 120 slots of events with hash 0xfedcba9876543210
  pages    0: byte i is i mod 251; 2: zeros but for its last byte, 1; 3, of which 2,112 bytes are left:
           all 0x5a; page 1 is zeros, and not there

The file is never made again.
"""
import ctypes
import struct
import sys
from pathlib import Path

PAGE, BLOCK = 4096, 14400
PAGES = {0: bytes(i % 251 for i in range(PAGE)), 2: bytes(PAGE - 1) + b"\1", 3: b"\x5a" * (BLOCK - 3 * PAGE)}

xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits_withSeed.restype = ctypes.c_uint64
xxh.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


def hash_of(data, seed):
    return xxh.XXH3_64bits_withSeed(bytes(data), len(data), seed)


def main():
    folder = Path(sys.argv[1])
    digest, body = BLOCK, b""
    for number, page in PAGES.items():
        own = hash_of(page, number)
        digest = hash_of(struct.pack("<QQ", number, own), digest)
        body += struct.pack("<QQ", number, own) + page
    size = 128 + len(body) + 16
    head = b"!TRDSNAP" + struct.pack("<IIQIIQQQqQQQQQQQ", 1, 128, 0x0123456789ABCDEF, 7 << 16 | 8 << 8 | 9,
                                     PAGE, BLOCK, len(PAGES), size, -5, 42, 99, 120, 0xFEDCBA9876543210,
                                     digest, 0, 0)
    head_hash = hash_of(head, 0)
    end = struct.pack("<QQ", 2**64 - 1, hash_of(struct.pack("<QQ", head_hash, digest), 0))
    (folder / "42.snapshot").write_bytes(head + struct.pack("<Q", head_hash) + body + end)
    print(f"digest {digest:#018x}, {size} bytes")


if __name__ == "__main__":
    main()
