"""`kbeat health`: the connection, the consumers of this host, the store, the limits."""

import json
import re
import socket
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


def drop_timestamp(row):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row.pop("timestamp"))
    return row


@pytest.fixture
def store(kbeat):
    """The store's database, made by a consumer that had nothing to do."""
    kbeat("consume", "generic_topic", "-e")
    database = sqlite3.connect(kbeat.data_dir / "store.db", isolation_level=None)
    yield database
    database.close()


def add_consumer(store, *, age=0, connection="connected", cooldown=0, retries=0, process="77-1", detail="{}"):
    store.execute("INSERT INTO runtime VALUES(?, 'consume', 'g', ?, ?, ?, ?, ?)",
                  (process, connection, cooldown, retries, int((time.time() - age) * 1000), detail))


def add_letters(store, count):
    store.executemany(
        "INSERT INTO dead_letters(cluster, group_id, topic, incarnation, partition, offset, state, dlq_topic, handler,"
        " category, error, attempts, replays, first_failed_at, failed_at, event_id, root, timestamp, timestamp_type,"
        " headers) VALUES('c', 'g', 't', 0, 0, ?, 'published', 'd', 'h', 'processing', 'e', 1, 0, 0, ?, '', '', 0, 0, '')",
        [(i, int(time.time() * 1000)) for i in range(count)])


def check_of(result, name):
    return next(check for check in result.rows[0]["checks"] if check["check"] == name)


def test_the_embedded_log_is_healthy(kbeat):
    result = kbeat("health")
    assert (result.code, result.err) == (0, "")
    row = drop_timestamp(result.rows[0])
    assert row == {"kafka": "embedded", "in_cooldown": False, "retry_count": 0, "enabled": False}
    assert not kbeat.data_dir.exists(), "a look makes no files"


def test_the_connection_alone_comes_in_every_form(kbeat):
    head, row = kbeat("health", "--output", "csv").text.splitlines()
    assert head == "kafka,in_cooldown,retry_count,enabled,timestamp" and row.startswith("embedded,false,0,false,2")
    assert kbeat("health", "--output", "table").text.split()[:2] == ["kafka", "in_cooldown"]
    assert kbeat("health", "--output", "xml").code == 2


def test_a_broker_that_does_not_answer_is_exit_1_within_the_timeout(kbeat):
    result = kbeat("health", "-b", "127.0.0.1:1", "--timeout", "1s", timeout=20)
    assert result.code == 1
    assert result.rows[0]["kafka"] == "disconnected" and result.rows[0]["enabled"] is True
    assert "127.0.0.1:1" in result.err


@pytest.fixture
def silent():
    """A port that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("depth", ["--ready", "--deep", "--nagios"])
def test_an_answer_comes_within_three_seconds_whoever_is_silent(kbeat, silent, depth):
    begun = time.monotonic()
    kbeat("--version")
    starting = time.monotonic() - begun  # on a machine that does much else at the time
    begun = time.monotonic()
    result = kbeat("health", depth, "-b", silent, env={"SCHEMA_REGISTRY_URL": f"http://{silent}"}, timeout=20)
    took = time.monotonic() - begun
    assert result.code == (2 if depth == "--nagios" else 1)
    assert took <= 3.0 + 2 * starting, (took, starting)
    assert "schema_registry" in result.text


def test_the_versions_and_what_is_worked_around_are_told(kbeat, store):
    libraries = {one["name"]: one for one in kbeat("health", "--deep").rows[0]["libraries"]}
    assert set(libraries) == {"librdkafka", "sqlite"}
    for one in libraries.values():
        assert re.match(r"\d+\.\d+\.\d+", one["version"])
        assert all(isinstance(workaround, str) and workaround for workaround in one["workarounds"])
    if libraries["sqlite"]["version"] == sqlite3.sqlite_version and sqlite3.sqlite_version_info < (3, 51, 3):
        assert any("WAL" in workaround for workaround in libraries["sqlite"]["workarounds"])


@pytest.mark.parametrize("flags, code", [([], 2), (["--deep"], 2), (["--nagios"], 3)])
def test_a_broken_config_is_told_with_the_versions(kbeat, flags, code):
    file = kbeat.home / "broken.toml"
    file.write_text("kafka.brokers = [[[")
    result = kbeat("health", *flags, "--config", file)
    assert result.code == code
    if flags == ["--nagios"]:
        assert result.text.startswith("KBEAT UNKNOWN - ") and "broken.toml" in result.text
    else:
        row = json.loads(result.text)
        assert (row["status"], [one["name"] for one in row["libraries"]]) == ("unknown", ["librdkafka", "sqlite"])
        assert "broken.toml" in row["error"] and "broken.toml" in result.err


def test_a_schema_registry_counts_from_ready_on(kbeat, store):
    server = HTTPServer(("127.0.0.1", 0), Server)
    Server.status, Server.asked = 200, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {"SCHEMA_REGISTRY_URL": f"http://127.0.0.1:{server.server_port}"}
    assert check_of(kbeat("health", "--ready", env=env), "schema_registry")["state"] == "ok"
    Server.status = 503
    result = kbeat("health", "--deep", env=env)
    assert result.code == 1 and "503" in check_of(result, "schema_registry")["text"]
    assert Server.asked == ["/config", "/config"]
    assert kbeat("health", "--live", env=env).code == 0
    server.shutdown()
    server.server_close()
    Server.status = 200
    assert check_of(kbeat("health", "--ready", env=env), "schema_registry")["state"] == "critical"


def test_what_a_consumer_tells_of_handlers_and_alerts_is_judged(kbeat, store):
    detail = {"paused_handlers": [{"handler": "exec:send", "reason": "no route", "paused_ms": 4000}],
              "alerts": [{"alert": "error_rate", "severity": "critical", "text": "60.0 % of the last minute's events"},
                         {"alert": "lag", "severity": "critical", "text": "measured here, not there"}]}
    add_consumer(store, detail=json.dumps(detail))
    assert kbeat("health", "--ready").code == 0
    result = kbeat("health", "--deep")
    assert result.code == 1
    paused = check_of(result, "handler")
    assert paused["state"] == "warning" and "exec:send" in paused["text"] and "no route" in paused["text"]
    assert check_of(result, "error_rate")["state"] == "critical"
    assert [(alert["alert"], alert["severity"]) for alert in result.rows[0]["alerts"]] == [("error_rate", "critical")]
    assert check_of(result, "lag")["state"] == "ok"


def test_a_running_consumer_s_alerts_and_pauses_reach_another_process(kbeat):
    config = kbeat.home / "c.toml"
    config.write_text('[alerts]\ndisk = "off"\nerror_rate = "warning=0.5"\n')
    kbeat("-q", "produce", "orders", stdin='{"event_id":"1","event_type":"A"}\nno json\nno json\n')
    consumer = kbeat.start("-q", "consume", "orders", "--exec", "/bin/sh -c 'exit 75'", "--config", config, "--batch-timeout", "10ms",
                           "--retry-delay", "20s", stdout=-3)
    try:
        end = time.monotonic() + 20
        while True:
            report = kbeat("health", "--deep").rows[0]
            if any(alert["alert"] == "error_rate" for alert in report["alerts"]):
                break
            assert time.monotonic() < end, report
            time.sleep(0.1)
    finally:
        consumer.terminate()
        consumer.wait(timeout=30)
    assert "group kbeat" in next(check["text"] for check in report["checks"] if check["check"] == "error_rate")


@pytest.mark.parametrize("switch", ["ENABLE_KAFKA", "KAFKA_ENABLED"])
def test_kafka_switched_off_counts_over_brokers(kbeat, switch):
    result = kbeat("health", env={switch: "false", "KAFKA_BROKER": "127.0.0.1:1"})
    assert result.code == 0 and result.rows[0]["kafka"] == "embedded"


@pytest.mark.parametrize("depth", ["--live", "--ready", "--deep"])
def test_a_sound_place_passes_at_every_depth(kbeat, store, depth):
    result = kbeat("health", depth)
    assert result.code == 0, result.text
    assert result.rows[0]["status"] == "ok"
    assert check_of(result, "store")["text"] == ("it is sound" if depth == "--deep" else "it opens")


def test_a_consumer_that_gives_no_sign_is_told_at_every_depth(kbeat, store):
    add_consumer(store, age=9)
    for depth in ("--live", "--ready", "--deep"):
        result = kbeat("health", depth)
        assert result.code == 1
        assert "died or hangs" in check_of(result, "consumer")["text"]
        assert [consumer["alive"] for consumer in result.rows[0]["consumers"]] == [False]


def test_a_new_consumer_takes_the_place_of_the_dead_one(kbeat, store):
    add_consumer(store, age=60)
    kbeat("consume", "generic_topic", "-e", "-G", "g")
    assert kbeat("health", "--live").rows[0]["consumers"] == []


def test_a_consumer_in_its_cool_down_is_not_ready_but_alive(kbeat, store):
    add_consumer(store, connection="disconnected", cooldown=1, retries=10)
    assert kbeat("health", "--live").code == 0
    result = kbeat("health", "--ready")
    assert result.code == 1
    assert (result.rows[0]["in_cooldown"], result.rows[0]["retry_count"]) == (True, 10)
    assert "cools down after 10 attempts" in check_of(result, "consumer")["text"]


def test_lag_counts_against_its_limit(kbeat, store):
    kbeat("produce", "generic_topic", stdin="{}\n" * 5)
    kbeat("consume", "generic_topic", "-e")
    kbeat("produce", "generic_topic", stdin="{}\n" * 7)
    (group,) = store.execute("SELECT DISTINCT group_id FROM positions").fetchone()
    store.execute("INSERT INTO runtime VALUES('1-1', 'consume', ?, 'embedded', 0, 0, ?, '{}')",
                  (group, int(time.time() * 1000)))
    result = kbeat("health", "--deep")
    assert (result.code, result.rows[0]["lag"]) == (0, 7)
    config = kbeat.home / "c.toml"
    config.write_text('[alerts]\nlag = "warning=3,critical=6"\n')
    strict = kbeat("health", "--deep", "--config", config)
    assert strict.code == 1
    assert check_of(strict, "lag") == {"check": "lag", "state": "critical", "value": 7,
                                       "text": "7 records (critical at 6 records)"}


def test_growing_dead_letters_and_a_nearly_full_disk_are_told(kbeat, store):
    add_letters(store, 3)
    config = kbeat.home / "c.toml"
    config.write_text('[alerts]\ndisk = "critical=1"\n')
    result = kbeat("health", "--deep", "--config", config)
    assert result.code == 1
    assert check_of(result, "dlq_growth")["state"] == "warning"
    assert check_of(result, "disk")["state"] == "critical"


def test_a_damaged_store_is_told(kbeat, store):
    add_letters(store, 200)
    store.close()
    file = kbeat.data_dir / "store.db"
    damaged = bytearray(file.read_bytes())
    for page in range(4096, len(damaged), 4096):
        damaged[page] ^= 0xFF  # one flipped byte: the kind of the page
    file.write_bytes(damaged)
    result = kbeat("health", "--deep")
    assert result.code == 1
    assert check_of(result, "store")["state"] == "critical"


def test_the_plugin_line_has_its_ecosystem_s_words_codes_and_figures(kbeat, store):
    result = kbeat("health", "--nagios")
    assert result.code == 0
    assert re.fullmatch(r"KBEAT OK - \d+ checks passed \|.* dlq_growth=0;1;100 disk=0\.\d+;0\.1:;0\.05:\n", result.text)
    add_letters(store, 3)
    result = kbeat("health", "--nagios")
    assert result.code == 1 and result.text.startswith("KBEAT WARNING - dlq_growth: 3 dead letters")
    add_consumer(store, age=60)
    assert kbeat("health", "--nagios").code == 2
    unknown = kbeat("health", "--nagios", "--live", "--deep")
    assert unknown.code == 3 and unknown.text.startswith("KBEAT UNKNOWN - ")
    assert kbeat("health", "--nagios", "--output", "json").code == 3
    assert "--interval goes with --watch" in kbeat("health", "--interval", "5s").err


def test_watching_prints_report_after_report_until_it_is_stopped(kbeat, store):
    import subprocess

    watching = kbeat.start("health", "--live", "--watch", "--interval", "10ms", stdout=subprocess.PIPE)
    lines = [watching.stdout.readline() for _ in range(3)]
    watching.terminate()
    watching.stdout.read()
    assert all(b'"status":"ok"' in line for line in lines)
    assert watching.wait(timeout=10) == 0
    for interval in ("0", "5ms", "soon"):
        refused = kbeat("health", "--live", "--watch", "--interval", interval)
        assert (refused.code, refused.err.count("\n"), "--interval: " in refused.err) == (2, 1, True)


@pytest.mark.parametrize("value, complaint", [
    ("warning", "without ="),
    ("loud=3", "not info, warning or critical"),
    ("warning=10,critical=5", "reached earlier"),
    ("warning=x", "alerts.lag"),
])
def test_limits_that_make_no_sense_are_refused(kbeat, value, complaint):
    config = kbeat.home / "c.toml"
    config.write_text(f'[alerts]\nlag = "{value}"\n')
    result = kbeat("health", "--config", config)
    assert result.code == 2 and complaint in result.err


class Server(BaseHTTPRequestHandler):
    asked = []
    tokens = []
    status = 200

    def do_GET(self):
        Server.asked.append(self.path)
        Server.tokens.append(self.headers["Authorization"])
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b'{"kafka":"connected"}')

    def log_message(self, *_):
        pass


def test_a_server_is_asked_over_http_at_each_depth(kbeat):
    server = HTTPServer(("0.0.0.0", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    Server.asked, Server.tokens = [], []
    for flag in ("--live", "--ready", "--deep"):
        result = kbeat("health", flag, "--url", url)
        assert (result.code, result.text) == (0, '{"kafka":"connected"}\n')
    Server.status = 503
    assert kbeat("health", "--url", url).code == 1
    assert kbeat("health", "--nagios", "--url", url).code == 2
    for host in ("127.0.0.1", "127.0.0.2"):
        kbeat("health", "--deep", "--url", f"http://{host}:{server.server_port}", env={"KBEAT_API_TOKEN": "s3cret"})
    server.shutdown()
    brief, deep = "/api/v1/kafka/health", "/api/v1/kafka/health?deep=1"
    assert Server.asked == ["/livez", "/readyz", deep, brief, deep, deep, deep]
    assert Server.tokens == [None] * 5 + ["Bearer s3cret", None], "a token goes to this machine only, or over TLS"
    server.server_close()
    gone = kbeat("health", "--url", url, timeout=20)
    assert gone.code == 1 and str(server.server_port) in gone.err
