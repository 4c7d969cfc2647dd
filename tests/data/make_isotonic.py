#!/usr/bin/env python3
"""Writes isotonic.txt: what scikit-learn's IsotonicRegression (1.9.1) makes of scores and labels.

Each case is a line "items queries", then a line "score label" for each item and a line "score probability" for each query,
between the points, at them and beyond them. Half of the cases have scores of one digit after the point, so that many are equal.
"""
import pathlib
import random

from sklearn.isotonic import IsotonicRegression

engine = random.Random(7)
lines = []
for case in range(24):
    items = engine.choice((1, 2, 5, 20, 60))
    scores = [engine.gauss(0, 2) for _ in range(items)]
    if case % 2:
        scores = [round(score, 1) for score in scores]
    labels = [int(engine.gauss(0, 2) < score * engine.choice((-1, 1, 1, 1))) for score in scores]
    fit = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(scores, labels)
    queries = [engine.uniform(-6, 6) for _ in range(10)] + engine.sample(scores, min(5, items))
    lines.append(f"{items} {len(queries)}")
    lines += [f"{score!r} {label}" for score, label in zip(scores, labels)]
    lines += [f"{query!r} {float(found)!r}" for query, found in zip(queries, fit.predict(queries))]
(pathlib.Path(__file__).parent / "isotonic.txt").write_text("\n".join(lines) + "\n")
