"""`kbeat groups` on the embedded log."""

import pytest


@pytest.fixture
def topic(kbeat):
    """Ten records in t, and group g committed at 0 by a reset."""
    kbeat("topics", "create", "t")
    kbeat("produce", "t", stdin="".join(f"{number}\n" for number in range(10)))
    assert kbeat("groups", "reset", "g", "--topic", "t", "--to", "earliest", "--yes").code == 0


def committed(kbeat):
    return [row["committed"] for row in kbeat("groups", "lag", "g").rows]


def test_lag_tells_what_is_left(kbeat, topic):
    assert kbeat("groups", "lag", "g").rows == [
        {"group": "g", "topic": "t", "partition": 0, "committed": 0, "end": 10, "lag": 10}]
    assert kbeat("groups", "list").rows == [{"group": "g", "state": "Empty", "members": 0}]
    assert kbeat("groups", "describe", "g").rows[0]["member"] is None


@pytest.mark.parametrize("arguments, position", [
    (["--to", "latest"], 10), (["--to", "4"], 4), (["--to", "99"], 10), (["--shift=3"], 3), (["--shift=-5"], 0),
    (["--to", "end"], 10), (["--to", "1h"], 0), (["--to", "2999-01-01"], 10),
])
def test_a_reset_moves_the_position_within_the_log(kbeat, topic, arguments, position):
    result = kbeat("groups", "reset", "g", *arguments, "--yes")
    assert (result.code, result.err) == (0, "")
    assert result.rows == [{"group": "g", "topic": "t", "partition": 0, "from": 0, "to": position, "changed": True}]
    assert committed(kbeat) == [position]


def test_a_dry_run_changes_nothing_and_a_reset_asks(kbeat, topic):
    planned = kbeat("groups", "reset", "g", "--to", "latest", "--dry-run")
    assert planned.code == 0 and planned.rows[0]["to"] == 10 and planned.rows[0]["changed"] is False
    refused = kbeat("groups", "reset", "g", "--to", "latest")
    assert refused.code == 2 and "--yes" in refused.err
    assert committed(kbeat) == [0]


@pytest.mark.parametrize("arguments", [["lag", "none"], ["describe", "none"], ["reset", "none", "--to", "latest", "--yes"],
                                       ["reset", "g", "--topic", "none", "--to", "latest", "--yes"]])
def test_what_does_not_exist_is_exit_3(kbeat, topic, arguments):
    result = kbeat("groups", *arguments)
    assert (result.code, result.text) == (3, "")
    assert "none" in result.err


@pytest.mark.parametrize("arguments", [["--yes"], ["--to", "soon", "--yes"], ["--to", "-3", "--yes"],
                                       ["--to", "1", "--shift", "1", "--yes"], ["--to", "2026-13-01", "--yes"]])
def test_a_target_that_is_none_is_exit_2(kbeat, topic, arguments):
    result = kbeat("groups", "reset", "g", *arguments)
    assert (result.code, result.text) == (2, "")
    assert committed(kbeat) == [0]


def test_a_target_that_is_none_is_told_with_what_there_is(kbeat, topic):
    result = kbeat("groups", "reset", "g", "--to", "soon", "--yes")
    assert 'kbeat: --to "soon": give earliest, latest, an offset, a time' in result.err and result.err.count("\n") == 1
