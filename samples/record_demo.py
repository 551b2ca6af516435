#!/usr/bin/env python3
"""Records the demo as a terminal would show it, in asciicast v2: samples/record_demo.py PROGRAM [FILE]

The demo runs in a pseudo terminal of its own, so its tables are those of a terminal. The times are those of somebody
who types the commands and reads what comes, not the machine's: a recording is the same wherever it is made, but for
ids and times of day. FILE is docs/demo.cast; `asciinema play docs/demo.cast` shows it.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios

SAMPLES = pathlib.Path(__file__).resolve().parent
COLUMNS, ROWS = 120, 36
KEY_S, RUN_S, READ_S, STEP_S = 0.04, 0.3, 0.15, 1.5  # a key, a command, a line of output, before a new step


def screen_of(program):
    """What the demo writes to a terminal, without what only this machine has: where the repository lies."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    demo = subprocess.Popen([SAMPLES / "demo", program], stdin=theirs, stdout=theirs, stderr=theirs,
                            env={**os.environ, "TERM": "xterm-256color"})
    os.close(theirs)
    screen = b""
    while piece := read(ours):
        screen += piece
    os.close(ours)
    if demo.wait() != 0:
        sys.exit(f"the demo ended with {demo.returncode}:\n{screen.decode()}")
    return re.sub(r"/tmp/tmp\.\w+", "/tmp/demo", screen.decode().replace(str(SAMPLES.parent), "/home/you/kbeat"))


def read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def events_of(screen):
    """Pairs of seconds and text: commands key by key, everything else line by line."""
    now = 0.0
    for line in screen.splitlines(keepends=True):
        if line.startswith("# "):
            now += STEP_S
        if line.startswith("$ "):
            yield now, "$ "
            for key in line[2:].rstrip("\r\n"):
                now += KEY_S
                yield now, key
            yield now, "\r\n"
            now += RUN_S
        else:
            now += READ_S
            yield now, line
    yield now + STEP_S, ""


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    file = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else SAMPLES.parent / "docs" / "demo.cast"
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "kbeat: the main job, without a broker",
            "env": {"TERM": "xterm-256color", "SHELL": "/bin/bash"}}
    lines = [head, *([round(when, 2), "o", text] for when, text in events_of(screen_of(program)))]
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


if __name__ == "__main__":
    main()
