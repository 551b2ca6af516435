"""`replay --plan-file`: a range kept in a file, replayed exactly, and files that are no plan any more."""

import json

import pytest


@pytest.fixture
def orders(kbeat):
    kbeat("topics", "create", "orders", "--partitions", "2")
    lines = [json.dumps({"key": f"k{i}", "partition": i % 2, "payload": json.dumps({"n": i})}) for i in range(10)]
    assert kbeat("produce", "orders", "-J", stdin="\n".join(lines) + "\n").code == 0
    return "orders"


@pytest.fixture
def plan(kbeat, orders):
    """Of the records with n above 3 that there are now."""
    result = kbeat("replay", orders, "--where", "n > 3", "--order", "time", "--dry-run", "--plan-file", "plan")
    assert result.code == 0, result
    assert sum(row["records"] for row in result.rows) == 6
    return kbeat.home / "plan"


def test_a_plan_stays_what_it_was_while_the_topic_grows(kbeat, plan):
    before = kbeat("replay", "--plan-file", plan, "-q", "-J").out
    kbeat("produce", "orders", "-J", stdin='{"payload":"{\\"n\\":99}","partition":0}\n')
    assert kbeat("replay", "--plan-file", plan, "-q", "-J").out == before
    assert sorted(json.loads(row["payload"])["n"] for row in map(json.loads, before.splitlines())) == [4, 5, 6, 7, 8, 9]


def test_a_plan_goes_to_a_topic_and_is_resumed(kbeat, plan):
    kbeat("topics", "create", "copies", "--partitions", "2")
    arguments = ("replay", "--plan-file", plan, "--to", "copies", "--resume", "r")
    first = kbeat(*arguments)
    assert first.code == 0 and "6 records replayed" in first.err
    assert "0 records replayed (6 before)" in kbeat(*arguments).err


def change(plan, **fields):
    document = json.loads(plan.read_text())
    document.update(fields)
    plan.write_text(json.dumps(document))


@pytest.mark.parametrize("spoil, message", [
    (lambda plan: change(plan, order="offset"), "it was changed"),
    (lambda plan: change(plan, kbeat_replay_plan=2), "another version"),
    (lambda plan: change(plan, parts=[{"topic": "orders", "partition": 0, "begin": 5, "end": 2}]), "it was changed"),
    (lambda plan: plan.write_text("[]"), "is no plan of a replay"),
    (lambda plan: plan.write_text(plan.read_text()[:50]), "is no plan of a replay"),
    (lambda plan: plan.write_text(""), "is no plan of a replay"),
])
def test_a_file_that_is_not_the_plan_any_more_is_refused(kbeat, plan, spoil, message):
    spoil(plan)
    result = kbeat("replay", "--plan-file", plan)
    assert (result.code, result.out) == (2, b"") and message in result.err


def test_a_plan_of_another_cluster_is_refused(kbeat, plan):
    result = kbeat("replay", "--plan-file", plan, "--data-dir", "elsewhere")
    assert (result.code, result.out) == (2, b"") and "a plan for another cluster" in result.err


@pytest.mark.parametrize("more", [("orders",), ("-t", "orders"), ("-p", "0"), ("-o", "1:2"), ("--since", "2h"), ("-c", "1"),
                                  ("--where", "n > 1"), ("--archive",)])
def test_a_plan_says_all_itself(kbeat, plan, more):
    result = kbeat("replay", "--plan-file", plan, *more)
    assert (result.code, result.out) == (2, b"") and "--plan-file" in result.err


def test_a_plan_that_is_not_there_says_how_to_make_it(kbeat, orders):
    result = kbeat("replay", "--plan-file", "none")
    assert result.code == 3 and "--dry-run --plan-file none makes it" in result.err
