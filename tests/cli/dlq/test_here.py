"""`dlq retry --here`: the handlers of this process instead of a record for another's."""

import json

from letters import DLQ, fail, inspect
from reading import records


def test_a_mended_letter_is_handled_and_closed_and_nothing_is_sent(kbeat):
    fail(kbeat, 2)
    result = kbeat("dlq", "retry", "notifications/0/1", "--here", "--patch", '{"content":"c"}', "--yes")
    assert result.code == 0, result
    assert [(row["topic"], row["outcome"]) for row in result.rows] == [("notifications", "done")]
    assert "1 letters were handled here as events of notifications" in result.err and "went to" not in result.err
    assert kbeat("store", "query", "SELECT user_id, content FROM notifications").rows == [{"user_id": "u1", "content": "c"}]
    assert len(records(kbeat, "notifications")) == 2
    assert [row["id"][-1] for row in inspect(kbeat)] == ["0"]
    assert [row["id"][-1] for row in inspect(kbeat, "--state", "retried")] == ["1"]


def test_what_fails_again_is_one_letter_more_retried_and_goes_back_to_any_group(kbeat):
    fail(kbeat, 1)
    result = kbeat("dlq", "retry", "--all", "--here", "--yes")
    assert result.code == 5 and "1 of them failed again" in result.err
    (row,) = inspect(kbeat)
    assert row["replays"] == 1 and row["topic"] == "notifications"
    assert kbeat("dlq", "retry", "--all", "--patch", '{"content":"c"}', "--yes").code == 0
    assert [row["outcome"] for row in kbeat("consume", "notifications", "-e", "-q").rows] == ["done"]
    assert len(kbeat("store", "query", "SELECT * FROM notifications").rows) == 1


def test_poison_is_archived_in_the_end(kbeat):
    fail(kbeat, 1)
    for _ in range(2):
        assert kbeat("dlq", "retry", "--all", "--here", "--max-replays", "2", "--yes").code == 5
    result = kbeat("dlq", "retry", "--all", "--here", "--max-replays", "2", "--yes")
    assert result.code == 0 and "1 letters archived" in result.err
    assert inspect(kbeat) == [] and len(inspect(kbeat, "--state", "archived")) == 1


def test_an_event_handled_here_is_not_handled_again_by_its_group(kbeat, tmp_path):
    """The mark lies in the group that failed, whoever handles it."""
    calls = tmp_path / "calls"
    handler = tmp_path / "handler"
    handler.write_text(f"#!/bin/sh\ncat >/dev/null; echo x >> {calls}; test -e {tmp_path}/well\n")
    handler.chmod(0o755)
    (kbeat.home / "c.toml").write_text(f'[[route]]\ntopic = "jobs"\nhandler = "exec"\ncommand = ["{handler}"]\n')
    event = '{"event_id":"e1","event_type":"T"}\n'
    kbeat("produce", "jobs", stdin=event)
    assert kbeat("--config", "c.toml", "consume", "jobs", "-G", "workers", "-e", "-q").code == 0
    (tmp_path / "well").touch()
    assert kbeat("--config", "c.toml", "dlq", "retry", "--all", "--here", "--yes").code == 0
    kbeat("produce", "jobs", stdin=event)
    result = kbeat("--config", "c.toml", "consume", "jobs", "-G", "workers", "-e")
    assert result.code == 0 and "1 duplicates suppressed" in result.err
    assert inspect(kbeat) == []


def test_an_event_is_handled_as_of_its_own_time(kbeat, tmp_path):
    """Also by what comes of it when it fails again."""
    handler = tmp_path / "handler"
    handler.write_text(f"#!/bin/sh\ncat >> {tmp_path}/seen; exit 1\n")
    handler.chmod(0o755)
    (kbeat.home / "c.toml").write_text(f'[[route]]\ntopic = "jobs"\nhandler = "exec"\ncommand = ["{handler}"]\n')
    kbeat("produce", "jobs", stdin='{"event_id":"e1","event_type":"T"}\n')
    kbeat("--config", "c.toml", "consume", "jobs", "-e", "-q")
    for _ in range(2):
        assert kbeat("--config", "c.toml", "dlq", "retry", "--all", "--here", "--yes").code == 5
    first, *later = [json.loads(line) for line in (tmp_path / "seen").read_text().splitlines()]
    assert first["ts"] > 0
    assert [(seen["ts"], seen["tstype"]) for seen in later] == [(first["ts"], "create")] * 2
    stamps = {header["value"] for letter in records(kbeat, DLQ) for header in letter["headers"]
              if header["key"] == "kbeat.dlq.timestamp"}
    assert stamps == {str(first["ts"])}


def test_a_letter_that_nobody_here_handles_stays_open(kbeat):
    fail(kbeat, 1)
    for topic in ("jobs", "beats-events"):
        kbeat("produce", topic, stdin='{"event_id":"e1","event_type":"T","type":"T","payload":{}}\n')
    kbeat("consume", "jobs", "beats-events", "-e", "-q", "--exec", "/bin/false")
    plan = kbeat("dlq", "retry", "--all", "--here", "--dry-run").rows
    assert sum(row["letters"] for row in plan if row["what"] == "left") == 2
    result = kbeat("dlq", "retry", "--all", "--here", "--patch", '{"content":"c"}', "--yes")
    assert result.code == 5
    assert [(row["topic"], row["outcome"]) for row in result.rows] == [("notifications", "done")]
    assert "1 letters left: no handler here takes events of jobs, which failed in exec:false: add its [[route]]" in result.err
    assert "1 letters left: no handler here takes events of type T of beats-events, which failed in exec:false" in result.err
    assert {row["topic"] for row in inspect(kbeat)} == {"jobs", "beats-events"}


def test_it_excludes_other_targets(kbeat):
    fail(kbeat, 1)
    for other in (("--to", "x"), ("--to-brokers", "127.0.0.1:1")):
        result = kbeat("dlq", "retry", "--all", "--here", *other, "--yes")
        assert result.code == 2 and "--here excludes" in result.err
    assert len(inspect(kbeat)) == 1 and json.loads(records(kbeat, DLQ)[0]["payload"])["error"]


def test_what_fails_again_goes_to_the_queue_that_it_came_from(kbeat):
    kbeat("produce", "notifications", stdin="{}\n")
    assert kbeat("consume", "notifications", "-e", "-q", "--dlq-topic", "own-dlq").code == 0
    assert kbeat("dlq", "retry", "--all", "--here", "--yes", "--dlq-topic", "own-dlq").code == 5
    assert [row["replays"] for row in inspect(kbeat, "--dlq-topic", "own-dlq")] == [1]
    assert records(kbeat, DLQ) == []
