"""The management API without a broker: every path with what it really does."""

import json
import sqlite3
import time

import jsonschema
import pytest

from live_server import eventually

JSON = {"Content-Type": "application/json"}
API = "/api/v1/kafka"

PATHS = {
    "get": ["/", "/dashboard.css", "/dashboard.js", "/dashboard.svg", "/livez", "/readyz", "/healthz", "/metrics", "/openapi.json", "/api/v1/stream", "/stream",
            *(f"{API}/{name}" for name in ("health", "metrics", "status", "topics", "consumers", "alerts",
                                           "prometheus-metrics", "dead-letter-queue/stats", "dead-letter-queue")),
            "/api/v1/beats/{id}/metrics", *(f"/api/v1/analytics/{name}" for name in (
                "summary", "quizzes/{id}", "sessions/{id}", "metrics"))],
    "post": ["/api/events", "/api/auth/login", f"{API}/topics", f"{API}/consumers/{{topic}}/reset-offset",
             f"{API}/consumers/toggle", f"{API}/dead-letter-queue/retry",
             *(f"{API}/events/{kind}" for kind in ("conversation", "ai-response", "business-analytics", "generic"))],
    "delete": [f"{API}/topics/{{name}}"],
}


@pytest.fixture
def server(listen):
    return listen("serve")


def post(server, path, body):
    return server.ask("POST", path, body, JSON)


def test_the_description_names_every_route_and_is_valid(server):
    document = server.get("/openapi.json").json
    described = {method: {path for path, item in document["paths"].items() if method in item} for method in PATHS}
    assert described == {method: set(paths) for method, paths in PATHS.items()}
    assert document["openapi"].startswith("3.1.")
    for path, item in document["paths"].items():
        for operation in item.values():
            named = {given["name"] for given in operation.get("parameters", []) if given["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert operation["summary"] and len(operation["responses"]) > 1, path
            assert ("requestBody" in operation) == ("post" in item and operation == item["post"]), path
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def check_described(server, answer, method, path):
    """The answer is as the description says: its status is named, its body fits the schema."""
    document = server.get("/openapi.json").json
    responses = document["paths"][path][method]["responses"]
    named = responses.get(str(answer.status), responses["default"])
    (kind, content), = named["content"].items()
    assert answer.headers["content-type"].startswith(kind)
    assert answer.status < 400 or named is responses["default"] or str(answer.status) in responses
    if "json" in kind:
        jsonschema.validate(answer.json, {**content["schema"], "components": document["components"]},
                            cls=jsonschema.Draft202012Validator)
    return answer


def test_answers_are_as_the_description_says(kbeat, server):
    kbeat("produce", "notifications", stdin="not json\n")
    kbeat("produce", "analytics-events", stdin=json.dumps({"type": "METRIC_CALCULATED", "payload": {
        "beatId": "b1", "bpm": 128, "key": "A", "energy_curve": [-20.0, -6.0, -60.0]}}) + "\n" + json.dumps({
            "type": "METRIC_CALCULATED", "payload": {"beatId": "b2", "bpm": 90, "key": "C", "waveform": [0.25, 1, 0],
                                                     "energy_curve": [-3.0]}}) + "\n")
    assert kbeat("consume", "notifications", "analytics-events", "-e").code == 0
    quiz = {"event_id": "e", "event_type": "T", "session_id": "s", "quiz_id": "q", "timestamp": "2026-01-31T09:00:00Z"}
    for path, body in (("/api/events", quiz), ("/api/events", [quiz, {**quiz, "event_id": "f"}]), ("/api/events", {}),
                       (f"{API}/events/conversation", {"conversation_id": "c", "user_id": "u", "action": "started"}),
                       (f"{API}/topics", {"name": "own"}), (f"{API}/consumers/toggle", {"enabled": True}),
                       (f"{API}/dead-letter-queue/retry", {"all": True}), ("/api/auth/login", {"email": "a", "password": "b"})):
        check_described(server, post(server, path, body), "post", path)
    check_described(server, post(server, f"{API}/consumers/notifications/reset-offset", {"group": "kbeat", "to": 0}),
                    "post", f"{API}/consumers/{{topic}}/reset-offset")
    for path in PATHS["get"]:
        if not path.endswith("/stream"):
            asked = {"/api/v1/beats/{id}/metrics": "/api/v1/beats/b1/metrics"}.get(
                path, path.replace("quizzes/{id}", "quizzes/q").replace("sessions/{id}", "sessions/s"))
            assert check_described(server, server.get(asked), "get", path).status == 200, path
    recent = server.get("/api/v1/analytics/summary").json["recent_beats"]
    assert {beat["beat_id"]: beat["waveform"] for beat in recent} == {"b1": [0.1, 0.501, 0.001], "b2": [0.25, 1, 0]}


def test_health_status_and_alerts_of_a_server_without_a_broker(server):
    health = server.get(f"{API}/health")
    assert health.status == 200
    assert {key: health.json[key] for key in ("kafka", "in_cooldown", "retry_count", "enabled")} == {
        "kafka": "embedded", "in_cooldown": False, "retry_count": 0, "enabled": False}
    status = server.get(f"{API}/status").json
    assert (status["ingest"]["mode"], status["outbox"]["waiting"], status["problems"]) == ("direct", 0, [])
    assert [part["part"] for part in status["parts"]] == ["schedules"]
    assert server.get(f"{API}/alerts").json == {"alerts": []}
    assert server.get(f"{API}/metrics").json["kbeat_ingest_accepted_total"] == 0
    assert server.get(f"{API}/prometheus-metrics").body.startswith(b"# HELP ")


def test_topics_are_made_listed_and_deleted(kbeat, server):
    made = post(server, f"{API}/topics", {"name": "own", "partitions": 3, "config": {"retention.ms": 60000}})
    assert (made.status, made.json) == (201, {"name": "own", "partitions": 3})
    assert post(server, f"{API}/topics", {"name": "own"}).status == 409
    assert {"name": "own", "partitions": 3, "replication": 1} in server.get(f"{API}/topics").json["topics"]
    assert kbeat("topics", "describe", "own").code == 0
    assert [server.ask("DELETE", f"{API}/topics/own").status for _ in range(2)] == [204, 404]
    assert [post(server, f"{API}/topics", body).status for body in (
        {}, {"name": "a/b"}, {"name": "x", "partitions": 0}, {"name": "x", "config": 5}, [])] == [400] * 5
    rows = kbeat("store", "query", "SELECT method, path, status FROM audit WHERE path LIKE '%topics%' ORDER BY id").rows
    assert [(row["method"], row["status"]) for row in rows[:4]] == [
        ("POST", 201), ("POST", 409), ("DELETE", 204), ("DELETE", 404)]


def test_groups_show_their_lag_and_can_be_moved(kbeat, server):
    kbeat("produce", "quiz-events", "-k", "s", stdin='{"event_id":"e","event_type":"T","session_id":"s"}\n' * 1)
    assert kbeat("consume", "quiz-events", "-e").code == 0
    group = next(row for row in server.get(f"{API}/consumers").json["groups"] if row["group"] == "kbeat")
    assert group["lag"] == 0
    moved = post(server, f"{API}/consumers/quiz-events/reset-offset", {"group": "kbeat", "to": "earliest"})
    assert {row["offset"] for row in moved.json["positions"]} == {0}
    group = next(row for row in server.get(f"{API}/consumers").json["groups"] if row["group"] == "kbeat")
    assert group["lag"] == 1
    assert post(server, f"{API}/consumers/quiz-events/reset-offset", {"group": "kbeat", "to": "soon"}).status == 400
    assert post(server, f"{API}/consumers/quiz-events/reset-offset", {"group": "", "to": "earliest"}).status == 400
    assert post(server, f"{API}/consumers/none/reset-offset", {"group": "kbeat", "to": "earliest"}).status == 404
    assert post(server, f"{API}/consumers/toggle", {"enabled": "no"}).status == 400


def test_dead_letters_are_shown_counted_and_sent_back_once(kbeat, server):
    assert server.get(f"{API}/dead-letter-queue").json == {"total": 0, "letters": []}
    kbeat("produce", "notifications", stdin='{"event":"e"}\nnot json\n')
    assert kbeat("consume", "notifications", "-e").code == 0
    shown = server.get(f"{API}/dead-letter-queue?limit=1").json
    assert (shown["total"], len(shown["letters"]), shown["letters"][0]["topic"]) == (2, 1, "notifications")
    stats = server.get(f"{API}/dead-letter-queue/stats").json
    assert sum(topic["states"].get("open", 0) for topic in stats["topics"]) == 2
    assert sum(row["count"] for row in stats["patterns"]) == 2
    sent = post(server, f"{API}/dead-letter-queue/retry", {"ids": [shown["letters"][0]["id"]]}).json
    assert (sent["decided"], sent["targets"]) == ({"retried": 1}, {"notifications": 1})
    assert post(server, f"{API}/dead-letter-queue/retry", {"ids": [shown["letters"][0]["id"]]}).json["targets"] == {}
    assert server.get(f"{API}/dead-letter-queue").json["total"] == 1
    assert server.get(f"{API}/dead-letter-queue?state=all").json["total"] == 2
    assert [post(server, f"{API}/dead-letter-queue/retry", body).status for body in ({}, [], {"ids": [5]})] == [400] * 3
    for name, value in (("to", 5), ("to", ""), ("max_replays", "3"), ("max_replays", -1), ("max_replays", 0),
                        ("max_replays", 2**40), ("dlq_topic", ["analytics-dlq"]), ("ids", 5), ("all", "yes")):
        refused = post(server, f"{API}/dead-letter-queue/retry", {"all": True, name: value})
        assert refused.status == 400, (name, value)
    assert server.get(f"{API}/dead-letter-queue").json["total"] == 1, "none was sent"
    assert server.get(f"{API}/dead-letter-queue?limit=0").status == 400


def test_results_are_read_back(kbeat, server):
    for number in range(3):
        post(server, "/api/events", {"event_id": f"e{number}", "event_type": "ANSWER", "session_id": "s 1",
                                     "quiz_id": "q/1", "timestamp": f"2026-01-31T09:00:0{number}Z"})
    session = server.get("/api/v1/analytics/sessions/s%201").json
    assert (session["count"], session["by_type"], session["first"]) == (3, {"ANSWER": 3}, "2026-01-31T09:00:00Z")
    assert server.get("/api/v1/analytics/quizzes/q%2F1").json["count"] == 3, "an escaped slash is part of an id"
    assert server.get("/api/v1/analytics/quizzes/q/1").status == 404
    assert server.get("/api/v1/analytics/sessions/none").status == 404
    kbeat("produce", "metrics-events", stdin='{"type":"METRIC_UPDATED","payload":{"metric":"cpu","value":75.5}}\n')
    kbeat("produce", "analytics-events", stdin=json.dumps(
        {"type": "METRIC_CALCULATED", "payload": {"beatId": "b1", "bpm": 128, "key": "A"}}) + "\n")
    assert kbeat("consume", "metrics-events", "analytics-events", "-e").code == 0
    assert server.get("/api/v1/analytics/metrics").json == {"metrics": {"cpu": 75.5}}
    assert server.get("/api/v1/beats/b1/metrics").json["bpm"] == 128
    assert server.get("/api/v1/beats/b2/metrics").status == 404
    summary = server.get("/api/v1/analytics/summary").json
    assert (summary["beats"], summary["quiz_events"], summary["quiz_sessions"]) == (1, 3, 1)
    assert summary["recent_beats"][0]["beat_id"] == "b1"


def test_more_events_than_are_listed_are_counted_all(kbeat, server):
    kbeat("notify", "list")  # makes the store
    rows = sqlite3.connect(kbeat.data_dir / "store.db", timeout=10)
    with rows:
        rows.executemany("INSERT INTO quiz_events(event_id, event_type, timestamp, session_id, quiz_id, classroom_id,"
                         " question_id, raw) VALUES(?, ?, ?, 's', ?, '', '', '{}')",
                         [(f"e{i}", "ASKED" if i < 10_000 else "ANSWERED", f"2026-01-31T09:00:00.{i:06}Z",
                           "all" if i < 10_000 else "few") for i in range(10_002)])
    rows.close()
    session = check_described(server, server.get("/api/v1/analytics/sessions/s"), "get",
                              "/api/v1/analytics/sessions/{id}").json
    assert (session["count"], session["by_type"]) == (10_002, {"ASKED": 10_000, "ANSWERED": 2})
    assert (session["first"], session["last"]) == ("2026-01-31T09:00:00.000000Z", "2026-01-31T09:00:00.010001Z")
    assert (session["truncated"], len(session["events"])) == (True, 10_000)
    for quiz, count in (("all", 10_000), ("few", 2)):
        answer = server.get(f"/api/v1/analytics/quizzes/{quiz}").json
        assert (answer["count"], answer["truncated"], len(answer["events"])) == (count, False, count)


def test_managing_needs_an_admin(kbeat, listen):
    server = listen("serve", env={"KBEAT_API_TOKEN": "s3cret"})
    kbeat("users", "add", "w@example.com", "--role", "ingest", stdin="test123\n")
    token = post(server, "/api/auth/login", {"email": "w@example.com", "password": "test123"}).json["token"]

    def make(name, bearer):
        return server.ask("POST", f"{API}/topics", {"name": name}, {**JSON, "Authorization": f"Bearer {bearer}"}).status

    assert (post(server, f"{API}/topics", {"name": "a"}).status, make("b", token), make("c", "s3cret")) == (401, 403, 201)
    assert [row["name"] for row in server.get(f"{API}/topics").json["topics"]].count("c") == 1
    audit = "SELECT who, status FROM audit WHERE path LIKE '%topics' ORDER BY status"
    eventually(lambda: [tuple(row.values()) for row in kbeat("store", "query", audit).rows] == [
        ("api-token", 201), ("anonymous", 401), ("w@example.com", 403)])


def test_a_deep_look_at_a_server_says_what_a_local_one_says(kbeat, listen):
    server = listen("serve")
    url = f"http://127.0.0.1:{server.port}"
    result = kbeat("health", "--deep", "--url", url)
    local = kbeat("health", "--deep")
    assert (result.code, local.code) == (0, 0), result.text
    assert [check["check"] for check in result.rows[0]["checks"]] == [check["check"] for check in local.rows[0]["checks"]]
    assert {"lag", "partitions", "dead_letters", "outbox", "disk", "alerts", "libraries"} <= set(result.rows[0])
    with open(kbeat.home / "config.toml", "w", encoding="utf-8") as config:
        config.write('[alerts]\ndisk = "critical=1"\n')
    strict = listen("serve", "--config", kbeat.home / "config.toml")
    url = f"http://127.0.0.1:{strict.port}"
    assert kbeat("health", "--deep", "--url", url).code == 1
    assert "checks" not in server.get("/api/v1/kafka/health?deep=0").json
    wrong = server.get("/api/v1/kafka/health?deep=x")
    assert (wrong.status, "deep=x" in wrong.json["detail"]) == (400, True)
    nagios = kbeat("health", "--nagios", "--url", url)
    assert nagios.code == 2 and nagios.text.startswith("KBEAT CRITICAL - disk: ") and " disk=" in nagios.text
    assert "critical" in kbeat("health", "--deep", "--url", url, "--output", "table").text


def test_what_needs_the_broker_is_told_at_once_that_it_is_away(kbeat, listen):
    """Requests that wait for it would hold up those that do not need it."""
    server = listen("serve", "-b", "127.0.0.1:1")
    begun = time.monotonic()
    for method, path, body in (("GET", "topics", None), ("GET", "consumers", None), ("GET", "dead-letter-queue", None),
                               ("GET", "dead-letter-queue/stats", None), ("POST", "topics", {"name": "t"}),
                               ("DELETE", "topics/t", None), ("POST", "dead-letter-queue/retry", {"all": True}),
                               ("POST", "consumers/t/reset-offset", {"group": "g", "to": "earliest"})):
        answer = server.ask(method, f"/api/v1/kafka/{path}", body, {"Content-Type": "application/json"})
        assert (answer.status, "Kafka does not answer" in answer.json["detail"]) == (503, True), path
        assert int(answer.headers["retry-after"]) > 0
    assert time.monotonic() - begun < 5, "not the ten seconds that a broker has"
    assert server.get("/api/v1/analytics/summary").status == 200
