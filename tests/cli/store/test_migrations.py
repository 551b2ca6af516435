"""A store of each earlier version, with data in it, comes to the present one and keeps everything."""

import hashlib
import pathlib
import re
import sqlite3

import pytest

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "lib" / "kbeat" / "store" / "store_schema.cpp"
STEPS = re.findall(r'k_version_\d+ = R"sql\((.*?)\)sql"', SCHEMA.read_text(), re.DOTALL)
LOG_SCHEMA = SCHEMA.parents[1] / "transport" / "log" / "log_schema.cpp"
LOG_STEPS = re.findall(r'sqlite::Migration\{R"sql\((.*?)\)sql"', LOG_SCHEMA.read_text(), re.DOTALL)
APPLICATION_ID = 0x6B627374

# Of each step as it was released: stores out there were made by exactly that. A new step adds its line.
RELEASED = [
    "0f184817c136474548717b379418138fbd11bce65beef5c50dff211baf9f445b",
    "e52593f9193447ee8e1ed5214eafd1289781f09dcc8bcea73b46398830945483",
    "18f774455fb2b2b8cad3945b11c7abb16c84443da31110aae031bc324e77ecad",
    "43fd22c83c18c63aa798318ffe257e8b7bf637b6074f17338478b5b0ce5b5908",
]
LOG_RELEASED = ["9713e23fbfb5037a3884f0e55f1f87a54c48342ebbf6148cca60472b193c010b"]


def make_store(folder, version):
    folder.mkdir(mode=0o700)
    database = sqlite3.connect(folder / "store.db")
    database.executescript("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")
    for step in STEPS[:version]:
        database.executescript(step)
    database.executescript(f"""
        PRAGMA application_id = {APPLICATION_ID};
        PRAGMA user_version = {version};
        INSERT INTO notifications(event_identity, ordinal, user_id, event, content, created_at)
            VALUES('i1', 0, 'u1', 'e', 'kept', 1700000000000);
        INSERT INTO metrics VALUES('m', '1', '{{}}', 0, 't', 0, 0, 0);
        INSERT INTO positions(cluster, group_id, topic, partition, next, owner, updated_at)
            VALUES('c', 'g', 't', 0, 7, 'o', 0);
        INSERT INTO runtime VALUES('1-1', 'consume', 'g', 'connected', 0, 0, 0, '{{}}');
        INSERT INTO beat_metrics(beat_id, bpm, updated_at, origin_topic, origin_partition, origin_offset, origin_timestamp)
            VALUES('b1', 119.99, 0, 'beats-events', 0, 5, 0);
        INSERT INTO quiz_events(event_id, event_type, timestamp, session_id, quiz_id, classroom_id, question_id, raw)
            VALUES('q1', 'answer', '', 's', 'q', 'c', 'x', '{{}}');
        INSERT INTO events(event_identity, ordinal, type, subject, topic, partition, offset, timestamp, raw)
            VALUES('e1', 0, 't', 's', 't', 0, 1, 0, '{{}}');
        INSERT INTO dead_letters(cluster, group_id, topic, incarnation, partition, offset, state, dlq_topic, handler,
            category, error, attempts, replays, first_failed_at, failed_at, event_id, root, timestamp, timestamp_type,
            headers, value)
            VALUES('c', 'g', 't', 0, 0, 3, 'pending', 'd', 'h', 'processing', 'why', 1, 0, 0, 0, '', '', 0, 0, x'', x'00ff');
        INSERT INTO outbox(state, letter, topic, partition, timestamp, timestamp_type, event_id, created_at, headers, value)
            VALUES(0, 1, 'd', -1, 0, 0, '', 0, x'', x'00ff');""")
    database.commit()
    database.close()


def test_a_released_step_is_never_changed():
    assert [hashlib.sha256(step.encode()).hexdigest() for step in STEPS] == RELEASED
    assert [hashlib.sha256(step.encode()).hexdigest() for step in LOG_STEPS] == LOG_RELEASED


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_an_earlier_store_keeps_its_data(kbeat, version):
    make_store(kbeat.data_dir, version)
    rows = kbeat("notify", "list").rows
    assert [(row["content"], row["status"], row["attempts"]) for row in rows] == [("kept", "unsent", 0)]
    assert kbeat("store", "query", "PRAGMA user_version").rows == [{"user_version": len(STEPS)}]
    assert kbeat("store", "query", "SELECT next FROM positions").rows == [{"next": 7}]
    assert kbeat("store", "query", "SELECT name FROM metrics").rows == [{"name": "m"}]
    assert kbeat("store", "query", "SELECT beat_id, bpm FROM beat_metrics").rows == [{"beat_id": "b1", "bpm": 119.99}]
    assert kbeat("store", "query", "SELECT event_id FROM quiz_events").rows == [{"event_id": "q1"}]
    assert kbeat("store", "query", "SELECT raw FROM events").rows == [{"raw": "{}"}]
    letter = kbeat("store", "query", "SELECT state, error, hex(value) AS value FROM dead_letters").rows
    assert letter == [{"state": "pending", "error": "why", "value": "00FF"}]
    assert kbeat("outbox", "list").rows[0]["topic"] == "d"
    check = kbeat("store", "check")
    assert check.code == 0, check.text
    assert [row["outcome"] for row in kbeat("-q", "notify", "process").rows] == ["sent"]


def test_a_notification_in_the_hand_of_a_dead_process_stays_in_doubt(kbeat):
    make_store(kbeat.data_dir, 3)
    with sqlite3.connect(kbeat.data_dir / "store.db") as rows:
        rows.execute("UPDATE notifications SET attempts = 1, claimed_by = 'dead', claimed_until = 1")
    rows.close()
    assert [row["possibly_twice"] for row in kbeat("-q", "notify", "process").rows] == [True]


def test_a_look_at_an_earlier_store_leaves_it_as_it_is(kbeat):
    make_store(kbeat.data_dir, 1)
    before = (kbeat.data_dir / "store.db").read_bytes()
    result = kbeat("health", "--deep")
    assert result.code in (0, 1) and result.rows[0]["status"]
    assert (kbeat.data_dir / "store.db").read_bytes() == before
