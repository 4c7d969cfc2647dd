#!/usr/bin/env python3
"""Prepares a Markdown file for Doxygen 1.9.4, which reads links and blocks otherwise than GitHub: FILTER_PATTERNS of Doxyfile.in.

Headings get labels, links lead to those labels or to copied files, images are named without their folders, and an
indented block behind a heading gets the blank line that it needs. Writes the text to stdout.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEADING = re.compile(r"^(##+) +(.*?) *$")
IMAGE = re.compile(r"!\[([^]]*)\]\((?!https?:)(?:[^()]*/)?([^()/]+)\)")
LINK = re.compile(r"(?<!!)\[([^]]*)\]\((?!https?:|mailto:)([^()#]*)(?:#([^()]*))?\)")


def slug(heading):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def label(page, anchor):
    """A label of Doxygen, which are global: the anchor behind the path of its page."""
    return re.sub(r"\W+", "-", page.relative_to(ROOT).with_suffix("").as_posix()) + "-" + anchor


def prepare(page):
    def link(match):
        text, file, anchor = match.groups()
        target = (page.parent / file).resolve() if file else page
        if anchor or not target.exists():
            return f"[{text}](#{label(target, anchor or 'missing')})"  # where there is no such label, Doxygen warns
        if target.suffix == ".md":
            return match.group(0)
        return f'<a href="{target.name}">{text}</a>' if target.is_file() else text

    lines, fenced, after_heading = [], False, False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        heading = None if fenced else HEADING.match(line)
        if after_heading and line.startswith("    "):
            lines.append("")
        if heading:
            line = f"{heading.group(1)} {heading.group(2)} {{#{label(page, slug(heading.group(2)))}}}"
        elif not fenced and not line.startswith("    "):
            line = LINK.sub(link, IMAGE.sub(r"![\1](\2)", line))
        after_heading = bool(heading)
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(prepare(pathlib.Path(sys.argv[1]).resolve()))
