"""What Maven fetches for tests, once a machine."""

import fcntl
import os
import pathlib
import shutil
import subprocess
import tempfile


def fetched(name, what, *goal, unpack=lambda folder: None):
    """The folder `name` of the cache; the first call on a machine has Maven fill it.

    what:    for the message when Maven cannot
    goal:    Maven's arguments, to which the folder to fill is added
    unpack:  called with the folder before it gets its name
    """
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "kbeat"
    folder = cache / name
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fill(folder, what, goal, unpack)
    return folder


# Maven itself waits half an hour for a server that has fallen silent.
_PATIENCE = ("-Dmaven.wagon.rto=60000", "-Dmaven.wagon.http.retryHandler.count=3")
_LIMIT_S = 300
_TRIES = 3


def _fill(folder, what, goal, unpack):
    # A folder under its final name is complete: another one is filled, and renamed.
    filling = pathlib.Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    for attempt in range(1, _TRIES + 1):
        told = _run_maven(*goal, f"-DoutputDirectory={filling}")
        if told is None:
            break
        if attempt == _TRIES:
            shutil.rmtree(filling)
            raise RuntimeError(f"Maven could not fetch {what}:\n{told}")
    unpack(filling)
    filling.chmod(0o755)
    filling.rename(folder)


def _run_maven(*goal):
    """What it says when it fails, else None."""
    try:
        done = subprocess.run(["mvn", "-q", "-B", *_PATIENCE, *goal], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"it was not done after {_LIMIT_S} s"
    return done.stdout + done.stderr if done.returncode != 0 else None
