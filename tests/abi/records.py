#!/usr/bin/env python3
"""records.py ROOT LAYOUT - the byte tables of docs/formats/records.md are the compiled layout.

LAYOUT is the program of layout.c: it prints the fields of every record that has a struct. Records
without one must fill bytes 32 to 63 with naturally aligned fields. All kinds of the .def lists
must have a table. records.py --self-test proves that differences are found.
"""
import re
import subprocess
import sys
from pathlib import Path

HEADING = re.compile(r"^### `(\w+)` - (.*)$")
ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*`(\w+)`\s*\|")
KIND = re.compile(r"([A-Z_]+) \((\d+)\)")


def read_page(text):
    """{record: (heading, [(field, offset, width)])}"""
    tables, rows = {}, None
    for line in text.splitlines():
        heading, row = HEADING.match(line), ROW.match(line)
        if heading:
            rows = []
            tables[heading.group(1)] = (heading.group(2), rows)
        elif line.startswith("#"):
            rows = None
        elif row and rows is not None:
            rows.append((row.group(3), int(row.group(1)), int(row.group(2))))
    return tables


def read_layout(text):
    records = {}
    for line in text.splitlines():
        record, name, offset, width = line.split()
        records.setdefault(record, []).append((name, int(offset), int(width)))
    return records


def check_body(name, fields):
    faults, at = [], 32
    for field, offset, width in fields:
        if offset != at:
            faults.append(f"{name}.{field} is at {offset}, the field before it ends at {at}")
        if width in (2, 4, 8) and offset % width != 0 and not field.startswith("reserved"):
            faults.append(f"{name}.{field} is not aligned")
        at = offset + width
    return faults + ([] if at == 64 else [f"{name} ends at {at}"])


def compare(tables, records):
    faults = [f"{name}: no table" for name in sorted(records.keys() - tables.keys())]
    for name, (heading, fields) in tables.items():
        planned = heading.endswith("no struct")
        if name in records:
            if planned:
                faults.append(f"{name}: has a struct")
            if fields != records[name]:
                odd = sorted(set(fields) ^ set(records[name]))
                faults.append(f"{name}: page and compiler differ in {odd or 'order'}")
        elif not planned and name != "timer":
            faults.append(f"{name}: no such struct")
        else:
            faults += check_body(name, fields)
    return faults


def check_kinds(root, tables):
    listed = set()
    for file in ["command.def", "event.def"]:
        text = re.sub(r"/\*.*?\*/", " ", (root / "include/tradsys" / file).read_text(), flags=re.S)
        listed |= {(file, n, v) for n, v in re.findall(r"^TRD_\w+_ROW\((\w+), (\d+),", text, flags=re.M)}
    said = set()
    for name, (heading, _) in tables.items():
        file = "event.def" if name.startswith("ev_") else "command.def"
        said |= {(file, n, v) for n, v in KIND.findall(heading)}
    faults = [f"{n} ({v}) of {f} has no table" for f, n, v in sorted(listed - said)]
    return faults + [f"{n} ({v}) is not in {f}" for f, n, v in sorted(said - listed)]


def self_test():
    page = ("### `a` - body of A (1)\n| 32 | 8 | `x` | |\n| 40 | 24 | `reserved` | 0 |\n"
            "### `b` - body of B (2), no struct\n| 32 | 4 | `y` | |\n| 36 | 28 | `reserved` | 0 |\n")
    layout = "a x 32 8\na reserved 40 24\n"
    cases = [
        ("equal", page, layout, True),
        ("offset", page, layout.replace("a x 32", "a x 33"), False),
        ("width on the page", page.replace("| 32 | 8 | `x`", "| 32 | 4 | `x`"), layout, False),
        ("name", page.replace("`x`", "`z`"), layout, False),
        ("field missing", page, "a x 32 8\n", False),
        ("record missing", page, layout + "c x 0 8\n", False),
        ("not planned", page.replace(", no struct", ""), layout, False),
        ("has a struct", page, layout + "b y 32 4\nb reserved 36 28\n", False),
        ("gap in a plan", page.replace("| 36 | 28 |", "| 40 | 24 |"), layout, False),
        ("short plan", page.replace("| 36 | 28 |", "| 36 | 20 |"), layout, False),
        ("unaligned plan", page.replace("| 32 | 4 | `y` | |", "| 32 | 1 | `w` | |\n| 33 | 4 | `y` | |")
            .replace("| 36 | 28 |", "| 37 | 27 |"), layout, False),
    ]
    failed = 0
    for name, text, printed, good in cases:
        faults = compare(read_page(text), read_layout(printed))
        if (not faults) != good:
            failed += 1
            print(f"self-test {name}: {faults}")
    print(f"self-test: {len(cases) - failed} of {len(cases)}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root, layout = Path(sys.argv[1]), sys.argv[2]
    tables = read_page((root / "docs/formats/records.md").read_text())
    done = subprocess.run([layout, "--print"], capture_output=True, text=True, check=True)
    faults = compare(tables, read_layout(done.stdout)) + check_kinds(root, tables)
    print("\n".join(faults))
    print(f"records: {len(tables)} tables, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
