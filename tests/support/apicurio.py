"""A real schema registry, Apicurio, with Confluent's protocol: fetched once by Maven, one process on loopback.

    with Apicurio() as registry:
        registry.register("orders-value", '{"type":"string"}')
        registry.url
"""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from kafka_broker import free_port

VERSION = "2.6.13.Final"
START_LIMIT_S = 90.0


def folder():
    """The unpacked program; the first call on a machine downloads it (142 MB)."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "kbeat"
    program = cache / f"apicurio-{VERSION}"
    if program.is_dir():
        return program
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "apicurio.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.is_dir():
            _download(program)
    return program


def _download(program):
    # A folder under its final name is complete: it is filled under another one.
    filling = pathlib.Path(tempfile.mkdtemp(prefix="apicurio-", dir=program.parent))
    artifact = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
    done = subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={filling}"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(filling)
        raise RuntimeError(f"Maven could not fetch Apicurio:\n{done.stdout}{done.stderr}")
    (archive,) = filling.glob("*.tar.gz")
    subprocess.run(["tar", "xzf", archive, "-C", filling], check=True)
    archive.unlink()
    filling.chmod(0o755)
    filling.rename(program)


class Apicurio:
    """Owns its process; what is registered is gone with it."""

    def __init__(self):
        self._port = free_port()
        self._process = None
        self.url = f"http://127.0.0.1:{self._port}/apis/ccompat/v7"

    def __enter__(self):
        program = folder()
        (jar,) = program.glob("*-runner.jar")
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dquarkus.http.port={self._port}",
             "-Dquarkus.http.host=127.0.0.1", "-jar", jar.name], cwd=program, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                self._log.seek(0)
                raise RuntimeError(f"Apicurio did not start:\n{self._log.read()[-3000:].decode()}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _answers(self):
        try:
            return self._call("/subjects") is not None
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _call(self, path, body=None):
        request = urllib.request.Request(self.url + path, data=body and json.dumps(body).encode(),
                                         headers={"Content-Type": "application/vnd.schemaregistry.v1+json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def register(self, subject, schema, kind="AVRO", references=()):
        """The schema's id. `references` are (name, subject, version)."""
        named = [dict(zip(("name", "subject", "version"), reference)) for reference in references]
        return self._call(f"/subjects/{subject}/versions", {"schema": schema, "schemaType": kind, "references": named})["id"]
