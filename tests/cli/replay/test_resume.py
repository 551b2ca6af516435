"""`kbeat replay --to --resume` on the embedded log: what a checkpoint makes of a topic that changed meanwhile."""

NAMED = ("--to", "copy", "--resume", "r")


def test_a_target_that_is_not_there_is_made_for_the_checkpoint_of_an_empty_topic(kbeat):
    kbeat("topics", "create", "empty")
    for _ in range(2):
        result = kbeat("replay", "empty", *NAMED)
        assert result.code == 0 and "0 records replayed" in result.err
    assert "copy" in [row["topic"] for row in kbeat("topics", "list").rows]
