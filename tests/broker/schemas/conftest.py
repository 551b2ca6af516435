"""kbeat, a broker's topics and one Apicurio for all tests of schemas."""

import itertools
import os

import pytest

from apicurio import Apicurio
from kbeat_runner import Kbeat

_numbers = itertools.count()


@pytest.fixture(scope="session")
def registry():
    with Apicurio() as running:
        yield running


@pytest.fixture
def kbeat(program, tmp_path):
    return Kbeat(program, tmp_path)


@pytest.fixture
def topic(broker):
    name = f"schemas-{os.getpid()}-{next(_numbers)}"
    broker.create_topic(name)
    return name
