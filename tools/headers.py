"""What check_layers.py and amalgamate.py know of the headers: where they lie and what they include."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"
UMBRELLAS = ("eucv/eucv.hpp", "eucv/nn.hpp")
IMPLEMENTATION = "EUCV_IMPLEMENTATION_"  # and the name of the folder

_include = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
_opening = re.compile(r"\s*#\s*(if|ifdef|ifndef)\b\s*(.*)")
_other = re.compile(r"\s*#\s*(else|elif)\b")
_closing = re.compile(r"\s*#\s*endif\b")


class Line:
    """One line of a header: its text, what it includes if anything, and whether it belongs to the implementation."""

    def __init__(self, number, text, opener):
        self.number = number
        self.text = text
        self.implementation = opener is not None
        self.section = opener  # number of the line that opens the implementation section
        match = _include.match(text)
        self.quoted = bool(match) and match.group(1) == '"'
        self.target = match.group(2) if match else None

    @property
    def own(self):
        return self.target is not None and self.target.startswith("eucv/")


def all_headers():
    """Every header under include/eucv as "eucv/folder/name.hpp", sorted."""
    return sorted(path.relative_to(INCLUDE).as_posix() for path in (INCLUDE / "eucv").rglob("*.hpp"))


def read(header):
    """The lines of a header. A line stands in the implementation when an `#ifdef EUCV_IMPLEMENTATION_<FOLDER>` encloses it."""
    lines, conditions, section = [], [], None
    for number, text in enumerate((INCLUDE / header).read_text(encoding="utf-8").splitlines(), 1):
        opening = _opening.match(text)
        if opening:
            conditions.append(number)
            if section is None and opening.group(1) == "ifdef" and opening.group(2).startswith(IMPLEMENTATION):
                section = number
        elif _other.match(text) and conditions and conditions[-1] == section:
            raise SystemExit(f"{header}:{number}: #else in an #ifdef {IMPLEMENTATION}<FOLDER>: split it into two sections")
        lines.append(Line(number, text, section))
        if _closing.match(text):
            if not conditions:
                raise SystemExit(f"{header}:{number}: #endif without #if")
            if conditions.pop() == section:
                section = None
    if conditions:
        raise SystemExit(f"{header}:{conditions[-1]}: #if without #endif")
    return lines
