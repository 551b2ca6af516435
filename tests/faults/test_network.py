"""F7: a network between kbeat and the broker that delays, drips, falls silent, cuts and refuses."""

import time

import pytest

import checker
from kafka_broker import KafkaBroker, free_port
from net_proxy import Fault, NetProxy
from place import Place, wait_until
from workload import Workload

TOXICS = {
    "delay": lambda proxy, way, length: setattr(proxy, way, Fault(delay_s=0.3 * length)),
    "drip": lambda proxy, way, length: setattr(proxy, way, Fault(drip_s=0.0002 * length)),
    "silence": lambda proxy, way, length: setattr(proxy, way, Fault(silent=True)),
    "cut": lambda proxy, way, length: (setattr(proxy, way, Fault(cut_after=int(2000 * length))), proxy.reset_all()),
    "refusal": lambda proxy, way, length: (setattr(proxy, "refuses", True), proxy.reset_all()),
}


@pytest.fixture(scope="module")
def proxied():
    """A broker that clients reach through a proxy only."""
    proxy = NetProxy(free_port())
    broker = KafkaBroker(advertised=proxy.port)
    broker.start()
    proxy.start(broker.listens_at)
    yield proxy, broker
    proxy.stop()
    broker.stop()


@pytest.fixture
def far(program, tmp_path, proxied):
    proxy, broker = proxied
    proxy.heal()
    place = Place(program, tmp_path, broker)
    place.environment["KAFKA_BROKERS"] = f"127.0.0.1:{proxy.port}"
    yield place
    place.clear()


def test_a_bad_network_loses_and_repeats_nothing_and_makes_no_letters(far, proxied, chance, rounds):
    proxy, _ = proxied
    load = Workload(far, 500, chance)
    load.flags += ("-X", "socket.timeout.ms=2000", "-X", "session.timeout.ms=2000")
    consumer = load.start()
    wait_until("the first events", lambda: load.done > 0, alive=consumer)
    for name in list(TOXICS) * rounds(1, 40):
        way = chance.choice(("up", "down"))
        load.send(100)
        TOXICS[name](proxy, way, chance.uniform(0.3, 3))
        time.sleep(chance.uniform(0.3, 1.5))  # the fault itself
        proxy.heal()
        wait_until(f"all events after {name} {way}", lambda: load.done == len(load.events), alive=consumer)
    consumer.terminate()
    assert consumer.wait(timeout=60) == 0
    checker.check(load, load.finish())


def test_an_exchange_cut_at_any_byte_loses_and_repeats_nothing(far, proxied, chance, rounds):
    proxy, _ = proxied
    load = Workload(far, 1000, chance)
    load.flags += ("-X", "reconnect.backoff.max.ms=100")
    for at in rounds(range(chance.randrange(100), 512, 120), range(0, 512)):
        load.send(30)
        proxy.down, proxy.up = (Fault(cut_after=at), Fault()) if chance.random() < 0.5 else (Fault(), Fault(cut_after=at))
        consumer = load.start()
        before, deadline = proxy.connections, time.monotonic() + 5
        while proxy.connections < before + 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        proxy.heal()
        wait_until("all events", lambda: load.done == len(load.events), alive=consumer)
        consumer.terminate()
        assert consumer.wait(timeout=60) == 0
    checker.check(load, load.finish())
