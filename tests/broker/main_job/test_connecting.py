"""The connect loop against a broker that is not there yet, goes away, or refuses."""

import json
import signal
import time

from kafka_broker import KafkaBroker, free_port
from place import Place, wait_until

SHORT = {"KAFKA_CONNECTION_MAX_RETRIES": "3", "KAFKA_CONNECTION_RETRY_DELAY": "500", "KAFKA_COOLDOWN": "1500"}


def quiz_event(i):
    return json.dumps({"event_id": f"e{i}", "event_type": "T", "timestamp": "2026-01-31T09:00:00Z", "session_id": "s",
                       "quiz_id": "q", "classroom_id": "c", "question_id": "1", "timer_sec": 1})


def test_a_consumer_waits_for_a_broker_that_comes_later(program, tmp_path):
    broker = KafkaBroker(port=free_port())
    place = Place(program, tmp_path, broker)
    process = place.start("consume", "quiz-events", "-G", place.group, "--batch-timeout", "200ms", env=SHORT)
    wait_until("the cool-down", lambda: "Cooling down for 1.5s before trying again..." in place.log(), alive=process)
    log = place.log()
    assert "INFO: Connecting to Kafka... (Attempt 1/3)" in log
    assert "ERROR: Kafka connection failed: " in log
    assert "WARNING: Retrying in 0.5s..." in log
    assert "WARNING: Max retries reached. Cooling down for 1.5s before trying again..." in log
    broker.start()
    try:
        wait_until("the topic that kbeat makes", lambda: "quiz-events" in broker.tool("kafka-topics", "--list"),
                   alive=process)
        place.produce("quiz-events", [quiz_event(1)])
        wait_until("the row", lambda: place.count("quiz_events") == 1, alive=process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        broker.stop()


def test_a_broker_killed_and_restarted_loses_nothing(program, tmp_path, own_broker):
    place = Place(program, tmp_path, own_broker)
    topic = place.topic("quiz")
    place.produce(topic, [quiz_event(i) for i in range(100)])
    process = place.start("consume", topic, "--as", "quiz-events", "-G", place.group, "--batch-timeout", "200ms",
                          env=SHORT)
    wait_until("the first rows", lambda: place.count("quiz_events") == 100, alive=process)
    own_broker.kill9()
    wait_until("the loss", lambda: "Kafka connection lost" in place.log(), alive=process)
    own_broker.restart()
    place.produce(topic, [quiz_event(i) for i in range(100, 200)])
    wait_until("the other rows", lambda: place.count("quiz_events") == 200, alive=process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_a_one_shot_run_gives_up_after_its_attempts(program, tmp_path):
    place = Place(program, tmp_path)
    done = place.run("consume", "quiz-events", "-e", check=False,
                     env={**SHORT, "KAFKA_BROKERS": f"127.0.0.1:{free_port()}"})
    assert done.returncode == 1
    assert b"(Attempt 3/3)" in done.stderr
    assert b"Cooling down" not in done.stderr


def test_an_attempt_ends_soon_where_nobody_listens(program, tmp_path):
    place = Place(program, tmp_path)
    begun = time.monotonic()
    done = place.run("consume", "quiz-events", "-e", "--connect-attempts", "2", check=False,
                     env={"KAFKA_CONNECTION_RETRY_DELAY": "1ms", "KAFKA_BROKERS": f"127.0.0.1:{free_port()}"})
    assert done.returncode == 1
    assert b"(Attempt 2/2)" in done.stderr and b"Connection refused" in done.stderr
    assert time.monotonic() - begun < 8, "an attempt takes about a second, not the ten that a silent broker gets"


def test_wrong_credentials_end_at_once_and_name_the_cause(program, tmp_path):
    broker = KafkaBroker(sasl={"alice": "alice-secret"})
    broker.start()
    try:
        place = Place(program, tmp_path)
        done = place.run("consume", "quiz-events", "-e", check=False, env={
            **SHORT, "KAFKA_BROKERS": broker.sasl_bootstrap, "KAFKA_USERNAME": "alice",
            "KAFKA_PASSWORD": "wrong-secret"})
        assert done.returncode == 1
        assert b"uthentication" in done.stderr
        assert b"wrong-secret" not in done.stderr
    finally:
        broker.stop()
