"""Transactions, the outbox, reports, validation and events of `kbeat produce`, on the embedded log."""

import json
import signal
import subprocess
import time

import pytest

NO_BROKER = ["-b", "127.0.0.1:1", "--timeout", "1s"]


def values(kbeat, topic):
    result = kbeat("consume", topic, "--print", "-e")
    assert result.code == 0, result
    return result.text.splitlines()


def test_a_transaction_shows_all_records(kbeat):
    assert kbeat("produce", "t", "--txn", stdin="1\n2\n3\n").code == 0
    assert values(kbeat, "t") == ["1", "2", "3"]


def test_a_bad_line_undoes_the_transaction(kbeat):
    kbeat("topics", "create", "t")
    lines = '{"payload":"1"}\n{"payload":\n{"payload":"3"}\n'
    result = kbeat("produce", "t", "-J", "--txn", stdin=lines)
    assert result.code == 2 and "line 2" in result.err and "nothing of it is in the topic" in result.err
    assert values(kbeat, "t") == []


def test_a_signal_undoes_the_transaction(kbeat):
    kbeat("topics", "create", "t")
    sending = kbeat.start("produce", "t", "--txn", "-T", "-q", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    sending.stdin.write(b"1\n")
    sending.stdin.flush()
    assert sending.stdout.readline() == b"1\n"
    sending.send_signal(signal.SIGTERM)
    assert sending.wait(30) == 143
    assert b"nothing of it is in the topic" in sending.stderr.read()
    assert values(kbeat, "t") == []


def test_the_outbox_keeps_records_while_kafka_is_away_and_sends_them_in_order(kbeat):
    result = kbeat("produce", "t", "--outbox", "-K", ":", *NO_BROKER, stdin="a:1\na:2\n:3\n")
    assert result.code == 0 and "3 records wait in the store" in result.err, result
    rows = kbeat("outbox", "list").rows
    assert [(row["topic"], row["key"], row["state"], row["bytes"]) for row in rows] == [
        ("t", "a", "waiting", 1), ("t", "a", "waiting", 1), ("t", "", "waiting", 1)]
    flushed = kbeat("outbox", "flush", *NO_BROKER)
    assert flushed.code == 1 and "3 records wait" in flushed.err
    assert kbeat("produce", "t", "--outbox", stdin="4\n").code == 0
    assert values(kbeat, "t") == ["1", "2", "3", "4"]
    assert kbeat("outbox", "list").rows == []


def test_flush_sends_what_waits(kbeat):
    kbeat("produce", "t", "--outbox", *NO_BROKER, stdin="1\n2\n")
    result = kbeat("outbox", "flush")
    assert result.code == 0 and "2 records sent" in result.err
    assert values(kbeat, "t") == ["1", "2"]
    assert "2 records" not in kbeat("outbox", "flush").err


def test_a_report_has_a_line_for_each_record(kbeat, tmp_path):
    """P1"""
    report = tmp_path / "report.jsonl"
    result = kbeat("produce", "t", "-J", "--on-error", "skip", "--report", report,
                   stdin='{"payload":"a"}\nbroken\n{"payload":"c"}\n')
    assert result.code == 0
    *lines, summary = [json.loads(line) for line in report.read_text().splitlines()]
    assert sorted((line["line"], line["outcome"], line["offset"]) for line in lines) == [
        (1, "delivered", 0), (2, "skipped", None), (3, "delivered", 1)]
    assert summary == {"summary": {"delivered": 2, "failed": 0, "skipped": 1, "dead_letters": 0, "waiting_in_outbox": 0}}


def test_a_report_as_json_tells_only_what_went_wrong(kbeat):
    result = kbeat("produce", "t", "-J", "-q", "--on-error", "skip", "--report", "json", stdin='{"payload":"a"}\nbroken\n')
    first, summary = [json.loads(line) for line in result.err.splitlines()]
    assert (first["line"], first["outcome"], first["input"]) == (2, "skipped", "line 2") and "line 2" in first["error"]
    assert summary["summary"]["delivered"] == 1


@pytest.mark.parametrize("kind, good, bad", [
    ("utf8", b"caf\xc3\xa9", b"caf\xe9"),
    ("json", b'{"a":1}', b"{'a':1}"),
    ("event", b'{"type":"X","payload":{}}', b'{"a":1}'),
    ("schema", b'{"type":"BEAT_DELETED","payload":{"beatId":"b1"}}', b'{"type":"BEAT_DELETED","payload":{}}'),
])
def test_validate_stops_at_a_value_that_is_not_valid(kbeat, kind, good, bad):
    topic = "beats-events"  # whose types have schemas
    result = kbeat("produce", topic, "--validate", kind, stdin=good + b"\n" + bad + b"\n" + good + b"\n")
    assert result.code == 2 and "line 2" in result.err
    assert len(values(kbeat, topic)) == 1


def test_a_bad_line_becomes_a_dead_letter(kbeat):
    result = kbeat("produce", "t", "--validate", "json", "--on-error", "dlq", stdin='1\n{"a":\n2\n')
    assert result.code == 0 and "line 2" in result.err, result
    assert values(kbeat, "t") == ["1", "2"]
    letter = kbeat("consume", "dead.letter.queue", "--print", "-e", "-J").rows[0]
    assert json.loads(letter["payload"])["originalEvent"] == '{"a":'
    headers = {header["key"]: header["value"] for header in letter["headers"]}
    assert (headers["kbeat.dlq.topic"], headers["kbeat.dlq.offset"], headers["kbeat.dlq.category"]) == (
        "t", "2", "deserialization")
    assert kbeat("dlq", "inspect").code == 0


@pytest.mark.parametrize("how", [[], ["--txn"], ["--outbox"]], ids=["plain", "txn", "outbox"])
def test_each_line_ends_once_in_the_counts_and_in_the_report(kbeat, tmp_path, how):
    """P1"""
    result = kbeat("produce", "t", "--validate", "json", "--on-error", "dlq", "--report", tmp_path / "report", "-v", *how,
                   stdin='1\n{"a":\n2\n')
    assert result.code == 0 and "delivered 2, failed 0, skipped 0, dead-lettered 1" in result.err, result
    *lines, summary = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert sorted((line["line"], line["outcome"] == "dead_letter") for line in lines) == [(1, False), (2, True), (3, False)]
    assert (summary["summary"]["delivered"], summary["summary"]["dead_letters"]) == (2, 1)


@pytest.mark.parametrize("how, outcome", [([], "delivered"), (["--txn"], "failed"), (["--outbox"], "kept")],
                         ids=["plain", "txn", "outbox"])
def test_a_line_that_ends_the_run_stands_in_the_report_after_what_was_sent(kbeat, tmp_path, how, outcome):
    """P1"""
    result = kbeat("produce", "t", "-J", "--report", tmp_path / "report", *how, stdin='{"payload":"a"}\nbad\n{"payload":"c"}\n')
    assert result.code == 2 and "line 2" in result.err and result.err.count("\n") == 1
    *lines, summary = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert sorted((line["line"], line["outcome"]) for line in lines) in ([(1, outcome), (2, "failed")], [(1, "delivered"), (2, "failed")])
    assert summary["summary"]["failed"] == (2 if outcome == "failed" else 1)
    assert summary["summary"]["delivered"] == (0 if outcome == "failed" else 1)


def test_a_record_that_fails_undoes_its_transaction_in_the_report_too(kbeat, tmp_path):
    kbeat("topics", "create", "t", "--set", "max.message.bytes=1000")
    result = kbeat("produce", "t", "--txn", "--report", tmp_path / "report", stdin="a\n" + "b" * 2000 + "\nc\n")
    assert result.code == 1 and "nothing of it is in the topic" in result.err
    *lines, summary = [json.loads(line) for line in (tmp_path / "report").read_text().splitlines()]
    assert sorted((line["line"], line["outcome"]) for line in lines) == [(1, "failed"), (2, "failed"), (3, "failed")]
    assert (summary["summary"]["delivered"], summary["summary"]["failed"]) == (0, 3)


def test_bad_lines_of_two_runs_are_two_dead_letters_though_their_numbers_are_the_same(kbeat):
    for line in ("one", "two"):
        assert kbeat("produce", "t", "--validate", "json", "--on-error", "dlq", stdin=line).code == 0
    letters = kbeat("dlq", "inspect").rows
    assert len({letter["id"] for letter in letters}) == 2, letters
    assert kbeat("dlq", "discard", letters[0]["id"], "--yes").code == 0
    assert [letter["id"] for letter in kbeat("dlq", "inspect").rows] == [letters[1]["id"]]


def test_a_bad_line_that_was_mended_and_sent_on_is_handled_by_every_group(kbeat):
    metric = '{"type":"METRIC_UPDATED","payload":{"metric":"a","value":7}}\n'
    assert kbeat("produce", "metrics-events", "--validate", "schema", "--on-error", "dlq",
                 stdin=metric + '{"type":"METRIC_UPDATED","payload":{"value":8}}').code == 0
    assert kbeat("dlq", "retry", "--all", "--patch", '{"payload":{"metric":"b"}}', "--yes").code == 0
    for group in ("g", "h"):
        outcomes = [row["outcome"] for row in kbeat("consume", "metrics-events", "-e", "-G", group).rows]
        assert outcomes == ["done", "done"]
    assert kbeat("store", "query", "SELECT name FROM metrics ORDER BY name").rows == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("topic, value, code", [
    ("t", '{"a":1}', 2),
    ("beats-events", '{"beatId":"b1"}', 2),
    ("beats-events", '"text"', 2),
    ("notifications", '{"user_id":"u","event":"e","content":"c"}', 0),
    ("t", '{"type":"OWN","payload":{}}', 0),
])
def test_a_value_that_nothing_says_the_schema_of_is_bad_but_an_event_of_unknown_type_passes(kbeat, topic, value, code):
    result = kbeat("produce", topic, "--validate", "schema", stdin=value)
    assert result.code == code, result
    assert ("line 1: the value is no event" in result.err) == (code == 2)


def test_an_event_is_built_from_fields(kbeat):
    assert kbeat("produce", "t", "--event", "BEAT_DELETED", "--field", "beatId=b\"1", "--field", "n:=[1, null]").code == 0
    assert values(kbeat, "t") == ['{"type":"BEAT_DELETED","payload":{"beatId":"b\\"1","n":[1, null]}}']
    assert kbeat("produce", "u", "--event", "conversation.started", "--field", "user_id=u1").code == 0
    event = json.loads(values(kbeat, "u")[0])
    assert (event["type"], event["data"]) == ("conversation.started", {"user_id": "u1"})
    assert len(event["id"]) == 36 and event["timestamp"].endswith("Z")


def test_an_event_has_the_key_and_the_partition_that_its_topic_wants(kbeat):
    def sent(topic, type, *fields, flags=()):
        given = [part for field in fields for part in ("--field", field)]
        assert kbeat("produce", topic, "--event", type, *given, "--validate", "schema", *flags).code == 0
        return kbeat("stream", topic, "-o", "beginning", "-e", "-J").rows[-1]

    row = sent("conversation.events", "conversation.started", "conversation_id=c1")
    assert row["key"] == json.loads(row["payload"])["id"]
    assert kbeat("produce", "conversation.events", "-k", "c1", stdin="{}").code == 0
    rows = kbeat("stream", "conversation.events", "-o", "beginning", "-e", "-J").rows
    assert len(rows) == 2 and len({each["partition"] for each in rows}) == 1  # that of the conversation
    assert sent("business.analytics", "business.analytics.update", "metric_name=m", "metric_value:=1")["key"]
    assert sent("beats-events", "BEAT_DELETED", "beatId=b1")["key"] == "b1"
    assert sent("notifications", "ORDER", "user_id=u", "event=e", "content=c", flags=["-k", "own"])["key"] == "own"
    assert sent("metrics-events", "METRIC_UPDATED", "metric=m", "value:=1")["key"] is None


def test_an_event_for_the_quiz_topic_has_its_flat_shape(kbeat):
    fields = {"session_id": "s1", "quiz_id": "z", "classroom_id": "c", "question_id": "n"}
    given = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
    assert kbeat("produce", "quiz-events", "--event", "QUESTION_PUBLISHED", *given, "--field", "timer_sec:=60",
                 "--validate", "schema").code == 0
    assert kbeat("produce", "quiz-events", "--event", "ANSWER", *given, "--field", "event_id=e2", "--field",
                 "timestamp=2026-01-31T09:00:00Z").code == 0
    first, second = kbeat("stream", "quiz-events", "-o", "beginning", "-e", "-J").rows
    event = json.loads(first["payload"])
    assert first["key"] == "s1" and fields.items() <= event.items() and event["event_type"] == "QUESTION_PUBLISHED"
    assert len(event["event_id"]) == 36 and event["timestamp"].endswith("Z") and event["timer_sec"] == 60
    event = json.loads(second["payload"])
    assert (event["event_id"], event["timestamp"]) == ("e2", "2026-01-31T09:00:00Z")
    assert [row["outcome"] for row in kbeat("consume", "quiz-events", "-e").rows] == ["done", "done"]


@pytest.mark.parametrize("arguments, complaint", [
    (["--txn", "--outbox"], "--txn and --outbox"),
    (["--txn-id", "x"], "--txn-id needs --txn"),
    (["--field", "a=1"], "--field needs --event"),
    (["--event", "X", "--field", "a"], "NAME=TEXT"),
    (["--event", "X", "--field", "a:={"], "not JSON"),
    (["--event", "X", "--field", "a=1", "--field", "a=2"], "twice"),
    (["--event", "X", "-J"], "--event reads nothing"),
    (["--event", "X", "-D", ";"], "--event reads nothing"),
    (["--dlq-topic", "d"], "--on-error dlq"),
    (["--validate", "xml"], "--validate"),
    (["--on-error", "retry"], "--on-error"),
    (["-H", ""], "a header needs a name"),
])
def test_flags_that_do_not_go_together_exit_2(kbeat, arguments, complaint):
    result = kbeat("produce", "t", *arguments, stdin="x\n")
    assert (result.code, result.text) == (2, "") and complaint in result.err, result


def test_settings_that_a_relay_refuses_end_the_wait_for_it(kbeat):
    assert kbeat("produce", "t", "--outbox", "-b", "127.0.0.1:1", "--timeout", "1s", stdin="x").code == 0
    begun = time.monotonic()
    result = kbeat("outbox", "flush", "-b", "127.0.0.1:1", "-X", "acks=1", "--timeout", "50s")
    assert result.code == 1 and "acks=all only" in result.err and "1 records wait in the store" in result.err, result
    assert time.monotonic() - begun < 25
