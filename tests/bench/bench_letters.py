#!/usr/bin/env python3
"""Dead letters at size: their errors grouped, and all of them sent back, on a broker and on the embedded log.

    tests/bench/bench_letters.py [--letters 1000000] [--retried 100000] [--rounds 3]

The peer of the first is kcat reading the same topic to nowhere, alternately. What the second sent is read back by
kcat (on the embedded log by kbeat) and has to be each letter once. KBEAT_PROGRAM names the program (else
build/release/kbeat), KBEAT_TEST_BROKER a broker (else one is started).
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from dead_letters import ERRORS, letter  # noqa: E402  (needs the path above)
from kafka_broker import KafkaBroker  # noqa: E402

class Run:
    """kbeat at one place; `broker` is nothing for the embedded log."""

    def __init__(self, program, folder, broker):
        self.program, self.broker = program, broker
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "KBEAT_HOME": str(folder / "data")}
        if broker:
            self.environment["KAFKA_BROKERS"] = broker

    def __call__(self, *arguments, **options):
        done = subprocess.run([self.program, "-q", *map(str, arguments)], env=self.environment, check=True,
                              stdout=options.pop("stdout", subprocess.PIPE), **options)
        return done.stdout

    def fill(self, dlq, origin, count, folder):
        self("topics", "create", dlq, origin, "-p", "1")
        lines = folder / "letters"
        with open(lines, "w", encoding="ascii") as out:
            for number in range(count):
                out.write(letter(number, origin) + "\n")
        with open(lines, "rb") as source:
            self("produce", dlq, "-J", stdin=source)
        lines.unlink()

    def values(self, topic):
        if self.broker:
            read = ["kcat", "-q", "-b", self.broker, "-C", "-t", topic, "-e", "-X", "isolation.level=read_committed"]
            return subprocess.run(read, stdout=subprocess.PIPE, check=True).stdout
        return self("consume", topic, "--print", "-e", "-o", "beginning")


def measured(call):
    """Wall and CPU seconds of a call that runs children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    call()
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def patterns(run, folder, options, place):
    """`dlq inspect --patterns` over many letters."""
    dlq, origin = f"bench-dlq-{os.getpid()}", f"bench-origin-{os.getpid()}"
    run.fill(dlq, origin, options.letters, folder)
    rounds, peers = [], []
    for _ in range(options.rounds):
        rounds.append(measured(lambda: check_patterns(run("dlq", "inspect", "--patterns", "--dlq-topic", dlq), options.letters)))
        if run.broker:
            peers.append(measured(lambda: subprocess.run(
                ["kcat", "-q", "-b", run.broker, "-C", "-t", dlq, "-e"], stdout=subprocess.DEVNULL, check=True)))
    wall, cpu = [statistics.median(column) for column in zip(*rounds)]
    text = f"{place}: inspect --patterns over {options.letters} letters: {wall:.2f} s (CPU {cpu:.2f})"
    if peers:
        peer = statistics.median(each[0] for each in peers)
        text += f", kcat only reading them {peer:.2f} s, ratio {wall / peer:.2f}"
    print(f"{text}, promised for a million: 5 s", flush=True)
    run("topics", "delete", dlq, origin, "--yes")


def check_patterns(out, letters):
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) == len(ERRORS) and sum(row["count"] for row in rows) == letters, rows


def retries(run, folder, options, place):
    """`dlq retry --all` of many letters, each to be found once."""
    rates = []
    for turn in range(options.rounds):
        dlq, origin = f"bench-dlq-{os.getpid()}-{turn}", f"bench-origin-{os.getpid()}-{turn}"
        run.fill(dlq, origin, options.retried, folder)
        wall, cpu = measured(lambda: run("dlq", "retry", "--all", "--yes", "--dlq-topic", dlq))
        sent = sorted(json.loads(line)["event_id"] for line in run.values(origin).splitlines())
        assert sent == sorted(f"e{number}" for number in range(options.retried)), "not each letter once"
        rates.append((options.retried / wall, cpu))
        run("topics", "delete", dlq, origin, dlq + "-state", "--yes")
    rate, cpu = [statistics.median(column) for column in zip(*rates)]
    print(f"{place}: retry --all of {options.retried} letters: {rate:.0f}/s (CPU {cpu:.2f} s), each found once, "
          "promised 20000/s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=1_000_000)
    parser.add_argument("--retried", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    program = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    running = os.environ.get("KBEAT_TEST_BROKER")
    own = None if running else KafkaBroker()
    if own:
        own.start()
    try:
        for place, broker in (("Kafka", running or own.bootstrap), ("embedded log", None)):
            with tempfile.TemporaryDirectory(prefix="kbeat-bench-") as name:
                folder = pathlib.Path(name)
                run = Run(program, folder, broker)
                patterns(run, folder, options, place)
                retries(run, folder, options, place)
    finally:
        if own:
            own.stop()


if __name__ == "__main__":
    main()
