"""`kbeat topics apply` makes topics as a file has them, and changes nothing else."""

import pytest

FILE = """
[[topic]]
name = "orders"
partitions = 3
config."retention.ms" = 604800000
config."cleanup.policy" = "compact,delete"

[[topic]]
name = "log"
"""


def steps(result):
    assert (result.code, result.err) == (0, ""), result
    return [(row["topic"], row["action"], row["what"], row["from"], row["to"]) for row in result.rows]


def test_a_file_is_applied_once(kbeat, tmp_path):
    file = tmp_path / "topics.toml"
    file.write_text(FILE)
    planned = kbeat("topics", "apply", file, "--dry-run")
    assert kbeat("topics", "list").rows == [] and not any(row["changed"] for row in planned.rows)
    assert steps(kbeat("topics", "apply", file)) == steps(planned) == [
        ("orders", "create", "partitions", None, "3"), ("orders", "create", "cleanup.policy", None, "compact,delete"),
        ("orders", "create", "retention.ms", None, "604800000"), ("log", "create", "partitions", None, "1")]
    assert steps(kbeat("topics", "apply", file)) == [("orders", "unchanged", None, None, None),
                                                     ("log", "unchanged", None, None, None)]
    assert [row["partitions"] for row in kbeat("topics", "list").rows] == [1, 3]


def test_only_what_differs_is_changed(kbeat, tmp_path):
    kbeat("topics", "create", "orders", "--set", "retention.ms=1000", "--set", "retention.bytes=5000")
    file = tmp_path / "topics.toml"
    file.write_text(FILE)
    assert steps(kbeat("topics", "apply", file))[:3] == [
        ("orders", "add_partitions", "partitions", "1", "3"),
        ("orders", "set", "cleanup.policy", "delete", "compact,delete"), ("orders", "set", "retention.ms", "1000", "604800000")]
    config = {row["name"]: row["value"] for row in kbeat("topics", "describe", "orders", "--configs").rows}
    assert config["retention.ms"] == "604800000" and config["retention.bytes"] == "5000"


def test_without_a_file_the_topics_of_kbeat_are_made(kbeat):
    assert kbeat("topics", "apply").code == 0
    names = {row["topic"]: row["partitions"] for row in kbeat("topics", "list").rows}
    assert names["beats-events"] == 3 and names["ai.responses"] == 6 and names["analytics-dlq-state"] == 1
    assert {row["action"] for row in kbeat("topics", "apply").rows} == {"unchanged"}


def test_partitions_are_never_taken_away(kbeat, tmp_path):
    kbeat("topics", "create", "log", "-p", "4")
    file = tmp_path / "topics.toml"
    file.write_text(FILE + "partitions = 1\n")
    result = kbeat("topics", "apply", file)
    assert result.code == 2 and "takes none away" in result.err
    assert [row["topic"] for row in kbeat("topics", "list").rows] == ["log"]


def test_partitions_that_the_file_does_not_name_stay_as_they_are(kbeat, tmp_path):
    kbeat("topics", "create", "log", "-p", "4")
    file = tmp_path / "topics.toml"
    file.write_text('[[topic]]\nname = "log"\nconfig."retention.ms" = 1000\n')
    assert steps(kbeat("topics", "apply", file)) == [("log", "set", "retention.ms", "604800000", "1000")]
    assert [row["partitions"] for row in kbeat("topics", "list").rows] == [4]


@pytest.mark.parametrize("setting", ['"retention.ms" = "1d"', '"retention.parsecs" = 1'])
def test_a_setting_that_is_refused_is_refused_before_anything_is_done(kbeat, tmp_path, setting):
    kbeat("topics", "create", "log")
    file = tmp_path / "topics.toml"
    file.write_text(f'[[topic]]\nname = "new"\n[[topic]]\nname = "log"\npartitions = 3\nconfig.{setting}\n')
    for how in ([], ["--dry-run"]):
        result = kbeat("topics", "apply", file, *how)
        assert (result.code, result.text) == (2, "") and "retention" in result.err
    assert [(row["topic"], row["partitions"]) for row in kbeat("topics", "list").rows] == [("log", 1)]


def test_a_wrong_file_is_named_with_its_line(kbeat, tmp_path):
    for text, complaint in (("[[topic]]\npartitions = 3\n", "name"), ("[[topic]]\nname = 'a'\nparts = 3\n", "parts"),
                            ("[[topic]]\nname = 'a'\n[[topic]]\nname = 'a'\n", "twice"), ("quiet = true\n", ""),
                            ("[[topic]]\nname = 'a/b'\n", "a.b")):
        file = tmp_path / "topics.toml"
        file.write_text(text)
        result = kbeat("topics", "apply", file)
        assert result.code == 2 and complaint in result.err and result.err.count("\n") == 1, (text, result)
    assert kbeat("topics", "apply", tmp_path / "none.toml").code == 2
