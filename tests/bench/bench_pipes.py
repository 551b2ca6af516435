#!/usr/bin/env python3
"""The figures of kbeat's pipes, against kcat on one broker: what is lost, how fast, how soon, in how much memory.

    tests/bench/bench_pipes.py [--records 1000000] [--rounds 5] [PART …]

Both programs read and write the same records alternately; medians and their ratios. Parts: lossless, kafka,
embedded, startup, memory, ends; without names all of them.

KBEAT_PROGRAM names the program (else build/release/kbeat), KBEAT_TEST_BROKER a broker (else one is started).
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
sys.path[:0] = [str(REPOSITORY / "tests" / "support"), str(REPOSITORY / "tests" / "bench")]

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)
import pipe_figures  # noqa: E402


def write_records(file, count):
    """About 240 bytes a line; one in ten is a REFUND."""
    with open(file, "w", encoding="ascii") as out:
        for number in range(count):
            out.write(json.dumps({"id": number, "type": "REFUND" if number % 10 == 0 else "ORDER", "country": "SE",
                                  "user": f"user-{number % 1000}", "total": number % 500 + 0.5, "note": "x" * 130}) + "\n")


def measured(command, stdin=None):
    """Returns wall and CPU seconds of a command that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open(stdin or os.devnull, "rb") as source:
        subprocess.run(command, stdin=source, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def comparisons(kbeat, broker, topic, sink, lines, envelopes):
    """Name: our command and stdin, the peer's command and stdin, the ratio of wall times that is promised."""
    ours, peer = [kbeat, "-q", "-b", broker], ["kcat", "-q", "-b", broker]
    read = [*ours, "consume", topic, "--print", "-e"]
    plain = ([*peer, "-C", "-t", topic, "-e", "-o", "beginning"], None)
    return {
        "consume": ((read, None), plain, 1.1),
        "consume -J": (([*read, "-J"], None), ([*plain[0], "-J"], None), 0.2),
        "consume --where, against kbeat's plain consume": (([*read, "--where", 'type == "REFUND"'], None), (read, None), 1.5),
        "produce -l": (([*ours, "produce", sink, "-l", lines], None), ([*peer, "-P", "-t", sink, "-l", lines], None), 1.0),
        "produce -J, against kcat -P": (([*ours, "produce", sink, "-J"], envelopes),
                                        ([*peer, "-P", "-t", sink, "-l", lines], None), 1.3),
    }


def compare(bench, lines):
    """Prints wall and CPU seconds of each comparison."""
    topic, sink, envelopes = bench.topic("read"), bench.topic("sink"), str(bench.folder / "envelopes")
    bench.kbeat("produce", topic, "-l", lines)
    with open(envelopes, "wb") as out:
        subprocess.run([*bench.ours, "consume", topic, "-J", "-e"], stdout=out, check=True)
    for name, (ours, peer, promised) in comparisons(bench.program, bench.broker, topic, sink, lines, envelopes).items():
        rounds = [(measured(*ours), measured(*peer)) for _ in range(bench.rounds)]
        (wall, cpu), (peer_wall, peer_cpu) = [
            [statistics.median(values) for values in zip(*side)] for side in zip(*rounds)]
        print(f"{name}: {wall:.2f} s ({cpu:.2f} of CPU) against {peer_wall:.2f} ({peer_cpu:.2f}), "
              f"ratio {wall / peer_wall:.2f}, promised at most {promised}", flush=True)


def run(bench, options):
    lines = str(bench.folder / "lines")
    write_records(lines, options.records)
    print(f"{options.records} records, medians of {options.rounds}", flush=True)
    parts = {
        "lossless": lambda: pipe_figures.lossless(bench),
        "kafka": lambda: compare(bench, lines),
        "embedded": lambda: pipe_figures.embedded(bench, lines, options.records, options.log_records),
        "startup": lambda: pipe_figures.startup(bench),
        "memory": lambda: pipe_figures.memory(bench, lines, options.memory_gb),
        "ends": lambda: pipe_figures.ends(bench, lines),
    }
    for name in options.parts or parts:
        print(f"-- {name}", flush=True)
        parts[name]()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--log-records", type=int, default=10_000_000, help="in the embedded log that is opened")
    parser.add_argument("--memory-gb", type=float, default=5.0, help="size of the topic whose reader is weighed")
    parser.add_argument("parts", nargs="*", metavar="PART")
    options = parser.parse_args()
    kbeat = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    running = os.environ.get("KBEAT_TEST_BROKER")
    own = None if running else KafkaBroker()
    if own:
        own.start()
    try:
        with tempfile.TemporaryDirectory(prefix="kbeat-bench-") as folder:
            with pipe_figures.Bench(kbeat, running or own.bootstrap, pathlib.Path(folder), options.rounds) as bench:
                run(bench, options)
    finally:
        if own:
            own.stop()


if __name__ == "__main__":
    main()
