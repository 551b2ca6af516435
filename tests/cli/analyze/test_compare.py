"""`kbeat analyze --compare`: answers scored against a table of truths."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from made_audio import beat, write_wav  # noqa: E402  (needs the path above)


@pytest.fixture
def truth(tmp_path):
    """Two tracks with their truth, and the answers of a tool that hears the second at half its tempo."""
    (tmp_path / "set").mkdir()
    write_wav(tmp_path / "set" / "a.wav", beat(seconds=8))
    write_wav(tmp_path / "set" / "b.wav", beat(seconds=8, bpm=96, chord=(60, 64, 67)))
    (tmp_path / "a.beats").write_text("".join(f"{i * 0.5}\n" for i in range(16)))
    (tmp_path / "truth.tsv").write_text(
        "path\tbpm\tkey\tbeats_file\tsource\n"
        "set/a.wav\t120\tAm\ta.beats\tone\n"
        "set/b.wav\t96.0\tC\t\tother\n")
    answers = [{"path": "/else/where/set/a.wav", "bpm": 120.5, "key": "C major", "beats": [0.01, 0.5, 1.0, 1.5]},
               {"path": "set/b.wav", "bpm": 48}]
    (tmp_path / "tool.jsonl").write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    return tmp_path / "truth.tsv"


def test_the_truths_own_audio_is_scored_over_all_and_by_source(kbeat, truth):
    done = kbeat("analyze", "--compare", truth)
    assert done.code == 0
    assert [(row["tool"], row["source"], row["acc1"], row["acc1_count"], row["key_mirex"]) for row in done.rows] == [
        ("kbeat", "(all)", 100.0, 2, 100.0), ("kbeat", "one", 100.0, 1, 100.0), ("kbeat", "other", 100.0, 1, 100.0)]
    assert [row["beat_f"] for row in done.rows] == [100.0, 100.0, None]


def test_a_table_beside_its_audio_names_files_without_their_folder(kbeat, truth):
    bare = truth.parent / "set" / "truth.tsv"
    bare.write_text("path\tbpm\na.wav\t120\nb.wav\t96\n")
    for audio in ([], [bare.parent]):
        (row,) = kbeat("analyze", "--compare", bare, *audio).rows
        assert (row["tool"], row["acc1"], row["acc1_count"]) == ("kbeat", 100.0, 2)


def test_a_table_from_a_spreadsheet_has_a_mark_before_it(kbeat, truth, tmp_path):
    truth.write_bytes(b"\xef\xbb\xbf" + truth.read_bytes().replace(b"\n", b"\r\n"))
    assert kbeat("analyze", "--compare", truth, tmp_path / "tool.jsonl").rows[0]["acc1_count"] == 2


def test_named_audio_alone_is_scored(kbeat, truth, tmp_path):
    done = kbeat("analyze", "--compare", truth, tmp_path / "set" / "b.wav", tmp_path / "tool.jsonl")
    assert [(row["tool"], row["source"], row["acc1"], row["acc1_count"]) for row in done.rows] == [
        ("kbeat", "(all)", 100.0, 1), ("tool", "(all)", 0.0, 1), ("kbeat", "other", 100.0, 1), ("tool", "other", 0.0, 1)]
    write_wav(tmp_path / "c.wav", beat(seconds=8))
    done = kbeat("analyze", "--compare", truth, tmp_path / "c.wav")
    assert (done.code, done.text, "names none of this audio" in done.err) == (3, "", True)


def test_stored_answers_are_scored_beside_ours(kbeat, truth, tmp_path):
    done = kbeat("analyze", "--compare", truth, tmp_path / "set", tmp_path / "tool.jsonl")
    ours, tool = done.rows[:2]
    assert (ours["tool"], tool["tool"]) == ("kbeat", "tool")
    assert (tool["acc1"], tool["acc2"], tool["acc1_1pct"]) == (50.0, 100.0, 50.0)
    assert (tool["acc1_low"], tool["acc1_high"]) == (0.0, 100.0)
    assert tool["beat_f"] == pytest.approx(100 * 2 * 4 / (4 + 16))
    assert tool["key_mirex"] == pytest.approx(100 * 0.3 / 2)  # the relative key, and no answer


def test_a_table_ends_with_the_worst_answers(kbeat, truth, tmp_path):
    text = kbeat("analyze", "--compare", truth, tmp_path / "tool.jsonl", "--output", "table").text
    scores, worst = text.split("\n\n")
    assert "50.0 [0-100] of 2" in scores
    assert [line.split()[0] for line in worst.splitlines()] == ["worst", "set/b.wav", "set/a.wav"]
    only = kbeat("analyze", "--compare", truth, tmp_path / "tool.jsonl", "--output", "table", "--worst", 0).text
    assert only == scores + "\n"


def collide(folder, names):
    """Tracks of 110 and 140 under names that resemble each other, and the table that says so."""
    for name, bpm in zip(names, (110, 140)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_wav(folder / name, beat(seconds=8, bpm=bpm))
    (folder / "truth.tsv").write_text(f"path\tbpm\n{names[0]}\t110\n{names[1]}\t140\n")
    return folder / "truth.tsv"


@pytest.mark.parametrize("names", [("x/album/01.wav", "y/album/01.wav"), ("t.wav", "sub/t.wav"), ("sub/t.wav", "t.wav")])
def test_files_of_one_name_are_scored_against_their_own_rows(kbeat, tmp_path, names):
    table = collide(tmp_path, names)
    for audio in ([], [tmp_path], [tmp_path / names[1], tmp_path / names[0]], [f"file://{tmp_path}/{names[0]}", names[1]]):
        (row,) = kbeat("analyze", "--allow-file-urls", "--compare", table, *audio).rows
        assert (row["acc1"], row["acc1_count"]) == (100.0, 2)
    (row,) = kbeat("analyze", "--compare", table, tmp_path / names[0]).rows
    assert (row["acc1"], row["acc1_count"]) == (100.0, 1)
    table.write_text(f"path\tbpm\n{names[0]}\t110\n")
    done = kbeat("analyze", "--compare", table, tmp_path / names[1])
    assert (done.code, done.text) == (3, ""), "the row is about another file, which is there"


@pytest.mark.parametrize("paths, right", [
    (("x/album/01.wav", "y/album/01.wav"), 100.0),
    (("/far/x/album/01.wav", "/far/y/album/01.wav"), 100.0),
    (("x/album/01.wav", "/far/y/album/01.wav"), 100.0),
    (("album/01.wav", "y/album/01.wav"), 50.0),  # the first may be either
    (("x/album/01.wav", "x/album/01.wav"), 50.0),
])
def test_answers_of_tools_go_to_the_row_that_their_path_fits_best(kbeat, tmp_path, paths, right):
    table = collide(tmp_path, ("x/album/01.wav", "y/album/01.wav"))
    lines = [json.dumps({"path": path, "bpm": bpm}) + "\n" for path, bpm in zip(paths, (110, 140))]
    (tmp_path / "tool.jsonl").write_text("".join(lines))
    (row,) = kbeat("analyze", "--compare", table, tmp_path / "tool.jsonl").rows
    assert (row["acc1"], row["acc1_count"]) == (right, 2)


def test_audio_elsewhere_is_that_of_a_row_without_a_file(kbeat, truth, tmp_path):
    (tmp_path / "set").rename(tmp_path / "moved")
    (tmp_path / "far").mkdir()
    (tmp_path / "moved").rename(tmp_path / "far" / "set")
    (row, *_) = kbeat("analyze", "--compare", truth, tmp_path / "far").rows
    assert (row["acc1"], row["acc1_count"]) == (100.0, 2)


def test_no_answer_of_ours_is_a_wrong_one(kbeat, tmp_path):
    write_wav(tmp_path / "silent.wav", [0.0] * 22050)
    (tmp_path / "a.beats").write_text("0.5\n1\n")
    (tmp_path / "truth.tsv").write_text("path\tbpm\tkey\tbeats_file\nsilent.wav\t120\tAm\ta.beats\n")
    (row,) = kbeat("analyze", "--compare", tmp_path / "truth.tsv").rows
    assert [row[name] for name in ("acc1", "acc2", "beat_f", "key_mirex")] == [0.0] * 4


@pytest.mark.parametrize("answer, scores", [
    ({"bpm": None}, [0.0, None, None]),
    ({"bpm": "110"}, [0.0, None, None]),
    ({"bpm": 120, "beats": [], "key": ""}, [100.0, 0.0, 0.0]),
    ({"key": None}, [None, None, 0.0]),
])
def test_a_tool_is_scored_for_what_its_answers_speak_of(kbeat, truth, tmp_path, answer, scores):
    truth.write_text("".join(truth.read_text().splitlines(True)[:2]))
    (tmp_path / "tool.jsonl").write_text(json.dumps({"path": "set/a.wav", **answer}))
    row = kbeat("analyze", "--compare", truth, tmp_path / "tool.jsonl").rows[0]
    assert [row[name] for name in ("acc1", "beat_f", "key_mirex")] == scores


def test_beats_of_a_truth_may_stand_in_any_order(kbeat, truth, tmp_path):
    in_order = kbeat("analyze", "--compare", truth).out
    lines = (tmp_path / "a.beats").read_text().splitlines()
    (tmp_path / "a.beats").write_text("\r\n".join(reversed(lines)) + "\r\n\r\n")
    assert kbeat("analyze", "--compare", truth).out == in_order


@pytest.mark.parametrize("beats, complaint", [
    ("0.5\nnan\n", '"nan" is no time in seconds'), ("inf\n", '"inf" is no time'), ("", "a.beats holds no beats"),
    ("\n \n", "a.beats holds no beats"),
])
def test_a_bad_file_of_beats_is_refused(kbeat, truth, tmp_path, beats, complaint):
    (tmp_path / "a.beats").write_text(beats)
    done = kbeat("analyze", "--compare", truth)
    assert (done.code, done.text) == (2, "") and complaint in done.err


@pytest.mark.parametrize("table, complaint", [
    ("name\tbpm\n", "has no column named path"),
    ("path\tbpm\n", "has no rows"),
    ("path\tbpm\n\t120\n", "has a row without a path"),
    ("path\tbpm\na.wav\tfast\n", 'a tempo "fast"'),
    ("path\tbpm\na.wav\tnan\n", 'a tempo "nan"'),
    ("path\tbpm\na.wav\tinf\n", 'a tempo "inf"'),
    ("path\tkey\na.wav\tH major\n", 'a key "H major"'),
    ("path\tbeats_file\na.wav\tnone.beats\n", "none.beats"),
])
def test_a_bad_table_is_refused(kbeat, tmp_path, table, complaint):
    (tmp_path / "truth.tsv").write_text(table)
    done = kbeat("analyze", "--compare", tmp_path / "truth.tsv")
    assert done.code in (2, 3) and complaint in done.err


def test_nothing_to_measure_is_wrong_usage(kbeat):
    done = kbeat("analyze")
    assert done.code == 2 and "audio is required" in done.err
