#!/usr/bin/env python3
"""install.py ROOT BUILD CC - the library as a stranger gets it: installed, and found by pkg-config.

Installs BUILD into a scratch directory and checks that
  - the headers there are those of ROOT/include;
  - consumer.c compiles with them as C11 and as C++17, links with the shared and with the static
    library, and runs;
  - so do the programs of ROOT/examples, which print what is written beside this script, and
    consumer_io.c and examples that need it with libtradsys-io, if that was built;
  - a program that calls an internal function does not link with the shared library.

install.py --example PROGRAM TEXT runs one example from where it was built.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
BESIDE = {"seal": ["libcrypto"]}  # packages that an example needs besides
FILES = {"shards"}  # examples of tradsys-io
INTERNAL = "void trd__store_reset(void *);\nint main(void) { trd__store_reset(0); return 0; }\n"


def check_output(command, expected, environment=None):
    """Faults of a program that should succeed and print just `expected`."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        return [f"{command[0]} ended with {done.returncode}: {done.stderr}"]
    if done.stdout != expected:
        return [f"{command[0]} printed\n{done.stdout}and should have printed\n{expected}"]
    return []


def install(build, scratch):
    subprocess.run(["meson", "install", "-C", build, "--destdir", scratch, "--no-rebuild"],
                   check=True, capture_output=True)
    found = sorted(scratch.rglob("tradsys.pc"))
    if len(found) != 1:
        raise SystemExit(f"install: {len(found)} files tradsys.pc")
    return found[0].parent


def flags_beside(source):
    """Flags of the packages beside this library that a program needs."""
    packages = BESIDE.get(source.stem)
    if packages is None:
        return []
    done = subprocess.run(["pkg-config", "--cflags", "--libs", *packages], check=True,
                          capture_output=True, text=True)
    return done.stdout.split()


def flags_of(packages, scratch, *arguments, package="tradsys"):
    environment = dict(os.environ, PKG_CONFIG_LIBDIR=str(packages), PKG_CONFIG_SYSROOT_DIR=str(scratch))
    done = subprocess.run(["pkg-config", *arguments, package], env=environment, check=True,
                          capture_output=True, text=True)
    return done.stdout.split()


def check_headers(root, scratch):
    wanted = {p.relative_to(root / "include") for p in (root / "include").rglob("*.*")
              if p.suffix in (".h", ".def")}
    if not list(scratch.rglob("tradsys-io.pc")):  # built without it
        wanted = {p for p in wanted if p.parts[:2] != ("tradsys", "io")}
    include = next(scratch.rglob("tradsys.h")).parent.parent
    found = {p.relative_to(include) for p in include.rglob("*") if p.is_file()}
    return [f"{p} is not installed" for p in sorted(wanted - found)] + \
           [f"{p} is installed, but not in include/" for p in sorted(found - wanted)]


def compilers(cc):
    """(command, language) of the compilers that are there."""
    rows = [([*cc.split(), "-std=c11"], "c")]
    if shutil.which("c++"):
        rows.append((["c++", "-std=c++17"], "c++"))
    return rows


def check_program(compiler, source, expected, scratch, packages, package="tradsys", arguments=lambda: []):
    """Compiles once, links with each library, runs both; each time with new arguments."""
    command, language = compiler
    cflags = flags_of(packages, scratch, "--cflags", package=package)
    libs = flags_of(packages, scratch, "--libs", package=package)
    static = [f"-l:lib{flag[2:]}.a" if flag.startswith("-ltradsys") else flag
              for flag in flags_of(packages, scratch, "--libs", "--static", package=package)]
    faults = []
    for name, link in [("shared", libs), ("static", static)]:
        program = scratch / f"{source.stem}-{language}-{name}"
        done = subprocess.run([*command, *WARNINGS, *cflags, "-x", language, source, "-x", "none",
                               "-o", program, *link, *flags_beside(source)], capture_output=True, text=True)
        if done.returncode != 0:
            faults.append(f"{source.name} as {language}, {name}:\n{done.stderr}")
            continue
        # Only the shared one needs to be found: the static one must run without.
        path = str(packages.parent) if name == "shared" else ""
        faults += check_output([str(program), *arguments()], expected, dict(os.environ, LD_LIBRARY_PATH=path))
    return faults


def check_internal(cc, scratch, packages):
    source = scratch / "internal.c"
    source.write_text(INTERNAL)
    done = subprocess.run([*cc.split(), source, "-o", scratch / "internal",
                           *flags_of(packages, scratch, "--libs")], capture_output=True, text=True)
    if done.returncode == 0 or "trd__store_reset" not in done.stderr:
        return [f"internal functions can be linked: {done.returncode} {done.stderr}"]
    return []


def main():
    if sys.argv[1] == "--example":
        faults = check_output([sys.argv[2]], Path(sys.argv[3]).read_text())
        print("\n".join(faults))
        return 1 if faults else 0
    root, build, cc = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    examples = sorted((root / "examples").glob("*.c"))
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        packages = install(build, scratch)
        faults = check_headers(root, scratch) + check_internal(cc, scratch, packages)
        for compiler in compilers(cc):
            faults += check_program(compiler, HERE / "consumer.c", "good\n", scratch, packages)
            if (packages / "tradsys-io.pc").is_file():
                faults += check_program(compiler, HERE / "consumer_io.c", "good\n", scratch, packages,
                                        "tradsys-io", lambda: [tempfile.mkdtemp(dir=scratch)])
        for source in examples:
            package = "tradsys-io" if source.stem in FILES else "tradsys"
            if (packages / f"{package}.pc").is_file():
                expected = (HERE / f"{source.stem}.txt").read_text()
                faults += check_program(compilers(cc)[0], source, expected, scratch, packages, package)
    print("\n".join(faults))
    print(f"install: {len(compilers(cc))} languages, {len(examples)} examples, {len(faults)} faults")
    return 1 if faults or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
