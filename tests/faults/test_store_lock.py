"""C8: a transaction of the store holds nothing up: no handler, no wait and no fetch lies inside one."""

import contextlib
import fcntl
import json
import sqlite3
import statistics
import time

from place import wait_until

LONGEST_S = 2.0  # of any single wait, on a machine that is busy with other things
USUAL_S = 0.05


def waits_for_the_write_lock(place, condition):
    """Seconds that another writer waits for its turn, again and again while the condition holds."""
    waits = []
    with contextlib.closing(sqlite3.connect(place.home / "data" / "store.db", timeout=LONGEST_S, isolation_level=None)) as store, \
            open(place.home / "data" / "store.db.lock", "ab") as lock:
        while condition():
            begun = time.monotonic()
            fcntl.flock(lock, fcntl.LOCK_EX)
            store.execute("BEGIN IMMEDIATE")
            waits.append(time.monotonic() - begun)
            store.execute("ROLLBACK")
            fcntl.flock(lock, fcntl.LOCK_UN)
            time.sleep(0.005)  # the other has its turn
    return waits


def test_a_handler_that_takes_long_holds_no_transaction(embedded):
    """C8"""
    topic = embedded.topic("slow", 1)
    embedded.produce(topic, [json.dumps({"event_id": "e", "event_type": "T"})])
    script = embedded.home / "handler"
    script.write_text(f"#!/bin/sh\ntouch {embedded.home}/begun\nuntil [ -e {embedded.home}/released ]; do sleep 0.05; done\n")
    script.chmod(0o755)
    process = embedded.start("consume", topic, "-G", embedded.group, "--exec", str(script))
    wait_until("the handler", (embedded.home / "begun").exists, alive=process)
    turns = iter(range(50))
    waits = waits_for_the_write_lock(embedded, lambda: next(turns, None) is not None)
    assert max(waits) < LONGEST_S and statistics.median(waits) < USUAL_S
    (embedded.home / "released").touch()
    process.terminate()
    assert process.wait(timeout=40) == 0


def test_others_write_while_batches_are_committed(embedded, workload):
    """C8"""
    load = workload(embedded, 20_000)
    process = load.start()
    wait_until("the first events", lambda: load.done > 0, alive=process)
    waits = waits_for_the_write_lock(embedded, lambda: load.done < len(load.events))
    assert max(waits) < LONGEST_S and statistics.median(waits) < USUAL_S
    process.terminate()
    assert process.wait(timeout=40) == 0
