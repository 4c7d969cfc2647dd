#!/usr/bin/env python3
"""Makes single_include/eucv/eucv.hpp out of include/eucv, or with --check says whether it is fresh.

Each header stands in it once, after what it includes; includes of Boost, Eigen and the standard library stay where
they are. The sections under EUCV_IMPLEMENTATION follow at the end, when every declaration has been seen.
"""

import argparse
import difflib
import re
import sys

sys.dont_write_bytecode = True  # leaves no __pycache__ in the tree

from headers import INCLUDE, ROOT, UMBRELLAS, all_headers, read

OUTPUT = ROOT / "single_include" / "eucv" / "eucv.hpp"


def in_dependency_order():
    """The headers, each after those that its declarations include, and the lines of each."""
    contents, order, open_headers = {}, [], []

    def visit(header):
        if header in open_headers:
            raise SystemExit("headers include each other: " + " -> ".join([*open_headers, header]))
        if header in contents:
            return
        open_headers.append(header)
        contents[header] = lines = read(header)
        later = []
        for line in lines:
            if line.own:
                later.append(line.target) if line.implementation else visit(line.target)
        open_headers.pop()
        if header not in UMBRELLAS:
            order.append(header)
        wanted_by_implementations.extend(later)

    wanted_by_implementations = []
    visit(UMBRELLAS[0])
    while wanted_by_implementations:
        visit(wanted_by_implementations.pop(0))
    missing = sorted(set(all_headers()) - set(order) - set(UMBRELLAS))
    if missing:
        raise SystemExit(f"include/{UMBRELLAS[0]} does not reach: " + ", ".join(missing))
    return order, contents


def in_implementation_order(order, contents):
    """The headers, each after those that its implementation includes, as far as these do not wait for it in turn."""
    implementations, seen = [], set()

    def visit(header):
        if header in seen or header in UMBRELLAS:
            return
        seen.add(header)
        for line in contents[header]:
            if line.own and line.implementation:
                visit(line.target)
        implementations.append(header)

    for header in order:
        visit(header)
    return implementations


def squeeze(lines):
    """The lines without blank ones at both ends and without two blank ones in a row."""
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return re.sub(r"\n{3,}", "\n\n", text)


def banner(name):
    return f"// ---- {name} ".ljust(119, "-") + "\n"


def amalgamate():
    order, contents = in_dependency_order()
    version = re.search(r'EUCV_VERSION "([^"]+)"', (INCLUDE / "eucv/core/version.hpp").read_text(encoding="utf-8")).group(1)
    parts = [
        "#pragma once\n\n"
        f"// eucv {version}, the whole library in one header: harvest, train and classify images of cultural heritage.\n"
        "// Distributed under the Boost Software License, Version 1.0 (https://www.boost.org/LICENSE_1_0.txt).\n"
        "// Made by tools/amalgamate.py from include/eucv: change those files, not this one.\n"
        "//\n"
        "// One unit of the program defines EUCV_IMPLEMENTATION before it includes this header; see\n"
        "// eucv/core/implementation.hpp below. SPDX-License-Identifier: BSL-1.0\n"
    ]
    for header in order:
        kept = [
            line.text
            for line in contents[header]
            if not line.implementation and not line.own and line.text.strip() != "#pragma once"
        ]
        parts.append(banner(header) + squeeze(kept) + "\n")
    for header in in_implementation_order(order, contents):
        kept = [line.text for line in contents[header] if line.implementation and not line.own]
        if kept:
            parts.append(banner(f"{header}: implementation") + squeeze(kept) + "\n")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when the file is stale")
    arguments = parser.parse_args()
    fresh = amalgamate()
    old = OUTPUT.read_text(encoding="utf-8") if OUTPUT.is_file() else ""
    if arguments.check:
        if fresh == old:
            return 0
        difference = difflib.unified_diff(old.splitlines(), fresh.splitlines(), "committed", "fresh", lineterm="", n=1)
        print(*list(difference)[:40], sep="\n")
        print(f"{OUTPUT.relative_to(ROOT)} is stale: run tools/amalgamate.py", file=sys.stderr)
        return 1
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    if fresh != old:
        OUTPUT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
