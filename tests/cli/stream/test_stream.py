"""`kbeat stream` and `kbeat consume --print` on the embedded log."""

import os
import pty
import signal
import subprocess
import time

import pytest


@pytest.fixture
def topic(kbeat):
    """Ten records 0 to 9 in one partition."""
    kbeat("topics", "create", "t")
    kbeat("produce", "t", "-k", "k", stdin="".join(f"{number}\n" for number in range(10)))
    return "t"


def values(result):
    assert (result.code, result.err) == (0, ""), result
    return result.text.split()


@pytest.mark.parametrize("start, first", [("beginning", 0), ("oldest", 0), ("4", 4), ("-3", 7), ("-99", 0), ("s@0", 0)])
def test_o_says_where_reading_begins(kbeat, topic, start, first):
    assert values(kbeat("stream", topic, "-o", start, "-e")) == [str(number) for number in range(first, 10)]


def test_nothing_is_printed_from_the_end(kbeat, topic):
    assert values(kbeat("stream", topic, "-e")) == []
    assert values(kbeat("stream", topic, "-o", "s@32000000000000", "-e")) == []


def test_c_ends_after_so_many(kbeat, topic):
    assert values(kbeat("stream", topic, "-o", "beginning", "-c", "3")) == ["0", "1", "2"]


def test_a_format_of_kcat(kbeat, topic):
    result = kbeat("stream", topic, "-o", "-1", "-e", "-f", "%t[%p] at %o: key %k: %s\\n")
    assert result.text == "t[0] at 9: key k: 9\n"


def test_a_group_goes_on_where_it_stopped(kbeat, topic):
    assert values(kbeat("stream", topic, "-o", "beginning", "-c", "4", "-G", "g")) == ["0", "1", "2", "3"]
    assert values(kbeat("consume", topic, "--print", "-e", "-G", "g")) == ["4", "5", "6", "7", "8", "9"]
    assert kbeat("groups", "lag", "g").rows[0]["lag"] == 0


def test_consume_print_begins_at_the_beginning_and_commits_nothing_without_a_group(kbeat, topic):
    for _ in range(2):
        assert values(kbeat("consume", topic, "--print", "-e")) == [str(number) for number in range(10)]
    assert kbeat("groups", "list").rows == []


def test_only_some_partitions(kbeat):
    kbeat("topics", "create", "p", "-p", "4")
    for partition in range(4):
        kbeat("produce", "p", "-p", partition, stdin=f"{partition}\n")
    assert sorted(values(kbeat("stream", "p", "-o", "beginning", "-e", "-p", "0,2-3"))) == ["0", "2", "3"]
    result = kbeat("stream", "p", "-p", "2-9", "-e", "-o", "beginning")
    assert (result.code, result.text) == (3, "") and "no partition 4" in result.err


def test_idle_exit_ends_well_and_max_time_with_4_when_something_is_left(kbeat, topic):
    assert kbeat("stream", topic, "--idle-exit", "200ms").code == 0
    assert kbeat("stream", topic, "--max-time", "200ms").code == 0
    result = kbeat("stream", topic, "-o", "beginning", "-c", "99", "--max-time", "200ms")
    assert (result.code, len(result.text.split())) == (4, 10)


def test_a_record_that_comes_is_printed_at_once(kbeat, topic):
    reading = kbeat.start("stream", topic, "-o", "beginning", "-q", stdout=subprocess.PIPE)
    assert [reading.stdout.readline() for _ in range(10)][-1] == b"9\n"
    kbeat("produce", topic, stdin="new\n")
    assert reading.stdout.readline() == b"new\n"
    reading.send_signal(signal.SIGINT)
    assert reading.wait(30) == 0


def test_a_bounded_run_cut_short_by_a_signal_says_so(kbeat, topic):
    reading = kbeat.start("stream", topic, "-o", "beginning", "-c", "99", "-q", stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    reading.stdout.readline()
    reading.send_signal(signal.SIGTERM)
    assert reading.wait(30) == 143


def test_a_reader_that_goes_away_ends_it_quietly_with_141(kbeat, topic):
    kbeat("produce", topic, stdin="x\n" * 300_000)
    reading = kbeat.start("stream", topic, "-o", "beginning", "-q", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reading.stdout.readline()
    reading.stdout.close()
    assert reading.stderr.read() == b""
    assert reading.wait(30) == 141


def test_an_offset_that_is_not_there_is_a_gap(kbeat, topic):
    result = kbeat("stream", topic, "-o", "5000", "-e", "--max-time", "20s")
    assert (result.code, result.text) == (6, "")
    assert "5000" in result.err


@pytest.mark.parametrize("arguments, complaint", [
    ([], "stream needs a topic"),
    (["a/b"], "a.b"),
    (["t", "-o", "soon"], "-o"),
    (["t", "-o", "stored"], "give -G"),
    (["t", "-p", "2-1"], "-p"),
    (["t", "-p", "1,"], "-p"),
    (["t", "-p", "0", "-G", "g"], "exclude each other"),
    (["t", "-f", "%x"], "is no token"),
    (["t", "-J", "-f", "%s"], "exclude each other"),
    (["t", "--json-values"], "needs -J"),
    (["t", "--idle-exit", "soon"], "span of time"),
])
def test_wrong_flags_exit_2(kbeat, arguments, complaint):
    result = kbeat("stream", *arguments)
    assert (result.code, result.text) == (2, "")
    assert complaint in result.err and result.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["-p", "0"], ["--print", "--as", "x"], ["--print", "--no-dlq"]])
def test_printing_and_handling_do_not_mix(kbeat, arguments):
    result = kbeat("consume", "t", *arguments)
    assert (result.code, "--print" in result.err) == (2, True)


def test_a_terminal_sees_escaped_bytes(kbeat):
    kbeat("produce", "t", stdin=b"\x1b]0;owned\x07\xc2\x9b\xe2\x80\xae\n")
    master, slave = pty.openpty()
    process = kbeat.start("stream", "t", "-o", "beginning", "-e", "-q", stdout=slave)
    os.close(slave)
    assert process.wait(30) == 0
    seen = os.read(master, 4096)
    os.close(master)
    assert seen == b"\\x1b]0;owned\\x07\\u{009b}\\u{202e}\r\n"


def test_ten_awkward_records_are_copied_without_loss(kbeat):
    now = int(time.time() * 1000)
    lines = [
        '"key":"/w==","key_enc":"base64","payload":"wygA","payload_enc":"base64"', '"key":null,"payload":"null key"',
        '"key":"","payload":"empty key"', '"key":"tombstone","payload":null', '"key":"empty","payload":""',
        '"key":"h","payload":"v","headers":[{"key":"d","value":"1"},{"key":"d","value":"2"},{"key":"n","value":null},'
        '{"key":"","value":""},{"key":"b","value":"/wA=","enc":"base64"}]',
        '"key":"big","payload":"{\\"n\\":9007199254740993,\\"d\\":1.10}"', '"key":"nl","payload":"a\\nb\\r\\n"',
        '"key":"u","payload":"\u2028\u2029"', '"key":"null","payload":"null"',
    ]
    stdin = "\n".join(f'{{"partition":{i % 3},"ts":{now + i},{line}}}' for i, line in enumerate(lines))
    for name in ("a", "b"):
        kbeat("topics", "create", name, "-p", "3")
    assert kbeat("produce", "a", "-J", stdin=stdin).code == 0
    first = kbeat("consume", "a", "--print", "-J", "-e")
    assert len(first.rows) == 10
    assert kbeat("produce", "b", "-J", stdin=first.out).code == 0
    second = kbeat("consume", "b", "--print", "-J", "-e", "--json-values")
    copied = kbeat("consume", "b", "--print", "-J", "-e").out.replace(b'"topic":"b"', b'"topic":"a"')
    assert sorted(copied.splitlines()) == sorted(first.out.splitlines())
    assert b'"payload":{"n":9007199254740993,"d":1.10},"payload_enc":"json"' in second.out
