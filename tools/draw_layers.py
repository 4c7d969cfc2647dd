#!/usr/bin/env python3
"""Draws docs/design/house.svg, the folders of include/eucv and what they include, from the table of check_layers.py.

With --check, says instead whether that picture and the table in docs/design/architecture.md are as the table of
check_layers.py has it.
"""

import argparse
import itertools
import re
import sys

sys.dont_write_bytecode = True  # leaves no __pycache__ in the tree

from check_layers import LAYERS
from headers import ROOT

PICTURE = ROOT / "docs" / "design" / "house.svg"
TABLE = ROOT / "docs" / "design" / "architecture.md"
WIDTH, MARGIN, ROW, BOX_WIDTH, BOX_HEIGHT, LANE = 900, 30, 92, 112, 40, 26


def direct(folder):
    """What a folder sees and no other folder that it sees does: the arrows that say all."""
    seen = LAYERS[folder]
    return [each for each in seen if not any(each in LAYERS[other] for other in seen)]


def floor_of(folder):
    return 1 + max(map(floor_of, LAYERS[folder]), default=-1)


def arrange():
    """The nodes of each floor from left to right, and the parts of arrows from floor to floor.

    An arrow over several floors passes each of those between by a node of its own, a pair (from, to). Orders are chosen
    by the mean place of the neighbours, swept up and down, and the one with the fewest crossings is kept.
    """
    floors = [[] for _ in range(1 + max(map(floor_of, LAYERS)))]
    parts = []
    for folder in LAYERS:
        floors[floor_of(folder)].append(folder)
        for target in direct(folder):
            road = [folder, *[(folder, target)] * (floor_of(folder) - floor_of(target) - 1), target]
            for height, (above, below) in enumerate(zip(road, road[1:])):
                parts.append((floor_of(folder) - height, above, below))
            for floor in range(floor_of(target) + 1, floor_of(folder)):
                floors[floor].append((folder, target))

    def crossings():
        place = [{node: i for i, node in enumerate(floor)} for floor in floors]
        return sum((place[f][a] - place[f][c]) * (place[f - 1][b] - place[f - 1][d]) < 0
                   for (f, a, b), (g, c, d) in itertools.combinations(parts, 2) if f == g)

    best = (crossings(), [list(floor) for floor in floors])
    for sweep in range(24):
        upwards = sweep % 2 == 0
        for floor in range(1, len(floors)) if upwards else range(len(floors) - 2, -1, -1):
            other = floor - 1 if upwards else floor + 1
            place = {node: (i + 0.5) / len(floors[other]) for i, node in enumerate(floors[other])}

            def mean(node):
                near = [place[b] for f, a, b in parts if upwards and f == floor and a == node] + \
                    [place[a] for f, a, b in parts if not upwards and f == other and b == node]
                return sum(near) / len(near) if near else 0.5

            floors[floor].sort(key=mean)
        best = min(best, (crossings(), [list(floor) for floor in floors]), key=lambda found: found[0])
    return best[1], parts


def draw():
    floors, parts = arrange()
    height = 2 * MARGIN + ROW * (len(floors) - 1) + BOX_HEIGHT
    spots = {}  # (floor, node): x of its middle, y of its top, height
    for floor, nodes in enumerate(floors):
        widths = [BOX_WIDTH if isinstance(node, str) else LANE for node in nodes]
        gap = (WIDTH - 2 * MARGIN - sum(widths)) / (len(nodes) + 1)
        left = MARGIN + gap
        for node, width in zip(nodes, widths):
            spots[floor, node] = (left + width / 2, height - MARGIN - BOX_HEIGHT - ROW * floor, BOX_HEIGHT)
            left += width + gap
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
             'font-family="Helvetica, Arial, sans-serif" font-size="15" role="img">',
             "<title>The folders of eucv, one floor above the other, with arrows to what each includes</title>",
             "<!-- Written by tools/draw_layers.py from the table of tools/check_layers.py. -->",
             '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
             '<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>',
             f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#f6f8fa"/>']
    for floor, above, below in parts:
        x, y, tall = spots[floor, above]
        to_x, to_y, _ = spots[floor - 1, below]
        y += tall
        middle = (y + to_y) / 2
        end = ' marker-end="url(#head)"' if isinstance(below, str) else ""
        through = "" if isinstance(below, str) else f"V{to_y + BOX_HEIGHT:.0f}"
        lines.append(f'<path d="M{x:.0f} {y:.0f}C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {to_y:.0f}{through}" '
                     f'fill="none" stroke="#57606a" stroke-width="1.3"{end}/>')
    for (floor, node), (x, y, tall) in spots.items():
        if isinstance(node, str):
            lines.append(f'<rect x="{x - BOX_WIDTH / 2:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{tall}" rx="6" '
                         'fill="#ffffff" stroke="#0969da" stroke-width="1.5"/>')
            lines.append(f'<text x="{x:.0f}" y="{y + tall / 2 + 5:.0f}" text-anchor="middle" fill="#1f2328">{node}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def faults():
    if not PICTURE.is_file() or PICTURE.read_text(encoding="utf-8") != draw():
        yield f"{PICTURE.relative_to(ROOT)} is not that of the table of tools/check_layers.py: run tools/draw_layers.py"
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]*)\|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {folder: [each.strip() for each in seen.split(",") if each.strip()] for folder, seen in rows}
    for folder in LAYERS:
        if folder not in told:
            yield f"{TABLE.relative_to(ROOT)}: the table lacks the folder {folder}"
        elif told[folder] != LAYERS[folder]:
            yield f"{TABLE.relative_to(ROOT)}: {folder} sees {', '.join(LAYERS[folder]) or 'nothing'}"
    for folder in told:
        if folder not in LAYERS:
            yield f"{TABLE.relative_to(ROOT)}: there is no folder {folder}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where something is not fresh")
    if parser.parse_args().check:
        found = list(faults())
        print("\n".join(found), end="\n" if found else "")
        return 1 if found else 0
    PICTURE.write_text(draw(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
