"""Trace context and correlation ids: from produce through handlers, logs, dead letters, retries and replays."""

import http.server
import json
import re
import threading

import pytest

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = "0af7651916cd43dd8448eb211c80319c"
EVENT = '{"event_id":"e1","event_type":"MADE"}'


def headers_of(row):
    return {header["key"]: header["value"] for header in row["headers"]}


def records(kbeat, topic):
    return [headers_of(row) for row in kbeat("stream", topic, "-o", "beginning", "-e", "-J").rows]


def step_of(traceparent):
    version, trace, span, flags = traceparent.split("-")
    assert (version, flags) == ("00", "01") and re.fullmatch("[0-9a-f]{16}", span)
    return trace, span


def test_produce_begins_a_trace_a_record_or_goes_on_with_that_of_its_environment(kbeat):
    kbeat("produce", "t", "--trace", stdin="a\nb\n")
    begun = [step_of(headers["traceparent"])[0] for headers in records(kbeat, "t")]
    assert len(set(begun)) == 2
    kbeat("produce", "u", "--trace", stdin="a\nb\n", env={"TRACEPARENT": PARENT, "TRACESTATE": "shop=1"})
    went_on = records(kbeat, "u")
    assert [step_of(headers["traceparent"])[0] for headers in went_on] == [TRACE, TRACE]
    assert len({headers["traceparent"] for headers in went_on} | {PARENT}) == 3
    assert all(headers["tracestate"] == "shop=1" for headers in went_on)


def test_what_a_record_says_of_its_trace_is_kept(kbeat):
    kbeat("produce", "t", "--trace", "--correlation-id", "mine", "-H", f"traceparent={PARENT}", "-H", "correlation_id=its",
          stdin="a\n")
    assert records(kbeat, "t") == [{"traceparent": PARENT, "correlation_id": "its"}]
    kbeat("produce", "plain", stdin="a\n", env={"TRACEPARENT": PARENT})
    assert records(kbeat, "plain") == [{}], "without --trace nothing is added: pipes stay lossless"


def test_an_event_made_of_fields_has_the_correlation_id_in_its_shape_too(kbeat):
    kbeat("produce", "conversation.events", "--event", "conversation.started", "-k", "e1", "--field", "conversation_id=c1",
          "--field", "user_id=u1", "--correlation-id", "order-7")
    row = kbeat("stream", "conversation.events", "-o", "beginning", "-e", "-J").rows[0]
    assert json.loads(row["payload"])["correlation_id"] == "order-7"
    assert headers_of(row) == {"correlation_id": "order-7"}


def test_a_program_goes_on_with_the_trace(kbeat):
    script = kbeat.home / "show"
    script.write_text('#!/bin/sh\nprintf \'["%s","%s","%s"]\' "$TRACEPARENT" "$TRACESTATE" "$CORRELATION_ID"\n')
    script.chmod(0o755)
    kbeat("produce", "orders", "-H", f"traceparent={PARENT}", "-H", "tracestate=shop=1", "--correlation-id", "c-1", stdin=EVENT)
    row = kbeat("consume", "orders", "-e", "--exec", "./show").rows[0]
    parent, state, correlation = row["result"]
    trace, span = step_of(parent)
    assert (trace, state, correlation) == (TRACE, "shop=1", "c-1") and parent != PARENT
    assert (row["trace_id"], row["span_id"], row["correlation_id"]) == (TRACE, span, "c-1")


def test_an_event_outside_any_trace_has_no_such_fields(kbeat):
    kbeat("produce", "generic_topic", stdin="{}")
    row = kbeat("consume", "generic_topic", "-e").rows[0]
    assert not {"trace_id", "span_id", "correlation_id"} & set(row)


def test_a_webhook_and_a_forwarded_event_go_on_with_the_trace(kbeat):
    seen = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.headers["traceparent"], self.headers["tracestate"], self.headers["X-Correlation-ID"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    kbeat("produce", "orders", "-H", f"traceparent={PARENT}", "-H", "tracestate=shop=1", "-H", "shop=berlin",
          "--correlation-id", "c-1", stdin=EVENT)
    assert kbeat("consume", "orders", "-e", "-G", "w", "--webhook", url, "--allow-private-addresses").rows[0]["outcome"] == "done"
    assert kbeat("consume", "orders", "-e", "-G", "f", "--forward", "copies").rows[0]["outcome"] == "done"
    server.shutdown()
    [(parent, state, correlation)] = seen
    assert (step_of(parent)[0], state, correlation) == (TRACE, "shop=1", "c-1")
    [copy] = records(kbeat, "copies")
    assert step_of(copy["traceparent"])[0] == TRACE and copy["traceparent"] != PARENT
    assert (copy["tracestate"], copy["correlation_id"], copy["shop"]) == ("shop=1", "c-1", "berlin")


def test_what_a_built_in_handler_emits_belongs_to_the_trace(kbeat, request):
    audio = request.config.rootpath / "samples" / "audio" / "beat-120-a-minor.wav"
    event = {"type": "BEAT_CREATED", "payload": {"beatId": "b1", "audioUrl": audio.as_uri(), "userId": "u"}}
    kbeat("produce", "beats-events", "-H", f"traceparent={PARENT}", stdin=json.dumps(event))
    assert kbeat("consume", "beats-events", "-e", "--allow-file-urls").rows[0]["outcome"] == "done"
    [emitted] = records(kbeat, "analytics-events")
    assert step_of(emitted["traceparent"])[0] == TRACE


def test_a_dead_letter_its_retry_and_a_replay_keep_the_trace(kbeat):
    kbeat("produce", "orders", "-H", f"traceparent={PARENT}", "--correlation-id", "c-1", stdin="no json\n")
    result = kbeat("-v", "--log-format", "json", "consume", "orders", "-e", "--exec", "true")
    row = result.rows[0]
    assert (row["outcome"], row["trace_id"], row["correlation_id"]) == ("dead_letter", TRACE, "c-1")
    lines = [json.loads(line) for line in result.err.splitlines() if line.startswith('{"time"')]
    [told] = [line for line in lines if "failed for good" in line["message"]]
    assert (told["trace_id"], told["span_id"], told["correlation_id"]) == (TRACE, row["span_id"], "c-1")
    [letter] = [headers_of(row) for row in kbeat("dlq", "inspect", "-J").rows]
    assert (letter["traceparent"], letter["correlation_id"]) == (PARENT, "c-1")
    assert kbeat("dlq", "retry", "--all", "--yes").code == 0
    assert kbeat("replay", "orders", "--to", "again").code == 0
    for topic in ("orders", "again"):
        assert [(headers["traceparent"], headers["correlation_id"]) for headers in records(kbeat, topic)] == [(PARENT, "c-1")] * 2


@pytest.mark.parametrize("text", ["x" * 257, "\udcff"], ids=["too long", "no UTF-8"])
def test_a_correlation_id_that_is_no_short_text_is_refused(kbeat, text):
    result = kbeat("produce", "t", "--correlation-id", text, stdin="a\n")
    assert result.code == 2 and "--correlation-id" in result.err
