#!/usr/bin/env python3
"""make_text_corpus.py DIR - writes the seeds of fuzz_text: what is done to a good text.

What a change is, is said in fuzz_text.c; where is a character of the text, modulo its size.
"""
import struct
import sys
from pathlib import Path

OTHER, CUT, PUT, TAKE, PIECES, TWICE, WITHOUT = range(7)
RAW, EDITED, PASSES_OVER, GROWS = 1, 2, 4, 8


def changes(how, *rows):
    return bytes([how]) + b"".join(struct.pack("<BHB", what, at, value) for what, at, value in rows)


SEEDS = {
    "nothing": b"",
    "as_it_is": changes(0),
    "in_single_characters": changes(0, (PIECES, 0, 0)),
    "edited": changes(EDITED),
    "into_more_room": changes(GROWS),
    "raw_nothing": bytes([RAW]),
    "raw_head": bytes([RAW]) + b'{"text":1}\n',
    "raw_large": bytes([RAW]) + b'{"text":1,"match.orders_max":4294967295}\n',
    "raw_nested": bytes([RAW]) + b'{"text":1,"match":{"orders_max":1}}\n',
    "raw_escape": bytes([RAW]) + b'{"te\\u0078t":1}\n',
}

# A digit, a quote, a line, here and there: in all ways to read.
for how, name in ((0, "plain"), (EDITED, "edited"), (PASSES_OVER, "passing"), (GROWS | EDITED, "larger")):
    for at in range(900, 12000, 1300):
        SEEDS[f"{name}_digit_{at}"] = changes(how, (OTHER, at, ord("7")))
        SEEDS[f"{name}_name_{at}"] = changes(how, (OTHER, at, ord("x")))
        SEEDS[f"{name}_more_{at}"] = changes(how, (PUT, at, ord("9")))
        SEEDS[f"{name}_less_{at}"] = changes(how, (TAKE, at, 0))
        SEEDS[f"{name}_twice_{at}"] = changes(how, (TWICE, at, 0))
        SEEDS[f"{name}_without_{at}"] = changes(how, (WITHOUT, at, 0))
        SEEDS[f"{name}_cut_{at}"] = changes(how, (CUT, at, 0))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, seed in SEEDS.items():
        (folder / name).write_bytes(seed)


if __name__ == "__main__":
    main()
