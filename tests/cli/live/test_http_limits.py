"""What a server takes, what it refuses, and how it ends."""

import signal
import socket
import subprocess
import time

import pytest

from certificates import make_certificate
from live_server import eventually


@pytest.fixture
def server(kbeat, listen):
    kbeat("topics", "create", "t")
    return listen("stream", "t")


def test_probes_answer(server):
    assert (server.get("/livez").status, server.get("/readyz").status, server.get("/healthz").status) == (200,) * 3
    head = server.ask("HEAD", "/livez")
    assert (head.status, head.body, int(head.headers["content-length"])) == (200, b"", 19)


def test_promtool_accepts_the_metrics(server):
    text = server.get("/metrics")
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
    assert b"\nkafka_producer_messages_sent_total 0\n" in text.body


def test_errors_are_problems(server):
    missing = server.get("/nope")
    assert (missing.status, missing.headers["content-type"]) == (404, "application/problem+json")
    assert missing.json["status"] == 404
    wrong = server.ask("DELETE", "/livez")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET")


def test_requests_in_one_packet_are_answered_in_order(server):
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    said = server.raw(one * 200 + last)
    assert said.count(b"HTTP/1.1 200 OK\r\n") == 200
    assert said.rfind(b"HTTP/1.1 404") > said.rfind(b"HTTP/1.1 200")


@pytest.mark.parametrize("request_, status", [
    (b"nonsense\r\n\r\n", 400),
    (b"GET / HTTP/1.1\nHost: x\n\n", 400),
    (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", 431),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000 + b"\r\n", 431),
    (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
    (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
])
def test_what_is_malformed_or_too_large_ends_the_connection(server, request_, status):
    assert server.raw(request_).startswith(b"HTTP/1.1 %d " % status)
    assert server.get("/livez").status == 200


@pytest.mark.parametrize("length, status", [
    (b"Transfer-Encoding: xchunked", 501), (b"Transfer-Encoding: identity", 501),
    (b"Transfer-Encoding: gzip, chunked", 501), (b"Content-Length: 0\r\nContent-Length: 0", 400),
])
def test_a_body_of_unclear_length_is_no_second_request(server, length, status):
    inner = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    said = server.raw(b"POST /nope HTTP/1.1\r\nHost: localhost\r\n" + length + b"\r\n\r\n" + inner)
    assert said.startswith(b"HTTP/1.1 %d " % status) and said.count(b"HTTP/1.1 ") == 1


def test_a_client_that_sends_too_slowly_is_ended_and_the_others_are_not(kbeat, listen):
    server = listen("stream", "t", "--request-timeout", "500ms")
    begun = time.monotonic()
    with server.socket() as slow:
        slow.sendall(b"GET /livez HTTP/1.1\r\nHost: loc")
        assert server.get("/livez").status == 200
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    assert 0.4 < time.monotonic() - begun < 5


def test_a_body_that_comes_too_slowly_is_ended_too(kbeat, listen):
    server = listen("serve", "--request-timeout", "300ms", "--body-timeout", "500ms")
    with server.socket() as slow:
        slow.sendall(b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")


def test_what_the_header_decides_is_said_before_the_body_comes(kbeat, listen):
    """Without a token, with too much announced, or for no path: nobody sends megabytes first."""
    server = listen("serve", env={"KBEAT_API_TOKEN": "s3cret"})
    head = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}Expect: 100-continue\r\n\r\n"
    token = "Authorization: Bearer s3cret\r\n"
    for path, length, more, status in (("/api/events", 10, "", 401), ("/api/events", 10, "Authorization: Bearer no\r\n", 401),
                                       ("/api/events", 99_999_999, token, 413), ("/nope", 10, token, 404)):
        with server.socket() as client:
            client.sendall(head.format(path, length, more).encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 %d " % status)
    with server.socket() as client:
        client.sendall(head.format("/api/events", 2, token).encode())
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_other_protocols_on_the_port_are_closed(server):
    assert server.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 505 ")
    assert server.raw(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"x" * 500 + b"\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_an_address_has_so_many_connections_and_so_many_writes_a_second(kbeat, listen):
    server = listen("serve", "--max-per-address", "5")
    held = [server.socket() for _ in range(4)]
    assert server.get("/livez").status == 200

    def served(client):
        """Nothing for one that is turned away, which may be by a reset: what it sent is not read any more."""
        try:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return client if client.recv(4096).startswith(b"HTTP/1.1 200") else client.close()
        except ConnectionError:
            return client.close()

    held.append(eventually(lambda: served(server.socket()), "the place that was given back"))
    assert all(served(client) for client in held)
    with server.socket() as more:
        assert more.recv(10) == b""
    for client in held:
        client.close()
    limited = listen("serve", "--max-rate", "0.5")
    event = '{"event_id":"e","event_type":"T","session_id":"s"}'
    answers = [limited.ask("POST", "/api/events", event, {"Content-Type": "application/json"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert int(answers[1].headers["retry-after"]) == 2
    assert limited.get("/livez").status == 200


def test_a_page_of_another_origin_and_a_foreign_name_are_refused(server):
    assert server.get("/livez", Host="evil.example").status == 421
    assert server.get("/livez", Origin="https://evil.example").status == 403
    assert server.get("/livez", Origin=f"http://127.0.0.1:{server.port}").status == 200


def test_an_origin_that_is_allowed_may_read(kbeat, listen):
    server = listen("stream", "t", "--allow-origin", "https://app.example", "--allow-host", "box.example")
    answer = server.get("/livez", Origin="https://app.example", Host="box.example:80")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")
    asked = server.ask("OPTIONS", "/livez", headers={"Origin": "https://app.example"})
    assert (asked.status, asked.headers["access-control-allow-methods"]) == (204, "OPTIONS, GET")


def test_sigterm_ends_it_well_while_clients_idle(server):
    idle = [server.socket() for _ in range(20)]
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 3
    assert all(has_ended(client) for client in idle)


def has_ended(client):
    """Closed by the server, or reset because it had not been accepted yet."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_port_that_is_taken_is_said(kbeat, server):
    result = kbeat("stream", "t", "--listen", f"127.0.0.1:{server.port}")
    assert (result.code, "in use" in result.err) == (1, True)


@pytest.mark.parametrize("arguments, complaint", [
    (["--listen", "8000x"], "HOST:PORT"),
    (["--listen", "127.0.0.1:99999"], "HOST:PORT"),
    (["--listen", "0.0.0.0:0"], "--insecure"),
    (["--listen", ":0", "--tls-cert", "x"], "go together"),
    (["--listen", ":0", "--tls-cert", "x", "--tls-key", "y"], "certificate x"),
    (["--listen", ":0", "-J"], "do not go with it"),
    (["--listen", ":0", "--json-values"], "do not go with it"),
    (["--listen", ":0", "-K", ":"], "do not go with it"),
    (["--listen", ":0", "-Z"], "do not go with it"),
    (["--listen", ":0", "--decode"], "do not go with it"),
    (["--listen", ":0", "--on-gap", "skip"], "do not go with it"),
    (["--listen", ":0", "--connect-attempts", "2"], "do not go with it"),
    (["--slow", "close"], "--slow requires --listen"),
    (["--tls-cert", "x", "--tls-key", "y"], "requires --listen"),
    (["--max-rate", "5"], "--max-rate requires --listen"),
    (["--listen", ":0", "-o", "5"], "beginning or end"),
    (["--listen", ":0", "--slow", "wait"], "--slow"),
    (["--listen", ":0", "--keepalive", "1ms"], "--keepalive"),
])
def test_wrong_flags_exit_2(kbeat, arguments, complaint):
    result = kbeat("stream", "t", *arguments)
    assert (result.code, complaint in result.err) == (2, True), result.err


def test_an_address_that_others_reach_needs_tls_and_a_token(kbeat, listen, tmp_path):
    make_certificate(tmp_path, "first")
    files = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]
    server = listen("stream", "t", *files, address="0.0.0.0:0", env={"KBEAT_API_TOKEN": "secret"})

    def curl(path, *options):
        done = subprocess.run(["curl", "-s", "--cacert", tmp_path / "cert.pem", "-o", "/dev/null", "-w",
                               "%{http_code} %{http_version}", *options, f"https://localhost:{server.port}{path}"],
                              capture_output=True, text=True, timeout=20)
        return done.stdout

    assert curl("/livez") == "200 1.1"
    assert curl("/api/v1/stream") == "401 1.1"
    assert curl("/api/v1/stream", "-H", "Authorization: Bearer secret") == "426 1.1"
    assert curl("/livez", "--tls-max", "1.1") == "000 0"
    make_certificate(tmp_path, "other")
    assert curl("/livez") == "000 0", "the file is another, the server's certificate is not"
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: curl("/livez") == "200 1.1", "the new certificate")
    (tmp_path / "key.pem").write_text("no key")
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the former certificate stays" in server.err)
    assert curl("/livez") == "200 1.1"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain:
        plain.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")
