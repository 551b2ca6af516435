"""Ingestion while the broker dies and comes back: nothing acknowledged is lost, nothing is there twice."""

import http.client
import json
import threading
import time

from live_server import eventually

JSON = {"Content-Type": "application/json"}


class Writers:
    """Threads that post events, each over one connection, and note every answer."""

    def __init__(self, server, count=4, rate=125):
        self.server, self.pause = server, 1 / rate
        self.answers = []  # (event_id, status, mode, seconds)
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def write(self, writer):
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=30)
        number = 0
        while not self.stopped.is_set():
            number += 1
            event = {"event_id": f"{writer}-{number}", "event_type": "ANSWER", "session_id": f"s{writer}"}
            begun = time.monotonic()
            connection.request("POST", "/api/events", json.dumps(event), JSON)
            response = connection.getresponse()
            body = json.loads(response.read())
            self.answers.append((event["event_id"], response.status, body.get("mode"), time.monotonic() - begun))
            time.sleep(self.pause)
        connection.close()

    def modes(self):
        return {mode for _, _, mode, _ in self.answers[-40:]}

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def test_the_quiz_survives_its_broker(kbeat, listen, own_broker):
    kafka = ["-b", own_broker.bootstrap]
    server = listen("serve", *kafka)
    eventually(lambda: server.get("/readyz").status == 200, "ready")

    def post(name):
        event = {"event_id": name, "event_type": "ANSWER", "session_id": "again"}
        answer = server.ask("POST", "/api/events", event, JSON)
        return answer.status, answer.json["status"], answer.json["mode"]

    assert [post("twice"), post("twice")] == [(202, "accepted", "kafka"), (202, "duplicate", "kafka")]
    writers = Writers(server)
    try:
        eventually(lambda: len(writers.answers) > 200 and writers.modes() == {"kafka"}, "kafka mode")
        own_broker.kill9()
        eventually(lambda: writers.modes() == {"direct"}, "direct mode")
        assert [post("away"), post("away")] == [(200, "accepted", "direct"), (200, "duplicate", "direct")]
        own_broker.restart()
        eventually(lambda: writers.modes() == {"kafka"}, "kafka mode again", limit=60)
    finally:
        writers.stop()
    assert {status for _, status, _, _ in writers.answers} == {200, 202}
    assert max(seconds for *_, seconds in writers.answers) < 6, "no answer took longer than the detection"
    waiting = "SELECT count(*) AS n FROM outbox WHERE state = 0"
    eventually(lambda: kbeat("store", "query", waiting).rows == [{"n": 0}], "all given to Kafka", limit=40)
    assert [post("twice"), post("away")] == [(202, "duplicate", "kafka")] * 2
    assert server.stop() == 0
    consumed = kbeat("consume", "quiz-events", "-e", *kafka, timeout=120)
    assert consumed.code == 0, consumed.err
    ids = [row["event_id"] for row in kbeat("store", "query", "SELECT event_id FROM quiz_events").rows]
    assert len(ids) == len(set(ids)), "each once"
    assert sorted(ids) == sorted(["twice", "away", *(event for event, *_ in writers.answers)])
    in_kafka = kbeat("stream", "quiz-events", "-o", "beginning", "-e", *kafka, timeout=60).rows
    assert {event["event_id"] for event in in_kafka} == set(ids), "Kafka has what it missed"
