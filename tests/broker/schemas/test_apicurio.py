"""A real registry and a real broker: values that kbeat sends are read by it again, schemas change underneath."""

import json
import subprocess

import pytest

from apicurio import Apicurio

AVRO = {"type": "record", "name": "Order", "fields": [{"name": "event_id", "type": "string"}, {"name": "n", "type": "int"}]}
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
JSON_SCHEMA = {"$schema": DRAFT_7, "type": "object", "required": ["event_id"], "properties": {"n": {"$ref": "number.json"}}}
PROTO = """syntax = "proto3";
import "money.proto";
message Unused { string text = 1; }
message Order { string event_id = 1; int32 n = 2; Money price = 3; }"""


@pytest.fixture
def run(kbeat, broker, registry):
    environment = {"SCHEMA_REGISTRY_URL": registry.url, "KAFKA_BROKERS": broker.bootstrap}

    def call(*arguments, stdin="", code=0):
        result = kbeat(*arguments, stdin=stdin, env=environment)
        assert result.code == code, result
        return result

    return call


def read(run, topic, *more):
    return run("consume", topic, "--print", "-e", "--decode", *more).rows


def test_avro_json_and_protobuf_go_there_and_back(run, registry, topic):
    registry.register(f"{topic}-number", json.dumps({"$schema": DRAFT_7, "type": "integer"}), "JSON")
    registry.register(f"{topic}-money", 'syntax = "proto3"; message Money { int64 units = 1; }', "PROTOBUF")
    value = {"event_id": "e", "n": 5}
    for kind, schema, references, more, extra in (
            ("AVRO", json.dumps(AVRO), (), (), {}),
            ("JSON", json.dumps(JSON_SCHEMA), (("number.json", f"{topic}-number", 1),), (), {}),
            ("PROTOBUF", PROTO, (("money.proto", f"{topic}-money", 1),), ("--message", "Order"), {"price": {"units": "7"}})):
        subject = f"{topic}-{kind}"
        registry.register(subject, schema, kind, references)
        event = value | extra
        run("produce", topic, "--encode", "--subject", subject, *more, stdin=json.dumps(event) + "\n")
        assert read(run, topic)[-1] == event
        run("produce", topic, "--encode", "--subject", subject, *more, stdin='{"n":"many"}\n', code=2)
    assert len(read(run, topic)) == 3


def test_a_newer_version_is_used_for_what_is_sent_and_the_old_one_for_what_was(run, registry, topic):
    first = registry.register(f"{topic}-value", json.dumps(AVRO))
    run("produce", topic, "--encode", stdin='{"event_id":"a","n":1}\n')
    newer = {**AVRO, "fields": [*AVRO["fields"], {"name": "x", "type": "string", "default": "-"}]}
    second = registry.register(f"{topic}-value", json.dumps(newer))
    run("produce", topic, "--encode", stdin='{"event_id":"b","n":2}\n')
    assert read(run, topic) == [{"event_id": "a", "n": 1}, {"event_id": "b", "n": 2, "x": "-"}]
    assert [json.loads(run("events", "schema", str(number)).text) for number in (first, second)] == [AVRO, newer]


def test_handlers_get_json_and_dead_letters_keep_the_bytes(run, registry, topic, broker):
    registry.register(f"{topic}-value", json.dumps(AVRO))
    run("produce", topic, "--encode", stdin='{"event_id":"a","n":1}\n')
    run("consume", topic, "--exec", "/bin/false", "-e", "-q", "--dlq-topic", f"{topic}-dlq")
    arguments = ("--dlq-topic", f"{topic}-dlq")
    (row,) = run("dlq", "inspect", "--where", "n == 1", *arguments).rows
    assert row["event_id"] == f"{topic}//a"
    run("dlq", "retry", "--all", "--yes", *arguments)
    kcat = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-e", "-q", "-f", "%s;", "-X",
                           "isolation.level=read_committed"], capture_output=True, check=True, timeout=60).stdout
    first, second, _ = kcat.split(b";")
    assert first == second and first.startswith(b"\0")


def test_a_registry_that_dies_is_said_by_name(kbeat, broker, topic):
    with Apicurio() as registry:
        registry.register(f"{topic}-value", json.dumps(AVRO))
        environment = {"SCHEMA_REGISTRY_URL": registry.url, "KAFKA_BROKERS": broker.bootstrap}
        assert kbeat("produce", topic, "--encode", stdin='{"event_id":"a","n":1}\n', env=environment).code == 0
    for arguments in (("consume", topic, "--print", "-e", "--decode"), ("produce", topic, "--encode")):
        result = kbeat(*arguments, stdin='{"event_id":"b","n":2}\n', env=environment)
        assert result.code == 1 and "the schema registry does not answer" in result.err
