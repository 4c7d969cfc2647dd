"""What bench/download.cpp is measured against: the same files from the same nginx, by curl and by a plain loop."""
import asyncio
import contextlib
import os
import subprocess
import threading
import time
import urllib.request

CONFIGURATION = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000; sendfile on; tcp_nopush on; default_type image/jpeg;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {pictures}; }}
}}
"""


@contextlib.contextmanager
def nginx(folder, pictures, port):
    """Serves the folder `pictures` on loopback as long as the block runs. Yields the origin."""
    configuration = os.path.join(folder, "nginx.conf")
    with open(configuration, "w") as file:
        file.write(CONFIGURATION.format(folder=folder, pictures=pictures, port=port))
    server = subprocess.Popen(["/usr/sbin/nginx", "-c", configuration, "-e", os.path.join(folder, "error.log")])
    origin = f"http://127.0.0.1:{port}"
    try:
        for attempt in range(50):
            try:
                urllib.request.urlopen(f"{origin}/0.jpg", timeout=2).read()
                break
            except OSError:
                if server.poll() is not None or attempt == 49:
                    raise RuntimeError("nginx did not start; its messages are above") from None
                time.sleep(0.1)
        yield origin
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def distant(origin, seconds):
    """The same server as seen from afar: a relay that passes each piece on half of `seconds` after it came, both ways. A
    connection itself is made at once. Yields the origin, as long as the block runs."""
    loop = asyncio.new_event_loop()
    host, port = origin.removeprefix("http://").split(":")

    async def pass_on(reader, writer):
        while piece := await reader.read(1 << 16):
            loop.call_later(seconds / 2, writer.write, piece)
        loop.call_later(seconds / 2, writer.close)

    async def relay(reader, writer):
        server_reader, server_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(pass_on(reader, server_writer), pass_on(server_reader, writer), return_exceptions=True)

    server = loop.run_until_complete(asyncio.start_server(relay, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


def curl(origin, count, folder, at_once):
    """Milliseconds that `curl --parallel` takes."""
    asked = os.path.join(folder, "curl.conf")
    with open(asked, "w") as file:
        for i in range(count):
            file.write(f'url = "{origin}/{i}.jpg"\noutput = "{folder}/{i}.jpg"\n')
    start = time.perf_counter()
    subprocess.run(["curl", "--silent", "--no-progress-meter", "--show-error", "--fail", "--parallel", "--parallel-immediate",
                    "--parallel-max", str(at_once), "--config", asked], check=True)
    return (time.perf_counter() - start) * 1e3


def one_at_a_time(origin, count, folder):
    """Milliseconds of the pilot's way: a request, its answer, the file, the next one."""
    start = time.perf_counter()
    for i in range(count):
        with urllib.request.urlopen(f"{origin}/{i}.jpg", timeout=10) as answer:
            with open(os.path.join(folder, f"{i}.jpg"), "wb") as file:
                file.write(answer.read())
    return (time.perf_counter() - start) * 1e3
