#!/usr/bin/env python3
"""criterion.py BUILD ROOT - no Criterion program has lost a test, and no test uses gt().

Criterion finds its tests in a section of the program; some linker options drop entries of it, and
what is left still passes. Each test program of BUILD must list at least as many tests as its
sources define.

gt() of Criterion 2.4.1 holds for equal values too. Sources below ROOT write `>` out instead.

criterion.py --self-test proves that a lost test and a gt() are found.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

DEFINED = re.compile(r"^(?:Test|ParameterizedTest|Theory)\s*\(", flags=re.M)


def defined_in(text):
    return len(DEFINED.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S)))


CHECK = re.compile(r"\bcr_\w+\s*\(")
GREATER = re.compile(r"\bgt\s*\(")
BLANKED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', flags=re.S)


def greater_in(text):
    """The lines on which a check of Criterion uses gt()."""
    text = BLANKED.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    lines = set()
    for check in CHECK.finditer(text):
        depth, end = 1, check.end()
        while depth > 0 and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        for use in GREATER.finditer(text, check.end(), end):
            lines.add(text.count("\n", 0, use.start()) + 1)
    return sorted(lines)


def greater_below(root):
    faults = []
    for directory in ("tests", "bench", "tools"):
        for path in sorted((root / directory).rglob("*.[ch]")):
            for line in greater_in(path.read_text()):
                where = path.relative_to(root)
                faults.append(f"{where}:{line}: gt() also holds for equal values, write a > b")
    return faults


def listed_in(text):
    """Tests of `--list`: a suite's line is flush left, its tests are drawn below it."""
    return len(re.findall(r"^[|`├└]\S*\s+\w+", text, flags=re.M))


def programs(build):
    """(program, sources) of the test programs that report in TAP."""
    targets = json.loads((build / "meson-info/intro-targets.json").read_text())
    tests = json.loads((build / "meson-info/intro-tests.json").read_text())
    commands = {test["cmd"][0] for test in tests if test["protocol"] == "tap"}
    for target in targets:
        if target["type"] != "executable" or target["filename"][0] not in commands:
            continue
        sources = [s for group in target["target_sources"] for s in group.get("sources", [])]
        yield target["filename"][0], sources


def self_test():
    source = "/* Test(no, no) */\nTest(a, b) {\n}\nTest(a, c, .init = f) {\n}\nParameterizedTest(int *i, a, d) {\n}\n"
    listing = "a: 3 tests\n├── b\n├── c\n└── d\n"
    ascii_listing = "a: 2 tests\n|-- b\n`-- c\n"
    cases = [defined_in(source) == 3, listed_in(listing) == 3, listed_in(ascii_listing) == 2,
             listed_in("") == 0, defined_in("int Test(void);\nstatic int x;\n") == 0,
             greater_in("cr_assert(gt(int, a, 0));\n") == [1],
             greater_in("cr_expect(\n    all(lt(int, f(a), 1),\n        gt (int, a, 0)), \"%d\", a);\n") == [3],
             greater_in("cr_assert_not(eq(int, a, 0));\ncr_assert_all(gt(sz, a, 0));\n") == [2],
             greater_in("/* cr_assert(gt(int, a, 0)) */\ncr_assert(a > 0, \"gt(\");\ngt(1);\n") == [],
             greater_in("cr_assert(target(a) > 0);\n") == []]
    print(f"self-test: {sum(cases)} of {len(cases)}")
    return 0 if all(cases) else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    faults, count, seen = greater_below(Path(sys.argv[2])), 0, 0
    for program, sources in programs(Path(sys.argv[1])):
        texts = [Path(source).read_text() for source in sources]
        if not any("criterion" in text for text in texts):
            continue
        defined = sum(defined_in(text) for text in texts)
        done = subprocess.run([program, "--list"], capture_output=True, text=True)
        listed = listed_in(done.stdout + done.stderr)
        seen, count = seen + 1, count + listed
        if done.returncode != 0 or listed < max(defined, 1):
            faults.append(f"{program} lists {listed} tests, its sources define {defined}")
    print("\n".join(faults))
    print(f"criterion: {seen} programs, {count} tests, {len(faults)} faults")
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
