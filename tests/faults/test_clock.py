"""F13, R2, R3: the wall clock jumps; retries come when they are due all the same."""

import glob
import json
import time

import pytest

import checker
from place import wait_until
from plain_malloc import plain_malloc

JUMPS = ["-1h", "+1h", "-1d", "+1d", "+12y"]


@pytest.fixture
def clock(tmp_path):
    """A clock for other processes that `set` moves; their monotonic clock goes on as it is."""
    (library,) = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    file = tmp_path / "clock"

    class Clock:
        # With the C library's allocator: jemalloc asks for the time before libfaketime is ready to tell it.
        environment = {"LD_PRELOAD": f"{plain_malloc(tmp_path)}:{library}", "FAKETIME_TIMESTAMP_FILE": str(file),
                       "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

        def set(self, to):
            file.with_suffix(".new").write_text(f"{to}\n")
            file.with_suffix(".new").rename(file)

    made = Clock()
    made.set("+0")
    return made


@pytest.mark.parametrize("jump", JUMPS)
def test_a_retry_is_neither_early_nor_late_when_the_clock_jumps(embedded, clock, jump):
    topic = embedded.topic("jump", 1)
    embedded.produce(topic, [json.dumps({"event_id": "e", "event_type": "T"})])
    clock.set("+0")
    handler = embedded.home / "handler"
    handler.write_text(f"#!/bin/sh\necho {jump} > {embedded.home}/clock.new && mv {embedded.home}/clock.new {embedded.home}/clock\n"
                       "exit 75\n")
    handler.chmod(0o755)
    begun = time.monotonic()
    done = embedded.consume(topic, "--exec", str(handler), "--retry", "linear", "--retry-delay", "200ms", "--max-retries", "3",
                            "--jitter", "0", env=clock.environment)
    took = time.monotonic() - begun
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["outcome"], row["attempts"]) == ("dead_letter", 4)
    assert 1.2 <= took < 1.2 + 4 * 0.25 + 3, "linear waits of 0.2, 0.4 and 0.6 s"


def test_a_clock_that_jumps_to_and_fro_loses_and_repeats_nothing(embedded, workload, clock, chance, rounds):
    """On the embedded log: librdkafka 2.0.2 waits by the wall clock, so one set back by a day stops it for as long."""
    load = workload(embedded, 3000)
    for _ in range(rounds(1, 20)):
        load.send(3000)
        before = load.done
        consumer = load.start(env=clock.environment)

        def all_are_done():
            clock.set(chance.choice(JUMPS))
            return load.done >= len(load.events)

        wait_until("all events", all_are_done, alive=consumer)
        assert load.done > before
        clock.set("+0")
        consumer.terminate()
        assert consumer.wait(timeout=40) == 0
    checker.check(load, load.finish())


def test_a_clock_that_is_wrong_for_a_moment_expires_nothing(embedded, clock):
    """The embedded log keeps records for a week; what is removed by mistake does not come back."""
    topic = embedded.topic("kept", 1)
    embedded.produce(topic, [str(i) for i in range(100)])
    for jump in ("+12y", "+10d", "-1d", "+12y"):
        clock.set(jump)
        embedded.run("produce", topic, stdin=b"from another time\n", env=clock.environment)
    clock.set("+0")
    embedded.produce(topic, ["last"])
    assert [value for _, _, value in embedded.values(topic)] == [
        *(str(i).encode() for i in range(100)), *[b"from another time"] * 4, b"last"]
