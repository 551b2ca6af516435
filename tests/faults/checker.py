"""The invariants of a run, from what was sent, the store as SQLite reads it, and the topics as they are.

It shares no code with kbeat: a consumer that loses, repeats, reorders or changes something cannot talk it away.
"""

import base64
import collections
import hashlib
import json


def check(workload):
    """All invariants of a run that has come to rest."""
    place = workload.place
    every_event_is_there_once(workload)
    the_order_per_key_is_kept(workload)
    every_poison_is_one_letter_with_its_bytes(workload)
    assert place.query("SELECT count(*) FROM outbox WHERE state = 0") == [(0,)], "the outbox still owes records"
    assert place.lag(workload.topic) == 0
    assert place.query("PRAGMA integrity_check") == [("ok",)]


def every_event_is_there_once(workload):
    rows = collections.Counter(event for (event,) in workload.place.query("SELECT event_id FROM quiz_events"))
    assert {event: count for event, count in rows.items() if count > 1} == {}
    lost = workload.events.keys() - rows.keys()
    assert not lost, f"{len(lost)} of {len(workload.events)} events are lost, {sorted(lost)[:5]} among them"
    assert not rows.keys() - workload.events.keys(), "there are events that nobody sent"


def the_order_per_key_is_kept(workload):
    newest = {}
    for event, session in workload.place.query("SELECT event_id, session_id FROM quiz_events ORDER BY id"):
        number = int(event[1:])
        assert number > newest.get(session, -1), f"{event} was stored behind e{newest[session]} of the same key"
        newest[session] = number


def every_poison_is_one_letter_with_its_bytes(workload):
    letters = [(json.loads(body), body, headers) for _, body, headers in workload.place.records(workload.dlq)]
    found = collections.Counter(original_bytes(*letter) for letter in letters)
    sent = collections.Counter(workload.poison)
    assert found - sent == {}, "letters of records that are none, or that came twice"
    assert sent - found == {}, "poison without a letter"


def original_bytes(document, body, headers):
    """What the letter says that the record was, checked against the digest it carries."""
    encoding, length = headers["kbeat.dlq.encoding"], int(headers["kbeat.dlq.length"])
    if encoding == "base64":
        original = base64.b64decode(document["originalEvent"])
    elif encoding == "text":
        original = document["originalEvent"].encode()
    else:
        begin = len(b'{"originalEvent":')
        original = body.encode()[begin:begin + length]
    assert len(original) == length
    assert hashlib.sha256(original).hexdigest() == headers["kbeat.dlq.sha256"]
    return original


class Progress:
    """Watches that positions never fall while processes come and go."""

    def __init__(self, workload):
        self._workload = workload
        self._seen = {}

    def look(self):
        for partition, position in self._workload.place.positions(self._workload.topic).items():
            assert position >= self._seen.get(partition, 0), f"the position of partition {partition} fell"
            self._seen[partition] = position
