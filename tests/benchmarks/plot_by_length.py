#!/usr/bin/env python3
"""Draws BLEU by source length as SVG, a curve for each system, like figure 2 of Bahdanau et al. 2015.

    dragoman evaluate RUN --by-length 5 --json > NAME.json      once for each system
    plot_by_length.py TITLE NAME.json... > plot.svg

Buckets of fewer than 10 sentences are left out: their BLEU says little.
"""
import json
import pathlib
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 360, 48, 36, 150, 44
COLOURS = ("#08519c", "#d94801", "#238b45", "#6a51a3")
FEWEST = 10


def read_curve(path):
    lines = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    buckets = [line for line in lines if line.get("source_words") and line["sentences"] >= FEWEST]
    if not buckets:
        sys.exit(f"plot_by_length.py: {path} has no scores by length; expected output of evaluate --by-length N --json")
    return [(sum(bucket["source_words"]) / 2, bucket["score"]) for bucket in buckets]


def plot(title, curves):
    longest = max(x for curve in curves.values() for x, _ in curve)
    right = 5 * (int(longest) // 5 + 1)
    top = 10 * (int(max(y for curve in curves.values() for _, y in curve)) // 10 + 1)
    across = lambda x: LEFT + x / right * (WIDTH - LEFT - RIGHT)
    down = lambda y: HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for y in range(0, top + 1, 10):
        out.append(f'<path d="M{LEFT} {down(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{down(y) + 4:.1f}" text-anchor="end">{y}</text>')
    for x in range(0, right + 1, 5):
        out.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x}</text>')
    out.append(f'<text x="{across(right / 2):.1f}" y="{HEIGHT - 8}" text-anchor="middle">source length in words</text>')
    out.append(f'<text x="12" y="{down(top / 2):.1f}" transform="rotate(-90 12 {down(top / 2):.1f})" '
               'text-anchor="middle">BLEU</text>')
    for (name, curve), colour in zip(curves.items(), COLOURS):
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in curve)
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in curve:
            out.append(f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3" fill="{colour}"/>')
        x, y = curve[-1]
        out.append(f'<text x="{across(x) + 8:.1f}" y="{down(y) + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return "\n".join(out) + "\n</svg>\n"


if len(sys.argv) < 3:
    sys.exit(__doc__.strip())
print(plot(sys.argv[1], {pathlib.Path(path).stem: read_curve(path) for path in sys.argv[2:]}), end="")
