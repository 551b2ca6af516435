"""A store of each earlier version, with data in it, comes to the present one and keeps everything."""

import pathlib
import re
import sqlite3

import pytest

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "lib" / "kbeat" / "store" / "store_schema.cpp"
STEPS = re.findall(r'k_version_\d+ = R"sql\((.*?)\)sql"', SCHEMA.read_text(), re.DOTALL)
APPLICATION_ID = 0x6B627374


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
        INSERT INTO runtime VALUES('1-1', 'consume', 'g', 'connected', 0, 0, 0, '{{}}');""")
    database.commit()
    database.close()


def test_the_steps_were_found():
    assert len(STEPS) >= 3


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_an_earlier_store_keeps_its_data(kbeat, version):
    make_store(kbeat.data_dir, version)
    rows = kbeat("notify", "list").rows
    assert [(row["content"], row["status"], row["attempts"]) for row in rows] == [("kept", "unsent", 0)]
    assert kbeat("store", "query", "PRAGMA user_version").rows == [{"user_version": len(STEPS)}]
    assert kbeat("store", "query", "SELECT next FROM positions").rows == [{"next": 7}]
    assert kbeat("store", "query", "SELECT name FROM metrics").rows == [{"name": "m"}]
    check = kbeat("store", "check")
    assert check.code == 0, check.text
    assert [row["outcome"] for row in kbeat("-q", "notify", "process").rows] == ["sent"]
