#!/usr/bin/env python3
"""records.py ROOT LAYOUT - the byte tables of docs/formats/records.md are the compiled layout.

LAYOUT is the program of layout.c: it prints the fields of every record that has a struct. Records
without one must fill bytes 32 to 63 with naturally aligned fields. All kinds of the .def lists
must have a table. The rows of a specification and of a matching profile name the fields that
test_formats.c puts there. records.py --self-test proves that differences are found.
"""
import re
import subprocess
import sys
from pathlib import Path

HEADING = re.compile(r"^### `(\w+)` - (.*)$")
ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*`(\w+)`\s*\|")
KIND = re.compile(r"([A-Z_]+) \((\d+)\)")
VALUES = re.compile(r"^\| ([13])[^|]*\| (\d+)[^|]*\|([^|]*\|[^|]*\|[^|]*\|[^|]*\|[^|]*)\|$", re.M)
CELL = re.compile(r"^ +(SPEC|PROFILE)\((\d+), (\d+), ([\w.\[\]]+)\),$", re.M)
TABLE_OF = {"SPEC": 1, "PROFILE": 3}


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


def check_rows(page, source):
    """Tables 1 and 3: what the page says stands in each value, and what test_formats.c puts there."""
    said = {(int(table), int(key), i): name.strip() for table, key, values in VALUES.findall(page)
            for i, name in enumerate(values.split("|")) if name.strip() != "0"}
    put = {(TABLE_OF[of], int(key), int(i)): name for of, key, i, name in CELL.findall(source)}
    faults = [f"table {t} key {k} value {i}: {said.get((t, k, i), 0)} on the page, {put.get((t, k, i), 0)} in the test"
              for t, k, i in sorted(said.keys() | put.keys()) if said.get((t, k, i)) != put.get((t, k, i))]
    return faults if put else faults + ["no rows in test_formats.c"]


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
    rows = "| 1 spec | 1 | a | b | 0 | 0 | 0 |\n| 1 | 2 | c | 0 | 0 | 0 | 0 |\n| 3 matching | 1 x | d[0].e | 0 | 0 | 0 | 0 |\n"
    cells = "    SPEC(1, 0, a),\n    SPEC(1, 1, b),\n    SPEC(2, 0, c),\n    PROFILE(1, 0, d[0].e),\n"
    row_cases = [
        ("rows equal", rows, cells, 0),
        ("row missing", rows.replace("| 1 | 2 | c |", "| 1 | 2 | 0 |"), cells, 1),
        ("cell missing", rows, cells.replace("    SPEC(2, 0, c),\n", ""), 1),
        ("other name", rows, cells.replace("d[0].e", "d[1].e"), 1),
        ("swapped", rows.replace("| a | b |", "| b | a |"), cells, 2),
        ("other table", rows.replace("| 3 matching |", "| 1 |"), cells, 2),
        ("no cells", "", "", 1),
    ]
    for name, text, source, expected in row_cases:
        faults = check_rows(text, source)
        if len(faults) != expected:
            failed += 1
            print(f"self-test {name}: {faults}")
    cases += row_cases
    print(f"self-test: {len(cases) - failed} of {len(cases)}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root, layout = Path(sys.argv[1]), sys.argv[2]
    page = (root / "docs/formats/records.md").read_text()
    tables = read_page(page)
    done = subprocess.run([layout, "--print"], capture_output=True, text=True, check=True)
    faults = compare(tables, read_layout(done.stdout)) + check_kinds(root, tables)
    faults += check_rows(page, (root / "tests/abi/test_formats.c").read_text())
    print("\n".join(faults))
    print(f"records: {len(tables)} tables, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
