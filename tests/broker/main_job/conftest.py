"""The main job's places: on a real broker and on the embedded log."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from audio_server import AudioServer  # noqa: E402
from place import Place  # noqa: E402

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples" / "audio"


@pytest.fixture(params=["kafka", "embedded"])
def place(request, program, tmp_path):
    broker = request.getfixturevalue("broker") if request.param == "kafka" else None
    made = Place(program, tmp_path, broker)
    yield made
    made.clear()


@pytest.fixture
def audio(tmp_path):
    """A server with the samples, and a text that calls itself a WAV file."""
    folder = tmp_path / "audio"
    folder.mkdir()
    for sample in SAMPLES.iterdir():
        (folder / sample.name).write_bytes(sample.read_bytes())
    (folder / "text.wav").write_text("this is no audio\n" * 100)
    with AudioServer(folder) as server:
        yield server
