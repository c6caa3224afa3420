#!/usr/bin/env python3
"""purity.py [--nm NM] ARCHIVE... - the pure modules call nothing but themselves.

The archives are the static libraries of all pure modules. An undefined symbol of one of their
objects must be defined in one of them, or be in ALLOWED. The default allocator may call the C
library, in the object ALLOCATOR alone. A build with sanitizers or profiling calls their run time
everywhere and is skipped (exit 77): it says nothing about the source.

purity.py --self-test CC compiles objects that keep and break the rule.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ALLOWED = {"memcpy", "memset", "memmove", "memcmp", "abort", "_GLOBAL_OFFSET_TABLE_"}
# 128-bit arithmetic that the compiler leaves to its own library.
ARITHMETIC = re.compile(r"__u?(div|mod|divmod|mul)o?ti[34]$|__muloti4$")
ALLOCATOR = "memory.c"
ALLOCATOR_CALLS = {"malloc", "calloc", "aligned_alloc", "posix_memalign", "free"}
INSTRUMENTED = re.compile(r"__(asan|ubsan|tsan|msan|lsan|llvm_prof|gcov|sanitizer)")
SKIP = 77


def list_symbols(nm, archive):
    """(object, symbol, type letter) of every symbol of the archive."""
    done = subprocess.run([nm, "-A", "-P", archive], capture_output=True, text=True, check=True)
    rows = []
    for line in done.stdout.splitlines():
        # archive[object]: symbol type value size; an object alone has no brackets
        place, _, rest = line.partition(": ")
        bracket = re.search(r"\[(.+)\]$", place)
        name = bracket.group(1) if bracket else place
        fields = rest.split()
        rows.append((Path(name).name, fields[0], fields[1]))
    return rows


def is_allocator(name):
    return re.fullmatch(r"(.*_)?" + re.escape(ALLOCATOR) + r"\.o", name) is not None


def check(nm, archives):
    rows = [row for archive in archives for row in list_symbols(nm, archive)]
    if any(INSTRUMENTED.match(symbol) for _, symbol, _ in rows):
        return None, 0
    own = {symbol for _, symbol, kind in rows if kind not in "Uwv"}
    faults = set()
    for name, symbol, kind in rows:
        if kind not in "Uwv" or symbol in own or symbol in ALLOWED or ARITHMETIC.match(symbol):
            continue
        if is_allocator(name) and symbol in ALLOCATOR_CALLS:
            continue
        faults.add(f"{name} calls {symbol}")
    return sorted(faults), len({name for name, _, _ in rows})


SAMPLES = [
    # file, text, expected fault or None
    ("pure.c", "#include <string.h>\nvoid f(void *a, void *b, size_t n) { memmove(a, b, n); }", None),
    ("wide.c", "__int128 f(__int128 a, __int128 b) { return a / b; }", None),
    ("memory.c", "#include <stdlib.h>\nvoid *f(size_t n) { return malloc(n); }", None),
    ("other.c", "#include <stdlib.h>\nvoid *f(size_t n) { return malloc(n); }", "other.c.o calls malloc"),
    ("amemory.c", "#include <stdlib.h>\nvoid *f(size_t n) { return malloc(n); }", "amemory.c.o calls malloc"),
    ("memory.c", "#include <unistd.h>\nint f(void) { return getpid(); }", "memory.c.o calls getpid"),
    ("clock.c", "#include <time.h>\nlong f(void) { return (long)time(0); }", "clock.c.o calls time"),
    ("print.c", "#include <stdio.h>\nvoid f(int i) { printf(\"%d\", i); }", "print.c.o calls printf"),
    ("far.c", "int trd__nowhere(void);\nint f(void) { return trd__nowhere(); }", "far.c.o calls trd__nowhere"),
]


def self_test(cc):
    failed = 0
    for name, text, expected in SAMPLES:
        with tempfile.TemporaryDirectory() as directory:
            source, object_ = Path(directory) / name, Path(directory) / (name + ".o")
            archive = Path(directory) / "lib.a"
            source.write_text(text)
            subprocess.run([cc, "-O2", "-c", source, "-o", object_], check=True)
            subprocess.run(["ar", "rcsT", archive, object_], check=True, capture_output=True)
            faults, objects = check("nm", [str(archive)])
            wanted = [] if expected is None else [expected]
            if faults != wanted or objects != 1:
                failed += 1
                print(f"self-test {name}: expected {wanted}, got {faults} in {objects} objects")
    print(f"self-test: {len(SAMPLES) - failed} of {len(SAMPLES)}")
    return 1 if failed else 0


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--self-test"]:
        return self_test(arguments[1])
    nm = "nm"
    if arguments[:1] == ["--nm"]:
        nm, arguments = arguments[1], arguments[2:]
    faults, objects = check(nm, arguments)
    if faults is None:
        print("purity: skipped, the objects are instrumented")
        return SKIP
    for fault in faults:
        print(fault)
    print(f"purity: {objects} objects, {len(faults)} faults")
    return 1 if faults or objects == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
