"""Man pages and completions say what the program says, and hold before their own tools."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "man").glob("*.1"))
TOPIC_PAGES = sorted((ROOT / "man").glob("*.[57]"))


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def files_below(folder):
    return {file.relative_to(folder): file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture(scope="session")
def commands(program):
    """The program's commands as its own help lists them."""
    listed = output(program, "--help").split("Commands:\n")[1].split("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines()]


@pytest.fixture(scope="session")
def written(program, tmp_path_factory):
    out = tmp_path_factory.mktemp("docs")
    writer = os.environ.get("KBEAT_DOCS", str(pathlib.Path(program).with_name("kbeat_docs")))
    output(writer, str(ROOT / "man" / "text"), str(out))
    return out


@pytest.mark.parametrize("folder", ["man", "completions"])
def test_what_is_committed_is_what_the_program_would_write(written, folder):
    committed = {name: text for name, text in files_below(ROOT / folder).items() if name.parts[0] != "text"}
    assert committed == files_below(written / folder), "./dev docs writes them anew"


def test_every_command_has_a_page_and_every_page_a_command(commands):
    assert {page.stem for page in PAGES} == {"kbeat", *(f"kbeat-{command}" for command in commands)}


@pytest.mark.parametrize("page", PAGES + TOPIC_PAGES, ids=lambda page: page.stem)
def test_a_page_passes_mandoc(page):
    assert output("mandoc", "-T", "lint", "-W", "warning", str(page)) == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_each_flag_of_the_help(program, page):
    words = [] if page.stem == "kbeat" else [page.stem.removeprefix("kbeat-")]
    flags = re.findall(r"^  +(?:-\w, )?(--[\w-]+)", output(program, *words, "--help"), re.MULTILINE)
    text = re.sub(r".\x08", "", output("mandoc", "-T", "utf8", str(page)))
    assert [flag for flag in flags if flag not in text and flag != "--help"] == []


@pytest.mark.parametrize("command", [
    ["bash", "-n", "completions/kbeat.bash"],
    ["zsh", "-n", "completions/_kbeat"],
    ["fish", "-n", "completions/kbeat.fish"],
    ["shellcheck", "-s", "bash", "completions/kbeat.bash"],
], ids=lambda command: command[0])
def test_a_completion_is_well_formed(command):
    assert output(*command, cwd=ROOT) == ""
