"""The filters of `kbeat stream` and `kbeat consume --print`, on the embedded log; jq is the judge."""

import json
import subprocess

import pytest

EVENTS = [
    {"type": "BEAT_CREATED", "payload": {"beatId": "b1", "bpm": 120.5, "tags": ["techno", "live"]}},
    {"type": "BEAT_CREATED", "payload": {"beatId": "b2", "bpm": 9007199254740993, "tags": []}},
    {"type": "BEAT_DELETED", "payload": {"beatId": "b1"}},
    {"type": "caf\u00e9", "payload": None},
    {"type": "DASHBOARD_REFRESH"},
]


@pytest.fixture
def topic(kbeat):
    """The events under the keys k0, k1 …, then a line of text, an empty value and a tombstone."""
    lines = [{"key": f"k{number}", "payload": json.dumps(event), "headers": {"n": str(number)}}
             for number, event in enumerate(EVENTS)]
    lines += [{"key": "text", "payload": "BEAT_CREATED in plain text"}, {"key": "empty", "payload": ""},
              {"key": "gone", "payload": None}]
    assert kbeat("produce", "t", "-J", stdin="\n".join(map(json.dumps, lines))).code == 0
    return "t"


def keys(kbeat, topic, *filters):
    result = kbeat("stream", topic, "-o", "beginning", "-e", "-f", "%k ", *filters)
    assert (result.code, result.err) == (0, ""), result
    return result.text.split()


@pytest.mark.parametrize("where, jq", [
    ('type == "BEAT_CREATED"', '.type == "BEAT_CREATED"'),
    ('type != "BEAT_CREATED"', '.type != "BEAT_CREATED"'),
    ('payload.bpm > 100 and payload.bpm < 121', '.payload.bpm != null and .payload.bpm > 100 and .payload.bpm < 121'),
    ('payload.tags[*] == "live"', '.payload.tags != null and any(.payload.tags[]; . == "live")'),
    ('payload.tags[0] == "techno" or type == "café"', '.payload.tags[0]? == "techno" or .type == "café"'),
    ('exists payload', 'has("payload")'),
    ('not exists payload.bpm', '.payload.bpm? == null'),
    ('payload == null', 'has("payload") and .payload == null'),
    ('type =~ "^BEAT_(CREATED|DELETED)$"', '.type | test("^BEAT_(CREATED|DELETED)$")'),
    ('type in ("DASHBOARD_REFRESH", "BEAT_DELETED")', '.type | IN("DASHBOARD_REFRESH", "BEAT_DELETED")'),
])
def test_where_takes_what_jq_selects(kbeat, topic, where, jq):
    text = "\n".join(json.dumps(event) for event in EVENTS)
    chosen = subprocess.run(["jq", "-c", f"select({jq}) | input_line_number"], input=text + "\n", capture_output=True,
                            text=True, check=True).stdout.split()
    assert keys(kbeat, topic, "--where", where) == [f"k{int(line) - 1}" for line in chosen] != []


def test_where_compares_integers_exactly(kbeat, topic):
    assert keys(kbeat, topic, "--where", "payload.bpm == 9007199254740993") == ["k1"]
    assert keys(kbeat, topic, "--where", "payload.bpm == 9007199254740992") == []


def test_the_other_filters(kbeat, topic):
    assert keys(kbeat, topic, "--grep", "BEAT_[CD]") == ["k0", "k1", "k2", "text"]
    assert keys(kbeat, topic, "--type", "BEAT_CREATED") == ["k0", "k1"]
    assert keys(kbeat, topic, "--type", "café", "--type", "BEAT_DELETED") == ["k2", "k3"]
    assert keys(kbeat, topic, "--key", "gone", "--key", "k4") == ["k4", "gone"]
    assert keys(kbeat, topic, "--header", "n=3") == ["k3"]
    assert keys(kbeat, topic, "--header", "n", "--grep", "b1", "--key", "k2") == ["k2"]


def test_only_records_that_pass_count(kbeat, topic):
    assert keys(kbeat, topic, "-c", "2", "--type", "BEAT_CREATED") == ["k0", "k1"]
    result = kbeat("consume", topic, "--print", "-e", "-G", "g", "--key", "k1", "-f", "%k")
    assert (result.code, result.text) == (0, "k1")
    assert kbeat("groups", "lag", "g").rows[0]["lag"] == 0


@pytest.mark.parametrize("arguments, complaint", [
    (["--where", "type == BEAT"], "quotes"),
    (["--where", "type =="], "at byte 8"),
    (["--grep", "("], "--grep"),
    (["--header", "=x"], "NAME=VALUE"),
])
def test_a_wrong_filter_is_told_before_connecting(kbeat, arguments, complaint):
    result = kbeat("stream", "t", "-b", "127.0.0.1:1", *arguments)
    assert (result.code, result.text) == (2, "")
    assert complaint in result.err and result.err.count("\n") == 1


def test_filters_need_print_with_consume(kbeat):
    result = kbeat("consume", "t", "-e", "--where", "a == 1")
    assert result.code == 2 and "--print" in result.err
