"""A replay by name whose topics change between its runs, on Kafka and on the embedded log."""

import json

import pytest

from place import kill9, wait_until

RECORDS = 60


def envelopes(stem, count):
    return "".join(json.dumps({"partition": 0, "payload": f"{stem}{i}"}) + "\n" for i in range(count)).encode()


def payloads(place, topic):
    return [payload for _, payload, _ in place.records(topic)]


def sent(place, name):
    """As the checkpoint has it: kcat would not come to an end that moves all the time."""
    done = place.run("groups", "lag", f"kbeat-replay-{name}", "-q", "--output", "json", check=False)
    return sum(json.loads(line)["committed"] or 0 for line in done.stdout.splitlines())


def make_anew(place, topic, lines, partitions=1):
    place.run("topics", "delete", topic, "--yes")
    wait_until("the topic to be made anew", lambda: place.run(
        "topics", "create", topic, "--partitions", str(partitions), check=False).returncode == 0)
    place.run("produce", topic, "-J", stdin=lines)


@pytest.fixture
def begun(place):
    """A replay that was killed after some of its records: the place, its flags, source and target."""
    source, target = place.topic("source", 1), place.topic("target", 1)
    place.run("produce", source, "-J", stdin=envelopes("old", RECORDS))
    flags = ("replay", source, "--to", target, "--resume", source)
    replay = place.start(*flags, "--rate", "5")
    wait_until("some records", lambda: sent(place, source) >= 3, alive=replay)
    kill9(replay)
    assert len(payloads(place, target)) < RECORDS
    return place, flags, source, target


@pytest.mark.parametrize("records", [1, RECORDS, 3 * RECORDS])
def test_a_topic_made_anew_is_noticed_however_many_records_it_has(begun, records):
    """DELIVERY rule 5"""
    place, flags, source, target = begun
    make_anew(place, source, envelopes("new", records))
    before = payloads(place, target)
    done = place.run(*flags, check=False)
    message = done.stderr.decode()
    assert done.returncode == 6 and "the topic was made anew" in message and "--on-gap skip" in message, message
    assert payloads(place, target) == before
    done = place.run(*flags, "--on-gap", "skip")
    assert "the topic was made anew" in done.stderr.decode()
    after = payloads(place, target)
    assert after[:len(before)] == before
    assert [payload for payload in after if payload.startswith("new")] == [f"new{i}" for i in range(records)]
    assert "0 records replayed" in place.run(*flags).stderr.decode()


def test_a_topic_made_anew_is_noticed_when_the_replay_had_come_to_its_end(begun):
    """DELIVERY rule 5"""
    place, flags, source, target = begun
    place.run(*flags)
    assert payloads(place, target) == [f"old{i}" for i in range(RECORDS)]
    make_anew(place, source, envelopes("new", RECORDS))
    assert place.run(*flags, check=False).returncode == 6
    assert len(payloads(place, target)) == RECORDS


@pytest.mark.parametrize("order", ["offset", "time"])
def test_partitions_of_which_one_was_not_read_are_all_begun_anew(place, order):
    """DELIVERY rule 5"""
    source, target = place.topic("source", 2), place.topic("target", 2)
    lines = [json.dumps({"partition": p, "payload": f"old{p}"}) + "\n" for p in (0, 1)]
    place.run("produce", source, "-J", stdin="".join(lines * 30).encode())
    flags = ("replay", source, "--to", target, "--resume", source, "--order", order)
    replay = place.start(*flags, "--rate", "5")
    wait_until("some records", lambda: sent(place, source) >= 3, alive=replay)
    kill9(replay)
    before = len(payloads(place, target))
    make_anew(place, source, "".join(lines * 4).replace("old", "new").encode(), partitions=2)
    assert place.run(*flags, check=False).returncode == 6
    place.run(*flags, "--on-gap", "skip")
    after = payloads(place, target)
    assert len(after) == before + 8
    assert sorted(payload for payload in after if payload.startswith("new")) == ["new0"] * 4 + ["new1"] * 4
