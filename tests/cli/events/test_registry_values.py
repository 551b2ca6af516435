"""Values of a registry's schemas printed, filtered, checked and sent: by bytes that confluent-kafka made."""

import json
import pathlib

import pytest

from registry_server import registry_server

GOLDEN = json.loads((pathlib.Path(__file__).parents[2] / "data" / "registry" / "golden.json").read_text())
VALUES = {name: bytes.fromhex(text) for name, text in GOLDEN["values"].items()}

AVRO = {"event_id": "av1", "event_type": "ORDER", "n": 5, "at": 1767323045000, "day": 20455, "price": "\u0004\u00d2",
        "uid": "00000000-0000-0000-0000-000000000005", "kind": "B", "lines": [{"sku": "s", "count": -3}],
        "tags": {"q": 1.5}, "raw": "\u0000\u00ff\u0080", "f": "abc", "x": 0.5, "b": True, "u": {"sku": "z", "count": 1}}
PROTO = {"event_id": "pb1", "event_type": "ORDER", "kind": "RETAIL", "lines": [{"sku": "s", "count": 2}],
         "total": {"currency": "SEK", "units": "9007199254740993"}, "at": "2026-01-02T03:04:05Z", "tags": {"a": "1"},
         "raw": "AP8=", "ratio": 0, "cash": 3}
DECODED = {"avro": AVRO, "json": {"event_id": "js1", "event_type": "ORDER", "total": 5}, "proto": PROTO,
           "nested": {"sku": "inner", "count": 7}}


@pytest.fixture
def registry():
    with registry_server(dict(GOLDEN["answers"])) as server:
        yield server


@pytest.fixture
def ask(kbeat, registry):
    return lambda *arguments, **more: kbeat(*arguments, env={"SCHEMA_REGISTRY_URL": registry.url}, **more)


def put(kbeat, topic, value):
    path = kbeat.home / "value"
    path.write_bytes(value)
    assert kbeat("produce", topic, path).code == 0


def raw(kbeat, topic):
    return kbeat("consume", topic, "--print", "-e", "-D", "").out


@pytest.mark.parametrize("kind", VALUES)
def test_bytes_of_another_client_become_json(kbeat, ask, kind):
    put(kbeat, "t", VALUES[kind])
    for command in (("consume", "t", "--print", "-e"), ("stream", "t", "-o", "beginning", "-e"), ("replay", "t", "-q")):
        assert ask(*command, "--decode").rows == [DECODED[kind]], command
        assert ask(*command, "-D", "").out == VALUES[kind], "it stays as it is unless it is asked for"


@pytest.mark.parametrize("kind, more", [("avro", ()), ("json", ()), ("proto", ("--message", "Order")),
                                        ("proto", ("--message", "shop.Order")), ("nested", ("--message", "Order.Line"))])
def test_json_becomes_the_bytes_of_another_client(kbeat, ask, kind, more):
    subject = {"nested": "proto"}.get(kind, kind)
    value = json.dumps(DECODED[kind], separators=(",", ":"))
    assert ask("produce", f"golden-{subject}", "--encode", *more, stdin=value + "\n").code == 0
    assert raw(kbeat, f"golden-{subject}") == VALUES[kind]
    assert ask("produce", "elsewhere", "--encode", "--subject", f"golden-{subject}-value", *more, stdin=value + "\n").code == 0
    assert raw(kbeat, "elsewhere") == VALUES[kind]


@pytest.mark.parametrize("topic, more, value, message", [
    ("golden-avro", (), '{"event_id":"x"}', "line 1: schema 1 of golden-avro-value: "),
    ("golden-avro", (), "nope", "the value is not JSON"),
    ("golden-json", (), '{"total":-1}', "/total"),
    ("golden-proto", ("--message", "Order"), '{"kind":"NONE"}', "does not fit its Protobuf schema"),
    ("golden-proto", ("--message", "Nope"), "{}", "has no message Nope"),
    ("unknown", (), "{}", "answered 404 to"),
])
def test_a_value_that_does_not_fit_is_a_bad_line(kbeat, ask, topic, more, value, message):
    result = ask("produce", topic, "--encode", *more, stdin=value + "\n")
    assert (result.code, result.out) == (2, b"") and message in result.err
    assert ask("produce", topic, "--encode", *more, "--on-error", "skip", stdin=value + "\n").code == 0
    assert topic not in [row["topic"] for row in kbeat("topics", "list").rows]


@pytest.mark.parametrize("status, page", [
    (503, None), (200, "<html>Welcome</html>"), (200, '{"schema":"{}","schemaType":7}'), (404, "<html>Nothing here</html>"),
])
def test_a_registry_that_is_away_is_no_fault_of_the_lines(ask, registry, status, page):
    registry.status, registry.page = status, page
    for handling in ("stop", "skip", "dlq"):
        result = ask("produce", "golden-avro", "--encode", "--on-error", handling, stdin="{}\n")
        assert result.code == 1 and f"the schema registry answered {status}" in result.err


@pytest.mark.parametrize("status, page", [(503, None), (200, "<html>Welcome</html>")])
def test_a_registry_that_is_away_ends_what_prints_decoded_values(kbeat, ask, registry, status, page):
    put(kbeat, "t", VALUES["avro"])
    registry.status, registry.page = status, page
    result = ask("consume", "t", "--print", "-e", "--decode")
    assert (result.code, result.out) == (1, b"") and f"the schema registry answered {status}" in result.err
    assert ask("events", "list").code == 1


def test_filters_look_through_the_frame(kbeat, ask):
    for kind in ("avro", "proto"):
        put(kbeat, "t", VALUES[kind])
    put(kbeat, "t", b'{"event_id":"plain"}')
    for command in (("consume", "t", "--print", "-e"), ("replay", "t", "-q")):
        assert ask(*command, "--where", 'event_id == "pb1"', "-D", "").out == VALUES["proto"]
        assert len(ask(*command, "--where", "event_id exists", "--decode").rows) == 3


def test_dead_letters_are_found_by_what_is_in_their_frame(kbeat, ask):
    put(kbeat, "t", VALUES["avro"])
    put(kbeat, "t", VALUES["proto"])
    assert ask("consume", "t", "--exec", "/bin/false", "-e", "-q").code == 0
    (row,) = ask("dlq", "inspect", "--where", "n == 5").rows
    assert row["id"].endswith("/t/0/0") and row["event_id"] == "t/ORDER/av1"
    assert ask("dlq", "retry", "--where", "n == 5", "--yes").code == 0
    assert kbeat("consume", "t", "--print", "-e", "-D", "", "-o", "2").out == VALUES["avro"], "it goes back as it was"


def test_events_are_checked_behind_their_frame(kbeat, ask):
    put(kbeat, "quiz-events", VALUES["avro"])
    envelopes = kbeat("consume", "quiz-events", "--print", "-J", "-e").out
    result = ask("events", "validate", "-J", stdin=envelopes)
    assert result.code == 2 and result.rows[0]["type"] == "ORDER" and "session_id" in result.rows[0]["error"]


def test_a_value_that_its_json_schema_does_not_describe_is_invalid_and_shown_all_the_same(kbeat, ask):
    misfit = VALUES["json"][:5] + b'{"event_id":"js2","event_type":"ORDER","total":-1}'
    put(kbeat, "golden-json", VALUES["json"])
    put(kbeat, "golden-json", misfit)
    envelopes = kbeat("consume", "golden-json", "--print", "-J", "-e").out
    result = ask("events", "validate", "-J", stdin=envelopes)
    assert result.code == 2 and [row["verdict"] for row in result.rows] == ["unknown", "invalid"]
    assert "schema 2: the value does not fit its schema: /total" in result.rows[1]["error"]
    assert [row["total"] for row in ask("consume", "golden-json", "--print", "-e", "--decode").rows] == [5, -1]


def test_schemas_of_the_registry_are_shown_by_subject_and_id(ask):
    by_subject = ask("events", "schema", "golden-json-value")
    assert by_subject.code == 0 and json.loads(by_subject.text)["title"] == "Order"
    assert ask("events", "schema", "2").text == by_subject.text
    result = ask("events", "schema", "nope")
    assert (result.code, result.out) == (3, b"") and 'no event type "nope"' in result.err


def test_subjects_of_the_registry_are_listed_below_the_types(ask, kbeat, registry):
    registry.answers["/subjects"] = ["orders-value", "customers-key"]
    types = kbeat("events", "list").rows
    rows = ask("events", "list").rows
    assert rows[:len(types)] == types
    assert rows[len(types):] == [
        {"name": "customers-key", "type": None, "topics": None, "title": None, "source": "registry"},
        {"name": "orders-value", "type": None, "topics": "orders", "title": None, "source": "registry"}]
    registry.status = 503
    away = ask("events", "list")
    assert away.code == 1 and "the schema registry answered 503 to" in away.err
    assert away.rows == types


def test_without_a_registry_the_flags_say_what_is_missing(kbeat):
    for arguments in (("produce", "t", "--encode"), ("consume", "t", "--print", "--decode"), ("replay", "t", "--decode")):
        kbeat("topics", "create", "t")
        result = kbeat(*arguments, stdin="{}\n")
        assert result.code == 2 and "set SCHEMA_REGISTRY_URL" in result.err
    assert kbeat("produce", "t", "--subject", "s", stdin="{}\n").code == 2


def test_a_json_schema_may_refer_to_others_of_the_registry(kbeat):
    answers = {
        "/subjects/t-value/versions/latest": {"id": 7, "schemaType": "JSON", "schema": json.dumps({
            "type": "object", "properties": {"item": {"$ref": "item.json"}, "also": {"$ref": "#/definitions/n"}},
            "definitions": {"n": {"type": "number"}}}), "references": [{"name": "item.json", "subject": "item", "version": 3}]},
        "/subjects/item/versions/3": {"id": 8, "schemaType": "JSON", "schema": json.dumps({
            "$id": "http://example.org/item.json", "type": "object", "required": ["sku"],
            "properties": {"sku": {"$ref": "#/definitions/sku"}}, "definitions": {"sku": {"type": "string"}}})}}
    answers["/schemas/ids/7"] = answers["/subjects/t-value/versions/latest"]
    with registry_server(answers) as server:
        lines = ['{"item":{"sku":"a"},"also":1}', '{"item":{}}', '{"item":{"sku":5}}', '{"also":"x"}']
        codes = [kbeat("produce", "t", "--encode", stdin=line + "\n", env={"SCHEMA_REGISTRY_URL": server.url}).code
                 for line in lines]
    assert codes == [0, 2, 2, 2]


def test_a_name_and_password_in_the_url_open_the_registry_and_are_not_shown(kbeat):
    with registry_server(dict(GOLDEN["answers"]), login="key/1:s3cret") as server:
        put(kbeat, "t", VALUES["json"])
        url = server.url.replace("http://", "http://key%2F1:s3cret@")
        assert kbeat("consume", "t", "--print", "-e", "--decode", env={"SCHEMA_REGISTRY_URL": url}).rows == [DECODED["json"]]
        wrong = kbeat("consume", "t", "--print", "-e", "--decode",
                      env={"SCHEMA_REGISTRY_URL": server.url.replace("http://", "http://key%2F1:wr0ng@")})
        assert wrong.code == 1 and "answered 401" in wrong.err
        assert "s3cret" not in wrong.err and "wr0ng" not in wrong.err
