"""Dead letters and replays on a real broker: exactly once, also when the command is killed in the middle."""

import hashlib
import json
import random
import subprocess
import time

import pytest


def run(kbeat, broker, *arguments, stdin=b"", code=0, env=None):
    result = kbeat(*arguments, "-b", broker.bootstrap, stdin=stdin, env=env or {})
    assert result.code == code, result
    return result


def kcat_values(broker, topic):
    """What kcat, which reads committed records only, finds: (partition, key, value) by partition and offset."""
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-e", "-q", "-X", "isolation.level=read_committed",
                           "-f", "%p %o %k %s\n"], capture_output=True, check=True, timeout=60)
    rows = [line.split(" ", 3) for line in done.stdout.decode().splitlines()]
    return [(int(p), k, v) for p, _, k, v in sorted(rows, key=lambda row: (int(row[0]), int(row[1])))]


def murmur2(data):
    """As Kafka's Java clients hash keys: Austin Appleby's murmur2 with their seed."""
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    value = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        word = int.from_bytes(data[i:i + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        value = (value * factor & mask) ^ word
    if data[whole:]:
        value = (value ^ int.from_bytes(data[whole:], "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return (value ^ value >> 15) & 0x7FFFFFFF


def high_watermark(broker, topic):
    """Of partition 0. To read to the end of a topic that grows may take as long as it grows."""
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-Q", "-t", f"{topic}:0:-1"], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout.rsplit(" ", 1)[1])


@pytest.fixture
def spring_dlq(kbeat, broker, topic):
    """An origin of three partitions and a DLQ with 1500 letters of Spring's for it."""
    dlq = topic + "-dlt"
    run(kbeat, broker, "topics", "create", topic, dlq, "-p", "3")
    lines = []
    for i in range(1500):
        headers = [{"key": "mine", "value": "1"}, {"key": "kafka_dlt-original-topic", "value": topic},
                   {"key": "kafka_dlt-original-partition", "value": "AAAAAA==", "enc": "base64"},
                   {"key": "kafka_dlt-exception-message", "value": f"no user {i}"}]
        lines.append(json.dumps({"key": f"k{i % 11}", "payload": f"v{i}", "headers": headers}))
    run(kbeat, broker, "produce", dlq, "-J", stdin="\n".join(lines) + "\n")
    return dlq


def test_a_retry_killed_again_and_again_sends_each_letter_once(kbeat, broker, topic, spring_dlq):
    random.seed(11)
    kills = 0
    for _ in range(8):
        process = kbeat.start("dlq", "retry", "--all", "--yes", "--rate", "400", "--dlq-topic", spring_dlq, "-b", broker.bootstrap,
                              stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.3, 0.9))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills >= 3
    last = kbeat("dlq", "retry", "--all", "--yes", "--dlq-topic", spring_dlq, "-b", broker.bootstrap)
    assert last.code in (0, 3), last  # 3: nothing was left
    values = kcat_values(broker, topic)
    assert sorted(value for _, _, value in values) == sorted(f"v{i}" for i in range(1500))
    states = run(kbeat, broker, "dlq", "stats", "--dlq-topic", spring_dlq).rows
    assert [(row["state"], row["count"]) for row in states] == [("retried", 1500)]


def test_of_two_retries_at_once_one_is_fenced_and_no_letter_goes_twice(kbeat, broker, topic, spring_dlq):
    """R7"""
    arguments = ("dlq", "retry", "--all", "--yes", "--dlq-topic", spring_dlq, "-b", broker.bootstrap)
    slow = kbeat.start(*arguments, "--rate", "300", stderr=subprocess.PIPE)
    while "retried" not in [row["state"] for row in run(kbeat, broker, "dlq", "stats", "--dlq-topic", spring_dlq).rows]:
        assert slow.poll() is None
    other = kbeat(*arguments)
    _, err = slow.communicate(timeout=60)
    assert other.code == 0, other
    assert slow.returncode == 1 and b"another process began to decide" in err
    assert len(kcat_values(broker, topic)) == len({value for _, _, value in kcat_values(broker, topic)}) == 1500


def test_a_target_that_does_not_exist_stays_pending(kbeat, broker, topic, spring_dlq):
    result = run(kbeat, broker, "dlq", "retry", "--all", "-c", "5", "--to", topic + "-none", "--yes", "--dlq-topic", spring_dlq, code=5)
    assert f"topic {topic}-none does not exist" in result.err
    (row,) = run(kbeat, broker, "dlq", "inspect", "--patterns", "--dlq-topic", spring_dlq).rows
    assert (row["pattern"], row["count"]) == ("no user <n>", 1500)


def test_ids_that_name_nothing_are_told_and_the_others_decided(kbeat, broker, topic, spring_dlq):
    rows = run(kbeat, broker, "dlq", "inspect", "-c", "2", "--dlq-topic", spring_dlq).rows
    first, second = (row["id"] for row in rows)
    run(kbeat, broker, "dlq", "discard", first, "--yes", "--dlq-topic", spring_dlq)
    result = run(kbeat, broker, "dlq", "retry", first, second, "nosuch", "--yes", "--dlq-topic", spring_dlq, code=5)
    assert f"dead letter {first} does not match: it is discarded" in result.err
    assert "no such dead letter: nosuch" in result.err and "1 letters retried" in result.err
    assert len(kcat_values(broker, topic)) == 1


def test_a_target_cluster_that_does_not_answer_is_waited_for_once(kbeat, broker, topic, spring_dlq):
    begin = time.monotonic()
    result = run(kbeat, broker, "dlq", "retry", "--all", "-c", "5", "--yes", "--dlq-topic", spring_dlq,
                 "--to-brokers", "127.0.0.1:1", "--timeout", "2s", code=1)
    assert "the cluster that copies go to" in result.err and time.monotonic() - begin < 9
    assert [row["state"] for row in run(kbeat, broker, "dlq", "stats", "--dlq-topic", spring_dlq).rows] == ["open"]


def test_a_named_replay_killed_again_and_again_copies_each_record_once_in_order(kbeat, broker, topic):
    copy = topic + "-copy"
    run(kbeat, broker, "topics", "create", topic, copy, "-p", "3")
    lines = "".join(f'{{"key":"k{i % 7}","payload":"v{i}"}}\n' for i in range(4000))
    run(kbeat, broker, "produce", topic, "-J", stdin=lines)
    random.seed(3)
    kills = 0
    arguments = ("replay", topic, "--to", copy, "--to-brokers", broker.bootstrap, "--resume", topic, "-b", broker.bootstrap)
    for _ in range(8):
        process = kbeat.start(*arguments, "--rate", "2500", stderr=subprocess.DEVNULL)
        try:
            process.wait(random.uniform(0.3, 0.9))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills >= 3
    assert kbeat(*arguments).code == 0
    assert kcat_values(broker, copy) == kcat_values(broker, topic)
    again = kbeat(*arguments)
    assert again.code == 0 and "0 records replayed (4000 before)" in again.err


def test_a_merge_by_time_is_the_same_every_time(kbeat, broker, topic):
    run(kbeat, broker, "topics", "create", topic, "-p", "4")
    run(kbeat, broker, "produce", topic, "-J", stdin="".join(f'{{"key":"k{i}","payload":"v{i}"}}\n' for i in range(2000)))
    outputs = {run(kbeat, broker, "replay", topic, "--order", "time", "-q", "-J").out for _ in range(3)}
    assert len(outputs) == 1
    rows = [json.loads(line) for line in outputs.pop().splitlines()]
    assert len(rows) == 2000 and [row["ts"] for row in rows] == sorted(row["ts"] for row in rows)


def test_copies_for_another_cluster_are_confirmed_there_before_letters_close(kbeat, broker, own_broker, topic, spring_dlq):
    own_broker.create_topic(topic, 3)
    arguments = ("dlq", "retry", "--yes", "--dlq-topic", spring_dlq, "--to-brokers", own_broker.bootstrap)
    run(kbeat, broker, *arguments, "--all")
    assert sorted(value for _, _, value in kcat_values(own_broker, topic)) == sorted(f"v{i}" for i in range(1500))
    assert kcat_values(broker, topic) == []
    (row,) = run(kbeat, broker, "dlq", "stats", "--dlq-topic", spring_dlq).rows
    assert (row["state"], row["count"]) == ("retried", 1500)


def test_a_replay_into_its_own_source_is_found_out_behind_other_names_of_the_cluster(kbeat, broker, topic):
    run(kbeat, broker, "topics", "create", topic)
    run(kbeat, broker, "produce", topic, stdin="v\n")
    same = broker.bootstrap.replace("127.0.0.1", "localhost")
    result = run(kbeat, broker, "replay", topic, "--to", topic, "--to-brokers", same, code=2)
    assert "the target is the source" in result.err and len(kcat_values(broker, topic)) == 1


def test_a_range_that_retention_has_cut_is_a_gap_before_the_first_record(kbeat, broker, topic, tmp_path):
    run(kbeat, broker, "topics", "create", topic)
    run(kbeat, broker, "produce", topic, stdin="".join(f"v{i}\n" for i in range(10)))
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": 4}]}))
    run(kbeat, broker, "replay", topic, "--dry-run", "--plan-file", "plan")
    broker.tool("kafka-delete-records", "--offset-json-file", str(cut))
    for source in ((topic, "-o", "0:10"), ("--plan-file", "plan")):
        result = run(kbeat, broker, "replay", *source, code=6)
        assert result.out == b"" and "offset 0 is not in the log, which has 4 to 10" in result.err
        skipped = run(kbeat, broker, "replay", *source, "--on-gap", "skip")
        assert skipped.text.split() == [f"v{i}" for i in range(4, 10)] and "offsets 0 to 3 are gone" in skipped.err


def test_a_letter_too_large_for_its_topic_goes_without_its_value_which_the_store_keeps(kbeat, broker, topic, tmp_path):
    """D5"""
    dlq = topic + "-small"
    large = random.randbytes(3000).hex()
    broker.create_topic(topic)
    broker.create_topic(dlq, max_message_bytes=3000)
    run(kbeat, broker, "produce", topic, stdin=f"small\n{large}\nsmall too\n")
    result = run(kbeat, broker, "consume", topic, "--exec", "/bin/false", "-e", "--dlq-topic", dlq, "--timeout", "10s")
    assert "is too large for" in result.err
    records = run(kbeat, broker, "consume", dlq, "--print", "-J", "-o", "beginning", "-e").rows
    (spilled,) = [row for row in records if "kbeat.dlq.spilled" in {header["key"] for header in row["headers"]}]
    headers = {header["key"]: header["value"] for header in spilled["headers"]}
    assert headers["kbeat.dlq.spilled"] == "1" and headers["kbeat.dlq.host"] and headers["kbeat.dlq.length"] == "6000"
    assert headers["kbeat.dlq.sha256"] == hashlib.sha256(large.encode()).hexdigest()
    assert json.loads(spilled["payload"])["originalEvent"] is None

    elsewhere = {"KBEAT_HOME": str(tmp_path / "elsewhere")}
    other = run(kbeat, broker, "dlq", "retry", "--all", "--yes", "--dlq-topic", dlq, "--to", topic,
                env=elsewhere, code=5)
    assert f"its value is kept by host {headers['kbeat.dlq.host']}: retry it there" in other.err
    (left,) = run(kbeat, broker, "dlq", "inspect", "--dlq-topic", dlq, "-J").rows
    assert json.loads(left["payload"])["originalEvent"] == large, "the store's own letter is shown whole"
    run(kbeat, broker, "dlq", "retry", "--all", "--yes", "--dlq-topic", dlq)
    values = [row["payload"] for row in run(kbeat, broker, "consume", topic, "--print", "-J", "-o", "beginning", "-e").rows]
    assert sorted(values) == sorted(["small", large, "small too"] * 2)
    assert [row["state"] for row in run(kbeat, broker, "dlq", "inspect", "--dlq-topic", dlq, "--state", "all").rows] == ["retried"] * 3


def test_letters_with_a_key_lie_where_the_key_says_whatever_partition_failed(kbeat, broker, topic):
    """D3"""
    dlq = topic + "-wide"
    broker.create_topic(topic, 9)
    broker.create_topic(dlq, 5)
    run(kbeat, broker, "produce", topic, "-K", ":", stdin="".join(f"key{i}:bad\n" for i in range(20)))
    run(kbeat, broker, "consume", topic, "--exec", "/bin/false", "-e", "-q", "--dlq-topic", dlq)
    rows = run(kbeat, broker, "dlq", "inspect", "--dlq-topic", dlq, "-J").rows
    assert sorted((row["partition"], row["key"]) for row in rows) == sorted(
        (murmur2(f"key{i}".encode()) % 5, f"key{i}") for i in range(20))


def test_letters_without_a_key_are_spread_by_their_identity(kbeat, broker, topic):
    dlq = topic + "-wide"
    broker.create_topic(topic)
    broker.create_topic(dlq, 5)
    run(kbeat, broker, "produce", topic, stdin="".join(f"bad {i}\n" for i in range(8)))
    run(kbeat, broker, "consume", topic, "--exec", "/bin/false", "-e", "-q", "--dlq-topic", dlq)
    rows = run(kbeat, broker, "dlq", "inspect", "--dlq-topic", dlq, "-J").rows
    assert len(rows) == 8
    for row in rows:
        facts = {header["key"].removeprefix("kbeat.dlq."): header["value"] for header in row["headers"]}
        identity = "/".join(facts[name] for name in ("cluster", "group", "topic", "partition", "offset"))
        assert row["partition"] == murmur2(identity.encode()) % 5


def test_retention_that_passes_a_stopped_replay_is_a_gap_and_its_progress_is_kept(kbeat, broker, topic, tmp_path):
    copy = topic + "-copy"
    run(kbeat, broker, "topics", "create", topic, copy)
    run(kbeat, broker, "produce", topic, stdin="".join(f"v{i}\n" for i in range(3000)))
    arguments = ("replay", topic, "--to", copy, "--resume", topic)
    process = kbeat.start(*arguments, "--rate", "100", "-b", broker.bootstrap, stderr=subprocess.DEVNULL)
    while high_watermark(broker, copy) < 50:
        assert process.poll() is None
    process.kill()
    process.wait()
    sent = len(kcat_values(broker, copy))
    assert 0 < sent < 2500
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": 2500}]}))
    broker.tool("kafka-delete-records", "--offset-json-file", str(cut))
    result = run(kbeat, broker, *arguments, code=6)
    assert "is not in the log, which has 2500 to 3000" in result.err
    run(kbeat, broker, *arguments, "--on-gap", "skip")
    values = [value for _, _, value in kcat_values(broker, copy)]
    assert values == [f"v{i}" for i in (*range(sent), *range(2500, 3000))]


def test_letters_too_large_for_the_target_stay_open_and_keep_no_other_from_going(kbeat, broker, topic):
    dlq, target, large = topic + "-dlq", topic + "-small", (7, 8, 15)
    broker.create_topic(topic)
    broker.create_topic(target, max_message_bytes=2000)
    values = [random.randbytes(3000 if i in large else 30).hex() for i in range(20)]
    run(kbeat, broker, "produce", topic, stdin="\n".join(values) + "\n")
    run(kbeat, broker, "consume", topic, "--exec", "/bin/false", "--raw", "-e", "-q", "--dlq-topic", dlq)
    result = run(kbeat, broker, "dlq", "retry", "--all", "--to", target, "--yes", "--dlq-topic", dlq, code=5)
    assert "3 letters left" in result.err and "Message size too large" in result.err and "Purged" not in result.err
    went = [value for _, _, value in kcat_values(broker, target)]
    assert went == [value for i, value in enumerate(values) if i not in large]
    left = run(kbeat, broker, "dlq", "inspect", "--dlq-topic", dlq).rows
    assert [int(row["id"].rsplit("/", 1)[1]) for row in left] == list(large)
