"""What waits for its next try, and what does not wait for it."""

import json

import pytest


def put(kbeat, events):
    kbeat("produce", "jobs", "-K", ":", stdin="".join(
        f"{key}:" + json.dumps({"event_id": f"e{number}", "event_type": "T"}) + "\n" for number, key in enumerate(events)))


def handler(kbeat, body):
    """A program that has `$n`, the offset of its event, and fails at each first try of an event that it tells."""
    path = kbeat.home / "handler"
    path.write_text(f"#!/bin/sh\nn=$(jq .offset)\ntried() {{ mkdir tried-$n 2>/dev/null && exit 75; }}\n{body}\n")
    path.chmod(0o755)
    return "./handler"


def order_of(result):
    assert result.code == 0, result
    return [row["id"] for row in result.rows]


def test_later_events_of_a_key_wait_behind_one_that_waits_unless_told_otherwise(kbeat):
    """R4"""
    put(kbeat, ["a", "a", "b", "a"])
    flags = ("consume", "jobs", "-e", "--exec", handler(kbeat, "[ $n != 0 ] || tried"), "--retry", "fixed",
             "--retry-delay", "300ms")
    ordered = order_of(kbeat(*flags))
    assert [event for event in ordered if event != "e2"] == ["e0", "e1", "e3"] and ordered[0] == "e2"
    (kbeat.home / "tried-0").rmdir()
    free = order_of(kbeat(*flags, "-G", "other", "--retry-order", "none"))
    assert [event for event in free if event != "e2"] == ["e1", "e3", "e0"]


def test_no_more_tries_again_run_at_a_time_than_a_burst(kbeat):
    """R3"""
    put(kbeat, [f"key{i}" for i in range(20)])
    alone = handler(kbeat, "tried\nmkdir running || exit 1\nsleep 0.02\nrmdir running")
    result = kbeat("consume", "jobs", "-e", "-j", "8", "--exec", alone, "--retry", "fixed", "--retry-delay", "200ms",
                   "--retry-burst", "1")
    assert "20 events: 20 done, 0 dead-lettered" in result.err, result


@pytest.mark.parametrize("flags", [["--dlq-topic", "d"], ["--dlq-format", "raw"], ["--dlq-retention", "7d"]])
def test_flags_of_dead_letters_do_not_go_with_having_none(kbeat, flags):
    result = kbeat("consume", "t", "-e", "--no-dlq", *flags)
    assert (result.code, result.text) == (2, "") and "--no-dlq makes no dead letters" in result.err, result
