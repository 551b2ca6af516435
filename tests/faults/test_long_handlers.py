"""A handler that takes longer than the group waits for a poll, while other members come and go."""

import json
import time

from place import kill9, wait_until

HANDLER = """#!/bin/sh
grep -q DOZE || exit 0
echo started >> "{home}/starts"
sleep {seconds}
echo ended >> "{home}/ends"
"""


def written(path):
    return path.read_text().split() if path.exists() else []


def test_a_handler_of_many_poll_intervals_keeps_its_partition_while_others_rebalance(kafka, rounds):
    """DELIVERY rule 16, C7: range revokes everything at each rebalance, and the running work survives that."""
    seconds, interval_ms = rounds(8, 720), rounds(2000, 60_000)
    topic, other = kafka.topic("slow", 1), kafka.topic("other", 1)
    script = kafka.home / "handler"
    script.write_text(HANDLER.format(home=kafka.home, seconds=seconds))
    script.chmod(0o755)
    kafka.produce(topic, [f"k{i}\t" + json.dumps({"event_id": f"e{i}", "event_type": "DOZE" if i == 0 else "quick"})
                          for i in range(50)], key_delimiter="\t")
    patience = ("-X", "session.timeout.ms=1500", "-X", "heartbeat.interval.ms=300",
                "-X", f"max.poll.interval.ms={interval_ms}")
    owner = kafka.start("consume", topic, "-G", kafka.group, "--exec", str(script), "-j", "2",
                        "--handler-timeout", f"{seconds + 60}s", *patience)
    starts, ends = kafka.home / "starts", kafka.home / "ends"
    wait_until("the slow event", lambda: written(starts), alive=owner)
    begun, rebalances = time.monotonic(), 0
    while not written(ends):
        assert time.monotonic() - begun < seconds + 30, "the slow event did not end"
        guest = kafka.start("consume", other, "-G", kafka.group, "--exec", str(script), *patience)
        wait_until("the guest to have its partition", lambda: kafka.positions(other) or written(ends), alive=guest)
        time.sleep(max(seconds / 20, 0.5))  # the while that the guest stays
        if rebalances % 2:
            kill9(guest)
        else:
            guest.terminate()
            guest.wait(timeout=40)
        rebalances += 1
    wait_until("the position behind all", lambda: kafka.positions(topic) == {0: 50}, alive=owner)
    owner.terminate()
    assert owner.wait(timeout=40) == 0
    assert rebalances >= 3
    assert written(starts) == ["started"], "it ran again: its partition was lost, or its work"
    assert kafka.lag(topic) == 0
    assert kafka.count("dead_letters") == 0
