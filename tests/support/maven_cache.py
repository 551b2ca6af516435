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


def _fill(folder, what, goal, unpack):
    # A folder under its final name is complete: another one is filled, and renamed.
    filling = pathlib.Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    done = subprocess.run(["mvn", "-q", "-B", *goal, f"-DoutputDirectory={filling}"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        shutil.rmtree(filling)
        raise RuntimeError(f"Maven could not fetch {what}:\n{done.stdout}{done.stderr}")
    unpack(filling)
    filling.chmod(0o755)
    filling.rename(folder)
