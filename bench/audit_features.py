#!/usr/bin/env python3
"""How well `eucv audit` finds planted wrong labels when the probabilities come from a strong network.

    bench/audit_features.py EUCV IMAGES SQUEEZENET.safetensors [--part 0.09] [--seeds 3]

Features of SqueezeNet 1.1 trained on ImageNet and a linear classifier, in five folds, make the out-of-fold predictions
that the audit reads (`--from`). Labels are changed at random, or each class to the next. Prints a JSON object a run. Needs
Debian's python3-torch, python3-sklearn and python3-pil. audit_noise.py does the same with eucv's own networks.
"""
import argparse
import csv
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")  # the solver is stopped early, which regularises
parser = argparse.ArgumentParser()
parser.add_argument("eucv")
parser.add_argument("images", type=pathlib.Path)
parser.add_argument("weights", type=pathlib.Path)
parser.add_argument("--part", type=float, default=0.09)
parser.add_argument("--seeds", type=int, default=3)
given = parser.parse_args()

raw = given.weights.read_bytes()
end = 8 + struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8:end])
header.pop("__metadata__", None)
weights = {}
for name, about in header.items():
    begin, stop = about["data_offsets"]
    flat = np.frombuffer(raw[end + begin:end + stop], dtype=np.float32)
    weights[name] = torch.from_numpy(flat.reshape(about["shape"]).copy())


def features(path):
    """Mean and maximum of the last fire module over the middle square of 227 pixels."""
    picture = Image.open(path).convert("RGB")
    scale = 227 / min(picture.size)
    picture = picture.resize([max(227, round(side * scale)) for side in picture.size], Image.BILINEAR)
    left, top = (picture.size[0] - 227) // 2, (picture.size[1] - 227) // 2
    pixels = np.asarray(picture.crop((left, top, left + 227, top + 227)), dtype=np.float32)
    x = torch.from_numpy(pixels - np.array([123.68, 116.779, 103.939], dtype=np.float32)).permute(2, 0, 1)[None]

    def convolve(x, name, **how):
        return F.relu(F.conv2d(x, weights[name + ".weight"], weights[name + ".bias"], **how))

    x = F.max_pool2d(convolve(x, "features.0", stride=2), 3, 2)
    for i in range(3, 13):
        if i in (5, 8):
            x = F.max_pool2d(x, 3, 2)
            continue
        squeezed = convolve(x, f"features.{i}.squeeze")
        x = torch.cat([convolve(squeezed, f"features.{i}.expand1x1"),
                       convolve(squeezed, f"features.{i}.expand3x3", padding=1)], 1)
    return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)[0].numpy()


labels = sorted(folder.name for folder in given.images.iterdir() if folder.is_dir())
files = [path for label in labels for path in sorted((given.images / label).iterdir())]
names = [f"{path.parent.name}/{path.name}" for path in files]
truth = np.array([labels.index(path.parent.name) for path in files])
with torch.no_grad():
    points = np.array([features(path) for path in files])


def audit(kind, seed):
    engine = np.random.default_rng(seed)
    label = truth.copy()
    moved = engine.choice(len(files), round(given.part * len(files)), replace=False)
    for i in moved:
        other = [c for c in range(len(labels)) if c != truth[i]]
        label[i] = (truth[i] + 1) % len(labels) if kind == "pair" else engine.choice(other)
    probabilities, folds = np.zeros((len(files), len(labels))), np.zeros(len(files), int)
    division = StratifiedKFold(5, shuffle=True, random_state=seed).split(points, label)
    for fold, (rest, held_out) in enumerate(division):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.002, max_iter=300))
        model.fit(points[rest], label[rest])
        probabilities[held_out], folds[held_out] = model.predict_proba(points[held_out]), fold
    place = pathlib.Path(tempfile.mkdtemp())
    with open(place / "out_of_fold.csv", "w", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["file", "group", "label", "fold", *("p:" + name for name in labels)])
        for i, name in enumerate(names):
            rows.writerow([name, name, labels[label[i]], folds[i], *(repr(min(1.0, float(p))) for p in probabilities[i])])
    told = subprocess.run([given.eucv, "audit", given.images, "--from", place / "out_of_fold.csv", "--out",
                           place / "audit.csv"], capture_output=True, text=True, check=True).stdout
    listed = [row["file"] for row in csv.DictReader(open(place / "audit.csv"))]
    planted = {names[i] for i in moved}
    found = sum(name in planted for name in listed)
    print(json.dumps({"kind": kind, "seed": seed, "planted": len(planted), "listed": len(listed),
                      "precision": round(found / max(1, len(listed)), 3), "recall": round(found / max(1, len(planted)), 3),
                      "estimated_noise": float(re.search(r"about ([\d.]+) %", told)[1]) / 100,
                      "accuracy_out_of_fold": round(float((probabilities.argmax(1) == truth).mean()), 3)}), flush=True)


for kind in ("random", "pair"):
    for seed in range(1, given.seeds + 1):
        audit(kind, seed)
