"""What `kbeat analyze` makes of a track besides numbers: its picture, and the track with clicks."""

import array
import pathlib
import struct
import sys
import wave
import xml.etree.ElementTree as ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from made_audio import beat, write_wav  # noqa: E402  (needs the path above)


@pytest.fixture
def track(tmp_path):
    return write_wav(tmp_path / "track.wav", beat(seconds=8))


def test_a_png_has_the_promised_size_and_the_metrics_are_those_without_it(kbeat, track, tmp_path):
    plain = kbeat("analyze", track)
    drawn = kbeat("analyze", track, "--plot", tmp_path / "a.png")
    assert (drawn.code, drawn.out) == (0, plain.out)
    picture = (tmp_path / "a.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1200, 800)
    assert kbeat("analyze", track, "--plot", tmp_path / "b.png", "--in-process").code == 0
    assert (tmp_path / "b.png").read_bytes() == picture, "the same track makes the same picture"


def test_an_svg_is_well_formed_and_has_five_panels_of_pictures_and_lines(kbeat, track, tmp_path):
    assert kbeat("analyze", track, "--plot", tmp_path / "a.svg").code == 0
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert (root.get("viewBox"), root.tag) == ("0 0 1200 800", "{http://www.w3.org/2000/svg}svg")
    images = [element for element in root.iter() if element.tag.endswith("}image")]
    assert {(image.get("width"), image.get("height")) for image in images} == {("1000", "96"), ("1000", "12"), ("1000", "80")}


def test_silence_can_be_drawn(kbeat, tmp_path):
    silence = write_wav(tmp_path / "silence.wav", [0.0] * 22050)
    assert kbeat("analyze", silence, "--plot", tmp_path / "a.png").code == 0


def test_the_shortest_sound_can_be_drawn(kbeat, tmp_path):
    short = write_wav(tmp_path / "short.wav", [0.5] * 5)
    done = kbeat("analyze", short, "--plot", tmp_path / "a.png")
    assert (done.code, len(done.rows), (tmp_path / "a.png").exists()) == (0, 1, True)


@pytest.mark.parametrize("output", ["json", "table"])
@pytest.mark.parametrize("flag, name", [("--plot", "a.png"), ("--click", "a.wav")])
def test_what_was_measured_is_printed_though_a_file_cannot_be_written(kbeat, track, tmp_path, output, flag, name):
    done = kbeat("analyze", track, flag, tmp_path / "none" / name, "--output", output)
    assert done.code == 1 and f"none/{name}: No such file or directory" in done.err
    assert done.text == kbeat("analyze", track, "--output", output).text


@pytest.mark.parametrize("flag, name", [("--plot", "a.png"), ("--click", "a.wav")])
def test_a_link_stays_and_what_it_leads_to_is_written(kbeat, track, tmp_path, flag, name):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / name).write_text("old")
    (tmp_path / name).symlink_to(f"again.{name}")
    (tmp_path / f"again.{name}").symlink_to(f"real/{name}")
    (tmp_path / f"new.{name}").symlink_to(tmp_path / "real" / f"new.{name}")
    for link, real in ((name, name), (f"new.{name}", f"new.{name}")):
        assert kbeat("analyze", track, flag, tmp_path / link).code == 0
        assert (tmp_path / link).is_symlink() and (tmp_path / "real" / real).stat().st_size > 1000
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == sorted([name, f"new.{name}"])


@pytest.mark.parametrize("target, complaint", [
    ("folder", "that is there and no file"), ("a.wav", "this link leads round"),
    ("/dev/kbeat-none/a.wav", "no plain file"), ("/proc/self/fd/9", "no plain file"), ("devices/kbeat.wav", "no plain file"),
])
def test_a_link_to_what_is_no_file_is_refused(kbeat, track, tmp_path, target, complaint):
    (tmp_path / "folder").mkdir()
    (tmp_path / "devices").symlink_to("/dev")
    (tmp_path / "a.wav").symlink_to(target)
    done = kbeat("analyze", track, "--click", tmp_path / "a.wav")
    assert (done.code, done.text) == (2, "") and f"--click {tmp_path}/a.wav: " in done.err and complaint in done.err
    assert (tmp_path / "a.wav").is_symlink()


def test_two_links_to_one_file_are_one_name(kbeat, track, tmp_path):
    for name in ("a.png", "a.wav"):
        (tmp_path / name).symlink_to("new")
    done = kbeat("analyze", track, "--plot", tmp_path / "a.png", "--click", tmp_path / "a.wav")
    assert done.code == 2 and "name the same file" in done.err


@pytest.mark.parametrize("flags", [[], ["--in-process"]])
def test_clicks_sound_on_the_beats(kbeat, track, tmp_path, flags):
    done = kbeat("analyze", track, "--click", tmp_path / "clicks.wav", *flags)
    assert done.code == 0
    (row,) = done.rows
    with wave.open(str(tmp_path / "clicks.wav")) as file, wave.open(str(track)) as original:
        assert file.getparams() == original.getparams()
        clicked = array.array("h", file.readframes(file.getnframes()))
        plain = array.array("h", original.readframes(original.getnframes()))
    added = [abs(x - y / 2) for x, y in zip(clicked, plain)]
    assert len(row["beats"]) >= 15
    sounding = set()
    for time in row["beats"]:
        first = round(time * 22050)
        assert max(added[first:first + 200], default=0) > 6000
        sounding.update(range(first - 2, first + 900))
    assert max(level for i, level in enumerate(added) if i not in sounding) <= 2


def test_an_excerpt_is_clicked_as_an_excerpt(kbeat, track, tmp_path):
    assert kbeat("analyze", track, "--start", 2, "--length", 3, "--click", tmp_path / "clicks.wav").code == 0
    with wave.open(str(tmp_path / "clicks.wav")) as file:
        assert file.getnframes() == 3 * 22050


@pytest.mark.parametrize("flags, complaint", [
    (["--plot", "a.jpg"], "give a name that ends in .png or .svg"),
    (["--plot", "none/a.png"], "cannot write none/a.png: No such file or directory"),
    (["track.wav", "--plot", "a.png"], "--plot names the file of one piece of audio, not of 2"),
    (["track.wav", "--click", "a.wav"], "--click names the file of one piece of audio, not of 2"),
])
def test_what_cannot_be_made_is_refused(kbeat, track, tmp_path, flags, complaint):
    done = kbeat("analyze", track, *flags)
    assert done.code in (1, 2) and complaint in done.err
    assert not list(tmp_path.glob("a.*"))


def test_stdin_cannot_be_clicked_and_nothing_is_left(kbeat, track, tmp_path):
    done = kbeat("analyze", "-", "--click", tmp_path / "a.wav", stdin=track.read_bytes())
    assert done.code == 2 and "save it to a file first" in done.err
    assert not list(tmp_path.glob("a.wav*"))
