"""Log lines: one a line whatever a record holds, in text and in JSON."""

import json

FORGED = "X\nERROR: forged\r\u009b31m\u202e"


def logged(kbeat, *words):
    event = json.dumps({"type": FORGED, "payload": {"a": "body-of-the-event"}})
    long = json.dumps({"type": "L" * 20_000})
    assert kbeat("produce", "analytics-events", stdin=f"{event}\n{long}\n").code == 0
    result = kbeat("consume", "analytics-events", "-e", *words)
    assert result.code == 0 and "body-of-the-event" not in result.err
    lines = [line for line in result.err.split("\n") if "Unhandled event type" in line]
    assert len(lines) == 2 and max(map(len, lines)) < 4500
    assert "\nERROR: forged" not in result.err and not set("\r\u009b\u202e") & set(result.err)
    return lines


def test_text_is_escaped_and_cut(kbeat):
    assert any(line == "INFO: Unhandled event type: X\\nERROR: forged\\x0d\\u{009b}31m\\u{202e}" for line in logged(kbeat))


def test_json_is_an_object_a_line_that_keeps_the_text(kbeat):
    records = [json.loads(line) for line in logged(kbeat, "--log-format", "json")]
    assert all(list(record) == ["time", "level", "message"] for record in records)
    assert any(record["message"] == f"Unhandled event type: {FORGED}" for record in records)
