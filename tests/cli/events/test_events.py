"""`kbeat events`: the list, the schemas and the verdicts, which python3-jsonschema confirms."""

import json
import pathlib

import jsonschema
import pytest

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples"
ORDER = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number", "minimum": 0}}}


def test_the_list_has_every_type_and_its_schema_prints_as_it_is_in_samples(kbeat):
    names = {row["name"] for row in kbeat("events", "list").rows}
    assert names == {path.stem for path in (SAMPLES / "schemas").glob("*.json")}
    for name in ("BEAT_CREATED", "quiz_event"):
        assert kbeat("events", "schema", name).text.strip() == (SAMPLES / "schemas" / f"{name}.json").read_text().strip()


def test_an_unknown_type_is_not_found(kbeat):
    result = kbeat("events", "schema", "NOPE")
    assert (result.code, result.out) == (3, b"") and 'no event type "NOPE"' in result.err


def test_verdicts_are_those_of_another_validator(kbeat):
    for path in (SAMPLES / "schemas").glob("*.json"):
        schema = json.loads(path.read_text())
        example = schema["examples"][0]
        bodies = [example] + [{k: v for k, v in example.items() if k != name} for name in example]
        bodies += [{**example, name: value} for name in example for value in (None, [], "", -1)]
        lines = "\n".join(json.dumps(body) for body in bodies)
        rows = kbeat("events", "validate", "--type", path.stem, stdin=lines).rows
        oracle = jsonschema.Draft7Validator(schema)
        assert [row["verdict"] == "valid" for row in rows] == [oracle.is_valid(body) for body in bodies], path.stem


def test_events_are_told_apart_by_shape_and_bad_ones_end_with_2(kbeat):
    beat = {"beatId": "b", "audioUrl": "u"}
    events = [
        {"type": "BEAT_CREATED", "payload": beat},
        {"specversion": "1.0", "id": "1", "source": "/s", "type": "BEAT_CREATED", "data": beat},
        {"id": "1", "type": "BEAT_CREATED", "version": "1", "data": {"beatId": "b"}},
        {"type": "NEW", "payload": {}},
    ]
    result = kbeat("events", "validate", stdin="\n".join(map(json.dumps, events)) + "\nnope")
    assert result.code == 2 and "2 of 5 events do not fit their schema, 1 are of unknown type" in result.err
    assert [row["verdict"] for row in result.rows] == ["valid", "valid", "invalid", "unknown", "invalid"]
    assert "audioUrl" in result.rows[2]["error"] and "not JSON" in result.rows[4]["error"]


def test_a_line_that_is_too_long_is_invalid_for_its_length_and_the_next_is_looked_at(kbeat):
    deleted = b'{"type":"BEAT_DELETED","payload":{"beatId":"b"}}'
    result = kbeat("events", "validate", stdin=b"a" * (66 << 20) + b"\n" + deleted)
    assert result.code == 2
    assert [(row["line"], row["verdict"], row["error"]) for row in result.rows] == [
        (1, "invalid", "longer than 64 MiB"), (2, "valid", None)]


def test_envelopes_bring_their_topic_along(kbeat):
    kbeat("produce", "quiz-events", stdin='{"event_id":"1","event_type":"Q"}')
    envelopes = kbeat("consume", "quiz-events", "--print", "-J", "-e").out
    result = kbeat("events", "validate", "-J", stdin=envelopes)
    assert result.code == 2 and "session_id" in result.rows[0]["error"]


@pytest.fixture
def own(kbeat):
    (kbeat.home / "conf").mkdir()
    (kbeat.home / "conf" / "order.json").write_text(json.dumps(ORDER))
    (kbeat.home / "conf" / "c.toml").write_text("""
[[schema]]
type = "ORDER"
topic = ["orders", "old-orders"]
file = "order.json"
[[route]]
topic = "orders"
handler = "forward"
to = "copies"
""")
    return lambda *arguments, **more: kbeat("--config", "conf/c.toml", *arguments, **more)


def test_a_type_of_ones_own_is_listed_validated_and_checked_before_its_handler(own):
    assert own("events", "list").rows[0] == {
        "name": "ORDER", "type": "ORDER", "topics": "orders,old-orders", "title": None, "source": "conf/order.json"}
    events = '{"event_id":"1","event_type":"ORDER","total":5}\n{"event_id":"2","event_type":"ORDER","total":-5}'
    assert [row["verdict"] for row in own("events", "validate", stdin=events).rows] == ["valid", "invalid"]
    own("produce", "orders", stdin=events)
    rows = own("consume", "orders", "-e").rows
    assert [(row["id"], row["outcome"]) for row in rows] == [("1", "done"), ("2", "dead_letter")]
    assert rows[1]["error"].startswith("ORDER: /total: ")
    assert '"schema"' in own("dlq", "inspect", "-J").text
    assert len(own("consume", "copies", "--print", "-e").text.splitlines()) == 1


@pytest.mark.parametrize("schema, fault", [
    ('{"prefixItems":[]}', "newer than draft 7"),
    ('nonsense', "it is not JSON"),
])
def test_a_schema_that_is_wrong_is_refused_with_its_place(own, kbeat, schema, fault):
    (kbeat.home / "conf" / "order.json").write_text(schema)
    result = own("events", "list")
    assert result.code == 2 and fault in result.err and "c.toml, line 2" in result.err
