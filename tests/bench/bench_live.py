#!/usr/bin/env python3
"""The live side under load, server and load on the same machine: requests, events, clients, delays, memory.

    tests/bench/bench_live.py [--only livez,events,overload,fanout,devices,stuck] [--seconds 8]

KBEAT_PROGRAM names the program (else build/release/kbeat), KBEAT_TEST_BROKER a broker (else one is started).
Each line is a figure with what it has to be; the exit code is 1 when one misses.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)

LOAD = REPOSITORY / "build" / "bench" / "live_load"

# Each event has an id of its own; statuses are counted, and those without Retry-After where there has to be one.
EVENTS = """
local thread_number = 0
function setup(thread) thread:set("number", thread_number); thread_number = thread_number + 1; threads = threads or {}; table.insert(threads, thread) end
function init(args) count = 0; good = 0; later = 0; bad = 0; salt = tostring(os.time()) .. "-" .. number .. "-" .. math.random(1, 1e9) end
function request()
  count = count + 1
  return wrk.format("POST", "/api/events", {["Content-Type"] = "application/json"},
    '{"event_id":"' .. salt .. "-" .. count .. '","event_type":"ANSWER","timestamp":"2026-01-31T09:00:00.000Z","session_id":"s' ..
    count % 100 .. '","quiz_id":"q","classroom_id":"c","question_id":"n","timer_sec":60}')
end
function response(status, headers)
  if status == 200 or status == 202 then good = good + 1
  elseif (status == 429 or status == 503) and headers["Retry-After"] then later = later + 1
  else bad = bad + 1 end
end
function done(summary, latency)
  local g, l, b = 0, 0, 0
  for _, thread in ipairs(threads) do g = g + thread:get("good"); l = l + thread:get("later"); b = b + thread:get("bad") end
  local e = summary.errors
  io.write(string.format('{"good":%d,"later":%d,"bad":%d,"socket":%d,"timeouts":%d,"p99_ms":%.2f,"seconds":%.3f}\\n',
    g, l, b, e.connect + e.read + e.write, e.timeout, latency:percentile(99) / 1000, summary.duration / 1e6))
end
"""


class Server:
    def __init__(self, program, home, *arguments):
        self.log = home / "server.log"
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "KBEAT_HOME": str(home / "data")}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, *arguments, "--listen", "127.0.0.1:0"], env=environment, stderr=log)
        deadline = time.monotonic() + 20
        found = None
        while not found and time.monotonic() < deadline:
            found = re.search(r"listening on http://[\d.]+:(\d+)", self.log.read_text())
            time.sleep(0.02)
        self.port = int(found[1])

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def metric(self, name):
        text = urllib.request.urlopen(self.url("/metrics"), timeout=30).read().decode()
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])

    def memory_kb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


def wrk(server, seconds, connections, script=None, path="/livez", threads=1):
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if script:
        command += ["-s", str(script)]
    said = subprocess.run([*command, server.url(path)], capture_output=True, text=True, check=True).stdout
    return json.loads(said.strip().split("\n")[-1]) if script else float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


class Bench:
    def __init__(self, program, options, folder):
        self.program, self.options, self.folder = program, options, folder
        self.missed = False
        self.broker = None
        self.homes = 0

    def say(self, what, value, wanted, passed, **more):
        self.missed = self.missed or not passed
        print(json.dumps({"figure": what, "value": value, "wanted": wanted, "passed": passed, **more}), flush=True)

    def home(self):
        self.homes += 1
        made = self.folder / f"home{self.homes}"
        made.mkdir()
        return made

    def bootstrap(self):
        if os.environ.get("KBEAT_TEST_BROKER"):
            return os.environ["KBEAT_TEST_BROKER"]
        if not self.broker:
            self.broker = KafkaBroker()
            self.broker.start()
            # A cluster's very first idempotent producer waits half a second for its number.
            self.kbeat("topics", "create", "first", "-b", self.broker.bootstrap)
            subprocess.run([self.program, "produce", "first", "-q", "-b", self.broker.bootstrap], input=b"1\n", check=True)
        return self.broker.bootstrap

    def kbeat(self, *arguments, stdin=None):
        subprocess.run([self.program, *arguments, "-q"], stdin=stdin, stdout=subprocess.DEVNULL, check=True)

    def livez(self):
        server = Server(self.program, self.home(), "serve", "--no-schedules")
        rate = wrk(server, self.options.seconds, 64)
        server.stop()
        self.say("GET /livez, requests a second", round(rate), ">= 30000", rate >= 30_000)

    def events_script(self):
        script = self.folder / "events.lua"
        script.write_text(EVENTS)
        return script

    def events(self):
        server = Server(self.program, self.home(), "serve", "--no-schedules")
        found = wrk(server, self.options.seconds, 256, self.events_script(), "/api/events")
        accepted = server.metric("kbeat_ingest_accepted_total")
        rate = found["good"] / found["seconds"]
        cpu = server.cpu_seconds()
        server.stop()
        self.say("POST /api/events, durable events a second", round(rate), ">= 15000",
                 rate >= 15_000 and found["bad"] + found["socket"] == 0 and accepted >= found["good"], cpu=round(cpu, 1), **found)

    def overload(self):
        server = Server(self.program, self.home(), "serve", "--no-schedules")
        found = wrk(server, self.options.seconds, 16_000, self.events_script(), "/api/events", threads=2)
        rate = found["good"] / found["seconds"]
        server.stop()
        self.say("16000 writers at once: answers that are no 2xx, 429 or 503 with Retry-After", found["bad"], "0",
                 found["bad"] == 0 and found["socket"] == 0, rate=round(rate), **found)

    def clients(self, server, **options):
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        process = subprocess.Popen([LOAD, "clients", "--port", str(server.port), *words], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "in\n"
        return process

    def topic(self, name, partitions=2):
        topic = f"{name}-{os.getpid()}-{int(time.time())}"
        self.kbeat("topics", "create", topic, "-p", str(partitions), "-b", self.bootstrap())
        return topic

    def feed(self, topic, **options):
        """Records with the time of their making, through kbeat produce."""
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        lines = subprocess.Popen([LOAD, "lines", *words], stdout=subprocess.PIPE)
        produce = subprocess.Popen([self.program, "produce", topic, "-q", "-b", self.bootstrap(), "--preset", "latency"],
                                   stdin=lines.stdout)
        lines.stdout.close()
        return produce

    def fanout(self):
        topic = self.topic("fanout")
        server = Server(self.program, self.home(), "stream", topic, "-b", self.bootstrap())
        self.ready(server)
        before = server.memory_kb()
        idle = self.clients(server, idle=10_000, idle_query="?device_ids=none", wait=1, seconds=1)
        time.sleep(1)
        each = (server.memory_kb() - before) / 10_000
        self.say("memory of an idle client, KB", round(each, 2), "<= 25", each <= 25)
        count = 200 * self.options.seconds
        active = self.clients(server, active=1000, messages=1000 * count, seconds=self.options.seconds + 15, quiet=5)
        used = server.cpu_seconds()
        produce = self.feed(topic, rate=200, count=count)
        found = json.loads(active.stdout.readline())
        produce.wait()
        used = server.cpu_seconds() - used
        idle.stdin.write("\n")
        idle.stdin.close()
        idle.wait()
        server.stop()
        self.say("10000 idle clients beside 1000 with 200 records a second each: p99 delay, ms", found["p99_ms"], "<= 100",
                 found["p99_ms"] <= 100 and found["least"] == found["most"] == count,
                 us_each=round(used * 1e6 / max(1, found["messages"]), 2), **found)

    def ready(self, server):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if urllib.request.urlopen(server.url("/readyz"), timeout=5).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the server is not ready")

    def devices(self):
        """The broker stands still until all clients are in; then it has a million records at once."""
        broker = KafkaBroker()
        broker.start()
        try:
            self.broker, former = broker, self.broker
            kept = os.environ.pop("KBEAT_TEST_BROKER", None)
            topic = self.topic("devices")
            count = 1_500_000
            assert self.feed(topic, count=count, devices=20_000).wait() == 0
            broker.pause()
            server = Server(self.program, self.home(), "stream", topic, "-b", broker.bootstrap, "-o", "beginning")
            clients = self.clients(server, active=10_000, query="?device_ids=%d", messages=count // 2, seconds=120, quiet=10)
            used = server.cpu_seconds()
            broker.resume()
            found = json.loads(clients.stdout.readline())
            used = server.cpu_seconds() - used
            server.stop()
            rate = count / found["seconds"]
            self.say("records a second from Kafka, one of 10000 clients for every second one", round(rate), ">= 100000",
                     rate >= 100_000 and found["messages"] == count // 2, us_each=round(used * 1e6 / count, 2), **found)
        finally:
            self.broker = former
            if kept:
                os.environ["KBEAT_TEST_BROKER"] = kept
            broker.stop()

    def with_stuck(self, topic, stuck):
        """The others' p99 delay in ms and the growth of memory in KB beside so many clients that never read."""
        server = Server(self.program, self.home(), "stream", topic, "-b", self.bootstrap())
        self.ready(server)
        before = server.memory_kb()
        clients = self.clients(server, active=50, stuck=stuck, seconds=self.options.seconds + 5, quiet=3)
        produce = self.feed(topic, rate=1000, count=1000 * self.options.seconds)
        found = json.loads(clients.stdout.readline())
        produce.wait()
        grown = server.memory_kb() - before
        assert found["least"] == found["most"] or stuck, found
        server.stop()
        return found["p99_ms"], grown

    def stuck(self):
        """Alternating, after a run that warms the broker up; medians, since each run has its own bad moments."""
        topic = self.topic("stuck")
        self.with_stuck(topic, 0)
        runs = {0: [], 100: []}
        for turn in range(3):
            for stuck in (0, 100) if turn % 2 == 0 else (100, 0):
                runs[stuck].append(self.with_stuck(topic, stuck))
        delay, memory = ({stuck: statistics.median(run[i] for run in found) for stuck, found in runs.items()} for i in range(2))
        more = (memory[100] - memory[0]) / 100
        self.say("100 clients that never read: more p99 for the others, ms", round(delay[100] - delay[0], 2), "< 10",
                 delay[100] - delay[0] < 10, p99_ms={stuck: [run[0] for run in found] for stuck, found in runs.items()})
        self.say("… and memory of each, KB", round(more), "<= 1200", more <= 1200)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="livez,events,overload,fanout,devices,stuck")
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    program = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    LOAD.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["g++", "-std=c++20", "-O2", "-o", LOAD, REPOSITORY / "tests" / "bench" / "live_load.cpp"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, options, pathlib.Path(folder))
        try:
            for part in options.only.split(","):
                getattr(bench, part)()
        finally:
            if bench.broker:
                bench.broker.stop()
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
