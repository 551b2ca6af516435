"""Events over HTTP without a broker: validated, durable, once each."""

import collections
import concurrent.futures
import json
import subprocess

import pytest

from live_server import eventually

JSON = {"Content-Type": "application/json"}


def quiz(number, **more):
    return {"event_id": f"e-{number}", "event_type": "QUESTION_PUBLISHED", "timestamp": "2026-01-31T09:00:00.000Z",
            "session_id": "900e8400", "quiz_id": "q", "classroom_id": "c", "question_id": "n", "timer_sec": 60, **more}


@pytest.fixture
def server(listen):
    return listen("serve")


def stored(kbeat, columns="event_id"):
    rows = kbeat("store", "query", f"SELECT {columns} FROM quiz_events ORDER BY id").rows
    return [tuple(row.values()) for row in rows]


def test_an_event_is_in_the_store_when_it_is_acknowledged(kbeat, server):
    answer = server.ask("POST", "/api/events", quiz(1), JSON)
    assert (answer.status, answer.json) == (200, {"status": "accepted", "event_id": "e-1", "mode": "direct"})
    assert stored(kbeat, "event_id, session_id, timer_sec") == [("e-1", "900e8400", 60.0)]
    assert kbeat("store", "query", "SELECT count(*) AS n FROM outbox").rows == [{"n": 0}]


def test_a_repetition_is_no_second_event_and_another_content_no_repetition(kbeat, server):
    assert server.ask("POST", "/api/events", quiz(1), JSON).status == 200
    again = server.ask("POST", "/api/events", quiz(1), JSON)
    assert (again.status, again.json) == (
        200, {"status": "duplicate", "duplicate": True, "event_id": "e-1", "mode": "direct"})
    assert server.ask("POST", "/api/events", quiz(1, timer_sec=5), JSON).status == 409
    another = server.ask("POST", "/api/events", quiz(1, event_type="QUESTION_CLOSED"), JSON)
    assert (another.status, "event_id e-1" in another.json["detail"]) == (409, True)
    assert stored(kbeat, "event_id, event_type, timer_sec") == [("e-1", "QUESTION_PUBLISHED", 60.0)]


def test_batches_come_as_an_array_or_as_lines_and_are_taken_whole(kbeat, server):
    array = server.ask("POST", "/api/events", [quiz(number) for number in range(300)], JSON)
    assert (array.status, array.json["accepted"], array.json["events"][7]["event_id"]) == (200, 300, "e-7")
    lines = "\r\n".join(json.dumps(quiz(number)) for number in range(200, 400))
    more = server.ask("POST", "/api/events", lines, {"Content-Type": "application/x-ndjson"})
    assert (more.json["accepted"], more.json["duplicates"]) == (100, 100)
    bad = server.ask("POST", "/api/events", [quiz(900), {"event_id": "x"}, quiz(901)], JSON)
    assert (bad.status, [error["index"] for error in bad.json["errors"]]) == (422, [1])
    assert len(stored(kbeat)) == 400
    partly = server.ask("POST", "/api/events", [quiz(900), {"event_id": "x"}, quiz(7, timer_sec=1), quiz(8)],
                        {**JSON, "Prefer": "handling=lenient"})
    assert (partly.status, partly.json["accepted"], partly.json["duplicates"], partly.json["failed"]) == (207, 1, 1, 2)
    assert [entry["status"] for entry in partly.json["events"]] == ["accepted", "invalid", "conflict", "duplicate"]


def test_elements_that_are_no_objects_are_faults_of_their_own(kbeat, server):
    lines = {"Content-Type": "application/x-ndjson"}
    for body, kind in (([quiz(1), 5, [quiz(2)], None, "x"], JSON), (json.dumps(quiz(1)) + "\n5\n[1]\nnull\n\"x\"\n", lines)):
        answer = server.ask("POST", "/api/events", body, kind)
        assert (answer.status, [error["index"] for error in answer.json["errors"]]) == (422, [1, 2, 3, 4])
    partly = server.ask("POST", "/api/events", [quiz(1), 5, quiz(2)], {**JSON, "Prefer": "handling=lenient"})
    assert (partly.status, [entry["status"] for entry in partly.json["events"]]) == (
        207, ["accepted", "invalid", "accepted"])


def test_names_of_media_types_have_no_case_and_bodies_no_coding(kbeat, server):
    kind = {"Content-Type": "Application/JSON ; charset=UTF-8"}
    assert server.ask("POST", "/api/events", quiz(1), kind).status == 200
    refused = server.ask("POST", "/api/events", quiz(2), {**JSON, "Content-Encoding": "gzip"})
    assert (refused.status, "Content-Encoding" in refused.json["detail"]) == (415, True)
    assert server.ask("POST", "/api/events", quiz(3), {**JSON, "Content-Encoding": "identity"}).status == 200
    assert stored(kbeat) == [("e-1",), ("e-3",)]


@pytest.mark.parametrize("mode", ["direct", "kafka"])
def test_a_batch_with_a_conflict_is_not_taken_at_all(kbeat, listen, mode):
    server = listen("serve", *(("-b", "127.0.0.1:1", "--no-schedules") if mode == "kafka" else ()))
    assert server.ask("POST", "/api/events", quiz(1), JSON).status == 200
    for wrong in ([quiz(2), quiz(1, timer_sec=5), quiz(3)], [quiz(2), quiz(4), quiz(4, timer_sec=5)]):
        index = wrong.index(next(event for event in wrong if event["timer_sec"] == 5))
        for _ in range(2):
            answer = server.ask("POST", "/api/events", wrong, {**JSON, "Idempotency-Key": f"k-{index}"})
            assert (answer.status, [error["index"] for error in answer.json["errors"]]) == (409, [index])
            assert "another content" in answer.json["errors"][0]["detail"]
    assert stored(kbeat) == [("e-1",)]
    assert kbeat("store", "query", "SELECT count(*) AS n FROM outbox").rows == [{"n": int(mode == "kafka")}]
    assert server.ask("POST", "/api/events", [quiz(2), quiz(1), quiz(3)], JSON).json["accepted"] == 2
    assert stored(kbeat) == [("e-1",), ("e-2",), ("e-3",)]


def test_a_request_with_a_key_is_taken_once_whatever_becomes_of_its_answer(kbeat, server):
    def post(path, body, key="abc"):
        return server.ask("POST", path, body, {**JSON, "Idempotency-Key": key})

    assert post("/api/events", quiz(1)).json["status"] == "accepted"
    assert post("/api/events", quiz(1), '"abc"').json["duplicate"] is True
    assert post("/api/events", quiz(2)).status == 409, "same key, other body"
    assert post("/api/events", [quiz(3)]).status == 409
    assert stored(kbeat) == [("e-1",)]
    nameless = {name: value for name, value in quiz(4).items() if name != "event_id"}
    first, again = (post("/api/events", nameless, 'k"9') for _ in range(2))
    assert [(answer.status, answer.json["event_id"]) for answer in (first, again)] == [(200, 'k"9')] * 2
    assert (again.json["duplicate"], stored(kbeat)) == (True, [("e-1",), ('k"9',)])
    assert post("/api/events", [nameless], "k2").status == 422, "one key is no id of several events"
    assert [post("/api/events", body, "k3").status for body in ("{}", "5", {**nameless, "event_id": None})] == [400] * 3
    generic = {"type": "X", "data": 1}
    first, again = (post("/api/v1/kafka/events/generic", generic, "k1") for _ in range(2))
    assert (first.status, first.json["event_id"]) == (202, "k1")
    assert (again.status, again.json["duplicate"], again.json["event_id"]) == (202, True, "k1")
    assert len(kbeat("stream", "generic_topic", "-o", "beginning", "-e").rows) == 1
    assert post("/api/events", quiz(9), "two words").status == 400
    assert post("/api/events", quiz(9), "x" * 256).status == 400


@pytest.mark.parametrize("body, kind, status", [
    ("", "application/json", 400), ("{", "application/json", 400), ("5", "application/json", 400),
    ("{}", "application/json", 400), ("[]", "application/json", 400), ("\xff{}", "application/json", 400),
    ("{}", "text/plain", 415), (json.dumps(quiz(1, event_id="")), "application/json", 400),
    (json.dumps(quiz(1, timestamp="yesterday")), "application/json", 400),
    (json.dumps(quiz(1, timer_sec="soon")), "application/json", 400),
    (json.dumps(quiz(1, event_id=True)), "application/json", 400),
    (json.dumps(quiz(1, event_id=1.5)), "application/json", 400),
    (json.dumps(quiz(1, event_type=5)), "application/json", 400),
    (json.dumps(quiz(1, x="y" * (2 << 20))), "application/json", 413),
    ("[" * 65 + "]" * 65, "application/json", 400),
    (json.dumps([quiz(n) for n in range(1001)]), "application/json", 413),
])
def test_what_is_no_event_leaves_nothing_behind(kbeat, server, body, kind, status):
    answer = server.ask("POST", "/api/events", body.encode("latin-1"), {"Content-Type": kind})
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert stored(kbeat) == []


def test_many_writers_at_once_lose_nothing_over_a_kill(kbeat, listen):
    server = listen("serve")
    acknowledged = []

    def write(writer):
        for number in range(200):
            try:
                if server.ask("POST", "/api/events", quiz(f"{writer}-{number}"), JSON).status == 200:
                    acknowledged.append(f"e-{writer}-{number}")
            except OSError:
                return

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, number) for number in range(8)]
        eventually(lambda: len(acknowledged) > 150)
        server.process.kill()
        for writer in writers:
            writer.result()
    there = [row[0] for row in stored(kbeat)]
    assert len(there) == len(set(there))
    assert set(acknowledged) <= set(there)


def test_standard_events_go_to_their_topics(kbeat, server):
    kbeat("topics", "create", "own.topic")

    def post(kind, body):
        answer = server.ask("POST", f"/api/v1/kafka/events/{kind}", body, JSON)
        assert (answer.status, answer.json["mode"]) == (202, "embedded"), answer.body
        return answer.json["event_id"]

    started = post("conversation", {"conversation_id": "conv_1", "user_id": "u", "action": "started",
                                    "metadata": {"conversation_type": "support"}})
    post("conversation", {"conversation_id": "conv_1", "user_id": "u", "action": "message", "message_content": "hi"})
    post("ai-response", {"model_name": "m", "response_data": {"tokens_used": 150}, "user_id": "u"})
    post("business-analytics", {"metric_name": "dau", "metric_value": 1250, "business_id": "biz"})
    post("generic", {"type": "X", "data": [1.10], "topic": "own.topic", "key": "k"})
    first, second = kbeat("stream", "conversation.events", "-o", "beginning", "-e", "-J", "--json-values").rows
    assert first["payload"]["type"] == "conversation.started" and first["key"] == started == first["payload"]["id"]
    assert first["payload"]["metadata"] == {"conversation_type": "support"}
    assert first["partition"] == second["partition"], "order per conversation"
    assert kbeat("stream", "own.topic", "-o", "beginning", "-e", "-f", "%k %s\\n").text.startswith("k {")
    done = kbeat("consume", "conversation.events", "ai.responses", "business.analytics", "-e")
    assert sorted(row["type"] for row in done.rows) == [
        "ai.response.generated", "business.analytics.update", "conversation.message", "conversation.started"]
    assert {row["outcome"] for row in done.rows} == {"done"}


def test_an_event_makes_no_topic_of_its_sender_s_choice(kbeat, server):
    def publish():
        return server.ask("POST", "/api/v1/kafka/events/generic", {"type": "X", "data": 1, "topic": "typo.events"}, JSON)

    refused = publish()
    assert (refused.status, "typo.events" in refused.json["detail"]) == (404, True)
    assert "typo.events" not in [row["topic"] for row in kbeat("topics", "list").rows]
    kbeat("topics", "create", "typo.events")
    assert publish().status == 202
    kbeat("topics", "delete", "typo.events", "--yes")
    assert publish().status == 404


def test_while_kafka_is_away_only_events_that_can_be_sent_some_day_are_taken(kbeat, listen):
    server = listen("serve", "-b", "127.0.0.1:1", "--no-schedules")

    def publish(topic):
        return server.ask("POST", "/api/v1/kafka/events/generic", {"type": "X", "data": 1, "topic": topic}, JSON)

    refused = publish("typo.events")
    assert (refused.status, "the broker is away" in refused.json["detail"]) == (503, True)
    assert int(refused.headers["retry-after"]) > 0
    taken = publish("generic_topic")
    assert (taken.status, taken.json["mode"]) == (202, "outbox")
    assert kbeat("store", "query", "SELECT topic FROM outbox").rows == [{"topic": "generic_topic"}]


@pytest.mark.parametrize("kind, body, complaint", [
    ("conversation", {"user_id": "u", "action": "started"}, "conversation_id"),
    ("conversation", {"conversation_id": "c", "user_id": "u", "action": "go"}, "action"),
    ("conversation", {"conversation_id": "c", "user_id": "u", "action": "message"}, "message_content"),
    ("ai-response", {"response_data": {}}, "model_name"), ("business-analytics", {"metric_name": "m"}, "metric_value"),
    ("generic", {"type": "x"}, "data"), ("generic", {"type": "x", "data": 1, "topic": "a/b"}, "a.b"),
    ("generic", {"type": "x", "data": 1, "topic": "dead.letter.queue"}, "kbeat dlq"),
    ("generic", {"type": "x", "data": 1, "topic": "analytics-dlq-state"}, "kbeat dlq"),
])
def test_a_standard_event_that_lacks_something_is_told_what(server, kind, body, complaint):
    answer = server.ask("POST", f"/api/v1/kafka/events/{kind}", body, JSON)
    assert (answer.status, complaint in answer.json["detail"]) == (400, True)


def test_a_user_logs_in_and_writes_and_is_gone_when_removed(kbeat, server):
    assert server.ask("POST", "/api/events", quiz(0), JSON).status == 200
    assert "anybody on this machine may write" in server.err
    assert kbeat("users", "add", "w@example.com", "--role", "ingest", stdin="test123\n").code == 0
    assert kbeat("users", "add", "r@example.com", "--role", "read", stdin="test123\n").code == 0
    eventually(lambda: server.ask("POST", "/api/events", quiz(1), JSON).status == 401)

    def login(email, password="test123"):
        return server.ask("POST", "/api/auth/login", {"email": email, "password": password}, JSON)

    tokens = {name: login(f"{name}@example.com").json["token"] for name in "wr"}
    assert len(set(tokens.values())) == 2

    def write(token, number):
        return server.ask("POST", "/api/events", quiz(number), {**JSON, "Authorization": f"Bearer {token}"}).status

    assert [write(tokens["w"], 1), write(tokens["r"], 2), write("wrong", 3)] == [200, 403, 401]
    assert kbeat("users", "remove", "w@example.com").code == 0
    eventually(lambda: write(tokens["w"], 4) == 401)
    assert [row["email"] for row in kbeat("users", "list").rows] == ["r@example.com"]
    database = (kbeat.data_dir / "store.db").read_bytes() + (kbeat.data_dir / "store.db-wal").read_bytes()
    assert tokens["r"].encode() not in database and b"test123" not in database
    assert b"$argon2id$" in database


def test_the_audit_says_who_logged_in(kbeat, server):
    kbeat("users", "add", "w@example.com", stdin="test123\n")
    for email, password in (("w@example.com", "test123"), ("w@example.com", "wrong-one"), ("hunter22", "w@example.com")):
        server.ask("POST", "/api/auth/login", {"email": email, "password": password}, JSON)
    rows = kbeat("store", "query", "SELECT who, status FROM audit ORDER BY id").rows
    assert [(row["who"], row["status"]) for row in rows] == [
        ("w@example.com", 200), ("w@example.com", 401), ("anonymous", 401)], "never what might be a password"


def test_guessing_passwords_is_slowed_down(kbeat, server):
    kbeat("users", "add", "w@example.com", stdin="test123\n")
    body = {"email": "w@example.com", "password": "wrong-one"}
    said = [server.ask("POST", "/api/auth/login", body, JSON) for _ in range(7)]
    assert [answer.status for answer in said] == [401] * 5 + [429] * 2
    assert int(said[-1].headers["retry-after"]) > 0
    rows = kbeat("store", "query", "SELECT status, count(*) AS n FROM audit GROUP BY status").rows
    assert rows == [{"status": 401, "n": 5}, {"status": 429, "n": 2}]


def test_guessing_passwords_at_once_gives_no_more_guesses(kbeat, server):
    kbeat("users", "add", "w@example.com", stdin="test123\n")
    body = {"email": "w@example.com", "password": "wrong-one"}
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        said = list(pool.map(lambda _: server.ask("POST", "/api/auth/login", body, JSON), range(30)))
    assert collections.Counter(answer.status for answer in said) == {401: 5, 429: 25}
    assert {int(answer.headers["retry-after"]) for answer in said if answer.status == 429} <= {1, 60}


def test_logging_in_takes_its_try_back(kbeat, server):
    kbeat("users", "add", "w@example.com", stdin="test123\n")
    right = {"email": "w@example.com", "password": "test123"}
    assert [server.ask("POST", "/api/auth/login", right, JSON).status for _ in range(7)] == [200] * 7
    wrong = {**right, "password": "wrong-one"}
    assert [server.ask("POST", "/api/auth/login", wrong, JSON).status for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize("arguments, stdin, code", [
    (["users", "add", "nobody"], "test123\n", 2), (["users", "add", "a@b"], "short\n", 2),
    (["users", "add", "a@b", "--role", "king"], "test123\n", 2), (["users", "remove", "a@b"], "", 3),
    (["users", "add", "a@b", "--password-file", "missing"], "", 1),
])
def test_wrong_users_are_refused(kbeat, arguments, stdin, code):
    result = kbeat(*arguments, stdin=stdin)
    assert (result.code, result.text, result.err.count("\n")) == (code, "", 1)


def test_the_api_token_is_an_admin(listen):
    server = listen("serve", env={"KBEAT_API_TOKEN": "s3cret"})
    assert server.ask("POST", "/api/events", quiz(1), JSON).status == 401
    assert server.ask("POST", "/api/events", quiz(1), {**JSON, "Authorization": "Bearer s3cret"}).status == 200
    commands = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True).stdout
    assert "s3cret" not in commands and "s3cret" not in server.err


def test_what_writers_send_leaves_its_trace(kbeat, listen):
    server = listen("serve", env={"KBEAT_API_TOKEN": "s3cret"})
    path = "/api/v1/kafka/events/generic"
    assert server.ask("POST", path, {"type": "X", "data": 1}, JSON).status == 401
    assert server.ask("POST", path, {"type": "X", "data": 1}, {**JSON, "Authorization": "Bearer s3cret"}).status == 202
    audit = "SELECT who, method, path, status FROM audit ORDER BY id"
    eventually(lambda: [tuple(row.values()) for row in kbeat("store", "query", audit).rows] == [
        ("anonymous", "POST", path, 401), ("api-token", "POST", path, 202)])


def test_a_store_that_is_locked_is_said_and_nothing_is_half_done(kbeat, server):
    """Another process in the middle of a write that does not end."""
    import fcntl
    assert server.ask("POST", "/api/events", quiz(0), JSON).status == 200
    with open(kbeat.data_dir / "store.db.lock", "rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = server.ask("POST", "/api/events", quiz(1), JSON)
        assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True), answer.body
        assert server.get("/livez").status == 200
    eventually(lambda: server.ask("POST", "/api/events", quiz(2), JSON).status == 200)
    assert stored(kbeat) == [("e-0",), ("e-2",)]


def test_logging_in_to_a_store_that_is_locked_is_for_later(kbeat, server):
    import fcntl
    assert kbeat("users", "add", "w@example.com", stdin="test123\n").code == 0
    with open(kbeat.data_dir / "store.db.lock", "rb+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = server.ask("POST", "/api/auth/login", {"email": "w@example.com", "password": "test123"}, JSON)
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True), answer.body


def test_a_request_s_trace_and_correlation_go_on_with_its_events(kbeat, server):
    kbeat("topics", "create", "traced", "-p", "1")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    head = {**JSON, "traceparent": f"00-{trace}-00f067aa0ba902b7-01", "tracestate": "vendor=1", "X-Correlation-ID": "order-7"}
    assert server.ask("POST", "/api/v1/kafka/events/generic", {"type": "X", "data": 1, "topic": "traced"}, head).status == 202
    plain = {**JSON, "traceparent": "00-0-0-01"}
    assert server.ask("POST", "/api/v1/kafka/events/generic", {"type": "X", "data": 2, "topic": "traced"}, plain).status == 202
    first, second = kbeat("stream", "traced", "-o", "beginning", "-e", "-J", "--json-values").rows
    headers = {header["key"]: header["value"] for header in first["headers"]}
    version, trace_id, span, flags = headers["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", trace, "01") and span != "00f067aa0ba902b7", "one step further"
    assert (headers["tracestate"], headers["correlation_id"]) == ("vendor=1", "order-7")
    assert first["payload"]["correlation_id"] == "order-7"
    assert "traceparent" not in {header["key"] for header in second["headers"]}


def test_a_full_outbox_says_503_and_takes_nothing_by_halves(kbeat, listen):
    """Kafka is configured and away: what is accepted is applied, and owed to it as well."""
    server = listen("serve", "-b", "127.0.0.1:1", "--outbox-max-bytes", "5000", "--no-schedules")
    answers = [server.ask("POST", "/api/events", quiz(number), JSON) for number in range(40)]
    statuses = [answer.status for answer in answers]
    accepted = statuses.index(503)
    assert statuses == [200] * accepted + [503] * (40 - accepted) and 5 < accepted < 40
    assert answers[-1].headers["retry-after"] and "--outbox-max-bytes 5000" in answers[-1].json["detail"]
    assert stored(kbeat) == [(f"e-{number}",) for number in range(accepted)]
    assert kbeat("store", "query", "SELECT count(*) AS n FROM outbox").rows == [{"n": accepted}]
    assert server.ask("POST", "/api/events", [quiz(100), quiz(101)], JSON).status == 503
    assert len(stored(kbeat)) == accepted
