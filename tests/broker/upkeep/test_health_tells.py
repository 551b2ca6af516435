"""What goes wrong is told by `kbeat health`, from another process, within ten seconds."""

import json
import re
import subprocess
import time
import urllib.request

from kafka_broker import free_port
from kbeat_runner import Kbeat

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
    consumer = kbeat.start("-q", "consume", "generic_topic", *arguments, "--metrics-listen", f"127.0.0.1:{port}",
                           "--batch-timeout", "50ms", stdout=subprocess.PIPE,
                           env={"KAFKA_CONNECTION_MAX_RETRIES": "1", "KAFKA_CONNECTION_RETRY_DELAY": "100", "KAFKA_COOLDOWN": "60000"})
    try:
        told(kbeat, 30, lambda code, report: code == 0 and report["consumers"], "--ready", *arguments)
        kbeat("-q", "produce", "generic_topic", *arguments, stdin="{}\n{}\n")
        assert [json.loads(consumer.stdout.readline())["outcome"] for _ in range(2)] == ["done", "done"]

        own_broker.kill9()
        report = told(kbeat, WITHIN, lambda code, report: code == 1 and report["consumers"]
                      and report["consumers"][0]["connection"] == "disconnected",
                      "--ready", *arguments, "--timeout", "1s")
        assert report["kafka"] == "disconnected"
        # An attempt takes up to ten seconds to fail, and giving partitions back to a broker that is away up to
        # thirty: only then does the loop come to its cool-down.
        told(kbeat, 60, lambda code, report: report["in_cooldown"] and report["retry_count"] == 1,
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
