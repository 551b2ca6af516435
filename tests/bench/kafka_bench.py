"""Sets the Kafka transport beside kcat: a million records written and read, alternately, medians of five.

    python3 tests/bench/kafka_bench.py BROKER build/release/tests/kbeat_kafka_bench
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kafka_client import KafkaClient  # noqa: E402  (needs the path above)

RECORDS = 1_000_000
BYTES = 240
ROUNDS = 5


def seconds(command):
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def compare(what, theirs, ours):
    times = [(seconds(theirs), seconds(ours)) for _ in range(ROUNDS)]
    kcat, kbeat = (statistics.median(column) for column in zip(*times))
    print(f"{what}: kcat {kcat:.2f} s, kbeat {kbeat:.2f} s, ratio {kbeat / kcat:.2f}")


def main(broker, program):
    topic = f"bench.{os.getpid()}"
    KafkaClient(broker).create_topic(topic, partitions=3)
    with tempfile.NamedTemporaryFile("w") as lines:
        lines.write(("v" * BYTES + "\n") * RECORDS)
        lines.flush()
        compare("write", ["kcat", "-b", broker, "-P", "-t", topic, "-l", lines.name],
                [program, broker, topic, "produce", str(RECORDS), str(BYTES)])
    compare("read", ["kcat", "-b", broker, "-C", "-t", topic, "-e", "-q"], [program, broker, topic, "consume"])


if __name__ == "__main__":
    main(*sys.argv[1:])
