#!/usr/bin/env python3
"""Writes figures.txt: what scikit-learn (1.2.1, Debian's python3-sklearn) makes of 10,000 random cases.

The cases are not stored: tests/judge/figures.cpp draws the same ones from the same engine, eucv::random. Of 100 cases
each figure is added up, each case with a weight of its own, so that figures that are all right give the right sum and
errors do not cancel; a figure that is a list enters as the weighted sum of its entries. One line is the sums of 100
cases, in the order of the names in the first line. Takes some minutes.
"""
import math
import pathlib
import warnings

import numpy as np
import sklearn.metrics as m

warnings.filterwarnings("ignore")  # zero_division is given, or its default 0 is what is wanted
MASK = (1 << 64) - 1
CASES, BLOCK = 10000, 100


class Random:
    """eucv::random: xoshiro256** seeded by SplitMix64."""

    def __init__(self, seed):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            z = seed
            z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.s.append(z ^ (z >> 31))

    def uniform(self):
        s = self.s
        value = (s[1] * 5) & MASK
        value = ((((value << 7) | (value >> 57)) & MASK) * 9) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = ((s[3] << 45) | (s[3] >> 19)) & MASK
        return (value >> 11) * 2.0**-53

    def below(self, count):
        return int(self.uniform() * count)


def weight(i):
    return (1 + i * 37 % 101) / 101


def weighted(values):
    return math.fsum(weight(i) * float(v) for i, v in enumerate(values))


def defined(value):
    """A figure that does not exist is -1 on both sides."""
    return -1.0 if math.isnan(value) else value


def single_label(engine):
    """Truth and rows of probabilities; some labels without items, some never predicted, some cases all right."""
    classes, items = 2 + engine.below(6), 1 + engine.below(30)
    used, sharp = 1 + engine.below(classes), 3 * engine.uniform()
    truth, rows = [], []
    for _ in range(items):
        truth.append(engine.below(used))
        row = [engine.uniform() for _ in range(classes)]
        row[truth[-1]] += sharp * engine.uniform()
        total = 0.0
        for x in row:
            total += x
        rows.append([x / total for x in row])
    return classes, truth, rows


def calibration_error(rows, guess, truth, bins=15):
    rows = np.array(rows)
    top, right = rows.max(axis=1), np.array(guess) == np.array(truth)
    total = 0.0
    for b in range(bins):
        inside = (top > b / bins) & (top <= (b + 1) / bins)
        if inside.any():
            total += abs(right[inside].mean() - top[inside].mean()) * inside.mean()
    return total


def single_label_figures(engine):
    classes, truth, rows = single_label(engine)
    guess = [row.index(max(row)) for row in rows]
    labels = range(classes)
    each = m.precision_recall_fscore_support(truth, guess, labels=labels, zero_division=0)
    tables = m.multilabel_confusion_matrix(truth, guess, labels=labels)
    specificity = [t[0][0] / (t[0][0] + t[0][1]) if t[0].sum() else 0.0 for t in tables]
    ones = m.precision_recall_fscore_support(truth, guess, labels=labels, zero_division=1)
    present = sorted(set(truth) | set(guess))
    figures = {
        "accuracy": m.accuracy_score(truth, guess),
        "balanced_accuracy": m.balanced_accuracy_score(truth, guess),
        "confusion_matrix": weighted(m.confusion_matrix(truth, guess, labels=labels).ravel()),
        "precision": weighted(each[0]), "recall": weighted(each[1]), "f1": weighted(each[2]),
        "specificity": weighted(specificity), "support": weighted(each[3]),
        "precision_or_1": weighted(ones[0]), "recall_or_1": weighted(ones[1]),
        "macro_specificity": sum(specificity[c] for c in present) / len(present),
    }
    for average in ("macro", "micro", "weighted"):
        p, r, f, _ = m.precision_recall_fscore_support(truth, guess, average=average, zero_division=0)
        figures |= {average + "_precision": p, average + "_recall": r, average + "_f1": f}
    figures["top_1"] = m.accuracy_score(truth, guess)
    figures["top_2"] = m.top_k_accuracy_score(truth, np.array(rows), k=2, labels=labels) if classes > 2 else 1.0
    figures["top_3"] = m.top_k_accuracy_score(truth, np.array(rows), k=3, labels=labels) if classes > 3 else 1.0
    figures["log_loss"] = m.log_loss(truth, rows, labels=labels)
    figures["calibration_error"] = calibration_error(rows, guess, truth)
    areas = []
    for c in labels:
        one = [t == c for t in truth]
        areas.append(m.roc_auc_score(one, [row[c] for row in rows]) if 0 < sum(one) < len(one) else math.nan)
    precisions = [m.average_precision_score([t == c for t in truth], [row[c] for row in rows]) if c in truth
                  else math.nan for c in labels]
    figures["roc_area"] = weighted(defined(a) for a in areas)
    figures["average_precision"] = weighted(defined(p) for p in precisions)
    figures["macro_roc_area"] = defined(np.nanmean(areas))
    figures["macro_average_precision"] = defined(np.nanmean(precisions))
    return figures


def curve_figures(engine):
    """One label against the rest, with many equal scores."""
    items, steps = 2 + engine.below(30), 2 + engine.below(12)
    truth = [engine.uniform() < 0.4 for _ in range(items)]
    scores = [math.floor(steps * (engine.uniform() + (0.3 if t else 0))) / steps for t in truth]
    if not 0 < sum(truth) < items:
        truth[0], truth[1] = True, False
    false_positive, true_positive, thresholds = m.roc_curve(truth, scores, drop_intermediate=False)
    precision, recall, at = m.precision_recall_curve(truth, scores)
    return {
        "roc_false_positive": weighted(false_positive), "roc_true_positive": weighted(true_positive),
        "roc_thresholds": weighted(thresholds[1:]), "roc_curve_area": m.auc(false_positive, true_positive),
        "curve_precision": weighted(precision[::-1]), "curve_recall": weighted(recall[::-1]),
        "curve_thresholds": weighted(at[::-1]), "curve_average_precision": m.average_precision_score(truth, scores),
    }


def multi_label_figures(engine):
    """Several labels an item or none, with many equal scores."""
    classes, items = 2 + engine.below(6), 1 + engine.below(20)
    density, noise = engine.uniform(), 2 * engine.uniform()
    truth = [[int(engine.uniform() < density) for _ in range(classes)] for _ in range(items)]
    scores = [[math.floor(8 * (t + noise * engine.uniform()) / (1 + noise)) / 8 for t in row] for row in truth]
    truth, scores = np.array(truth), np.array(scores)
    called = (scores >= 0.5).astype(int)
    figures = {
        "exact_match": m.accuracy_score(truth, called), "hamming_loss": m.hamming_loss(truth, called),
        "coverage": m.coverage_error(truth, scores), "ranking_loss": m.label_ranking_loss(truth, scores),
        "lrap": m.label_ranking_average_precision_score(truth, scores),
        "mean_average_precision": m.average_precision_score(truth, scores, average="macro"),
        "label_average_precision": weighted(np.atleast_1d(m.average_precision_score(truth, scores, average=None))),
    }
    each = m.precision_recall_fscore_support(truth, called, zero_division=0)
    figures |= {"label_precision": weighted(each[0]), "label_recall": weighted(each[1]), "label_f1": weighted(each[2])}
    for average in ("macro", "micro"):
        p, r, f, _ = m.precision_recall_fscore_support(truth, called, average=average, zero_division=0)
        figures |= {f"label_{average}_precision": p, f"label_{average}_recall": r, f"label_{average}_f1": f}
    return figures


lines = []
for block in range(CASES // BLOCK):
    cases = []
    for case in range(block * BLOCK, (block + 1) * BLOCK):
        engine = Random(case)
        cases.append(single_label_figures(engine) | curve_figures(engine) | multi_label_figures(engine))
    if not lines:
        lines.append(" ".join(cases[0]))
    lines.append(" ".join(repr(weighted(case[name] for case in cases)) for name in cases[0]))
pathlib.Path(__file__).with_name("figures.txt").write_text("\n".join(lines) + "\n")
