"""SIGTERM and SIGINT at any moment: what is in hand is finished, the rest is left for the next start."""

import signal
import time

import checker
from place import wait_until

SECOND_SIGNAL_LIMIT_S = 1.5


def test_a_consumer_told_to_end_at_any_moment_ends_well_and_goes_on_later(embedded, workload, chance, rounds):
    load = workload(embedded, 5000)
    for _ in range(rounds(20, 500)):
        if load.done + 500 > len(load.events):
            load.send(2000)
        process = load.start()
        time.sleep(0.02 * 50 ** chance.random() ** 2)  # the moment of the signal is the fault
        number = chance.choice((signal.SIGTERM, signal.SIGINT))
        process.send_signal(number)
        assert process.wait(timeout=40) in (0, -number)  # -number: it had not come to its first line yet
    load.finish()
    checker.check(load)


def test_a_one_shot_run_that_is_cut_short_says_so_by_its_exit_code(embedded, workload):
    load = workload(embedded, 20_000)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        before = load.done
        process = load.start("-e")
        wait_until("some events", lambda: load.done > before, alive=process)
        process.send_signal(number)
        assert process.wait(timeout=40) == code
    load.finish()
    checker.check(load)


def test_a_second_signal_ends_at_once_and_loses_nothing(embedded, workload, chance, rounds):
    load = workload(embedded, 5000)
    for _ in range(rounds(5, 100)):
        load.send(1000)
        before = load.done
        process = load.start()
        wait_until("some events", lambda: load.done > before, alive=process)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert process.wait(timeout=10) in (0, 143)
        assert time.monotonic() - begun < SECOND_SIGNAL_LIMIT_S
    load.finish()
    checker.check(load)
