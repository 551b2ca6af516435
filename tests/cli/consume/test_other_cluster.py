"""C6: positions in a cluster that is not there any more are none in another."""


def test_a_log_made_anew_beside_its_store_is_a_gap(kbeat):
    """C6"""
    kbeat("produce", "quiz-events", stdin="{}\n{}\n")
    assert "2 events" in kbeat("consume", "quiz-events", "-e").err
    for path in kbeat.data_dir.glob("log.db*"):
        path.unlink()
    kbeat("produce", "quiz-events", stdin="{}\n{}\n{}\n")
    result = kbeat("consume", "quiz-events", "-e")
    assert result.code == 6, result
    assert "the store has group kbeat's positions in cluster embedded-" in result.err and "--on-gap skip" in result.err
    again = kbeat("consume", "quiz-events", "-e", "--on-gap", "skip")
    assert again.code == 0 and "3 events" in again.err
    assert "0 events" in kbeat("consume", "quiz-events", "-e").err
