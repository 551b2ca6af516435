"""`./dev kafka start|stop|status|run`: brokers that outlive the command, remembered in build/kafka/, or last as long."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from kafka_broker import STOP_LIMIT_S, KafkaBroker, serves_metadata

STATE = pathlib.Path(__file__).resolve().parents[2] / "build" / "kafka"


def runs(broker):
    """Tells whether the remembered process is still that broker and not another one under its number."""
    try:
        command = pathlib.Path(f"/proc/{broker['pid']}/cmdline").read_bytes()
    except OSError:
        return False
    return broker["directory"].encode() in command


def remembered():
    """Returns {file: broker} of the brokers that run, forgetting those that ended by themselves."""
    found = {}
    for file in sorted(STATE.glob("*.json")):
        broker = json.loads(file.read_text())
        if runs(broker):
            found[file] = broker
        else:
            file.unlink()
            shutil.rmtree(broker["directory"], ignore_errors=True)
    return found


def start(arguments):
    port = arguments.port
    for broker in remembered().values():
        if port is None or broker["bootstrap"].endswith(f":{port}"):
            print(broker["bootstrap"])
            return 0
    broker = KafkaBroker(port=port, outlive=True)
    broker.start()
    STATE.mkdir(parents=True, exist_ok=True)
    file = STATE / f"{broker.bootstrap.rpartition(':')[2]}.json"
    file.write_text(json.dumps(
        {"bootstrap": broker.bootstrap, "pid": broker.pid, "directory": str(broker.directory)}))
    print(broker.bootstrap)
    return 0


def stop(arguments):
    for file, broker in remembered().items():
        if arguments.port is None or file.stem == str(arguments.port):
            end(broker)
            file.unlink()
            print(f"stopped {broker['bootstrap']}")
    return 0


def end(broker):
    os.kill(broker["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT_S
    while runs(broker):
        if time.monotonic() > deadline:
            os.kill(broker["pid"], signal.SIGKILL)
        time.sleep(0.05)
    shutil.rmtree(broker["directory"], ignore_errors=True)


def status(_arguments):
    brokers = remembered().values()
    for broker in brokers:
        state = "ready" if serves_metadata(broker["bootstrap"]) else "not answering"
        print(f"{broker['bootstrap']}  {state}  pid {broker['pid']}  {broker['directory']}")
    return 0 if brokers else 1


def run(arguments):
    broker = KafkaBroker()
    broker.start()
    try:
        environment = {**os.environ, "KBEAT_TEST_BROKER": broker.bootstrap}
        return subprocess.run(arguments.command, env=environment, check=False).returncode
    finally:
        broker.stop()


def main():
    parser = argparse.ArgumentParser(prog="./dev kafka", description="A real Kafka broker for tests and daily work.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, action, about in (
            ("start", start, "start a broker, or name the one that runs"),
            ("stop", stop, "end the broker of a port, or all"),
            ("status", status, "list the brokers that run")):
        command = actions.add_parser(name, help=about)
        command.add_argument("--port", type=int)
        command.set_defaults(action=action)
    command = actions.add_parser("run", help="run a command with a broker of its own, named by KBEAT_TEST_BROKER")
    command.add_argument("command", nargs=argparse.REMAINDER)
    command.set_defaults(action=run)
    arguments = parser.parse_args()
    return arguments.action(arguments)


if __name__ == "__main__":
    sys.exit(main())
