#!/usr/bin/env python3
"""format.py ROOT - every .c and .h of the tree is as clang-format leaves it.

Skipped (exit 77) where clang-format 14, the version that .clang-format is written for, is not
installed. format.py ROOT --self-test proves that a misformatted file is found.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDERS = ["include", "lib", "tests", "tools", "bench", "examples", "bindings"]
SKIP = 77


def find_program():
    for name in ["clang-format-14", "clang-format"]:
        if shutil.which(name):
            said = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
            if re.search(r"version 14\.", said):
                return name
    return None


def check(program, style, files):
    done = subprocess.run(
        [program, f"--style=file:{style}", "--dry-run", "--Werror", *files],
        capture_output=True, text=True)
    return done.returncode, done.stderr


def self_test(program, style):
    samples = [("int f(void) {\n    return 1;\n}\n", True), ("int f(void)\n{ return 1; }\n", False)]
    failed = 0
    for text, good in samples:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "a.c"
            path.write_text(text)
            code, _ = check(program, style, [path])
            if (code == 0) != good:
                failed += 1
                print(f"self-test: {text!r} gave {code}")
    print(f"self-test: {len(samples) - failed} of {len(samples)}")
    return 1 if failed else 0


def main():
    root = Path(sys.argv[1])
    style = root / ".clang-format"
    program = find_program()
    if program is None:
        print("format: skipped, clang-format 14 is not installed")
        return SKIP
    if sys.argv[2:] == ["--self-test"]:
        return self_test(program, style)
    files = sorted(p for folder in FOLDERS for p in (root / folder).rglob("*.[ch]"))
    code, text = check(program, style, files)
    print(text)
    print(f"format: {len(files)} files, {'as they should be' if code == 0 else 'run clang-format -i'}")
    return 1 if code != 0 or not files else 0


if __name__ == "__main__":
    sys.exit(main())
