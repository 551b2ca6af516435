"""Dead letters seen and decided from the command line, on the embedded log."""

import json
import os
import pty
import stat
import subprocess

import pytest

from letters import DLQ, fail, inspect, put
from reading import records


def test_a_dead_letter_is_shown_with_all_that_is_known(kbeat):
    (value,) = fail(kbeat, 1)
    (row,) = inspect(kbeat)
    assert row["state"] == "open" and row["kind"] == "kbeat" and row["topic"] == "notifications"
    assert row["id"].endswith("/kbeat/notifications/0/0")
    assert row["category"] == "schema" and "content" in row["error"] and row["attempts"] == 1
    (body,) = [record["payload"] for record in records(kbeat, DLQ)]
    assert body.startswith('{"originalEvent":' + value + ',"error":')


def test_the_dead_letter_keeps_key_headers_and_bytes_and_replaces_old_error_headers(kbeat):
    value = '{"user_id": 1.10,  "big":9007199254740993}'
    envelope = {"key": "k", "payload": value,
                "headers": [{"key": "h", "value": None}, {"key": "h", "value": "2"},
                            {"key": "kbeat.dlq.attempts", "value": "99"}]}
    kbeat("produce", "notifications", "-J", stdin=json.dumps(envelope) + "\n")
    assert kbeat("consume", "notifications", "-e", "-q").code == 0
    (letter,) = records(kbeat, DLQ)
    assert letter["payload"][len('{"originalEvent":'):][:len(value)] == value
    assert letter["key"] == "k"
    assert letter["headers"][:2] == [{"key": "h", "value": None}, {"key": "h", "value": "2"}]
    named = [header for header in letter["headers"] if header["key"] == "kbeat.dlq.attempts"]
    assert [header["value"] for header in named] == ["1"]
    assert {"key": "kbeat.dlq.length", "value": str(len(value))} in letter["headers"]


def test_retry_sends_the_original_back_once(kbeat):
    values = fail(kbeat, 3)
    result = kbeat("dlq", "retry", "--all", "--yes")
    assert result.code == 0 and "3 letters retried" in result.err
    copies = records(kbeat, "notifications")[3:]
    assert [copy["payload"] for copy in copies] == values
    names = [header["key"] for header in copies[0]["headers"]]
    assert "kbeat.retry-of" in names and not [name for name in names if name.startswith("kbeat.dlq.")]
    assert kbeat("dlq", "retry", "--all", "--yes").code == 3
    assert inspect(kbeat) == []
    assert len(inspect(kbeat, "--state", "retried")) == 3


def test_a_letter_that_is_named_is_shown_in_whatever_state_and_the_state_is_told_where_it_does_not_match(kbeat):
    fail(kbeat, 1)
    (row,) = inspect(kbeat)
    assert kbeat("dlq", "discard", row["id"], "--yes").code == 0
    assert row["decided_at"] is None and row["reason"] is None
    (decided,) = inspect(kbeat, row["id"])
    assert decided["state"] == "discarded" and decided["decided_at"] > decided["failed_at"] and decided["reason"]
    for action in ("retry", "discard", "archive"):
        result = kbeat("dlq", action, row["id"], "--yes")
        assert result.code == 3 and f"dead letter {row['id']} does not match: it is discarded" in result.err, result


def test_a_retry_that_fails_again_is_one_letter_with_its_replays_counted(kbeat):
    fail(kbeat, 1)
    for replay in range(1, 4):
        assert kbeat("dlq", "retry", "--all", "--yes").code == 0
        assert kbeat("consume", "notifications", "-e", "-q").code == 0
        (row,) = inspect(kbeat)
        assert row["replays"] == replay
    result = kbeat("dlq", "retry", "--all", "--yes")
    assert result.code == 0 and "1 letters archived" in result.err
    assert inspect(kbeat) == []
    (row,) = inspect(kbeat, "--state", "archived")
    assert kbeat("dlq", "retry", row["id"], "--yes").code == 3
    assert kbeat("dlq", "retry", row["id"], "--state", "archived", "--yes").code == 0
    assert len(records(kbeat, "notifications")) == 5


def test_a_patch_mends_the_events_that_it_is_for(kbeat):
    fail(kbeat, 2)
    result = kbeat("dlq", "retry", "--where", "user_id == 'u1'", "--patch", '{"content":"c"}', "--yes")
    assert result.code == 0, result
    consumed = kbeat("consume", "notifications", "-e", "-q")
    assert [row["outcome"] for row in consumed.rows] == ["done"]
    (row,) = kbeat("store", "query", "SELECT user_id, content FROM notifications").rows
    assert row == {"user_id": "u1", "content": "c"}
    assert len(inspect(kbeat)) == 1


def test_an_editor_changes_one_value_and_what_is_left_alone_is_not_sent(kbeat, tmp_path):
    fail(kbeat, 2)
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\ngrep -q u1 $2 || exit 0\nsed -i 's/\"e\"/\"e\",\"content\":\"by hand\"/' $2\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    result = kbeat("dlq", "retry", "--all", "--edit", "--yes", env={"EDITOR": f"{editor} --wait"})
    assert result.code == 5 and "1 letters left: not edited" in result.err
    assert json.loads(records(kbeat, "notifications")[-1]["payload"])["content"] == "by hand"


def test_archive_and_discard_close_letters_and_the_archive_keeps_the_body(kbeat):
    fail(kbeat, 3)
    assert kbeat("dlq", "archive", "notifications/0/0", "--reason", "kept", "--yes").code == 0
    assert kbeat("dlq", "discard", "notifications/0/1", "--yes").code == 0
    assert [row["id"][-1] for row in inspect(kbeat)] == ["2"]
    states = {(row["state"], row["category"]): row["count"] for row in kbeat("dlq", "stats").rows}
    assert states == {("open", "schema"): 1, ("archived", "schema"): 1, ("discarded", "schema"): 1}
    (row,) = kbeat("store", "query", "SELECT reason, CAST(value AS TEXT) AS body FROM archived_letters").rows
    assert row["reason"] == "kept" and '"user_id": "u0"' in row["body"]
    (state,) = [json.loads(record["payload"]) for record in records(kbeat, DLQ + "-state")
                if record["key"].endswith("/0")]
    assert state["state"] == "archived" and state["reason"] == "kept" and state["host"]


def test_letters_are_chosen_by_every_category_that_stats_counts(kbeat):
    fail(kbeat, 1)
    put(kbeat, "plain")
    put(kbeat, "late", [("kafka_dlt-original-topic", b"orders"), ("kafka_dlt-exception-fqcn", b"a.TimeoutException")])
    counts = {row["category"]: row["count"] for row in kbeat("dlq", "stats").rows}
    assert counts == {"schema": 1, "foreign": 1, "timeout": 1}
    assert {name: len(inspect(kbeat, "--category", name)) for name in counts} == counts
    assert kbeat("dlq", "discard", "--category", "foreign", "--yes").code == 0
    assert {row["form"] for row in inspect(kbeat)} == {"kbeat", "spring"}
    assert inspect(kbeat, "--category", "damaged") == []


def test_at_most_none_is_none(kbeat):
    fail(kbeat, 2)
    assert inspect(kbeat, "-c", "0") == [] and len(inspect(kbeat, "-c", "1")) == 1
    result = kbeat("dlq", "discard", "--all", "-c", "0", "--yes")
    assert result.code == 2 and "-c" in result.err and len(inspect(kbeat)) == 2


def test_what_changes_something_needs_consent_and_a_choice(kbeat):
    fail(kbeat, 1)
    for command in ("retry", "archive", "discard"):
        assert kbeat("dlq", command, "--all").code == 2
        assert kbeat("dlq", command, "--yes").code == 2
        result = kbeat("dlq", command, "--all", "--dry-run")
        assert result.code == 0 and result.err == ""
        decided = {"retry": "retried", "archive": "archived", "discard": "discarded"}[command]
        assert {"dlq": DLQ, "what": "state", "name": decided, "letters": 1} in result.rows
        assert kbeat("dlq", command, "--all", "--yes", "--output", "json").code == 2
    assert len(inspect(kbeat)) == 1
    assert records(kbeat, DLQ + "-state") == []


def test_a_dry_run_prints_targets_and_errors_as_its_result(kbeat):
    fail(kbeat, 2)
    plan = kbeat("dlq", "retry", "--all", "--dry-run").rows
    assert [(row["what"], row["letters"]) for row in plan] == [("state", 2), ("target", 2), ("error", 2)]
    assert [row["name"] for row in plan] == ["retried", "notifications", "content is missing"]
    table = kbeat("dlq", "retry", "--all", "--dry-run", "--output", "csv").out.decode().splitlines()
    assert table[:2] == ["dlq,what,name,letters", f"{DLQ},state,retried,2"]
    assert len(records(kbeat, "notifications")) == 2


def test_patterns_group_errors_that_differ_in_ids(kbeat):
    for i in range(3):
        put(kbeat, "{}", [("dead-letter-topic", b"t"), ("dead-letter-reason", f"no beat {i} at http://h/{i}".encode())])
    (row,) = inspect(kbeat, "--patterns")
    assert row["pattern"] == "no beat <n> at <url>" and row["count"] == 3
    assert row["first"] <= row["last"] and row["sample"] == "no beat 0 at http://h/0"


def test_foreign_letters_are_shown_and_go_back_where_they_came_from(kbeat):
    put(kbeat, "plain")
    put(kbeat, "spring", [("kafka_dlt-original-topic", b"orders"),
                          ("kafka_dlt-original-partition", bytes(4)),
                          ("kafka_dlt-original-offset", (300).to_bytes(8, "big")),
                          ("kafka_dlt-exception-message", b"boom")])
    put(kbeat, "connect", [("__connect.errors.topic", b"orders"), ("mine", b"1")])
    kbeat("produce", "orders", stdin="first\n")
    rows = {row["form"]: row for row in inspect(kbeat)}
    assert rows["unknown"]["kind"] == "foreign" and rows["unknown"]["topic"] is None
    assert rows["spring"]["error"] == "boom" and rows["spring"]["topic"] == "orders"
    result = kbeat("dlq", "retry", "--all", "--yes")
    assert result.code == 5 and "origin not known" in result.err
    copies = records(kbeat, "orders")[1:]
    assert sorted(copy["payload"] for copy in copies) == ["connect", "spring"]
    names = {header["key"] for copy in copies for header in copy["headers"]}
    assert "mine" in names and not [name for name in names if name.startswith(("kafka_dlt", "__connect"))]


def test_a_named_header_tells_the_origin(kbeat):
    kbeat("produce", "orders", stdin="first\n")
    put(kbeat, "v", [("src", b"orders")])
    assert kbeat("dlq", "retry", "--all", "--origin-header", "src", "--yes").code == 0
    assert [record["payload"] for record in records(kbeat, "orders")] == ["first", "v"]


def test_damaged_letters_are_shown_and_never_sent(kbeat):
    fail(kbeat, 1)
    (letter,) = records(kbeat, DLQ)
    originals = {"cut": letter["payload"][:30], "changed": letter["payload"].replace("u0", "u9"), "gone": "{}"}
    for i, body in enumerate(originals.values()):
        bad = {**letter, "payload": body,
               "headers": [{**header, "value": str(100 + i)} if header["key"] == "kbeat.dlq.offset" else header
                           for header in letter["headers"]]}
        assert kbeat("produce", DLQ, "-J", stdin=json.dumps(bad) + "\n").code == 0
    damaged = [row for row in inspect(kbeat) if row["kind"] == "damaged"]
    assert len(damaged) == 3 and all("damaged" in row["error"] for row in damaged)
    result = kbeat("dlq", "retry", "--all", "--yes")
    assert result.code == 5 and "3 letters left: damaged" in result.err
    assert len(records(kbeat, "notifications")) == 2


@pytest.mark.parametrize("arguments, code, message", [
    (("inspect", "--dlq-topic", "nowhere"), 3, "does not exist"),
    (("inspect", "--error", "("), 2, "--error"),
    (("inspect", "--category", "nonsense"), 2, "--category"),
    (("inspect", "--state", "nonsense"), 2, "open, pending, retried"),
    (("inspect", "notifications/0/%"), 3, "no such dead letter"),
    (("inspect", "x' OR '1'='1"), 3, "no such dead letter"),
    (("inspect", "--since", "yesterday"), 2, "--since"),
    (("inspect", "--where", "a =="), 2, "--where"),
    (("retry", "notifications/0/99", "--yes"), 3, "no such dead letter"),
    (("retry", "--all", "--rate", "0", "--yes"), 2, "--rate"),
    (("retry", "--all", "--to", "a/b", "--yes"), 2, "legal topic name"),
    (("retry", "--all", "--patch", "{a}", "--yes"), 2, "--patch is not JSON"),
    (("retry", "--all", "--state", "archived", "--yes"), 2, "--state"),
    (("watch", "--interval", "0"), 2, "--interval"),
])
def test_bad_use_is_refused_by_name(kbeat, arguments, code, message):
    fail(kbeat, 1)
    result = kbeat("dlq", *arguments)
    assert result.code == code and message in result.err, result
    assert len(records(kbeat, "notifications")) == 1


def test_an_error_pattern_takes_linear_time(kbeat):
    put(kbeat, "v", [("dead-letter-topic", b"t"), ("dead-letter-reason", b"a" * 1000 + b"!")])
    assert inspect(kbeat, "--error", "(a+)+$") == []


def test_a_topic_that_is_gone_leaves_the_letter_open(kbeat):
    put(kbeat, "v", [("dead-letter-topic", b"nowhere")])
    result = kbeat("dlq", "retry", "--all", "--yes")
    assert result.code == 5 and "topic nowhere does not exist" in result.err
    assert len(inspect(kbeat)) == 1


def test_no_dead_letters_at_all_says_so(kbeat):
    result = kbeat("dlq", "inspect")
    assert result.code == 3 and "neither analytics-dlq nor dead.letter.queue exists" in result.err


def test_control_characters_of_a_letter_do_not_reach_the_terminal(kbeat):
    put(kbeat, "v", [("dead-letter-topic", b"t"),
                     ("dead-letter-reason", "\x1b[31mred \x7f \u202e \u0085 end".encode())])
    master, slave = pty.openpty()
    process = kbeat.start("dlq", "inspect", stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    output = b""
    try:
        while chunk := os.read(master, 65536):
            output += chunk
    except OSError:
        pass  # the other end is closed
    assert process.wait(30) == 0
    assert b"red" in output and b"end" in output
    assert not set(output) & set(range(0x20)) - {0x0a, 0x0d}
    assert b"\x7f" not in output and "\u202e".encode() not in output and "\u0085".encode() not in output


def test_a_rate_spreads_a_retry_over_time_with_no_transaction_open_in_between(kbeat):
    fail(kbeat, 6)
    process = kbeat.start("dlq", "retry", "--all", "--rate", "4", "--yes", stderr=subprocess.PIPE)
    seen = set()
    while process.poll() is None:
        seen.add(len(records(kbeat, "notifications")))
    assert process.returncode == 0, process.stderr.read()
    assert len(seen) > 2  # what was sent could be read on the way
    assert len(records(kbeat, "notifications")) == 12


def test_watch_tells_growth_and_can_end_by_it(kbeat, tmp_path):
    fail(kbeat, 1)
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat >> {tmp_path}/paged\n")
    pager.chmod(0o755)
    process = kbeat.start("dlq", "watch", "--interval", "50ms", "--exit-on-growth", "--exec", pager, "-v",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while b"dead.letter.queue: 1 letters open" not in process.stderr.readline():
        assert process.poll() is None
    fail(kbeat, 2, first=10)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    line = json.loads(out)
    assert line["dlq"] == DLQ and line["new"] >= 1 and line["open"] == 1 + line["new"]
    assert json.loads((tmp_path / "paged").read_text()) == line


def test_watch_wants_its_program_at_the_start_and_tells_how_it_ended(kbeat, tmp_path):
    fail(kbeat, 1)
    result = kbeat("dlq", "watch", "--exec", tmp_path / "absent")
    assert result.code == 2 and f"--exec: there is no program {tmp_path}/absent that may be run" in result.err
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nexit 3\n")
    pager.chmod(0o755)
    process = kbeat.start("dlq", "watch", "--interval", "50ms", "--exit-on-growth", "--exec", pager, "-v",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while b"1 letters open" not in process.stderr.readline():
        assert process.poll() is None
    fail(kbeat, 1, first=10)
    _, err = process.communicate(timeout=60)
    assert f"{pager} ended with 3" in err.decode()


def test_watch_ends_well_when_nothing_grew(kbeat):
    fail(kbeat, 1)
    result = kbeat("dlq", "watch", "--interval", "20ms", "--max-time", "200ms")
    assert (result.code, result.out) == (0, b"")


def test_records_that_are_no_states_decide_nothing_and_are_named_once(kbeat):
    fail(kbeat, 2)
    first, second = inspect(kbeat)
    assert kbeat("dlq", "discard", first["id"], "--yes").code == 0
    for value in ('{"type":"x"}', "not json", '{"state":"lost"}'):
        put(kbeat, value, topic=f"{DLQ}-state", key=second["id"])
    result = kbeat("dlq", "inspect")
    assert (result.code, [row["id"] for row in result.rows]) == (0, [second["id"]])
    assert result.err.count("is no state of a dead letter") == 1
    assert f"{DLQ}-state partition 0 offset 1 " in result.err and "3 such records" in result.err
    assert kbeat("dlq", "retry", "--all", "--yes").code == 0
    assert inspect(kbeat) == []
