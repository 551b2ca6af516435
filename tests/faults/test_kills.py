"""kill -9 of the consumer at any moment: its start, its work, its commit."""

import json
import subprocess

import pytest

import checker
from place import kill9, wait_until


def live_for(process, seconds):
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)


def die_often(workload, chance, kills):
    """Every other life is cut short somewhere from its start on, the others somewhere in the middle of their work."""
    progress = checker.Progress(workload)
    for kill in range(kills):
        before = workload.done
        if before + 1000 > len(workload.events):
            workload.send(2000)
            workload.abort(50)
        process = workload.start()
        if kill % 2:
            wait_until("the work to begin", lambda: workload.done > before, alive=process)
            live_for(process, 0.5 * chance.random() ** 2)
        else:
            live_for(process, 0.02 * 75 ** chance.random())
        progress.look(process)
        kill9(process)
        progress.look()
    checker.check(workload, workload.finish())


def test_a_consumer_of_the_embedded_log_killed_at_any_moment_loses_and_repeats_nothing(
        embedded, workload, chance, rounds):
    """F1"""
    die_often(workload(embedded, 5000), chance, rounds(40, 5000))


def test_a_consumer_of_kafka_killed_at_any_moment_loses_and_repeats_nothing(kafka, workload, chance, rounds):
    """F2"""
    die_often(workload(kafka, 5000), chance, rounds(12, 500))


def test_a_consumer_killed_after_it_read_far_ahead_leaves_what_it_had_not_finished(kafka):
    """C1: what was handed out is not handled, however long ago; librdkafka by itself would commit it after 5 s."""
    topic = kafka.topic("ahead", 1)
    kafka.produce(topic, [f"k{i}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T"}) for i in range(40)],
                  key_delimiter="\t")
    stuck = kafka.home / "stuck"
    stuck.write_text(f"#!/bin/sh\ntouch {kafka.home}/begun\nuntil [ -e {kafka.home}/released ]; do sleep 0.1; done\n")
    stuck.chmod(0o755)
    process = kafka.start("consume", topic, "-G", kafka.group, "--exec", str(stuck))
    wait_until("the first event", (kafka.home / "begun").exists, alive=process)
    live_for(process, 6)
    kill9(process)
    (kafka.home / "released").touch()
    done = kafka.consume(topic, "--exec", "true")
    assert b"40 events: 40 done" in done.stderr, done.stderr.decode()
