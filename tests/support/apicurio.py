"""A real schema registry, Apicurio, with Confluent's protocol: fetched once by Maven, one process on loopback.

    with Apicurio() as registry:
        registry.register("orders-value", '{"type":"string"}')
        registry.url
"""

import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import maven_cache
from kafka_broker import free_port

VERSION = "2.6.13.Final"
START_LIMIT_S = 90.0


def folder():
    """The unpacked program; the first call on a machine downloads it (142 MB)."""
    artifact = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
    return maven_cache.fetched(f"apicurio-{VERSION}", "Apicurio", "dependency:copy", f"-Dartifact={artifact}",
                               unpack=_unpack)


def _unpack(filled):
    (archive,) = filled.glob("*.tar.gz")
    subprocess.run(["tar", "xzf", archive, "-C", filled], check=True)
    archive.unlink()


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
