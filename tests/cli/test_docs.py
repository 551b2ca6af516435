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


@pytest.mark.parametrize("page", PAGES + TOPIC_PAGES, ids=lambda page: page.name)
def test_mandoc_has_nothing_to_say_of_a_page(page):
    lint = subprocess.run(["mandoc", "-T", "lint", str(page)], capture_output=True, text=True, check=False)
    # It looks for references among the pages of this machine.
    said = [line for line in (lint.stdout + lint.stderr).splitlines() if "referenced manual not found: Xr kbeat" not in line]
    assert said == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_example_stands_once_on_a_page(page):
    lines = page.read_text().partition(".Sh EXAMPLES\n.Bd -literal\n")[2].partition(".Ed\n")[0].splitlines()
    assert len(lines) == len(set(lines))


def test_every_page_that_a_page_refers_to_is_there():
    names = {page.name for page in PAGES + TOPIC_PAGES}
    for page in PAGES + TOPIC_PAGES:
        referred = {f"{name}.{section}" for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.read_text(), re.MULTILINE)}
        assert referred and {name for name in referred if name.startswith("kbeat")} <= names, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_each_flag_of_the_help(program, page):
    words = [] if page.stem == "kbeat" else [page.stem.removeprefix("kbeat-")]
    flags = re.findall(r"^  +(?:-\w, )?(--[\w-]+)", output(program, *words, "--help-all"), re.MULTILINE)
    text = re.sub(r".\x08", "", output("mandoc", "-T", "utf8", str(page)))
    assert [flag for flag in flags if flag not in text and not flag.startswith("--help")] == []


@pytest.mark.parametrize("command", [
    ["bash", "-n", "completions/kbeat.bash"],
    ["zsh", "-n", "completions/_kbeat"],
    ["fish", "-n", "completions/kbeat.fish"],
    ["shellcheck", "-s", "bash", "completions/kbeat.bash"],
], ids=lambda command: command[0])
def test_a_completion_is_well_formed(command):
    assert output(*command, cwd=ROOT) == ""


def shell_scripts():
    """Every file of the repository that a shell runs."""
    for name in output("git", "ls-files", cwd=ROOT).splitlines():
        first = (ROOT / name).open("rb").readline() if (ROOT / name).is_file() else b""
        if first.startswith(b"#!") and re.search(rb"\b(ba)?sh\b", first):
            yield name


def test_shellcheck_has_nothing_to_say_of_any_script():
    scripts = list(shell_scripts())
    assert {"dev", ".ci/run", "samples/demo"} <= set(scripts)
    assert output("shellcheck", *scripts, cwd=ROOT) == ""
