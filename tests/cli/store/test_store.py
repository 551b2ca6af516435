"""`kbeat store`: what it prints, what it refuses, and with which exit code."""

import csv
import io
import json
import os
import sqlite3
import subprocess

import pytest


@pytest.fixture
def data_dir(tmp_path, program):
    """A data directory with a store of a few rows."""
    run(program, tmp_path, "users", "list")
    with sqlite3.connect(tmp_path / "store.db") as rows:
        rows.execute(
            "INSERT INTO quiz_events VALUES(1, 'e1', 'answer', '2026-01-31T09:00:00Z', 's', 'q', 'c', 'n', 1.5, ?)",
            ['{"n":9007199254740993}'],
        )
        rows.execute("INSERT INTO metrics VALUES('m\x1b[31m', '1', '{}', 0, 't', 0, 0, 0)")
    rows.close()
    return tmp_path


def run(program, data_dir, *arguments, stdin=subprocess.DEVNULL):
    done = subprocess.run(
        [program, "--data-dir", data_dir, *arguments], capture_output=True, text=True, stdin=stdin, timeout=30
    )
    return done.returncode, done.stdout, done.stderr


def test_a_query_prints_json_lines_in_a_pipe(program, data_dir):
    code, out, err = run(program, data_dir, "store", "query", "SELECT event_id, timer_sec, raw, NULL AS x FROM quiz_events")
    assert (code, err) == (0, "")
    assert out == '{"event_id":"e1","timer_sec":1.5,"raw":"{\\"n\\":9007199254740993}","x":null}\n'


def test_a_query_prints_csv_with_a_header_that_reads_back(program, data_dir):
    code, out, _ = run(program, data_dir, "store", "query", "SELECT 'a,\"b\nc' AS \"x,y\", 2 AS z", "--output", "csv")
    assert code == 0
    assert list(csv.reader(io.StringIO(out, newline=""))) == [["x,y", "z"], ['a,"b\nc', "2"]]


def test_a_table_is_aligned_and_harmless_for_a_terminal(program, data_dir):
    code, out, _ = run(program, data_dir, "store", "query", "SELECT name, value FROM metrics", "--output", "table")
    assert code == 0
    assert out == "name       value\nm\\x1b[31m  1\n"


def test_bytes_that_are_no_text_are_base64(program, data_dir):
    code, out, _ = run(program, data_dir, "store", "query", "SELECT x'ff00' AS b, x'6869' AS t")
    assert (code, out) == (0, '{"b":"/wA=","t":"hi"}\n')


@pytest.mark.parametrize(
    "sql, complaint",
    [
        ("DELETE FROM meta", "only one statement that reads is"),
        ("ATTACH 'x' AS y", "only one statement that reads is"),
        ("SELEC", 'near "SELEC": syntax error'),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("", "the SQL is empty"),
    ],
)
def test_what_is_no_single_read_is_wrong_usage(program, data_dir, sql, complaint):
    code, out, err = run(program, data_dir, "store", "query", sql)
    assert (code, out) == (2, "")
    assert complaint in err


def test_a_query_past_its_time_ends_with_code_4(program, data_dir):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    code, _, err = run(program, data_dir, "store", "query", endless, "--max-time", "100ms")
    assert (code, err) == (4, "kbeat: the query took longer than 0.1s\n")


def test_without_a_store_nothing_is_made(program, tmp_path):
    code, out, err = run(program, tmp_path / "none", "store", "query", "SELECT 1")
    assert (code, out) == (3, "")
    assert err == f"kbeat: there is no store in {tmp_path}/none yet: kbeat consume makes one\n"
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_store_stays_untouched(program, tmp_path):
    (tmp_path / "store.db").write_text("not a database, but precious")
    code, _, err = run(program, tmp_path, "store", "check")
    assert code == 1
    assert "is not an SQLite database" in err
    assert (tmp_path / "store.db").read_text() == "not a database, but precious"


def test_a_store_of_a_newer_version_asks_for_an_upgrade(program, data_dir):
    with sqlite3.connect(data_dir / "store.db") as rows:
        rows.execute("PRAGMA user_version=99")
    rows.close()
    code, _, err = run(program, data_dir, "store", "prune", "--yes")
    assert code == 1
    assert "has version 99" in err and "upgrade kbeat" in err


def test_check_passes_a_sound_store_and_fails_a_broken_one(program, data_dir):
    code, out, _ = run(program, data_dir, "store", "check")
    assert code == 0
    assert all(json.loads(line)["problems"] == 0 for line in out.splitlines())
    with sqlite3.connect(data_dir / "store.db") as rows:
        rows.execute("UPDATE metrics SET value = 'no json'")
    rows.close()
    code, out, err = run(program, data_dir, "store", "check")
    assert code == 1
    broken = [line for line in map(json.loads, out.splitlines()) if line["problems"]]
    assert [line["check"] for line in broken] == ["columns of JSON are JSON"]
    assert "has 1 problems" in err


def test_a_backup_can_be_used_as_a_store(program, data_dir, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    assert run(program, data_dir, "store", "backup", copy / "store.db") == (0, "", "")
    assert run(program, copy, "store", "export", "quiz_events")[0] == 0
    code, _, err = run(program, data_dir, "store", "backup", copy / "store.db")
    assert code == 2 and "--force" in err
    assert run(program, data_dir, "store", "backup", copy / "store.db", "--force")[0] == 0


def test_a_backup_never_takes_the_place_of_what_is_in_use(program, data_dir, tmp_path):
    before = (data_dir / "store.db").stat()
    (tmp_path / "link").symlink_to(data_dir, target_is_directory=True)
    for target in (data_dir / "store.db", tmp_path / "link" / "store.db", data_dir / "log.db", data_dir / "store.db-wal"):
        code, _, err = run(program, data_dir, "store", "backup", target, "--force")
        assert code == 2 and "in use" in err, target
    assert (data_dir / "store.db").stat().st_ino == before.st_ino and not (data_dir / "log.db").exists()
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run(program, data_dir, "store", "backup", tmp_path / "pipe", "--force")
    assert code == 2 and "no regular file" in err and (tmp_path / "pipe").is_fifo()
    assert run(program, data_dir, "store", "backup", data_dir / "store-monday.db")[0] == 0


def test_export_prints_a_table_whole_and_knows_the_others(program, data_dir):
    code, out, _ = run(program, data_dir, "store", "export", "quiz_events")
    assert code == 0
    assert json.loads(out)["event_id"] == "e1"
    code, _, err = run(program, data_dir, "store", "export", "quiz_event")
    assert code == 3
    assert "choose from " in err and "beat_metrics" in err


def test_pruning_makes_no_store(program, tmp_path):
    for how in ("--yes", "--dry-run"):
        code, out, err = run(program, tmp_path, "store", "prune", how)
        assert (code, out) == (3, "") and "there is no store" in err
    assert list(tmp_path.iterdir()) == []


def test_prune_needs_consent_and_a_dry_run_changes_nothing(program, data_dir):
    with sqlite3.connect(data_dir / "store.db") as rows:
        rows.execute("INSERT INTO hash_runs VALUES(1, 0, 0, 1, 0, zeroblob(64))")
        rows.execute("INSERT INTO hash_blocks VALUES(1 << 24, zeroblob(32))")
    rows.close()
    code, _, err = run(program, data_dir, "store", "prune")
    assert code == 2 and "--yes" in err
    plan = '{"table":"marks","rows":1,"removed":false}\n'
    assert run(program, data_dir, "store", "prune", "--dry-run")[:2] == (0, plan)
    assert run(program, data_dir, "store", "prune", "--dry-run")[:2] == (0, plan)
    assert run(program, data_dir, "store", "prune", "--yes")[:2] == (0, plan.replace("false", "true"))
    assert run(program, data_dir, "store", "prune", "--dry-run")[:2] == (0, plan.replace('"rows":1', '"rows":0'))
