"""What goes wrong is told by `kbeat health`, from another process, within ten seconds."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from kafka_broker import free_port
from kbeat_runner import Kbeat
from live_server import eventually

WITHIN = 10


def told(kbeat, seconds, wanted, *arguments):
    """The first report that satisfies `wanted`, with its exit code; fails after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        result = kbeat("health", *arguments, timeout=30)
        report = result.rows[0]
        if wanted(result.code, report):
            return report
        assert time.monotonic() < end, report
        time.sleep(0.1)


def test_a_broker_that_goes_and_a_consumer_that_dies(program, tmp_path, own_broker):
    kbeat = Kbeat(program, tmp_path)
    arguments = ("-b", own_broker.bootstrap)
    port = free_port()
    log = tmp_path / "log"
    with open(log, "wb") as errors:
        consumer = kbeat.start("consume", "generic_topic", *arguments, "--metrics-listen", f"127.0.0.1:{port}",
                               "--batch-timeout", "50ms", stdout=subprocess.PIPE, stderr=errors,
                               env={"KAFKA_CONNECTION_MAX_RETRIES": "1", "KAFKA_CONNECTION_RETRY_DELAY": "100",
                                    "KAFKA_COOLDOWN": "60000"})
    try:
        # Connected comes before the topics are made; with its partitions, they are there.
        told(kbeat, 30, lambda code, report: code == 0 and report["consumers"]
             and report["consumers"][0]["detail"]["partitions"] > 0, "--ready", *arguments)
        assert kbeat("-q", "produce", "generic_topic", *arguments, stdin="{}\n{}\n").code == 0
        assert [json.loads(consumer.stdout.readline())["outcome"] for _ in range(2)] == ["done", "done"]

        own_broker.kill9()
        report = told(kbeat, WITHIN, lambda code, report: code == 1 and report["consumers"]
                      and report["consumers"][0]["connection"] == "disconnected",
                      "--ready", *arguments, "--timeout", "1s")
        assert report["kafka"] == "disconnected"
        # An attempt takes up to ten seconds to fail, and giving partitions back to a broker that is away up to
        # thirty: only then does the loop come to its cool-down.
        eventually(lambda: "Cooling down for" in log.read_text(), "the cool-down", limit=60)
        told(kbeat, WITHIN, lambda code, report: report["in_cooldown"] and report["retry_count"] == 1,
             "--ready", *arguments, "--timeout", "1s")
        metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        assert re.search(r"^kbeat_connected 0$", metrics, re.MULTILINE)
        assert re.search(r"^kafka_consumer_messages_processed_total 2$", metrics, re.MULTILINE)

        consumer.kill()
        consumer.wait()
        report = told(kbeat, WITHIN, lambda code, report: code == 1, "--live", *arguments)
        assert "died or hangs" in next(check["text"] for check in report["checks"] if check["check"] == "consumer")
    finally:
        consumer.kill()
        consumer.wait()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 20 MiB for the data."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def deep(kbeat, check, state, *arguments):
    """Begins when something went wrong: the seconds until a deep look from another process tells it."""
    begun = time.monotonic()
    report = told(kbeat, WITHIN, lambda code, report: any(each["check"] == check and each["state"] == state
                                                          for each in report["checks"]), "--deep", *arguments)
    return round(time.monotonic() - begun, 2), report


def test_lag_letters_disk_and_a_damaged_store_are_told_in_time(program, tmp_path, broker, small_disk, record_property):
    """Each is brought about for real beside a running consumer; the seconds it takes are noted."""
    topic = f"told-{os.getpid()}"
    config = tmp_path / "config.toml"
    config.write_text('[alerts]\nlag = "warning=3,critical=10"\ndlq_growth = "warning=1,critical=5"\n'
                      '[[route]]\ntopic = "%s"\nhandler = "exec"\ncommand = "%s"\n' % (topic, tmp_path / "handle"))
    kbeat = Kbeat(program, tmp_path)
    kbeat.data_dir = small_disk / "data"
    handle = tmp_path / "handle"
    handle.write_text("#!/bin/sh\nread -r line\ncase $line in *bad*) echo no >&2; exit 1 ;; *slow*) exec sleep 600 ;; esac\n")
    handle.chmod(0o755)
    common = ("-b", broker.bootstrap, "--config", config, "-G", topic)
    assert kbeat("topics", "create", topic, "-b", broker.bootstrap).code == 0
    consumer = kbeat.start("-q", "consume", topic, *common, "--batch-timeout", "50ms", stdout=subprocess.PIPE)
    looking = ("-b", broker.bootstrap, "--config", config)
    seconds = {}

    def produce(*lines):
        assert kbeat("-q", "produce", topic, "-b", broker.bootstrap, stdin="".join(f"{line}\n" for line in lines)).code == 0

    try:
        produce('"good"')
        assert json.loads(consumer.stdout.readline())["outcome"] == "done"
        told(kbeat, 30, lambda code, report: code == 0 and report["consumers"], "--deep", *looking)

        produce(*['"bad"'] * 6)
        seconds["DLQ growing"], _ = deep(kbeat, "dlq_growth", "critical", *looking)
        produce(*['"slow"'] * 12)
        seconds["lag over threshold"], report = deep(kbeat, "lag", "critical", *looking)
        assert report["lag"] >= 10
        (small_disk / "filler").write_bytes(b"x" * int(shutil.disk_usage(small_disk).free * 0.97))
        seconds["disk nearly full"], _ = deep(kbeat, "disk", "critical", *looking)
        (small_disk / "filler").unlink()

        consumer.kill()
        consumer.wait()
        with sqlite3.connect(kbeat.data_dir / "store.db") as store:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        file = kbeat.data_dir / "store.db"
        whole = bytearray(file.read_bytes())
        page = next(at for at in range(4096, len(whole), 4096) if whole[at] == 0x0D)  # a leaf with rows
        whole[page] ^= 0x40
        file.write_bytes(whole)
        seconds["store damaged"], _ = deep(kbeat, "store", "critical", *looking)
    finally:
        consumer.kill()
        consumer.wait()
    record_property("seconds", json.dumps(seconds))
    print(json.dumps(seconds))
    assert max(seconds.values()) < WITHIN
