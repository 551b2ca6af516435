"""Live clients of a real broker that comes, goes and comes back."""

import asyncio
import json

import websockets

from live_server import eventually


def test_a_topic_that_the_broker_does_not_have_is_said_at_once(kbeat, broker):
    for command in (["stream", "no.such.topic"], ["serve", "--stream", "no.such.topic"]):
        result = kbeat(*command, "--listen", "127.0.0.1:0", "-b", broker.bootstrap)
        assert (result.code, "topics create no.such.topic" in result.err) == (3, True), result.err


def test_serve_is_ready_once_its_ingest_topic_is_there_and_makes_no_topics_of_others_choice(kbeat, listen, own_broker):
    own_broker.create_topic("quiz-events", partitions=3)
    server = listen("serve", "-b", own_broker.bootstrap, "--no-create")
    eventually(lambda: server.get("/readyz").status == 200, "ready")
    missing = "topic ai.responses is not there"
    eventually(lambda: missing in server.get("/api/v1/kafka/status").json["problems"], "the others are told")

    def publish(topic):
        event = {"type": "X", "data": 1, "topic": topic}
        return server.ask("POST", "/api/v1/kafka/events/generic", event, {"Content-Type": "application/json"})

    assert publish("quiz-events").json["mode"] == "kafka"
    refused = publish("typo.events")
    assert (refused.status, "kbeat topics create typo.events" in refused.json["detail"]) == (404, True)
    own_broker.create_topic("typo.events")
    assert publish("typo.events").json["mode"] == "kafka"
    assert server.err.count("WARNING: serve: topic ai.responses") == 1, server.err


def test_clients_are_taken_while_kafka_is_away_and_served_once_it_is_there(kbeat, listen, own_broker):
    """The tracking API's promise, with another ecosystem's client."""
    own_broker.create_topic("tracking.data", partitions=3)
    own_broker.kill9()
    server = listen("stream", "tracking.data", "-b", own_broker.bootstrap)
    assert server.get("/livez").status == 200
    assert server.get("/readyz").status == 503

    def produce(*values):
        lines = "".join(json.dumps({"data": {"DEVICE_ID": "7", "N": value}}) + "\n" for value in values)
        assert kbeat("produce", "tracking.data", "-k", "7", "-b", own_broker.bootstrap, stdin=lines).code == 0

    async def run():
        got = []
        async with websockets.connect(server.stream_url + "?device_ids=7", ping_timeout=60) as client:

            async def receive(count):
                got.extend([json.loads(await asyncio.wait_for(client.recv(), 40))["data"]["N"] for _ in range(count)])

            await asyncio.to_thread(own_broker.restart)
            await asyncio.to_thread(lambda: eventually(lambda: server.get("/readyz").status == 200, limit=45))
            await asyncio.to_thread(produce, *range(100))
            await receive(100)
            await asyncio.to_thread(own_broker.kill9)
            await asyncio.to_thread(own_broker.restart)
            await asyncio.to_thread(produce, *range(100, 200))
            await receive(100)
        return got

    assert asyncio.run(run()) == list(range(200))
    assert server.stop() == 0
