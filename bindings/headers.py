#!/usr/bin/env python3
"""headers.py INCLUDE - the files that bindings are generated from, one per line."""
import sys
from pathlib import Path

for path in sorted(Path(sys.argv[1]).rglob("*")):
    if path.suffix in (".h", ".def"):
        print(path)
