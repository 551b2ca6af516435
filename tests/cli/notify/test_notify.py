"""`kbeat notify`: every row is delivered once, whoever delivers, and what fails stays."""

import collections
import json
import signal
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


@pytest.fixture
def store(kbeat):
    kbeat("notify", "list")  # makes the store
    database = sqlite3.connect(kbeat.data_dir / "store.db", isolation_level=None, timeout=10, check_same_thread=False)
    yield database
    database.close()


def add_rows(store, count):
    store.execute("BEGIN")
    store.executemany("INSERT INTO notifications(event_identity, ordinal, user_id, event, content, created_at)"
                      " VALUES(?, 0, 'u', 'e', 'c', 0)", [(f"i{i}",) for i in range(count)])
    store.execute("COMMIT")


def statuses(store):
    return dict(store.execute("SELECT sent_status, count(*) FROM notifications GROUP BY sent_status"))


@pytest.fixture
def deliverer(kbeat):
    """A deliverer that notes the id of each notification, one line with one write."""
    file = kbeat.home / "deliver"
    file.write_text("#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> \"$HOME/delivered\"\n")
    file.chmod(0o755)
    return file


def delivered(kbeat):
    file = kbeat.home / "delivered"
    return [json.loads(line)["id"] for line in file.read_text().splitlines()] if file.exists() else []


class Hook(BaseHTTPRequestHandler):
    statuses = []
    calls = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.calls.append((body, self.headers["Idempotency-Key"]))
        status = self.statuses.pop(0) if self.statuses else 204
        self.send_response(status() if callable(status) else status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    Hook.calls, Hook.statuses = [], []
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()


def test_an_event_becomes_a_notification_that_is_delivered_once(kbeat):
    event = '{"user_id":"u1","event":"quiz.done","content":"9 of 10"}\n'
    kbeat("produce", "notifications", stdin=event)
    kbeat("consume", "notifications", "-e")
    assert [row["status"] for row in kbeat("notify", "list").rows] == ["unsent"]
    result = kbeat("notify", "process")
    assert result.code == 0
    assert [(row["outcome"], row["attempts"], row["error"]) for row in result.rows] == [("sent", 1, None)]
    assert "notification 1 for u1: quiz.done: 9 of 10" in result.err
    row = kbeat("notify", "list").rows[0]
    assert (row["status"], row["user_id"], row["attempts"]) == ("sent", "u1", 1) and row["sent_at"]
    assert kbeat("notify", "process").rows == []


def test_sending_stores_and_delivers(kbeat, deliverer):
    result = kbeat("notify", "send", "--user", "u1", "--event", "e", "hello", "--exec", deliverer)
    assert (result.code, result.rows[0]["outcome"]) == (0, "sent")
    assert delivered(kbeat) == [1]


@pytest.mark.parametrize("user, content", [("", "hello"), ("u1", "")])
def test_a_notification_for_nobody_or_of_nothing_is_refused(kbeat, user, content):
    result = kbeat("notify", "send", "--user", user, "--event", "e", content)
    assert result.code == 2 and "needs a user and a content" in result.err
    assert kbeat("notify", "list").rows == []


def test_two_processes_at_once_deliver_each_row_once(kbeat, store, hook):
    add_rows(store, 1000)
    both = [kbeat.start("-q", "notify", "process", "--webhook", hook, stdout=-3) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    ids = collections.Counter(body["id"] for body, _ in Hook.calls)
    assert len(ids) == 1000 and set(ids.values()) == {1}
    assert statuses(store) == {"sent": 1000}


def test_of_two_over_ten_thousand_rows_one_may_be_killed(kbeat, store, hook):
    """Each row is delivered; at most the one in the dead process' hand twice, and that delivery says so."""
    add_rows(store, 10_000)
    other, victim = [kbeat.start("-q", "notify", "process", "--webhook", hook, stdout=-3) for _ in range(2)]
    while len(Hook.calls) < 3000:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert other.wait(timeout=200) == 0
    store.execute("UPDATE notifications SET claimed_until = 0")  # a minute later
    assert kbeat("-q", "notify", "process", "--webhook", hook, timeout=200).code == 0
    assert statuses(store) == {"sent": 10_000}
    ids = collections.Counter(body["id"] for body, _ in Hook.calls)
    twice = [number for number, times in ids.items() if times > 1]
    assert len(ids) == 10_000 and len(twice) <= 1 and max(ids.values()) <= 2
    said = [body["id"] for body, _ in Hook.calls if body["possibly_twice"]]
    assert set(twice) <= set(said) and len(said) <= 1


def test_a_killed_process_loses_none_and_doubles_at_most_the_row_in_its_hand(kbeat, store, deliverer):
    add_rows(store, 300)
    victim = kbeat.start("-q", "notify", "process", "--exec", deliverer, stdout=-3)
    while len(delivered(kbeat)) < 20:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    left = statuses(store)["unsent"]
    assert left > 0
    early = kbeat("notify", "process", "--exec", deliverer, "--limit", "1")
    assert "in the hands of other processes" in early.err and "within a minute" in early.err
    store.execute("UPDATE notifications SET claimed_until = 0")  # a minute later
    result = kbeat("notify", "process", "--exec", deliverer)
    assert result.code == 0
    ids = collections.Counter(delivered(kbeat))
    assert len(ids) == 300 and sum(ids.values()) <= 301
    assert statuses(store) == {"sent": 300}
    told = [row["id"] for row in result.rows if row["possibly_twice"]]
    assert len(told) <= 1 and {id for id, times in ids.items() if times > 1} <= set(told)
    for id in told:
        assert f"notification {id}: the process that had it in hand is gone" in result.err


def test_the_row_that_a_dead_process_had_in_hand_is_told_and_no_other(kbeat, store, deliverer):
    """Killed by its own deliverer, with the third row delivered and not yet marked."""
    add_rows(store, 5)
    deliverer.write_text("#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> \"$HOME/delivered\"\n"
                         "case $line in '{\"id\":3,'*) kill -9 $PPID; sleep 1 ;; esac\n")
    assert kbeat("-q", "notify", "process", "--exec", deliverer).code == -9
    deliverer.write_text("#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> \"$HOME/delivered\"\n")
    store.execute("UPDATE notifications SET claimed_until = 0")
    result = kbeat("notify", "process", "--exec", deliverer)
    assert [(row["id"], row["possibly_twice"]) for row in result.rows] == [(4, False), (5, False), (3, True)]
    lines = [json.loads(line) for line in (kbeat.home / "delivered").read_text().splitlines()]
    assert [(line["id"], line["possibly_twice"]) for line in lines] == [
        (1, False), (2, False), (3, False), (4, False), (5, False), (3, True)]


def test_a_row_in_a_dead_hand_is_told_though_it_had_failed_before_and_fails_again(kbeat, store, deliverer):
    add_rows(store, 1)
    ways = {"fails": "echo away >&2; exit 1", "dies": "kill -9 $PPID; sleep 1", "works": "exit 0"}

    def process(way):
        deliverer.write_text(f"#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> \"$HOME/delivered\"\n{ways[way]}\n")
        result = kbeat("notify", "process", "--exec", deliverer)
        store.execute("UPDATE notifications SET claimed_until = 0")  # a minute later
        return result

    assert process("fails").rows[0]["possibly_twice"] is False
    assert process("dies").code == -9
    again = process("fails")
    assert (again.rows[0]["outcome"], again.rows[0]["possibly_twice"]) == ("failed", True)
    last = process("works")
    assert (last.rows[0]["outcome"], last.rows[0]["possibly_twice"]) == ("sent", True)
    assert "notification 1: the process that had it in hand is gone" in last.err
    lines = [json.loads(line) for line in (kbeat.home / "delivered").read_text().splitlines()]
    assert [line["possibly_twice"] for line in lines] == [False, False, True, True]
    assert store.execute("SELECT unsettled FROM notifications").fetchall() == [(0,)]


def test_what_a_dead_process_claimed_waits_for_its_lease(kbeat, store, deliverer):
    add_rows(store, 1)
    store.execute("UPDATE notifications SET claimed_by = 'dead', claimed_until = ?", (int(time.time() + 60) * 1000,))
    assert kbeat("-q", "notify", "process", "--exec", deliverer).rows == []
    assert statuses(store) == {"unsent": 1}


def test_a_row_that_another_took_over_between_two_tries_is_not_delivered_again(kbeat, store, hook, deliverer):
    """The first try takes longer than a claim lasts, and another process delivers meanwhile."""
    add_rows(store, 1)

    def meanwhile():
        store.execute("UPDATE notifications SET claimed_until = 0")  # a minute later
        assert kbeat("-q", "notify", "process", "--exec", deliverer).code == 0
        return 503

    Hook.statuses = [meanwhile]
    late = kbeat("notify", "process", "--webhook", hook, "--retry-delay", "1ms", "--max-retries", "20")
    assert (len(Hook.calls), delivered(kbeat)) == (1, [1])
    assert [(row["outcome"], row["possibly_twice"]) for row in late.rows] == [("failed", True)]
    assert "another process took it over" in late.err
    assert statuses(store) == {"sent": 1}


def test_a_row_stays_claimed_while_it_is_tried_again(kbeat, store, hook, deliverer):
    add_rows(store, 1)

    def nearly_over():
        store.execute("UPDATE notifications SET claimed_until = ?", (int(time.time() * 1000) + 1,))
        return 503

    def other_comes():
        other = kbeat("notify", "process", "--exec", deliverer)
        assert (other.code, other.rows) == (0, []) and "in the hands of other processes" in other.err
        return 204

    Hook.statuses = [nearly_over, other_comes]
    result = kbeat("-q", "notify", "process", "--webhook", hook, "--retry-delay", "10ms")
    assert [(row["outcome"], row["attempts"], row["possibly_twice"]) for row in result.rows] == [("sent", 2, False)]
    assert delivered(kbeat) == []


def test_what_cannot_be_delivered_holds_nothing_back(kbeat, store, hook):
    """Runs of a hundred, as the scheduler makes them, beside a hundred that always fail."""
    add_rows(store, 100)
    Hook.statuses = [400] * 100
    assert kbeat("-q", "notify", "process", "--webhook", hook, "--limit", "100").code == 1
    store.execute("UPDATE notifications SET event_identity = 'old' || id")
    add_rows(store, 50)
    Hook.calls, Hook.statuses = [], [204] * 50 + [400] * 50
    result = kbeat("-q", "notify", "process", "--webhook", hook, "--limit", "100")
    assert [row["id"] for row in result.rows] == [*range(101, 151), *range(1, 51)]
    assert statuses(store) == {"sent": 50, "unsent": 100}
    Hook.statuses = [400] * 100
    result = kbeat("-q", "notify", "process", "--webhook", hook)
    assert [row["id"] for row in result.rows] == [*range(51, 101), *range(1, 51)], "each once in a run"


def test_a_passing_failure_is_tried_again_and_a_lasting_one_stays_unsent(kbeat, store, hook):
    add_rows(store, 2)
    Hook.statuses = [503, 204, 400]
    result = kbeat("-q", "notify", "process", "--webhook", hook, "--retry-delay", "1ms")
    assert result.code == 5
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("sent", 2), ("failed", 1)]
    assert [key for _, key in Hook.calls] == ["notification/1", "notification/1", "notification/2"]
    row = kbeat("notify", "list", "--unsent").rows[0]
    assert row["id"] == 2 and "400" in row["error"]
    assert kbeat("-q", "notify", "process", "--webhook", hook).code == 0
    assert statuses(store) == {"sent": 2}


def test_a_program_that_fails_says_why_and_75_asks_for_another_try(kbeat, store):
    add_rows(store, 1)
    file = kbeat.home / "deliver"
    file.write_text("#!/bin/sh\necho no paper >&2\necho x >> \"$HOME/tries\"\nexit 75\n")
    file.chmod(0o755)
    result = kbeat("-q", "notify", "process", "--exec", file, "--retry-delay", "1ms", "--max-retries", "3")
    assert result.code == 1
    assert result.rows[0]["attempts"] == 4 and result.rows[0]["error"] == f"{file} ended with 75: no paper"
    assert len((kbeat.home / "tries").read_text().split()) == 4


def test_a_program_of_the_config_that_is_not_there_is_noticed_before_any_row(kbeat, store):
    add_rows(store, 1)
    (kbeat.home / "c.toml").write_text('[notify]\nexec = "./absent"\n')
    result = kbeat("--config", "c.toml", "notify", "process")
    assert result.code == 2 and "notify.exec: there is no program ./absent that may be run" in result.err
    assert kbeat("notify", "list").rows[0]["attempts"] == 0


def test_a_signal_ends_it_after_the_row_in_hand_and_gives_the_others_back(kbeat, store, deliverer):
    add_rows(store, 200)
    process = kbeat.start("-q", "notify", "process", "--exec", deliverer, stdout=-3)
    while len(delivered(kbeat)) < 3:
        time.sleep(0.005)
    process.terminate()
    assert process.wait(timeout=20) == 143
    sent = statuses(store)["sent"]
    assert 3 <= sent < 200 and sent == len(delivered(kbeat))
    assert store.execute("SELECT count(*) FROM notifications WHERE claimed_until > 0").fetchone() == (0,)
    again = kbeat("-q", "notify", "process", "--exec", deliverer, "--limit", "1").rows[0]
    assert (again["attempts"], again["possibly_twice"]) == (1, False)


@pytest.mark.parametrize("arguments, complaint", [
    (["list", "--sent", "--unsent"], "exclude each other"),
    (["process", "--exec", "a", "--webhook", "http://x"], "give one of exec and webhook"),
    (["process", "--webhook", "ftp://x"], "http or https"),
    (["process", "--exec", "./absent x"], "--exec: there is no program ./absent that may be run"),
    (["send", "--user", "u", "--event", "e", "c", "--exec", "absent"], "--exec: there is no program absent that may be run"),
])
def test_contradictions_are_wrong_usage(kbeat, arguments, complaint):
    result = kbeat("notify", *arguments)
    assert result.code == 2 and complaint in result.err
