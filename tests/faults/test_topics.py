"""Topics that change under their consumer, and records that nobody can use."""

import checker
from place import wait_until


def test_poison_among_good_events_becomes_letters_and_nothing_else_does(kafka, workload, rounds):
    load = workload(kafka, rounds(3000, 1_000_000), poison_every=10)
    checker.check(load, load.finish())


def test_poison_on_the_embedded_log_with_several_workers_keeps_order_and_bytes(embedded, workload, rounds):
    load = workload(embedded, rounds(5000, 1_000_000), poison_every=10)
    load.flags += ("-j", "4")
    checker.check(load, load.finish())


def test_partitions_that_are_added_are_consumed_from_their_beginning(kafka, workload):
    load = workload(kafka, 1000, partitions=2)
    load.flags += ("-X", "topic.metadata.refresh.interval.ms=500")
    consumer = load.start()
    wait_until("the first events", lambda: load.done == len(load.events), alive=consumer)
    kafka.broker.tool("kafka-topics", "--alter", "--topic", load.topic, "--partitions", "5")
    # Keys move to other partitions now, so only new keys keep their order: events of a second workload.
    load.begin_new_keys()
    load.send(1000)
    wait_until("the events of the new partitions", lambda: load.done == len(load.events), alive=consumer)
    consumer.terminate()
    assert consumer.wait(timeout=30) == 0
    checker.check(load, load.finish())
