"""Too little of something: files, disk, a damaged store."""

import contextlib
import resource
import sqlite3

import pytest

import checker


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
    load.finish()
    checker.check(load)


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
