#!/usr/bin/env python3
"""Checks that every reject reason and every cause is expected by some scenario.

    covered.py INCLUDE_DIR FILE...      INCLUDE_DIR holds reject.def and cause.def

Files that end in .txt are scenarios. The others are unit tests of the checks before an order, and of
the engine: what only those give has to be named there, as TRD_REJECT_<NAME> or TRD_CAUSE_<NAME>.
"""

import pathlib
import re
import sys

# What the matcher never gives by itself: reasons of risk.h and of the engine.
RISK = {
    "not_permitted", "disabled", "restricted", "collar", "order_qty", "no_bound", "order_value",
    "repeated", "latched", "messages", "balance", "position_limit", "open_value", "leverage",
    "daily_loss", "parent", "parent_qty", "margin", "unknown_asset", "no_mark", "asset_in_use",
}
ENGINE_CAUSES = {"liquidation", "matured", "corporate"}

NAMED = re.compile(r"\bTRD_REJECT_(\w+)")
NAMED_CAUSE = re.compile(r"\bTRD_CAUSE_(\w+)")
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
    told, caused, tested, ended = set(), set(), set(), set()
    for path in map(pathlib.Path, files):
        if path.suffix != ".txt":
            tested.update(name.lower() for name in NAMED.findall(path.read_text()))
            ended.update(name.lower() for name in NAMED_CAUSE.findall(path.read_text()))
            continue
        for words in expectations(path):
            if len(words) >= 3 and words[0].endswith("reject"):
                told.update(word for word in words[2:] if word in reasons)
            elif len(words) >= 6 and words[0] == "cancel":
                caused.add(words[5])
    for name in sorted(RISK & told):
        sys.exit(f"{name} is expected by a scenario: take it off the list RISK")
    for name in sorted(RISK - reasons):
        sys.exit(f"{name} is no reason: take it off the list RISK")
    for name in sorted(ENGINE_CAUSES & caused):
        sys.exit(f"{name} is expected by a scenario: take it off the list ENGINE_CAUSES")
    missing = (sorted((reasons - told) - (RISK & tested)) +
               sorted((causes - caused) - (ENGINE_CAUSES & ended)))
    for name in missing:
        print(f"no {'unit test' if name in RISK | ENGINE_CAUSES else 'scenario'} expects {name}")
    print(f"{len(told)} of {len(reasons - RISK)} reasons, {len(RISK & tested)} of {len(RISK)} of risk and engine, "
          f"{len(caused & causes)} of {len(causes - ENGINE_CAUSES)} causes, "
          f"{len(ENGINE_CAUSES & ended)} of {len(ENGINE_CAUSES)} of the engine")
    return 1 if missing else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
