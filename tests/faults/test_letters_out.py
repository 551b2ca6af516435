"""F16: a DLQ topic that is missing or taken away: consume goes on, and no letter is lost (D4)."""

import json

import checker
from place import wait_until


def test_a_missing_dlq_topic_stops_nothing_and_the_next_run_delivers(kafka, workload):
    load = workload(kafka, 300, poison_every=10)
    kafka.broker.tool("kafka-topics", "--delete", "--topic", load.dlq)
    done = kafka.run("consume", load.topic, *load.flags, "-e", "--no-create", "--timeout", "3s", check=False)
    assert done.returncode == 1
    assert f"{len(load.poison)} records wait in the store" in done.stderr.decode()
    assert load.done == len(load.events) and kafka.lag(load.topic) == 0
    kafka.create(load.dlq, 1)
    done = load.finish()
    assert b"0 events" in done.stderr
    checker.check(load, done)


def test_a_dlq_topic_deleted_under_the_consumer_is_made_anew_and_gets_what_is_owed(kafka, workload):
    load = workload(kafka, 300, poison_every=10)
    consumer = load.start()
    wait_until("the first letters", lambda: len(kafka.records(load.dlq)) >= len(load.poison), alive=consumer)
    first = len(load.poison)
    kafka.broker.tool("kafka-topics", "--delete", "--topic", load.dlq)
    load.send(300)
    wait_until("all events", lambda: load.done == len(load.events), alive=consumer)
    owed = "SELECT count(*) FROM outbox"
    wait_until("the letters to go out", lambda: kafka.query(owed) == [(0,)], alive=consumer)
    consumer.terminate()
    assert consumer.wait(timeout=30) == 0
    load.poison = load.poison[first:]  # the others went with the topic, and are rows of the store still
    assert kafka.count("dead_letters") == first + len(load.poison)
    checker.every_poison_is_one_letter_with_its_bytes(load)


def test_what_goes_into_a_compacted_topic_goes_in_transactions(kafka):
    """DELIVERY rule 10: the successor of a relay that slept fences it, so no old row comes behind a newer one."""
    topic, copies = kafka.topic("source", 1), f"{kafka.topic('unused', 1)}-compacted"
    kafka.broker.create_topic(copies, 1, cleanup_policy="compact")
    lines = [f"k{i}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T"}) for i in range(50)]
    kafka.produce(topic, lines, key_delimiter="\t")
    kafka.consume(topic, "--forward", copies, "--batch-size", "10")
    found = kafka.records(copies)
    assert [key for key, _, _ in found] == [f"k{i}" for i in range(50)]
    assert len({headers["kbeat.outbox"] for _, _, headers in found}) == 50
    end = int(kafka.broker.tool("kafka-get-offsets", "--topic", copies).strip().rsplit(":", 1)[1])
    assert end > 50, "there is no marker of a transaction"
