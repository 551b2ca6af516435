"""kbeat and the names of topics for tests of dead letters on a real broker."""

import itertools
import os

import pytest

from kbeat_runner import Kbeat

_numbers = itertools.count()


@pytest.fixture
def kbeat(program, tmp_path):
    return Kbeat(program, tmp_path)


@pytest.fixture
def topic():
    """A name that no other test uses."""
    return f"dlq-{os.getpid()}-{next(_numbers)}"
