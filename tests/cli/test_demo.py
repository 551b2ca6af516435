"""The demo of the README shows what it says."""

import pathlib
import subprocess

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"


def test_the_demo_measures_a_beat_and_mends_the_one_that_failed(program):
    result = subprocess.run([str(SAMPLES / "demo"), program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    before, after = result.stdout.split("# The upload is mended")
    assert '"category":"processing"' in before and "this is not audio" in before
    rows = [line for line in after.splitlines() if line.startswith('{"beat_id"')]
    assert [row.split(",")[0] for row in rows] == ['{"beat_id":"beat-120"', '{"beat_id":"beat-90"']
    assert '"key":"A minor"' in rows[0] and '"key":"C major"' in rows[1]
