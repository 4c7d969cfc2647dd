#!/usr/bin/env python3
"""Plants wrong labels in a folder of pictures and measures how well `eucv audit` finds them.

    bench/audit_noise.py EUCV IMAGES [--part 0.09] [--kind random|pair] [--seeds 3] [-- OPTIONS OF eucv audit]

A copy of IMAGES (symbolic links) gets `part` of its pictures moved: to a class drawn at random, or, with `pair`, each
class to the one after it in the order of their names. Prints one JSON object a seed: precision and recall of the whole
list, precision among as many of the first as were planted, and the noise that the audit estimates.
"""
import argparse
import csv
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("eucv")
parser.add_argument("images", type=pathlib.Path)
parser.add_argument("--part", type=float, default=0.09)
parser.add_argument("--kind", choices=["random", "pair"], default="random")
parser.add_argument("--seeds", type=int, default=3)
at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
given, options = parser.parse_args(sys.argv[1:at]), sys.argv[at + 1:]

classes = sorted(folder.name for folder in given.images.iterdir() if folder.is_dir())
files = [(label, path) for label in classes for path in sorted((given.images / label).iterdir())]
for seed in range(1, given.seeds + 1):
    place = pathlib.Path(tempfile.mkdtemp())
    engine = random.Random(seed)
    moved = set(engine.sample(range(len(files)), round(given.part * len(files))))
    planted = set()
    for i, (label, path) in enumerate(files):
        to = label
        if i in moved:
            to = (classes[(classes.index(label) + 1) % len(classes)] if given.kind == "pair"
                  else engine.choice([c for c in classes if c != label]))
            planted.add(f"{to}/{label}-{path.name}")
        (place / "images" / to).mkdir(parents=True, exist_ok=True)
        (place / "images" / to / f"{label}-{path.name}").symlink_to(path.resolve())
    table = place / "audit.csv"
    told = subprocess.run([given.eucv, "audit", place / "images", "--out", table, "--seed", str(seed), "--quiet",
                           *options], capture_output=True, text=True, check=True).stdout
    listed = [row["file"] for row in csv.DictReader(table.open())]
    found = sum(name in planted for name in listed)
    first = sum(name in planted for name in listed[:len(planted)])
    print(json.dumps({"kind": given.kind, "seed": seed, "pictures": len(files), "planted": len(planted),
                      "listed": len(listed), "precision": round(found / max(1, len(listed)), 3),
                      "recall": round(found / len(planted), 3),
                      "precision_of_first": round(first / min(len(planted), max(1, len(listed))), 3),
                      "estimated_noise": float(re.search(r"about ([\d.]+) %", told)[1]) / 100,
                      "accuracy_out_of_fold": float(re.search(r"accuracy ([\d.]+)", told)[1])}), flush=True)
    shutil.rmtree(place)
