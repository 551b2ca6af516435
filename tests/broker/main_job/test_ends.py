"""Where a run ends: what came behind it is left for the next one, on Kafka and on the embedded log."""

import json
import subprocess
import time

from place import Place, kill9, wait_until


def numbers(output):
    return [int(line) for line in output.decode().split()]


def offsets(output):
    """Of the outcomes of a handler's run."""
    return [json.loads(line)["offset"] for line in output.splitlines()]


def stands_at(place, topic):
    rows = place.run("groups", "lag", place.group, "-q").stdout.decode().splitlines()
    return sum(row["committed"] or 0 for row in map(json.loads, rows) if row["topic"] == topic)


def produce_beside(place, topic, count):
    """Many small batches, so that records keep coming while a consumer comes to its end."""
    feed = subprocess.Popen([place.program, "-q", "produce", topic, "--rate", "2000"], env=place.environment,
                            stdin=subprocess.PIPE)
    feed.stdin.write("".join(f"{i}\n" for i in range(count)).encode())
    feed.stdin.close()
    return feed


def drain(run, feed):
    """Runs after each other, beside the producer and once more behind it: all that they gave."""
    given = []
    while feed.poll() is None:
        given += run()
    assert feed.returncode == 0
    return given + run()


def test_what_comes_while_a_handler_works_is_the_next_runs(place):
    topic = place.topic("busy", 1)
    place.produce(topic, ["1", "2"])
    begun = place.home / "begun"
    handler = place.home / "handler"
    handler.write_text(f"#!/bin/sh\ntouch {begun}\nwhile [ ! -e {begun}.go ]; do sleep 0.05; done\n")
    handler.chmod(0o755)
    first = place.start("consume", topic, "-G", place.group, "-e", "--exec", str(handler))
    wait_until("the handler to begin", begun.exists)
    place.produce(topic, [str(i) for i in range(3, 11)])
    (place.home / "begun.go").touch()
    assert first.wait(60) == 0
    assert stands_at(place, topic) == 2
    assert offsets(place.consume(topic, "--exec", "true").stdout) == list(range(2, 10))


def test_the_last_line_counts_what_has_a_result_when_a_fellow_takes_over(place):
    """I11: what was read ahead and handed over is not among the events, and is told."""
    topic = place.topic("shared", 2)
    place.produce(topic, [f"k{i}:{i}" for i in range(400)], key_delimiter=":")
    handler = place.home / "handler"
    handler.write_text(f"#!/bin/sh\nsleep 0.01\ntouch {place.home}/begun\n")
    handler.chmod(0o755)
    command = ["consume", topic, "-G", place.group, "-e", "--exec", str(handler), "--batch-size", "10"]
    first = subprocess.Popen([place.program, *command], env=place.environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    wait_until("the handler to begin", (place.home / "begun").exists, alive=first)
    second = place.run(*command)
    out, err = first.communicate(timeout=60)
    ends = [(offsets(out), err), (offsets(second.stdout), second.stderr)]
    for results, said in ends:
        assert said.decode().splitlines()[-1].startswith(f"{len(results)} events: {len(results)} done, ")
    assert sum(len(results) for results, _ in ends) == 400
    assert b" more read ahead and given back" in err


def test_handling_to_the_end_beside_a_producer_leaves_nothing_out(place):
    topic, copies = place.topic("beside", 1), place.topic("copies", 1)
    place.produce(topic, ["0"])
    feed = produce_beside(place, topic, 6000)
    given = drain(lambda: offsets(place.consume(topic, "--forward", copies).stdout), feed)
    assert given == list(range(6001))
    assert [int(value) for _, _, value in place.values(copies)] == [0, *range(6000)]


def test_printing_to_the_end_beside_a_producer_leaves_nothing_out(place):
    topic = place.topic("beside", 1)
    place.produce(topic, ["0"])
    feed = produce_beside(place, topic, 6000)
    printing = ("consume", topic, "--print", "-q", "-f", "%o\\n", "-G", place.group, "-e")
    assert drain(lambda: numbers(place.run(*printing).stdout), feed) == list(range(6001))


def test_a_range_commits_no_further_than_it_printed(place):
    topic = place.topic("range", 1)
    place.produce(topic, [str(i) for i in range(100)])
    printed = place.run("consume", topic, "--print", "-q", "-f", "%s ", "-G", place.group, "-o", "0:3")
    assert numbers(printed.stdout) == [0, 1, 2]
    assert stands_at(place, topic) == 3
    rest = place.run("consume", topic, "--print", "-q", "-f", "%s ", "-G", place.group, "-e")
    assert numbers(rest.stdout) == list(range(3, 100))


def test_until_leaves_what_is_newer_to_the_next_run(place):
    topic = place.topic("until", 1)
    place.produce(topic, [str(i) for i in range(20)])
    last = int(time.time() * 1000)
    wait_until("later stamps", lambda: time.time() * 1000 > last + 2)
    until = str(last + 1)
    place.produce(topic, [str(i) for i in range(20, 25)])
    flags = ("consume", topic, "--print", "-q", "-f", "%s ", "-G", place.group)
    assert numbers(place.run(*flags, "--until", until).stdout) == list(range(20))
    assert stands_at(place, topic) == 20
    assert numbers(place.run(*flags, "-e").stdout) == list(range(20, 25))


def test_a_pattern_that_matches_nothing_yet_waits_and_ends_a_run_to_the_end(place):
    stem = place.topic("unmatched", 1)
    done = place.run("consume", f"^{stem}-later", "-G", place.group, "-e", "--exec", "true", check=False)
    assert done.returncode == 3
    assert "no topic matches the pattern" in done.stderr.decode()
    waiting = place.start("consume", f"^{stem}-later", "-G", place.group, "--exec", "true", "-c", "1")
    wait_until("the consumer to connect", lambda: place.broker is None or "Connected to Kafka" in place.log())
    place.create(f"{stem}-later", 1)
    place.produce(f"{stem}-later", ["1"])
    assert waiting.wait(60) == 0


def test_a_time_limit_is_4_only_when_work_is_left(place):
    topic = place.topic("limited", 2)
    limited = ("consume", topic, "-G", place.group, "--exec", "true", "--max-time")
    assert place.run(*limited, "3s").returncode == 0, "the topic is empty"
    place.produce(topic, ["1", "2", "3"])
    done = place.run(*limited, "6s")
    assert sorted(offsets(done.stdout)) and stands_at(place, topic) == 3
    place.produce(topic, ["4"])
    hindered = place.run("consume", topic, "-G", place.group, "--exec", "sleep 60", "--drain-timeout", "1s",
                         "--max-time", "4s", check=False)
    assert hindered.returncode == 4


def test_a_group_begins_where_it_first_looked_though_it_read_nothing(place):
    topic = place.topic("begun", 2)
    place.produce(topic, ["1", "2", "3"])
    printing = ("stream", topic, "-q", "-f", "%s ", "-G", place.group)
    assert place.run(*printing, "--max-time", "4s").stdout == b""
    place.produce(topic, ["4", "5"])
    assert sorted(numbers(place.run(*printing, "-e").stdout)) == [4, 5]


def test_who_takes_over_what_another_began_leaves_nothing_out(place):
    topic = place.topic("inherited", 2)
    out = [place.home / "first", place.home / "second"]
    members = []
    for file in out:
        with open(file, "wb") as stdout:
            members.append(subprocess.Popen([place.program, "stream", topic, "-q", "-f", "%s\\n", "-G", place.group],
                                            env=place.environment, stdout=stdout))
    try:
        wait_until("both to have a share", lambda: shares(place) == 2)
        kill9(members[0])
        place.produce(topic, [str(i) for i in range(40)])
        wait_until("the other to print all", lambda: len(out[1].read_bytes().split()) >= 40)
        assert sorted(numbers(out[1].read_bytes())) == list(range(40))
    finally:
        for member in members:
            member.kill()
            member.wait()


def shares(place):
    """How many members of the group have partitions."""
    rows = place.run("groups", "describe", place.group, "-q", check=False).stdout.decode().splitlines()
    members = [row for row in map(json.loads, rows) if row.get("member")]
    return len({row["member"] for row in members if row.get("partitions")})


def test_an_open_transaction_holds_no_end_up(program, tmp_path, broker):
    place = Place(program, tmp_path, broker)
    topic = place.topic("open", 1)
    place.produce(topic, [str(i) for i in range(5)])
    feed = subprocess.Popen([program, "-q", "produce", topic, "-J", "--txn"], env=place.environment,
                            stdin=subprocess.PIPE)
    try:
        feed.stdin.write(b"".join(b'{"payload":"%d"}\n' % i for i in range(30_000)))
        feed.stdin.flush()
        undecided = ["kcat", "-b", broker.bootstrap, "-C", "-e", "-q", "-t", topic, "-X", "isolation.level=read_uncommitted"]
        wait_until("records that are not decided",
                   lambda: len(subprocess.run(undecided, capture_output=True, check=True).stdout.split()) > 20)
        assert place.run("stream", topic, "-q", "-e").stdout == b""
        assert place.run("consume", topic, "--print", "-q", "-o", "end", "-e").stdout == b""
        assert numbers(place.run("stream", topic, "-q", "-o", "-3", "-e").stdout) == [2, 3, 4]
        assert place.run("stream", topic, "-q", "-o", "10", "-e").stdout == b"", "it is there, and not decided"
        copies = place.topic("copies", 1)
        assert place.run("replay", topic, "-o", "-3", "--to", copies).returncode == 0
        undecided = place.run("replay", topic, "-o", "10", "--to", copies)
        assert b"is in an open transaction: nothing of it is replayed" in undecided.stderr
        assert numbers(place.run("stream", copies, "-q", "-o", "beginning", "-e").stdout) == [2, 3, 4]
        beyond = place.run("replay", topic, "-o", "900000", "--to", copies, check=False)
        assert beyond.returncode == 6 and b"offset 900000 is not in the log" in beyond.stderr
    finally:
        feed.kill()
        feed.wait()


def test_a_topic_made_anew_is_read_from_its_beginning(program, tmp_path):
    place = Place(program, tmp_path)
    topic = place.topic("anew", 2)
    place.produce(topic, [str(i) for i in range(100)])
    out = tmp_path / "out"
    with open(out, "wb") as stdout:
        reader = subprocess.Popen([program, "stream", topic, "-q", "-o", "beginning", "-f", "%s\\n"], env=place.environment,
                                  stdout=stdout)
    try:
        wait_until("the old records", lambda: len(out.read_bytes().split()) == 100)
        place.run("topics", "delete", topic, "--yes")
        place.create(topic, 2)
        place.produce(topic, [str(i) for i in range(1000, 1250)])
        wait_until("the new ones", lambda: len(out.read_bytes().split()) >= 350)
        assert sorted(numbers(out.read_bytes())) == [*range(100), *range(1000, 1250)]
    finally:
        reader.kill()
        reader.wait()
