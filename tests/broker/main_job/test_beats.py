"""BEAT_CREATED end to end: the metrics in the store, what fails in the dead letters, the rest on its way."""

import json

import pytest

PRIVATE = "--allow-private-addresses"
AS_BEATS = ("--as", "beats-events", "--dlq-topic")


def created(beat, url, **more):
    return json.dumps({"type": "BEAT_CREATED", "payload": {"beatId": beat, "audioUrl": url, "userId": "u1", **more}})


def test_a_beat_is_measured_and_the_group_has_no_lag(place, audio):
    topic, dlq = place.topic("beats"), place.topic("dlq", 1)
    place.produce(topic, [created("b1", audio.url("beat-120-a-minor.wav"))])
    done = place.consume(topic, *AS_BEATS, dlq, PRIVATE)
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["outcome"], line["type"], line["attempts"]) == ("done", "BEAT_CREATED", 1)
    ((bpm, key, user),) = place.query("SELECT bpm, key, user_id FROM beat_metrics WHERE beat_id = 'b1'")
    assert bpm == pytest.approx(120, abs=0.5)
    assert (key, user) == ("A minor", "u1")
    assert place.lag(topic) == 0
    assert place.records(dlq) == []


def test_what_cannot_be_measured_is_dead_lettered_with_its_bytes(place, audio):
    topic, dlq = place.topic("beats"), place.topic("dlq", 1)
    bad = {
        created("dead", audio.url("nothing-here.wav")): ("processing", "404"),
        created("text", audio.url("text.wav")): ("processing", ""),
        "this is not JSON": ("deserialization", "not JSON"),
        json.dumps({"type": "BEAT_CREATED", "payload": {"audioUrl": "http://x/"}}): ("schema", "beatId"),
    }
    place.produce(topic, [created("good", audio.url("beat-120-a-minor.wav")), *bad])
    done = place.consume(topic, *AS_BEATS, dlq, PRIVATE)
    assert b"4" in done.stderr
    letters = place.records(dlq)
    assert len(letters) == len(bad)
    for _, body, headers in letters:
        document = json.loads(body)
        assert list(document) == ["originalEvent", "error", "timestamp"]
        original = body[17:17 + int(headers["kbeat.dlq.length"])]
        if headers["kbeat.dlq.encoding"] == "text":
            original = document["originalEvent"]
        category, part = bad.pop(original)
        assert headers["kbeat.dlq.category"] == category
        assert part in document["error"]
    assert bad == {}
    assert place.query("SELECT count(*) FROM beat_metrics") == [(1,)]


def test_private_addresses_are_refused_unless_allowed(place, audio):
    topic, dlq = place.topic("beats"), place.topic("dlq", 1)
    place.produce(topic, [created("b1", audio.url("beat-120-a-minor.wav"))])
    place.consume(topic, *AS_BEATS, dlq)
    ((_, body, _),) = place.records(dlq)
    assert "--allow-private-addresses" in json.loads(body)["error"]


def test_a_deleted_beat_stays_deleted_when_an_older_event_comes_again(place, audio):
    topic, dlq = place.topic("beats", 1), place.topic("dlq", 1)
    deleted = json.dumps({"type": "BEAT_DELETED", "payload": {"beatId": "b1"}})
    place.produce(topic, [created("b1", audio.url("beat-120-a-minor.wav")), deleted])
    place.consume(topic, *AS_BEATS, dlq, PRIVATE)
    assert place.query("SELECT count(*) FROM beat_metrics WHERE bpm IS NOT NULL") == [(0,)]


def test_the_result_goes_out_as_an_event_keyed_by_the_beat(place, audio):
    topic, dlq = place.topic("beats"), place.topic("dlq", 1)
    beat = topic.rsplit("-", 1)[1]
    place.produce(topic, [created(beat, audio.url("beat-120-a-minor.wav"))])
    place.consume(topic, *AS_BEATS, dlq, PRIVATE)
    mine = [record for record in place.records("analytics-events") if record[0] == beat]
    ((_, value, headers),) = mine
    event = json.loads(value)
    assert event["type"] == "METRIC_CALCULATED"
    assert event["payload"]["beatId"] == beat
    assert event["payload"]["bpm"] == pytest.approx(120, abs=0.5)
    assert headers["kbeat.event-id"].endswith("/METRIC_CALCULATED")
