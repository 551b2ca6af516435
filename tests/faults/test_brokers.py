"""A broker that dies or freezes while records go in and come out."""

import subprocess
import threading
import time

import checker
from place import kill9, wait_until
from workload import HEADERS

RECOVERY_LIMIT_S = 20


def header_flags():
    return [flag for name, value in HEADERS for flag in ("-H", f"{name}={value}")]


class Stream:
    """A producer that is fed while the broker has its troubles; `end` returns when all is acknowledged."""

    def __init__(self, workload):
        self._workload = workload
        place = workload.place
        self._log = open(place.home / "producer.log", "wb")
        self._process = subprocess.Popen(
            [place.program, "produce", workload.topic, "-K", "\t", "--timeout", "60s", *header_flags()], env=place.environment,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._log)

    def feed(self, events):
        """Few enough at a time to fit into the pipe: the producer may not be reading."""
        for key, value in self._workload.make(events):
            self._process.stdin.write(key.encode() + b"\t" + value + b"\n")
        self._process.stdin.flush()

    def end(self):
        self._process.stdin.close()
        assert self._process.wait(timeout=90) == 0, (self._workload.place.home / "producer.log").read_text()


def recovers(workload, consumer, stream, fault):
    """One fault, then fresh events have to come through again."""
    stream.feed(100)
    fault()
    stream.feed(100)
    begun = time.monotonic()
    wait_until("all events after the fault", lambda: workload.done == len(workload.events), alive=consumer)
    assert time.monotonic() - begun < RECOVERY_LIMIT_S


def test_a_broker_killed_in_the_middle_of_everything_loses_and_repeats_nothing(fragile, workload, rounds):
    """F3"""
    load = workload(fragile, 1000)
    consumer, stream = load.start(), Stream(load)
    wait_until("the first events", lambda: load.done == 1000, alive=consumer)

    def die():
        fragile.broker.kill9()
        stream.feed(100)
        fragile.broker.restart()

    for _ in range(rounds(2, 300)):
        recovers(load, consumer, stream, die)
    stream.end()
    consumer.terminate()
    assert consumer.wait(timeout=30) == 0
    checker.check(load, load.finish())


def test_a_frozen_broker_makes_no_dead_letters(fragile, workload, chance, rounds):
    """F4"""
    load = workload(fragile, 1000)
    consumer, stream = load.start(), Stream(load)
    wait_until("the first events", lambda: load.done == 1000, alive=consumer)

    def freeze():
        fragile.broker.pause()
        stream.feed(100)
        time.sleep(chance.uniform(1, 6))  # the fault itself: a broker that says nothing for so long
        fragile.broker.resume()

    for _ in range(rounds(2, 60)):
        recovers(load, consumer, stream, freeze)
    stream.end()
    consumer.terminate()
    assert consumer.wait(timeout=30) == 0
    checker.check(load, load.finish())


def test_the_broker_killed_while_letters_go_out_brings_each_letter_once(fragile, workload, rounds):
    load = workload(fragile, 2000, poison_every=4)
    for _ in range(rounds(1, 50)):
        consumer = load.start()
        wait_until("some letters", lambda: fragile.count("dead_letters") >= 50, alive=consumer)
        fragile.broker.kill9()
        kill9(consumer)
        fragile.broker.restart()
    checker.check(load, load.finish())


def test_a_producer_whose_broker_falls_silent_says_what_was_not_delivered(fragile):
    """P2: never exit 0 with a record that was not acknowledged."""
    topic = fragile.topic("silent", 1)
    process = subprocess.Popen([fragile.program, "produce", topic, "--timeout", "3s"], env=fragile.environment,
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"first\n")
    process.stdin.flush()
    wait_until("the first record", lambda: len(fragile.values(topic)) == 1, alive=process)
    fragile.broker.pause()
    process.stdin.write(b"second\nthird\n")
    process.stdin.close()
    assert process.wait(timeout=30) == 1
    complaint = process.stderr.read().decode()
    process.stderr.close()
    assert "2 of 3 records were not delivered" in complaint and "line 2" in complaint
    fragile.broker.resume()


def test_a_producer_whose_broker_takes_nothing_holds_its_input_up_and_stays_small(fragile, rounds):
    """P5: nothing is dropped, and no more than 64 MiB wait in memory."""
    topic = fragile.topic("held", 1)
    lines, megabytes = 1024, rounds(150, 1000)
    process = subprocess.Popen([fragile.program, "produce", topic, "--timeout", "60s"], env=fragile.environment,
                               stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(b"first\n")
    process.stdin.flush()
    wait_until("the first record", lambda: len(fragile.values(topic)) == 1, alive=process)
    base, _ = fragile.resources(process)
    fragile.broker.pause()
    written = []

    def feed():
        for number in range(megabytes):
            process.stdin.write(b"".join(b"%d %s\n" % (number * lines + line, b"x" * 1000) for line in range(lines)))
            written.append(number)
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    before = -1
    while len(written) != before:
        before = len(written)
        time.sleep(2)  # for so long nothing more was taken
    held, _ = fragile.resources(process)
    assert before < megabytes, "it took all of its input, and its broker none"
    assert held - base < 64 << 20
    fragile.broker.resume()
    feeder.join(timeout=120)
    assert process.wait(timeout=120) == 0
    numbers = [int(value.split(b" ", 1)[0]) for _, _, value in fragile.values(topic)[1:]]
    assert numbers == list(range(megabytes * lines))


def test_a_consumer_whose_broker_is_silent_ends_all_the_same(fragile, workload):
    """S4: leaving the group takes ten seconds at the most."""
    load = workload(fragile, 300)
    consumer = load.start("--timeout", "5s")
    wait_until("all events", lambda: load.done == len(load.events), alive=consumer)
    fragile.broker.pause()
    begun = time.monotonic()
    consumer.terminate()
    assert consumer.wait(timeout=60) == 0
    assert time.monotonic() - begun < 10 + 5 + 5
    fragile.broker.resume()
    checker.check(load, load.finish())
