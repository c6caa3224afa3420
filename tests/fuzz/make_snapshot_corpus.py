#!/usr/bin/env python3
"""make_snapshot_corpus.py DIR - writes the seeds of fuzz_snapshot: what is done to a good snapshot.

What a change is, is said in fuzz_snapshot.c; a snapshot begins with a head of 128 bytes, then a mark of
16 and a page of 4096 each.
"""
import struct
import sys
from pathlib import Path

XOR, CUT, APPEND, PIECES, MARK = range(5)
RAW, REPAIRS, REPAIRS_HEAD = 1, 2, 4


def changes(how, *rows):
    return bytes([how]) + b"".join(struct.pack("<BHB", what, at, value) for what, at, value in rows)


SEEDS = {
    "nothing": b"",
    "as_it_is": changes(0),
    "in_single_bytes": changes(0, (PIECES, 0, 0)),
    "in_odd_pieces": changes(0, (PIECES, 4110, 0)),
    "magic": changes(0, (XOR, 0, 1)),
    "format": changes(0, (XOR, 8, 1)),
    "layout": changes(REPAIRS, (XOR, 16, 1)),
    "block_larger": changes(REPAIRS, (XOR, 33, 64)),
    "block_smaller": changes(REPAIRS | REPAIRS_HEAD, (XOR, 33, 1)),
    "more_pages": changes(REPAIRS, (XOR, 40, 1)),
    "head_hash": changes(0, (XOR, 120, 128)),
    "page": changes(0, (XOR, 1000, 1)),
    "page_repaired": changes(REPAIRS | REPAIRS_HEAD, (XOR, 1000, 1)),
    "no_engine": changes(REPAIRS | REPAIRS_HEAD, *[(XOR, 144 + i, 255) for i in range(60)]),
    "far_page": changes(0, (MARK, 7 << 8 | 0, 1)),
    "page_twice": changes(REPAIRS | REPAIRS_HEAD, (MARK, 1, 0)),
    "end_early": changes(REPAIRS | REPAIRS_HEAD, *[(MARK, i << 8 | 1, 255) for i in range(8)]),
    "cut_in_head": changes(0, (CUT, 100, 0)),
    "cut_in_mark": changes(0, (CUT, 130, 0)),
    "cut_in_page": changes(0, (CUT, 5000, 0)),
    "behind_the_end": changes(0, (APPEND, 0, 1)),
    "raw_nothing": bytes([RAW]),
    "raw_text": bytes([RAW]) + b"!TRDSNAP" + bytes(200),
    "raw_head": bytes([RAW | REPAIRS]) + b"!TRDSNAP" + struct.pack("<II", 1, 128) + bytes(112),
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        (folder / name).write_bytes(seed)


if __name__ == "__main__":
    main()
