"""Values whose schema is in a registry: Avro, Protobuf and JSON by the wire format, and a registry that is away."""

import json
import struct
import subprocess

import pytest

from registry_server import registry_server

AVRO = {"type": "record", "name": "Quiz", "fields": [
    {"name": "event_id", "type": "string"}, {"name": "event_type", "type": "string"},
    {"name": "session_id", "type": "string"}, {"name": "timer_sec", "type": ["null", "int"], "default": None}]}
PROTO = 'syntax = "proto3"; message Quiz { string event_id = 1; string event_type = 2; string session_id = 3; }'


@pytest.fixture
def registry():
    schemas = {1: {"schema": json.dumps(AVRO)}, 2: {"schema": PROTO, "schemaType": "PROTOBUF"},
               3: {"schema": '{"type":"object"}', "schemaType": "JSON"}}
    with registry_server({f"/schemas/ids/{number}": schema for number, schema in schemas.items()}) as server:
        yield server


def framed(identifier, payload):
    return b"\0" + struct.pack(">I", identifier) + payload


def avro(*texts):
    return b"".join(bytes([2 * len(text)]) + text.encode() for text in texts)


def protoc(tmp_path, text):
    """What Google's own compiler makes of it."""
    (tmp_path / "quiz.proto").write_text(PROTO)
    return subprocess.run(["protoc", "--encode=Quiz", "quiz.proto"], input=text.encode(), cwd=tmp_path,
                          capture_output=True, check=True).stdout


def produce(kbeat, *values):
    for number, value in enumerate(values):
        path = kbeat.home / f"value{number}"
        path.write_bytes(value)
        assert kbeat("produce", "quiz-events", path).code == 0


def test_values_of_each_kind_reach_the_handler_as_json(kbeat, registry, tmp_path):
    produce(kbeat,
            framed(1, avro("a", "Q", "s1") + b"\x02\x3c"),
            framed(2, b"\0" + protoc(tmp_path, 'event_id: "p" event_type: "Q" session_id: "s2"')),
            framed(3, b'{"event_id":"j","event_type":"Q","session_id":"s3"}'),
            b'{"event_id":"plain","event_type":"Q","session_id":"s4"}',
            framed(1, avro("b", "Q", "s5") + b"\x00"))
    result = kbeat("consume", "quiz-events", "-e", env={"SCHEMA_REGISTRY_URL": registry.url + "/"})
    assert result.code == 0, result.err
    assert {row["id"]: row["outcome"] for row in result.rows} == dict.fromkeys(["a", "p", "j", "plain", "b"], "done")
    rows = kbeat("store", "query", "SELECT event_id, session_id, timer_sec FROM quiz_events ORDER BY event_id").rows
    assert [row["session_id"] for row in rows] == ["s1", "s5", "s3", "s2", "s4"]
    assert rows[0]["timer_sec"] == 30
    assert sorted(registry.asked) == ["/schemas/ids/1", "/schemas/ids/2", "/schemas/ids/3"], "each schema is asked for once"


def test_a_value_that_its_schema_does_not_describe_is_a_dead_letter_with_its_own_bytes(kbeat, registry):
    damaged = framed(1, b"\x7e")
    produce(kbeat, damaged, framed(9, b"x"))
    rows = kbeat("consume", "quiz-events", "-e", env={"SCHEMA_REGISTRY_URL": registry.url}).rows
    assert [row["outcome"] for row in rows] == ["dead_letter"] * 2
    errors = " ".join(row["error"] for row in rows)
    assert "schema 1: the value is not what its Avro schema says: 63 bytes are wanted, 0 are left" in errors
    assert f"the schema registry answered 404 to {registry.url}/schemas/ids/9" in errors
    letters = kbeat("dlq", "inspect", "--category", "deserialization", "-J").rows
    assert len(letters) == 2


def test_a_value_that_its_json_schema_does_not_describe_is_a_dead_letter(kbeat, registry):
    registry.answers["/schemas/ids/4"] = {"schemaType": "JSON", "schema": json.dumps(
        {"type": "object", "required": ["session_id"], "properties": {"timer_sec": {"type": "integer"}}})}
    misfit = framed(4, b'{"event_id":"b","event_type":"Q","session_id":"s","timer_sec":"x"}')
    produce(kbeat, framed(4, b'{"event_id":"a","event_type":"Q","session_id":"s","timer_sec":7}'), misfit)
    result = kbeat("consume", "quiz-events", "-e", env={"SCHEMA_REGISTRY_URL": registry.url})
    assert [row["outcome"] for row in result.rows] == ["done", "dead_letter"]
    assert "schema 4: the value does not fit its schema: /timer_sec" in result.rows[1]["error"]
    (letter,) = kbeat("dlq", "inspect", "-J", "--where", "timer_sec == 'x'", env={"SCHEMA_REGISTRY_URL": registry.url}).rows
    assert json.loads(letter["payload"])["originalEvent"].encode() == misfit
    assert registry.asked.count("/schemas/ids/4") == 2


def test_a_json_schema_of_a_newer_draft_is_said_once_and_refuses_no_value(kbeat, registry):
    registry.answers["/schemas/ids/5"] = {"schemaType": "JSON", "schema": '{"unevaluatedProperties":false}'}
    produce(kbeat, *[framed(5, b'{"event_id":"e%d","event_type":"Q","session_id":"s"}' % i) for i in range(3)],
            framed(5, b"{"))
    result = kbeat("consume", "quiz-events", "-e", env={"SCHEMA_REGISTRY_URL": registry.url})
    assert [row["outcome"] for row in result.rows] == ["done"] * 3 + ["dead_letter"]
    assert result.err.count("schema 5 of the registry: unevaluatedProperties is newer than draft 7") == 1
    assert "its values need only be JSON" in result.err


@pytest.mark.parametrize("status, page", [
    (503, None), (401, None), (200, "<html>Welcome</html>"), (200, '{"status":"fine"}'), (404, "<html>Nothing here</html>"),
])
def test_a_registry_that_is_away_is_waited_for(kbeat, registry, status, page):
    registry.status, registry.page = status, page
    produce(kbeat, *[framed(1, avro(f"e{i}", "Q", "s") + b"\0") for i in range(8)])
    result = kbeat("consume", "quiz-events", "-e", "--retry-delay", "1ms", "--retry-max", "50ms", "--max-retries", "9",
                   env={"SCHEMA_REGISTRY_URL": registry.url})
    assert result.code == 1 and f"the schema registry answered {status}" in result.err
    registry.status, registry.page = 0, None
    again = kbeat("consume", "quiz-events", "-e", env={"SCHEMA_REGISTRY_URL": registry.url})
    assert [row["outcome"] for row in result.rows + again.rows].count("done") == 8
