#!/usr/bin/env python3
"""Several labels a picture: pictures put together of two of different classes, learned with all labels and with one.

    bench/pairs.py --eucv build/release/examples/eucv [--data ../shared/data] [--seeds 1 2 3] [--work DIR]

Each picture is the left half of one and the right half of another of the heritage set, and has both labels. A fifth of
each class is kept aside by the seed before pictures are put together. The head of SqueezeNet learns from 800 pairs with
both labels, with each of the losses, and from the same pairs with one label each, drawn by the seed: once taking the
missing label for false, once for unknown (--single-positive). All are judged on 300 pairs with both labels.
Prints a JSON object a model, and one with the means of each recipe.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import time

from PIL import Image, ImageOps

RECIPES = {
    "bce": ("both", []),
    "focal": ("both", ["--loss", "focal"]),
    "asymmetric": ("both", ["--loss", "asymmetric"]),
    "one label, others false": ("one", []),
    "one label, others unknown": ("one", ["--single-positive"]),
}


def pairs(files, count, engine):
    """Pairs of (class, file) of different classes."""
    while count:
        first, second = engine.choice(files), engine.choice(files)
        if first[0] != second[0]:
            yield first, second
            count -= 1


def join(first, second):
    """A picture of 256 x 256, the middle of one on the left and of the other on the right."""
    whole = Image.new("RGB", (256, 256))
    for left, (_, file) in ((0, first), (128, second)):
        whole.paste(ImageOps.fit(Image.open(file).convert("RGB"), (128, 256)), (left, 0))
    return whole


def write(source, place, seed):
    engine = random.Random(seed)
    learn, kept = [], []
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        files = [(folder.name, file) for file in sorted(folder.iterdir())]
        engine.shuffle(files)
        cut = round(len(files) / 5)
        kept += files[:cut]
        learn += files[cut:]
    for part, files, count in (("learn", learn, 800), ("kept", kept, 300)):
        for number, (first, second) in enumerate(pairs(files, count, engine)):
            picture = join(first, second)
            labels = sorted((first[0], second[0]))
            places = [("both" if part == "learn" else "kept", " ".join(labels))]
            if part == "learn":
                places.append(("one", engine.choice(labels)))
            for name, label in places:
                folder = place / name / label
                folder.mkdir(parents=True, exist_ok=True)
                picture.save(folder / f"{number}.jpg", quality=90)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eucv", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("pair_runs"))
    options = parser.parse_args()
    weights = options.data / "weights" / "squeezenet1_1_features.safetensors"
    figures = {name: [] for name in RECIPES}
    for seed in options.seeds:
        place = options.work / str(seed)
        if not place.exists():
            write(options.data / "heritage", place, seed)
        for name, (images, more) in RECIPES.items():
            model, out = place / name, place / f"{name}.json"
            start = time.monotonic()
            subprocess.run([options.eucv, "train", place / images, "--out", model, "--multi-label", *more, "--arch",
                            "squeezenet1_1", "--size", "224", "--init", weights, "--freeze", "9", "--epochs", "20",
                            "--quiet"], check=True, stdout=subprocess.DEVNULL)
            seconds = time.monotonic() - start
            subprocess.run([options.eucv, "evaluate", model, place / "kept", "--json", out, "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
            found = json.loads(out.read_text())
            figures[name].append(found)
            print(json.dumps({"seed": seed, "recipe": name, "seconds": round(seconds, 1)} |
                             {key: round(found[key], 4) for key in
                              ("mean_average_precision", "macro_f1", "micro_f1", "accuracy")}), flush=True)
    for name, found in figures.items():
        print(json.dumps({"recipe": name, "runs": len(found)} |
                         {key: round(statistics.mean(each[key] for each in found), 4) for key in
                          ("mean_average_precision", "macro_f1", "micro_f1", "accuracy")}))


if __name__ == "__main__":
    main()
