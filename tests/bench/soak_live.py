#!/usr/bin/env python3
"""Hours of a server's life in minutes: clients come and go, some never read, events come in, the broker restarts.

    tests/bench/soak_live.py [--minutes 20] [--restart-every 120] [--slow drop|close]

Memory and descriptors of the server are sampled; after the first quarter (caches are full by then) neither may
grow: the exit code is 1 when the last quarter's median is more than a tenth above the second's. Every event that was
accepted is in the topic at the end.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)

HANDSHAKE = ("GET /api/v1/stream?{} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
QUERIES = ["", "device_ids=1,2", "where=data.N%20%3E%2050", "envelope=1", "from=-10s", "from=earliest&device_ids=none"]


class Soak:
    def __init__(self, program, options, folder):
        self.options, self.over, self.settled, self.ended = options, *(threading.Event() for _ in range(3))
        self.program, self.folder = program, folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "KBEAT_HOME": str(folder / "data")}
        self.server, self.port = None, 0
        self.accepted, self.refused, self.visits = set(), 0, 0
        self.broker = KafkaBroker()

    def start(self):
        folder, options = self.folder, self.options
        self.broker.start()
        self.broker.create_topic("soak", partitions=3)
        log = open(folder / "server.log", "wb")
        self.server = subprocess.Popen(
            [self.program, "serve", "--stream", "soak", "quiz-events", "--consume", "quiz-events", "-b", self.broker.bootstrap,
             "--listen", "127.0.0.1:0", "--slow", options.slow], env=self.environment, stderr=log)
        deadline = time.monotonic() + 30
        while not self.port:
            assert self.server.poll() is None and time.monotonic() < deadline, (folder / "server.log").read_text()
            found = re.search(r"listening on http://[\d.]+:(\d+)", (folder / "server.log").read_text())
            self.port = int(found[1]) if found else 0
            time.sleep(0.05)

    def client(self, query, reads, seconds):
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536 if reads else 4096)
            one.settimeout(0.5)
            one.connect(("127.0.0.1", self.port))
            one.sendall(HANDSHAKE.format(query).encode())
            until = time.monotonic() + seconds
            while time.monotonic() < until and not self.over.is_set():
                try:
                    if not reads:
                        self.over.wait(0.2)
                    elif not one.recv(65536):
                        return
                except TimeoutError:
                    pass

    def visitors(self):
        dice = random.Random(1)
        while not self.over.is_set():
            self.visits += 1
            try:
                self.client(dice.choice(QUERIES), dice.random() > 0.2, dice.uniform(0.05, 6))
            except OSError:
                time.sleep(0.1)

    def post(self, number):
        event = {"event_id": f"e{number}", "event_type": "ANSWER", "session_id": f"s{number % 50}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/events", json.dumps(event).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()
                self.accepted.add(event["event_id"])
        except (urllib.error.HTTPError, OSError):
            self.refused += 1

    def writers(self):
        number = 0
        while not self.over.is_set():
            number += 1
            self.post(number)
            time.sleep(0.02)

    def records(self):
        while not self.over.is_set():
            lines = "".join(json.dumps({"data": {"DEVICE_ID": str(n % 5), "N": n}, "x": "y" * 200}) + "\n" for n in range(200))
            subprocess.run([self.program, "produce", "soak", "-q", "-b", self.broker.bootstrap, "--timeout", "60s"],
                           input=lines.encode(), env=self.environment, stderr=subprocess.DEVNULL, check=False)
            self.over.wait(0.3)

    def restarts(self):
        """Stays until the end: a broker dies with the thread that started it."""
        while not self.over.wait(self.options.restart_every):
            self.broker.kill9()
            self.over.wait(5)
            self.broker.restart()
        self.settled.set()
        self.ended.wait()

    def sample(self):
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        return (int(re.search(r"VmRSS:\s+(\d+)", status)[1]), len(os.listdir(f"/proc/{self.server.pid}/fd")))

    def run(self):
        work = [self.visitors] * 12 + [self.writers, self.records]
        threads = [threading.Thread(target=one, daemon=True) for one in work]
        for thread in [*threads, threading.Thread(target=self.restarts, daemon=True)]:
            thread.start()
        samples, end = [], time.monotonic() + self.options.minutes * 60
        while time.monotonic() < end:
            time.sleep(1)
            assert self.server.poll() is None, f"the server ended with {self.server.returncode}"
            samples.append(self.sample())
        self.over.set()
        for thread in threads:
            thread.join(60)
        assert self.settled.wait(120), "the broker does not come back"
        quarter = len(samples) // 4
        early, late = samples[quarter:2 * quarter], samples[-quarter:]
        figures = {name: (statistics.median(s[i] for s in early), statistics.median(s[i] for s in late))
                   for i, name in enumerate(("rss_kb", "descriptors"))}
        time.sleep(10)
        self.server.send_signal(signal.SIGTERM)
        try:
            code = self.server.wait(60)
        except subprocess.TimeoutExpired:
            code = None
        there = subprocess.run([self.program, "stream", "quiz-events", "-o", "beginning", "-e", "-q", "-b",
                                self.broker.bootstrap], env=self.environment, capture_output=True, check=True).stdout
        ids = {json.loads(line)["event_id"] for line in there.splitlines()}
        lost = len(self.accepted - ids)
        flat = all(after <= before * 1.1 for before, after in figures.values())
        print(json.dumps({"minutes": self.options.minutes, "clients": self.visits, "accepted": len(self.accepted),
                          "refused": self.refused, "lost": lost, "exit": code, "flat": flat,
                          "every_tenth": [[s[i] for s in samples[:: max(1, len(samples) // 10)]] for i in range(2)],
                          **{name: {"early": a, "late": b} for name, (a, b) in figures.items()}}))
        return 0 if flat and lost == 0 and code == 0 else 1

    def end(self):
        self.over.set()
        self.ended.set()
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        self.broker.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--restart-every", type=float, default=120)
    parser.add_argument("--slow", default="drop", choices=["drop", "close"])
    options = parser.parse_args()
    program = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(program, options, pathlib.Path(folder))
        try:
            soak.start()
            return soak.run()
        finally:
            soak.end()


if __name__ == "__main__":
    sys.exit(main())
