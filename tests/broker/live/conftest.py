"""Servers of kbeat beside a real broker."""

import pytest

from kbeat_runner import Kbeat
from live_server import LiveServer


@pytest.fixture
def kbeat(program, tmp_path):
    return Kbeat(program, tmp_path)


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
