"""`kbeat stream --listen`: filtered records to WebSocket and SSE clients of others' making."""

import asyncio
import json
import re
import socket
import subprocess
import time

import pytest
import websockets

from live_server import eventually


def point(device, speed=0, **more):
    return json.dumps({"data": {"DEVICE_ID": device, "SPEED": speed, **more}, "uuid": str(more)})


@pytest.fixture
def produce(kbeat):
    kbeat("topics", "create", "trk", "-p", "2")
    kbeat("topics", "create", "other")

    def send(*values, topic="trk", key=None):
        keyed = ["-k", key] if key else []
        assert kbeat("produce", topic, *keyed, stdin="".join(f"{value}\n" for value in values)).code == 0

    return send


@pytest.fixture
def server(produce, listen):
    server = listen("stream", "trk", "other")
    eventually(lambda: server.get("/readyz").status == 200, "reading")
    return server


def talk(server, query, act, count, limit=10):
    """Connects, does `act`, and returns the messages that come."""

    async def run():
        async with websockets.connect(server.stream_url + query) as client:
            await asyncio.to_thread(lambda: eventually(lambda: server.metric("kbeat_stream_clients") >= 1))
            acting = asyncio.create_task(asyncio.to_thread(act))
            got = [await asyncio.wait_for(client.recv(), limit) for _ in range(count)]
            await acting
            return got

    return asyncio.run(run())


def test_a_client_gets_the_raw_values_of_its_devices(server, produce):
    values = [point("0848086072", 1), point("5", 2), point("0848086073", 3), point("9", 4), point("0848086072", 5)]
    got = talk(server, "?device_ids=0848086072,0848086073", lambda: produce(*values, key="one"), 3)
    assert got == [values[0], values[2], values[4]]


def test_conditions_and_topics_narrow_what_comes(server, produce):
    def act():
        produce(point("1", 10), point("1", 90), "not json", point("2", 95), key="one")
        produce(point("1", 99), topic="other")
        produce(point("1", 91), key="one")

    got = talk(server, "?where=data.SPEED%20%3E%2080&topics=trk&device_ids=1", act, 2)
    assert [json.loads(value)["data"]["SPEED"] for value in got] == [90, 91]
    assert server.metric("kbeat_stream_malformed_total") == 1
    assert "is not JSON: skipped" in server.err


def test_an_envelope_says_where_the_record_lies(server, produce):
    got = json.loads(talk(server, "?envelope=1", lambda: produce(point("1"), key="k"), 1)[0])
    assert (got["topic"], got["key"], got["payload"]["data"]["DEVICE_ID"]) == ("trk", "k", "1")
    assert got["offset"] == 0


def events(server, path="", last=None, count=1, limit=10):
    """Server-sent events as curl gets them, up to `count`."""
    head = ["-H", f"Last-Event-ID: {last}"] if last else []
    curl = subprocess.Popen(["curl", "-sN", "--max-time", str(limit), "-H", "Accept: text/event-stream", *head,
                             f"http://127.0.0.1:{server.port}/api/v1/stream{path}"], stdout=subprocess.PIPE, text=True)
    found, event = [], {}
    try:
        for line in curl.stdout:
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif event:
                found.append(event)
                event = {}
            if len(found) == count:
                break
    finally:
        curl.kill()
        curl.wait()
    return found


def test_an_event_stream_goes_on_where_it_broke_off(server, produce):
    for number in range(40):
        produce(point("1", number), key=f"key-{number % 7}")
    first = events(server, "?from=earliest", count=15)
    rest = events(server, last=first[-1]["id"], count=25)
    speeds = [json.loads(event["data"])["data"]["SPEED"] for event in first + rest]
    assert sorted(speeds) == list(range(40)), "each record once, over both connections"


def test_from_a_place_and_from_a_time(server, produce):
    produce(*[point("1", number) for number in range(5)], topic="other")
    assert len(events(server, "?from=other/0/2&topics=other", count=3)) == 3
    assert len(events(server, "?from=-1h&topics=other", count=5)) == 5
    assert events(server, "?from=other/0/3", count=2)[0]["id"].startswith("other/0/3")


def test_a_client_that_resumes_under_load_misses_nothing(server, produce):
    """Records keep coming while the past is read: no gap and no double where both meet."""
    produce(*[point("1", number) for number in range(3000)], key="one")

    def more():
        for start in range(3000, 4000, 100):
            produce(*[point("1", number) for number in range(start, start + 100)], key="one")

    got = talk(server, "?from=earliest", more, 4000, limit=20)
    assert [json.loads(value)["data"]["SPEED"] for value in got] == list(range(4000))


def test_a_resume_point_that_is_gone_is_told(server, produce):
    produce(*[point("1", number) for number in range(5)], topic="other")
    got = json.loads(talk(server, "?from=other/0/5000", lambda: produce(point("1", 7), topic="other"), 2)[0])
    assert (got["type"], got["wanted"], got["next"]) == ("gap", 5000, 5)


def test_keepalive_is_a_ping_or_a_line(produce, listen):
    server = listen("stream", "trk", "--keepalive", "200ms")
    assert json.loads(talk(server, "?keepalive=text", lambda: None, 1)[0])["type"] == "keepalive"

    async def stays():
        async with websockets.connect(server.stream_url, ping_interval=None) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.recv(), 1.2)
            await client.ping()

    asyncio.run(stays())


def test_a_client_that_does_not_answer_pings_is_let_go(produce, listen):
    server = listen("stream", "trk", "--keepalive", "150ms")
    with server.socket() as deaf:
        deaf.sendall(handshake())
        assert b" 101 " in deaf.recv(4096)
        begun = time.monotonic()
        while deaf.recv(4096):
            pass
    assert time.monotonic() - begun < 3
    assert eventually(lambda: server.metric("kbeat_stream_clients") == 0)


def handshake(query=""):
    return (f"GET /api/v1/stream{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()


def flood(server, produce, slow):
    """A client that reads nothing while 12 MB are for it, more than sockets hold, beside one that reads; returns the
    slow one."""
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.settimeout(20)
    stuck.connect((server.host, server.port))
    stuck.sendall(handshake())
    eventually(lambda: server.metric("kbeat_stream_clients") == 1)
    filler = "x" * 4000

    def act():
        for start in range(0, 3000, 500):
            produce(*[point("1", number, filler=filler) for number in range(start, start + 500)], key="one")

    got = talk(server, "?device_ids=1", act, 3000, limit=20)
    assert [json.loads(value)["data"]["SPEED"] for value in got] == list(range(3000)), "the reader got all"
    return stuck


def test_a_slow_client_loses_its_oldest_records_and_nobody_else_does(produce, listen):
    server = listen("stream", "trk", "--queue", "600")
    with flood(server, produce, "drop"):
        assert eventually(lambda: server.metric("kbeat_stream_dropped_total") > 500)
        assert server.metric("kbeat_stream_clients") == 1


def test_a_slow_client_is_closed_with_1013_when_that_is_asked_for(produce, listen):
    server = listen("stream", "trk", "--slow", "close", "--queue", "600")
    with flood(server, produce, "close") as stuck:
        said = b""
        while piece := stuck.recv(65536):
            said += piece
    goodbye = re.search(rb"\x88.\x03\xf5too slow: \d+ not sent; from=([\w/,]+)$", said, re.DOTALL)
    assert goodbye, said[-200:]
    assert server.metric("kbeat_stream_closed_slow_total") == 1
    last = max(int(number) for number in re.findall(rb'"SPEED": (\d+)', said))
    rest = talk(server, f"?from={goodbye[1].decode()}", lambda: None, 2999 - last, limit=20)
    assert [json.loads(value)["data"]["SPEED"] for value in rest] == list(range(last + 1, 3000)), "no gap, no double"


def test_sigterm_says_1001_after_all_that_waits(server, produce):
    async def run():
        async with websockets.connect(server.stream_url) as client:
            await asyncio.to_thread(lambda: eventually(lambda: server.metric("kbeat_stream_clients") == 1))
            await asyncio.to_thread(lambda: produce(*[point("1", number) for number in range(200)], key="one"))
            await asyncio.to_thread(lambda: eventually(lambda: server.metric("kbeat_stream_delivered_total") == 200))
            ending = asyncio.create_task(asyncio.to_thread(server.stop))
            got = [message async for message in client]
            return len(got), client.close_code, await ending

    assert asyncio.run(run()) == (200, 1001, 0)


@pytest.mark.parametrize("query, complaint", [
    ("?where=data.SPEED%20%3E", 'where="data.SPEED >"'), ("?from=soon", "from=soon"), ("?envelope=2", "envelope=2"),
    ("?from=nope/0/0", "from=nope/0"), ("?from=trk/9/0", "from=trk/9")])
def test_a_wrong_parameter_is_a_problem_that_names_it(server, query, complaint):
    answer = server.ask("GET", f"/api/v1/stream{query}", headers={"Accept": "text/event-stream"})
    assert (answer.status, complaint in answer.json["detail"]) == (400, True)
    with server.socket() as client:
        client.sendall(handshake(query))
        said = b""
        while piece := client.recv(4096):
            said += piece
    assert b" 101 " in said and b"\x03\xf0" in said and complaint.encode() in said, "a browser's script sees 1008 and why"


@pytest.mark.parametrize("command, topic", [(["stream", "fresh"], "fresh"), (["serve"], "quiz-events")])
def test_the_embedded_log_makes_the_topic_that_is_served(kbeat, listen, command, topic):
    server = listen(*command)
    eventually(lambda: server.get("/readyz").status == 200, "reading")
    assert topic in [row["topic"] for row in kbeat("topics", "list").rows]
    assert "WARNING" not in server.err, server.err


def test_a_topic_that_is_not_served_is_forbidden(server):
    answer = server.ask("GET", "/api/v1/stream?topics=nope", headers={"Accept": "Text/Event-Stream"})
    assert (answer.status, "topics=nope" in answer.json["detail"]) == (403, True)


def test_no_upgrade_and_a_foreign_page_are_refused(server):
    assert server.get("/api/v1/stream").status == 426
    assert server.get("/api/v1/stream", Origin="https://evil.example", Accept="text/event-stream").status == 403


@pytest.mark.parametrize("frame, code", [
    (b"\x81\x02hi", 1002), (b"\xf1\x80\0\0\0\0", 1002), (b"\x83\x80\0\0\0\0", 1002),
    (b"\x81\x81\0\0\0\0\xff", 1007), (b"\x89\x80\0\0\0\0" * 1000, 1008), (b"\x01\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 2000, 1008), (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
])
def test_a_broken_frame_closes_with_its_code(server, frame, code):
    with server.socket() as client:
        client.sendall(handshake() + frame)
        said = b""
        while piece := client.recv(4096):
            said += piece
    goodbye = said[said.rindex(b"\x88"):]
    assert int.from_bytes(goodbye[2:4], "big") == code


def test_statsd_is_told_of_the_clients(produce, listen):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(10)
        server = listen("stream", "trk", env={"STATSD_HOST": f"127.0.0.1:{statsd.getsockname()[1]}",
                                              "STATSD_PREFIX": "siscom"})
        with server.socket() as client:
            client.sendall(handshake())
            eventually(lambda: b"siscom.kbeat_stream_clients:1|g" in statsd.recv(65536))
