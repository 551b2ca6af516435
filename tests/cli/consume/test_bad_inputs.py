"""Bad inputs of consume: handlers that misbehave, values that are no events, URLs that lead astray.

The numbers are those of the list of bad inputs that the guarantees are tested by.
"""

import base64
import http.server
import json
import os
import sqlite3
import threading
import time

import pytest

EVENT = '{"event_id":"%s","event_type":"T"}'


@pytest.fixture
def orders(kbeat):
    assert kbeat("produce", "orders", "-k", "k", stdin=EVENT % "e1").code == 0
    return kbeat


def script(kbeat, name, body, mode=0o755):
    path = kbeat.home / name
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(mode)
    return f"./{name}"


def ends(file):
    """True once the process whose number is in the file is gone."""
    number, deadline = file.read_text().strip(), time.monotonic() + 5
    while os.path.exists(f"/proc/{number}") and time.monotonic() < deadline:
        time.sleep(0.02)
    return not os.path.exists(f"/proc/{number}")


def letter_of(kbeat):
    (letter,) = kbeat("dlq", "inspect", "--output", "json").rows
    return letter


def test_38_an_empty_group_is_wrong_usage(kbeat):
    result = kbeat("consume", "orders", "-e", "-G", "")
    assert result.code == 2 and "group" in result.err


@pytest.mark.parametrize("kind", ["--exec", "--coprocess"])
@pytest.mark.parametrize("name, mode", [("missing", None), ("plain-file", 0o644), ("folder", "dir")])
def test_39_a_handler_that_cannot_run_is_refused_before_anything_is_read(orders, kind, name, mode):
    if mode == "dir":
        (orders.home / name).mkdir()
    elif mode:
        script(orders, name, "cat\n", mode)
    result = orders("consume", "orders", "-e", kind, f"./{name}")
    assert result.code == 2, result.err
    assert name in result.err and result.rows == []
    assert orders("groups", "list").rows == [], "it joined its group"


@pytest.mark.parametrize("kind", ["--exec", "--coprocess"])
def test_40_a_handler_that_hangs_is_ended_with_its_children_and_the_event_is_a_letter(orders, kind):
    hanging = script(orders, "hang", "echo $$ > pid\nsleep 600 &\necho $! > child\nwait\n")
    result = orders("consume", "orders", "-e", kind, hanging, "--handler-timeout", "200ms", "--retry", "none")
    assert result.code == 0
    assert [row["outcome"] for row in result.rows] == ["dead_letter"]
    assert letter_of(orders)["category"] == "timeout"
    for name in ("pid", "child"):
        assert ends(orders.home / name), f"{name} lives on"


def test_41_a_handler_that_writes_without_end_is_cut_off_and_the_event_is_a_letter(orders):
    loud = script(orders, "loud", "exec yes 0123456789\n")
    result = orders("consume", "orders", "-e", "--exec", loud)
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("dead_letter", 1)]
    assert "more than 16 MiB" in letter_of(orders)["error"]


def test_41_a_handler_that_answers_in_binary_is_done_without_a_result(orders):
    binary = script(orders, "binary", "head -c 4096 /dev/urandom\nprintf '\\377\\000'\n")
    result = orders("consume", "orders", "-e", "--exec", binary)
    assert [(row["outcome"], row["result"]) for row in result.rows] == [("done", None)]


def test_42_a_handler_that_forks_away_leaves_nothing_behind(orders):
    forking = script(orders, "fork", "(sleep 600 & echo $! > child) </dev/null >/dev/null 2>&1\nexit 0\n")
    result = orders("consume", "orders", "-e", "--exec", forking)
    assert [row["outcome"] for row in result.rows] == ["done"]
    assert ends(orders.home / "child"), "the grandchild lives on"


NO_EVENTS = {
    "tombstone": None, "empty": b"", "bytes": b"\xff\xfe\xff", "cut": b'{"event_id":"x","event_type"', "number": b"42",
    "array": b"[1,2]", "text": b'"text"', "null": b"null", "deep": b"[" * 100_000, "nul": b'{"a":"\x00"}',
}


@pytest.mark.parametrize("defect", NO_EVENTS)
def test_43_a_value_that_is_no_event_is_a_letter_that_keeps_its_bytes(kbeat, defect):
    value = NO_EVENTS[defect]
    envelope = {"topic": "quiz-events", "headers": [], "key": "k", "payload": None}
    if value is not None:
        envelope |= {"payload": base64.b64encode(value).decode(), "payload_enc": "base64"}
    assert kbeat("produce", "quiz-events", "-J", stdin=json.dumps(envelope)).code == 0
    result = kbeat("consume", "quiz-events", "-e")
    assert result.code == 0, result.err
    assert [row["outcome"] for row in result.rows] == ["dead_letter"]
    letter = letter_of(kbeat)
    assert letter["category"] in ("schema", "deserialization")
    with sqlite3.connect(kbeat.data_dir / "store.db") as store:
        assert store.execute("SELECT value, key FROM dead_letters").fetchall() == [(value, b"k")]


@pytest.mark.parametrize("url", ['null', '7', '["http://x/a.wav"]', '""', '"' + "http://x/" + "a" * 1_000_000 + '"', None])
def test_44_an_audio_url_that_is_none_is_a_letter_at_once(kbeat, url):
    field = f',"audioUrl":{url}' if url is not None else ""
    kbeat("produce", "beats-events", "-k", "b", stdin='{"type":"BEAT_CREATED","payload":{"beatId":"b","userId":"u"%s}}' % field)
    result = kbeat("consume", "-e")
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("dead_letter", 1)], result.err
    assert letter_of(kbeat)["category"] in ("schema", "processing")


class Counted(http.server.BaseHTTPRequestHandler):
    """Answers by the path: /to?TARGET redirects there, /loop/N goes round, /status/N is that status."""

    def do_GET(self):
        self.server.paths.append(self.path)
        if self.path.startswith("/to?"):
            status, location = 302, self.path[4:]
        elif self.path.startswith("/loop/"):
            status, location = 302, f"/loop/{int(self.path[6:]) + 1}"
        else:
            status, location = int(self.path.split("/")[2]), None
        if status == 429 and self.server.paths.count(self.path) > 1:
            status = 404
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counted)
    server.paths = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def created(kbeat, url):
    event = {"type": "BEAT_CREATED", "payload": {"beatId": "b", "userId": "u", "audioUrl": url}}
    assert kbeat("produce", "beats-events", "-k", "b", stdin=json.dumps(event)).code == 0


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/a", "data:audio/wav;base64,AA", "javascript:alert(1)",
    "//127.0.0.1/a.wav", "http://127.0.0.1/a\r\nHost: x", "http://169.254.169.254/latest", "http://127.1/", "http://0/",
    "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://localhost/",
])
def test_45_46_a_url_that_leads_inside_is_refused_at_once(kbeat, url):
    created(kbeat, url)
    result = kbeat("consume", "-e")
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("dead_letter", 1)], result.err


@pytest.mark.parametrize("path, requests", [("/to?file:///etc/passwd", 1), ("/to?ftp://127.0.0.1/x", 1), ("/loop/0", 4)])
def test_47_a_redirect_that_leads_astray_is_refused(kbeat, server, path, requests):
    created(kbeat, server.url + path)
    result = kbeat("consume", "-e", "--allow-private-addresses", "--retry", "none")
    assert [row["outcome"] for row in result.rows] == ["dead_letter"]
    assert len(server.paths) == requests


@pytest.mark.parametrize("status, attempts", [(404, 1), (401, 1), (500, 3), (429, 2)])
def test_49_a_status_decides_whether_it_is_tried_again(kbeat, server, status, attempts):
    """R5"""
    created(kbeat, f"{server.url}/status/{status}")
    begun = time.monotonic()
    result = kbeat("consume", "-e", "--allow-private-addresses", "--retry-delay", "1ms", "--max-retries", "2")
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("dead_letter", attempts)]
    assert len(server.paths) == attempts
    if status == 429:
        assert time.monotonic() - begun >= 1, "it did not wait as long as it was asked to"


def test_52_two_groups_share_a_store_and_each_has_its_rows(kbeat):
    kbeat("produce", "quiz-events", "-k", "k", stdin="no event")
    for group in ("one", "two"):
        result = kbeat("consume", "quiz-events", "-e", "-G", group)
        assert [row["outcome"] for row in result.rows] == ["dead_letter"]
    with sqlite3.connect(kbeat.data_dir / "store.db") as store:
        assert store.execute("SELECT group_id, next FROM positions WHERE next > 0 ORDER BY 1").fetchall() == [
            ("one", 1), ("two", 1)]
        assert store.execute("SELECT group_id FROM dead_letters ORDER BY 1").fetchall() == [("one",), ("two",)]


def test_57_a_key_and_a_header_of_a_mebibyte_go_through_and_into_a_letter(kbeat):
    key, header = "k" * (1 << 20), "h" * (1 << 20)
    topics = ("generic_topic", "dead.letter.queue")
    assert kbeat("topics", "create", *topics, "--set", "max.message.bytes=4194304").code == 0
    for payload in (EVENT % "e1", "no event"):
        envelope = {"topic": "generic_topic", "key": key, "payload": payload, "headers": [{"key": "big", "value": header}]}
        assert kbeat("produce", "generic_topic", "-J", stdin=json.dumps(envelope)).code == 0
    result = kbeat("consume", "generic_topic", "-e")
    assert result.code == 0, result.err[-2000:]
    assert [row["outcome"] for row in result.rows] == ["done", "dead_letter"]
    (letter,) = kbeat("dlq", "inspect", "-J").rows
    headers = {each["key"]: each["value"] for each in letter["headers"]}
    assert letter["key"] == key and headers["big"] == header
