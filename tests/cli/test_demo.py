"""The demo shows what the README says it does."""

import json
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def shown(program):
    result = subprocess.run([str(ROOT / "samples" / "demo"), program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_demo_measures_a_beat_and_mends_the_one_that_failed(shown):
    before, after = shown.split("# The upload is mended")
    assert '"category":"processing"' in before and "this is not audio" in before
    rows = [line for line in after.splitlines() if line.startswith('{"beat_id"')]
    assert [row.split(",")[0] for row in rows] == ['{"beat_id":"beat-120"', '{"beat_id":"beat-90"']
    assert '"key":"A minor"' in rows[0] and '"key":"C major"' in rows[1]


def test_the_readme_shows_what_the_demo_prints(shown):
    [block] = [text for text in re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL) if "$ kbeat" in text]
    printed = iter(shown.splitlines())
    for line in filter(None, block.splitlines()):
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert any(re.fullmatch(pattern, other) for other in printed), line


def recording(file):
    """Its head, and its events with the figures masked that differ from run to run."""
    head, *events = map(json.loads, file.read_text().splitlines())
    return head, [(when, kind, re.sub(r"[0-9a-f]*\d[0-9a-f.]*", "0", text)) for when, kind, text in events]


def test_the_recording_is_what_its_script_makes_of_the_demo(program, tmp_path):
    subprocess.run([ROOT / "samples" / "record_demo.py", program, tmp_path / "demo.cast"], check=True, timeout=60)
    head, events = made = recording(tmp_path / "demo.cast")
    assert made == recording(ROOT / "docs" / "demo.cast"), "samples/record_demo.py build/release/kbeat makes it anew"
    assert head["version"] == 2 and {kind for _, kind, _ in events} == {"o"}
    times = [when for when, *_ in events]
    assert times == sorted(times) and "$ kbeat dlq retry --all --yes\r\n" in "".join(text for *_, text in events)


def test_the_commands_of_dev_that_the_readme_names_exist():
    named = set(re.findall(r"\./dev (\w+)", README))
    assert {"demo", "test", "package"} <= named
    described = subprocess.run([str(ROOT / "dev"), "help"], capture_output=True, text=True, check=True).stdout
    assert named <= set(re.findall(r"^\./dev (\w+)", described, re.MULTILINE))
