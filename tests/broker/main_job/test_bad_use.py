"""Wrong use and a hostile machine: one clear line, the contract's exit code, nothing lost."""

import json
import pathlib
import sqlite3
import subprocess

import pytest
from place import Place

AS_QUIZ = ("--as", "quiz-events")


def quiz_event(i):
    return json.dumps({"event_id": f"e{i}", "event_type": "T", "timestamp": "2026-01-31T09:00:00Z", "session_id": "s",
                       "quiz_id": "q", "classroom_id": "c", "question_id": "x" * 300, "timer_sec": 1})


def last_line(done):
    return done.stderr.decode().strip().splitlines()[-1]


def test_an_unknown_topic_is_named_with_the_command_that_creates_it(program, tmp_path, broker):
    place = Place(program, tmp_path, broker)
    done = place.consume("no-such-topic", check=False)
    assert done.returncode == 3
    assert "kbeat topics create no-such-topic" in last_line(done)


def test_a_missing_topic_to_forward_to_is_named_before_anything_is_read(program, tmp_path, broker):
    place = Place(program, tmp_path, broker)
    topic = place.topic("source")
    copies = f"{topic}-copies"
    place.produce(topic, ["{}"])
    done = place.consume(topic, "--forward", copies, check=False)
    assert done.returncode == 3
    assert f"kbeat topics create {copies}" in last_line(done)
    place.create(copies, 1)
    place.consume(topic, "--forward", copies)
    assert [value for _, value, _ in place.records(copies)] == ["{}"]


def test_an_unreadable_config_is_wrong_usage(program, tmp_path):
    place = Place(program, tmp_path)
    done = place.run("consume", "quiz-events", "-e", "--config", str(tmp_path / "none.toml"), check=False)
    assert done.returncode == 2
    assert "none.toml" in last_line(done)


def test_a_store_of_a_newer_version_is_refused_and_left_alone(place):
    topic = place.topic("quiz")
    place.produce(topic, [quiz_event(1)])
    data = pathlib.Path(place.environment["KBEAT_HOME"])
    data.mkdir(exist_ok=True, mode=0o700)
    connection = sqlite3.connect(data / "store.db")
    connection.execute("PRAGMA user_version = 9999")
    connection.execute("CREATE TABLE of_the_future (x)")
    connection.commit()
    connection.close()
    before = (data / "store.db").read_bytes()
    done = place.consume(topic, *AS_QUIZ, check=False)
    assert done.returncode == 1
    assert "newer" in last_line(done)
    assert (data / "store.db").read_bytes() == before


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_with_its_path_and_loses_nothing(program, tmp_path, broker, small_disk):
    place = Place(program, tmp_path, broker)
    topic = place.topic("quiz")
    count = 5000
    place.produce(topic, [quiz_event(i) for i in range(count)])
    done = place.consume(topic, *AS_QUIZ, "--data-dir", str(small_disk), check=False)
    assert done.returncode == 1
    assert str(small_disk) in done.stderr.decode()
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    place.consume(topic, *AS_QUIZ, "--data-dir", str(small_disk))
    connection = sqlite3.connect(small_disk / "store.db")
    assert connection.execute("SELECT count(*), count(DISTINCT event_id) FROM quiz_events").fetchone() == (count, count)
    connection.close()
    assert place.lag(topic) == 0
