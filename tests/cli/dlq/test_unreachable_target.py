"""`dlq retry --to-brokers` towards a cluster that does not answer."""

import time

from letters import fail, inspect


def test_a_cluster_that_cannot_be_reached_is_waited_for_once(kbeat):
    """Reading the states again, as after a fault of the letters' own cluster, would not bring it back."""
    fail(kbeat, 2)
    begin = time.monotonic()
    result = kbeat("dlq", "retry", "--all", "--yes", "--to-brokers", "127.0.0.1:1", "--timeout", "1s")
    took = time.monotonic() - begin
    assert result.code == 1 and "the cluster that copies go to" in result.err and "127.0.0.1:1" in result.err, result
    assert "reading the states again" not in result.err
    assert 0.9 < took < 4, f"{took:.1f} s"
    assert len(inspect(kbeat)) == 2
