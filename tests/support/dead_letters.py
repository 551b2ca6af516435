"""Dead letters as kbeat writes them, made here: so many of them would take a consumer long to fail for."""

import hashlib
import json

ERRORS = ("no beat {n} at https://example.org/beats/{n}.wav", "user {n} is not known",
          'field "total" is missing in order {n}', "the service answered 503 after {n} ms")


def letter(number, origin, partition=0):
    """An envelope line, about a kilobyte with its headers; the event in it is `event(number)`."""
    original = event(number)
    error = ERRORS[number % len(ERRORS)].format(n=number)
    at = f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.000Z"
    facts = {"topic": origin, "partition": str(partition), "offset": str(number),
             "timestamp": str(1767225600000 + number), "cluster": "c0ffee", "group": "kbeat", "handler": "exec",
             "category": "processing", "error": error, "attempts": "4", "replays": "0", "first-failed-at": at,
             "failed-at": at, "encoding": "json", "length": str(len(original)),
             "sha256": hashlib.sha256(original.encode()).hexdigest(), "event-id": f"{origin}/ORDER/e{number}",
             "root": f"c0ffee/kbeat/{origin}/{partition}/{number}"}
    body = '{"originalEvent":%s,"error":%s,"timestamp":"%s"}' % (original, json.dumps(error), at)
    return json.dumps({"key": f"k{number % 1000}", "payload": body,
                       "headers": [{"key": "kbeat.dlq." + name, "value": value} for name, value in facts.items()]})


def event(number):
    """Numbers and spaces that a parser would print in another way."""
    return '{"event_id":"e%d", "event_type":"ORDER","total":%d.50,"note":"%s"}' % (number, number % 500, "x" * 60)
