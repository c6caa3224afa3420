#!/usr/bin/env python3
"""coverage_places.py EXPORT ROOT DIRECTORY... - which branches of the source no test takes.

EXPORT is what `llvm-cov export` writes about all programs. It counts the branches of an inline
function once for each file that includes it; here a branch is a place in the source, and is taken
if it is in any of them. For the files below ROOT/DIRECTORY it prints each condition that was never
true or never false, and each function that never ran, then how many places that are.

A place that no test can reach has its reason in a comment beside it, `/* uncovered: ... */`: on its
line, or in lines of its own that end above it. A place without one is named again in the last line,
and the exit status is 1. A reason beside a place that is covered is told, too.

coverage_places.py --self-test shows on an example that all of that is found.
"""
import json
import re
import sys
from pathlib import Path

REASON = re.compile(r"/\*\s*uncovered:.*?\*/", flags=re.S)


def reasons_in(text):
    """{first line of a comment: the lines that it speaks of}."""
    found = {}
    for comment in REASON.finditer(text):
        first = text.count("\n", 0, comment.start()) + 1
        last = text.count("\n", 0, comment.end()) + 1
        line_start = text.rfind("\n", 0, comment.start()) + 1
        alone = text[line_start:comment.start()].strip() == ""
        found[first] = range(first, last + 2 if alone else last + 1)
    return found


def merge(export, wanted):
    """Branches and functions by place: how often each arm was taken. `wanted` has the files that
    count: {name in the export: name of the file}."""
    branches, functions = {}, {}
    for function in export["functions"]:
        names = function["filenames"]
        line, column = function["regions"][0][:2] if function["regions"] else (0, 0)
        if names[0] in wanted:
            place = (wanted[names[0]], line, column)
            functions[place] = functions.get(place, 0) + function["count"]
        for line, column, last_line, last_column, true, false, file, *_ in function["branches"]:
            if names[file] in wanted:
                place = (wanted[names[file]], line, column, last_line, last_column)
                was = branches.get(place, (0, 0))
                branches[place] = (was[0] + true, was[1] + false)
    return branches, functions


def lines_of(segments, text):
    """(covered, all) lines of a file: those on which a region begins or goes on. What the
    preprocessor includes within a function is no line of it."""
    covered = count = at = 0
    open_count = None  # of the region that reaches into the line; None: it is no code
    for number, line in enumerate(text.split("\n"), start=1):
        counts = [] if open_count is None else [open_count]
        while at < len(segments) and segments[at][0] == number:
            _, _, times, has_count, is_entry, is_gap = segments[at]
            if has_count and is_entry and not is_gap:
                counts.append(times)
            open_count = times if has_count and not is_gap else None
            at += 1
        if counts and not line.startswith("#"):
            count += 1
            covered += max(counts) > 0
    return covered, count


def condition(lines, place):
    _, line, column, last_line, last_column = place
    text = lines[line - 1]
    return text[column - 1:last_column - 1] if line == last_line else text[column - 1:] + " ..."


def judge(branches, functions, sources):
    """Rows (file, line, what) of places not covered; (taken, all) arms."""
    rows = []
    for (file, line, _), count in functions.items():
        if count == 0:
            rows.append((file, line, "never runs: " + sources[file].split("\n")[line - 1].strip()))
    for place, (true, false) in branches.items():
        if true == 0 or false == 0:
            how = "true" if true == 0 else "false"
            how = "never evaluated" if true + false == 0 else f"never {how}"
            lines = sources[place[0]].split("\n")
            rows.append((place[0], place[1], f"{how}: {condition(lines, place)}"))
    taken = sum((true != 0) + (false != 0) for true, false in branches.values())
    return sorted(rows), (taken, 2 * len(branches))


def report(rows, sources, name):
    """Prints the places; returns those without a reason."""
    bare, used = [], set()
    for file, line, what in rows:
        beside = [first for first, lines in reasons_in(sources[file]).items() if line in lines]
        used.update((file, first) for first in beside)
        print(f"{name(file)}:{line}: {what}" + ("" if beside else "  (no reason)"))
        if not beside:
            bare.append(f"{name(file)}:{line}")
    for file, text in sorted(sources.items()):
        for first in reasons_in(text):
            if (file, first) not in used:
                print(f"{name(file)}:{first}: a reason, but it is covered")
    return bare


def percent(covered, count):
    return f"{100 * covered / count:.2f}%" if count else "n/a"


def main(export_path, root, directories):
    export = json.loads(Path(export_path).read_text())["data"][0]
    root = Path(root).resolve()
    below = [root / directory for directory in directories]
    files = {entry["filename"]: Path(entry["filename"]).resolve() for entry in export["files"]}
    wanted = {name: str(file) for name, file in files.items()
              if any(directory in file.parents for directory in below)}
    sources = {file: Path(file).read_text() for file in wanted.values()}
    branches, functions = merge(export, wanted)
    rows, (taken, arms) = judge(branches, functions, sources)
    bare = report(rows, sources, lambda file: Path(file).relative_to(root))
    lines = [lines_of(entry["segments"], sources[wanted[entry["filename"]]])
             for entry in export["files"] if entry["filename"] in wanted]
    shares = (percent(sum(line[0] for line in lines), sum(line[1] for line in lines)),
              percent(taken, arms))
    print(f"coverage: {' '.join(directories)}: lines {shares[0]} branches {shares[1]}")
    print(f"coverage: {len(rows)} places not covered, {len(rows) - len(bare)} of them with their "
          "reason beside the code")
    if bare:
        print(f"coverage: without a reason: {' '.join(bare)}")
    return 1 if bare or not branches else 0


def self_test():
    source = ("int f(int a) {\n    if (a > 1) { /* uncovered: on the line */\n    }\n"
              "    /* uncovered: in two\n     * lines */\n    if (a > 2) {\n    }\n"
              "    if (a > 3) {\n    }\n    return a > 4; /* uncovered: not so */\n}\n"
              "int g(void) {\n    return 0;\n}\n")

    def function(file, first, count, branches):
        return {"filenames": [file], "regions": [[first, 1, first + 1, 2, count, 0, 0, 0]],
                "count": count, "branches": [[*branch, 0, 0, 4] for branch in branches]}

    in_one = [(2, 9, 2, 14, 0, 3), (6, 9, 6, 14, 2, 0), (8, 9, 8, 14, 0, 0), (10, 12, 10, 17, 0, 1)]
    in_other = [(2, 9, 2, 14, 0, 1), (6, 9, 6, 14, 1, 0), (8, 9, 8, 14, 1, 0),
                (10, 12, 10, 17, 1, 0)]
    export = {"functions": [function("x.h", 1, 3, in_one), function("x.h", 1, 1, in_other),
                            function("x.h", 12, 0, []), function("y.c", 1, 0, in_one)]}
    branches, functions = merge(export, {"x.h": "x.h"})
    rows, arms = judge(branches, functions, {"x.h": source})
    expected = [("x.h", 2, "never true: a > 1"), ("x.h", 6, "never false: a > 2"),
                ("x.h", 8, "never false: a > 3"), ("x.h", 12, "never runs: int g(void) {")]
    good = (rows == expected and arms == (5, 8)
            and reasons_in(source) == {2: range(2, 3), 4: range(4, 7), 10: range(10, 11)}
            and report(rows, {"x.h": source}, str) == ["x.h:8", "x.h:12"]
            and lines_of([[1, 1, 1, True, True, False], [1, 8, 0, True, True, False],
                          [3, 2, 1, True, False, False], [5, 13, 0, False, False, False]],
                         "if (a) {\n    b;\n}\nc;\n#include <d>\n") == (2, 4)
            and percent(1, 8) == "12.50%" and percent(0, 0) == "n/a")
    print("coverage_places: self-test", "passed" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
