"""Clients of other ecosystems: Node's ws, written the way the tracking service's pages are."""

import json
import os
import signal
import subprocess

from live_server import eventually

CLIENT = """
const WebSocket = require('ws');
const ws = new WebSocket(process.argv[1]);
const say = (what, value) => console.log(JSON.stringify({[what]: value}));
ws.onopen = () => say('open', ws.protocol);
ws.onmessage = event => say('message', JSON.parse(event.data));
ws.onerror = event => say('error', event.message);
ws.onclose = event => say('close', [event.code, event.wasClean]);
ws.on('ping', () => say('ping', true));
"""


def node(url, *more):
    """Debian's packages lie where its own Node looks for them; others are told."""
    return subprocess.Popen(["node", "-e", CLIENT, url, *more], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "NODE_PATH": "/usr/share/nodejs"})


def position(device, speed):
    return json.dumps({"data": {"DEVICE_ID": device, "SPEED": speed, "LATITUD": "+20.652472"}, "uuid": f"{device}-{speed}"})


def test_node_gets_the_positions_of_its_devices_pings_and_a_clean_goodbye(kbeat, listen):
    kbeat("topics", "create", "tracking.data")
    server = listen("stream", "tracking.data", "--keepalive", "300ms")
    eventually(lambda: server.get("/readyz").status == 200, "reading")
    client = node(f"ws://127.0.0.1:{server.port}/api/v1/stream?device_ids=0848086072,0848086073")
    try:
        assert json.loads(client.stdout.readline()) == {"open": ""}
        eventually(lambda: server.metric("kbeat_stream_clients") == 1, "one client")
        values = [position("0848086072", 1), position("1", 2), position("0848086073", 3), "no json", position("0848086072", 4)]
        assert kbeat("produce", "tracking.data", "-k", "k", stdin="".join(f"{value}\n" for value in values)).code == 0
        said = []
        while [line for line in said if "ping" in line] == [] or len([line for line in said if "message" in line]) < 3:
            said.append(json.loads(client.stdout.readline()))
        assert [line["message"]["data"]["SPEED"] for line in said if "message" in line] == [1, 3, 4]
        server.process.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in client.stdout]
        assert [line for line in rest if "ping" not in line] == [{"close": [1001, True]}]
        assert client.wait(10) == 0
    finally:
        client.kill()
        client.wait()


def test_node_is_refused_with_the_status_that_says_why(kbeat, listen):
    kbeat("topics", "create", "tracking.data")
    server = listen("stream", "tracking.data")
    for query, expected in (("?topics=other", "403"), ("?where=data.SPEED%20%3E", None)):
        client = node(f"ws://127.0.0.1:{server.port}/api/v1/stream{query}")
        said = [json.loads(line) for line in client.communicate(timeout=20)[0].splitlines()]
        closed = next(line["close"] for line in said if "close" in line)
        if expected:
            assert expected in next(line["error"] for line in said if "error" in line) and closed[0] == 1006
        else:
            assert closed == [1008, True], "the handshake is accepted, so that a script sees the reason"
