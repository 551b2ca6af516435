"""Log lines: one a line whatever a record holds, in text and in JSON."""

import json
import signal
import socket
import subprocess
import time

import pytest

from live_server import eventually

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


@pytest.mark.parametrize("command", [("consume", "generic_topic"), ("stream", "generic_topic", "--listen", "127.0.0.1:0"),
                                     ("serve", "--listen", "127.0.0.1:0"), ("schedule", "run")], ids=lambda command: command[0])
def test_sighup_reads_the_log_s_level_again(kbeat, command):
    config, log = kbeat.home / "kbeat.toml", kbeat.home / "log"
    config.write_text('log.level = "off"\n')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, open(log, "wb") as errors:
        manager.bind(str(kbeat.home / "notify"))
        manager.settimeout(20)
        process = kbeat.start(*command, "--config", config, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=errors, env={"NOTIFY_SOCKET": str(kbeat.home / "notify")})
        while manager.recv(4096) != b"READY=1":
            pass

    def told_of_a_broken_config():
        for text in ('log.level = "warning"\n', "log.level = [\n"):
            config.write_text(text)
            process.send_signal(signal.SIGHUP)
            time.sleep(0.05)  # both are read: signals of one kind that come together are one
        return "WARNING: SIGHUP: the former settings stay" in log.read_text()

    eventually(told_of_a_broken_config, "a warning, which the first level had left out")
    process.terminate()
    assert process.wait(30) == 0
