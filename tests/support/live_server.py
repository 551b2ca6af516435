"""A kbeat that listens, as a test sees it."""

import http.client
import json
import re
import signal
import socket
import subprocess
import time

LIMIT_S = 20.0


def eventually(check, what="it", limit=LIMIT_S):
    """Returns the first true value of `check()`; fails when there is none in time."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {limit} s")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class LiveServer:
    def __init__(self, kbeat, arguments, env=None, address="127.0.0.1:0"):
        self.log = kbeat.home / f"server-{id(self)}.log"
        with open(self.log, "wb") as log:
            self.process = kbeat.start(*arguments, "--listen", address, env=env, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=log)
        found = eventually(self._address, "listening")
        self.scheme, self.host, self.port = found[1], found[2], int(found[3])

    def _address(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.err}"
        return re.search(r"listening on (https?)://([\w.]+|\[[^]]+\]):(\d+)", self.err)

    @property
    def err(self):
        return self.log.read_text()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=LIMIT_S)
        try:
            data = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def raw(self, data, limit=LIMIT_S):
        """What the server says to these bytes until it closes."""
        with socket.create_connection((self.host, self.port), timeout=limit) as client:
            client.sendall(data)
            said = b""
            while piece := client.recv(65536):
                said += piece
            return said

    def socket(self):
        return socket.create_connection((self.host, self.port), timeout=LIMIT_S)

    @property
    def stream_url(self):
        return f"ws://{self.host}:{self.port}/api/v1/stream"

    def metric(self, name):
        text = self.get("/metrics").body.decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
