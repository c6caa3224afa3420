#!/usr/bin/env python3
"""criterion.py BUILD - no Criterion program has lost a test.

Criterion finds its tests in a section of the program; some linker options drop entries of it, and
what is left still passes. Each test program of BUILD must list at least as many tests as its
sources define. criterion.py --self-test proves that a lost test is found.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

DEFINED = re.compile(r"^(?:Test|ParameterizedTest|Theory)\s*\(", flags=re.M)


def defined_in(text):
    return len(DEFINED.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S)))


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
             listed_in("") == 0, defined_in("int Test(void);\nstatic int x;\n") == 0]
    print(f"self-test: {sum(cases)} of {len(cases)}")
    return 0 if all(cases) else 1


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    faults, count, seen = [], 0, 0
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
