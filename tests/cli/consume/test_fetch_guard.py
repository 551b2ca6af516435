"""Where an event's audio may not come from: names, redirects and rebinding, in a network where all of it would answer."""

import json
import os
import pathlib
import subprocess
import sys

import hostile_network
from hostile_network import PUBLIC

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# Spelled in every way that a resolver or a URL parser takes for an address that is not public.
REFUSED_HOSTS = [
    "127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "localhost", "localhost.",
    "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.9.8.7]", "[0:0:0:0:0:ffff:0a09:0807]", "10.9.8.7",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "192.168.7.7", "172.16.0.9", "100.64.0.1", "198.18.0.1",
    "private.test", "metadata.test", "loopback.test", "10-9-8-7.wildcard.test", "loopback6.test", "mapped.test",
    "PRIVATE.test.", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]",
]
REFUSED_URLS = [
    "file:///etc/passwd", "FILE:///etc/passwd", "gopher://public.test/", "ftp://public.test/a", "data:audio/wav;base64,AAAA",
    "javascript:alert(1)", "//public.test/a.wav", "http://u:p@public.test/a.wav", "http://public.test/\r\nX: y",
    "http://public.test/a b", "http:///a.wav", "https:a", "http://", "dict://127.0.0.1:80/", "ldap://127.0.0.1/", "",
    "http://public.test@127.0.0.1/", "http://127.0.0.1\\@public.test/", "http://public.test:81@10.9.8.7/",
]
REDIRECTS = ["http://127.0.0.1/", "http://private.test/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
             "file:///etc/passwd", "gopher://127.0.0.1:80/", "http://u:p@public.test/", "//10.9.8.7/x", "http://mixed.test:81/"]


def in_hostile_network(kbeat, *words):
    """Runs kbeat in there and returns its result lines and the addresses that were connected to."""
    unshare = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    done = subprocess.run([*unshare, sys.executable, hostile_network.__file__,
                           str(REPOSITORY / "samples" / "audio" / "beat-120-a-minor.wav"), kbeat.program, *words],
                          env=kbeat.environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["code"] == 0, seen["err"]
    return [json.loads(line) for line in seen["out"].splitlines()], seen["visited"]


def consumed(kbeat, urls):
    events = [json.dumps({"type": "BEAT_CREATED", "payload": {"beatId": f"b{i}", "audioUrl": url, "userId": "u"}})
              for i, url in enumerate(urls)]
    assert kbeat("produce", "beats-events", "-k", "one", stdin="\n".join(events) + "\n").code == 0
    rows, visited = in_hostile_network(kbeat, "consume", "beats-events", "-e", "--max-retries", "0", "-j", "4")
    assert len(rows) == len(urls)
    return sorted(rows, key=lambda row: row["offset"]), visited


def test_nothing_but_public_addresses_is_ever_connected_to(kbeat):
    hosts = [f"http://{host}{port}/a.wav" for host in REFUSED_HOSTS for port in ("", ":81")]
    redirects = [f"http://{PUBLIC}/to?{url}" for url in REDIRECTS]
    good = ["http://public.test/a.wav", f"http://{PUBLIC}/to?http://public.test/a.wav"]
    refused = [*hosts, *REFUSED_URLS, *redirects, "http://mixed.test:81/a.wav"]
    rows, visited = consumed(kbeat, [*refused, *good])
    assert set(visited) == {PUBLIC}
    for url, row in zip([*refused, *good], rows):
        assert row["outcome"] == ("done" if url in good else "dead_letter"), (url, row)
    assert sum("not a public address" in (row["error"] or "") for row in rows) >= len(hosts) // 2


def test_a_name_that_moves_to_loopback_in_the_middle_of_a_fetch_is_refused_at_the_connection(kbeat):
    """The first answer of the name server is public, the second 127.0.0.1: a look before the fetch sees only the first."""
    (row,), visited = consumed(kbeat, ["http://rebind.test/to?http://rebind.test:81/a.wav"])
    assert visited == [PUBLIC]
    assert row["outcome"] == "dead_letter" and "127.0.0.1, which is not a public address" in row["error"]
