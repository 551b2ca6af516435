"""Faults on purpose: their scale, their chance, and the places they happen in."""

import os
import random
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from place import Place  # noqa: E402
from workload import Workload  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, help="how often the fault is made, for a run by hand of one kind of fault")


@pytest.fixture
def rounds(pytestconfig):
    """rounds(short, long): how often a fault is made, in the normal test run and in the run by hand."""
    by_hand = os.environ.get("KBEAT_FAULTS") == "full"
    chosen = pytestconfig.getoption("--rounds", None)
    return lambda short, long: (long if chosen is None else chosen) if by_hand else short


@pytest.fixture
def chance(request):
    """Random numbers of a seed that a failure prints and KBEAT_SEED repeats."""
    seed = int(os.environ.get("KBEAT_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"KBEAT_SEED={seed}")
    return random.Random(seed)


def a_place(*parts):
    place = Place(*parts)
    yield place
    place.clear()


@pytest.fixture
def embedded(program, tmp_path):
    yield from a_place(program, tmp_path)


@pytest.fixture
def kafka(program, tmp_path, broker):
    yield from a_place(program, tmp_path, broker)


@pytest.fixture
def fragile(program, tmp_path, own_broker):
    """A place whose broker may be killed and frozen: `place.broker`."""
    yield from a_place(program, tmp_path, own_broker)


@pytest.fixture
def workload(chance):
    """workload(place, events): a topic with that many records, some of them poison or repeated."""
    return lambda place, events, **options: Workload(place, events, chance, **options)
