"""A listener that asks for OAUTHBEARER tokens: from a token endpoint, from a helper program, and when there are none."""

import base64
import http.server
import json
import queue
import threading
import time
import urllib.parse

import pytest

from kafka_broker import KafkaBroker

SECRET = "s3cret+canary/1 9"


def unsigned(subject, life_s):
    """A JSON Web Token that nobody signed, as Kafka's built-in validator takes it."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    now = int(time.time())
    return f"{part({'alg': 'none'})}.{part({'sub': subject, 'iat': now, 'exp': now + life_s})}."


class Endpoint(http.server.BaseHTTPRequestHandler):
    """A token endpoint that knows one client; what it was asked for lies in `server.asked`."""

    def do_POST(self):
        body = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        kind, _, credentials = self.headers["Authorization"].partition(" ")
        client, _, secret = base64.b64decode(credentials).decode().partition(":")
        self.server.asked.put((kind, body))
        known = (urllib.parse.unquote(client), urllib.parse.unquote(secret)) == ("kbeat test", SECRET)
        answer = ({"access_token": unsigned("ann", self.server.life_s), "token_type": "Bearer",
                   "expires_in": self.server.life_s} if known else
                  {"error": "invalid_client", "error_description": "who are you"})
        text = json.dumps(answer).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.asked, server.life_s = queue.SimpleQueue(), 3600
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def guarded():
    """A broker with a listener that takes tokens, and a topic t."""
    broker = KafkaBroker(listeners={"OAUTH": "SASL_PLAINTEXT"}, settings={
        "listener.name.oauth.sasl.enabled.mechanisms": "OAUTHBEARER",
        "listener.name.oauth.oauthbearer.sasl.jaas.config":
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
            "unsecuredLoginStringClaim_sub=\"broker\";"})
    broker.start()
    broker.create_topic("t")
    yield broker
    broker.stop()


def by_endpoint(endpoint, secret=SECRET):
    return {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_OAUTH_CLIENT_ID": "kbeat test",
            "KAFKA_OAUTH_TOKEN_URL": f"http://127.0.0.1:{endpoint.server_address[1]}/token",
            "KAFKA_OAUTH_CLIENT_SECRET": secret, "KAFKA_OAUTH_SCOPE": "kafka read"}


def helper(tmp_path, text):
    program = tmp_path / "give token"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o700)
    return {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_OAUTH_HELPER": f"'{program}' now"}


def round_trip(kbeat, broker, env, text):
    where = ["-b", broker.bootstrap_of("OAUTH")]
    for flags in ([], ["--txn"]):
        result = kbeat("produce", "t", *flags, *where, env=env, stdin=f"{text}\n")
        assert (result.code, result.err) == (0, ""), result
    result = kbeat("consume", "t", "--print", "-e", "--tail", "2", *where, env=env)
    assert (result.code, result.text) == (0, f"{text}\n{text}\n"), result


def test_client_credentials_get_one_token_for_all_connections(kbeat, guarded, endpoint):
    round_trip(kbeat, guarded, by_endpoint(endpoint), "by endpoint")
    asked = [endpoint.asked.get_nowait() for _ in range(endpoint.asked.qsize())]
    assert asked == [("Basic", {"grant_type": ["client_credentials"], "scope": ["kafka read"]})] * 3  # one a process


def test_librdkafkas_names_in_a_property_file_mean_the_same(kbeat, guarded, endpoint, tmp_path):
    file = tmp_path / "client.properties"
    file.write_text("security.protocol=sasl_plaintext\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.method=oidc\n"
                    f"sasl.oauthbearer.client.id=kbeat test\nsasl.oauthbearer.client.secret={SECRET}\n"
                    f"sasl.oauthbearer.token.endpoint.url=http://127.0.0.1:{endpoint.server_address[1]}/\n")
    file.chmod(0o600)
    result = kbeat("topics", "list", "-b", guarded.bootstrap_of("OAUTH"), "-F", file)
    assert result.code == 0 and [row["topic"] for row in result.rows] == ["t"], result


def test_a_helper_program_gives_the_token(kbeat, guarded, tmp_path):
    round_trip(kbeat, guarded, helper(tmp_path, f"test \"$1\" = now && echo {unsigned('bea', 600)}"), "by helper")


def test_a_stream_outlives_its_token(kbeat, guarded, endpoint):
    endpoint.life_s = 6
    where = ["-b", guarded.bootstrap_of("OAUTH")]
    reading = kbeat.start("stream", "t", "-q", *where, env=by_endpoint(endpoint), stdout=-1)
    for _ in range(2):
        endpoint.asked.get(timeout=30)
    endpoint.life_s = 3600
    assert kbeat("produce", "t", *where, env=by_endpoint(endpoint), stdin="still here\n").code == 0
    assert reading.stdout.readline() == b"still here\n"
    reading.terminate()
    assert reading.wait(30) == 0


def test_who_gets_no_token_is_told_why_at_once(kbeat, guarded, endpoint, tmp_path):
    where = ["-b", guarded.bootstrap_of("OAUTH"), "--timeout", "4s"]
    cases = {"invalid_client: who are you": by_endpoint(endpoint, "wrong-canary"),
             "exited with 3: not signed in": helper(tmp_path, "echo not signed in >&2; exit 3")}
    for reason, env in cases.items():
        started = time.monotonic()
        result = kbeat("topics", "list", *where, env=env)
        assert (result.code, result.text, result.err.count("\n")) == (1, "", 1), result
        assert reason in result.err and "canary" not in result.err
        assert time.monotonic() - started < 4
    away = by_endpoint(endpoint) | {"KAFKA_OAUTH_TOKEN_URL": "http://127.0.0.1:1/token"}
    result = kbeat("topics", "list", *where, env=away)
    assert (result.code, result.err.count("\n")) == (1, 1) and "127.0.0.1:1" in result.err, result


def test_a_token_the_broker_refuses_is_a_refusal(kbeat, guarded, tmp_path):
    result = kbeat("topics", "list", "-b", guarded.bootstrap_of("OAUTH"), "--timeout", "4s",
                   env=helper(tmp_path, "echo no.such.token"))
    assert (result.code, result.text) == (1, "") and "invalid_token" in result.err, result


@pytest.mark.parametrize("env, complaint", [
    ({"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}, "KAFKA_OAUTH_TOKEN_URL"),
    ({"KAFKA_OAUTH_TOKEN_URL": "http://127.0.0.1:1/"}, "KAFKA_OAUTH_CLIENT_ID"),
    ({"KAFKA_OAUTH_TOKEN_URL": "http://127.0.0.1:1/", "KAFKA_OAUTH_HELPER": "x"}, "exclude each other"),
    ({"KAFKA_OAUTH_HELPER": "x", "KAFKA_SASL_MECHANISM": "PLAIN"}, "takes no token"),
    ({"KAFKA_OAUTH_HELPER": "x", "KAFKA_OAUTH_EXTENSIONS": "x"}, "NAME=VALUE"),
])
def test_settings_that_do_not_fit_together_exit_2(kbeat, env, complaint):
    result = kbeat("topics", "list", "-b", "127.0.0.1:1", env=env)
    assert (result.code, result.text) == (2, "") and complaint in result.err, result


def test_secrets_of_tokens_are_seen_nowhere(kbeat, guarded, endpoint):
    for secret in (SECRET, "wrong-canary"):
        for words in (["topics", "list"], ["-X", "dump"], ["config", "show"]):
            result = kbeat(*words, "-b", guarded.bootstrap_of("OAUTH"), "-vv", "-X", "debug=all", "--timeout", "3s",
                           env=by_endpoint(endpoint, secret))
            assert "canary" not in result.text + result.err, words
    result = kbeat("topics", "list", "-X", "sasl.oauthbearer.client.secret=x", "-b", "127.0.0.1:1")
    assert result.code == 2 and "command line" in result.err
