"""Dead letters and replays on a real broker: exactly once, also when the command is killed in the middle."""

import json
import random
import subprocess

import pytest


def run(kbeat, broker, *arguments, stdin=b"", code=0):
    result = kbeat(*arguments, "-b", broker.bootstrap, stdin=stdin)
    assert result.code == code, result
    return result


def kcat_values(broker, topic):
    """What kcat, which reads committed records only, finds: (partition, key, value) by partition and offset."""
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-e", "-q", "-X", "isolation.level=read_committed",
                           "-f", "%p %o %k %s\n"], capture_output=True, check=True, timeout=60)
    rows = [line.split(" ", 3) for line in done.stdout.decode().splitlines()]
    return [(int(p), k, v) for p, _, k, v in sorted(rows, key=lambda row: (int(row[0]), int(row[1])))]


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
        process = kbeat.start("dlq", "retry", "--all", "--yes", "--rate", "900", "--dlq-topic", spring_dlq, "-b", broker.bootstrap,
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
