#!/usr/bin/env python3
"""Transfer learning on few pictures, judged on pictures that had no part in it: eucv train, then eucv evaluate.

    bench/heritage.py --eucv build/release/examples/eucv [--data ../shared/data] [--seeds 1 2 3]
                      [--recipe frozen|tuned] [--work DIR]

A fifth of each class is kept aside by the seed; of the rest, eucv itself keeps a tenth to choose its best epoch by.
Prints a JSON object for each seed, and one with the means.
"""
import argparse
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import time

RECIPES = {
    "frozen": ["--freeze", "9", "--epochs", "40"],
    "tuned": ["--head-epochs", "10", "--epochs", "12", "--lr", "0.0003", "--layer-decay", "0.8"],
}


def split(source, target, seed):
    """Copies the classes of `source` into target/learn and, a fifth of each, into target/kept."""
    engine = random.Random(seed)
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        files = sorted(folder.iterdir())
        engine.shuffle(files)
        kept = round(len(files) / 5)
        for part, some in (("kept", files[:kept]), ("learn", files[kept:])):
            place = target / part / folder.name
            place.mkdir(parents=True)
            for file in some:
                shutil.copy(file, place)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eucv", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--recipe", choices=RECIPES, default="frozen")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("heritage_runs"))
    options = parser.parse_args()
    weights = options.data / "weights" / "squeezenet1_1_features.safetensors"
    common = ["--arch", "squeezenet1_1", "--size", "224", "--init", str(weights), "--quiet"]
    accuracies = []
    for seed in options.seeds:
        place = options.work / str(seed)
        if not place.exists():
            split(options.data / "heritage", place, seed)
        model, figures = place / options.recipe, place / f"{options.recipe}.json"
        start = time.monotonic()
        # A run that was broken off goes on here, as any training of eucv does.
        subprocess.run([options.eucv, "train", place / "learn", "--out", model, *common, *RECIPES[options.recipe]],
                       check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        subprocess.run([options.eucv, "evaluate", model, place / "kept", "--json", figures, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        found = json.loads(figures.read_text())
        accuracies.append(found["accuracy"])
        print(json.dumps({"work": f"heritage-{options.recipe}", "seed": seed, "accuracy": round(found["accuracy"], 4),
                          "macro_f1": round(found["macro_f1"], 4), "pictures": found["n"],
                          "seconds": round(seconds, 1)}), flush=True)
    print(json.dumps({"work": f"heritage-{options.recipe}", "seeds": len(accuracies),
                      "mean_accuracy": round(statistics.mean(accuracies), 4),
                      "least": round(min(accuracies), 4), "reference": 0.898}))


if __name__ == "__main__":
    main()
