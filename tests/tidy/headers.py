#!/usr/bin/env python3
"""headers.py ROOT COMPILER... - every public header compiles alone, in C11 and C++17.

A header is included twice in a file of its own, with all warnings as errors, by each compiler
that is installed. The first compiler must be there. headers.py --self-test COMPILER proves that a
header which needs another, is no C++, or is not guarded is found.
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
PARTNER = {"gcc": "g++", "cc": "c++", "clang": "clang++"}


def compile_alone(command, language, standard, include, header):
    text = f"#include <{header}>\n#include <{header}>\n"
    done = subprocess.run(
        [command, "-x", language, f"-std={standard}", *WARNINGS, f"-I{include}", "-"],
        input=text, text=True, capture_output=True)
    return done.returncode, done.stderr


def check(include, compilers):
    """Faults, headers seen, and how many compilations that were."""
    jobs = []
    for compiler in compilers:
        if shutil.which(compiler):
            jobs.append((compiler, "c", "c11"))
        partner = PARTNER.get(Path(compiler).name)
        if partner and shutil.which(partner):
            jobs.append((partner, "c++", "c++17"))
    headers = sorted(path.relative_to(include) for path in include.rglob("*.h"))
    faults = []
    for header in headers:
        for command, language, standard in jobs:
            code, text = compile_alone(command, language, standard, include, header)
            if code != 0:
                faults.append(f"{header} with {command} -std={standard}:\n{text}")
    return faults, len(headers), len(jobs)


SAMPLES = [
    ("good.h", "#ifndef G\n#define G\n#include <stdint.h>\nint64_t f(void);\n#endif\n", True),
    ("needs.h", "#ifndef G\n#define G\nuint64_t f(void);\n#endif\n", False),
    ("unguarded.h", "struct twice { int a; };\n", False),
    ("notcpp.h", "#ifndef G\n#define G\nstruct a { int class; };\n#endif\n", False),
    ("gnu.h", "#ifndef G\n#define G\nstruct a { int n; int tail[0]; };\n#endif\n", False),
]


def self_test(compiler):
    failed = 0
    for name, text, good in SAMPLES:
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / name).write_text(text)
            faults, _, jobs = check(Path(directory), [compiler])
            if (not faults) != good or jobs < 2:
                failed += 1
                print(f"self-test {name}: {len(faults)} faults in {jobs} compilations")
    print(f"self-test: {len(SAMPLES) - failed} of {len(SAMPLES)}")
    return 1 if failed else 0


def main():
    if sys.argv[1] == "--self-test":
        return self_test(sys.argv[2])
    root, compilers = Path(sys.argv[1]), sys.argv[2:]
    faults, headers, jobs = check(root / "include", compilers)
    if not shutil.which(compilers[0]) or headers == 0:
        faults.append("nothing was compiled")
    print("\n".join(faults))
    print(f"headers: {headers} headers, {jobs} compilers, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
