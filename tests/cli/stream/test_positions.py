"""Where `kbeat stream` and `consume --print` begin and end, and in which order: on the embedded log."""

import datetime
import json
import subprocess
import time

import pytest

BASE = int(time.time() * 1000) - 3_600_000  # an hour ago

# Partition, then seconds since BASE: stamps fall within partitions as well as rise.
STAMPS = [(0, 0), (1, 1), (2, 2), (0, 30), (1, 10), (2, 40), (0, 20), (1, 50), (2, 5), (0, 60)]


def iso(seconds):
    return datetime.datetime.fromtimestamp(BASE / 1000 + seconds, datetime.timezone.utc).isoformat(timespec="milliseconds")


@pytest.fixture
def topic(kbeat):
    """The stamps as values, over three partitions."""
    kbeat("topics", "create", "t", "-p", "3")
    lines = [json.dumps({"partition": partition, "ts": BASE + 1000 * second, "payload": str(second), "key": "k"})
             for partition, second in STAMPS]
    assert kbeat("produce", "t", "-J", stdin="\n".join(lines)).code == 0
    return "t"


def numbers(result):
    assert (result.code, result.err) == (0, ""), result
    return [int(word) for word in result.text.split()]


def test_since_and_until_are_exact_for_stamps_out_of_order(kbeat, topic):
    def between(since, until):
        flags = [word for name, second in (("--since", since), ("--until", until)) if second is not None
                 for word in (name, iso(second))]
        return sorted(numbers(kbeat("stream", topic, "-e", *flags)))
    for since, until in ((10, None), (None, 20), (5, 41), (1, 1.001), (70, None)):
        assert between(since, until) == sorted(
            second for _, second in STAMPS if (since is None or second >= since) and (until is None or second < until))


def test_until_ends_by_itself_and_a_range_of_times_is_both(kbeat, topic):
    ranged = numbers(kbeat("stream", topic, "-o", f"@{BASE + 5000}:{BASE + 40_000}"))
    assert sorted(ranged) == [5, 10, 20, 30]
    assert sorted(numbers(kbeat("stream", topic, "-o", "@-2h:-1s"))) == sorted(second for _, second in STAMPS)
    assert sorted(numbers(kbeat("consume", topic, "--print", "--until", iso(2)))) == [0, 1]


@pytest.mark.parametrize("command", [("stream",), ("consume", "--print", "-X", "auto.offset.reset=latest")], ids=["stream", "consume"])
def test_an_end_without_a_begin_begins_at_the_beginning(kbeat, topic, command):
    assert sorted(numbers(kbeat(*command, topic, "-o", f"@:{BASE + 5000}"))) == [0, 1, 2]


@pytest.mark.parametrize("place", ["--until", "-o"])
def test_until_in_the_future_ends_where_the_log_does(kbeat, topic, place):
    late = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    when = late.isoformat() if place == "--until" else f"@:{late.isoformat()}"
    assert sorted(numbers(kbeat("stream", topic, place, when))) == sorted(second for _, second in STAMPS)


def test_following_until_a_time_waits_for_it(kbeat, topic):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    reading = kbeat.start("stream", topic, "-o", "beginning", "--until", soon.isoformat(), "--follow", "-q", stdout=subprocess.PIPE)
    kbeat("produce", topic, stdin="7\n")
    out, _ = reading.communicate(timeout=30)
    assert reading.returncode == 0 and sorted(map(int, out.split())) == sorted([second for _, second in STAMPS] + [7])
    assert datetime.datetime.now(datetime.timezone.utc) >= soon


@pytest.mark.parametrize("offsets, expected", [
    (["1:3"], [20, 30, 10, 50, 40, 5]),
    (["2.."], [20, 60, 50, 5]),
    ([":1"], [0, 1, 2]),
    (["-2:-1"], [20, 10, 40]),
    (["end", "-o", "1=1:2,2=2"], [10, 5]),
    ([f"s@{BASE + 20_000}"], [30, 20, 60, 50, 40, 5]),
    (["beginning", "-o", f"e@{BASE + 20_000}"], [0, 1, 10, 2]),
])
def test_o_bounds_each_partition(kbeat, topic, offsets, expected):
    assert sorted(numbers(kbeat("stream", topic, "-e", "-o", *offsets))) == sorted(expected)


def test_a_range_with_an_end_ends_without_e(kbeat, topic):
    assert sorted(numbers(kbeat("stream", topic, "-o", "0:1"))) == [0, 1, 2]


def test_a_range_ends_where_the_log_does_unless_it_follows(kbeat, topic):
    assert sorted(numbers(kbeat("stream", topic, "-o", "0:1000000"))) == sorted(numbers(kbeat("stream", topic, "-o", "beginning", "-e")))
    waiting = kbeat("stream", topic, "-o", "0:1000000", "--follow", "--max-time", "300ms")
    assert waiting.code == 4


def test_a_partition_shorter_than_the_range_is_passed_over(kbeat):
    kbeat("topics", "create", "uneven", "-p", "2")
    kbeat("produce", "uneven", "-p", "0", stdin="0\n1\n2\n")
    kbeat("produce", "uneven", "-p", "1", stdin="9\n")
    assert numbers(kbeat("stream", "uneven", "-o", "2:", "-e")) == [2]
    assert numbers(kbeat("stream", "uneven", "-o", "2:3")) == [2]
    assert kbeat("stream", "uneven", "-o", "7:", "-e").code == 6


def test_a_form_of_records_alone_means_print(kbeat, topic):
    assert len(kbeat("consume", topic, "-J", "-e").rows) == len(kbeat("consume", topic, "--print", "-J", "-e").rows) > 0
    assert kbeat("consume", topic, "-f", "%o\\n", "-e", "-c", "1").text == "0\n"


def test_tail_is_the_last_over_all_partitions_by_time(kbeat, topic):
    assert numbers(kbeat("stream", topic, "--tail", "4")) == [30, 40, 50, 60]
    assert numbers(kbeat("stream", topic, "--tail", "99")) == sorted(second for _, second in STAMPS)
    assert numbers(kbeat("stream", topic, "--tail", "2", "-p", "1")) == [10, 50]
    assert numbers(kbeat("stream", topic, "--tail", "0")) == []


def test_tail_counts_the_records_that_pass_the_filter(kbeat):
    kbeat("produce", "many", stdin="".join(f'{{"n":{number}}}\n' for number in range(3000)))
    result = kbeat("stream", "many", "--tail", "2", "--where", "n < 10")
    assert [row["n"] for row in result.rows] == [8, 9]


def test_tail_goes_on_with_follow(kbeat, topic):
    reading = kbeat.start("stream", topic, "--tail", "1", "--follow", "-q", stdout=subprocess.PIPE)
    assert reading.stdout.readline() == b"60\n"
    kbeat("produce", topic, stdin="new\n")
    assert reading.stdout.readline() == b"new\n"
    reading.terminate()
    assert reading.wait(30) == 0


def test_order_time_merges_the_partitions_and_keeps_the_order_of_each(kbeat, topic):
    merged = numbers(kbeat("stream", topic, "--order", "time"))
    lanes = {partition: [second for each, second in STAMPS if each == partition] for partition in range(3)}
    expected = []
    while any(lanes.values()):
        lane = min((lane for lane in lanes.values() if lane), key=lambda lane: lane[0])
        expected.append(lane.pop(0))
    assert merged == expected


def test_order_time_of_many_records_is_by_time(kbeat):
    kbeat("topics", "create", "big", "-p", "4")
    lines = [f'{{"partition":{number % 4},"ts":{BASE + number},"payload":"{number}"}}' for number in range(20_000)]
    assert kbeat("produce", "big", "-J", stdin="\n".join(lines)).code == 0
    assert numbers(kbeat("consume", "big", "--print", "--order", "time")) == list(range(20_000))
    assert numbers(kbeat("stream", "big", "--order", "time", "-c", "3", "-o", "100:")) == [400, 401, 402]


def test_a_pattern_reads_every_topic_that_matches(kbeat):
    for name in ("log-a", "log-b", "other"):
        kbeat("produce", name, stdin=f"{name}\n")
    assert sorted(kbeat("stream", "^log-", "-o", "beginning", "-e").text.split()) == ["log-a", "log-b"]
    assert kbeat("stream", "^none", "-e").code == 3
    assert kbeat("stream", "^(", "-e").code == 2


def test_a_topic_and_a_partition_that_appear_are_read_from_their_beginning(kbeat):
    kbeat("produce", "log-a", stdin="first\n")
    reading = kbeat.start("stream", "^log-", "-o", "beginning", "-q", stdout=subprocess.PIPE)
    assert reading.stdout.readline() == b"first\n"
    kbeat("produce", "log-b", stdin="second\n")
    assert reading.stdout.readline() == b"second\n"
    reading.terminate()
    assert reading.wait(30) == 0


def test_a_format_has_modifiers_and_the_delimiter_may_be_any_bytes_or_none(kbeat):
    kbeat("produce", "f", "-J", stdin='{"key":"/wA=","key_enc":"base64","payload":"v","ts":%d,'
                                      '"headers":[{"key":"h","value":"\\u0001"}]}\n' % BASE)
    result = kbeat("stream", "f", "-o", "beginning", "-e", "-f", "%k{hex} %k{base64} %s{hex} %h{hex} %T{iso} \\x25s %%s\\n")
    assert result.text == "ff00 /wA= 76 h=01 " + iso(0)[:23] + "Z %s %s\n"
    assert kbeat("stream", "f", "-o", "beginning", "-e", "-D", "\\0\\xff").out == b"v\0\xff"
    assert kbeat("stream", "f", "-o", "beginning", "-e", "-D", "").out == b"v"


def test_a_gap_is_crossed_only_when_told_to(kbeat, topic):
    assert kbeat("stream", topic, "-o", "50", "-e").code == 6
    result = kbeat("stream", topic, "-o", "50", "-e", "--on-gap", "skip")
    assert (result.code, result.text) == (0, "") and "offset 50 is not in the log" in result.err


@pytest.mark.parametrize("command", ["stream", "replay"])
def test_a_place_in_a_partition_that_is_not_there_or_not_read_is_refused(kbeat, topic, command):
    for arguments, code, complaint in ((["-o", "7=1"], 3, "-o: there is no partition 7"), (["-p", "0,7"], 3, "-p: there is no partition 7"),
                                       (["-p", "0", "-o", "1=1"], 2, "-p leaves partition 1 out")):
        result = kbeat(command, topic, *arguments, "-c", "1")
        assert (result.code, result.text) == (code, "") and complaint in result.err, result


@pytest.mark.parametrize("arguments, complaint", [
    (["--tail", "3", "-o", "end"], "--tail excludes"),
    (["--tail", "3", "-G", "g"], "--tail and -G"),
    (["--order", "time", "-G", "g"], "--order time and -G"),
    (["--order", "size"], "--order"),
    (["--follow", "-e"], "--follow and -e"),
    (["--since", "yesterday"], "--since"),
    (["--since", "1h", "--until", "2h"], "ends"),
    (["-o", "5:2"], "-o"),
    (["-f", "%p{hex}"], "%p{hex}"),
    (["-f", "%s{oct}"], "%s{oct}"),
    (["-f", "%s{hex"], "%s{hex"),
])
def test_contradictions_exit_2(kbeat, arguments, complaint):
    result = kbeat("stream", "t", *arguments)
    assert (result.code, result.text) == (2, "")
    assert complaint in result.err and result.err.count("\n") == 1


@pytest.mark.parametrize("flag", [["-j", "2"], ["--retry", "none"], ["--batch-size", "3"], ["--allow-file-urls"],
                                  ["--dlq-format", "raw"], ["--drain-timeout", "1s"]])
def test_printing_refuses_the_flags_of_handlers_by_name(kbeat, flag):
    result = kbeat("consume", "t", "--print", "-e", *flag)
    assert result.code == 2 and flag[0] in result.err.replace("--workers", "-j")


@pytest.mark.parametrize("flag", [["-p", "0"], ["--tail", "3"], ["--order", "time"], ["-K", ":"], ["--grep", "x"]])
def test_handling_refuses_the_flags_of_printing_by_name(kbeat, flag):
    result = kbeat("consume", "t", "-e", *flag)
    assert result.code == 2 and flag[0] in result.err and "--print" in result.err
