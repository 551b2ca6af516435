"""Consumers of one group that come, go, die and sleep."""

import signal
import time

import checker
from place import kill9, wait_until


def test_a_consumer_stopped_past_its_session_writes_nothing_stale_when_it_goes_on(kafka, workload, rounds):
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
    load.finish()
    checker.check(load)


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
            consumers[victim].terminate()
            # -SIGTERM: it had not come to its first line yet.
            assert consumers[victim].wait(timeout=40) in (0, -signal.SIGTERM)
        time.sleep(chance.uniform(0.1, 0.8))  # the time that a partition stays where it is
        consumers[victim] = load.start()
        progress.look()
    wait_until("all events", lambda: load.done == len(load.events), limit_s=90)
    for consumer in consumers:
        consumer.terminate()
        assert consumer.wait(timeout=40) == 0
    load.finish()
    checker.check(load)


def test_a_storm_of_rebalances_on_the_embedded_log_loses_and_repeats_nothing(embedded, workload, chance, rounds):
    storm(workload(embedded, 3000, partitions=8), chance, rounds(15, 900))


def test_a_storm_of_rebalances_on_kafka_loses_and_repeats_nothing(kafka, workload, chance, rounds):
    storm(workload(kafka, 3000, partitions=8), chance, rounds(20, 900))
