"""Bad inputs 55 and 56: a consumer whose rights or whose name are taken away while it runs."""

import json

import pytest

from kafka_broker import KafkaBroker
from place import Place, wait_until

LINES = [f"k{i % 7}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T"}) for i in range(20)]


@pytest.fixture
def guarded(program, tmp_path):
    """A place whose broker asks for rights as soon as somebody has made a rule for a topic."""
    broker = KafkaBroker(settings={"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                                   "allow.everyone.if.no.acl.found": "true"})
    broker.start()
    place = Place(program, tmp_path, broker)
    yield place
    place.clear()
    broker.stop()


def gated_handler(place):
    """Counts its runs; the first stays until `released` is there."""
    script = place.home / "handler"
    script.write_text(f"#!/bin/sh\necho run >> {place.home}/runs\nuntil [ -e {place.home}/released ]; do sleep 0.05; done\n")
    script.chmod(0o755)
    return str(script)


def runs(place):
    path = place.home / "runs"
    return path.read_text().count("run") if path.exists() else 0


def test_55_rights_that_are_revoked_end_it_after_what_is_in_hand(guarded):
    topic = guarded.topic("guarded", 1)
    guarded.produce(topic, LINES, key_delimiter="\t")
    handler = gated_handler(guarded)
    consumer = guarded.start("consume", topic, "-G", guarded.group, "--exec", handler)
    wait_until("the first event", lambda: runs(guarded) == 1, alive=consumer)
    rule = ("--topic", topic, "--operation", "Read", "--deny-principal", "User:ANONYMOUS")
    guarded.broker.tool("kafka-acls", "--add", *rule)
    (guarded.home / "released").touch()
    assert consumer.wait(timeout=60) == 1, guarded.log()
    assert "authoriz" in guarded.log().splitlines()[-1].lower()
    in_hand = runs(guarded)
    (ahead,), = guarded.query("SELECT count(*) FROM finished")  # one after the other by key, not by offset
    assert in_hand >= 1 and guarded.positions(topic)[0] + ahead == in_hand
    guarded.broker.tool("kafka-acls", "--remove", "--force", *rule)
    done = guarded.consume(topic, "--exec", handler)
    assert f"{20 - in_hand} done".encode() in done.stderr and runs(guarded) == 20


def test_56_of_two_members_of_one_name_the_older_is_fenced_and_says_so(kafka):
    topic = kafka.topic("named", 2)
    handler = gated_handler(kafka)
    flags = (topic, "-G", kafka.group, "--exec", handler, "-X", "group.instance.id=one")
    older = kafka.start("consume", *flags)
    wait_until("the older to have its share", lambda: len(kafka.query("SELECT 1 FROM positions")) == 2
               if kafka.count("positions") else False, alive=older)
    newer = kafka.start("consume", *flags)
    assert older.wait(timeout=60) == 1, kafka.log()
    assert "another member with the same group.instance.id came later" in kafka.log().splitlines()[-1]
    kafka.produce(topic, LINES, key_delimiter="\t")
    (kafka.home / "released").touch()
    wait_until("all events", lambda: sum(kafka.positions(topic).values()) == 20, alive=newer)
    newer.terminate()
    assert newer.wait(timeout=40) == 0
    assert runs(kafka) == 20
