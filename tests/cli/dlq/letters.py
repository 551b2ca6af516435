"""Dead letters for tests: events that a schema refuses, and records that other programs leave."""

import base64
import json

DLQ = "dead.letter.queue"


def fail(kbeat, count, first=0, user="u"):
    """Has `count` notifications fail that lack their content; returns their values."""
    values = [json.dumps({"user_id": f"{user}{i}", "event": "e"}) for i in range(first, first + count)]
    assert kbeat("produce", "notifications", stdin="\n".join(values) + "\n").code == 0
    result = kbeat("consume", "notifications", "-e", "-q")
    assert result.code == 0, result
    return values


def put(kbeat, value, headers=(), topic=DLQ, key=None):
    """Puts a record into a DLQ as a foreign program would; headers are (name, bytes)."""
    envelope = {"topic": topic, "key": key, "payload": value,
                "headers": [{"key": name, "value": base64.b64encode(data).decode(), "enc": "base64"}
                            for name, data in headers]}
    result = kbeat("produce", topic, "-J", stdin=json.dumps(envelope) + "\n")
    assert result.code == 0, result


def inspect(kbeat, *arguments):
    result = kbeat("dlq", "inspect", *arguments)
    assert result.code == 0, result
    return result.rows
