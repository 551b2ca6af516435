"""kill -9 of the consumer at any moment: its start, its work, its commit."""

import subprocess

import pytest

import checker
from place import kill9


def die_often(workload, chance, kills, shortest_s, longest_s):
    """Kills after a random while, short lives more often; sends more whenever the consumer comes near the end."""
    progress = checker.Progress(workload)
    fruitful = 0
    for _ in range(kills):
        before = workload.done
        if before + 1000 > len(workload.events):
            workload.send(2000)
        process = workload.start()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=shortest_s * (longest_s / shortest_s) ** chance.random() ** 2)
        kill9(process)
        progress.look()
        fruitful += workload.done > before
    assert fruitful >= kills / 5, f"only {fruitful} of {kills} kills came in the middle of work"
    workload.finish()
    checker.check(workload)


def test_a_consumer_of_the_embedded_log_killed_at_any_moment_loses_and_repeats_nothing(
        embedded, workload, chance, rounds):
    die_often(workload(embedded, 5000), chance, rounds(60, 5000), 0.02, 2)


def test_a_consumer_of_kafka_killed_at_any_moment_loses_and_repeats_nothing(kafka, workload, chance, rounds):
    die_often(workload(kafka, 5000), chance, rounds(20, 500), 0.5, 4)
