#!/usr/bin/env python3
"""symbols.py ROOT LIBRARY [PART] - headers, map file and shared library name the same functions.

  - the dynamic symbols that LIBRARY defines all start with trd_, and are those of its map file;
  - what is exported is declared with TRD_API in its headers, and the other way round.

Without PART the map file is lib/tradsys.map, and the headers are those of include/tradsys without the
folders that are a PART of their own. With PART they are lib/tradsys-PART.map and include/tradsys/PART.

An instrumented library is skipped (exit 77). symbols.py --self-test proves that each is found.
"""
import re
import subprocess
import sys
from pathlib import Path

SKIP = 77
PARTS = ["io"]


def strip_comments(text):
    return re.sub(r"//[^\n]*", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.S))


def declared_in(text):
    """Names that a header declares as TRD_API."""
    text = re.sub(r"^\s*#[^\n]*", "", strip_comments(text), flags=re.M)
    names = set()
    for match in re.finditer(r"\bTRD_API\b([^;{]*)", text):
        name = re.search(r"(\w+)\s*\(", match.group(1))
        names.add(name.group(1) if name else match.group(1).split()[-1])
    return names


def listed_in(text):
    """Names of the global: sections of a map file."""
    names = set()
    for block in re.findall(r"global:(.*?)(?:local:|})", strip_comments(text), flags=re.S):
        names |= {name.strip() for name in block.split(";") if name.strip()}
    return names


def compare(headers, listed, exported):
    """headers: {file: names}. Returns the faults."""
    faults = []
    declared = set().union(*headers.values())
    for name in sorted(exported):
        if not re.match(r"trd_(?!_)", name):
            faults.append(f"exported, and not a public name: {name}")
    faults += [f"exported, but not in the map file: {n}" for n in sorted(exported - listed)]
    faults += [f"in the map file, but not exported: {n}" for n in sorted(listed - exported)]
    faults += [f"exported, but no header declares it: {n}" for n in sorted(exported - declared)]
    for header, names in sorted(headers.items()):
        faults += [f"{header} declares {n}, which is not exported" for n in sorted(names - exported)]
    return faults


def headers_of(paths, part):
    """Of the paths below include/, those whose functions the library of `part` has."""
    return [p for p in paths if (p.parts[1] if len(p.parts) > 2 and p.parts[1] in PARTS else None) == part]


def nm(*arguments):
    done = subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return [(row[0], row[1]) for row in rows if len(row) >= 2]


def exported_by(library):
    # The version node itself is an absolute symbol.
    rows = nm("-D", "-P", "--defined-only", library)
    return {name.split("@")[0] for name, kind in rows if kind != "A"}


def self_test():
    headers = {"a.h": {"trd_a"}, "b.h": {"trd_b"}}
    both = {"trd_a", "trd_b"}
    cases = [
        ("intact", headers, both, both, None),
        ("internal", headers, both | {"trd__c"}, both | {"trd__c"}, "not a public name: trd__c"),
        ("foreign", headers, both | {"XXH64"}, both | {"XXH64"}, "not a public name: XXH64"),
        ("unlisted", headers, {"trd_a"}, both, "not in the map file: trd_b"),
        ("listed only", headers, both | {"trd_c"}, both, "but not exported: trd_c"),
        ("undeclared", {"a.h": {"trd_a"}}, both, both, "no header declares it: trd_b"),
        ("not exported", headers, {"trd_a"}, {"trd_a"}, "b.h declares trd_b"),
    ]
    failed = 0
    for name, header, listed, exported, expected in cases:
        faults = compare(header, listed, exported)
        right = not faults if expected is None else any(expected in fault for fault in faults)
        if not right:
            failed += 1
            print(f"self-test {name}: expected {expected!r}, got {faults}")
    text = "/* TRD_API int trd_no(void); */\n#define TRD_API x\nTRD_API const char *trd_a(int (*f)(void));\n" \
           "TRD_API size_t\ntrd_b(\n    const void *p);\nTRD_API extern int trd_value;\n"
    if declared_in(text) != {"trd_a", "trd_b", "trd_value"}:
        failed += 1
        print(f"self-test declarations: {declared_in(text)}")
    if listed_in("V1 {\nglobal:\n a; b;\nlocal: *;\n};\nV2 { global: c; } V1;") != {"a", "b", "c"}:
        failed += 1
        print("self-test map file")
    paths = [Path("tradsys/a.h"), Path("tradsys/codec/b.h"), Path("tradsys/io/c.h"), Path("tradsys/io.h")]
    if headers_of(paths, None) != [paths[0], paths[1], paths[3]] or headers_of(paths, "io") != [paths[2]]:
        failed += 1
        print("self-test parts")
    print(f"self-test: {len(cases) + 3 - failed} of {len(cases) + 3}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root, library = Path(sys.argv[1]), sys.argv[2]
    part = sys.argv[3] if len(sys.argv) > 3 else None
    if any(re.match(r"__(asan|ubsan|llvm_prof|gcov|tsan|msan)", n) for n, _ in nm("-D", "-P", library)):
        print("symbols: skipped, the library is instrumented")
        return SKIP
    include = root / "include"
    names = headers_of([p.relative_to(include) for p in include.rglob("*.h")], part)
    headers = {str(p): declared_in((include / p).read_text()) for p in names}
    exported = exported_by(library)
    map_file = f"tradsys-{part}.map" if part else "tradsys.map"
    faults = compare(headers, listed_in((root / "lib" / map_file).read_text()), exported)
    print("\n".join(faults))
    print(f"symbols: {len(exported)} exported, {len(faults)} faults")
    return 1 if faults or not exported else 0


if __name__ == "__main__":
    sys.exit(main())
