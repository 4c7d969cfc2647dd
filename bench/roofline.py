#!/usr/bin/env python3
"""Draws what bench_roofline measured.

usage: bench_roofline > roofline.csv
       roofline.py roofline.csv roofline.svg      writes the picture, prints the table (Markdown)

The picture: operations a byte against operations a second, both logarithmic. The slope is what memory gives, the flat
line what the registers can do, the dashed line four times that: F(4x4, 3x3) does a quarter of the multiplications.
"""
import csv
import math
import re
import sys

PASSES = ("forward", "input gradient", "weight gradient")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 540, 64, 24, 64, 56
X_RANGE, Y_RANGE = (0.05, 1000.0), (2.0, 2000.0)

STYLE = """
  .page { fill: #fff } text { fill: #222; font: 12px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }
  .small { font-size: 11px; fill: #555 } .grid { stroke: #ddd } .axis, .roof { stroke: #222; fill: none }
  .roof { stroke-width: 2 } .dashed { stroke-dasharray: 6 4; stroke-width: 1.5 }
  .p0 { fill: #0b6bcb; stroke: #0b6bcb } .p1 { fill: #c2410c; stroke: #c2410c } .p2 { fill: #15803d; stroke: #15803d }
  .stream { fill-opacity: 0.15 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #16181c } text { fill: #e6e6e6 } .small { fill: #aaa } .grid { stroke: #33373d }
    .axis, .roof { stroke: #e6e6e6 }
    .p0 { fill: #6cb6ff; stroke: #6cb6ff } .p1 { fill: #ff9b6a; stroke: #ff9b6a } .p2 { fill: #5fd38d; stroke: #5fd38d }
  }
"""


def read(path):
    """The facts of the first line as a dictionary, and the rows with numbers where there are numbers."""
    with open(path, encoding="utf-8") as file:
        facts = dict(re.findall(r"(\w+) ([\d.]+)", file.readline()))
        rows = list(csv.DictReader(file, delimiter=";"))
    for row in rows:
        row.update({key: float(value) for key, value in row.items() if key not in ("layer", "pass")})
    return {key: float(value) for key, value in facts.items()}, rows


def x_of(intensity):
    low, high = map(math.log10, X_RANGE)
    return LEFT + (math.log10(intensity) - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def y_of(rate):
    low, high = map(math.log10, Y_RANGE)
    return HEIGHT - BOTTOM - (math.log10(rate) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{words}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def by_winograd(layer):
    return layer.startswith("3x3,")


def mark(row):
    """A circle for Winograd, a square for the direct kernels, a hollow diamond for what streams through memory."""
    x, y, kind = x_of(row["gflop"] * 1e3 / row["mb"]), y_of(row["gflops"]), f'p{PASSES.index(row["pass"])}'
    tip = f'<title>{row["layer"]}, {row["pass"]}: {row["ms"]:.2f} ms in {row["calls"]:.0f}</title>'
    if by_winograd(row["layer"]):
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="{kind}">{tip}</circle>'
    if row["layer"][0].isdigit():
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" class="{kind}">{tip}</rect>'
    return f'<path d="M{x - 5:.1f} {y:.1f}l5 -5l5 5l-5 5z" class="{kind} stream">{tip}</path>'


def names(rows):
    """One label for all passes of a layer, or of layers that lie together."""
    groups = {}
    for row in rows:
        label, rest = row["layer"].rsplit(", ", 1)
        if by_winograd(row["layer"]):
            label = rest.split()[0]
        elif not label[0].isdigit() and row["pass"] != "forward":
            label += ", back"
        groups.setdefault(label, []).append((x_of(row["gflop"] * 1e3 / row["mb"]), y_of(row["gflops"])))
    for label, points in groups.items():
        x, top, bottom = sum(p[0] for p in points) / len(points), min(p[1] for p in points), max(p[1] for p in points)
        if len(points) == 1:
            yield text(x + 9, top + 4, label, "small")
        elif label[0].isdigit() and not label.isdigit() or label.endswith("back"):
            yield text(x, bottom + 18, label, "small", "middle")
        else:
            yield text(x, top - 10, label, "small", "middle")


def picture(facts, rows):
    peak, memory = facts["peak_gflops"], facts["memory_gbps"]
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
           'aria-label="Roofline of a training step of ResNet-18">', f"<style>{STYLE}</style>",
           f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
           text(LEFT, 24, "A training step of ResNet-18, 128x128, batch 32, layer by layer", "title")]
    for power in range(-1, 4):
        x = x_of(10.0 ** power)
        out += [line(x, TOP, x, bottom, "grid"), text(x, bottom + 18, f"{10.0 ** power:g}", "small", "middle")]
    for rate in (10, 100, 1000):
        out += [line(LEFT, y_of(rate), right, y_of(rate), "grid"),
                text(LEFT - 8, y_of(rate) + 4, f"{rate}", "small", "end")]
    out += [line(LEFT, bottom, right, bottom, "axis"), line(LEFT, TOP, LEFT, bottom, "axis"),
            text((LEFT + right) / 2, HEIGHT - 14, "operations a byte of operands and result", "", "middle"),
            text(LEFT - 48, TOP - 10, "GFLOP/s, counted as those of the direct sum")]
    ridge = peak / memory
    first = max(X_RANGE[0], Y_RANGE[0] / memory)
    out += [line(x_of(first), y_of(first * memory), x_of(ridge), y_of(peak), "roof"),
            line(x_of(ridge), y_of(peak), right, y_of(peak), "roof"),
            line(x_of(ridge), y_of(4 * peak), right, y_of(4 * peak), "roof dashed"),
            text(x_of(ridge) + 6, y_of(peak) - 8, f"registers: {peak:.0f}"),
            text(x_of(ridge) + 6, y_of(4 * peak) - 8, f"the same by F(4x4, 3x3): {4 * peak:.0f}"),
            text(x_of(2), y_of(2 * memory) + 40, f"memory: {memory:.0f} GB/s")]
    out += [mark(row) for row in rows] + list(names(rows))
    for i, name in enumerate(PASSES):
        out += [f'<circle cx="{right - 330 + i * 120}" cy="40" r="5" class="p{i}"/>',
                text(right - 320 + i * 120, 44, name.replace("input gradient", "backward"), "small")]
    out.append(text(x_of(2), bottom - 12, "circles: Winograd, by channels; squares: direct; hollow: bound by memory and "
                    "caches", "small"))
    return "\n".join(out + ["</svg>"]) + "\n"


def table(rows):
    """Markdown: a row a layer, a column a pass."""
    layers = {}
    for row in rows:
        layers.setdefault(row["layer"], {})[row["pass"]] = row
    print("| layer | times | GFLOP | MB | " + " | ".join(PASSES) + " |\n|" + "---|" * 7)
    for layer, found in layers.items():
        any_pass = next(iter(found.values()))
        cells = []
        for name in PASSES:
            row = found.get(name)
            rate = "" if row is None else f'{row["of_peak"]:.2f}' if row["gflop"] > 0.1 else f'{row["gbps"]:.0f} GB/s'
            cells.append("" if row is None else f'{row["ms"]:.1f} ({rate})')
        print(f'| {layer} | {any_pass["calls"]:.0f} | {any_pass["gflop"]:.2f} | {any_pass["mb"]:.0f} | '
              + " | ".join(cells) + " |")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    facts, rows = read(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(picture(facts, [row for row in rows if row["pass"] in PASSES]))
    table([row for row in rows if row["pass"] in PASSES])
    print(f"\nstep {facts['step_ms']:.0f} ms, of which named {sum(row['ms'] for row in rows):.0f} ms, the optimizer "
          f"{sum(row['ms'] for row in rows if row['pass'] == 'optimizer'):.1f} ms")


if __name__ == "__main__":
    main()
