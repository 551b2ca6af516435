#!/usr/bin/env python3
"""kbeat against kcat on one broker: both read and write the same records alternately; medians and their ratios.

    tests/bench/bench_pipes.py [--records 1000000] [--rounds 5]

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
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)


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


def run(kbeat, broker, options, folder):
    topic, sink = f"bench-{os.getpid()}", f"bench-sink-{os.getpid()}"
    lines, envelopes = str(folder / "lines"), str(folder / "envelopes")
    write_records(lines, options.records)
    subprocess.run([kbeat, "-q", "-b", broker, "topics", "create", topic, sink], check=True)
    try:
        subprocess.run([kbeat, "-q", "-b", broker, "produce", topic, "-l", lines], check=True)
        with open(envelopes, "wb") as out:
            subprocess.run([kbeat, "-q", "-b", broker, "consume", topic, "--print", "-e", "-J"], stdout=out, check=True)
        print(f"{options.records} records, medians of {options.rounds}: wall (CPU) seconds")
        for name, (ours, peer, promised) in comparisons(kbeat, broker, topic, sink, lines, envelopes).items():
            rounds = [(measured(*ours), measured(*peer)) for _ in range(options.rounds)]
            (wall, cpu), (peer_wall, peer_cpu) = [
                [statistics.median(values) for values in zip(*side)] for side in zip(*rounds)]
            print(f"{name}: {wall:.2f} ({cpu:.2f}) against {peer_wall:.2f} ({peer_cpu:.2f}), "
                  f"ratio {wall / peer_wall:.2f}, promised {promised}")
    finally:
        subprocess.run([kbeat, "-q", "-b", broker, "topics", "delete", topic, sink, "--yes"], check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    kbeat = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    running = os.environ.get("KBEAT_TEST_BROKER")
    own = None if running else KafkaBroker()
    if own:
        own.start()
    try:
        with tempfile.TemporaryDirectory(prefix="kbeat-bench-") as folder:
            run(kbeat, running or own.bootstrap, options, pathlib.Path(folder))
    finally:
        if own:
            own.stop()


if __name__ == "__main__":
    main()
