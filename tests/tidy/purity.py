#!/usr/bin/env python3
"""purity.py [--nm NM] ROOT ARCHIVE... - the pure modules call nothing but themselves.

No file of ROOT/lib includes a header of BANNED, what is only inlined or a macro included; the
default allocator alone may know <stdlib.h>. The modules of OUTSIDE are not pure.

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
BANNED = {"stdlib.h", "stdio.h", "time.h", "pthread.h"}
INCLUDE = re.compile(r"^\s*#\s*include\s*[<\"]([^>\"]+)[>\"]", flags=re.M)
OUTSIDE = {"io"}
ALLOCATOR = "memory.c"
ALLOCATOR_SOURCE = "core/memory.c"
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


def check_includes(lib):
    """Faults, and how many files were read."""
    faults, count = [], 0
    for path in sorted(lib.rglob("*")):
        if path.suffix not in (".c", ".h", ".def") or path.relative_to(lib).parts[0] in OUTSIDE:
            continue
        count += 1
        name = path.relative_to(lib).as_posix()
        for header in INCLUDE.findall(path.read_text()):
            if header in BANNED and not (name == ALLOCATOR_SOURCE and header == "stdlib.h"):
                faults.append(f"lib/{name} includes <{header}>")
    return faults, count


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


INCLUDES = [
    # file, text, expected fault or None
    ("core/memory.c", "#include <stdlib.h>\n", None),
    ("core/a.c", "#include <string.h>\n#include \"core/a.h\"\n/* <stdio.h> */\n", None),
    ("core/memory.c", "#include <stdio.h>\n", "lib/core/memory.c includes <stdio.h>"),
    ("book/memory.c", "#include <stdlib.h>\n", "lib/book/memory.c includes <stdlib.h>"),
    ("core/a.h", "int a;\n#  include <time.h>\n", "lib/core/a.h includes <time.h>"),
    ("codec/io/a.c", "#include <stdio.h>\n", "lib/codec/io/a.c includes <stdio.h>"),
    ("codec/itch/i.def", "#include <pthread.h>\n", "lib/codec/itch/i.def includes <pthread.h>"),
]


def self_test_includes():
    failed = 0
    for name, text, expected in INCLUDES:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            faults, count = check_includes(Path(directory))
            if faults != ([] if expected is None else [expected]) or count != 1:
                failed += 1
                print(f"self-test {name}: expected {expected}, got {faults} in {count} files")
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "io").mkdir()
        (Path(directory) / "io/a.c").write_text("#include <stdio.h>\n")
        if check_includes(Path(directory)) != ([], 0):
            failed += 1
            print("self-test: a module outside")
    return failed


def self_test(cc):
    failed = self_test_includes()
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
    total = len(SAMPLES) + len(INCLUDES) + 1
    print(f"self-test: {total - failed} of {total}")
    return 1 if failed else 0


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--self-test"]:
        return self_test(arguments[1])
    nm = "nm"
    if arguments[:1] == ["--nm"]:
        nm, arguments = arguments[1], arguments[2:]
    faults, files = check_includes(Path(arguments[0]) / "lib")
    called, objects = check(nm, arguments[1:])
    if called is None and not faults:
        print("purity: skipped, the objects are instrumented")
        return SKIP
    faults += called or []
    for fault in faults:
        print(fault)
    print(f"purity: {files} files, {objects} objects, {len(faults)} faults")
    return 1 if faults or files == 0 or objects == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
