"""Completions tried in the shells themselves."""

import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import time

import pytest

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "completions"


def in_bash(words, folder):
    """Returns what bash offers for the last word."""
    script = (f"source {COMPLETIONS}/kbeat.bash; COMP_WORDS=({' '.join(map(shlex.quote, words))}); "
              f"COMP_LINE={shlex.quote(' '.join(words))}; COMP_CWORD={len(words) - 1}; _kbeat; printf '%s\\n' \"${{COMPREPLY[@]}}\"")
    result = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, cwd=folder)
    assert result.stderr == ""
    return set(result.stdout.split())


def in_fish(words, folder):
    line = " ".join(words)
    script = f"source {COMPLETIONS}/kbeat.fish; complete -C {shlex.quote(line)}"
    result = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True,
                            cwd=folder, env={**os.environ, "HOME": str(folder)})
    return {line.split("\t")[0] for line in result.stdout.splitlines()}


def read_until(terminal, pattern, limit=10.0):
    text, deadline = "", time.monotonic() + limit
    while not re.search(pattern, text):
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, f"zsh did not say {pattern!r} but {text!r}"
        text += os.read(terminal, 65536).decode(errors="replace")
    return text


def in_zsh(words, folder):
    """Types the line into an interactive zsh and asks for the list of matches (^D lists, ^U clears the line)."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**os.environ, "HOME": str(folder), "TERM": "dumb", "COLUMNS": "200"})
    try:
        setup = (f"PS1='>>' PS2= RPS1=; bindkey -e; stty -echo cols 200 rows 100; "
                 f"fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -D -u; "
                 f"zstyle ':completion:*' list-separator '//'; LISTMAX=1000; print ready-$((40+2))\n")
        os.write(terminal, setup.encode())
        read_until(terminal, r"ready-42[^>]*>>")  # with the prompt the line editor is there
        os.write(terminal, (" ".join(words) + "\x04\x15print done-$((40+2))\n").encode())
        text = read_until(terminal, "done-42")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)
    return set(re.split(r"\s+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", text)))


@pytest.fixture(params=[in_bash, in_zsh, in_fish], ids=lambda shell: shell.__name__.removeprefix("in_"))
def offers(request, tmp_path):
    (tmp_path / "settings.toml").write_text("")
    return lambda *words: request.param(["kbeat", *words], tmp_path)


def test_commands_are_offered(offers):
    assert "config" in offers("")


def test_commands_below_a_command_are_offered(offers):
    assert "show" in offers("config", "")


def test_the_flags_of_a_command_and_of_all_are_offered(offers):
    found = offers("config", "show", "--")
    assert {"--output", "--brokers"} <= found
    assert "--output" not in offers("--")


def test_the_choices_of_a_flag_are_offered(offers):
    assert {"table", "json", "csv"} <= offers("config", "show", "--output", "")
    assert {"auto", "kafka", "embedded"} <= offers("--transport", "")


def test_a_flags_value_is_not_taken_for_a_command(offers):
    assert "config" in offers("--profile", "config", "")


def test_files_are_offered_where_a_file_is_wanted(offers):
    assert "settings.toml" in offers("--config", "")


@pytest.fixture(params=[in_bash, in_zsh, in_fish], ids=lambda shell: shell.__name__.removeprefix("in_"))
def cluster(request, tmp_path, program, monkeypatch):
    """A log with two topics and a group, and kbeat on the PATH."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kbeat").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("KBEAT_HOME", str(tmp_path / "data"))
    for arguments in (["topics", "create", "orders", "payments"], ["produce", "orders", "--event", "X"],
                      ["consume", "orders", "--print", "-e", "-G", "billing"]):
        subprocess.run([program, *arguments, "-q"], check=True, stdout=subprocess.DEVNULL)
    return lambda *words: request.param(["kbeat", *words], tmp_path)


def test_topics_and_groups_of_the_cluster_are_offered(cluster):
    assert {"orders", "payments"} <= cluster("stream", "")
    assert {"orders", "payments"} <= cluster("consume", "-t", "")
    assert "billing" in cluster("groups", "lag", "")


def test_a_cluster_that_does_not_answer_holds_nobody_up(cluster):
    started = time.monotonic()
    assert "orders" not in cluster("stream", "-b", "127.0.0.1:1", "")
    assert time.monotonic() - started < 5


# --- typed by hand ---

HOLD = "line"  # where a shell writes what stands on its command line when ^G is pressed
TYPING = {
    "bash": (["bash", "--norc", "-i"],
             f"source {COMPLETIONS}/kbeat.bash; PS1='>>'; bind -x '\"\\C-g\": printf \"%s\" \"$READLINE_LINE\" > {HOLD}'"),
    "zsh": (["zsh", "-f", "-i"],
            f"PS1='>>'; bindkey -e; fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -D -u; "
            f"hold() {{ print -rn -- $BUFFER > {HOLD} }}; zle -N hold; bindkey '^G' hold"),
    "fish": (["fish", "--no-config", "-i"],
             f"function fish_prompt; printf '>>'; end; source {COMPLETIONS}/kbeat.fish; "
             f"bind \\cg 'printf \"%s\" (commandline) > {HOLD}'"),
}


@pytest.mark.parametrize("shell", TYPING)
def test_a_tab_completes_what_is_typed_into_a_terminal(shell, tmp_path, program, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kbeat").symlink_to(program)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    command, setup = TYPING[shell]
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.execvpe(command[0], command, {**os.environ, "HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "120"})

    def line_after(typed, expected):
        """What stands on the command line once ^G was pressed often enough for the completion to be there."""
        os.write(terminal, typed.encode())
        deadline = time.monotonic() + 15
        while True:
            os.write(terminal, b"\x07")
            if select.select([terminal], [], [], 0.2)[0]:
                os.read(terminal, 65536)
            hold = tmp_path / HOLD
            if hold.exists() and hold.read_text().rstrip() == expected:
                return
            assert time.monotonic() < deadline, hold.read_text() if hold.exists() else "nothing was held"

    try:
        os.write(terminal, (setup + "; echo ready-$((40+2))\n").replace("$((40+2))", "42" if shell == "fish" else "$((40+2))").encode())
        read_until(terminal, r"ready-42[^\n]*\n(.|\n)*>>")
        line_after("kbeat heal\t", "kbeat health")
        line_after("--dee\t", "kbeat health --deep")
        line_after("--outp\t", "kbeat health --deep --output")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)
