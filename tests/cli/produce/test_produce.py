"""`kbeat produce` on the embedded log: what arrives, what is refused, and with which exit code."""

import json
import signal
import subprocess
import time

import pytest

from reading import records


def test_lines_become_records_the_last_without_its_newline(kbeat):
    result = kbeat("produce", "t", stdin="a\r\n\nlast")
    assert (result.code, result.text, result.err) == (0, "", "")
    assert [record["payload"] for record in records(kbeat, "t")] == ["a\r", "", "last"]


def test_no_input_is_no_record_and_no_error(kbeat):
    result = kbeat("produce", "t", "-v")
    assert (result.code, result.err) == (0, "delivered 0, failed 0, skipped 0, dead-lettered 0\n")


def test_keys_headers_and_nulls(kbeat):
    stdin = "k:v:w\nno delimiter\n:\n"
    assert kbeat("produce", "t", "-K", ":", "-Z", "-H", "a=1", "-H", "a=", "-H", "n", stdin=stdin).code == 0
    got = records(kbeat, "t")
    assert [(record["key"], record["payload"]) for record in got] == [("k", "v:w"), (None, "no delimiter"), (None, None)]
    assert got[0]["headers"] == [{"key": "a", "value": "1"}, {"key": "a", "value": ""}, {"key": "n", "value": None}]


def test_a_fixed_key_and_any_delimiter(kbeat):
    assert kbeat("produce", "t", "-k", "key", "-D", "\\x00--", stdin=b"a\nb\x00--\xff\x00-\x00--").code == 0
    got = records(kbeat, "t")
    assert [record["key"] for record in got] == ["key", "key"]
    assert [record["payload"] for record in got] == ["a\nb", "/wAt"]
    assert got[1]["payload_enc"] == "base64"


def test_files_are_a_record_each_and_l_reads_lines(kbeat):
    (kbeat.home / "a").write_bytes(b"one\ntwo\n")
    assert kbeat("produce", "whole", "a", "a").code == 0
    assert kbeat("produce", "-t", "lines", "-l", "a").code == 0
    assert [record["payload"] for record in records(kbeat, "whole")] == ["one\ntwo\n"] * 2
    assert [record["payload"] for record in records(kbeat, "lines")] == ["one", "two"]


def test_a_missing_file_is_not_found(kbeat):
    result = kbeat("produce", "t", "-l", "none")
    assert (result.code, result.err) == (3, "kbeat: cannot read none: No such file or directory\n")


def test_envelopes_keep_partition_timestamp_and_bytes(kbeat):
    kbeat("topics", "create", "t", "-p", "3")
    line = {"partition": 2, "ts": int(time.time()) * 1000 + 123, "key": "/w==", "key_enc": "base64", "payload": None,
            "headers": [{"key": "d", "value": "1"}, {"key": "d", "value": None}]}
    assert kbeat("produce", "t", "-J", stdin=json.dumps(line)).code == 0
    got = records(kbeat, "t")[0]
    assert {name: got[name] for name in line} == line
    assert got["tstype"] == "create"


def test_partition_and_time_of_an_envelope_can_be_overridden(kbeat):
    kbeat("topics", "create", "t", "-p", "3")
    line = json.dumps({"partition": 2, "ts": 1000, "payload": "x"})
    assert kbeat("produce", "t", "-J", "-p", "1", "--ts", "now", stdin=line).code == 0
    got = records(kbeat, "t")[0]
    assert got["partition"] == 1 and got["ts"] > 1_600_000_000_000


def test_envelopes_name_their_topic_when_nobody_else_does(kbeat):
    assert kbeat("produce", "-J", stdin='{"topic":"a","payload":"1"}\n{"topic":"b","payload":"2"}\n').code == 0
    assert len(records(kbeat, "a")) == len(records(kbeat, "b")) == 1
    result = kbeat("produce", "-J", stdin='{"payload":"1"}\n')
    assert (result.code, "line 1: there is no topic" in result.err) == (2, True)


def test_a_bad_line_stops_after_what_came_before_is_delivered(kbeat):
    result = kbeat("produce", "t", "-J", stdin='{"payload":"1"}\n{"kye":"2"}\n{"payload":"3"}\n')
    assert (result.code, result.err) == (2, 'kbeat: line 2: unknown field "kye"; did you mean key?\n')
    assert [record["payload"] for record in records(kbeat, "t")] == ["1"]


def test_bad_lines_can_be_skipped(kbeat):
    result = kbeat("produce", "t", "-J", "--on-error", "skip", "-v", stdin='{"payload":"1"}\n{\n{"payload":"3"}\n')
    assert result.code == 0
    assert "skipped line 2: " in result.err and "delivered 2, failed 0, skipped 1" in result.err
    assert [record["payload"] for record in records(kbeat, "t")] == ["1", "3"]


@pytest.mark.parametrize("arguments, complaint", [
    ([], "produce needs a topic"),
    (["tracking/data"], "for example tracking.data"),
    (["t", "-p", "-1"], "give a partition's number, or hash"),
    (["t", "-H", "=x"], "a header needs a name"),
    (["t", "-D", ""], "write bytes or"),
    (["t", "-D", "\\q"], "write bytes or"),
    (["t", "--ts", "never"], "give keep or now"),
    (["t", "--on-error", "panic"], "not in {stop,skip,dlq}"),
    (["t", "-z", "zip"], "none, gzip, snappy, lz4 or zstd"),
    (["t", "--rate", "0"], "--rate"),
])
def test_wrong_flags_are_refused_before_anything_is_made(kbeat, arguments, complaint):
    result = kbeat("produce", *arguments, stdin="x")
    assert (result.code, result.text) == (2, "")
    assert complaint in result.err and result.err.count("\n") == 1
    assert not kbeat.data_dir.exists()


def test_a_partition_that_is_not_there_fails_the_line(kbeat):
    kbeat("topics", "create", "t")
    result = kbeat("produce", "t", "-p", "9", stdin="a\n")
    assert result.code == 1
    assert "line 1: not delivered" in result.err and "1 of 1 records were not delivered" in result.err


def test_a_typed_line_is_sent_at_once(kbeat):
    kbeat("topics", "create", "t")
    typing = kbeat.start("produce", "t", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    typing.stdin.write(b"typed\n")
    typing.stdin.flush()
    deadline = time.monotonic() + 20
    while not records(kbeat, "t"):
        assert time.monotonic() < deadline, "the line did not arrive while the input was open"
    typing.stdin.close()
    assert typing.wait(30) == 0


def test_a_signal_ends_it_with_what_was_read_delivered(kbeat):
    kbeat("topics", "create", "t")
    typing = kbeat.start("produce", "t", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    typing.stdin.write(b"one\n")
    typing.stdin.flush()
    while not records(kbeat, "t"):
        assert typing.poll() is None
    typing.send_signal(signal.SIGTERM)
    assert typing.wait(timeout=30) == 143  # with its input still open
    error = typing.stderr.read()
    assert b"stopped by a signal after line 1" in error
    assert [record["payload"] for record in records(kbeat, "t")] == ["one"]


def test_tee_copies_the_input(kbeat):
    result = kbeat("produce", "t", "-T", stdin="a\nb")
    assert (result.code, result.out) == (0, b"a\nb\n")


def test_a_rate_is_kept(kbeat):
    started = time.monotonic()
    assert kbeat("produce", "t", "--rate", "10", stdin="a\nb\nc\nd\n").code == 0
    assert time.monotonic() - started >= 0.3


def test_many_records_arrive_in_order(kbeat):
    lines = [f"record {number}" for number in range(50_000)]
    assert kbeat("produce", "t", stdin="\n".join(lines)).code == 0
    assert [record["payload"] for record in records(kbeat, "t")] == lines
