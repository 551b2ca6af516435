"""Letters of the archive whose records the dead letter topic no longer holds."""

import pytest

from letters import DLQ, fail, inspect, put
from reading import records


def drop_dlq(kbeat, made_anew):
    assert kbeat("topics", "delete", DLQ, "--yes").code == 0
    if made_anew:
        assert kbeat("topics", "create", DLQ).code == 0


@pytest.mark.parametrize("made_anew", [False, True])
def test_an_archived_letter_outlives_its_topic_and_goes_back_once(kbeat, made_anew):
    (value,) = fail(kbeat, 1)
    (row,) = inspect(kbeat)
    assert kbeat("dlq", "archive", row["id"], "--reason", "kept", "--yes").code == 0
    drop_dlq(kbeat, made_anew)
    (archived,) = inspect(kbeat, "--state", "all")
    assert (archived["id"], archived["state"], archived["reason"]) == (row["id"], "archived", "kept")
    assert [line["state"] for line in kbeat("dlq", "stats").rows] == ["archived"]
    retry = ("dlq", "retry", row["id"], "--state", "archived", "--dlq-topic", DLQ, "--yes")
    assert kbeat(*retry).code == 0
    assert [record["payload"] for record in records(kbeat, "notifications")] == [value, value]
    again = kbeat(*retry)
    assert again.code == 3 and "does not match: it is retried" in again.err, again


@pytest.mark.parametrize("made_anew", [False, True])
def test_a_letter_sent_back_from_the_archive_stays_retried_when_its_record_is_gone(kbeat, made_anew):
    fail(kbeat, 1)
    (row,) = inspect(kbeat)
    assert kbeat("dlq", "archive", row["id"], "--yes").code == 0
    assert kbeat("dlq", "retry", row["id"], "--state", "archived", "--yes").code == 0
    drop_dlq(kbeat, made_anew)
    for chosen in ("all", "retried"):
        (retried,) = inspect(kbeat, "--state", chosen)
        assert retried["state"] == "retried" and retried["reason"] == "retry"
    assert inspect(kbeat, "--state", "archived") == []
    assert [line["state"] for line in kbeat("dlq", "stats").rows] == ["retried"]
    again = kbeat("dlq", "retry", row["id"], "--state", "archived", "--yes")
    assert again.code == 3 and "it is retried" in again.err, again
    assert len(records(kbeat, "notifications")) == 2


def test_a_topic_that_is_gone_has_no_open_letters_beside_its_archived_ones(kbeat):
    fail(kbeat, 1)
    assert kbeat("dlq", "archive", "--all", "--yes").code == 0
    drop_dlq(kbeat, made_anew=False)
    assert inspect(kbeat) == []
    assert kbeat("dlq", "discard", "--all", "--yes").code == 3
    other = kbeat("dlq", "inspect", "--dlq-topic", "other", "--state", "all")
    assert other.code == 3 and "topic other does not exist" in other.err


def test_the_archive_is_replayed_to_a_target_whatever_its_origins_and_what_has_none_is_counted_without(kbeat):
    put(kbeat, "one")
    put(kbeat, "two")
    put(kbeat, "placed", [("dead-letter-topic", b"orders")])
    assert kbeat("dlq", "archive", "--all", "--yes").code == 0
    printed = kbeat("replay", "--archive", "-J")
    assert printed.code == 5 and [row["payload"] for row in printed.rows] == ["placed"]
    assert "1 records replayed, 2 passed over" in printed.err
    assert printed.err.count("its origin is not known; --to names a topic for it") == 2
    sent = kbeat("replay", "--archive", "--to", "again")
    assert sent.code == 0 and "3 records replayed" in sent.err, sent
    copies = records(kbeat, "again")
    assert [copy["payload"] for copy in copies] == ["one", "two", "placed"]
    names = [[header["value"] for header in copy["headers"] if header["key"] == "kbeat.event-id"] for copy in copies]
    assert len({name for (name,) in names}) == 3


def test_archived_letters_without_an_origin_are_told_by_a_replay_through_the_handlers(kbeat):
    put(kbeat, "one")
    assert kbeat("dlq", "archive", "--all", "--yes").code == 0
    result = kbeat("replay", "--archive", "--handle")
    assert result.code == 5 and "1 passed over" in result.err, result
