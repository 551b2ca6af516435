"""SIGTERM and SIGINT at any moment: what is in hand is finished, the rest is left for the next start."""

import json
import signal
import subprocess
import time

import checker
from place import kill9, wait_until

SECOND_SIGNAL_LIMIT_S = 1.5


def test_a_consumer_told_to_end_at_any_moment_ends_well_and_goes_on_later(embedded, workload, chance, rounds):
    """F20, S1"""
    load = workload(embedded, 5000)
    for _ in range(rounds(20, 500)):
        if load.done + 500 > len(load.events):
            load.send(2000)
        process = load.start()
        time.sleep(0.02 * 50 ** chance.random() ** 2)  # the moment of the signal is the fault
        number = chance.choice((signal.SIGTERM, signal.SIGINT))
        process.send_signal(number)
        assert process.wait(timeout=40) in (0, -number)  # -number: it had not come to its first line yet
    checker.check(load, load.finish())


def test_a_one_shot_run_that_is_cut_short_says_so_by_its_exit_code(embedded, workload):
    """S5"""
    load = workload(embedded, 20_000)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        before = load.done
        process = load.start("-e")
        wait_until("some events", lambda: load.done > before, alive=process)
        process.send_signal(number)
        assert process.wait(timeout=40) == code
    checker.check(load, load.finish())


def test_a_second_signal_ends_at_once_and_loses_nothing(embedded, workload, chance, rounds):
    """S2"""
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
    checker.check(load, load.finish())


def test_a_reader_that_does_not_read_holds_up_no_commit_and_gets_every_line_later(embedded, workload):
    """DELIVERY rule 18: results are printed after the commit; a blocked pipe holds nothing up before 64 MiB wait."""
    load = workload(embedded, 6000)
    with open(embedded.home / "stderr.log", "ab") as log:
        process = subprocess.Popen([embedded.program, "consume", load.topic, *load.flags, "-e"], stdout=subprocess.PIPE,
                                   stderr=log, env=embedded.environment)
    wait_until("all events", lambda: load.done == len(load.events), alive=process)
    assert process.poll() is None
    lines = [json.loads(line) for line in process.stdout]
    assert process.wait(timeout=30) == 0
    assert {row["id"] for row in lines if row["outcome"] == "done"} == set(load.events)
    checker.check(load)


def test_a_line_that_was_printed_is_true_whenever_the_process_dies(embedded, workload, chance, rounds):
    """DELIVERY rule 18, I6: a kill may lose a line, never make a false one."""
    load = workload(embedded, 3000)
    for _ in range(rounds(3, 200)):
        load.send(2000)
        process = subprocess.Popen([embedded.program, "consume", load.topic, *load.flags], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=embedded.environment)
        printed = [process.stdout.readline() for _ in range(chance.randrange(1, 1500))]
        kill9(process)
        process.stdout.close()
        stored = {event for (event,) in embedded.query("SELECT event_id FROM quiz_events")}
        told = [json.loads(line) for line in printed if line.endswith(b"\n")]
        assert told and not [row for row in told if row["outcome"] == "done" and row["id"] not in stored]
    checker.check(load, load.finish())


def test_a_reader_that_goes_away_ends_it_after_the_drain(embedded, workload):
    """S3"""
    load = workload(embedded, 6000)
    process = subprocess.Popen([embedded.program, "consume", load.topic, *load.flags, "-e"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=embedded.environment)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=30) == 141
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    checker.check(load, load.finish())


def state_of(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def test_ctrl_z_at_any_moment_leaves_the_files_to_others(embedded, workload, chance, rounds):
    """S3: stopped inside a write transaction it would hold up every other process."""
    load = workload(embedded, 3000)
    embedded.run("users", "list")  # makes the store, which pruning does not
    # In a group of its own: the system stops nobody whose group has no parent outside, as that of a test may be.
    process = load.start(process_group=0)
    for _ in range(rounds(8, 200)):
        time.sleep(0.1 * chance.random())  # the moment of the signal is the fault
        process.send_signal(signal.SIGTSTP)
        wait_until("it to be stopped", lambda: state_of(process) == "T", limit_s=10)
        begun = time.monotonic()
        load.send(300)
        embedded.run("store", "prune", "--events-keep", "1000d", "--yes")
        assert time.monotonic() - begun < 5, "it holds a lock while it sleeps"
        process.send_signal(signal.SIGCONT)
    process.terminate()
    assert process.wait(timeout=30) == 0
    checker.check(load, load.finish())
