"""`kbeat analyze`: what it prints, how it fails, what it keeps."""

import csv
import functools
import http.server
import io
import json
import os
import pathlib
import pty
import signal
import struct
import subprocess
import sys
import threading
import wave

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from made_audio import beat, convert, write_wav  # noqa: E402  (needs the path above)

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def music(tmp_path_factory):
    """A folder with a beat of 120 bpm in A minor, and one of 96 bpm in C major below it."""
    folder = tmp_path_factory.mktemp("music")
    write_wav(folder / "one.wav", beat())
    (folder / "more").mkdir()
    write_wav(folder / "more" / "two.wav", beat(bpm=96, chord=(60, 64, 67)))
    (folder / "more" / "._two.wav").write_bytes(b"what a Mac leaves behind")
    (folder / "notes.txt").write_text("no audio")
    return folder


def test_a_file_is_one_flat_object_with_its_path_first(kbeat, music):
    done = kbeat("analyze", music / "one.wav")
    assert (done.code, done.err) == (0, "")
    assert done.text.startswith(f'{{"path":"{music}/one.wav",')
    (row,) = done.rows
    assert row["bpm"] == pytest.approx(120, abs=0.05)
    assert row["beats"][4] == pytest.approx(2.0, abs=0.02)
    assert (row["key"], row["camelot"], row["duration"]) == ("A minor", "8A", 12.0)


def test_a_folder_stands_for_the_audio_below_it_in_order(kbeat, music):
    done = kbeat("analyze", music)
    assert done.code == 0
    assert [pathlib.Path(row["path"]).name for row in done.rows] == ["two.wav", "one.wav"]


def test_in_a_folder_the_suffix_decides(kbeat, music, tmp_path):
    sound = (music / "one.wav").read_bytes()
    for suffix in ("wav", "MP2", "mpga", "rf64", "w64", "caf", "au", "dat"):
        (tmp_path / f"a.{suffix}").write_bytes(sound)
    assert [pathlib.Path(row["path"]).suffix for row in kbeat("analyze", tmp_path).rows] == [".MP2", ".mpga", ".rf64", ".wav"]


def test_a_quoted_pattern_is_expanded(kbeat, music):
    assert [row["bpm"] for row in kbeat("analyze", f"{music}/*.wav").rows] == [pytest.approx(120, abs=0.05)]


def test_a_pattern_passes_pipes_over(kbeat, music, tmp_path):
    (tmp_path / "a.wav").write_bytes((music / "one.wav").read_bytes())
    os.mkfifo(tmp_path / "b.wav")  # nobody will ever write to it
    assert [row["path"] for row in kbeat("analyze", f"{tmp_path}/*.wav").rows] == [f"{tmp_path}/a.wav"]


def test_stdin_is_read_to_its_end(kbeat, music):
    (row,) = kbeat("analyze", "-", stdin=(music / "one.wav").read_bytes()).rows
    assert (row["path"], row["key"]) == ("-", "A minor")


def test_a_pipe_with_a_name_is_read_too(kbeat, music, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes((music / "one.wav").read_bytes()))
    writer.start()
    (row,) = kbeat("analyze", tmp_path / "pipe").rows
    writer.join()
    assert row["key"] == "A minor"


def test_the_result_does_not_depend_on_workers_nor_on_the_child(kbeat, music):
    files = [music / "one.wav", music / "more" / "two.wav"] * 3
    alone = kbeat("analyze", "--metrics", "all", "-j", 1, *files)
    assert alone.code == 0 and len(alone.rows) == 6
    assert kbeat("analyze", "--metrics", "all", "-j", 4, *files).out == alone.out
    assert kbeat("analyze", "--metrics", "all", "-j", 4, "--in-process", *files).out == alone.out


@pytest.mark.parametrize("suffix, options", [("flac", []), ("mp3", ["-b", 64]), ("ogg", []), ("aiff", [])])
def test_formats_agree_with_the_wav_that_they_were_made_from(kbeat, music, tmp_path, suffix, options):
    (plain,) = kbeat("analyze", music / "one.wav").rows
    (coded,) = kbeat("analyze", convert(music / "one.wav", tmp_path / f"one.{suffix}", *options)).rows
    assert coded["duration"] == plain["duration"]
    assert coded["bpm"] == pytest.approx(plain["bpm"], abs=0.05)
    assert coded["beats"][:20] == pytest.approx(plain["beats"][:20], abs=0.005)
    assert coded["lufs_integrated"] == pytest.approx(plain["lufs_integrated"], abs=0.1 if suffix != "mp3" else 0.6)
    assert coded["key"] == plain["key"]


@pytest.mark.parametrize("options", [
    ["-V", 4], ["-V", 4, "-p"], ["-b", 128], ["-b", 32, "-m", "m"], ["-b", 64, "--id3v2-only", "--tt", "Song"],
    ["--resample", 16, "-V", 6], ["--resample", 24, "-b", 16],
], ids=lambda options: " ".join(map(str, options)))
def test_an_mp3_without_its_length_is_read_to_its_end(kbeat, music, tmp_path, options):
    """Of one that its encoder did not tag, libmpg123 would guess the length from the first frame's bit rate."""
    (plain,) = kbeat("analyze", music / "one.wav").rows
    (coded,) = kbeat("analyze", convert(music / "one.wav", tmp_path / "one.mp3", "-t", *options)).rows
    assert plain["duration"] < coded["duration"] < plain["duration"] + 0.2  # frames are whole, and the first is silence
    assert coded["key"] == plain["key"]
    assert coded["flags"] == []


def test_one_bad_file_is_named_and_the_rest_go_on(kbeat, music, tmp_path):
    (tmp_path / "text.mp3").write_text("all that glitters is not audio\n" * 100)
    done = kbeat("analyze", tmp_path / "text.mp3", tmp_path / "missing.wav", music / "one.wav")
    assert done.code == 5
    assert [row["key"] for row in done.rows] == ["A minor"]
    first, second, last = done.err.splitlines()
    assert first.startswith(f"kbeat: {tmp_path}/text.mp3: this is not audio of a known kind")
    assert second == f"kbeat: {tmp_path}/missing.wav: cannot be read: No such file or directory"
    assert last == "kbeat: 2 of 3 files could not be measured"


def test_when_all_fail_the_code_says_how(kbeat, music, tmp_path):
    (tmp_path / "text.wav").write_text("text")
    assert kbeat("analyze", tmp_path / "missing.wav").code == 3
    assert kbeat("analyze", tmp_path / "text.wav").code == 2
    assert kbeat("analyze", tmp_path / "missing.wav", tmp_path / "text.wav").code == 1
    (tmp_path / "empty").mkdir()
    done = kbeat("analyze", tmp_path / "empty")
    assert (done.code, done.err) == (3, f"kbeat: {tmp_path}/empty: there is no audio file in this folder\n")


def test_csv_has_a_column_for_each_metric_and_beats_only_when_asked(kbeat, music):
    plain = list(csv.DictReader(io.StringIO(kbeat("analyze", music, "--output", "csv").text)))
    assert [row["key"] for row in plain] == ["C major", "A minor"]
    assert "beats" not in plain[0] and "title" in plain[0]
    listed = list(csv.DictReader(io.StringIO(kbeat("analyze", music, "--output", "csv", "--beats").text)))
    assert json.loads(listed[1]["beats"])[1] == pytest.approx(0.5, abs=0.02)


def test_a_table_shows_what_people_look_at_or_the_beats(kbeat, music):
    table = kbeat("analyze", music / "one.wav", "--output", "table").text.splitlines()
    assert table[0].split()[:3] == ["path", "duration", "bpm"] and "key" in table[0].split()
    assert table[1].split()[1] == "0:12.0"
    in_bars = REPOSITORY / "samples" / "audio" / "beat-120-a-minor.wav"
    beats = kbeat("analyze", in_bars, "--output", "table", "--beats").text.splitlines()
    assert beats[0].split() == ["path", "beat", "time", "downbeat"]
    assert [line.split()[-1] for line in beats[1:6]] == ["true", "false", "false", "false", "true"]


def test_beats_can_be_left_out(kbeat, music):
    (row,) = kbeat("analyze", music / "one.wav", "--no-beats").rows
    assert "beats" not in row and "downbeats" not in row and row["first_beat"] is not None
    assert kbeat("analyze", music / "one.wav", "--no-beats", "--save", "--beat-id", "b1").code == 0
    (kept,) = kbeat("store", "query", "SELECT beats FROM beat_metrics").rows
    assert len(json.loads(kept["beats"])) > 20, "what is not printed is kept all the same"


def test_all_metrics_are_more_than_the_core(kbeat, music):
    (core,) = kbeat("analyze", music / "one.wav").rows
    (every,) = kbeat("analyze", music / "one.wav", "--metrics", "all").rows
    assert core == {name: every[name] for name in core}
    assert len(every["mfcc_mean"]) == 13 and "mfcc_mean" not in core


def test_an_excerpt_is_measured_with_times_of_the_file(kbeat, music):
    (row,) = kbeat("analyze", music / "one.wav", "--start", "3.8", "--length", "6s").rows
    assert row["duration"] == 6.0
    assert row["beats"][0] == pytest.approx(4.0, abs=0.02) and row["beats"][-1] < 10.1


def test_an_hour_takes_no_more_than_60_mb(kbeat, music, tmp_path):
    with wave.open(str(music / "one.wav")) as track:
        form, frames = track.getparams(), track.readframes(track.getnframes())
    with wave.open(str(tmp_path / "hour.wav"), "wb") as hour:
        hour.setparams(form)
        for _ in range(300):
            hour.writeframesraw(frames)
    command = [kbeat.program, "analyze", "--metrics", "all", "--in-process", tmp_path / "hour.wav"]
    # Its peak is asked for by a small process: one forked from here would start with the memory of all tests.
    measure = ("import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
               "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    done = subprocess.run([sys.executable, "-c", measure, *command], env=kbeat.environment(), capture_output=True,
                          text=True, check=True)
    row, figures = done.stdout.splitlines()
    code, peak_kb = map(int, figures.split())
    assert (code, json.loads(row)["duration"]) == (0, 3600.0)
    assert peak_kb < 60 * 1024


def test_the_tempo_stays_in_the_range_asked_for(kbeat, music):
    (row,) = kbeat("analyze", music / "one.wav", "--tempo-range", "40-80").rows
    assert row["bpm"] == pytest.approx(60, abs=0.1)
    (row,) = kbeat("analyze", music / "one.wav", "--tempo-range", "28-33").rows
    assert row["bpm"] == pytest.approx(30, abs=0.1)
    assert (row["bpm_alt"], row["octave_confidence"]) == (None, 0), "no candidate lies there: it is the range's octave"


def test_a_start_behind_the_end_is_told(kbeat, music):
    result = kbeat("analyze", music / "one.wav", "--start", "1h")
    assert result.code == 2 and "it ends before --start" in result.err


@pytest.mark.parametrize("suffix, options", [
    ("flac", ["-T", "BPM=128.5", "-T", "InitialKey=8A", "-T", "TITLE=Été"]),
    ("mp3", ["-b", 64, "--id3v2-only", "--tt", "Été", "--tv", "TBPM=128.5", "--tv", "TKEY=8A"]),
    ("ogg", ["--add-comment", "BPM=128.5", "--add-comment", "KEY=8A", "--add-comment", "TITLE=Été"]),
])
def test_tags_are_shown_beside_what_was_measured(kbeat, music, tmp_path, suffix, options):
    (row,) = kbeat("analyze", convert(music / "one.wav", tmp_path / f"one.{suffix}", *options)).rows
    assert (row["title"], row["tagged_bpm"], row["tagged_key"]) == ("Été", 128.5, "8A")
    assert row["bpm"] == pytest.approx(120, abs=0.05) and row["key"] == "A minor"


def test_tags_without_a_name_of_their_encoding_are_latin1(kbeat, music, tmp_path):
    mp3 = convert(music / "one.wav", tmp_path / "one.mp3", "-b", 64)
    with mp3.open("ab") as file:
        file.write(b"TAG" + b"T\xe9st".ljust(30) + b"J\xfcrgen".ljust(30, b"\0") + bytes(65))
    info = b"INFO" + b"INAM" + struct.pack("<I", 6) + b"T\xe9st \0"
    wav = (music / "one.wav").read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    (tmp_path / "one.wav").write_bytes(wav[:4] + struct.pack("<I", len(wav) - 8) + wav[8:])
    of_mp3, of_wav = kbeat("analyze", mp3, tmp_path / "one.wav").rows
    assert (of_mp3["title"], of_mp3["artist"], of_wav["title"]) == ("Tést", "Jürgen", "Tést")


@pytest.mark.parametrize("flags, complaint", [
    (["--tempo-range", "fast"], "give two tempos"),
    (["--tempo-range", "140-70"], "give two tempos"),
    (["--style", "polka"], "is not a style: use auto, hiphop, electronic or rock"),
    (["--metrics", "some"], "give core or all"),
    (["--start", "soon"], "--start: "),
    (["--output", "xml"], "give table, json or csv"),
    (["--beat-id", "b1"], "--save"),
    (["--tempo-range", "nan-200"], "give two tempos"),
    (["--start", "inf"], "--start: "),
    (["--start", "1e18"], '--start: "1e18" is too long a span of time'),
    (["--start", "9223372036854775807"], "is too long a span of time"),
    (["--length", "3e14"], "is too long a span of time"),
    (["--length", "99999d"], "is too long a span of time"),
    (["--max-duration", "1e300"], "is too long a span of time"),
    (["--length", "0"], "--length: nothing is left"),
    (["--worst", "3"], "--worst requires --compare"),
    (["--plot", "a.jpg"], "give a name that ends in .png or .svg"),
])
def test_a_wrong_flag_is_wrong_usage(kbeat, music, flags, complaint):
    done = kbeat("analyze", music / "one.wav", *flags)
    assert (done.code, done.text) == (2, "")
    assert complaint in done.err


def test_what_is_written_is_never_the_audio_itself(kbeat, music, tmp_path):
    track = tmp_path / "track.wav"
    track.write_bytes((music / "one.wav").read_bytes())
    (tmp_path / "link.png").symlink_to(track)
    for flags in (["--click", track], ["--click", tmp_path / "." / "track.wav"], ["--plot", tmp_path / "link.png"]):
        done = kbeat("analyze", track, *flags)
        assert (done.code, done.text) == (2, "") and "that is the audio itself" in done.err
    assert track.read_bytes() == (music / "one.wav").read_bytes()
    assert "name the same file" in kbeat("analyze", track, "--plot", tmp_path / "x.png", "--click", tmp_path / "x.png").err
    assert kbeat("analyze", track, "--click", tmp_path).code == 2


def test_a_file_url_of_what_is_written_is_the_audio_itself_too(kbeat, music, tmp_path):
    track = tmp_path / "my track.wav"
    track.write_bytes((music / "one.wav").read_bytes())
    (tmp_path / "link.png").symlink_to(track)
    (tmp_path / "other.wav").hardlink_to(track)
    folder = f"file://{tmp_path}"
    for url in (f"{folder}/my%20track.wav", f"FILE://localhost{tmp_path}/m%79%20track.wav", f"{folder}/./other.wav"):
        for flags in (["--click", track], ["--plot", tmp_path / "link.png"]):
            done = kbeat("analyze", url, "--allow-file-urls", *flags)
            assert (done.code, done.text) == (2, "") and "that is the audio itself" in done.err
    with open(track, "rb") as stdin:
        running = kbeat.start("analyze", "-", "--plot", tmp_path / "link.png", stdin=stdin, stderr=subprocess.PIPE)
        assert b"that is the audio itself" in running.communicate(timeout=30)[1] and running.returncode == 2
    assert track.read_bytes() == (music / "one.wav").read_bytes()
    assert kbeat("analyze", f"{folder}/my%20track.wav", "--allow-file-urls", "--click", tmp_path / "new.wav").code == 0


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/full"])
def test_a_device_is_refused_at_once(kbeat, name):
    done = kbeat("analyze", name)
    assert done.code == 2 and "this is a device" in done.err


def test_a_terminal_is_no_audio(kbeat):
    ours, theirs = pty.openpty()
    running = kbeat.start("analyze", "-", stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(theirs)
    _, err = running.communicate(timeout=30)
    os.close(ours)
    assert running.returncode == 2 and b"this is a terminal: pipe audio in, or name a file" in err


def test_a_signal_ends_the_wait_for_a_pipe_without_a_writer(kbeat, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    running = kbeat.start("analyze", "-v", tmp_path / "pipe", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)  # comes back once the pipe is open for reading
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
    os.close(writer)


def test_names_are_shown_escaped_and_printed_as_they_are(kbeat, music, tmp_path):
    for name in ("new\nline.wav", "-lead.wav", "esc\x1b[31m.wav"):
        (tmp_path / name).write_bytes((music / "one.wav").read_bytes())
        done = kbeat("analyze", "--", tmp_path / name)
        assert done.code == 0 and done.rows[0]["path"].endswith(name)
        missing = kbeat("analyze", "--", f"{tmp_path}/no{name}")
        assert missing.code == 3 and len(missing.err.splitlines()) == 1 and "\x1b" not in missing.err
    raw = os.fsencode(tmp_path) + b"/bad\xff.wav"
    pathlib.Path(os.fsdecode(raw)).write_bytes((music / "one.wav").read_bytes())
    assert kbeat("analyze", os.fsdecode(raw)).code == 0


def test_stdin_that_was_read_from_goes_on_where_it_is(kbeat, music, tmp_path):
    (tmp_path / "both").write_bytes(b"a line before\n" + (music / "one.wav").read_bytes())
    with open(tmp_path / "both", "rb", buffering=0) as file:
        file.seek(len("a line before\n"))
        running = kbeat.start("analyze", "-", stdin=file, stdout=subprocess.PIPE)
        assert json.loads(running.communicate(timeout=30)[0])["key"] == "A minor"
    assert "only once" in kbeat("analyze", "-", "-").err


def test_audio_longer_than_the_limit_is_refused(kbeat, music):
    done = kbeat("analyze", music / "one.wav", "--max-duration", "5s")
    assert done.code == 2 and "longer than the limit of 5 s" in done.err


def test_save_keeps_the_metrics_in_the_store(kbeat, music):
    assert kbeat("analyze", music / "one.wav", "--save", "--beat-id", "b1").code == 0
    assert kbeat("analyze", music / "more" / "two.wav", "--save").code == 0
    assert kbeat("analyze", music / "more" / "two.wav", "--save").code == 0
    rows = kbeat("store", "query", "SELECT beat_id, audio_url, round(bpm) AS bpm, key FROM beat_metrics ORDER BY bpm").rows
    two = f"{music}/more/two.wav"
    assert rows == [{"beat_id": two, "audio_url": f"file://{two}", "bpm": 96.0, "key": "C major"},
                    {"beat_id": "b1", "audio_url": f"file://{music}/one.wav", "bpm": 120.0, "key": "A minor"}]
    assert kbeat("store", "check").code == 0


def test_save_wants_an_id_for_stdin_and_only_one_file_for_an_id(kbeat, music):
    assert "give --beat-id" in kbeat("analyze", "-", "--save").err
    done = kbeat("analyze", music, "--save", "--beat-id", "b1")
    assert done.code == 2 and "one piece of audio, not 2" in done.err
    done = kbeat("analyze", music / "one.wav", "--save", "--beat-id", "")
    assert done.code == 2 and "--beat-id" in done.err


@pytest.fixture
def server(music):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(music))
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_url_is_fetched_but_not_from_private_addresses_unasked(kbeat, server):
    refused = kbeat("analyze", f"{server}/one.wav")
    assert refused.code == 2 and "not a public address" in refused.err
    done = kbeat("analyze", f"{server}/one.wav", f"{server}/none.wav", "--allow-private-addresses")
    assert done.code == 5 and "404" in done.err
    assert [row["key"] for row in done.rows] == ["A minor"]


def test_the_secrets_of_a_url_are_not_shown(kbeat, server, tmp_path):
    url = f"{server}/{{}}.wav?token=t0ken"
    done = kbeat("analyze", url.format("one"), "--allow-private-addresses", "--plot", tmp_path / "a.svg")
    assert (done.code, done.err, done.rows[0]["path"]) == (0, "", url.format("one")), "a result is found by its name"
    for refused in (url.format("one"), url.format("none"), url.format("none").replace("://", "://user:s3cr3t@")):
        for flags in ([], ["--allow-private-addresses"]):
            failed = kbeat("analyze", refused, *flags)
            assert failed.code != 0 or refused == url.format("one")
            assert "s3cr3t" not in failed.err and "t0ken" not in failed.err
    assert failed.err.startswith(f"kbeat: {server}/none.wav?...: ")


def test_a_closed_pipe_ends_quietly(kbeat, music):
    run = subprocess.run(["bash", "-c", f'set -o pipefail; {kbeat.program} analyze {"{}/one.wav ".format(music) * 40} | head -1'],
                         env=kbeat.environment(), capture_output=True, timeout=60)
    assert (run.returncode, run.stderr) == (141, b"")


def test_a_signal_ends_a_long_run_with_its_code(kbeat, music):
    running = kbeat.start("analyze", "-j", 1, *[music / "one.wav"] * 400, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"stopped by a signal after" in err


def read_terminal(descriptor):
    text = b""
    try:
        while chunk := os.read(descriptor, 65536):
            text += chunk
    except OSError:  # what Linux says when the last writer has closed a terminal
        pass
    return text.decode()


def test_many_files_have_a_bar_on_a_terminal_that_is_gone_at_the_end(kbeat, music):
    ours, theirs = pty.openpty()
    running = kbeat.start("analyze", "--output", "csv", *[music / "one.wav"] * 8, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    assert len(running.stdout.read().splitlines()) == 9
    text = read_terminal(ours)
    assert running.wait(timeout=30) == 0
    assert "] 8/8  " in text and " files/s  " in text and "  ETA 0:00" in text
    assert text.endswith("\r\x1b[K")
