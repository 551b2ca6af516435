"""What produce does with input that is wrong, awkward or too much; on the embedded log."""

import json
import os
import pty
import signal
import subprocess
import time

import pytest


def envelopes(kbeat, topic="t"):
    return kbeat("consume", topic, "-J", "-e").rows


def values(kbeat, topic="t"):
    return [row["payload"] for row in envelopes(kbeat, topic)]


def test_bytes_of_any_kind_pass_as_they_are(kbeat):
    lines = [b"\x00nul\x00", b"crlf\r", b"\xef\xbb\xbfbom", b"\xff\xfe\xc3", "\u2028".encode()]
    assert kbeat("produce", "t", stdin=b"\n".join(lines)).code == 0
    assert kbeat("consume", "t", "--print", "-e", "-D", "\\x01\\x02").out == b"".join(line + b"\x01\x02" for line in lines)


def test_a_line_that_is_too_long_is_told_with_its_number_and_the_others_are_sent(kbeat, tmp_path):
    file = tmp_path / "lines"
    with open(file, "wb") as out:
        out.write(b"first\n")
        for _ in range(66):
            out.write(b"x" * (1 << 20))
        out.write(b"\nlast\n")
    result = kbeat("produce", "t", "-l", file)
    assert result.code == 2 and "line 2: longer than 64 MiB" in result.err
    assert values(kbeat) == ["first"]
    result = kbeat("produce", "u", "-l", file, "--on-error", "skip")
    assert result.code == 0 and "skipped line 2" in result.err
    assert values(kbeat, "u") == ["first", "last"]


def test_files_are_looked_at_before_anything_is_sent(kbeat, tmp_path):
    (tmp_path / "good").write_text("good")
    for bad, code in ((tmp_path / "missing", 3), (tmp_path, 2)):
        result = kbeat("produce", "t", tmp_path / "good", bad)
        assert result.code == code and str(bad) in result.err
        assert kbeat("produce", "t", "-l", bad).code == code
    assert kbeat("topics", "list").rows == []


@pytest.mark.parametrize("flags", [["-l", "lines"], ["-D", ";"]], ids=lambda flags: flags[0])
def test_what_parts_lines_does_not_go_with_files(kbeat, tmp_path, flags):
    (tmp_path / "file").write_text("a;b")
    result = kbeat("produce", "t", tmp_path / "file", *flags)
    assert (result.code, result.out) == (2, b"") and f"a file is one record: {flags[0]}" in result.err
    assert kbeat("topics", "list").rows == []


@pytest.mark.parametrize("how", [["-l"], []], ids=["lines", "file"])
def test_a_pipe_with_a_name_is_read_once_and_a_signal_ends_the_wait_for_its_writer(kbeat, tmp_path, how):
    os.mkfifo(tmp_path / "pipe")
    running = kbeat.start("produce", "t", *how, tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)  # comes back once the pipe is open for reading
    os.write(writer, b"through it")
    os.close(writer)
    assert running.wait(timeout=30) == 0 and values(kbeat) == ["through it"]
    running = kbeat.start("produce", "t", *how, tmp_path / "pipe", stderr=subprocess.DEVNULL)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    os.close(writer)


def test_a_dash_is_standard_input_whole_or_by_lines(kbeat):
    assert kbeat("produce", "t", "-", stdin="two\nlines\n").code == 0
    assert kbeat("produce", "t", "-l", "-", stdin="two\nlines\n").code == 0
    assert values(kbeat) == ["two\nlines\n", "two", "lines"]


@pytest.mark.parametrize("stamp", [-5, 32503680000000, 1700000000000000, 1.5, "\"2026-13-01\"", "true"])
def test_a_stamp_that_is_no_time_is_a_bad_line(kbeat, stamp):
    result = kbeat("produce", "t", "-J", stdin=f'{{"payload":"a","ts":{stamp}}}\n')
    assert result.code == 2 and result.err.startswith("kbeat: line 1: ")


def test_headers_may_be_many_and_large_but_need_a_name(kbeat):
    many = {"payload": "many", "headers": [{"key": f"h{number}", "value": "v"} for number in range(100_000)]}
    large = {"payload": "large", "headers": [{"key": "h", "value": "v" * (1 << 20)}]}
    nameless = {"payload": "nameless", "headers": [{"value": "v"}]}
    result = kbeat("produce", "t", "-J", "--on-error", "skip",
                   stdin="\n".join(json.dumps(each) for each in (many, nameless, large)))
    assert result.code == 0 and "skipped line 2: a header has no key or no value" in result.err
    assert [{"payload": row["payload"], "headers": row["headers"]} for row in envelopes(kbeat)] == [many, large]
    assert kbeat("produce", "t", "-H", "=v", stdin="x\n").code == 2


def test_deep_json_is_a_bad_value_not_a_crash(kbeat):
    deep = "[" * 1_000_000 + "]" * 1_000_000
    assert kbeat("produce", "t", "--validate", "json", stdin=deep).code == 2
    result = kbeat("produce", "t", "-J", "--on-error", "skip", stdin=f'{{"payload":{deep},"payload_enc":"json"}}\n'
                   f'{{"x":{deep}}}\n{{"payload":"good"}}\n')
    assert result.code == 0 and values(kbeat) == ["good"]


@pytest.mark.parametrize("topic", ["..", "a b", "a/b", "a" * 250, "ä"])
def test_an_illegal_topic_is_refused_before_the_input_is_read(kbeat, topic):
    assert kbeat("produce", topic, "-b", "127.0.0.1:1", stdin="x\n").code == 2


@pytest.mark.parametrize("brokers", ["", "http://a:1", "h:0", "h:99999", "h:x", "a b"])
def test_a_broker_address_that_is_none_is_refused_at_once(kbeat, brokers):
    result = kbeat("produce", "t", "-b", brokers, stdin="x\n")
    assert result.code == 2 and "--brokers" in result.err and result.err.count("\n") == 1


def test_a_key_delimiter_beside_envelopes_is_refused(kbeat):
    result = kbeat("produce", "t", "-J", "-K", ":", stdin='{"payload":"a"}\n')
    assert result.code == 2 and "-J and -K exclude each other" in result.err


def test_an_event_sent_twice_is_handled_once(kbeat):
    event = '{"event_id":"e1","event_type":"answer","timestamp":"2026-01-01T00:00:00Z","session_id":"s","quiz_id":"q",' \
        '"classroom_id":"c","question_id":"1","timer_sec":5}\n'
    assert kbeat("produce", "quiz-events", stdin=event * 2).code == 0
    assert kbeat("consume", "quiz-events", "-e").code == 0
    assert kbeat("store", "query", "select count(*) as n from quiz_events").rows == [{"n": 1}]


def test_a_signal_names_the_last_line_that_was_delivered(kbeat):
    producing = kbeat.start("produce", "t", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    producing.stdin.write(b"1\n2\n")
    producing.stdin.flush()
    while values(kbeat) != ["1", "2"]:
        assert producing.poll() is None
    producing.send_signal(signal.SIGINT)
    assert producing.wait(30) == 130  # its input is still open
    _, error = producing.communicate(timeout=30)
    assert b"after line 2; tail -n +3 is the rest" in error


def test_a_second_topic_that_cannot_be_leaves_the_first_one_delivered(kbeat):
    result = kbeat("produce", "-J", stdin='{"topic":"a","payload":"1"}\n{"topic":"b/c","payload":"2"}\n')
    assert result.code == 2 and "line 2" in result.err
    assert values(kbeat, "a") == ["1"]


def test_progress_is_shown_on_a_terminal_only_and_erased(kbeat):
    controller, terminal = pty.openpty()
    producing = kbeat.start("produce", "t", "--rate", "20", stdin=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    producing.stdin.write(b"x\n" * 12)
    producing.stdin.close()
    shown = b""
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:  # the other end is gone
            break
        shown += piece
    os.close(controller)
    assert producing.wait(30) == 0
    assert b" records  " in shown and shown.endswith(b"\r\x1b[K"), shown


def test_a_rate_counts_files_too(kbeat, tmp_path):
    (tmp_path / "f").write_text("x")
    started = time.monotonic()
    assert kbeat("produce", "t", *[tmp_path / "f"] * 6, "--rate", "10").code == 0
    assert time.monotonic() - started >= 0.5
