"""Metrics and alerts of running commands, against Prometheus' own checker."""

import json
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples" / "prometheus"


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def value(text, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def test_a_bounded_consumer_leaves_its_figures_in_a_file(kbeat):
    kbeat("produce", "generic_topic", stdin="{}\nnot json\n{}\n", env={})
    file = kbeat.home / "kbeat.prom"
    assert kbeat("-q", "consume", "generic_topic", "-e", "--metrics-file", file).code == 0
    text = file.read_text()
    assert promtool("check", "metrics", text=text) == (0, "")
    assert value(text, "kafka_consumer_messages_consumed_total") == 3
    assert value(text, "kafka_consumer_messages_processed_total") == 3
    assert value(text, 'kbeat_events_total{outcome="dead_letter"}') == 1
    assert value(text, "kafka_consumer_processing_duration_seconds_count") == 3
    assert value(text, "kafka_producer_messages_sent_total") == 1, "the dead letter's way to its topic"
    assert not list(kbeat.home.glob("*.tmp"))


def test_produce_counts_what_was_acknowledged(kbeat):
    file = kbeat.home / "kbeat.prom"
    assert kbeat("-q", "produce", "t", "--metrics-file", file, stdin="a\nb\n").code == 0
    text = file.read_text()
    assert promtool("check", "metrics", text=text) == (0, "")
    assert value(text, "kafka_producer_messages_sent_total") == 2
    assert value(text, "kafka_producer_send_duration_seconds_count") == 2


def test_a_replay_leaves_its_figures_in_a_file(kbeat):
    file = kbeat.home / "kbeat.prom"
    kbeat("produce", "generic_topic", stdin="{}\n{}\n")

    def replay(*arguments):
        assert kbeat("-q", "replay", "generic_topic", *arguments, "--metrics-file", file).code == 0
        text = file.read_text()
        assert promtool("check", "metrics", text=text) == (0, "")
        return [value(text, f"kafka_{name}_total") for name in (
            "consumer_messages_consumed", "consumer_messages_processed", "producer_messages_sent")]

    assert replay("--to", "copy") == [2, 0, 2]
    assert replay("--handle") == [2, 2, 0]


def test_a_flushed_outbox_leaves_its_figures_in_a_file(kbeat):
    file = kbeat.home / "kbeat.prom"
    assert kbeat("-q", "produce", "t", "--outbox", "-b", "127.0.0.1:1", "--timeout", "100ms", stdin="a\n").code == 0
    assert kbeat("-q", "outbox", "flush", "--metrics-file", file).code == 0
    assert value(file.read_text(), "kafka_producer_messages_sent_total") == 1


def test_a_retry_of_dead_letters_leaves_its_figures_in_a_file(kbeat):
    file = kbeat.home / "kbeat.prom"
    kbeat("produce", "notifications", stdin="bad\nworse\n")
    kbeat("consume", "notifications", "-e")
    assert kbeat("-q", "dlq", "retry", "--all", "--yes", "--metrics-file", file).code == 0
    assert promtool("check", "metrics", text=file.read_text()) == (0, "")
    assert value(file.read_text(), "kafka_producer_messages_sent_total") == 4, "two letters and their states"


def test_a_file_that_cannot_be_written_is_an_error(kbeat):
    result = kbeat("-q", "produce", "t", "--metrics-file", kbeat.home / "none" / "k.prom", stdin="a\n")
    assert result.code == 1 and "cannot write metrics" in result.err


@pytest.fixture
def listening(kbeat):
    """A consumer that serves metrics, and its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = kbeat.start("consume", "generic_topic", "--batch-timeout", "10ms", "--metrics-listen", f"127.0.0.1:{port}",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/metrics", timeout=2).read()
            break
        except OSError:
            time.sleep(0.02)
    yield process, url
    process.terminate()
    process.communicate(timeout=20)


def test_a_running_consumer_answers_prometheus(kbeat, listening):
    process, url = listening
    kbeat("-q", "produce", "generic_topic", stdin="{}\n")
    assert json.loads(process.stdout.readline())["outcome"] == "done"
    for _ in range(100):
        answer = urllib.request.urlopen(f"{url}/metrics", timeout=2)
        text = answer.read().decode()
        if value(text, "kafka_consumer_messages_processed_total") == 1:
            break
        time.sleep(0.02)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert value(text, "kafka_consumer_messages_processed_total") == 1
    assert value(text, "kbeat_connected") == 1
    assert promtool("check", "metrics", text=text) == (0, "")
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(f"{url}/other", timeout=2)
    assert missing.value.code == 404
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/metrics", data=b"x", timeout=2)
    assert refused.value.code == 405


def test_a_port_that_is_taken_is_told_at_once(kbeat):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = kbeat("consume", "t", "--metrics-listen", f"127.0.0.1:{taken.getsockname()[1]}", timeout=20)
    assert result.code == 2 and "cannot listen for metrics" in result.err


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "127.0.0.1:70000", "127.0.0.1:", "127.0.0.1: 80", "127.0.0.1", "9100"])
def test_a_port_that_is_none_is_not_taken_for_another(kbeat, address):
    result = kbeat("consume", "t", "-e", "--metrics-listen", address)
    assert result.code == 2 and f'cannot listen for metrics on "{address}": it names no port' in result.err
    if ":" in address:
        result = kbeat("produce", "t", stdin="a\n", env={"STATSD_HOST": address})
        assert result.code == 2 and f'statsd.host "{address}"' in result.err


def test_statsd_gets_what_was_counted(kbeat):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        kbeat("-q", "produce", "t", stdin="a\nb\n",
              env={"STATSD_HOST": f"127.0.0.1:{server.getsockname()[1]}", "STATSD_PREFIX": "shop"})
        lines = []
        while "shop.kafka_producer_messages_sent_total:2|c" not in lines:
            datagram = server.recv(65536)
            assert len(datagram) <= 1432
            lines += datagram.decode().split("\n")


def test_an_alert_is_delivered_once_to_a_program(kbeat):
    script = kbeat.home / "alert"
    script.write_text("#!/bin/sh\ncat >> \"$HOME/alerts\"\n")
    script.chmod(0o755)
    config = kbeat.home / "c.toml"
    config.write_text(f'[alerts]\nexec = "{script}"\ndisk = "off"\nerror_rate = "off"\n')
    kbeat("-q", "produce", "generic_topic", stdin="not json\n")
    kbeat("-q", "consume", "generic_topic", "-e")
    consumer = kbeat.start("-q", "consume", "generic_topic", "--config", config, stdout=subprocess.DEVNULL)
    for _ in range(250):
        if (kbeat.home / "alerts").exists():
            break
        time.sleep(0.02)
    time.sleep(0.2)
    consumer.terminate()
    consumer.wait(timeout=20)
    alerts = [json.loads(line) for line in (kbeat.home / "alerts").read_text().splitlines()]
    assert [(alert["alert"], alert["severity"], alert["former"]) for alert in alerts] == [
        ("dlq_growth", "warning", "none")]


def test_a_program_that_hangs_over_an_alert_stops_no_measuring_and_what_it_did_not_take_is_told(kbeat):
    script, began, ended, figures = (kbeat.home / name for name in ("alert", "began", "ended", "figures"))
    script.write_text("#!/bin/sh\ntrap 'touch \"$HOME/ended\"; exit 1' TERM\ntouch \"$HOME/began\"\n"
                      "while :; do sleep 0.05; done\n")
    script.chmod(0o755)
    config = kbeat.home / "c.toml"
    config.write_text(f'[alerts]\nexec = "{script}"\ndisk = "off"\nerror_rate = "off"\n')
    kbeat("-q", "produce", "generic_topic", stdin="not json\n")
    kbeat("-q", "consume", "generic_topic", "-e")
    consumer = kbeat.start("consume", "generic_topic", "--config", config, "--metrics-file", figures,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 20
    while not began.exists() and time.monotonic() < limit:
        time.sleep(0.01)
    written = figures.stat().st_mtime_ns
    while figures.stat().st_mtime_ns == written and time.monotonic() < limit:
        time.sleep(0.01)
    assert figures.stat().st_mtime_ns != written and began.exists() and not ended.exists()
    consumer.terminate()
    _, said = consumer.communicate(timeout=20)
    assert re.search(r"not delivered before the end: alert warning: .*dead letter", said), said


def test_the_sample_rules_and_dashboard_hold_before_their_tools(kbeat):
    code, said = promtool("check", "rules", SAMPLES / "rules.yml")
    assert code == 0, said
    code, said = promtool("test", "rules", SAMPLES / "rules_test.yml")
    assert code == 0, said
    dashboard = json.loads((SAMPLES / "dashboard.json").read_text())
    file = kbeat.home / "kbeat.prom"
    kbeat("-q", "produce", "t", "--metrics-file", file, stdin="a\n")
    known = set(re.findall(r"^# TYPE (\S+)", file.read_text(), re.MULTILINE))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = (SAMPLES / "rules.yml").read_text()
    for text in [*expressions, rules]:
        for name in re.findall(r"\b(?:kafka|kbeat)_[a-z_]+", text):
            family = re.sub(r"_(bucket|sum|count)$", "", name) if name not in known else name
            assert family in known or name == "kbeat_consumer_partition_lag", name
