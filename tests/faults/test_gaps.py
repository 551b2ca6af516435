"""F19, C6: a log that moves under its consumer, by retention, deletion, truncation, compaction and transactions."""

import json

import pytest

from place import wait_until

GROUP_FLAGS = ("--exec", "true", "--batch-size", "10")


def lines(first, last):
    return [f"k{i % 7}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T", "n": i}) for i in range(first, last)]


def delete_records(place, topic, before):
    plan = place.home / "delete.json"
    plan.write_text(json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": before}]}))
    place.broker.tool("kafka-delete-records", "--offset-json-file", str(plan))


def make_anew(place, topic, first, last):
    """Deletes a topic and makes it again with other records, as nobody should and somebody does."""
    place.broker.tool("kafka-topics", "--delete", "--topic", topic)
    wait_until("the topic to be gone", lambda: topic not in place.broker.tool("kafka-topics", "--list").split())
    place.create(topic, 1)
    if last > first:
        place.produce(topic, lines(first, last), key_delimiter="\t")


@pytest.fixture
def started(kafka):
    """A topic of one partition with 300 records, of which the group has handled 100."""
    topic = kafka.topic("gap", 1)
    kafka.produce(topic, lines(0, 300), key_delimiter="\t")
    kafka.run("consume", topic, "-G", kafka.group, "-c", "100", *GROUP_FLAGS)
    assert kafka.positions(topic) == {0: 100}
    return kafka, topic


def consume(place, topic, *flags):
    return place.consume(topic, *GROUP_FLAGS, *flags, check=False)


def test_retention_that_passed_the_consumer_is_exit_6_and_names_what_is_lost(started):
    place, topic = started
    delete_records(place, topic, 180)
    done = consume(place, topic)
    assert done.returncode == 6
    message = done.stderr.decode().splitlines()[-1]
    assert "100" in message and "179" in message and "180" in message and "--on-gap skip" in message
    assert place.positions(topic) == {0: 100}, "the gap was crossed without leave"
    done = consume(place, topic, "--on-gap", "skip")
    assert done.returncode == 0
    assert place.positions(topic) == {0: 300}
    assert place.query("SELECT first_lost, next FROM gaps") == [(100, 180)]
    assert place.query("SELECT sum(entries) FROM hash_runs WHERE kind = 0") == [(220,)]


def test_retention_that_passes_a_running_consumer_ends_it_with_exit_6(started):
    place, topic = started
    gate = place.home / "gate"
    slow = place.home / "slow"
    slow.write_text(f"#!/bin/sh\ntouch {place.home}/in\nuntil [ -e {gate} ]; do sleep 0.05; done\n")
    slow.chmod(0o755)
    place.produce(topic, [line[:-1] + f', "pad": "{"x" * 2000}"}}' for line in lines(300, 2000)], key_delimiter="\t")
    consumer = place.start("consume", topic, "-G", place.group, "--exec", str(slow), "--max-ahead", "5",
                           "-X", "queued.max.messages.kbytes=16", "-X", "fetch.message.max.bytes=20000")
    wait_until("the first record", (place.home / "in").exists, alive=consumer)
    delete_records(place, topic, 1990)
    gate.touch()
    assert consumer.wait(timeout=60) == 6, place.log()
    assert "the log begins at 1990" in place.log().splitlines()[-1]
    done = consume(place, topic, "--on-gap", "skip")
    assert done.returncode == 0 and place.positions(topic) == {0: 2000}


@pytest.mark.parametrize("records", [100, 150])
def test_a_topic_made_anew_is_noticed_however_many_records_it_has(started, records):
    """DELIVERY rule 5"""
    place, topic = started
    make_anew(place, topic, 1000, 1000 + records)
    done = consume(place, topic)
    assert done.returncode == 6, done.stderr.decode()
    assert "made anew" in done.stderr.decode()
    done = consume(place, topic, "--on-gap", "skip")
    assert done.returncode == 0, done.stderr.decode()
    assert place.positions(topic) == {0: records}
    assert f"{records} done" in done.stderr.decode()


def nameless(first, last):
    """Events without an id: their place in the log is their name."""
    return [f"k{i % 7}\t" + json.dumps({"event_type": "T", "n": i}) for i in range(first, last)]


def test_events_without_an_id_are_new_in_a_topic_made_anew_wherever_the_group_was_moved_to(kafka):
    """C6, DELIVERY rule 5: a reset is no reason to take the new topic for the old one."""
    topic = kafka.topic("nameless", 1)
    kafka.produce(topic, nameless(0, 100), key_delimiter="\t")
    consume(kafka, topic)
    make_anew(kafka, topic, 0, 0)
    kafka.produce(topic, nameless(1000, 1060), key_delimiter="\t")
    kafka.broker.tool("kafka-consumer-groups", "--group", kafka.group, "--topic", topic, "--reset-offsets",
                      "--to-earliest", "--execute")
    done = consume(kafka, topic)
    assert done.returncode == 0, done.stderr.decode()
    assert "made anew; going on from where the group was moved to" in done.stderr.decode()
    assert "60 events: 60 done, 0 dead-lettered" in done.stderr.decode()
    assert kafka.positions(topic) == {0: 60}


def test_a_topic_made_anew_under_a_running_consumer_is_noticed(started):
    """C6, DELIVERY rule 5: it has more records than the old one had, so that no offset is out of range."""
    place, topic = started
    consumer = place.start("consume", topic, "-G", place.group, *GROUP_FLAGS, "-X", "topic.metadata.refresh.interval.ms=500")
    wait_until("all records", lambda: place.positions(topic) == {0: 300}, alive=consumer)
    make_anew(place, topic, 1000, 1900)
    assert consumer.wait(timeout=60) == 6, place.log()
    assert "made anew" in place.log()
    done = consume(place, topic, "--on-gap", "skip")
    assert "900 done" in done.stderr.decode(), done.stderr.decode()


def test_a_topic_deleted_under_its_consumer_ends_it_after_a_grace(started):
    """Bad input 54"""
    place, topic = started
    consumer = place.start("consume", topic, "-G", place.group, *GROUP_FLAGS, "-X", "topic.metadata.refresh.interval.ms=500")
    wait_until("all records", lambda: place.positions(topic) == {0: 300}, alive=consumer)
    place.broker.tool("kafka-topics", "--delete", "--topic", topic)
    assert consumer.wait(timeout=60) == 3, place.log()
    assert f"topic {topic} was deleted while it was read" in place.log()


def test_aborted_transactions_and_compaction_leave_no_trace_and_no_lag(kafka):
    """DELIVERY rule 6, I7: what was aborted lies in the log and is never handled; its markers hold up no position."""
    topic = f"{kafka.topic('unused', 1)}-compacted"
    kafka.broker.create_topic(topic, 1, cleanup_policy="compact", segment_ms="100", min_cleanable_dirty_ratio="0.01",
                              max_compaction_lag_ms="100")
    for turn in range(5):
        good = "\n".join(lines(10 * turn, 10 * turn + 10)).encode()
        kafka.run("produce", topic, "--txn", "-K", "\t", stdin=good)
        bad = json.dumps({"key": "k0", "payload": json.dumps({"event_id": f"aborted{turn}", "event_type": "T"})})
        done = kafka.run("produce", topic, "--txn", "-J", stdin=bad.encode() + b"\nno envelope\n", check=False)
        assert done.returncode == 2
    done = kafka.consume(topic, *GROUP_FLAGS)
    handled = [json.loads(line) for line in done.stdout.splitlines()]
    assert handled and not [row for row in handled if row["id"].startswith("aborted")]
    assert kafka.lag(topic) == 0
    end = kafka.broker.tool("kafka-get-offsets", "--topic", topic).strip().rsplit(":", 1)[1]
    assert kafka.positions(topic) == {0: int(end)} and int(end) > 50, "the markers are not in the log at all"
    latest = {json.loads(value)["event_id"] for _, _, value in kafka.values(topic)}
    assert latest <= {row["id"] for row in handled}


def test_a_log_that_was_cut_is_a_gap(started):
    """Bad input 53: a position past the end: what a truncation after an unclean election leaves."""
    place, topic = started
    consume(place, topic)
    make_anew(place, topic, 0, 10)
    done = consume(place, topic)
    assert done.returncode == 6
    assert "past the log's end 10" in done.stderr.decode()


def test_the_policy_counts_only_for_a_topic_that_the_group_never_had(kafka):
    """DELIVERY rule 4: `latest` is resolved once; a partition added later starts at its beginning."""
    topic = kafka.topic("first", 2)
    kafka.produce(topic, lines(0, 20), key_delimiter="\t")
    done = kafka.consume(topic, *GROUP_FLAGS, "-o", "latest")
    assert b"0 events" in done.stderr and sum(kafka.positions(topic).values()) == 20
    kafka.broker.tool("kafka-topics", "--alter", "--topic", topic, "--partitions", "4")
    kafka.produce(topic, lines(20, 80), key_delimiter="\t")
    done = kafka.consume(topic, *GROUP_FLAGS, "-o", "latest")
    assert b"60 events: 60 done" in done.stderr, done.stderr.decode()


def test_a_reset_by_kafkas_own_tool_is_honoured_and_events_done_before_are_suppressed(started):
    """DELIVERY rule 3, C3"""
    place, topic = started
    consume(place, topic)
    place.broker.tool("kafka-consumer-groups", "--group", place.group, "--topic", topic, "--reset-offsets",
                      "--to-offset", "250", "--execute")
    done = consume(place, topic)
    assert "another tool moved group" in done.stderr.decode()
    assert "50 events: 0 done, 0 dead-lettered, 50 duplicates suppressed" in done.stderr.decode()
    assert place.positions(topic) == {0: 300} and place.lag(topic) == 0


def test_a_store_restored_from_a_copy_goes_on_from_where_it_stands_and_says_so(started):
    """DELIVERY rule 3: a mark of the store's own that lies above its position means that the store went back."""
    place, topic = started
    place.run("store", "backup", str(place.home / "copy.db"))
    consume(place, topic)
    for path in (place.home / "data").glob("store.db*"):
        path.unlink()
    (place.home / "data" / "store.db").write_bytes((place.home / "copy.db").read_bytes())
    done = consume(place, topic)
    assert "the store is older than its own commit" in done.stderr.decode()
    assert "200 events: 200 done" in done.stderr.decode()
