#!/usr/bin/env python3
"""kbeat's guarded path against a Python consumer with the same guarantees: quiz events from Kafka into SQLite.

    tests/bench/bench_consume.py [--records 1000000] [--rounds 3] [--batch-size 1000]

Both read the same topic of three partitions, deduplicate by event id and commit effects, dedupe and positions in one
transaction (synchronous=FULL) a batch, the broker's copy after it. They run in turns; medians of events a second and of
CPU time an event. KBEAT_PROGRAM names the program (else build/release/kbeat), KBEAT_TEST_BROKER a broker (else one is
started); the Python client is installed into build/bench.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)

GOAL_PER_SECOND = 100_000
GOAL_CPU_RATIO = 1 / 3

PEER = r"""
import json, sqlite3, sys
from confluent_kafka import Consumer, OFFSET_BEGINNING, TopicPartition

broker, topic, path, batch_size, total = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
store = sqlite3.connect(path, isolation_level=None)
store.executescript('''
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE positions(topic TEXT, partition INTEGER, next INTEGER, PRIMARY KEY(topic, partition));
CREATE TABLE quiz_events(id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event_type TEXT, timestamp TEXT,
  session_id TEXT, quiz_id TEXT, classroom_id TEXT, question_id TEXT, timer_sec REAL, raw TEXT);
''')
consumer = Consumer({"bootstrap.servers": broker, "group.id": "peer-" + topic, "enable.auto.commit": False,
                     "enable.auto.offset.store": False, "isolation.level": "read_committed", "check.crcs": True,
                     "auto.offset.reset": "error"})

def start(consumer, partitions):
    for partition in partitions:
        row = store.execute("SELECT next FROM positions WHERE topic = ? AND partition = ?",
                            (topic, partition.partition)).fetchone()
        partition.offset = row[0] if row else OFFSET_BEGINNING
    consumer.assign(partitions)

consumer.subscribe([topic], on_assign=start)
seen = 0
while seen < total:
    messages = consumer.consume(batch_size, 1.0)
    rows, positions = [], {}
    for message in messages:
        if message.error():
            raise SystemExit(str(message.error()))
        value = message.value()
        event = json.loads(value)
        rows.append((event["event_id"], event["event_type"], event["timestamp"], event["session_id"], event["quiz_id"],
                     event["classroom_id"], event["question_id"], event.get("timer_sec"), value.decode()))
        positions[message.partition()] = message.offset() + 1
    if not rows:
        continue
    store.execute("BEGIN IMMEDIATE")
    store.executemany("INSERT INTO quiz_events(event_id, event_type, timestamp, session_id, quiz_id, classroom_id, "
                      "question_id, timer_sec, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
    store.executemany("INSERT INTO positions VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
                      [(topic, partition, offset) for partition, offset in positions.items()])
    store.execute("COMMIT")
    consumer.commit(offsets=[TopicPartition(topic, partition, offset) for partition, offset in positions.items()],
                    asynchronous=True)
    seen += len(rows)
consumer.close()
"""


def write_events(path, count):
    """Keyed lines of about 270 bytes; ids are random UUIDs, as producers make them."""
    chance = random.Random(11)
    with open(path, "w", encoding="ascii") as out:
        for number in range(count):
            session = f"session-{number // 40}"
            out.write(session + "\t" + json.dumps({
                "event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "event_type": "answer_submitted",
                "timestamp": "2026-01-31T09:00:00.000Z", "session_id": session, "quiz_id": f"quiz-{number // 400}",
                "classroom_id": f"c-{number // 1000}", "question_id": f"q-{number % 40}", "timer_sec": 12.5}) + "\n")


def python_with_client(folder):
    """An interpreter that has confluent-kafka."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "confluent-kafka"], check=True)
    return python


def measured(command, **options):
    """Wall and CPU seconds of a command that must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def count_events(path):
    out = subprocess.run(["sqlite3", str(path), "SELECT count(*), count(DISTINCT event_id) FROM quiz_events"], check=True,
                         capture_output=True, text=True).stdout
    return [int(number) for number in out.strip().split("|")]


def consume(program, broker, topic, options, records):
    with tempfile.TemporaryDirectory(dir=options.dir) as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "KBEAT_HOME": home, "KAFKA_BROKERS": broker}
        figures = measured([program, "-q", "consume", topic, "--as", "quiz-events", "-G", uuid.uuid4().hex, "-e", "--batch-size",
                            options.batch_size, "-j", options.workers], env=environment)
        assert count_events(pathlib.Path(home) / "store.db") == [records, records]
    return figures


def consume_by_peer(python, broker, topic, options, records):
    with tempfile.TemporaryDirectory(dir=options.dir) as home:
        store = pathlib.Path(home) / "peer.db"
        figures = measured([python, "-c", PEER, broker, f"{topic}", store, options.batch_size, records])
        assert count_events(store) == [records, records]
    return figures


def told(name, rounds, records):
    wall, cpu = (statistics.median(column) for column in zip(*rounds))
    print(f"{name}: {records / wall:,.0f} events/s, {cpu / records * 1e6:.2f} us of CPU an event "
          f"({', '.join(f'{wall:.2f} s' for wall, _ in rounds)})", flush=True)
    return records / wall, cpu / records


def run(program, broker, options, folder):
    python = python_with_client(REPOSITORY / "build" / "bench" / "consume")
    topic = f"bench-consume-{os.getpid()}"
    lines = folder / "events"
    write_events(lines, options.records)
    common = [program, "-q", "-b", broker]
    subprocess.run([*common, "topics", "create", topic, "--partitions", "3"], check=True)
    try:
        subprocess.run([*common, "produce", topic, "-K", "\t", "-l", str(lines)], check=True)
        ours, peers = [], []
        for _ in range(options.rounds):
            ours.append(consume(program, broker, topic, options, options.records))
            peers.append(consume_by_peer(python, broker, topic, options, options.records))
        rate, cpu = told("kbeat", ours, options.records)
        peer_rate, peer_cpu = told("Python, confluent-kafka and sqlite3", peers, options.records)
        print(f"ratio of rates {rate / peer_rate:.2f} (promised 1), of CPU {cpu / peer_cpu:.2f} (promised {GOAL_CPU_RATIO:.2f}), "
              f"rate {rate:,.0f} (promised {GOAL_PER_SECOND:,})")
    finally:
        subprocess.run([*common, "topics", "delete", topic, "--yes"], check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dir", default=None, help="where the stores lie (default: the temporary folder)")
    options = parser.parse_args()
    program = os.environ.get("KBEAT_PROGRAM", str(REPOSITORY / "build" / "release" / "kbeat"))
    folder = pathlib.Path(tempfile.mkdtemp())
    broker, own = os.environ.get("KBEAT_TEST_BROKER"), None
    try:
        if not broker:
            own = KafkaBroker()
            own.start()
            broker = own.bootstrap
        run(program, broker, options, folder)
    finally:
        if own:
            own.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
