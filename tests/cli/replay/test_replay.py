"""`kbeat replay` on the embedded log."""

import hashlib
import json
import os
import pty
import random
import subprocess
import time

import pytest

from reading import records

HOUR_AGO = int(time.time() * 1000) - 3_600_000  # older stamps are beyond the log's retention


@pytest.fixture
def orders(kbeat):
    """Thirty events in three partitions, stamped out of their order."""
    kbeat("topics", "create", "orders", "--partitions", "3")
    lines = [json.dumps({"key": f"k{i % 7}", "partition": i % 3, "ts": HOUR_AGO + (i * 7 % 30) * 1000,
                         "headers": [{"key": "h", "value": "1"}, {"key": "h", "value": None}],
                         "payload": json.dumps({"event_id": f"e{i}", "event_type": "T", "n": i})}) for i in range(30)]
    assert kbeat("produce", "orders", "-J", stdin="\n".join(lines) + "\n").code == 0
    return "orders"


def numbers(result):
    assert result.code == 0, result
    return [json.loads(line)["n"] for line in result.text.splitlines()]


def test_a_range_is_printed_partition_after_partition(kbeat, orders):
    assert numbers(kbeat("replay", orders, "-q")) == [*range(0, 30, 3), *range(1, 30, 3), *range(2, 30, 3)]
    assert numbers(kbeat("replay", orders, "-q", "-p", "1", "-o", "2:4")) == [7, 10]
    assert numbers(kbeat("replay", orders, "-q", "-p", "0", "-o", "-2")) == [24, 27]
    assert numbers(kbeat("replay", orders, "-q", "--where", "n > 27")) == [28, 29]


def test_a_range_of_time_takes_the_stamps_within_it(kbeat, orders):
    found = numbers(kbeat("replay", orders, "-q", "--since", HOUR_AGO + 5000, "--until", HOUR_AGO + 8000))
    assert sorted(found) == sorted(i for i in range(30) if 5 <= i * 7 % 30 < 8)


def test_the_order_of_time_merges_partitions_and_is_the_same_every_time(kbeat, orders):
    """Y2"""
    runs = [kbeat("replay", orders, "-q", "-J", "--order", "time") for _ in range(10)]
    assert len({hashlib.sha256(run.out).hexdigest() for run in runs}) == 1
    rows = runs[0].rows
    assert len(rows) == 30
    for partition in range(3):
        offsets = [row["offset"] for row in rows if row["partition"] == partition]
        assert offsets == sorted(offsets)
    heads = merge_by_head(records(kbeat, orders))
    assert [(row["partition"], row["offset"]) for row in rows] == heads


def merge_by_head(rows):
    """The order that a merge of the partitions by their first records gives."""
    lanes = {p: [row for row in rows if row["partition"] == p] for p in {row["partition"] for row in rows}}
    order = []
    while any(lanes.values()):
        first = min((lane[0] for lane in lanes.values() if lane), key=lambda row: (row["ts"], row["partition"]))
        order.append((first["partition"], first["offset"]))
        lanes[first["partition"]].pop(0)
    return order


def test_records_go_to_another_topic_with_all_they_have_and_their_identity(kbeat, orders):
    kbeat("topics", "create", "copy", "--partitions", "3")
    result = kbeat("replay", orders, "--to", "copy")
    assert result.code == 0 and "30 records replayed" in result.err
    before, after = records(kbeat, orders), records(kbeat, "copy")
    for old, new in zip(before, after, strict=True):
        identity = new["headers"].pop()
        assert identity == {"key": "kbeat.event-id", "value": f"orders/T/{json.loads(old['payload'])['event_id']}"}
        assert {**new, "topic": "orders"} == old


def test_partitions_by_key_and_stamps_of_now(kbeat, orders):
    kbeat("topics", "create", "copy", "--partitions", "2")
    refused = kbeat("replay", orders, "--to", "copy")
    assert refused.code == 2 and "--partition hash" in refused.err
    kbeat("topics", "create", "other", "--partitions", "2")
    assert kbeat("replay", orders, "--to", "other", "--partition", "hash", "--ts", "now").code == 0
    rows = records(kbeat, "other")
    assert len(rows) == 30 and all(row["ts"] > HOUR_AGO + 3_000_000 for row in rows)
    assert len({(row["key"], row["partition"]) for row in rows}) == 7


def test_a_named_replay_goes_on_after_kills_without_loss_or_double(kbeat):
    """DELIVERY rule 14, Y6"""
    lines = "".join(json.dumps({"event_id": f"e{i}"}) + "\n" for i in range(3000))
    kbeat("produce", "many", stdin=lines)
    random.seed(5)
    kills = 0
    for _ in range(12):
        process = kbeat.start("replay", "many", "--to", "copy", "--resume", "r", "--rate", "3000", stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.1, 0.35))
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills > 2
    last = kbeat("replay", "many", "--to", "copy", "--resume", "r")
    assert last.code == 0, last
    assert [row["payload"] for row in records(kbeat, "copy")] == lines.splitlines()
    assert kbeat("replay", "many", "--to", "copy", "--resume", "r").code == 0
    assert len(records(kbeat, "copy")) == 3000


def test_the_end_is_fixed_at_the_start_though_a_producer_goes_on(kbeat):
    """Y1"""
    kbeat("produce", "many", stdin="".join(f"{i}\n" for i in range(300)))
    process = kbeat.start("replay", "many", "--to", "copy", "--rate", "300", stderr=subprocess.DEVNULL)
    while not (copied := records(kbeat, "copy")):
        assert process.poll() is None
    assert len(copied) < 300
    kbeat("produce", "many", stdin="".join(f"{i}\n" for i in range(300, 400)))
    assert process.wait(timeout=30) == 0
    assert [row["payload"] for row in records(kbeat, "copy")] == [str(i) for i in range(300)]


def test_a_name_stands_for_one_source_and_choice(kbeat, orders):
    assert kbeat("replay", orders, "--to", "copy", "--partition", "hash", "--resume", "r").code == 0
    result = kbeat("replay", orders, "--to", "copy", "--partition", "hash", "--resume", "r", "--where", "n > 3")
    assert result.code == 2 and "another source or with other filters" in result.err


def test_a_signal_ends_it_and_the_name_goes_on(kbeat, orders):
    process = kbeat.start("replay", orders, "-p", "0", "--to", "copy", "--resume", "r", "--rate", "5", stderr=subprocess.PIPE)
    while not records(kbeat, "copy"):
        time.sleep(0.02)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143 and b"stopped by a signal after" in err
    some = len(records(kbeat, "copy"))
    assert 0 < some < 10
    result = kbeat("replay", orders, "-p", "0", "--to", "copy", "--resume", "r")
    assert result.code == 0 and f"({some} before)" in result.err
    assert [json.loads(row["payload"])["n"] for row in records(kbeat, "copy")] == list(range(0, 30, 3))


def test_the_original_clock_paces_it(kbeat):
    lines = [json.dumps({"ts": HOUR_AGO + i * 300, "payload": "x"}) for i in range(4)]
    kbeat("produce", "t", "-J", stdin="\n".join(lines) + "\n")
    begun = time.monotonic()
    assert kbeat("replay", "t", "--speed", "1x").code == 0
    assert time.monotonic() - begun >= 0.9
    begun = time.monotonic()
    assert kbeat("replay", "t", "--speed", "max").code == 0
    assert time.monotonic() - begun < 0.8


def test_a_file_of_envelopes_is_replayed(kbeat, orders, tmp_path):
    saved = tmp_path / "saved.jsonl"
    saved.write_bytes(kbeat("replay", orders, "-q", "-J").out)
    assert kbeat("replay", "--file", saved, "--to", "copy", "--partition", "hash", "--resume", "f").code == 0
    assert len(records(kbeat, "copy")) == 30
    with saved.open("a") as file:
        file.write("no envelope\n" + saved.read_text().splitlines()[0] + "\n")
    result = kbeat("replay", "--file", saved, "--to", "copy", "--partition", "hash", "--resume", "f")
    assert result.code == 2 and "line 31" in result.err
    result = kbeat("replay", "--file", saved, "--to", "copy", "--partition", "hash", "--resume", "f", "--on-error", "skip")
    assert result.code == 0 and len(records(kbeat, "copy")) == 31
    result = kbeat("replay", "--file", saved, "--to", "other", "--partition", "hash", "--on-error", "dlq", "--dlq-topic", "d")
    assert result.code == 0 and "kept as a dead letter: line 31" in result.err and len(records(kbeat, "other")) == 31
    (letter,) = kbeat("dlq", "inspect", "--dlq-topic", "d").rows
    assert letter["id"].startswith("/replay:") and letter["id"].endswith("/other/-1/31") and letter["category"] == "deserialization"
    assert json.loads(records(kbeat, "d")[0]["payload"])["originalEvent"] == "no envelope"
    piped = kbeat("replay", "--file", "-", "-q", stdin=saved.read_bytes().splitlines()[0] + b"\n")
    assert numbers(piped) == [0]


@pytest.mark.parametrize("how", [["--to", "Q"], ["--to", "Q", "--resume", "r"]], ids=["plain", "named"])
def test_what_stands_before_a_bad_line_is_delivered(kbeat, tmp_path, how):
    saved = tmp_path / "bad.jsonl"
    saved.write_text('{"topic":"a","payload":"x"}\n{"topic":"a","payload":"y"}\nbad\n{"topic":"a","payload":"z"}\n')
    kbeat("topics", "create", "Q")
    result = kbeat("replay", "--file", saved, *how)
    assert result.code == 2 and "line 3" in result.err and "2 records replayed" in result.err
    assert [row["payload"] for row in records(kbeat, "Q")] == ["x", "y"]
    assert kbeat("replay", "--file", saved, "--dry-run").code == 2
    assert kbeat("replay", "--file", saved, "-q", "-c", "2").text == "x\ny\n"
    saved.write_text(saved.read_text().replace("bad\n", ""))
    if "--resume" in how:
        assert kbeat("replay", "--file", saved, *how).code == 0
        assert [row["payload"] for row in records(kbeat, "Q")] == ["x", "y", "z"]


@pytest.mark.parametrize("how", [["--to", "Q"], ["--to", "Q", "--resume", "r"]], ids=["plain", "named"])
def test_what_stands_before_a_record_without_a_place_is_delivered(kbeat, tmp_path, how):
    saved = tmp_path / "far.jsonl"
    saved.write_text('{"payload":"x"}\n{"payload":"y"}\n{"payload":"z","partition":4}\n')
    kbeat("topics", "create", "Q")
    result = kbeat("replay", "--file", saved, *how)
    assert result.code == 2 and "line 3: Q has 1 partitions, and a record lies in 4" in result.err
    assert "2 records replayed" in result.err
    assert [row["payload"] for row in records(kbeat, "Q")] == ["x", "y"]
    if "--resume" in how:
        saved.write_text(saved.read_text().replace(',"partition":4', ""))
        assert kbeat("replay", "--file", saved, *how).code == 0
        assert [row["payload"] for row in records(kbeat, "Q")] == ["x", "y", "z"]


def test_what_stands_before_a_bad_line_is_handled(kbeat, tmp_path):
    kbeat("produce", "quiz-events", stdin=quiz(1) + "\n")
    saved = tmp_path / "bad.jsonl"
    saved.write_bytes(kbeat("replay", "quiz-events", "-q", "-J").out + b"bad\n")
    result = kbeat("replay", "--file", saved, "--handle")
    assert result.code == 2 and "line 2" in result.err and "1 done" in result.err
    assert len(quiz_rows(kbeat)) == 1
    assert kbeat("replay", "--file", saved, "--handle", "-c", "1").code == 0


def test_the_archive_is_replayed_as_it_was_before_it_failed(kbeat):
    kbeat("produce", "notifications", stdin='{"user_id":"u"}\n{"user_id":"v"}\n')
    kbeat("consume", "notifications", "-e", "-q")
    kbeat("dlq", "archive", "notifications/0/1", "--yes")
    result = kbeat("replay", "--archive", "--to", "again")
    assert result.code == 0, result
    (row,) = records(kbeat, "again")
    assert row["payload"] == '{"user_id":"v"}'
    assert [header["key"] for header in row["headers"]] == ["kbeat.event-id"]


def test_a_dry_run_counts_and_writes_nothing(kbeat, orders):
    """Y5"""
    before = (kbeat.data_dir / "log.db").read_bytes()
    result = kbeat("replay", orders, "--to", "copy", "--where", "n >= 10", "--dry-run")
    assert result.code == 0, result
    assert [(row["partition"], row["begin"], row["end"], row["records"], row["target"]) for row in result.rows] == [
        (0, 0, 10, 6, "copy"), (1, 0, 10, 7, "copy"), (2, 0, 10, 7, "copy")]
    assert "copy" not in [row["topic"] for row in kbeat("topics", "list").rows]
    assert (kbeat.data_dir / "log.db").read_bytes() == before
    assert not (kbeat.data_dir / "store.db").exists()


def test_an_empty_topic_is_no_error(kbeat):
    kbeat("topics", "create", "empty")
    result = kbeat("replay", "empty", "--to", "copy")
    assert result.code == 0 and "0 records replayed" in result.err


@pytest.mark.parametrize("where_to", [("--to", "copy", "--partition", "hash"), ("--handle",)], ids=lambda flags: flags[0])
def test_progress_is_drawn_on_a_terminal_only(kbeat, orders, where_to):
    assert "ETA" not in kbeat("replay", orders, *where_to, "--rate", "60").err
    master, slave = pty.openpty()
    process = kbeat.start("replay", orders, *where_to, "--rate", "40", stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    output = b""
    try:
        while chunk := os.read(master, 65536):
            output += chunk
    except OSError:
        pass  # the other end is closed
    assert process.wait(30) == 0
    assert b"ETA" in output and b"records/s" in output


def test_a_dry_run_makes_no_log_and_reads_a_folder_that_cannot_be_written(kbeat, orders, tmp_path):
    """Y5"""
    empty = tmp_path / "empty"
    empty.mkdir()
    assert kbeat("replay", "nowhere", "--dry-run", "--data-dir", empty).code == 3
    saved = tmp_path / "saved.jsonl"
    saved.write_text('{"topic":"a","payload":"x"}\n')
    assert kbeat("replay", "--file", saved, "--dry-run", "--data-dir", empty).rows[0]["records"] == 1
    assert list(empty.iterdir()) == []
    kbeat.data_dir.chmod(0o500)
    for path in kbeat.data_dir.iterdir():
        path.chmod(0o400)
    try:
        result = kbeat("replay", orders, "--to", "copy", "--dry-run")
        assert result.code == 0 and sum(row["records"] for row in result.rows) == 30, result
    finally:
        kbeat.data_dir.chmod(0o700)
    assert not (kbeat.data_dir / "store.db").exists()


@pytest.mark.parametrize("arguments, code, message", [
    ((), 2, "say what to replay"),
    (("orders", "--archive"), 2, "say what to replay"),
    (("nowhere",), 3, "nowhere"),
    (("orders", "-p", "9"), 3, "partition"),
    (("orders", "-o", "7:3"), 2, "-o"),
    (("orders", "--since", "2026-01-02", "--until", "2026-01-01"), 2, "before it begins"),
    (("orders", "-o", "99"), 6, "which has 0 to 10"),
    (("orders", "--since", "yesterday"), 2, "--since"),
    (("orders", "--to", "orders"), 2, "the target is the source"),
    (("orders", "--to", "a b"), 2, "legal topic name"),
    (("orders", "--rate", "0"), 2, "--rate"),
    (("orders", "--rate", "1e12"), 2, "--rate"),
    (("orders", "--speed", "0"), 2, "--speed"),
    (("orders", "--speed", "fast"), 2, "--speed"),
    (("orders", "-o", "stored"), 2, "no group"),
    (("orders", "--resume", "r"), 2, "--resume needs"),
    (("orders", "--resume", "a/b", "--to", "x"), 2, "--resume"),
    (("orders", "--to-brokers", "h:1"), 2, "needs --to"),
    (("orders", "--handle", "--to", "x"), 2, "exclude"),
    (("orders", "--handle", "-J"), 2, "no records are printed"),
    (("orders", "--to", "x", "-f", "%s"), 2, "no records are printed"),
    (("orders", "--ts", "now"), 2, "need --to"),
    (("orders", "--handle", "--partition", "hash"), 2, "need --to"),
    (("--file", "saved.jsonl", "--order", "time"), 2, "--order time is for topics"),
    (("--archive", "--order", "time"), 2, "--order time is for topics"),
    (("--archive", "--handle", "--resume", "r"), 2, "--resume is for topics"),
    (("orders", "--where", "n =="), 2, "--where"),
    (("orders", "-c", "0"), 2, "--count"),
    (("--file", "missing.jsonl"), 3, "missing.jsonl"),
    (("--file", "/"), 2, "directory"),
])
def test_bad_use_is_refused_by_name(kbeat, orders, arguments, code, message):
    before = len(records(kbeat, orders))
    result = kbeat("replay", *arguments)
    assert result.code == code and message in result.err, result
    assert len(records(kbeat, orders)) == before


def quiz(i, timer=1):
    return json.dumps({"event_id": f"q{i}", "event_type": "answer", "timestamp": "2026-01-01T00:00:00Z", "session_id": f"s{i % 3}",
                       "quiz_id": "z", "classroom_id": "c", "question_id": "x", "timer_sec": timer})


def quiz_rows(kbeat):
    return kbeat("store", "query", "SELECT event_id, timer_sec FROM quiz_events ORDER BY event_id").rows


def test_events_that_were_applied_are_suppressed_and_forced_ones_replace_their_rows(kbeat):
    """Y3, Y4: rows and the positions of groups stay as they are"""
    kbeat("produce", "quiz-events", "-k", "k", stdin="".join(quiz(i) + "\n" for i in range(6)))
    assert kbeat("consume", "quiz-events", "-e", "-q").code == 0
    before = quiz_rows(kbeat)
    assert len(before) == 6
    groups = kbeat("groups", "describe", "kbeat").rows
    result = kbeat("replay", "quiz-events", "--handle")
    assert result.code == 0 and "0 done" in result.err and "6 applied before" in result.err
    assert quiz_rows(kbeat) == before
    forced = kbeat("replay", "quiz-events", "--handle", "--force", "--where", "event_id == 'q3'")
    assert forced.code == 0 and "1 done" in forced.err
    assert [row["outcome"] for row in forced.rows] == ["done"]
    assert quiz_rows(kbeat) == before
    assert kbeat("groups", "describe", "kbeat").rows == groups


def test_a_handled_replay_before_any_consumer_is_once_in_the_store(kbeat):
    kbeat("produce", "quiz-events", stdin="".join(quiz(i) + "\n" for i in range(30)))
    assert "30 done" in kbeat("replay", "quiz-events", "--handle", "--order", "time").err
    assert len(quiz_rows(kbeat)) == 30
    assert "30 duplicates suppressed" in kbeat("consume", "quiz-events", "-e").err


def test_a_named_handled_replay_goes_on_after_a_kill(kbeat):
    """DELIVERY rule 14, Y6"""
    kbeat("produce", "quiz-events", stdin="".join(quiz(i) + "\n" for i in range(400)))
    some = 0
    for _ in range(3):
        process = kbeat.start("replay", "quiz-events", "--handle", "--resume", "h", "--rate", "200",
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = some
        while some == before and process.poll() is None:
            some = len(quiz_rows(kbeat))
        process.kill()
        process.wait()
    some = len(quiz_rows(kbeat))
    assert 0 < some < 400
    result = kbeat("replay", "quiz-events", "--handle", "--resume", "h")
    assert result.code == 0 and len(quiz_rows(kbeat)) == 400
    assert len(result.rows) <= 400 - some + 30


def test_a_file_is_handled_with_the_places_that_its_envelopes_name(kbeat, tmp_path):
    kbeat("produce", "quiz-events", stdin="".join(quiz(i) + "\n" for i in range(5)))
    saved = tmp_path / "saved.jsonl"
    saved.write_bytes(kbeat("replay", "quiz-events", "-q", "-J").out)
    result = kbeat("replay", "--file", saved, "--handle")
    assert result.code == 0 and "5 done" in result.err
    assert "5 applied before" in kbeat("replay", "--file", saved, "--handle").err
    assert len(quiz_rows(kbeat)) == 5


def test_what_fails_again_is_a_letter_of_the_replay(kbeat):
    kbeat("produce", "quiz-events", stdin=quiz(1) + "\n{}\n")
    result = kbeat("replay", "quiz-events", "--handle", "--resume", "again")
    assert result.code == 5 and "1 dead-lettered" in result.err
    (letter,) = kbeat("dlq", "inspect").rows
    assert letter["group"] == "replay:again"


def test_topics_are_named_with_t_as_well(kbeat, orders):
    kbeat("produce", "more", stdin='{"n":100}\n')
    assert len(numbers(kbeat("replay", "-t", orders, "-t", "more", "-q"))) == 31


def test_a_pattern_that_finds_the_target_is_a_loop(kbeat, orders):
    kbeat("topics", "create", "orders-copy")
    result = kbeat("replay", "^orders", "--to", "orders-copy")
    assert result.code == 2 and "the target is the source" in result.err
    assert records(kbeat, "orders-copy") == []


def test_a_pattern_that_no_topic_matches_is_named(kbeat, orders):
    result = kbeat("replay", "^zzz", "-q")
    assert result.code == 3 and result.err == "kbeat: no topic matches ^zzz\n"


@pytest.mark.parametrize("moving", [("--since", "2h"), ("-o", "@-2h:"), ("--until", "1m")])
def test_a_span_back_from_now_is_no_range_to_resume(kbeat, orders, moving):
    result = kbeat("replay", orders, "--to", "copies", "--resume", "r", *moving)
    assert (result.code, result.out) == (2, b"") and "another time on each run; give that time, such as 20" in result.err
    assert records(kbeat, "copies") == []
