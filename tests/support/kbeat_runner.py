"""kbeat run in a home of its own, with no settings but the test's."""

import dataclasses
import json
import os
import subprocess

NOTICE = "no Kafka brokers are set: using the embedded log in {} (-b HOST:PORT chooses Kafka)\n"


@dataclasses.dataclass
class Result:
    code: int
    out: bytes
    err: str

    @property
    def text(self):
        return self.out.decode()

    @property
    def rows(self):
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.decode().split("\n") if line]


class Kbeat:
    """Runs the program. `quiet` leaves the line about the embedded log out of stderr."""

    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.data_dir = home / "data"

    def environment(self, **variables):
        keep = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS") if name in os.environ}
        return {**keep, "HOME": str(self.home), "KBEAT_HOME": str(self.data_dir), **variables}

    def __call__(self, *arguments, stdin=b"", env=None, timeout=60):
        stdin = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run([self.program, *map(str, arguments)], input=stdin, capture_output=True,
                              env=self.environment(**(env or {})), cwd=self.home, timeout=timeout)
        err = done.stderr.decode().replace(NOTICE.format(self.data_dir), "")
        return Result(done.returncode, done.stdout, err)

    def start(self, *arguments, env=None, **options):
        """The running process, for tests that type and look; end it with wait or kill."""
        return subprocess.Popen([self.program, *map(str, arguments)], env=self.environment(**(env or {})),
                                cwd=self.home, **options)
