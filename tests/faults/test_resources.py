"""Too little of something: files, disk, a damaged store."""

import contextlib
import resource
import sqlite3
import subprocess

import pytest

import checker
from place import kill9, wait_until
from plain_malloc import plain_malloc


@pytest.mark.parametrize("limit, values", [
    (resource.RLIMIT_NOFILE, (3, 6, 10, 14, 20, 30)),
    (resource.RLIMIT_FSIZE, (0, 4096, 40_000, 400_000, 2_000_000)),
])
def test_a_consumer_short_of_a_resource_says_so_and_the_next_one_goes_on(embedded, workload, limit, values):
    load = workload(embedded, 3000)
    for value in values:
        done = embedded.run("consume", load.topic, *load.flags, "-e", check=False,
                            preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
        assert done.returncode >= 0, f"limit {value} ended it by signal {-done.returncode}"
        assert done.returncode == 0 or done.stderr.strip(), f"limit {value}: it failed without a word"
    checker.check(load, load.finish())


def test_a_flipped_bit_in_the_store_is_noticed_or_harmless(embedded, workload, chance, rounds):
    load = workload(embedded, 2000)
    load.finish()
    store = embedded.home / "data" / "store.db"
    truth = embedded.query("SELECT event_id FROM quiz_events ORDER BY id")
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    whole = store.read_bytes()
    noticed = 0
    for turn in range(rounds(40, 2000)):
        # Every other flip hits the head of a page, where a bit says more than within a value.
        place = chance.randrange(len(whole) // 4096) * 4096 + chance.randrange(16 if turn % 2 else 4096)
        store.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1:])
        checked = embedded.run("store", "check", check=False)
        asked = embedded.run("store", "query", "SELECT event_id FROM quiz_events ORDER BY id", "--output", "json",
                             check=False)
        assert checked.returncode >= 0 and asked.returncode >= 0, f"a signal ended it: byte {place}"
        if checked.returncode != 0 or asked.returncode != 0:
            noticed += 1
    store.write_bytes(whole)
    assert embedded.query("SELECT event_id FROM quiz_events ORDER BY id") == truth
    assert noticed > 0, "no flipped bit was noticed at all"


def test_an_allocation_that_fails_ends_it_at_worst_and_the_next_start_goes_on(embedded, workload, chance, rounds):
    """F22"""
    load = workload(embedded, 2000)
    shim = plain_malloc(embedded.home)
    for _ in range(rounds(8, 5000)):
        load.send(200)
        number = int(10 ** chance.uniform(3, 5))  # the first few hundred are made before main
        done = embedded.run("consume", load.topic, *load.flags, "-e", check=False,
                            env={"LD_PRELOAD": str(shim), "FAIL_MALLOC_AT": str(number)})
        assert done.returncode in (0, 1, 2), f"allocation {number}: {done.returncode}, {done.stderr.decode()[-500:]}"
        assert done.returncode == 0 or done.stderr.strip(), f"allocation {number}: it failed without a word"
    checker.check(load, load.finish())


def test_little_memory_and_few_processes_are_said_and_survived(embedded, workload):
    """F22. With less than the least of these no program of so many libraries comes as far as its main."""
    load = workload(embedded, 2000)
    for limit, values in ((resource.RLIMIT_AS, (200 << 20, 85 << 20, 60 << 20, 38 << 20)), (resource.RLIMIT_NPROC, (0,))):
        for value in values:
            done = embedded.run("consume", load.topic, *load.flags, "-e", check=False,
                                preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
            assert done.returncode == 0 or done.stderr.strip(), f"limit {value}: it failed without a word"
            assert done.returncode >= 0, f"limit {value}: signal {-done.returncode}"
    checker.check(load, load.finish())


@pytest.fixture
def small_disk(tmp_path):
    """The data directory of a place as a disk of its own; returns what gives it another size."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(folder)], check=True)
    yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_under_a_long_lived_consumer_is_waited_out(small_disk, kafka, workload, rounds):
    """F9: a long-lived consumer names the file, tries again, and with room again goes on where it stood."""
    small_disk(rounds("1m", "16m"))
    load = workload(kafka, rounds(6000, 100_000))
    consumer = load.start()
    wait_until("the disk to be full", lambda: "nothing is lost" in kafka.log(), alive=consumer)
    assert str(kafka.home / "data" / "store.db") in kafka.log()
    assert load.done < len(load.events)
    small_disk("256m")
    wait_until("all events", lambda: load.done == len(load.events), alive=consumer)
    consumer.terminate()
    assert consumer.wait(timeout=60) == 0
    checker.check(load, load.finish())


@pytest.mark.parametrize("damage", ["flip in -wal", "cut -wal", "flip in -shm"])
def test_damage_beside_the_store_loses_nothing(kafka, workload, chance, damage, rounds):
    """F12: what a -wal has lost is read again, since the position went back with it."""
    load = workload(kafka, 2000)
    for _ in range(rounds(1, 100)):
        load.send(1000)
        process = load.start()
        before = load.done
        wait_until("some events", lambda: load.done > before + 200, alive=process)
        kill9(process)
        what, kind = damage.split(" ", 1)[0], damage.rsplit("-", 1)[1]
        path = kafka.home / "data" / f"store.db-{kind}"
        whole = path.read_bytes()
        assert whole, f"there is no {path}"
        at = chance.randrange(len(whole))
        if what == "flip":
            path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1:])
        elif what == "cut":
            path.write_bytes(whole[:at])
        else:
            path.unlink()
    checker.check(load, load.finish())
