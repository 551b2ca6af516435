"""`consume --auto-retry` and the retention of dead letter topics, with a handler of the test's own."""

from letters import DLQ, inspect


def program(tmp_path, text):
    path = tmp_path / "handler"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_a_letter_whose_failure_passed_is_done_without_anybody(kbeat, tmp_path):
    handler = program(tmp_path, f"cat > /dev/null; echo x >> {tmp_path}/calls; test $(wc -l < {tmp_path}/calls) -gt 2 || exit 75\n")
    kbeat("produce", "jobs", stdin='{"event_id":"e1","event_type":"T"}\n')
    arguments = ("consume", "jobs", "--exec", handler, "--retry", "fixed", "--max-retries", "1", "--retry-delay", "10ms")
    assert kbeat(*arguments, "-e", "-q").code == 0
    (letter,) = inspect(kbeat)
    assert (letter["topic"], letter["attempts"]) == ("jobs", 2)
    result = kbeat(*arguments, "--auto-retry", "-c", "1", "--max-time", "30s")
    assert result.code == 0, result
    assert [row["outcome"] for row in result.rows] == ["done"]
    assert inspect(kbeat) == []


def test_a_dead_letter_topic_keeps_letters_for_ever_unless_it_is_told_otherwise(kbeat):
    kbeat("produce", "notifications", stdin="{}\n")
    assert kbeat("consume", "notifications", "-e", "-q").code == 0
    assert kbeat("consume", "notifications", "-e", "-q", "--dlq-topic", "short", "--dlq-retention", "2d").code == 0
    for topic, retention in ((DLQ, "-1"), ("short", str(2 * 86_400_000))):
        assert f'"{retention}"' in kbeat("topics", "describe", topic, "--configs", "--output", "json").text
    assert kbeat("consume", "notifications", "-e", "--dlq-retention", "soon").code == 2
