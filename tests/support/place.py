"""The two places that the main job runs in, Kafka and the embedded log, with one face for tests."""

import json
import os
import signal
import sqlite3
import subprocess
import time
import uuid

LIMIT_S = 120


class Place:
    """A data directory, a transport and a program that works there. `broker` is None for the embedded log."""

    def __init__(self, program, home, broker=None):
        self.program = program
        self.home = home
        self.broker = broker
        self.group = f"g-{uuid.uuid4().hex[:8]}"
        self._started = []
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "KBEAT_HOME": str(home / "data"),
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
        }
        if broker:
            self.environment["KAFKA_BROKERS"] = broker.bootstrap

    def topic(self, stem, partitions=3):
        """A topic of the test's own."""
        name = f"{stem}-{uuid.uuid4().hex[:8]}"
        self.create(name, partitions)
        return name

    def create(self, name, partitions):
        if self.broker:
            self.broker.create_topic(name, partitions)
        else:
            self.run("topics", "create", name, "--partitions", str(partitions))

    def start(self, *args, **options):
        """Starts kbeat without waiting for it; stderr goes to a file that `log` reads."""
        with open(self.home / "stderr.log", "ab") as log:
            self._started.append(
                subprocess.Popen([self.program, *args], env={**self.environment, **options.pop("env", {})},
                                 stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL, **options))
        return self._started[-1]

    def clear(self):
        """Kills what was started and still runs: the test that did it has failed."""
        for process in self._started:
            process.kill()
            process.wait()

    def log(self):
        return (self.home / "stderr.log").read_text()

    def run(self, *args, stdin=b"", check=True, env=None, **options):
        """Runs kbeat to its end and returns the finished process; a wrong exit code shows what it said."""
        done = subprocess.run([self.program, *args], env={**self.environment, **(env or {})}, input=stdin,
                              capture_output=True, timeout=LIMIT_S, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"kbeat {' '.join(args)} exited {done.returncode}: {done.stderr.decode()[-3000:]}")
        return done

    def consume(self, topic, *args, **options):
        return self.run("consume", topic, "-G", self.group, "-e", *args, **options)

    def produce(self, topic, lines, key_delimiter=None):
        """Lines, text or bytes, into a topic: by kcat on Kafka, by kbeat itself on the embedded log."""
        data = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
        if self.broker:
            keyed = ["-K", key_delimiter] if key_delimiter else []
            subprocess.run(["kcat", "-b", self.broker.bootstrap, "-P", "-t", topic, "-X", "partitioner=murmur2_random",
                            *keyed], input=data, check=True, timeout=LIMIT_S)
        else:
            self.run("produce", topic, *(["-K", key_delimiter] if key_delimiter else []), stdin=data)

    def records(self, topic):
        """All records of a topic as (key, value, headers), read by kcat on Kafka."""
        if self.broker:
            out = subprocess.run(["kcat", "-b", self.broker.bootstrap, "-C", "-e", "-q", "-J", "-t", topic],
                                 capture_output=True, check=True, timeout=LIMIT_S).stdout
            return [_kcat_record(json.loads(line)) for line in out.splitlines()]
        out = self.run("consume", topic, "--print", "-J", "-o", "beginning", "-e").stdout
        return [_envelope_record(json.loads(line)) for line in out.splitlines()]

    def positions(self, topic):
        """The store's next offset of each partition that has one."""
        try:
            return dict(self.query(f"SELECT partition, next FROM positions WHERE topic = '{topic}' AND next NOT NULL"))
        except sqlite3.OperationalError:
            return {}

    def query(self, sql):
        """Rows of the store, read by SQLite itself."""
        connection = sqlite3.connect(f"file:{self.home}/data/store.db?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def count(self, table):
        """Rows of a table; 0 while the store is not there yet."""
        try:
            return self.query(f"SELECT count(*) FROM {table}")[0][0]
        except sqlite3.OperationalError:
            return 0

    def lag(self, topic):
        """What the group has not committed, by Kafka's own tool or by kbeat on the embedded log."""
        if not self.broker:
            out = self.run("groups", "lag", self.group, "--output", "json").stdout
            rows = [json.loads(line) for line in out.splitlines()]
            return sum(row["lag"] for row in rows if row["topic"] == topic)
        out = self.broker.tool("kafka-consumer-groups", "--describe", "--group", self.group)
        rows = [line.split() for line in out.splitlines() if line.split()[1:2] == [topic]]
        assert rows, f"the group has no position in {topic}:\n{out}"
        return sum(int(row[5]) for row in rows)


def _kcat_record(record):
    headers = record.get("headers", [])
    return record["key"], record["payload"], dict(zip(headers[::2], headers[1::2]))


def _envelope_record(record):
    return record["key"], record["payload"], {each["key"]: each["value"] for each in record["headers"]}


def wait_until(what, condition, limit_s=60, alive=None):
    """Polls `condition` until it holds. `alive`, a process, must not end meanwhile."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {limit_s} s in vain for {what}"
        assert alive is None or alive.poll() is None, f"the process ended with {alive.returncode} before {what}"
        time.sleep(0.05)


def kill9(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
