"""What a terminal gets of bytes that strangers chose."""

import json
import os
import pty
import re
import subprocess

import pytest

HOSTILE = "\x1b[2J\u009b31m\u202e\x7f\rok"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def on_terminal(kbeat, *words):
    """What the command writes to a terminal that is both its stdout and its stderr."""
    reading, writing = pty.openpty()
    process = kbeat.start(*words, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing)
    os.close(writing)
    parts = []
    while True:
        try:
            part = os.read(reading, 65536)
        except OSError:  # the last writer is gone
            break
        if not part:
            break
        parts.append(part)
    os.close(reading)
    assert process.wait(timeout=30) == 0
    return b"".join(parts).decode().replace("\r\n", "\n")  # the terminal's own line ends


@pytest.fixture
def hostile(kbeat):
    """A log and a store full of hostile bytes: keys, types, headers, values, a dead letter."""
    event = json.dumps({"type": HOSTILE, "payload": {"a": HOSTILE}}, ensure_ascii=False)
    metric = json.dumps({"type": "METRIC_UPDATED", "payload": {"metric": HOSTILE, "value": 1}}, ensure_ascii=False)
    kbeat("produce", "analytics-events", "-k", HOSTILE, "-H", f"h={HOSTILE}", stdin=f"{event}\n{metric}\nno JSON {HOSTILE}\n")
    kbeat("consume", "analytics-events", "-e")
    return kbeat


@pytest.mark.parametrize("words", [
    ["consume", "analytics-events", "-e", "-G", "another"],
    ["consume", "analytics-events", "-e", "--print", "-o", "beginning"],
    ["consume", "analytics-events", "-e", "--print", "-o", "beginning", "-J"],
    ["consume", "analytics-events", "-e", "--print", "-o", "beginning", "-f", "%k %h %s\n"],
    *([*command, "--output", form] for form in ("table", "json", "csv")
      for command in (["store", "query", "SELECT * FROM metrics"], ["dlq", "inspect"],
                      ["store", "query", f"SELECT '{HOSTILE}' AS \"{HOSTILE}\""])),
    ["dlq", "inspect", "-J"], ["store", "export", "metrics"],
], ids=lambda words: re.sub("[^a-z -]", "", " ".join(words)))
def test_nothing_steers_the_terminal(hostile, words):
    shown = on_terminal(hostile, *words)
    assert "ok" in shown
    assert not STEERING.findall(shown), repr(shown)


def test_json_on_a_terminal_is_still_the_same_json(hostile):
    shown = on_terminal(hostile, "store", "query", f"SELECT '{HOSTILE}' AS x", "--output", "json")
    assert json.loads(shown) == {"x": HOSTILE}
