"""`kbeat topics` on the embedded log."""

import pytest


def test_topics_are_made_listed_described_and_deleted(kbeat):
    assert kbeat("topics", "create", "b", "a", "-p", "2", "--set", "retention.ms=1000").err == "created b\ncreated a\n"
    assert kbeat("topics", "list").rows == [{"topic": "a", "partitions": 2, "replicas": 1},
                                            {"topic": "b", "partitions": 2, "replicas": 1}]
    assert kbeat("produce", "a", "-p", "1", stdin="x\ny\n").code == 0
    described = [(row["partition"], row["earliest"], row["latest"]) for row in kbeat("topics", "describe", "a").rows]
    assert described == [(0, 0, 0), (1, 0, 2)]
    settings = {row["name"]: row["value"] for row in kbeat("topics", "describe", "a", "--configs").rows}
    assert settings["retention.ms"] == "1000"
    assert kbeat("topics", "delete", "a", "b", "--yes").err == "deleted a\ndeleted b\n"
    assert kbeat("topics", "list").rows == []


def test_an_existing_topic_is_an_error_unless_told_otherwise(kbeat):
    assert kbeat("topics", "create", "t").code == 0
    again = kbeat("topics", "create", "t")
    assert again.code == 1 and "exists already" in again.err
    assert kbeat("topics", "create", "t", "u", "--if-missing").err == "created u\n"


@pytest.mark.parametrize("arguments", [["describe", "none"], ["delete", "none", "--yes"]])
def test_what_does_not_exist_is_exit_3(kbeat, arguments):
    result = kbeat("topics", *arguments)
    assert (result.code, result.text) == (3, "")
    assert "none" in result.err


def test_deleting_asks_first(kbeat):
    kbeat("topics", "create", "t")
    refused = kbeat("topics", "delete", "t")
    assert refused.code == 2 and "--yes" in refused.err
    planned = kbeat("topics", "delete", "t", "--dry-run")
    assert (planned.code, planned.err) == (0, "would delete t with all records\n")
    assert len(kbeat("topics", "list").rows) == 1


def test_a_topic_that_is_named_twice_is_one(kbeat):
    assert (kbeat("topics", "create", "t", "u", "t").code, len(kbeat("topics", "list").rows)) == (0, 2)
    assert len(kbeat("topics", "describe", "t", "t").rows) == 1
    assert kbeat("topics", "delete", "t", "t", "--dry-run").err == "would delete t with all records\n"
    assert kbeat("topics", "delete", "t", "u", "t", "--yes").err == "deleted t\ndeleted u\n"


def test_one_missing_topic_keeps_all(kbeat):
    kbeat("topics", "create", "t")
    assert kbeat("topics", "delete", "t", "none", "--yes").code == 3
    assert len(kbeat("topics", "list").rows) == 1


@pytest.mark.parametrize("arguments", [["create", "a b"], ["create", "t", "-p", "0"], ["create", "t", "--set", "x"],
                                       ["create"], ["describe", ""]])
def test_wrong_use_is_exit_2(kbeat, arguments):
    result = kbeat("topics", *arguments)
    assert (result.code, result.text) == (2, "")
    assert result.err.count("\n") == 1


def test_tables_and_csv(kbeat):
    kbeat("topics", "create", "t", "-q")
    assert kbeat("topics", "list", "--output", "table").text == "topic  partitions  replicas\nt               1         1\n"
    assert kbeat("topics", "list", "--output", "csv").text == "topic,partitions,replicas\nt,1,1\n"
