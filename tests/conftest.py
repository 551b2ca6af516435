"""What every pytest tier shares: the program under test and a real Kafka broker."""

import os
import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

from kafka_broker import KafkaBroker  # noqa: E402  (needs the path above)
from kafka_client import KafkaClient  # noqa: E402


@pytest.fixture(scope="session")
def program():
    """The program under test: KBEAT_PROGRAM, else the daily build."""
    path = pathlib.Path(os.environ.get("KBEAT_PROGRAM", REPOSITORY / "build" / "dev" / "kbeat"))
    assert path.is_file(), f"{path} is missing: build it, or name another one in KBEAT_PROGRAM"
    return str(path)


@pytest.fixture(scope="session")
def broker():
    """A broker the session shares, so no test ends it: the one KBEAT_TEST_BROKER names, else one of its own."""
    running = os.environ.get("KBEAT_TEST_BROKER")
    if running:
        yield KafkaClient(running)
        return
    own = KafkaBroker()
    own.start()
    yield own
    own.stop()


@pytest.fixture
def own_broker():
    """A broker of the test's own, to kill, freeze and restart."""
    own = KafkaBroker()
    own.start()
    yield own
    own.stop()
