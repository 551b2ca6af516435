"""The tutorials and the README are followed word by word: their commands run, and show what the pages say."""

import os
import pathlib
import shutil
import subprocess

import pytest

from tutorial_pages import matches, steps

ROOT = pathlib.Path(__file__).resolve().parents[2]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))



@pytest.fixture
def follow(program, tmp_path):
    """Runs a page's commands in a copy of the samples, in a home of their own."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kbeat").symlink_to(program)
    keep = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS") if name in os.environ}
    environment = {**keep, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path),
                   "KBEAT_HOME": str(tmp_path / "data")}

    def run(page, place):
        for commands, expected in steps(page):
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=place, env=environment,
                                  capture_output=True, text=True, timeout=90, check=False)
            assert done.returncode == 0, commands + done.stdout + done.stderr
            assert expected is None or matches(done.stdout, expected), commands + done.stdout
    return run


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_shows_what_its_commands_do(follow, tmp_path, page):
    assert len(steps(page)) >= 3
    follow(page, tmp_path / "samples" / page.stem)


def test_the_readme_s_commands_do_what_it_says(follow, tmp_path):
    page = ROOT / "README.md"
    assert len(steps(page)) >= 1
    follow(page, tmp_path)


def test_there_is_a_tutorial_for_each_kind_of_service():
    assert {page.stem for page in TUTORIALS} == {
        "assistant-backend", "beat-analytics", "device-tracking", "notifications", "quiz-ingest"}
