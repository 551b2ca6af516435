"""Letters named by id, and other choices of letters: each that is not there is told, with why."""

import pytest

from letters import fail, inspect
from reading import records


@pytest.mark.parametrize("action", ["retry", "archive", "discard"])
def test_ids_that_no_letter_has_are_named_and_the_rest_is_decided(kbeat, action):
    fail(kbeat, 2)
    result = kbeat("dlq", action, "notifications/0/0", "notifications/0/99", "nosuch", "nosuch", "--yes")
    assert result.code == 5, result
    for unknown in ("notifications/0/99", "nosuch"):
        assert result.err.count(f"no such dead letter: {unknown}\n") == 1
    assert "1 letters" in result.err
    assert [row["id"][-1] for row in inspect(kbeat)] == ["1"]


def test_a_letter_that_was_decided_already_is_named_beside_those_that_are_decided_now(kbeat):
    fail(kbeat, 3)
    first = inspect(kbeat)[0]["id"]
    assert kbeat("dlq", "discard", "notifications/0/0", "--yes").code == 0
    result = kbeat("dlq", "retry", "notifications/0/0", "notifications/0/1", "--yes")
    assert result.code == 5 and f"dead letter {first} does not match: it is discarded" in result.err, result
    assert "1 letters retried" in result.err and len(records(kbeat, "notifications")) == 4
    none = kbeat("dlq", "retry", "notifications/0/0", "nosuch", "notifications/0/1", "--yes")
    assert none.code == 3, none
    for why in ("it is discarded", "it is retried", "no such dead letter: nosuch"):
        assert why in none.err


def test_a_dry_run_names_them_too(kbeat):
    fail(kbeat, 1)
    result = kbeat("dlq", "discard", "notifications/0/0", "nosuch", "--dry-run")
    assert result.code == 5 and "no such dead letter: nosuch" in result.err
    assert [(row["what"], row["letters"]) for row in result.rows][0] == ("state", 1)


def test_what_a_limit_passes_over_is_not_missing(kbeat):
    fail(kbeat, 3)
    ids = [f"notifications/0/{number}" for number in range(3)]
    result = kbeat("dlq", "discard", *ids, "-c", "1", "--yes")
    assert result.code == 0 and "no such" not in result.err and "does not match" not in result.err, result
    assert len(inspect(kbeat)) == 2
    result = kbeat("dlq", "inspect", *ids, "nosuch", "-c", "2")
    assert result.code == 5 and len(result.rows) == 2
    assert result.err == "no such dead letter: nosuch\n"


@pytest.mark.parametrize("form", [(), ("-J",), ("--patterns",)])
def test_inspect_names_ids_that_no_letter_has(kbeat, form):
    fail(kbeat, 2)
    result = kbeat("dlq", "inspect", "notifications/0/1", "notifications/0/99", *form)
    assert result.code == 5 and len(result.rows) == 1
    assert result.err == "no such dead letter: notifications/0/99\n"
    none = kbeat("dlq", "inspect", "notifications/0/98", "notifications/0/99", *form)
    assert none.code == 3 and "notifications/0/98" in none.err and "notifications/0/99" in none.err


def test_inspect_tells_how_a_letter_that_is_there_does_not_match(kbeat):
    fail(kbeat, 1)
    (row,) = inspect(kbeat)
    for choice, state in ((("--category", "timeout"), "it is open, of the category schema"), (("--state", "retried"), "it is open")):
        result = kbeat("dlq", "inspect", "notifications/0/0", *choice)
        assert result.code == 3 and result.out == b""
        assert f"dead letter {row['id']} does not match: {state}\n" in result.err


@pytest.mark.parametrize("command", [("inspect",), ("discard", "--yes"), ("retry", "--yes")])
def test_a_range_that_ends_before_it_begins_is_refused(kbeat, command):
    fail(kbeat, 1)
    result = kbeat("dlq", *command, "--since", "2026-12-31", "--until", "2026-01-01")
    assert result.code == 2 and "the range ends before it begins" in result.err


def test_a_state_or_category_that_is_none_is_refused_with_all_that_there_are(kbeat):
    fail(kbeat, 1)
    state = kbeat("dlq", "inspect", "--state", "foo")
    assert state.code == 2
    assert '--state: "foo" is none of open, pending, retried, archived, discarded and all' in state.err
    category = kbeat("dlq", "inspect", "--category", "foo")
    assert category.code == 2
    assert '--category: "foo" is none of deserialization, schema,' in category.err
    assert "crash, foreign and damaged" in category.err
