"""Runs the benchmarks beside their peers, in turn on one machine, and prints one JSON object a line.

usage: compare.py BUILD_FOLDER GROUP THREADS      GROUP: training, inference, convolution, images, all

Each work is run in rounds, eucv and then the peer, so that a change in the state of the machine meets both.
`value` and `peer_value` are medians over all runs, `ratio` is eucv / peer, `spread` is the interquartile range of
eucv's runs over their median.
"""
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS, RUNS = 3, 5

WORKS = {
    "training": ["resnet18-128-b32-train-sgd", "resnet18-128-b32-train-adam", "resnet18-224-b32-train-sgd",
                 "small-64-b32-train-sgd"],
    "inference": ["resnet18-128-b32-infer", "resnet18-128-b1-infer"],
    "convolution": [f"conv3x3-C{c}-{d}" for c in (64, 128, 256, 512)
                    for d in ("forward", "input-gradient", "weight-gradient")],
}


def environment_of_peer(threads):
    """The tuned settings of targets: memory that is kept, bound threads, no OPENBLAS_ override."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    env.update(MALLOC_MMAP_THRESHOLD_="2000000000", MALLOC_TRIM_THRESHOLD_="8000000000",
               MALLOC_TOP_PAD_="268435456", OMP_PROC_BIND="true", OMP_NUM_THREADS=str(threads))
    return env


def google_benchmark(program, name, threads):
    """Milliseconds of each repetition of one Google Benchmark, and its context."""
    out = subprocess.run([program, f"--benchmark_filter=^{name}(/|$)", f"--benchmark_repetitions={RUNS}",
                          "--benchmark_format=json", "--benchmark_report_aggregates_only=false"],
                         env={**os.environ, "EUCV_THREADS": str(threads)}, capture_output=True, text=True, check=True)
    report = json.loads(out.stdout)
    times = [b for b in report["benchmarks"] if b.get("run_type") == "iteration"]
    assert times and all(b["time_unit"] == "ms" for b in times), f"{program} has no benchmark {name}"
    return [b["real_time"] for b in times], report["context"].get("simd", "")


def pytorch(name, threads):
    out = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "peers", "pytorch.py"), name, str(threads), str(RUNS)],
                         env=environment_of_peer(threads), capture_output=True, text=True, check=True)
    return json.loads(out.stdout)["ms"]


def report(work, threads, ours, peer, theirs, unit, simd):
    median, peer_median = statistics.median(ours), statistics.median(theirs)
    low, _, high = statistics.quantiles(ours, n=4) if len(ours) > 1 else (median, median, median)
    print(json.dumps({"work": work, "threads": threads, "eucv": round(median, 3), "peer": peer,
                      "peer_value": round(peer_median, 3), "unit": unit, "ratio": round(median / peer_median, 3),
                      "runs": len(ours), "spread": round((high - low) / median, 3), "simd": simd}), flush=True)


def against_pytorch(build, group, threads):
    program = os.path.join(build, "bench", {"convolution": "bench_convolution"}.get(group, "bench_train_step"))
    for work in WORKS[group]:
        ours, theirs, simd = [], [], ""
        for _ in range(ROUNDS):
            times, simd = google_benchmark(program, work, threads)
            ours += times
            theirs += pytorch(work, threads)
        report(work, threads, ours, "pytorch-tuned", theirs, "ms", simd)


def against_stb(build, _, threads):
    """Pictures a second: libjpeg-turbo with its scaled decoding against stb_image, both through eucv's gate and resize."""
    program, work, pictures = os.path.join(build, "bench", "bench_decode"), "jpeg-1.5mp-to-128", 8
    ours, theirs, simd = [], [], ""
    for _ in range(ROUNDS):
        for name, rates in ((work, ours), (work + "-stb", theirs)):
            times, simd = google_benchmark(program, name, threads)
            rates += [pictures / (t / 1e3) for t in times]
    report(work, threads, ours, "stb_image", theirs, "images/s", simd)


def main():
    build, group, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    groups = {**{g: against_pytorch for g in WORKS}, "images": against_stb}
    for name in groups if group == "all" else [group]:
        groups[name](build, name, threads)


main()
