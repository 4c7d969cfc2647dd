#!/usr/bin/env python3
"""An audit of several labels a picture, held against planted errors.

    bench/audit_pairs.py --eucv build/release/examples/eucv [--data ../shared/data] [--work DIR]

Of the 800 pairs of bench/pairs.py 72 are changed: a third loses a label, a third has one exchanged, a third gets one more. The head of
SqueezeNet learns from them in three folds, and the audit of what it says out of fold is compared with what was planted. Prints one JSON
object: errors planted, doubts listed and how many of them are planted errors, and of the first 20, 40 and 72 pictures how many hold one.
"""
import argparse
import csv
import json
import pathlib
import random
import shutil
import subprocess

import pairs


def plant(source, place, engine):
    """Copies the pairs, some with other labels. Returns {(file name, label, "missing" or "wrong")}."""
    labels = sorted({label for folder in source.iterdir() for label in folder.name.split()})
    files = sorted(file for folder in source.iterdir() for file in folder.iterdir())
    chosen, planted = engine.sample(files, 72), set()
    for file in files:
        own = file.parent.name.split()
        labels_now = set(own)
        if file in chosen:
            kind = chosen.index(file) % 3
            if kind < 2:
                lost = engine.choice(sorted(labels_now))
                labels_now.remove(lost)
                planted.add((file.name, lost, "missing"))
            if kind > 0:
                added = engine.choice([label for label in labels if label not in own])
                labels_now.add(added)
                planted.add((file.name, added, "wrong"))
        folder = place / " ".join(sorted(labels_now))
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.name)
    return planted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eucv", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("audit_runs"))
    options = parser.parse_args()
    if not (options.work / "1").exists():
        pairs.write(options.data / "heritage", options.work / "1", 1)
    images, table = options.work / "planted", options.work / "audit.csv"
    shutil.rmtree(images, ignore_errors=True)
    planted = plant(options.work / "1" / "both", images, random.Random(11))
    weights = options.data / "weights" / "squeezenet1_1_features.safetensors"
    subprocess.run([options.eucv, "audit", images, "--out", table, "--multi-label", "--folds", "3", "--arch",
                    "squeezenet1_1", "--size", "224", "--init", weights, "--freeze", "9", "--epochs", "20", "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    found = []
    with open(table, newline="") as lines:
        for row in csv.DictReader(lines):
            name = pathlib.PurePosixPath(row["file"]).name
            some = [(name, label, kind) for kind in ("missing", "wrong") for label in row[kind].split()]
            found.append((some, sum(each in planted for each in some)))
    doubted = {each[0] for some, _ in found for each in some}
    print(json.dumps({"planted": len(planted), "doubts": sum(len(some) for some, _ in found),
                      "planted_found": sum(right for _, right in found), "pictures": len(found),
                      "planted_pictures_found": len(doubted & {each[0] for each in planted})} |
                     {f"of_first_{count}_pictures": sum(right > 0 for _, right in found[:count])
                      for count in (20, 40, 72)}))


if __name__ == "__main__":
    main()
