#!/usr/bin/env python3
"""make_decimal_corpus.py DIR - writes the seeds of fuzz_decimal: a scale, a capacity (22 holds any), a text.

The texts are the edges of what the format allows and does not: run it again after changing them.
"""
import sys
from pathlib import Path

SEEDS = {
    "small": (7, 22, b"0.0000001"),
    "truncated": (4, 22, b"2.2504"),
    "whole": (0, 8, b"1234"),
    "negative": (2, 22, b"-12.35"),
    "lowest": (0, 22, b"-9223372036854775808"),
    "highest": (0, 22, b"9223372036854775807"),
    "too_high": (0, 22, b"9223372036854775808"),
    "most_digits": (18, 22, b"9.223372036854775807"),
    "over_precise": (2, 22, b"1.005"),
    "exponent": (8, 22, b"1e-7"),
    "not_a_number": (2, 22, b"NaN"),
    "only_a_point": (2, 22, b"."),
    "zeros": (18, 2, b"-000.000"),
    "too_low": (0, 22, b"-9223372036854775809"),
    "below_zero_over_precise": (2, 22, b"-1.005"),
    "leading_zeros": (4, 22, b"000000000000000000000001.5"),
    "trailing_zeros": (2, 22, b"1.2300000000000000000000000000"),
    "no_room": (2, 5, b"12.34"),
    "exact_room": (2, 6, b"12.34"),
    "two_points": (2, 22, b"1.2.3"),
    "only_a_sign": (2, 22, b"-"),
    "point_first": (2, 22, b".5"),
    "point_last": (2, 22, b"5."),
    "plus": (2, 22, b"+1.5"),
    "blank": (2, 22, b" 1"),
    "zero_byte": (2, 22, b"1\0" b"2"),
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (scale, capacity, text) in SEEDS.items():
        (folder / name).write_bytes(bytes([scale, capacity]) + text)


if __name__ == "__main__":
    main()
