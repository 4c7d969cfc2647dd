#!/usr/bin/env python3
"""Checks the house rules of the headers: direction of includes, back rooms, length, #pragma once, a test of the same path.

Prints one line a fault, "file:line: what is wrong", and exits with 1 if there is any.
"""

import re
import sys

sys.dont_write_bytecode = True  # leaves no __pycache__ in the tree

from headers import INCLUDE, ROOT, UMBRELLAS, all_headers, read

# Folder -> the folders it may see besides itself: the table of docs/design, top to bottom.
LAYERS = {
    "core": [],
    "net": ["core"],
    "image": ["core"],
    "nn": ["core"],
    "zoo": ["core", "nn"],
    "dataset": ["core", "image"],
    "judge": ["core", "dataset"],
    "europeana": ["core", "net", "dataset"],
    "crawl": ["core", "net"],
    "download": ["core", "net", "image", "dataset", "crawl"],
    "train": ["core", "image", "nn", "dataset", "judge"],
    "explain": ["core", "image", "nn"],
    "classify": ["core", "image", "nn", "zoo", "dataset", "judge", "train", "explain"],
    "enrich": ["core", "net", "image", "dataset", "judge", "europeana", "crawl", "download", "classify"],
    "report": ["core", "image", "dataset", "judge", "train", "explain", "classify"],
}
MOST_LINES = 300  # umbrella headers excepted
# nn.hpp is for users who have Eigen and nothing else.
NOT_IN_NN = ("boost/", "openssl/")


def folder_of(header):
    parts = header.split("/")
    return parts[1] if len(parts) > 2 else None


def back_room_of(header):
    """The folder below a folder in which a header stands, such as "net/detail"; nothing for a public header."""
    parts = header.split("/")
    return "/".join(parts[1:-1]) if len(parts) > 3 else None


def first_include(source):
    found = re.search(r'^#include [<"]([^>"]+)', source.read_text(encoding="utf-8"), re.M)
    return found and found.group(1)


def check_header(header, lines):
    if not any(line.text.strip() == "#pragma once" for line in lines):
        yield 1, "no #pragma once"
    if len(lines) > MOST_LINES and header not in UMBRELLAS:
        yield MOST_LINES + 1, f"{len(lines)} lines, but a header has at most {MOST_LINES}: split it by idea"
    folder = folder_of(header)
    if folder is None:
        if header not in UMBRELLAS:
            yield 1, "stands in no folder"
        return
    if folder not in LAYERS:
        yield 1, f"the folder {folder} is not in the table of layers"
        return
    test = ROOT / "tests" / header.removeprefix("eucv/").replace(".hpp", ".cpp")
    if not test.is_file():
        yield 1, f"no test {test.relative_to(ROOT)}"
    elif first_include(test) != header:
        yield 1, f"{test.relative_to(ROOT)} has to include this header first, which shows that it needs no other before it"
    for line in lines:
        if line.quoted:
            yield line.number, f'"{line.target}" is quoted: include as <eucv/...>'
        elif line.own and line.target in UMBRELLAS:
            yield line.number, f"includes the umbrella {line.target}"
        elif line.own and not (INCLUDE / line.target).is_file():
            yield line.number, f"{line.target} does not exist"
        elif line.own and folder_of(line.target) not in [folder, *LAYERS[folder]]:
            yield line.number, f"{folder} may not see {folder_of(line.target)} ({line.target})"
        elif line.own and back_room_of(line.target) and folder_of(line.target) != folder:
            room = back_room_of(line.target)
            yield line.number, f"{line.target} is internal to {folder_of(line.target)}: headers of other folders may not " \
                f"include {room}/; include a public header of {folder_of(line.target)}, or make this one public"


# What stands in string literals of the library and names the program: its options, and its commands after its name.
COMMANDS = sorted({name for file in (INCLUDE.parent / "examples" / "program").glob("*.hpp")
                   for name in re.findall(r'(?:add_command\(.*?\{|add_subcommand\()"([a-z-]+)"', file.read_text())})
WORDS_OF_THE_PROGRAM = re.compile(r'"[^"]*(?:(?<!var\()(?<![-\w])--[a-z]|\beucv (?:' + "|".join(COMMANDS) +
                                  r')\b|the same command)[^"]*"')


def check_text(header):
    """What a header may not say: words of the program, and a lambda where a device wants a named function."""
    for number, text in enumerate((INCLUDE / header).read_text().splitlines(), 1):
        if text.lstrip().startswith("//"):
            continue
        if re.search(r"\bmap\(\s*\[", text) and not header.startswith("eucv/nn/host"):
            yield number, "Backend::map() takes a named function, which nvcc accepts in a kernel: see nn/elementwise.hpp"
        if WORDS_OF_THE_PROGRAM.search(text):
            yield number, "a message of the library names the program: say what the caller passed"


def check_nn(headers):
    """Walks from nn.hpp through every include that stands outside of the implementation sections."""
    came_from, waiting = {"eucv/nn.hpp": None}, ["eucv/nn.hpp"]
    while waiting:
        header = waiting.pop()
        for line in headers.get(header, []):
            if line.target is None or line.implementation:
                continue
            if line.target.startswith(NOT_IN_NN):
                road, step = [header], came_from[header]
                while step:
                    road.append(step)
                    step = came_from[step]
                yield header, line.number, f"nn.hpp reaches {line.target} by {' <- '.join(road)}"
            elif line.own and line.target not in came_from:
                came_from[line.target] = header
                waiting.append(line.target)


def main():
    headers = {header: read(header) for header in all_headers()}
    faults = [(header, number, text) for header, lines in headers.items() for number, text in check_header(header, lines)]
    faults += check_nn(headers)
    faults += [(header, number, text) for header in headers for number, text in check_text(header)]
    faults += [("eucv", 1, f"the table of layers names the folder {folder}, which does not exist")
               for folder in LAYERS if not (INCLUDE / "eucv" / folder).is_dir()]
    for header, number, text in sorted(faults):
        print(f"include/{header}:{number}: {text}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
