#!/usr/bin/env python3
"""read_snapshot.py FILE - what docs/formats/snapshot.md says of a snapshot, without code of the library.

Prints one JSON object: the fields of the head, and of each stored page its number, size and hash; or
what is wrong, and exits with 1. read(data) gives the same to other programs.
"""
import ctypes
import json
import struct
import sys
from pathlib import Path

HEAD, MARK, END = 128, 16, 2**64 - 1
NAMES = ("format", "head_size", "layout", "version", "page_size", "block_size", "pages", "size", "time",
         "seq", "events", "slots", "hash", "digest", "reserved", "reserved1", "head_hash")

xxh = ctypes.CDLL("libxxhash.so.0")
xxh.XXH3_64bits_withSeed.restype = ctypes.c_uint64
xxh.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


class Wrong(Exception):
    pass


def must(what, is_so):
    if not is_so:
        raise Wrong(what)


def hash_of(data, seed):
    return xxh.XXH3_64bits_withSeed(bytes(data), len(data), seed)


def pair(data, at):
    must("the end is missing", len(data) - at >= MARK)
    return struct.unpack_from("<QQ", data, at)


def read(data):
    must("the head is cut", len(data) >= HEAD)
    must("magic", data[:8] == b"!TRDSNAP")
    head = dict(zip(NAMES, struct.unpack_from("<IIQIIQQQqQQQQQQQQ", data, 8)))
    must("format", head["format"] == 1)
    must("head_hash", head["head_hash"] == hash_of(data[:120], 0))
    must("sizes", (head["head_size"], head["page_size"], head["block_size"] % 64) == (HEAD, 4096, 0))
    at, digest, stored, least = HEAD, head["block_size"], [], 0
    while (mark := pair(data, at))[0] != END:
        number, own = mark
        size = min(4096, head["block_size"] - number * 4096)
        must(f"page {number} is out of order", number >= least and size > 0)
        page = data[at + MARK:at + MARK + size]
        must(f"page {number} is cut", len(page) == size)
        must(f"page {number}: hash", hash_of(page, number) == own)
        digest = hash_of(struct.pack("<QQ", number, own), digest)
        stored.append({"number": number, "size": size, "hash": own})
        at, least = at + MARK + size, number + 1
    must("digest", digest == head["digest"])
    must("pages", len(stored) == head["pages"])
    must("end", mark[1] == hash_of(struct.pack("<QQ", head["head_hash"], digest), 0))
    must("size", at + MARK == len(data) == head["size"])
    return {**head, "stored": stored}


if __name__ == "__main__":
    try:
        print(json.dumps(read(Path(sys.argv[1]).read_bytes())))
    except Wrong as wrong:
        sys.exit(f"{sys.argv[1]}: {wrong}")
