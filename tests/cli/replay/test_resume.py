"""`kbeat replay --to --resume` on the embedded log: what a checkpoint makes of a topic that changed meanwhile."""

import re
import sqlite3

import pytest

from reading import records

NAMED = ("--to", "copy", "--resume", "r")


def numbers(first, last):
    return "".join(f"{i}\n" for i in range(first, last))


def copied(kbeat):
    return [int(row["payload"]) for row in records(kbeat, "copy")]


def change_log(kbeat, *statements):
    connection = sqlite3.connect(kbeat.data_dir / "log.db", isolation_level=None)
    for statement in statements:
        connection.execute(*statement)
    connection.close()


def checkpoint(kbeat):
    connection = sqlite3.connect(kbeat.data_dir / "log.db")
    (found,), = connection.execute("SELECT metadata FROM positions WHERE metadata LIKE 'kbeat-replay/1 %'")
    connection.close()
    return found


@pytest.fixture
def begun(kbeat):
    """Twenty records in two batches, of which a replay by name has sent the first eight."""
    kbeat("topics", "create", "many", "-p", "1")
    kbeat("produce", "many", stdin=numbers(0, 8))
    kbeat("produce", "many", stdin=numbers(8, 20))
    assert kbeat("replay", "many", *NAMED, "-c", "8").code == 0
    assert copied(kbeat) == list(range(8))
    return kbeat


def make_anew(kbeat):
    kbeat("topics", "delete", "many", "--yes")
    kbeat("topics", "create", "many", "-p", "1")
    kbeat("produce", "many", stdin=numbers(100, 120))


def test_a_topic_made_anew_ends_it_with_6_and_begins_anew_on_request(begun):
    """DELIVERY rule 5"""
    make_anew(begun)
    result = begun("replay", "many", *NAMED)
    assert result.code == 6 and result.err.splitlines()[-1] == (
        "kbeat: many[0]: offset 7 holds another record than the one replayed before: the topic was made anew; start with "
        "--on-gap skip to begin at its start")
    assert copied(begun) == list(range(8))
    assert begun("replay", "many", *NAMED, "--on-gap", "skip").code == 0
    assert copied(begun) == [*range(8), *range(100, 120)]


def test_a_signal_while_it_waits_leaves_the_mark_of_the_record_before(begun):
    process = begun.start("replay", "many", *NAMED, "--rate", "1")
    while len(copied(begun)) < 9:
        assert process.poll() is None
    process.terminate()
    assert process.wait(30) == 143
    at, back = re.search(r" (\d+)-20~(\d+)\.", checkpoint(begun)).groups()
    assert int(at) == len(copied(begun)) and back == "1"
    assert begun("replay", "many", *NAMED).code == 0 and copied(begun) == list(range(20))


def test_a_checkpoint_without_marks_goes_on(begun):
    old = re.sub(r"~[^ ,]*", "", checkpoint(begun))
    assert old.endswith(" 8 8-20")
    change_log(begun, ("UPDATE positions SET metadata = ?", (old,)))
    assert begun("replay", "many", *NAMED).code == 0
    assert copied(begun) == list(range(20)) and "20-20~1." in checkpoint(begun)


def test_a_record_that_retention_took_is_no_sign_of_another_topic(begun):
    change_log(begun, ("DELETE FROM batches WHERE last = 7 AND place < (2 << 40)",),
               ("UPDATE partitions SET start = 8 WHERE id = 1",))
    result = begun("replay", "many", *NAMED)
    assert result.code == 0 and "made anew" not in result.err
    assert copied(begun) == list(range(20))


def test_a_record_that_compaction_took_leaves_it_open(begun):
    change_log(begun, ("DELETE FROM batches WHERE last = 7 AND place < (2 << 40)",))
    result = begun("replay", "many", *NAMED)
    assert result.code == 0 and "offset 7, is no longer in the log; whether the topic was made anew cannot be told" in result.err
    assert copied(begun) == list(range(20))


def test_a_target_that_is_not_there_is_made_for_the_checkpoint_of_an_empty_topic(kbeat):
    kbeat("topics", "create", "empty")
    for _ in range(2):
        result = kbeat("replay", "empty", *NAMED)
        assert result.code == 0 and "0 records replayed" in result.err
    assert "copy" in [row["topic"] for row in kbeat("topics", "list").rows]
