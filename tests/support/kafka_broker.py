"""A real Apache Kafka broker for tests and daily work: one process in KRaft mode on loopback.

    broker = KafkaBroker()
    broker.start()
    broker.create_topic("beats-events", partitions=3)
    broker.kill9()
    broker.restart()
    broker.stop()
"""

import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid

import kafka_jars
from kafka_client import KafkaClient

START_LIMIT_S = 60.0
STOP_LIMIT_S = 15.0

# Short waits wherever Kafka's defaults are meant for a cluster that carries a company.
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.retention.check.interval.ms": "2000",
    "log.cleaner.backoff.ms": "500",
}


def free_port():
    """Returns a free port below 32768: a client retrying a port of the ephemeral range can connect to itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class KafkaBroker(KafkaClient):
    """One broker. It owns its process and its temporary directory and ends nothing else.

    sasl: None, or {"user": "password"} for a second listener with SASL/PLAIN at `sasl_bootstrap`.
    outlive: the broker goes on when the process that started it ends.
    listeners: {"NAME": "PROTOCOL"} of more listeners, reached at bootstrap_of(NAME).
    settings: broker properties that replace the ones above.
    advertised: the port that clients are told to connect to, when a proxy stands before the broker.
    cluster_id: of the cluster it joins; settings name its node and the cluster's controllers then.
    """

    def __init__(self, port=None, sasl=None, outlive=False, settings=None, listeners=None, advertised=None,
                 cluster_id=None):
        self._advertised = advertised
        self._cluster_id = cluster_id or uuid.uuid4().hex[:22]
        self._ports = {"PLAINTEXT": port or free_port(), "CONTROLLER": free_port()}
        super().__init__(f"127.0.0.1:{self._ports['PLAINTEXT']}")
        if sasl:
            self._ports["SASL"] = free_port()
        self._protocols = dict(listeners or {})
        self._ports |= {name: free_port() for name in self._protocols}
        self._sasl = sasl or {}
        self._outlive = outlive
        self._settings = {**_SETTINGS, **(settings or {})}
        self._process = None
        self.directory = None

    @property
    def sasl_bootstrap(self):
        return f"127.0.0.1:{self._ports['SASL']}"

    def bootstrap_of(self, listener):
        return f"127.0.0.1:{self._ports[listener]}"

    @property
    def controller(self):
        return f"127.0.0.1:{self._ports['CONTROLLER']}"

    @property
    def listens_at(self):
        """The port of the broker itself, whatever it advertises."""
        return self._ports["PLAINTEXT"]

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return self.directory / "broker.log"

    def set(self, name, value):
        """A property of the next start."""
        self._settings[name] = value

    def start(self):
        """Formats an empty log, starts the broker and returns once it serves metadata."""
        self.format()
        self.launch()
        self.await_service()

    def format(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="kbeat-kafka-"))
        self._write_properties()
        kafka_jars.run_tool(
            "kafka-storage", "format", "--cluster-id", self._cluster_id, "--config", str(self._properties))

    def kill9(self):
        """Ends the broker as a crash would; its log stays."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        """Freezes the broker: it holds its connections and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def restart(self):
        """Starts the broker again on the log it had, after stopping it when it still runs."""
        self._terminate()
        self.launch()
        self.await_service()

    def stop(self):
        """Ends the broker and removes its directory."""
        self._terminate()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _properties(self):
        return self.directory / "server.properties"

    def _write_properties(self):
        listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in self._ports.items())
        told = {**self._ports, "PLAINTEXT": self._advertised or self._ports["PLAINTEXT"]}
        advertised = ",".join(f"{name}://127.0.0.1:{port}" for name, port in told.items() if name != "CONTROLLER")
        settings = {
            "controller.quorum.voters": f"1@{self.controller}",
            "listeners": listeners,
            "advertised.listeners": advertised,
            "log.dirs": str(self.directory / "log"),
            **self._settings,
        }
        settings["listener.security.protocol.map"] += "".join(
            f",{name}:{protocol}" for name, protocol in self._protocols.items())
        if self._sasl:
            users = " ".join(f'user_{user}="{password}"' for user, password in self._sasl.items())
            settings["listener.name.sasl.plain.sasl.jaas.config"] = (
                f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};")
        self._properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    def launch(self):
        command = kafka_jars.java("kafka.Kafka", str(self._properties), jvm=("-Xms256m", "-Xmx512m"),
                                  log_level="warn")
        if not self._outlive:
            command = ["setpriv", "--pdeathsig", "KILL", *command]
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def await_service(self):
        deadline = time.monotonic() + START_LIMIT_S
        while not serves_metadata(self.bootstrap, self._settings["node.id"]):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._terminate()
                raise RuntimeError(f"Kafka did not start on {self.bootstrap}:\n{self.log.read_text()[-4000:]}")

    def _terminate(self):
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill9()


def serves_metadata(bootstrap, node="1"):
    """Tells whether the broker answers a client and leads every partition: an open port is not yet a broker."""
    try:
        result = subprocess.run(["kcat", "-b", bootstrap, "-L", "-m", "1"], capture_output=True, text=True, timeout=10,
                                check=False)
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0 and f" broker {node} at " in result.stdout and "leader -1" not in result.stdout
