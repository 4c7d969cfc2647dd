#!/usr/bin/env python3
"""Draws the history of a training: losses and accuracies by epoch, side by side, as one SVG.

    bench/training_curve.py MODEL/history.csv --title "resnet9 on CIFAR-10" --out docs/guide/cifar10.svg
"""
import argparse
import csv
import math
import pathlib
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 340, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 34, 36
COLOURS = {"training": "#8a6d00", "validation": "#1f5fa8"}


def ticks(low, high, about=5):
    """Round numbers that cover [low, high]."""
    step = 10 ** math.floor(math.log10((high - low) / about))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (factor * step) <= about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def panel(left, title, series, epochs):
    marks = ticks(min(map(min, series.values())), max(map(max, series.values())))
    low, high = marks[0], marks[-1]
    x = lambda epoch: left + LEFT + (WIDTH - LEFT - RIGHT) * (epoch - 1) / max(epochs - 1, 1)
    y = lambda value: TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)
    parts = [f'<text x="{left + LEFT}" y="{TOP - 14}" class="title">{escape(title)}</text>']
    for mark in marks:
        parts.append(f'<path d="M{x(1):.1f} {y(mark):.1f}H{x(epochs):.1f}" class="grid"/>'
                     f'<text x="{left + LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>')
    for mark in ticks(1, epochs):
        if 1 <= mark <= epochs:
            parts.append(f'<text x="{x(mark):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{mark:g}</text>')
    parts.append(f'<text x="{(x(1) + x(epochs)) / 2:.1f}" y="{HEIGHT - 4}" text-anchor="middle">epoch</text>')
    for name, values in series.items():
        points = " ".join(f"{x(i + 1):.1f},{y(value):.1f}" for i, value in enumerate(values))
        parts.append(f'<polyline points="{points}" stroke="{COLOURS[name]}"/>')
    return parts


def draw(rows, title):
    column = lambda name: [float(row[name]) for row in rows]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 44}" role="img" '
             f'aria-label="{escape(title)}">',
             "<style>text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.grid{stroke:#ddd}"
             "polyline{fill:none;stroke-width:1.8}</style>",
             f'<rect width="{2 * WIDTH}" height="{HEIGHT + 44}" fill="#fff"/>']
    for left, what in ((0, "accuracy"), (WIDTH, "loss")):
        parts += panel(left, what, {"training": column(f"train_{what}"), "validation": column(f"validation_{what}")},
                       len(rows))
    for place, (name, colour) in enumerate(COLOURS.items()):
        x = LEFT + 110 * place
        parts.append(f'<path d="M{x} {HEIGHT + 20}h22" stroke="{colour}" stroke-width="1.8"/>'
                     f'<text x="{x + 28}" y="{HEIGHT + 24}">{name}</text>')
    parts.append(f'<text x="{LEFT + 230}" y="{HEIGHT + 24}">{escape(title)}</text></svg>')
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("history", type=pathlib.Path)
    parser.add_argument("--title", default="a training")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    with open(options.history, newline="") as file:
        options.out.write_text(draw(list(csv.DictReader(file)), options.title))


if __name__ == "__main__":
    main()
