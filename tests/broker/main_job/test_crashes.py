"""kill -9 in the middle of the work: nothing lost, nothing twice, order kept, no lag at the end."""

import json
import random

from place import kill9, wait_until

EVENTS = 20_000
KILLS = 5
# So many that five kills come while there is still work, however fast the consumer is.
EVENTS_UNDER_KILLS = 100_000
AS_QUIZ = ("--as", "quiz-events", "--batch-size", "200")


def quiz_lines(count):
    for i in range(count):
        session = f"s{i % 97}"
        yield f"{session}\t" + json.dumps({
            "event_id": f"e{i}", "event_type": "QUESTION_PUBLISHED", "timestamp": "2026-01-31T09:00:00.000Z",
            "session_id": session, "quiz_id": "q", "classroom_id": "c", "question_id": str(i), "timer_sec": 60})


def test_quiz_events_survive_kills_of_the_consumer(place):
    topic, dlq = place.topic("quiz"), place.topic("dlq", 1)
    place.produce(topic, quiz_lines(EVENTS_UNDER_KILLS), key_delimiter="\t")
    chance = random.Random(7)
    for kill in range(KILLS):
        process = place.start("consume", topic, "-G", place.group, *AS_QUIZ, "--dlq-topic", dlq)
        before = place.count("quiz_events")
        target = before + chance.randrange(50, 3000)
        wait_until(f"{target} rows before kill {kill}",
                   lambda: place.count("quiz_events") >= target, alive=process)
        kill9(process)
    assert place.count("quiz_events") < EVENTS_UNDER_KILLS, "the kills came too late to mean anything"
    place.consume(topic, *AS_QUIZ, "--dlq-topic", dlq)
    kept = place.query("SELECT count(*), count(DISTINCT event_id) FROM quiz_events")
    assert kept == [(EVENTS_UNDER_KILLS, EVENTS_UNDER_KILLS)]
    assert place.lag(topic) == 0
    assert place.records(dlq) == []


def test_audio_events_survive_kills_of_the_consumer(place, audio):
    topic, dlq = place.topic("beats"), place.topic("dlq", 1)
    count = 200
    lines = [json.dumps({"type": "BEAT_CREATED", "payload": {
        "beatId": f"b{i}", "audioUrl": audio.url("beat-120-a-minor.wav"), "userId": "u"}}) for i in range(count)]
    place.produce(topic, lines)
    flags = ("--as", "beats-events", "--allow-private-addresses", "--dlq-topic", dlq, "-j", "2", "--batch-size", "5")
    for kill in range(5):
        process = place.start("consume", topic, "-G", place.group, *flags)
        target = place.count("beat_metrics") + 20
        wait_until(f"{target} rows before kill {kill}",
                   lambda: place.count("beat_metrics") >= target, alive=process)
        kill9(process)
    place.consume(topic, *flags)
    assert place.query("SELECT count(*), count(DISTINCT beat_id) FROM beat_metrics") == [(count, count)]
    assert place.lag(topic) == 0
    assert place.records(dlq) == []


def test_two_processes_share_a_group_and_one_is_killed(place):
    topic, dlq = place.topic("quiz", 4), place.topic("dlq", 1)
    place.produce(topic, quiz_lines(EVENTS), key_delimiter="\t")
    flags = ("-G", place.group, *AS_QUIZ, "--dlq-topic", dlq)
    first, second = (place.start("consume", topic, *flags) for _ in range(2))
    wait_until("some rows", lambda: place.count("quiz_events") >= 500, alive=first)
    kill9(first)
    wait_until("all rows", lambda: place.count("quiz_events") >= EVENTS, alive=second)
    second.terminate()
    assert second.wait(timeout=30) == 0
    assert place.query("SELECT count(*), count(DISTINCT event_id) FROM quiz_events") == [(EVENTS, EVENTS)]
    place.consume(topic, *AS_QUIZ, "--dlq-topic", dlq)
    assert place.lag(topic) == 0
    assert place.records(dlq) == []
