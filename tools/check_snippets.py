#!/usr/bin/env python3
"""Fails when a C++ snippet of the documents is not, line by line, part of a file that the tests compile.

Each ```cpp block of README.md and docs/ must stand, indentation aside, as consecutive lines in a file of examples/ or tests/.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent


def lines_of(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


def holds(lines, snippet):
    first = snippet[0]
    return any(lines[at:at + len(snippet)] == snippet for at, line in enumerate(lines) if line == first)


sources = {path: lines_of(path.read_text()) for folder in ("examples", "tests")
           for path in sorted((root / folder).rglob("*.[ch]pp"))}
faults = count = 0
for document in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
    for match in re.finditer(r"```cpp\n(.*?)```", document.read_text(), re.S):
        count += 1
        if not any(holds(lines, lines_of(match[1])) for lines in sources.values()):
            line = document.read_text()[:match.start()].count("\n") + 1
            print(f"{document.relative_to(root)}:{line}: this snippet stands in no compiled file of examples/ or tests/")
            faults += 1
print(f"{count} snippets checked, {faults} faults")
sys.exit(1 if faults else 0)
