"""A consumer that ends leaves the outbox to the next one."""

import json
import os
import subprocess
import time


def test_the_outbox_lease_ends_with_its_process(program, tmp_path):
    environment = {"PATH": os.environ["PATH"], "KBEAT_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}

    def kbeat(*arguments, stdin=""):
        return subprocess.run([program, "-q", *arguments], input=stdin, env=environment, capture_output=True, text=True,
                              timeout=60, check=True).stdout

    kbeat("produce", "beats-events", stdin="no event at all\n")
    assert '"outcome":"dead_letter"' in kbeat("consume", "beats-events", "-e")
    ended = time.clock_gettime(time.CLOCK_BOOTTIME) * 1000
    leases = kbeat("store", "query", "SELECT until FROM leases WHERE name = 'outbox'", "--output", "json")
    assert [json.loads(line)["until"] <= ended for line in leases.splitlines()] == [True]
