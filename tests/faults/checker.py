"""The invariants of a run, from what was sent, the store as SQLite reads it, and the topics as they are.

It shares no code with kbeat: a consumer that loses, repeats, reorders or changes something cannot talk it away.
I1 accounted, I2 once, I3 order per key, I4 monotone, I5 letters, I7 nothing aborted, I8 bytes, I9 fencing, I10 bounded,
I11 honest counts, I12 secrets.
"""

import base64
import collections
import hashlib
import json
import re

from workload import CANARY, HEADERS

WAL_LIMIT = 64 << 20
RSS_LIMIT = 512 << 20
FILES_LIMIT = 256


def check(workload, last=None):
    """All invariants of a run that has come to rest; `last` is the finished process that brought it there."""
    place = workload.place
    every_event_is_there_once(workload)
    the_bytes_are_those_that_were_sent(workload)
    the_order_per_key_is_kept(workload)
    the_positions_stand_behind_what_is_accounted_for(workload)
    every_poison_is_one_letter_with_its_bytes(workload)
    assert place.query("SELECT count(*) FROM outbox WHERE state = 0") == [(0,)], "the outbox still owes records"
    assert place.lag(workload.topic) == 0
    assert place.query("PRAGMA integrity_check") == [("ok",)]
    no_secret_got_out(workload)
    if last is not None:
        the_last_line_agrees_with_the_results(last)
    print(f"accounted for: {len(workload.events)} events and {len(workload.poison)} letters")


def every_event_is_there_once(workload):
    """I1, I2, I7: what a transaction took back is among the events that nobody sent"""
    rows = collections.Counter(event for (event,) in workload.place.query("SELECT event_id FROM quiz_events"))
    assert {event: count for event, count in rows.items() if count > 1} == {}
    lost = workload.events.keys() - rows.keys()
    assert not lost, f"{len(lost)} of {len(workload.events)} events are lost, {sorted(lost)[:5]} among them"
    assert not rows.keys() - workload.events.keys(), "there are events that nobody sent"


def the_bytes_are_those_that_were_sent(workload):
    """I8"""
    for event, raw in workload.place.query("SELECT event_id, raw FROM quiz_events"):
        number, session = int(event[1:]), workload.events[event]
        assert raw.encode() == workload.value(number, session), f"{event} is not stored as it was sent"


def the_order_per_key_is_kept(workload):
    """I3"""
    newest = {}
    for event, session in workload.place.query("SELECT event_id, session_id FROM quiz_events ORDER BY id"):
        number = int(event[1:])
        assert number > newest.get(session, -1), f"{event} was stored behind e{newest[session]} of the same key"
        newest[session] = number


def the_positions_stand_behind_what_is_accounted_for(workload):
    """I1 and I4 from the topic's side: at rest nothing below `next` is without a row, and nothing is left above."""
    place = workload.place
    stored = {event for (event,) in place.query("SELECT event_id FROM quiz_events")}
    letters = {(partition, offset) for partition, offset in place.query(
        f"SELECT partition, offset FROM dead_letters WHERE topic = '{workload.topic}'")}
    positions = place.positions(workload.topic)
    for partition, offset, value in place.values(workload.topic):
        assert offset < positions.get(partition, 0), f"offset {offset} of partition {partition} was never handled"
        event = re.match(rb'\{"event_id": "(e\d+)", .*\}$', value or b"")
        in_store = event is not None and event[1].decode() in stored
        assert in_store != ((partition, offset) in letters), f"{partition}/{offset} is not in exactly one place"
    assert place.query("SELECT count(*) FROM finished") == [(0,)], "finished offsets are left behind the position"


def every_poison_is_one_letter_with_its_bytes(workload):
    """I5. The relay brings a letter to the topic at least once: doubles bear one identity and the same record."""
    letters = {}
    for key, body, headers in workload.place.records(workload.dlq, headers=list):
        named = dict(headers)
        identity = tuple(named[f"kbeat.dlq.{name}"] for name in ("group", "topic", "partition", "offset"))
        value = original_bytes(json.loads(body), body, named)
        assert letters.setdefault(identity, value) == value, "two letters of one failure"
        assert key == workload.poison_key(value), "the letter has another key than its record"
        own = [header for header in headers if not header[0].startswith("kbeat.")]
        assert own == HEADERS, "the original headers are not as they were sent"
    found = collections.Counter(letters.values())
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


def the_last_line_agrees_with_the_results(done):
    """I11"""
    outcomes = collections.Counter(json.loads(line)["outcome"] for line in done.stdout.splitlines())
    line = done.stderr.decode().strip().splitlines()[-1]
    match = re.match(r"(\d+) events: (\d+) done, (\d+) dead-lettered", line)
    assert match, f"the last line tells no counts: {line}"
    assert (int(match[1]), int(match[2]), int(match[3])) == (
        outcomes.total(), outcomes["done"], outcomes["dead_letter"]), line
    assert done.returncode == 0


def no_secret_got_out(workload):
    """I12"""
    place = workload.place
    for path in place.home.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), f"{path} holds a secret"


class Progress:
    """Watches, while processes come and go, that positions never fall and that nothing grows without bound."""

    def __init__(self, workload):
        self._workload = workload
        self._seen = {}
        self._owners = {}

    def look(self, *processes):
        """I4, I10; `processes` still run."""
        place = self._workload.place
        self.nobody_stale_owns_a_partition()
        for partition, position in place.positions(self._workload.topic).items():
            assert position >= self._seen.get(partition, 0), f"the position of partition {partition} fell"
            self._seen[partition] = position
        wal = place.home / "data" / "store.db-wal"
        assert not wal.exists() or wal.stat().st_size < WAL_LIMIT
        for process in processes:
            rss, files = place.resources(process)
            assert rss < RSS_LIMIT and files < FILES_LIMIT, f"{rss} bytes and {files} files are in use"

    def nobody_stale_owns_a_partition(self):
        """I9: an epoch has one owner, and none comes after a higher one."""
        place = self._workload.place
        if not place.count("positions"):
            return
        for partition, epoch, owner in place.query(
                f"SELECT partition, epoch, owner FROM positions WHERE topic = '{self._workload.topic}'"):
            known, former = self._owners.get(partition, (0, None))
            assert epoch >= known, f"the epoch of partition {partition} fell from {known} to {epoch}"
            assert epoch > known or owner == former, f"epoch {epoch} of partition {partition} has two owners"
            self._owners[partition] = (epoch, owner)
