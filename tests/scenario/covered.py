#!/usr/bin/env python3
"""Checks that every reject reason and every cause is expected by some scenario.

    covered.py INCLUDE_DIR FILE...      INCLUDE_DIR holds reject.def and cause.def
"""

import pathlib
import re
import sys

ROW = re.compile(r"^TRD_(?:REJECT|CAUSE)_ROW\((\w+), *\d+,", re.MULTILINE)


def names(path):
    found = {name.lower() for name in ROW.findall(path.read_text())}
    if not found:
        sys.exit(f"{path}: no rows found")
    return found


def expectations(path):
    """The items of the right sides: what stands behind '|' or ';' on a line, comments removed."""
    for line in path.read_text().splitlines():
        line = line.split("#", 1)[0]
        if line.lstrip().startswith(";"):
            right = line.lstrip()[1:]
        elif "|" in line:
            right = line.split("|", 1)[1]
        else:
            continue
        for item in right.split(";"):
            yield item.split()


def main(include, files):
    reasons = names(pathlib.Path(include) / "reject.def")
    causes = names(pathlib.Path(include) / "cause.def")
    told, caused = set(), set()
    for path in map(pathlib.Path, files):
        for words in expectations(path):
            if len(words) >= 3 and words[0].endswith("reject"):
                told.update(word for word in words[2:] if word in reasons)
            elif len(words) >= 6 and words[0] == "cancel":
                caused.add(words[5])
    missing = sorted(reasons - told) + sorted(causes - caused)
    for name in missing:
        print(f"no scenario expects {name}")
    print(f"{len(told)} of {len(reasons)} reasons, {len(caused & causes)} of {len(causes)} causes")
    return 1 if missing else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
