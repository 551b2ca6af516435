"""A store that cannot be written to for a while, on a machine without any Kafka."""

import fcntl
import signal
import subprocess
import sys

from live_server import eventually


def event(i):
    return '{"event_id":"e%d","event_type":"T","timestamp":"2026-01-31T09:00:00Z","session_id":"s"}\n' % i


def test_a_store_that_another_process_holds_is_waited_for_and_not_taken_for_kafka(kbeat):
    kbeat("produce", "quiz-events", stdin=event(1))
    kbeat("consume", "quiz-events", "-e")
    log = kbeat.home / "consume.log"
    with open(kbeat.data_dir / "store.db.lock", "rb+") as lock, open(log, "wb") as errors:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = kbeat.start("consume", "quiz-events", "--batch-timeout", "100ms", stdout=subprocess.DEVNULL, stderr=errors)
        kbeat("produce", "quiz-events", stdin=event(2))
        eventually(lambda: "trying again in" in log.read_text(), "a word about the store")
        fcntl.flock(lock, fcntl.LOCK_UN)
    eventually(lambda: kbeat("store", "query", "SELECT count(*) n FROM quiz_events").rows == [{"n": 2}], "the row")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    said = log.read_text()
    assert "store.db.lock is held by" in said and "nothing is lost" in said
    assert "Kafka connection" not in said and "Connecting to Kafka" not in said


HOLDER = """
import fcntl, os, sys, time
lock = open(sys.argv[1], "rb+")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.truncate(0)
os.pwrite(lock.fileno(), str(os.getpid()).encode(), 0)
print("held", flush=True)
time.sleep(600)
"""


def test_a_store_that_a_stopped_process_holds_is_an_error_that_names_it(kbeat):
    kbeat("notify", "list")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, kbeat.data_dir / "store.db.lock"], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGSTOP)
        result = kbeat("notify", "send", "--user", "u", "--event", "e", "hello")
        assert result.code == 1
        assert f"held by process {holder.pid}, which is stopped" in result.err and "store.db.lock" in result.err
    finally:
        holder.kill()
        holder.wait()
    assert kbeat("notify", "list").rows == [], "nothing was done by halves"
    assert kbeat("notify", "send", "--user", "u", "--event", "e", "hello").code == 0
