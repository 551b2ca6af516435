"""Records into and out of a real broker: delivery told true, nothing lost or changed on the way."""

import json
import subprocess
import time

import awkward_records
import kafka_jars
import pytest


def envelopes(kbeat, broker, topic, *more):
    result = kbeat("consume", topic, "--print", "-J", "-e", "-b", broker.bootstrap, *more)
    assert (result.code, result.err) == (0, ""), result
    return sorted(result.rows, key=lambda row: (row["partition"], row["offset"]))


def kcat(broker, *arguments, stdin=b""):
    return subprocess.run(["kcat", "-b", broker.bootstrap, *arguments], input=stdin, capture_output=True, check=True,
                          timeout=60).stdout


def test_awkward_records_pass_through_two_topics_unchanged(kbeat, broker, topic):
    stdin = awkward_records.envelopes()
    copy = topic + "-copy"
    assert kbeat("topics", "create", topic, copy, "-p", "3", "-b", broker.bootstrap).code == 0
    assert kbeat("produce", topic, "-J", "-b", broker.bootstrap, stdin=stdin).code == 0
    first = envelopes(kbeat, broker, topic)
    assert len(first) == 10
    text = "\n".join(json.dumps(row) for row in first)
    assert kbeat("produce", copy, "-J", "-b", broker.bootstrap, stdin=text).code == 0
    assert [dict(row, topic=topic) for row in envelopes(kbeat, broker, copy)] == first


def test_kcat_reads_what_kbeat_wrote_and_the_reverse(kbeat, broker, topic):
    kbeat("topics", "create", topic, "-b", broker.bootstrap)
    assert kbeat("produce", topic, "-K", ":", "-H", "h=1", "-b", broker.bootstrap, stdin="k:v\n").code == 0
    assert kcat(broker, "-C", "-t", topic, "-e", "-q", "-f", "%k %s %h\n") == b"k v h=1\n"
    kcat(broker, "-P", "-t", topic, "-K", ":", "-H", "a=2", stdin=b"k2:v2\n")
    assert envelopes(kbeat, broker, topic)[1]["payload"] == "v2"
    assert kbeat("produce", topic, "-J", "-b", broker.bootstrap,
                 stdin=kcat(broker, "-C", "-t", topic, "-e", "-q", "-J", "-o", "1")).code == 0
    last = envelopes(kbeat, broker, topic)[2]
    assert (last["key"], last["payload"], last["headers"]) == ("k2", "v2", [{"key": "a", "value": "2"}])


def test_keys_land_where_java_clients_put_them(kbeat, broker, topic):
    """P4"""
    kbeat("topics", "create", topic, "-p", "7", "-b", broker.bootstrap)
    keys = [f"key-{number}" for number in range(40)]
    kbeat("produce", topic, "-K", ":", "-b", broker.bootstrap, stdin="".join(f"{key}:kbeat\n" for key in keys))
    broker.tool("kafka-console-producer", "--topic", topic, "--property", "parse.key=true", "--property",
                "key.separator=:", stdin="".join(f"{key}:java\n" for key in keys))
    places = {(row["key"], row["payload"]): row["partition"] for row in envelopes(kbeat, broker, topic)}
    assert len(places) == 80
    assert [key for key in keys if places[key, "kbeat"] != places[key, "java"]] == []


def test_a_missing_topic_is_exit_3_with_the_command_that_creates_it(kbeat, broker, topic):
    for arguments in (["produce", topic], ["stream", topic, "-e"], ["topics", "describe", topic]):
        result = kbeat(*arguments, "-b", broker.bootstrap, stdin="x\n")
        assert (result.code, result.text) == (3, "")
        assert f"kbeat topics create {topic}" in result.err and result.err.count("\n") == 1


def test_making_and_deleting_a_topic_twice_is_said_plainly(kbeat, broker, topic):
    on = ("-b", broker.bootstrap)
    said = [kbeat("topics", *words, topic, *on) for words in (["create"], ["create"], ["delete", "--yes"], ["delete", "--yes"])]
    assert [result.code for result in said] == [0, 1, 0, 3]
    assert f"topic {topic} exists already" in said[1].err and f"topic {topic} does not exist" in said[3].err


def test_undelivered_records_are_named_by_their_line(kbeat, broker, topic):
    kbeat("topics", "create", topic, "--set", "max.message.bytes=1000", "-b", broker.bootstrap)
    result = kbeat("produce", topic, "-z", "none", "-b", broker.bootstrap,
                   stdin="small\n" + "x" * 5000 + "\nalso small\n")
    assert result.code == 1
    assert "line 2: not delivered" in result.err and "1 of 3 records were not delivered" in result.err
    assert [row["payload"] for row in envelopes(kbeat, broker, topic)] == ["small", "also small"]


def test_an_unreachable_broker_is_one_line_within_the_timeout(kbeat):
    started = time.monotonic()
    result = kbeat("produce", "t", "-b", "127.0.0.1:1", "--timeout", "2s", stdin="x\n")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "127.0.0.1:1" in result.err
    assert time.monotonic() - started < 10


def test_groups_are_seen_and_reset_through_kafkas_own_tool(kbeat, broker, topic):
    kbeat("topics", "create", topic, "-b", broker.bootstrap)
    kbeat("produce", topic, "-b", broker.bootstrap, stdin="1\n2\n3\n")
    group = topic + "-group"
    assert kbeat("consume", topic, "--print", "-e", "-G", group, "-b", broker.bootstrap).text == "1\n2\n3\n"
    assert kbeat("groups", "lag", group, "-b", broker.bootstrap).rows[0]["lag"] == 0
    assert kbeat("groups", "reset", group, "--to", "1", "--yes", "-b", broker.bootstrap).code == 0
    described = broker.tool("kafka-consumer-groups", "--describe", "--group", group)
    assert [line.split()[3:6] for line in described.splitlines() if topic in line.split()] == [["1", "3", "2"]]
    assert kbeat("consume", topic, "--print", "-e", "-G", group, "-b", broker.bootstrap).text == "2\n3\n"


def test_a_reset_is_refused_while_the_group_has_members(kbeat, broker, topic):
    kbeat("topics", "create", topic, "-b", broker.bootstrap)
    kbeat("produce", topic, "-b", broker.bootstrap, stdin="1\n")
    group = topic + "-group"
    member = kbeat.start("consume", topic, "--print", "-G", group, "-q", "-b", broker.bootstrap, stdout=subprocess.PIPE)
    assert member.stdout.readline() == b"1\n"
    result = kbeat("groups", "reset", group, "--topic", topic, "--to", "earliest", "--yes", "-b", broker.bootstrap)
    member.terminate()
    assert member.wait(30) == 0
    assert result.code == 1 and group in result.err


def test_health_is_connected(kbeat, broker):
    result = kbeat("health", "-b", broker.bootstrap)
    assert result.code == 0 and result.rows[0]["kafka"] == "connected" and result.rows[0]["enabled"] is True


@pytest.mark.parametrize("envelope", [False, True])
def test_a_broker_killed_in_the_middle_loses_nothing_and_keeps_the_order(kbeat, own_broker, envelope):
    kbeat("topics", "create", "t", "-b", own_broker.bootstrap)
    flags = ["-J"] if envelope else []
    producing = kbeat.start("produce", "t", *flags, "-b", own_broker.bootstrap, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    total = 20_000
    for number in range(total):
        line = json.dumps({"payload": str(number)}) if envelope else str(number)
        producing.stdin.write(f"{line}\n".encode())
        if number == total // 2:
            producing.stdin.flush()
            while kbeat("topics", "describe", "t", "-b", own_broker.bootstrap).rows[0]["latest"] == 0:
                assert producing.poll() is None
            own_broker.kill9()
            own_broker.restart()
    _, error = producing.communicate(timeout=120)
    assert producing.returncode == 0, error
    got = [int(row["payload"]) for row in envelopes(kbeat, own_broker, "t")]
    first_seen = list(dict.fromkeys(got))
    assert first_seen == list(range(total))


def test_records_out_of_order_are_found_by_time_and_merged(kbeat, broker, topic):
    base = int(time.time() * 1000) - 600_000
    stamps = [(0, 0), (1, 1), (2, 2), (0, 30), (1, 10), (2, 40), (0, 20), (1, 50), (2, 5), (0, 60)]
    lines = [json.dumps({"partition": partition, "ts": base + 1000 * second, "payload": str(second)})
             for partition, second in stamps]
    kbeat("topics", "create", topic, "-p", "3", "-b", broker.bootstrap)
    kbeat("produce", topic, "-J", "-b", broker.bootstrap, stdin="\n".join(lines))

    def numbers(*flags):
        result = kbeat("stream", topic, "-b", broker.bootstrap, *flags)
        assert (result.code, result.err) == (0, ""), result
        return [int(word) for word in result.text.split()]
    assert sorted(numbers("--since", str(base + 5000), "--until", str(base + 40_000))) == [5, 10, 20, 30]
    assert numbers("--order", "time") == [0, 1, 2, 10, 30, 20, 40, 5, 50, 60]
    assert numbers("--tail", "4") == [30, 40, 50, 60]
    assert sorted(numbers("-o", "1:3")) == [5, 10, 20, 30, 40, 50]
    assert sorted(numbers("-o", f"s@{base + 20_000}", "-e")) == [5, 20, 30, 40, 50, 60]


def test_markers_of_transactions_hold_nothing_up_at_the_end(kbeat, broker, topic):
    kbeat("topics", "create", topic, "-p", "2", "-b", broker.bootstrap)
    kafka_jars.run_tool("kafka-producer-perf-test", "--topic", topic, "--num-records", "20", "--record-size", "5",
                        "--throughput", "1000", "--transactional-id", topic, "--transaction-duration-ms", "5",
                        "--producer-props", f"bootstrap.servers={broker.bootstrap}")
    for flags in (["-e", "-o", "beginning"], ["--order", "time"], ["--tail", "20"], ["-o", "beginning:end", "-e"]):
        result = kbeat("stream", topic, "-b", broker.bootstrap, "--max-time", "30s", *flags)
        assert (result.code, len(result.text.split())) == (0, 20), (flags, result)


def test_a_pattern_and_new_topics_are_read_from_their_beginning(kbeat, broker, topic):
    kbeat("topics", "create", f"{topic}-a", "-b", broker.bootstrap)
    kbeat("produce", f"{topic}-a", "-b", broker.bootstrap, stdin="first\n")
    reading = kbeat.start("stream", f"^{topic}-", "-o", "beginning", "-q", "-b", broker.bootstrap, stdout=subprocess.PIPE)
    assert reading.stdout.readline() == b"first\n"
    kbeat("topics", "create", f"{topic}-b", "-b", broker.bootstrap)
    kbeat("produce", f"{topic}-b", "-b", broker.bootstrap, stdin="second\n")
    assert reading.stdout.readline() == b"second\n"
    reading.terminate()
    assert reading.wait(30) == 0


def test_a_stream_outlives_its_broker(kbeat, own_broker):
    kbeat("topics", "create", "t", "-b", own_broker.bootstrap)
    kbeat("produce", "t", "-b", own_broker.bootstrap, stdin="1\n")
    env = {"KAFKA_CONNECTION_RETRY_DELAY": "200"}
    reading = kbeat.start("stream", "t", "-o", "beginning", "-b", own_broker.bootstrap, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert reading.stdout.readline() == b"1\n"
    own_broker.kill9()
    own_broker.restart()
    kbeat("produce", "t", "-b", own_broker.bootstrap, stdin="2\n")
    assert reading.stdout.readline() == b"2\n"
    reading.terminate()
    _, error = reading.communicate(timeout=30)
    assert reading.returncode == 0 and b"Kafka connection lost" in error, error
    own_broker.kill9()
    waiting = kbeat.start("stream", "t", "-b", own_broker.bootstrap, "--timeout", "1s", env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    while b"Retrying in 0.2s" not in waiting.stderr.readline():
        assert waiting.poll() is None
    waiting.terminate()
    assert waiting.wait(30) == 0


def committed(broker, topic):
    return kcat(broker, "-C", "-t", topic, "-e", "-q", "-X", "isolation.level=read_committed").decode().split()


def test_dead_letters_of_bad_lines_make_their_topic(kbeat, broker, topic, tmp_path):
    kbeat("topics", "create", topic, "-b", broker.bootstrap)
    report = tmp_path / "report.jsonl"
    result = kbeat("produce", topic, "-J", "--on-error", "dlq", "--dlq-topic", topic + "-dlq", "--report", report,
                   "-b", broker.bootstrap, stdin='{"payload":"1"}\nbroken\n{"payload":"3"}\n')
    assert result.code == 0, result.err
    summary = json.loads(report.read_text().splitlines()[-1])["summary"]
    assert (summary["delivered"], summary["dead_letters"], summary["failed"]) == (2, 1, 0)
    letters = kbeat("dlq", "inspect", "--dlq-topic", topic + "-dlq", "-b", broker.bootstrap).rows
    assert [letter["category"] for letter in letters] == ["deserialization"]


def test_a_transaction_is_seen_whole_or_not_at_all(kbeat, broker, topic):
    kbeat("topics", "create", topic, "-p", "3", "-b", broker.bootstrap)
    bad = "\n".join(["{\"payload\":\"1\"}"] * 1000 + ["broken"])
    result = kbeat("produce", topic, "-J", "--txn", "-b", broker.bootstrap, stdin=bad)
    assert result.code == 2 and "nothing of it is in the topic" in result.err
    assert committed(broker, topic) == []
    assert kbeat("produce", topic, "--txn", "-b", broker.bootstrap, stdin="1\n2\n3\n").code == 0
    assert sorted(committed(broker, topic)) == ["1", "2", "3"]


def test_a_record_that_is_refused_undoes_its_transaction(kbeat, broker, topic):
    kbeat("topics", "create", topic, "--set", "max.message.bytes=1000", "-b", broker.bootstrap)
    result = kbeat("produce", topic, "--txn", "-z", "none", "-b", broker.bootstrap, stdin="small\n" + "x" * 5000 + "\n")
    assert result.code == 1 and "aborted" in result.err
    assert committed(broker, topic) == []


def test_the_outbox_brings_records_over_the_death_of_the_broker_in_order(kbeat, own_broker):
    kbeat("topics", "create", "t", "-b", own_broker.bootstrap)
    kbeat("produce", "t", "--outbox", "-b", own_broker.bootstrap, stdin="1\n2\n")
    own_broker.kill9()
    result = kbeat("produce", "t", "--outbox", "-b", own_broker.bootstrap, "--timeout", "2s", stdin="3\n4\n")
    assert result.code == 0 and "2 records wait" in result.err, result
    own_broker.restart()
    result = kbeat("produce", "t", "--outbox", "-b", own_broker.bootstrap, stdin="5\n")
    assert (result.code, result.err) == (0, ""), result
    assert kbeat("consume", "t", "--print", "-e", "-b", own_broker.bootstrap).text.split() == list("12345")


def test_a_report_names_where_each_record_went(kbeat, broker, topic, tmp_path):
    kbeat("topics", "create", topic, "--set", "max.message.bytes=1000", "-b", broker.bootstrap)
    report = tmp_path / "report"
    result = kbeat("produce", topic, "--report", report, "-z", "none", "-b", broker.bootstrap, stdin="a\n" + "x" * 5000 + "\nb\n")
    assert result.code == 1
    *lines, summary = [json.loads(line) for line in report.read_text().splitlines()]
    assert sorted((line["line"], line["outcome"]) for line in lines) == [(1, "delivered"), (2, "failed"), (3, "delivered")]
    assert {line["offset"] for line in lines} == {0, 1, None}
    assert summary["summary"]["failed"] == 1


def test_topics_are_applied_and_keep_their_other_settings(kbeat, broker, topic, tmp_path):
    kbeat("topics", "create", topic, "--set", "segment.bytes=2000000", "--set", "retention.ms=1000", "-b",
          broker.bootstrap)
    file = tmp_path / "topics.toml"
    file.write_text(f"[[topic]]\nname = '{topic}'\npartitions = 2\nconfig.'retention.ms' = 86400000\n")
    assert kbeat("topics", "apply", file, "-b", broker.bootstrap).code == 0
    assert {row["action"] for row in kbeat("topics", "apply", file, "-b", broker.bootstrap).rows} == {"unchanged"}
    described = broker.tool("kafka-topics", "--describe", "--topic", topic)
    assert all(part in described for part in ("PartitionCount: 2", "segment.bytes=2000000", "retention.ms=86400000"))


def test_groups_of_a_broker_that_has_just_begun_are_waited_for(kbeat, own_broker):
    kbeat("topics", "create", "t", "-b", own_broker.bootstrap)
    first = kbeat("groups", "lag", "g", "-b", own_broker.bootstrap, "--timeout", "20s")
    assert first.code == 3, first
    kbeat("produce", "t", "-b", own_broker.bootstrap, stdin="1\n")
    assert kbeat("consume", "t", "--print", "-e", "-G", "g", "-b", own_broker.bootstrap).text == "1\n"
    own_broker.kill9()
    own_broker.restart()
    for words in (["groups", "list"], ["groups", "lag", "g"], ["groups", "describe", "g"]):
        result = kbeat(*words, "-b", own_broker.bootstrap, "--timeout", "20s")
        assert (result.code, result.err) == (0, "") and result.rows, (words, result)
