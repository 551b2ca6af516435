"""kbeat against a broker that tests share."""

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
    return f"pipes-{os.getpid()}-{next(_numbers)}"
