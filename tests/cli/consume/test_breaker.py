"""A dependency that is away, and events that were done before."""

import http.server
import json
import sqlite3
import ssl
import threading

import pytest

from certificates import make_certificate

EVENT = '{"event_id":"e%d","event_type":"T"}'


class Down(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        self.send_response(503 if self.server.down(self.server.calls) else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Down)
    server.calls = 0
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def topic(kbeat):
    kbeat("produce", "orders", "-k", "k", stdin="\n".join(EVENT % i for i in range(40)))
    return kbeat


def test_an_outage_pauses_the_handler_and_leaves_the_rest_of_the_topic_unread(topic, server):
    server.down = lambda _: True
    result = topic("consume", "orders", "-e", "--webhook", server.url, "--allow-private-addresses",
                   "--retry-delay", "1ms", "--retry-max", "50ms", "--max-retries", "1")
    assert result.code == 1
    assert "its dependency keeps failing, it pauses" in result.err and "its events wait" in result.err
    done = topic("consume", "orders", "-e", "--webhook", server.url, "--allow-private-addresses", "--max-retries", "0",
                 "--breaker", "0")
    dead = [row for row in result.rows + done.rows if row["outcome"] == "dead_letter"]
    assert len(result.rows) < 20 and len(dead) == 40, "nothing is lost, little is given up"


def test_an_outage_uses_up_no_event_s_attempts(kbeat, server):
    server.down = lambda _: True
    kbeat("produce", "orders", "-K", ":", stdin="".join(f"k{i}:{EVENT % i}\n" for i in range(20)))
    result = kbeat("consume", "orders", "-e", "-G", "g", "--webhook", server.url, "--allow-private-addresses",
                   "--retry-delay", "1ms", "--retry-max", "600ms", "--max-retries", "1")
    assert result.code == 1 and "its events wait" in result.err
    assert (result.rows, [row["committed"] for row in kbeat("groups", "lag", "g").rows]) == ([], [0])
    assert server.calls > 6, "the handler probes"


def test_a_certificate_that_is_not_to_be_trusted_is_the_server_s_fault_and_no_event_s(kbeat, server):
    make_certificate(kbeat.home, "unknown")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kbeat.home / "cert.pem", kbeat.home / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    kbeat("produce", "orders", "-K", ":", stdin="".join(f"k{i}:{EVENT % i}\n" for i in range(20)))
    result = kbeat("consume", "orders", "-e", "-G", "g", "--allow-private-addresses", "--retry-delay", "1ms",
                   "--webhook", f"https://localhost:{server.server_port}/", "--retry-max", "200ms", "--max-retries", "1")
    assert result.code == 1 and "its events wait" in result.err and "certificate" in result.err
    assert (result.rows, [row["committed"] for row in kbeat("groups", "lag", "g").rows]) == ([], [0])
    assert server.calls == 0


def test_a_dependency_that_comes_back_gets_all_events_in_order(topic, server):
    server.down = lambda calls: 1 < calls < 7
    result = topic("consume", "orders", "-e", "--webhook", server.url, "--allow-private-addresses",
                   "--retry-delay", "1ms", "--retry-max", "20ms", "--max-retries", "2")
    assert result.code == 0, result.err
    assert "its dependency answers again" in result.err
    outcomes = [row["outcome"] for row in result.rows]
    assert outcomes.count("done") >= 38 and len(outcomes) == 40
    assert [row["offset"] for row in result.rows] == list(range(40))


def test_after_a_reset_events_that_were_done_do_not_run_again(topic):
    (topic.home / "run").write_text("#!/bin/sh\necho x >> runs\n")
    (topic.home / "run").chmod(0o755)
    assert topic("consume", "orders", "-e", "-c", "5", "--exec", "./run", "-G", "g").code == 0
    assert (topic.home / "runs").read_text() == "x\n" * 5
    assert topic("groups", "reset", "g", "-t", "orders", "--to", "earliest", "--yes").code == 0
    again = topic("consume", "orders", "-c", "5", "--exec", "./run", "-G", "g")
    assert [row["outcome"] for row in again.rows] == ["duplicate"] * 5
    assert (topic.home / "runs").read_text() == "x\n" * 5


def test_a_forced_replay_runs_slow_handlers_again_and_another_does_not(topic):
    (topic.home / "run").write_text("#!/bin/sh\necho x >> runs\n")
    (topic.home / "run").chmod(0o755)
    (topic.home / "c.toml").write_text('[[route]]\ntopic = "orders"\nhandler = "exec"\ncommand = "./run"\n')
    assert topic("--config", "c.toml", "consume", "orders", "-e").code == 0
    assert len((topic.home / "runs").read_text()) == 80
    assert topic("--config", "c.toml", "replay", "orders", "--handle").code == 0
    assert len((topic.home / "runs").read_text()) == 80
    assert topic("--config", "c.toml", "replay", "orders", "--handle", "--force").code == 0
    assert len((topic.home / "runs").read_text()) == 160


def test_kept_events_are_kept_once_each(kbeat):
    event = {"id": "1", "type": "conversation.started", "version": "1", "data": {"conversation_id": "c"}}
    kbeat("produce", "conversation.events", "-k", "1", stdin=json.dumps(event))
    kbeat("produce", "generic_topic", stdin='{"id":"2","type":"x","payload":{}}')
    for topic in ("conversation.events", "generic_topic"):
        assert kbeat("consume", topic, "-e", env={"ENABLE_EVENT_SOURCING": "true"}).code == 0
    with sqlite3.connect(kbeat.data_dir / "store.db") as store:
        assert store.execute("SELECT type FROM events ORDER BY id").fetchall() == [("conversation.started",), ("x",)]
