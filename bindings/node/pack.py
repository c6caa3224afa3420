#!/usr/bin/env python3
"""pack.py SOURCE BUILD DIRECTORY - the package for npm: a tarball that node-gyp alone can build.

SOURCE is the root of the tree, BUILD its build directory: what is generated there (the wrapper, the
records, their types, the defaults) is in the tarball as it is, so whoever installs it needs a C and a
C++ compiler and neither SWIG nor meson. xxhash.h is taken along from this system: the library uses
that header alone. The tarball is written to DIRECTORY, and its name is printed.
"""
import json
import shutil
import subprocess
import sys
from pathlib import Path

# Modules of the library that are pure; what touches files is not part of the package.
MODULES = ("core", "inst", "book", "pos", "log", "match", "acct", "oms", "risk", "monitor", "engine", "codec")
XXHASH = ("/usr/include/xxhash.h", "/usr/local/include/xxhash.h")


def copy_tree(source, target, suffixes):
    for path in sorted(source.rglob("*")):
        if path.suffix in suffixes and path.is_file():
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)


def assemble(source, build, stage):
    """The files of the package. C lies in src/ as it does in the tree."""
    here, made = source / "bindings/node", build / "bindings/node"
    for name in ("index.js", "index.mjs", "index.d.ts", "README.md"):
        shutil.copyfile(here / name, stage / name)
    shutil.copyfile(source / "LICENSE", stage / "LICENSE")
    copy_tree(made / "lib", stage / "lib", {".js", ".ts"})
    src = stage / "src"
    copy_tree(source / "include", src / "include", {".h", ".def"})
    for module in MODULES:
        copy_tree(source / "lib" / module, src / "lib" / module, {".c", ".h", ".def"})
    (src / "bindings/node").mkdir(parents=True)
    for path in sorted((source / "bindings").glob("*.[ch]")):
        shutil.copyfile(path, src / "bindings" / path.name)
    shutil.copyfile(here / "extra.h", src / "bindings/node/extra.h")
    shutil.copyfile(build / "bindings/shim_default.c", src / "bindings/shim_default.c")
    shutil.copyfile(made / "tradsys.cxx", src / "tradsys.cxx")
    xxhash = next((Path(path) for path in XXHASH if Path(path).is_file()), None)
    if xxhash is None:
        sys.exit("pack: xxhash.h is not there: Debian has it in libxxhash-dev")
    shutil.copyfile(xxhash, src / "xxhash.h")


def write_gyp(stage):
    sources = sorted(str(path.relative_to(stage)) for path in (stage / "src").rglob("*") if path.suffix in (".c", ".cxx"))
    target = {
        "target_name": "tradsys", "sources": sources, "include_dirs": ["src", "src/include", "src/lib"],
        "cflags": ["-fvisibility=hidden", "-fno-strict-overflow", "-Wno-unused-parameter"],
        "cflags_c": ["-std=gnu17", "-O3"], "cflags_cc": ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-Wno-unused-variable"],
        "ldflags": ["-Wl,--as-needed"],
    }
    (stage / "binding.gyp").write_text(json.dumps({"targets": [target]}, indent=2) + "\n")


def write_package(source, stage):
    package = json.loads((source / "bindings/node/package.json").read_text())
    package["gypfile"] = True
    package["scripts"] = {"install": "node-gyp rebuild"}
    del package["devDependencies"]
    (stage / "package.json").write_text(json.dumps(package, indent=2) + "\n")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, build, directory = (Path(argument).resolve() for argument in sys.argv[1:])
    stage = directory / "package"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    assemble(source, build, stage)
    write_gyp(stage)
    write_package(source, stage)
    packed = subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(directory)], cwd=stage,
                            check=True, capture_output=True, text=True)
    print(directory / packed.stdout.strip().split("\n")[-1])


if __name__ == "__main__":
    main()
