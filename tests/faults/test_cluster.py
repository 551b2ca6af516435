"""F3 and F4 on three brokers with replication 3 and min.insync.replicas 2: leaders die and sleep in turn."""

import time

import pytest

import checker
from kafka_cluster import KafkaCluster
from place import Place, wait_until
from workload import Workload


@pytest.fixture(scope="module")
def cluster():
    made = KafkaCluster()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def replicated(program, tmp_path, cluster):
    place = Place(program, tmp_path, cluster)
    place.replication = ("--replication", "3", "--set", "min.insync.replicas=2")
    yield place
    place.clear()


def test_brokers_that_die_and_sleep_in_turn_lose_and_repeat_nothing(replicated, cluster, chance, rounds):
    load = Workload(replicated, 1000, chance, partitions=6)
    consumer = load.start()
    progress = checker.Progress(load)
    wait_until("the first events", lambda: load.done > 0, alive=consumer)
    for turn in range(rounds(2, 100)):
        victim = cluster.brokers[turn % 3]
        if turn % 2:
            victim.pause()
        else:
            victim.kill9()
        load.send(300)
        wait_until("all events without it", lambda: load.done == len(load.events), alive=consumer)
        progress.look(consumer)
        if turn % 2:
            time.sleep(chance.uniform(0, 3))  # the fault itself
            victim.resume()
        else:
            victim.restart()
        load.send(100)
        wait_until("all events with it again", lambda: load.done == len(load.events), alive=consumer)
    consumer.terminate()
    assert consumer.wait(timeout=60) == 0
    checker.check(load, load.finish())
