#!/usr/bin/env python3
"""links.py ROOT - relative links in the pages lead somewhere, and every decision is in the index.

links.py --self-test proves that a dead link and a forgotten decision are found.
"""
import re
import sys
import tempfile
from pathlib import Path

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
DECISION = re.compile(r"\d{4}-[\w-]+\.md")


def check(root):
    pages = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md"))
    faults = []
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            if not (page.parent / target).exists():
                faults.append(f"{page.relative_to(root)}: {target} does not exist")
    decisions = root / "docs/decisions"
    index = decisions / "README.md"
    listed = set(LINK.findall(index.read_text())) if index.is_file() else set()
    for page in sorted(decisions.glob("*.md")):
        if DECISION.fullmatch(page.name) and page.name not in listed:
            faults.append(f"docs/decisions/README.md does not list {page.name}")
    return faults, len(pages)


def self_test():
    good = {"README.md": "[a](docs/a.md) [b](https://example.org/x)", "docs/a.md": "[up](../README.md#x)",
            "docs/decisions/README.md": "[0001](0001-x.md)", "docs/decisions/0001-x.md": "x"}
    cases = [
        ("intact", {}, 0),
        ("dead link", {"docs/a.md": "[b](b.md)"}, 1),
        ("dead link in a fence", {"docs/a.md": "```\n[b](b.md)\n```\n"}, 0),
        ("forgotten decision", {"docs/decisions/0002-y.md": "y"}, 1),
    ]
    failed = 0
    for name, files, expected in cases:
        with tempfile.TemporaryDirectory() as directory:
            for file, text in {**good, **files}.items():
                path = Path(directory) / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            faults, _ = check(Path(directory))
            if len(faults) != expected:
                failed += 1
                print(f"self-test {name}: {faults}")
    print(f"self-test: {len(cases) - failed} of {len(cases)}")
    return 1 if failed else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    faults, pages = check(Path(sys.argv[1]))
    print("\n".join(faults))
    print(f"links: {pages} pages, {len(faults)} faults")
    return 1 if faults or pages == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
