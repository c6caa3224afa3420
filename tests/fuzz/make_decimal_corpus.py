#!/usr/bin/env python3
"""make_decimal_corpus.py DIR - writes the seeds of fuzz_decimal: a scale, a capacity, a text.

The texts are the edges of what the format allows and does not: run it again after changing them.
"""
import sys
from pathlib import Path

SEEDS = {
    "small": (7, 48, b"0.0000001"),
    "truncated": (4, 48, b"2.2504"),
    "whole": (0, 8, b"1234"),
    "negative": (2, 48, b"-12.35"),
    "lowest": (0, 48, b"-9223372036854775808"),
    "highest": (0, 48, b"9223372036854775807"),
    "too_high": (0, 48, b"9223372036854775808"),
    "most_digits": (18, 48, b"9.223372036854775807"),
    "over_precise": (2, 48, b"1.005"),
    "exponent": (8, 48, b"1e-7"),
    "not_a_number": (2, 48, b"NaN"),
    "only_a_point": (2, 48, b"."),
    "zeros": (18, 2, b"-000.000"),
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (scale, capacity, text) in SEEDS.items():
        (folder / name).write_bytes(bytes([scale, capacity]) + text)


if __name__ == "__main__":
    main()
