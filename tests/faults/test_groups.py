"""Consumers of one group that come, go, die and sleep."""

import json
import signal
import time

import pytest

import checker
from place import kill9, wait_until


def test_a_consumer_stopped_past_its_session_writes_nothing_stale_when_it_goes_on(kafka, workload, rounds):
    """F5, C4, I9"""
    load = workload(kafka, 2000)
    for _ in range(rounds(2, 100)):
        load.send(3000)
        sleeper = load.start()
        wait_until("some events", lambda: load.done + 1000 > len(load.events) or load.done % 3000 > 300, alive=sleeper)
        sleeper.send_signal(signal.SIGSTOP)
        heir = load.start()
        time.sleep(2.5)  # the fault itself: asleep for longer than the session of 1.5 s
        sleeper.send_signal(signal.SIGCONT)
        wait_until("all events", lambda: load.done == len(load.events), alive=heir)
        for process in (sleeper, heir):
            process.terminate()
            assert process.wait(timeout=40) == 0
    checker.check(load, load.finish())


def leave(consumer):
    """Ends a consumer, which may have been started this very moment: -SIGTERM then, short of its first line."""
    consumer.terminate()
    assert consumer.wait(timeout=40) in (0, -signal.SIGTERM)


def storm(load, chance, seconds):
    """Four consumers; every moment one of them dies, leaves, or comes (again)."""
    consumers = [load.start() for _ in range(4)]
    progress = checker.Progress(load)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if load.done + 500 > len(load.events):
            load.send(1000)
        victim = chance.randrange(len(consumers))
        if chance.random() < 0.5:
            kill9(consumers[victim])
        else:
            leave(consumers[victim])
        time.sleep(chance.uniform(0.1, 0.8))  # the time that a partition stays where it is
        consumers[victim] = load.start()
        progress.look()
    wait_until("all events", lambda: load.done == len(load.events), limit_s=90)
    for consumer in consumers:
        leave(consumer)
    checker.check(load, load.finish())


def test_a_storm_of_rebalances_on_the_embedded_log_loses_and_repeats_nothing(embedded, workload, chance, rounds):
    """F6"""
    storm(workload(embedded, 3000, partitions=8), chance, rounds(10, 900))


def test_a_storm_of_rebalances_on_kafka_loses_and_repeats_nothing(kafka, workload, chance, rounds):
    """F6"""
    storm(workload(kafka, 3000, partitions=8), chance, rounds(12, 900))


@pytest.fixture
def shared(request, kafka, embedded):
    """A group with a member that is stuck in its first event, and what a second member is started with."""
    place = {"kafka": kafka, "embedded": embedded}[request.param]
    topic = place.topic("shared", 2)
    lines = [f"k{i}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T"}) for i in range(40)]
    place.produce(topic, lines, key_delimiter="\t")
    stuck = place.home / "stuck"
    stuck.write_text(f"#!/bin/sh\nuntil [ -e {place.home}/released ]; do sleep 0.1; done\n")
    stuck.chmod(0o755)
    flags = (topic, "-G", place.group)
    if place.broker:
        flags += ("-X", "session.timeout.ms=1500", "-X", "heartbeat.interval.ms=300")
    first = place.start("consume", *flags, "--exec", str(stuck))
    wait_until("the first member to have both partitions", lambda: len(owners(place, topic)) == 2, alive=first)
    yield place, topic, first, flags
    (place.home / "released").touch()


def owners(place, topic):
    return place.query(f"SELECT owner FROM positions WHERE topic = '{topic}'") if place.count("positions") else []


@pytest.mark.parametrize("shared", ["kafka", "embedded"], indirect=True)
def test_the_end_of_a_topic_is_not_reached_while_a_dead_member_holds_a_part_of_it(shared):
    """DELIVERY rule 12: a member may be dead for a session before its partitions come to the others."""
    place, topic, first, flags = shared
    second = place.start("consume", *flags, "-e", "--exec", "true")
    wait_until("the second member's share", lambda: len(set(owners(place, topic))) == 2, alive=second)
    kill9(first)
    assert second.wait(timeout=60) == 0, place.log()
    assert sum(place.positions(topic).values()) == 40
    assert place.lag(topic) == 0


@pytest.mark.parametrize("shared", ["kafka", "embedded"], indirect=True)
def test_the_end_of_a_topic_is_waited_for_only_as_long_as_a_member_may_be_dead(shared):
    place, topic, first, flags = shared
    second = place.start("consume", *flags, "-e", "--exec", "true")
    assert second.wait(timeout=30) == 0, place.log()
    assert first.poll() is None
    assert 0 < sum(place.positions(topic).values()) < 40
