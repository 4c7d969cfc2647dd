"""Runs the benchmarks beside their peers, in turn on one machine, and prints one JSON object a line.

usage: compare.py BUILD_FOLDER GROUP THREADS [avx2|sse2]
       GROUP: training, inference, convolution, images, download, compile, all
       avx2, sse2: the peers, too, use no wider registers (oneDNN begins at SSE4.1); for a folder built for that

Each work is run in rounds, eucv and then the peer, so that a change in the state of the machine meets both. `eucv` and
`peer_value` are medians over all runs, `ratio` is eucv / peer, `spread` is the interquartile range of eucv's runs over
their median. `peak_mb` and `peer_peak_mb` are the most memory that a process of each side held.
"""
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
import downloads  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS, RUNS = 3, 5
NO_WIDER = {
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    "sse2": {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41", "OPENBLAS_CORETYPE": "Nehalem"},
}

WORKS = {
    "training": ["resnet18-128-b32-train-sgd", "resnet18-128-b32-train-adam", "resnet18-224-b32-train-sgd",
                 "small-64-b32-train-sgd"],
    "inference": ["resnet18-128-b32-infer", "resnet18-128-b1-infer"],
    "convolution": [f"conv3x3-C{c}-{d}" for c in (64, 128, 256, 512)
                    for d in ("forward", "input-gradient", "weight-gradient")],
}


def run(command, environment):
    """Output of a command, and the most memory that it held, in MB (10^6 bytes)."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"compare.py: {' '.join(command)} ended with status {process.returncode}")
    return out, used.ru_maxrss * 1024 / 1e6


def environment_of_peer(threads):
    """The tuned settings of a peer: memory that is kept, bound threads, no OPENBLAS_ override."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    env.update(MALLOC_MMAP_THRESHOLD_="2000000000", MALLOC_TRIM_THRESHOLD_="8000000000",
               MALLOC_TOP_PAD_="268435456", OMP_PROC_BIND="true", OMP_NUM_THREADS=str(threads))
    return {**env, **(NO_WIDER[sys.argv[4]] if sys.argv[4:] else {})}


def google_benchmark(program, name, threads, **more):
    """Milliseconds of each repetition of one Google Benchmark, its context, and its peak memory."""
    out, memory = run([program, f"--benchmark_filter=^{name}(/|$)", f"--benchmark_repetitions={RUNS}",
                       "--benchmark_format=json", "--benchmark_report_aggregates_only=false"],
                      {**os.environ, "EUCV_THREADS": str(threads), **more})
    report = json.loads(out)
    times = [b for b in report["benchmarks"] if b.get("run_type") == "iteration"]
    failed = [b["error_message"] for b in times if b.get("error_occurred")]
    if failed or not times or any(b["time_unit"] != "ms" for b in times):
        sys.exit(f"compare.py: {program} {name}: {failed or 'no such benchmark'}")
    return [b["real_time"] for b in times], report["context"].get("simd", ""), memory


def pytorch(name, threads, *how):
    out, memory = run(["/usr/bin/python3", os.path.join(HERE, "peers", "pytorch.py"), name, str(threads), str(RUNS), *how],
                      environment_of_peer(threads))
    return json.loads(out)["ms"], memory


def cpp_peer(build, name, work, threads):
    """Milliseconds of the same work by a C++ library; none where its program was not built."""
    program = os.path.join(build, "bench", "peer_" + name)
    if not os.path.exists(program):
        return []
    _, size, batch, *_ = work.split("-")
    environment = {**environment_of_peer(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    del environment["OMP_PROC_BIND"]  # OpenBLAS has threads of its own, which would share the core of the first
    return json.loads(run([program, size, batch[1:], str(RUNS)], environment)[0])["ms"]


def report(work, threads, ours, peer, theirs, unit, simd, **more):
    median, peer_median = statistics.median(ours), statistics.median(theirs)
    low, _, high = statistics.quantiles(ours, n=4) if len(ours) > 1 else (median, median, median)
    print(json.dumps({"work": work, "threads": threads, "eucv": round(median, 3), "peer": peer,
                      "peer_value": round(peer_median, 3), "unit": unit, "ratio": round(median / peer_median, 3),
                      "runs": len(ours), "spread": round((high - low) / median, 3), "simd": simd, **more}), flush=True)


def against_pytorch(build, group, threads):
    program = os.path.join(build, "bench", {"convolution": "bench_convolution"}.get(group, "bench_train_step"))
    for work in WORKS[group]:
        ours, theirs, simd, peak, peer_peak = [], [], "", 0, 0
        others = {"dlib": [], "tiny_dnn": []} if work.startswith("small") else {}
        compiled = []
        for _ in range(ROUNDS):
            times, simd, memory = google_benchmark(program, work, threads)
            ours, peak = ours + times, max(peak, memory)
            times, memory = pytorch(work, threads)
            theirs, peer_peak = theirs + times, max(peer_peak, memory)
            if group == "inference":
                compiled += pytorch(work, threads, "compiled")[0]
            for peer, measured in others.items():
                measured += cpp_peer(build, peer, work, threads)
        report(work, threads, ours, "pytorch-tuned", theirs, "ms", simd, peak_mb=round(peak), peer_peak_mb=round(peer_peak))
        for peer, measured in {"pytorch-tuned, compiled": compiled, **others}.items():
            if measured:
                report(work, threads, ours, peer, measured, "ms", simd)


def against_stb(build, _, threads):
    """Pictures a second: libjpeg-turbo with its scaled decoding against stb_image, behind the same gate; with
    stb_image_resize, which people use beside it, and with eucv's own area filter."""
    program, work, pictures = os.path.join(build, "bench", "bench_decode"), "jpeg-1.5mp-to-128", 8
    rates, simd = {work: [], work + "-stb": [], work + "-stb-area": []}, ""
    for _ in range(ROUNDS):
        for name, measured in rates.items():
            times, simd, _ = google_benchmark(program, name, threads)
            measured += [pictures / (t / 1e3) for t in times]
    for peer, name in (("stb_image, stb_image_resize", "-stb"), ("stb_image, eucv's filter", "-stb-area")):
        report(work, threads, rates[work], peer, rates[work + name], "images/s", simd)


def against_curl(build, _, threads):
    """Files a second from nginx on loopback. curl and Python only store what they get; eucv checks it (by decoding, and
    in a second work by its header alone), hashes it, and waits until it is on the disk. Each peer is told twice: as it
    ends, and with `sync` of the file system behind it.

    Every run has a new folder, on a disk with nothing left to write, and nothing is removed in between (6 GB in all):
    ext4 without a journal makes files slowly for some time after it removed others. Memory is touched before each run:
    a virtual machine gets it from its host at the first touch, which takes longer than to write a file into it.

    At last the same from a server that is 20 ms away, as those of museums are, 16 at a time and one at a time."""
    program, count = os.path.join(build, "bench", "bench_download"), 2000
    ours = {"download-2000x50k": [], "download-2000x50k-header": []}
    with tempfile.TemporaryDirectory() as folder:
        pictures = os.path.join(folder, "pictures")
        os.chmod(folder, 0o755)  # nginx's workers are another user
        run([program, "--write-pictures", pictures], os.environ)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]

        def in_new_folder(fetch, *more):
            stored = tempfile.mkdtemp(dir=folder)
            os.sync()
            subprocess.run([sys.executable, "-c", "b'1' * (400 << 20)"], check=True)
            taken, begin = fetch(origin, count, stored, *more), time.perf_counter()
            subprocess.run(["sync", "--file-system", stored], check=True)
            return taken, taken + (time.perf_counter() - begin) * 1e3

        with downloads.nginx(folder, pictures, port) as origin:
            by_curl, serial, simd, peak = {4: [], 16: [], 50: [], 100: []}, [], "", 0
            for _ in range(ROUNDS):
                for work, measured in ours.items():
                    times, simd, memory = google_benchmark(program, work, threads, EUCV_BENCH_ORIGIN=origin,
                                                           EUCV_BENCH_FOLDER=folder)
                    measured += times
                    peak = max(peak, memory)
                for at_once, measured in by_curl.items():
                    measured += [in_new_folder(downloads.curl, at_once) for _ in range(2)]
                serial += [in_new_folder(downloads.one_at_a_time)]
            with downloads.distant(origin, 0.02) as origin:
                far, far_curl, far_serial, few = [], [], [], 200
                for _ in range(ROUNDS):
                    far += google_benchmark(program, "download-2000x50k", threads, EUCV_BENCH_ORIGIN=origin,
                                            EUCV_BENCH_FOLDER=folder)[0]
                    far_curl += [in_new_folder(downloads.curl, 16)[0] for _ in range(2)]
                    far_serial += [downloads.one_at_a_time(origin, few, tempfile.mkdtemp(dir=folder)) for _ in range(2)]
    best = min(by_curl, key=lambda at_once: statistics.median([t for t, _ in by_curl[at_once]]))

    def rate(times):
        return [count / (t / 1e3) for t in times]

    for work, measured in ours.items():
        for peer, both in ((f"curl --parallel --parallel-max {best}", by_curl[best]), ("python one at a time", serial)):
            for name, times in ((peer, [t for t, _ in both]), (peer + ", sync", [t for _, t in both])):
                report(work, threads, rate(measured), name, rate(times), "files/s", simd, peak_mb=round(peak))
    for name, rates in (("curl --parallel --parallel-max 16", rate(far_curl)),
                        ("python one at a time", [few / (t / 1e3) for t in far_serial])):
        report("download-2000x50k-from-afar", threads, rate(far), name, rates, "files/s", simd)


def against_dependencies(_, __, threads):
    """Seconds of the compiler at -O0, beside the same compiler on what eucv includes, without eucv."""
    root = os.path.dirname(HERE)
    for name in ("nn", "eucv"):
        ours, theirs = [], []
        for _ in range(7):
            for unit, seconds in ((name, ours), (name + "_alone", theirs)):
                start = time.perf_counter()
                subprocess.run([os.environ.get("CXX", "g++"), "-std=c++20", "-O0", "-c", "-o", os.devnull,
                                "-I" + os.path.join(root, "include"), "-isystem", "/usr/include/eigen3",
                                os.path.join(HERE, "compile", unit + ".cpp")], check=True)
                seconds.append(time.perf_counter() - start)
        report("compile-" + name, threads, ours, "the headers it includes, alone", theirs, "s", "")


def main():
    build, group, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    groups = {**{g: against_pytorch for g in WORKS}, "images": against_stb, "download": against_curl,
              "compile": against_dependencies}
    for name in groups if group == "all" else [group]:
        groups[name](build, name, threads)


main()
