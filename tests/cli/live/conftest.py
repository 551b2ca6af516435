"""Servers of kbeat on free ports, for tests that talk to them."""

import pytest

from live_server import LiveServer


@pytest.fixture
def listen(kbeat):
    """Starts `kbeat ARGUMENTS --listen 127.0.0.1:0`; every server is ended after the test."""
    servers = []

    def start(*arguments, **options):
        servers.append(LiveServer(kbeat, arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
