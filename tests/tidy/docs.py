#!/usr/bin/env python3
"""docs.py ROOT - the lists in include/tradsys/*.def and docs/reference say the same.

Each row of a .def is a table row "| `NAME` | number | ..." under the heading of its list, in the
same order; the tables hold nothing else. docs.py --self-test proves that differences are found.
"""
import re
import sys
from pathlib import Path

# list, .def file, macro, page of docs/reference, heading there
LISTS = [
    ("command", "command.def", "TRD_COMMAND_ROW", "commands.md", "Commands"),
    ("extension", "command.def", "TRD_EXTENSION_ROW", "commands.md", "Extensions"),
    ("event", "event.def", "TRD_EVENT_ROW", "events.md", "Events"),
    ("cause", "cause.def", "TRD_CAUSE_ROW", "events.md", "Causes"),
    ("reject", "reject.def", "TRD_REJECT_ROW", "rejects.md", "Reasons"),
]
ROW = re.compile(r"^\|\s*`(\w+)`\s*\|\s*(\d+)\s*\|")


def rows_of_def(text, macro):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return [(name, int(number)) for name, number in
            re.findall(r"^" + macro + r"\(\s*(\w+)\s*,\s*(\d+)\s*,", text, flags=re.M)]


def rows_of_page(text, heading):
    rows, inside = [], False
    for line in text.splitlines():
        if line.startswith("## "):
            inside = line[3:].strip() == heading
        match = ROW.match(line)
        if inside and match:
            rows.append((match.group(1), int(match.group(2))))
    return rows


def compare(name, listed, documented):
    faults = [f"{name}: {n} {v} is not documented" for n, v in listed if (n, v) not in documented]
    faults += [f"{name}: {n} {v} is documented, but not listed" for n, v in documented if (n, v) not in listed]
    if not faults and listed != documented:
        faults.append(f"{name}: the order differs, and rows count as often as they stand there")
    if len({v for _, v in listed}) != len(listed) or len({n for n, _ in listed}) != len(listed):
        faults.append(f"{name}: a name or number is used twice")
    if not listed:
        faults.append(f"{name}: the list is empty")
    return faults


def self_test():
    rows = rows_of_def("/* X_ROW(NO, 9, x) */\nX_ROW(A, 1, \"a\")\nX_ROW(B, 2, \"b\")\n", "X_ROW")
    page = "## Other\n| `C` | 3 | c |\n## Here\n| name | n |\n|---|---|\n| `A` | 1 | a |\n| `B` | 2 | b |\n"
    good = [("A", 1), ("B", 2)]
    cases = [
        ("parsed list", rows == good),
        ("parsed page", rows_of_page(page, "Here") == good),
        ("equal", compare("x", good, good) == []),
        ("missing", compare("x", good, good[:1]) != []),
        ("extra", compare("x", good, good + [("C", 3)]) != []),
        ("number", compare("x", good, [("A", 1), ("B", 3)]) != []),
        ("order", compare("x", good, good[::-1]) != []),
        ("twice", compare("x", good, good + good[:1]) != []),
        ("number twice", compare("x", [("A", 1), ("B", 1)], [("A", 1), ("B", 1)]) != []),
        ("empty", compare("x", [], []) != []),
    ]
    for name, right in cases:
        if not right:
            print(f"self-test {name} failed")
    print(f"self-test: {sum(r for _, r in cases)} of {len(cases)}")
    return 0 if all(r for _, r in cases) else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root, faults, count = Path(sys.argv[1]), [], 0
    for name, file, macro, page, heading in LISTS:
        listed = rows_of_def((root / "include/tradsys" / file).read_text(), macro)
        documented = rows_of_page((root / "docs/reference" / page).read_text(), heading)
        faults += compare(name, listed, documented)
        count += len(listed)
    print("\n".join(faults))
    print(f"docs: {count} rows, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
