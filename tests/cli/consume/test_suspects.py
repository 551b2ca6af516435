"""Records that were in progress when kbeat died are tried in a child before they are handled here."""

import http.server
import json
import pathlib
import subprocess
import threading

import pytest

AUDIO = pathlib.Path(__file__).resolve().parents[3] / "samples" / "audio" / "beat-120-a-minor.wav"
CRASHES_WHEN_TRIED = """
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
__attribute__((constructor)) static void crash_when_tried(int argc, char** argv) {
  char record[65536] = {0};
  if (argc < 2 || strcmp(argv[1], "try-record") != 0) return;
  if (pread(0, record, sizeof record - 1, 0) > 0 && strstr(record, "deadly")) abort();
}
"""


class SlowAudio(http.server.BaseHTTPRequestHandler):
    """Serves the sample, but not the first two times."""

    def do_GET(self):
        self.server.requests.append(self.path)
        if len(self.server.requests) <= 2:
            self.server.asked.release()
            self.server.released.wait(60)
            return
        body = AUDIO.read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowAudio) as running:
        running.requests, running.asked, running.released = [], threading.Semaphore(0), threading.Event()
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.released.set()
        running.shutdown()


def created(beat, server):
    return json.dumps({"type": "BEAT_CREATED", "payload": {
        "beatId": beat, "userId": "u", "audioUrl": f"http://127.0.0.1:{server.server_port}/{beat}.wav"}})


def test_a_suspect_that_survives_its_trial_is_handled_and_a_deadly_one_is_a_dead_letter(kbeat, server, tmp_path):
    events = f"a:{created('harmless', server)}\nb:{created('deadly', server)}\n"
    assert kbeat("produce", "beats-events", "-K", ":", stdin=events).code == 0
    running = kbeat.start("consume", "-j", "2", "--allow-private-addresses",
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert server.asked.acquire(timeout=30) and server.asked.acquire(timeout=30)
    running.kill()
    running.wait()

    (tmp_path / "crash.c").write_text(CRASHES_WHEN_TRIED)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "crash.so", tmp_path / "crash.c"], check=True)
    done = kbeat("consume", "-e", "-j", "2", "--allow-private-addresses", env={
        "LD_PRELOAD": str(tmp_path / "crash.so"), "ASAN_OPTIONS": "verify_asan_link_order=0"})
    assert done.code == 0
    assert done.err.count("was in progress when a former process ended; it is tried alone") == 2
    assert {(row["outcome"], row["attempts"], row["error"]) for row in done.rows} == {
        ("done", 1, None), ("dead_letter", 3, "it crashed kbeat 3 times")}
    assert sorted(server.requests) == ["/deadly.wav", "/harmless.wav", "/harmless.wav", "/harmless.wav"]
    (letter,) = kbeat("dlq", "inspect", "--output", "json").rows
    assert letter["category"] == "crash"
    assert kbeat("store", "query", "SELECT beat_id FROM beat_metrics").rows == [{"beat_id": "harmless"}]


class SlowHook(http.server.BaseHTTPRequestHandler):
    """Notes the key of each call and keeps the first waiting."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(self.headers["Idempotency-Key"])
        if len(self.server.requests) == 1:
            self.server.asked.release()
            self.server.released.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_what_others_do_is_not_rehearsed(kbeat, server):
    server.RequestHandlerClass = SlowHook
    kbeat("produce", "orders", stdin="no event\n")
    hook = ("--webhook", f"http://127.0.0.1:{server.server_port}/", "--allow-private-addresses", "--raw")
    running = kbeat.start("consume", "orders", *hook, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert server.asked.acquire(timeout=30)
    running.kill()
    running.wait()
    done = kbeat("consume", "orders", "-e", *hook)
    assert (done.code, [row["outcome"] for row in done.rows]) == (0, ["done"])
    assert "was in progress" in done.err
    assert len(server.requests) == 2 and len(set(server.requests)) == 1, "once again, under the same key"


def test_what_is_given_up_at_the_end_is_named(kbeat, server):
    server.RequestHandlerClass = SlowHook
    kbeat("produce", "orders", stdin='{"n":1}\n')
    running = kbeat.start("consume", "orders", "--webhook", f"http://127.0.0.1:{server.server_port}/",
                          "--allow-private-addresses", "--drain-timeout", "100ms",
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.asked.acquire(timeout=30)
    running.terminate()
    told = running.stderr.read()
    assert running.wait() == 0
    assert "orders[0] offset 0 is not finished in time and is given up" in told


def test_a_topic_is_not_its_own_dead_letter_queue(kbeat):
    for command in (("orders", "dead.letter.queue"), ("orders", "--dlq-topic", "orders")):
        refused = kbeat("consume", *command, "--exec", "false")
        assert refused.code == 2 and "for ever" in refused.err and "--dlq-topic" in refused.err
