"""A burst on the live stream: whoever reads gets all of it; whoever does not loses only what it has to."""

import re
import socket
import threading

import pytest

from live_server import eventually

HANDSHAKE = (b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
BURST = 20_000


def numbers(said):
    return [int(number) for number in re.findall(rb'\{"i":(\d+)', said)]


def read_all(client, last):
    """What a client hears up to the record with the number `last`, or until it is closed."""
    client.settimeout(20)
    said = bytearray()
    while b'{"i":%d' % last not in said[-300_000:]:
        piece = client.recv(1 << 20)
        if not piece:
            break
        said += piece
    return bytes(said)


@pytest.fixture
def serve(kbeat, listen):
    kbeat("topics", "create", "trk")

    def start(*options):
        server = listen("stream", "trk", *options)
        eventually(lambda: server.get("/readyz").status == 200, "reading")
        return server

    return start


def connect(server, buffer=None):
    client = socket.socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.connect((server.host, server.port))
    before = server.metric("kbeat_stream_clients")
    client.sendall(HANDSHAKE)
    eventually(lambda: server.metric("kbeat_stream_clients") == before + 1)
    return client


def produce(kbeat, count, filler=""):
    lines = "".join(f'{{"i":{number}{filler}}}\n' for number in range(count))
    assert kbeat("produce", "trk", "-q", stdin=lines).code == 0


@pytest.mark.parametrize("slow", ["drop", "close"])
@pytest.mark.parametrize("queue", ["1000", "50"])
def test_a_client_that_reads_gets_a_whole_burst_however_short_its_queue(kbeat, serve, slow, queue):
    server = serve("--slow", slow, "--queue", queue)
    with connect(server) as client:
        heard = []
        reading = threading.Thread(target=lambda: heard.append(read_all(client, BURST - 1)))
        reading.start()
        produce(kbeat, BURST)
        reading.join()
    assert numbers(heard[0]) == list(range(BURST)), heard[0][-200:]
    eventually(lambda: server.metric("kbeat_stream_delivered_total") == BURST)
    assert server.metric("kbeat_stream_dropped_total") == server.metric("kbeat_stream_closed_slow_total") == 0


def test_a_client_that_does_not_read_large_records_stays_and_gets_the_newest(kbeat, serve):
    server = serve("--slow", "drop")
    with connect(server, buffer=4096) as client:
        produce(kbeat, 400, filler=',"x":"' + "x" * 100_000 + '"')
        eventually(lambda: server.metric("kbeat_stream_dropped_total") > 200)
        got = numbers(read_all(client, 399))
    assert got == sorted(set(got)) and got[-1] == 399
    assert server.metric("kbeat_stream_closed_slow_total") == 0


def test_each_record_of_a_client_is_delivered_or_dropped(kbeat, serve):
    server = serve("--queue", "100")
    with connect(server, buffer=4096) as client:
        produce(kbeat, 10_000, filler=',"x":"' + "x" * 1000 + '"')
        eventually(lambda: server.metric("kbeat_stream_dropped_total") > 0)
        got = numbers(read_all(client, 9_999))
        eventually(lambda: server.metric("kbeat_stream_delivered_total") == len(got))
    assert server.metric("kbeat_stream_dropped_total") == 10_000 - len(got)
