"""Records whose fate is known beforehand: good events, events that come twice, and poison."""

import json

POISON = [
    b"not JSON at all", b"{", b'{"event_type":"QUESTION_PUBLISHED"', b"[1,2,3]", b"null", b'"a string"', b"\xff\xfe\x80 bytes",
    b'{"event_id":7,"event_type":"QUESTION_PUBLISHED"}', b"{}" + b" " * 5000 + b"x", b'{"event_type":"QUESTION_PUBLISHED"}',
    b"\xc3\x28", b"[" * 2000, b'{"a":"\\ud800"}',
    b'{ "event_type" : "QUESTION_PUBLISHED", "n":1.10, "n":%d,"big":9007199254740993, "z":-0 }', "\u00e9\u00e8 \u2603".encode(), b"\x01\x02\x03",
]
HEADERS = [("trace", "t1"), ("trace", "t2")]
CANARY = "canary-7c1d"
FLAGS = ("--as", "quiz-events", "--batch-size", "100")


def quiz_event(number, session):
    return json.dumps({
        "event_id": f"e{number}", "event_type": "QUESTION_PUBLISHED", "timestamp": "2026-01-31T09:00:00.000Z",
        "session_id": session, "quiz_id": "q", "classroom_id": "c", "question_id": str(number), "timer_sec": 60}).encode()


def poison_value(form, number):
    """A value of its own: the number stands inside what has a place for it, else behind it."""
    return form % number if b"%d" in form else b"%s %d" % (form, number)


class Workload:
    """What was put into `topic`, and the flags that a consumer of it needs.

    events:  event ids in the order they were sent, each once
    poison:  values that no handler can take, each once, by themselves
    """

    def __init__(self, place, events, chance, partitions=3, poison_every=100):
        self.place = place
        place.environment["KBEAT_API_TOKEN"] = CANARY
        self.topic = place.topic("faults", partitions)
        self.dlq = place.topic("dlq", 1)
        self.flags = ("-G", place.group, *FLAGS, "--dlq-topic", self.dlq)
        if place.broker:
            self.flags += ("-X", "session.timeout.ms=1500", "-X", "heartbeat.interval.ms=300")
        self.events = {}
        self.poison = []
        self._poison_keys = {}
        self._count = 0
        self._keys = "s"
        self._chance = chance
        self._poison_every = poison_every
        self.send(events)

    def send(self, events):
        """Sends more; returns when the place has acknowledged all of them."""
        lines = [key.encode() + b"\t" + value for key, value in self.make(events)]
        self.place.produce(self.topic, lines, key_delimiter="\t", headers=HEADERS)

    def abort(self, events):
        """Sends events in a transaction that is taken back: nobody may ever see them."""
        lines = "".join(json.dumps({"key": "aborted", "payload": quiz_event(10**9 + number, "aborted").decode()}) + "\n"
                        for number in range(events))
        done = self.place.run("produce", self.topic, "--txn", "-J", stdin=lines.encode() + b"no envelope\n", check=False)
        assert done.returncode == 2, done.stderr

    def begin_new_keys(self):
        self._keys += "s"

    def make(self, events):
        """Keys and values of more records, for one who sends them by himself."""
        lines = []
        for _ in range(events):
            number, session = self._count, f"{self._keys}{self._count % 61}"
            self._count += 1
            self.events[f"e{number}"] = session
            lines.append((session, quiz_event(number, session)))
            if number % self._poison_every == self._poison_every - 1:
                self.poison.append(poison_value(POISON[len(self.poison) % len(POISON)], number))
                self._poison_keys[self.poison[-1]] = session
                lines.append((session, self.poison[-1]))
            if self._chance.random() < 0.02:
                lines.append(lines[-1] if lines[-1][1] not in self._poison_keys else (session, quiz_event(number, session)))
        return lines

    def start(self, *more, **options):
        return self.place.start("consume", self.topic, *self.flags, *more, **options)

    def finish(self):
        """Consumes what is left, up to the end; what was left by a killed member of the group is waited for."""
        return self.place.run("consume", self.topic, *self.flags, "-e")

    @staticmethod
    def value(number, session):
        """The bytes of an event that was sent."""
        return quiz_event(number, session)

    def poison_key(self, value):
        return self._poison_keys.get(value)

    @property
    def done(self):
        """Rows are numbered without gaps; one who counted them would hold the -wal for as long as that takes."""
        return self.place.number("SELECT coalesce(max(id), 0) FROM quiz_events")
