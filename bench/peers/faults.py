"""Who survives what: eucv, curl, aria2, wget and Scrapy against each fault of tests/support/faults.hpp.

    bench/peers/faults.py BUILD_FOLDER    prints a table in Markdown

Each client has the settings that its users would choose for a stranger's server: a time limit, one try, at most 1 MB,
five redirects to http and https alone. It survives a fault if it ends in time, in bounds, and either refuses or stores
the whole body; no client may report success over a damaged body, nor leave one under the final name.
"""
import concurrent.futures
import csv
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

LIMIT = 60           # seconds that a client may take, its own time limits being 10
MOST_BYTES = 4 << 20  # stored; the clients are told to stop at 1 MB, where they can be told
WHOLE = b"0123456789"  # what a server sends where it sends all of it, but for these
OTHER_WHOLE = {"204 with a body": b"", "header of 100 KB": b"", "10,000 headers": b"", "NUL in a header": b"",
               "body drips": b"x" * 5000}

SPIDER = """
import scrapy
class Spider(scrapy.Spider):
    name = "one"
    custom_settings = {"DOWNLOAD_TIMEOUT": 10, "RETRY_ENABLED": False, "DOWNLOAD_MAXSIZE": 1000000,
                       "REDIRECT_MAX_TIMES": 5, "LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False,
                       "ROBOTSTXT_OBEY": False}
    start_urls = [URL]
    def parse(self, response):
        open(FILE, "wb").write(response.body)
"""


def commands(url, folder, authority):
    """The command of each peer; each stores into folder/picture.jpg."""
    file = os.path.join(folder, "picture.jpg")
    spider = os.path.join(folder, "spider.py")
    with open(spider, "w") as text:
        text.write(SPIDER.replace("URL", repr(url)).replace("FILE", repr(file)))
    return {
        "curl": ["curl", "-sS", "--fail", "--location", "--max-redirs", "5", "--max-time", "10", "--max-filesize",
                 "1000000", "--proto", "=http,https", "--proto-redir", "=http,https", "--remove-on-error", "--cacert",
                 authority, "-o", file, url],
        "aria2": ["aria2c", "-q", "--max-tries=1", "--timeout=10", "--connect-timeout=10", "--ca-certificate=" + authority,
                  "--allow-overwrite=true", "-d", folder, "-o", "picture.jpg", url],
        "wget": ["wget", "-q", "--tries=1", "--timeout=10", "--max-redirect=5", "--ca-certificate=" + authority, "-O", file, url],
        "Scrapy": ["/usr/bin/python3", "-m", "scrapy", "runspider", spider],
    }


def restrict():
    """No file beyond 256 MB: a client that stores without end is stopped before the disk is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 20, 256 << 20))


def judge(ended, success, folder, whole):
    """The verdict over a client from what it says, what lies in its folder, and what the whole body is."""
    file = os.path.join(folder, "picture.jpg")
    body = None
    if os.path.exists(file):
        if os.path.getsize(file) > MOST_BYTES:
            return f"stored {os.path.getsize(file) >> 20} MB"
        with open(file, "rb") as stored:
            body = stored.read()
    if not ended:
        return "hung"
    if success:
        return "stored" if body == whole else "false success"
    # aria2 says with a control file beside it that a file is not whole; an empty file deceives nobody
    damaged = body and body != whole and not os.path.exists(file + ".aria2")
    return "damaged file left" if damaged else "refused"


def run_peer(name, fault, url, authority):
    folder = tempfile.mkdtemp(prefix="eucv-faults-")
    try:
        process = subprocess.Popen(commands(url, folder, authority)[name], cwd=folder, preexec_fn=restrict,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            status, ended = process.wait(timeout=LIMIT), True
        except subprocess.TimeoutExpired:
            process.kill()
            status, ended = process.wait(), False
        # Scrapy's exit status is 0 whatever happened to a page: a file is its success
        success = status == 0 and (name != "Scrapy" or os.path.exists(os.path.join(folder, "picture.jpg")))
        return judge(ended, success, folder, OTHER_WHOLE.get(fault, WHOLE))
    finally:
        shutil.rmtree(folder)


def run_eucv(build, fault, url, authority):
    """With its default deadlines and tries, so a silent server takes it some minutes."""
    folder = tempfile.mkdtemp(prefix="eucv-faults-")
    try:
        table = os.path.join(folder, "all.csv")
        with open(table, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["category", "ID", "URL"])
            rows.writerow(["fault", fault, url])
        images = os.path.join(folder, "images")
        # robots.txt would meet the fault before the picture does
        subprocess.run([os.path.join(build, "examples", "eucv"), "download", table, "--out", images, "--size", "original",
                        "--allow-private-addresses", "--ignore-robots", "--quiet"], preexec_fn=restrict,
                       env=dict(os.environ, SSL_CERT_FILE=authority), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=400)
        left = [name for _, _, names in os.walk(images) for name in names if name.endswith((".part", ".jpg"))]
        if left:
            return "damaged file left"
        with open(os.path.join(images, "downloads.csv"), newline="") as file:
            row = next(csv.DictReader(file))
        # A body that arrived whole is no picture here, and refused as such
        return ("refused: " if row["status"] == "failed" else "false success: ") + row["reason"]
    except subprocess.TimeoutExpired:
        return "hung"
    finally:
        shutil.rmtree(folder)


def main():
    build = sys.argv[1]
    folder = tempfile.mkdtemp(prefix="eucv-faults-")
    authority = os.path.join(folder, "authority.pem")
    host = subprocess.Popen([os.path.join(build, "bench", "bench_fault_host"), authority], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    try:
        faults = []
        while line := host.stdout.readline().rstrip("\n"):
            name, url = line.split("\t")
            # Every address here is a private one, so this one shows nothing; tests/net/faults.cpp has it for eucv
            if name != "redirect to a private host":
                faults.append((name, url))
        peers = [peer for peer, command in commands("", folder, authority).items()
                 if shutil.which("scrapy" if peer == "Scrapy" else command[0])]
        table = {}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for peer in peers:
                table[peer] = dict(zip([name for name, _ in faults],
                                       pool.map(lambda fault: run_peer(peer, *fault, authority), faults)))
        with concurrent.futures.ThreadPoolExecutor(len(faults)) as pool:
            verdicts = dict(zip([name for name, _ in faults],
                                pool.map(lambda fault: run_eucv(build, *fault, authority), faults)))
        good = re.compile("stored$|refused")
        print("| fault | eucv | " + " | ".join(peers) + " |\n|---|---|" + "---|" * len(peers))
        for name, _ in faults:
            cells = [verdicts.get(name, "no row")] + [table[peer][name] for peer in peers]
            print(f"| {name} | " + " | ".join(cell if good.match(cell) else f"**{cell}**" for cell in cells) + " |")
        survived = [sum(bool(good.match(verdicts.get(name, "no row"))) for name, _ in faults)]
        survived += [sum(bool(good.match(table[peer][name])) for name, _ in faults) for peer in peers]
        print("| **survived** | " + " | ".join(f"{count} of {len(faults)}" for count in survived) + " |")
    finally:
        host.stdin.close()
        host.wait(timeout=10)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
