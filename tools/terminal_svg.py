#!/usr/bin/env python3
"""Draws the text of a terminal as an SVG picture, for the README.

usage: terminal_svg.py [TITLE] < text > picture.svg
"""
import html
import sys

FONT = 13
LINE = 18
CHARACTER = 7.83  # advance of a 13 px monospace character
MARGIN = 16
NO_BREAK = "&#160;"  # blanks side by side count as one, whatever xml:space says
BAR = 30


def main():
    title = sys.argv[1] if len(sys.argv) > 1 else "eucv"
    lines = sys.stdin.read().rstrip("\n").expandtabs(8).split("\n")
    width = round(2 * MARGIN + CHARACTER * max(len(line) for line in lines))
    height = BAR + 2 * MARGIN + LINE * len(lines)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">')
    print(f"<title>{html.escape(title)}</title>")
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#14181f"/>')
    print(f'<path d="M0 {BAR}V8a8 8 0 0 1 8-8H{width - 8}a8 8 0 0 1 8 8V{BAR}z" fill="#252c37"/>')
    for i, colour in enumerate(("#e0685f", "#e2b04a", "#68b86b")):
        print(f'<circle cx="{MARGIN + 3 + 18 * i}" cy="{BAR // 2}" r="5" fill="{colour}"/>')
    print(f'<text x="{width / 2:.0f}" y="{BAR // 2 + 4}" text-anchor="middle" font-family="sans-serif" font-size="12" fill="#9aa7b8">{html.escape(title)}</text>')
    print(f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="{FONT}" fill="#d8dee9">')
    for row, line in enumerate(lines):
        if line.strip():
            colour = ' fill="#8ccf7e"' if line.startswith("$ ") else ""
            print(f'<text x="{MARGIN}" y="{BAR + MARGIN + LINE * row + 13}"{colour}>{html.escape(line).replace(" ", NO_BREAK)}</text>')
    print("</g>\n</svg>")


main()
