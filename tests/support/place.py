"""The two places that the main job runs in, Kafka and the embedded log, with one face for tests."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
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
        self.replication = ()  # flags of topics that are made
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
        self.run("topics", "create", name, "--partitions", str(partitions), *self.replication)

    def start(self, *args, **options):
        """Starts kbeat without waiting for it; stderr goes to a file that `log` reads."""
        with open(self.home / "stderr.log", "ab") as log:
            self._started.append(
                subprocess.Popen([self.program, *args], env={**self.environment, **options.pop("env", {})},
                                 stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL, **options))
        return self._started[-1]

    def clear(self):
        """Kills what was started and still runs: the test that did it has failed, and what it said is shown."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait()
                print(self.log()[-6000:], file=sys.stderr)

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

    def produce(self, topic, lines, key_delimiter=None, headers=()):
        """Lines, text or bytes, into a topic: by kcat on Kafka, by kbeat itself on the embedded log."""
        data = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
        options = ["-K", key_delimiter] if key_delimiter else []
        for name, value in headers:
            options += ["-H", f"{name}={value}"]
        if self.broker:
            subprocess.run(["kcat", "-b", self.broker.bootstrap, "-P", "-t", topic, "-X", "partitioner=murmur2_random",
                            *options], input=data, check=True, timeout=LIMIT_S)
        else:
            self.run("produce", topic, *options, stdin=data)

    def records(self, topic, headers=dict):
        """All records of a topic as (key, value, headers), read by kcat on Kafka. With headers=list doubles stay."""
        if self.broker:
            out = self._kcat("-J", "-t", topic)
            return [_kcat_record(json.loads(line), headers) for line in out.splitlines()]
        out = self.run("consume", topic, "--print", "-J", "-o", "beginning", "-e").stdout
        return [_envelope_record(json.loads(line), headers) for line in out.splitlines()]

    def values(self, topic):
        """All records of a topic as (partition, offset, value in bytes); None for a tombstone."""
        if self.broker:
            out = self._kcat("-t", topic, "-f", "%p %o %S %s\n")
        else:
            out = self.run("consume", topic, "--print", "-f", "%p %o %S %s\n", "-o", "beginning", "-e").stdout
        return list(_split_values(out))

    def _kcat(self, *options):
        return subprocess.run(["kcat", "-b", self.broker.bootstrap, "-C", "-e", "-q", *options],
                              capture_output=True, check=True, timeout=LIMIT_S).stdout

    def resources(self, process):
        """Bytes in memory and open files of a process; nothing when it is gone."""
        try:
            with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
                pages = file.read().split()
            return int(pages[1]) * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{process.pid}/fd"))
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return 0, 0

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

    def number(self, sql):
        """What a query of one number finds; 0 while the store is not there yet."""
        try:
            return self.query(sql)[0][0]
        except sqlite3.OperationalError:
            return 0

    def count(self, table):
        """Rows of a table; 0 while the store is not there yet."""
        return self.number(f"SELECT count(*) FROM {table}")

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


def _kcat_record(record, headers):
    flat = record.get("headers", [])
    return record["key"], record["payload"], headers(zip(flat[::2], flat[1::2]))


def _envelope_record(record, headers):
    return record["key"], record["payload"], headers((each["key"], each["value"]) for each in record["headers"])


def _split_values(out):
    """Records as `PARTITION OFFSET LENGTH VALUE` and a newline, whatever bytes the value has."""
    at = 0
    while at < len(out):
        fields = out[at:at + 60].split(b" ", 3)
        partition, offset, length = (int(field) for field in fields[:3])
        at += sum(len(field) + 1 for field in fields[:3])
        yield partition, offset, None if length < 0 else out[at:at + length]
        at += max(length, 0) + 1


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
