#!/usr/bin/env python3
"""layers.py ROOT - quoted includes in lib/ obey the layer table of docs/architecture.md.

What is checked:
  - the table itself: a module uses only modules of rows above its own;
  - lib/ holds exactly the modules whose state is `exists`;
  - each quoted include names an existing file as "module/file.h", of the own module or of one that
    the table allows.

layers.py --self-test runs the check on small trees that break one rule each.
"""
import re
import sys
import tempfile
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ROW = re.compile(r"^\|\s*(\d+|-)\s*\|\s*`(\w+)`\s*\|([^|]*)\|[^|]*\|\s*(\w+)\s*\|\s*$")


class Module:
    def __init__(self, row, uses, state):
        self.row = row  # None for a module outside the rows
        self.uses = uses
        self.state = state


def read_table(text):
    """The modules of the layer table by name, `rows A-B` expanded."""
    raw = {}
    for line in text.splitlines():
        match = ROW.match(line)
        if match:
            row, name, uses, state = match.groups()
            raw[name] = (None if row == "-" else int(row), uses.strip(), state)
    modules = {}
    for name, (row, uses, state) in raw.items():
        span = re.fullmatch(r"rows (\d+)-(\d+)", uses)
        if span:
            low, high = int(span.group(1)), int(span.group(2))
            allowed = {n for n, (r, _, _) in raw.items() if r is not None and low <= r <= high}
        else:
            allowed = set() if uses == "-" else set(uses.split())
        modules[name] = Module(row, allowed, state)
    return modules


def check_table(modules):
    faults = []
    for name, module in modules.items():
        for used in sorted(module.uses):
            if used not in modules:
                faults.append(f"table: {name} may use {used}, which has no row")
            elif modules[used].row is None:
                if module.row is None:
                    faults.append(f"table: {name} may use {used}, and both are outside the rows")
            elif module.row is not None and modules[used].row >= module.row:
                faults.append(f"table: {name} may use {used}, which is not above it")
        if module.state not in ("exists", "planned"):
            faults.append(f"table: {name} is neither `exists` nor `planned`")
    return faults


def check_directories(lib, modules):
    found = {path.name for path in lib.iterdir() if path.is_dir() and any(path.rglob("*"))}
    said = {name for name, module in modules.items() if module.state == "exists"}
    faults = [f"lib/{name} is not in the table as `exists`" for name in sorted(found - said)]
    faults += [f"the table says {name} exists, lib/{name} does not" for name in sorted(said - found)]
    return faults


def check_file(lib, path, modules):
    own = path.relative_to(lib).parts[0]
    faults = []
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        where = f"{path.relative_to(lib.parent)}:{number}"
        target = match.group(1)
        used = target.split("/")[0]
        if "/" not in target or ".." in target.split("/"):
            faults.append(f'{where}: "{target}" does not name its module')
        elif not (lib / target).is_file():
            faults.append(f'{where}: "{target}" is not a file of lib/')
        elif used != own and used not in modules[own].uses:
            faults.append(f"{where}: {own} may not use {used}")
    return faults


def check(root):
    modules = read_table((root / "docs/architecture.md").read_text())
    if not modules:
        return ["docs/architecture.md holds no layer table"], 0
    faults = check_table(modules)
    lib = root / "lib"
    faults += check_directories(lib, modules)
    count = 0
    for path in sorted(lib.rglob("*.[ch]")):
        parts = path.relative_to(lib).parts
        if len(parts) > 1 and parts[0] in modules:
            count += 1
            faults += check_file(lib, path, modules)
    return faults, count


GOOD_TABLE = """
| 0 | `core` | - | x | exists |
| 1 | `book` | core | x | exists |
| 2 | `match` | core book | x | exists |
| 3 | `engine` | rows 0-2 | x | planned |
| - | `codec` | core | x | exists |
"""
GOOD_TREE = {
    "core/a.h": "",
    "book/b.c": '#include <tradsys/book.h>\n#include "core/a.h"\n',
    "book/b.h": "",
    "match/m.c": '#include "book/b.h"\n',
    "codec/itch/i.c": '#include "core/a.h"\n',
}
BROKEN = [
    ("upwards", GOOD_TABLE, {"match/m.h": "", "core/c.c": '#include "match/m.h"\n'}, "core may not use match"),
    ("from codec into book", GOOD_TABLE, {"codec/itch/j.c": '#  include "book/b.h"\n'}, "codec may not use book"),
    ("no module named", GOOD_TABLE, {"book/d.c": '#include "b.h"\n'}, "does not name its module"),
    ("by dots", GOOD_TABLE, {"book/d.c": '#include "../match/m.h"\n'}, "does not name its module"),
    ("missing file", GOOD_TABLE, {"book/d.c": '#include "core/none.h"\n'}, "is not a file"),
    ("module without a row", GOOD_TABLE, {"spare/s.c": "\n"}, "lib/spare is not in the table"),
    ("planned module present", GOOD_TABLE, {"engine/e.c": "\n"}, "lib/engine is not in the table"),
    ("row without a module", GOOD_TABLE + "| 1 | `md` | core | x | exists |\n", {}, "lib/md does not"),
    ("table against itself", GOOD_TABLE.replace("| `book` | core |", "| `book` | match |"), {}, "not above it"),
    ("no table", "nothing", {}, "no layer table"),
]


def build_tree(root, table, files):
    (root / "docs").mkdir()
    (root / "docs/architecture.md").write_text(table)
    for name, text in {**GOOD_TREE, **files}.items():
        path = root / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def self_test():
    cases = [("intact", GOOD_TABLE, {}, None)] + BROKEN
    failed = 0
    for name, table, files, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            build_tree(Path(directory), table, files)
            faults, _ = check(Path(directory))
            right = not faults if expected is None else any(expected in fault for fault in faults)
            if not right:
                failed += 1
                print(f"self-test {name}: expected {expected!r}, got {faults}")
    print(f"self-test: {len(cases) - failed} of {len(cases)}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    faults, count = check(Path(sys.argv[1]))
    for fault in faults:
        print(fault)
    print(f"layers: {count} files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
