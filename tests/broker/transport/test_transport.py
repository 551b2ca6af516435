"""Runs the C++ tests of the Kafka transport against real brokers, and kills a broker under one of them."""

import os
import pathlib
import subprocess

import pytest

from kafka_broker import KafkaBroker

# What access_broker_test.cpp logs in with.
USERS = {"alice": "wonder-secret"}


def executable(name):
    """A C++ test program, which need not lie beside the program under test: KBEAT_TEST_PROGRAMS names their folder."""
    folder = os.environ.get("KBEAT_TEST_PROGRAMS", pathlib.Path(__file__).parents[3] / "build" / "dev" / "tests")
    path = pathlib.Path(folder) / name
    assert path.is_file(), f"{path} is missing: build the target {name}"
    return str(path)


def environment(**variables):
    return {**os.environ, **variables}


@pytest.fixture(scope="module")
def guarded_broker():
    """A broker that also listens for SASL/PLAIN."""
    own = KafkaBroker(sasl=USERS)
    own.start()
    yield own
    own.stop()


def run(command, **variables):
    result = subprocess.run(command, env=environment(**variables), capture_output=True, text=True, timeout=600,
                            check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def test_kafka_keeps_the_transports_contract(broker):
    result = run([executable("kbeat_contract_tests")],
                 KBEAT_TEST_TRANSPORTS="kafka", KBEAT_TEST_BROKER=broker.bootstrap)
    assert "All tests passed" in result.stdout


@pytest.mark.parametrize("tag", ["[consumer]", "[producer]", "[access]"])
def test_the_transport_on_a_real_broker(guarded_broker, tag):
    result = run([executable("kbeat_broker_tests"), tag],
                 KBEAT_TEST_BROKER=guarded_broker.bootstrap, KBEAT_TEST_SASL_BROKER=guarded_broker.sasl_bootstrap)
    assert "All tests passed" in result.stdout
    for password in (*USERS.values(), "not-the-password"):
        assert password not in result.stdout + result.stderr
    # librdkafka writes to stderr by itself unless its log is led away.
    assert "rdkafka#" not in result.stderr


def test_writing_and_reading_go_on_over_the_death_of_the_broker(own_broker, tmp_path):
    report = tmp_path / "report"
    process = subprocess.Popen(
        [executable("kbeat_broker_tests"), "[outage]", "--out", str(report)],
        env=environment(KBEAT_TEST_BROKER=own_broker.bootstrap), stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline().strip() == "a third is read", report.read_text()
        own_broker.kill9()
        own_broker.restart()
        assert process.wait(120) == 0, report.read_text()
