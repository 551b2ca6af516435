"""kill -9 of `dlq retry` and of a named replay at any moment: what they send arrives once, in order, unchanged."""

import json
import subprocess

import pytest

from dead_letters import event, letter
from place import kill9

PARTITIONS = 3


def die_often(place, chance, kills, arguments, shortest_s, longest_s):
    """Starts the command again and again and kills it after a random while; the number that was still running."""
    killed = 0
    for _ in range(kills):
        process = place.start(*arguments)
        try:
            process.wait(timeout=chance.uniform(shortest_s, longest_s))
        except subprocess.TimeoutExpired:
            kill9(process)
            killed += 1
        else:
            assert process.returncode in (0, 3), place.log()  # 3: nothing was left
    return killed


def committed(place, topic):
    """(partition, value) of what readers of committed records see, partition by partition in offset order."""
    if not place.broker:
        out = place.run("consume", topic, "--print", "-J", "-o", "beginning", "-e").stdout
        rows = [(row["partition"], row["offset"], row["payload"]) for row in map(json.loads, out.splitlines())]
    else:
        out = subprocess.run(["kcat", "-b", place.broker.bootstrap, "-C", "-t", topic, "-e", "-q", "-f", "%p %o %s\n",
                              "-X", "isolation.level=read_committed"], capture_output=True, check=True, timeout=60).stdout
        rows = [line.split(" ", 2) for line in out.decode().splitlines()]
    return [(int(partition), value) for partition, _, value in
            sorted(rows, key=lambda row: (int(row[0]), int(row[1])))]


def retry_dies(place, chance, kills, letters, rate, lives):
    origin, dlq = place.topic("origin", PARTITIONS), place.topic("dlq", 1)
    lines = "".join(letter(number, origin, number % PARTITIONS) + "\n" for number in range(letters))
    place.run("produce", dlq, "-J", stdin=lines.encode())
    arguments = ("dlq", "retry", "--all", "--yes", "--dlq-topic", dlq)
    killed = die_often(place, chance, kills, (*arguments, "--rate", str(rate)), *lives)
    assert killed >= kills / 2, f"only {killed} of {kills} kills found it at work"
    last = place.run(*arguments, check=False)
    assert last.returncode in (0, 3), last.stderr
    sent = committed(place, origin)
    # Once each, and within a partition in the order in which the letters lay.
    for partition in range(PARTITIONS):
        assert [value for where, value in sent if where == partition] == [
            event(number) for number in range(letters) if number % PARTITIONS == partition]
    states = place.run("dlq", "stats", "--dlq-topic", dlq, "--output", "json").stdout
    assert [(row["state"], row["count"]) for row in map(json.loads, states.splitlines())] == [("retried", letters)]


def replay_dies(place, chance, kills, records, rate, lives):
    source, target = place.topic("source", PARTITIONS), place.topic("target", PARTITIONS)
    lines = "".join(json.dumps({"key": f"k{number % 7}", "payload": event(number)}) + "\n" for number in range(records))
    place.run("produce", source, "-J", stdin=lines.encode())
    arguments = ("replay", source, "--to", target, "--resume", source)
    killed = die_often(place, chance, kills, (*arguments, "--rate", str(rate)), *lives)
    assert killed >= kills / 2, f"only {killed} of {kills} kills found it at work"
    place.run(*arguments)
    assert committed(place, target) == committed(place, source)
    again = place.run(*arguments)
    assert b"0 records replayed" in again.stderr


@pytest.mark.parametrize("dies", [retry_dies, replay_dies])
def test_on_kafka_nothing_is_lost_or_doubled_when_it_is_killed_at_any_moment(kafka, chance, rounds, dies):
    """R7, Y6"""
    kills = rounds(4, 100)
    dies(kafka, chance, kills, kills * 800, 800, (0.1, 1.2))


@pytest.mark.parametrize("dies", [retry_dies, replay_dies])
def test_on_the_embedded_log_nothing_is_lost_or_doubled_when_it_is_killed_at_any_moment(embedded, chance, rounds, dies):
    """R7, Y6"""
    kills = rounds(10, 100)
    dies(embedded, chance, kills, kills * 500, 2000, (0.01, 0.3))
