"""`dlq retry --edit` at a terminal: asked first, then each value in an editor that has the terminal to itself."""

import fcntl
import json
import os
import pty
import signal
import stat
import subprocess
import termios
import time

import pytest

from letters import fail, inspect
from reading import records


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, kbeat, *arguments, **variables):
        self._master, slave = pty.openpty()
        self.process = kbeat.start(*arguments, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                   env=variables, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.seen = ""

    def await_text(self, text):
        while text not in self.seen:
            self.seen += os.read(self._master, 65536).decode()

    def type(self, text):
        self.seen = ""
        os.write(self._master, text.encode())

    def end(self):
        try:
            while chunk := os.read(self._master, 65536):
                self.seen += chunk.decode()
        except OSError:
            pass  # the other end is closed
        os.close(self._master)
        return self.process.wait(30)


@pytest.fixture
def editor(tmp_path):
    path = tmp_path / "editor"
    path.write_text("""#!/bin/sh
printf 'EDIT ' > /dev/tty; cat "$1" > /dev/tty
read answer < /dev/tty
case $answer in
keep) ;;
fail) exit 3 ;;
*) sed -i "s/\\"e\\"/$answer/" "$1" ;;
esac
""")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_each_value_is_edited_at_the_terminal_and_sent_as_it_was_left(kbeat, editor):
    fail(kbeat, 4)
    terminal = Terminal(kbeat, "dlq", "retry", "--all", "--edit", EDITOR=editor)
    terminal.await_text("[y/N]")
    terminal.type("y\n")
    for number, answer in enumerate(('"by hand","content":"c"', "keep", "fail", "no json {")):
        terminal.await_text(f'"u{number}"')
        terminal.type(answer + "\n")
    assert terminal.end() == 5
    for reason in ("1 letters left: not edited", "the editor failed", "what was edited is no JSON any more"):
        assert reason in terminal.seen
    values = [record["payload"] for record in records(kbeat, "notifications")[4:]]
    assert values == ['{"user_id": "u0", "event": "by hand","content":"c"}']
    assert [row["id"][-1] for row in inspect(kbeat)] == ["1", "2", "3"]


def values_on_disk(*folders):
    """Files below the folders that hold a letter's value in the clear, the log and the store aside."""
    return [file for folder in folders for file in folder.rglob("*")
            if file.is_file() and ".db" not in file.name and b"kept from others" in file.read_bytes()]


def test_the_value_of_a_letter_whose_editing_was_killed_does_not_stay(kbeat, tmp_path):
    fail(kbeat, 1, user="kept from others")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    editor = tmp_path / "patient"
    editor.write_text(f"#!/bin/sh\ncp $1 $1~; touch {tmp_path}/open; exec sleep 60\n")
    editor.chmod(0o755)
    process = kbeat.start("dlq", "retry", "--all", "--edit", "--yes", env={"EDITOR": str(editor), "TMPDIR": str(temporary)},
                          start_new_session=True, stderr=subprocess.DEVNULL)
    while not (tmp_path / "open").exists():
        assert process.poll() is None
        time.sleep(0.01)
    (file, backup) = sorted(values_on_disk(kbeat.data_dir, temporary), key=lambda path: path.name)
    assert file.stat().st_mode & 0o77 == 0 and file.parent.stat().st_mode & 0o77 == 0
    assert backup.parent == file.parent
    assert len(inspect(kbeat)) == 1 and file.exists(), "another command swept what is in use"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert file.exists()
    assert len(inspect(kbeat)) == 1
    assert values_on_disk(kbeat.data_dir, temporary) == [] and not file.parent.exists()


@pytest.mark.parametrize("command", [("consume", "notifications", "-e", "-q"), ("dlq", "stats")])
def test_what_an_editor_left_behind_goes_with_the_next_start(kbeat, command):
    fail(kbeat, 1)
    orphan = kbeat.data_dir / "kbeat-scratch-abcdef"
    orphan.mkdir(mode=0o700)
    (orphan / "letter.json").write_text("{}")
    assert kbeat(*command).code == 0
    assert not orphan.exists()


def test_no_is_no(kbeat, editor):
    fail(kbeat, 1)
    terminal = Terminal(kbeat, "dlq", "retry", "--all", "--edit", EDITOR=editor)
    terminal.await_text("[y/N]")
    terminal.type("n\n")
    assert terminal.end() != 0
    assert len(inspect(kbeat)) == 1 and len(records(kbeat, "notifications")) == 1


def test_an_editor_that_is_not_there_is_named(kbeat):
    fail(kbeat, 1)
    result = kbeat("dlq", "retry", "--all", "--edit", "--yes", env={"EDITOR": "no-such-editor"})
    assert result.code == 2 and "no-such-editor" in result.err and len(inspect(kbeat)) == 1
    assert json.loads(records(kbeat, "notifications")[0]["payload"])["user_id"] == "u0"
