"""`serve --consume`: consumers, schedules and alerts in the server's own process, each failing alone."""

import json

from live_server import eventually

JSON = {"Content-Type": "application/json"}
API = "/api/v1/kafka"


def parts(server):
    return {part["part"]: part for part in server.get(f"{API}/status").json["parts"]}


def test_events_are_handled_in_the_same_process_and_what_follows_is_sent_on(kbeat, listen):
    kbeat("produce", "metrics-events", stdin='{"type":"METRIC_UPDATED","payload":{"metric":"cpu","value":75.5}}\n')
    server = listen("serve", "--consume", "metrics-events", "notifications", "conversation.events")
    eventually(lambda: server.get("/api/v1/analytics/metrics").json["metrics"].get("cpu") == 75.5)
    assert {name: part["running"] for name, part in parts(server).items()} == {"consumers": True, "schedules": True}
    kbeat("produce", "notifications", stdin="not json\n")
    letters = eventually(lambda: server.get(f"{API}/dead-letter-queue").json["letters"])
    assert letters[0]["topic"] == "notifications"
    # The letter reaches its topic through the server's own relay.
    eventually(lambda: kbeat("stream", "dead.letter.queue", "-o", "beginning", "-e", "-J").rows)
    answer = server.ask("POST", f"{API}/events/conversation",
                        {"conversation_id": "c", "user_id": "u", "action": "started"}, JSON)
    assert (answer.status, answer.json["mode"]) == (202, "embedded")
    eventually(lambda: server.get("/api/v1/analytics/summary").json["events"] == 1)
    assert server.metric("kafka_consumer_messages_processed_total") >= 2
    assert server.metric("kafka_producer_messages_sent_total") >= 2
    assert server.stop() == 0


def test_an_event_taken_directly_is_not_handled_again_by_the_consumer_beside_it(kbeat, listen):
    server = listen("serve", "--consume", "quiz-events")
    event = {"event_id": "e1", "event_type": "T", "session_id": "s"}
    assert server.ask("POST", "/api/events", event, JSON).json["mode"] == "direct"
    kbeat("produce", "quiz-events", "-k", "s", stdin=json.dumps(event) + "\n")
    eventually(lambda: server.metric("kafka_consumer_messages_processed_total") == 1)
    assert kbeat("store", "query", "SELECT count(*) AS n FROM quiz_events").rows == [{"n": 1}]


def test_consumers_are_switched_off_and_on(kbeat, listen):
    server = listen("serve", "--consume", "metrics-events")
    eventually(lambda: server.metric("kbeat_connected") == 1)
    toggle = f"{API}/consumers/toggle"
    assert server.ask("POST", toggle, {"enabled": False}, JSON).json == {"group": "kbeat", "enabled": False}
    assert server.ask("POST", toggle, {"enabled": True, "group": "kbeat"}, JSON).json["enabled"] is True
    kbeat("produce", "metrics-events", stdin='{"type":"METRIC_UPDATED","payload":{"metric":"m","value":1}}\n')
    eventually(lambda: "m" in server.get("/api/v1/analytics/metrics").json["metrics"])
    row = next(row for row in server.get(f"{API}/consumers").json["groups"] if row["group"] == "kbeat")
    assert row["enabled"] is True


def test_a_part_that_fails_is_started_again_and_the_others_go_on(kbeat, listen):
    """A topic that was made anew: its consumers refuse to guess until somebody says where they go on."""
    update = '{{"type":"METRIC_UPDATED","payload":{{"metric":"m","value":{}}}}}\n'
    kbeat("produce", "metrics-events", stdin="".join(update.format(value) for value in range(3)))
    assert kbeat("consume", "metrics-events", "-e").code == 0
    assert kbeat("topics", "delete", "metrics-events", "--yes").code == 0
    kbeat("produce", "metrics-events", stdin=update.format(7))
    server = listen("serve", "--consume", "metrics-events")
    part = eventually(lambda: parts(server)["consumers"]["restarts"] and parts(server)["consumers"])
    assert "metrics-events" in part["last_error"]
    eventually(lambda: any("metrics-events" in problem for problem in server.get(f"{API}/status").json["problems"]))
    assert server.get("/livez").status == 200 and parts(server)["schedules"]["running"]
    assert kbeat("groups", "reset", "kbeat", "--topic", "metrics-events", "--to", "earliest", "--yes").code == 0
    eventually(lambda: parts(server)["consumers"]["running"]
               and server.metric("kafka_consumer_messages_consumed_total") >= 1)


def test_schedules_run_and_notifications_go_out(kbeat, listen, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[[schedule]]\nname = "notifications"\ntask = "notify"\nevery = "1s"\n')
    kbeat("produce", "notifications", stdin='{"user_id":"u","event":"e","content":"hello"}\n')
    server = listen("serve", "--consume", "notifications", "--config", str(config))
    unsent = "SELECT count(*) AS n FROM notifications WHERE sent_status = 'sent'"
    eventually(lambda: kbeat("store", "query", unsent).rows == [{"n": 1}])
    assert server.stop() == 0


def test_alerts_of_the_config_are_raised_shown_and_over(kbeat, listen, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[alerts]\nlag = "warning=2"\n')
    kbeat("produce", "metrics-events", stdin="".join(
        json.dumps({"type": "METRIC_UPDATED", "payload": {"metric": "m", "value": n}}) + "\n" for n in range(5)))
    assert kbeat("consume", "metrics-events", "-c", "1").code == 0
    server = listen("serve", "--config", str(config), "--no-schedules")
    alert = eventually(lambda: server.get(f"{API}/alerts").json["alerts"])[0]
    assert (alert["alert"], alert["severity"], alert["value"]) == ("lag", "warning", 4)
    assert server.metric("kafka_active_alerts_count") == 1
    assert "alert warning" in server.err
    assert kbeat("consume", "metrics-events", "-e").code == 0
    eventually(lambda: server.get(f"{API}/alerts").json["alerts"] == [])


def test_flags_that_say_nothing_without_consumers_are_refused(kbeat):
    for flag in (["--auto-retry"], ["-j", "4"]):
        result = kbeat("serve", *flag, "--listen", "127.0.0.1:0")
        assert (result.code, "--consume" in result.err) == (2, True)


def test_what_the_live_stream_reads_is_not_counted_as_consumed(kbeat, listen):
    server = listen("serve", "--consume", "metrics-events", "--stream", "metrics-events")
    eventually(lambda: server.get("/readyz").status == 200 and server.metric("kbeat_connected") == 1)
    with server.socket() as client:
        client.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        eventually(lambda: server.metric("kbeat_stream_clients") == 1)
        kbeat("produce", "metrics-events", stdin="".join(
            json.dumps({"type": "METRIC_UPDATED", "payload": {"metric": "m", "value": n}}) + "\n" for n in range(5)))
        eventually(lambda: server.metric("kbeat_stream_delivered_total") == 5
                   and server.metric("kafka_consumer_messages_processed_total") == 5)
    assert server.metric("kafka_consumer_messages_consumed_total") == 5
