#!/usr/bin/env python3
"""Writes metrics.txt: predictions and what scikit-learn computes from them. Needs scikit-learn 1.3 or newer.

Each case is five lines: number of classes; true labels; predicted labels; accuracy and the macro averages of
precision, recall, F1 and specificity; then precision, recall, F1, specificity and support class by class.
"""
import pathlib
import random

import sklearn.metrics as m

random.seed(7)
lines = []
for case in range(60):
    classes = random.randint(1, 8)
    items = random.randint(1, 40)
    # A few cases leave classes out, predict one class only, or are all right or all wrong.
    used = random.sample(range(classes), random.randint(1, classes))
    truth = [random.choice(used) for _ in range(items)]
    guess = [t if random.random() < 0.6 else random.randrange(classes) for t in truth]
    if case % 10 == 3:
        guess = [used[0]] * items
    if case % 10 == 5:
        guess = truth
    if case % 10 == 7 and classes > 1:
        guess = [(t + 1) % classes for t in truth]
    present = sorted(set(truth) | set(guess))
    average = m.precision_recall_fscore_support(truth, guess, average="macro", zero_division=0)[:3]
    each = m.precision_recall_fscore_support(truth, guess, labels=range(classes), zero_division=0)
    tables = m.multilabel_confusion_matrix(truth, guess, labels=range(classes))
    specificity = [t[0][0] / (t[0][0] + t[0][1]) if t[0].sum() else 0.0 for t in tables]
    macro = [m.accuracy_score(truth, guess), *average, sum(specificity[c] for c in present) / len(present)]
    lines += [str(classes), " ".join(map(str, truth)), " ".join(map(str, guess)),
              " ".join(repr(float(x)) for x in macro),
              " ".join(repr(float(x)) for c in range(classes)
                       for x in (each[0][c], each[1][c], each[2][c], specificity[c], each[3][c]))]
pathlib.Path(__file__).with_name("metrics.txt").write_text("\n".join(lines) + "\n")
