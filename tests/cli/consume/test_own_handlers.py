"""Routes of one's own: programs, topics and URLs as handlers, on the command line and in the config."""

import contextlib
import http.server
import json
import sqlite3
import sys
import threading
import time

import pytest

EVENT = '{"event_id":"%s","event_type":"%s","n":%d}'


@pytest.fixture
def orders(kbeat):
    """A topic with one event of each of two types."""
    lines = "\n".join([EVENT % ("e1", "MADE", 1), EVENT % ("e2", "PAID", 2)])
    assert kbeat("produce", "orders", stdin=lines).code == 0
    return kbeat


def script(kbeat, name, body):
    path = kbeat.home / name
    path.write_text(body)
    path.chmod(0o755)
    return path


def python(kbeat, name, body):
    return script(kbeat, name, f"#!{sys.executable} -u\nimport json, sys, os, time\n{body}\n")


def outcomes(result):
    return [(row["id"], row["outcome"], row["error"]) for row in result.rows]


def test_a_program_gets_the_envelope_and_its_json_is_the_result(orders):
    script(orders, "show", "#!/bin/sh\ncat\n")
    result = orders("consume", "orders", "-e", "--exec", "./show")
    assert result.code == 0, result.err
    assert [row["outcome"] for row in result.rows] == ["done", "done"]
    envelope = result.rows[0]["result"]
    assert (envelope["topic"], envelope["offset"]) == ("orders", 0)
    assert json.loads(envelope["payload"]) == {"event_id": "e1", "event_type": "MADE", "n": 1}


def test_a_programs_exit_code_is_the_outcome_and_its_stderr_the_reason(orders):
    script(orders, "choose", '#!/bin/sh\ngrep -q MADE && { echo "no stock" >&2; exit 1; }\n'
                             'test -f tried && exit 0\ntouch tried; echo "later" >&2; exit 75\n')
    result = orders("consume", "orders", "-e", "--exec", "./choose", "--retry-delay", "1ms")
    assert sorted(outcomes(result)) == [("e1", "dead_letter", "no stock"), ("e2", "done", None)]
    assert [row["attempts"] for row in sorted(result.rows, key=lambda row: row["id"])] == [1, 2]


def test_a_program_that_is_late_is_killed_with_its_children_and_times_out(orders):
    script(orders, "sleepy", "#!/bin/sh\nsleep 600 &\nsleep 600\n")
    result = orders("consume", "orders", "-c", "1", "--exec", "./sleepy", "--handler-timeout", "100ms", "--retry", "none")
    assert outcomes(result) == [("e1", "dead_letter", "the handler did not end in time")]
    inspected = orders("dlq", "inspect", "-J").text
    assert "timeout" in inspected


def test_a_program_that_crashes_three_times_over_an_event_has_it_dead_lettered(orders):
    script(orders, "crashing", "#!/bin/sh\necho x >> starts\nkill -SEGV $$\n")
    result = orders("consume", "orders", "-c", "1", "--exec", "./crashing", "--retry-delay", "1ms", "--max-retries", "9")
    assert outcomes(result) == [("e1", "dead_letter", "the handler crashed (signal 11)")]
    assert (orders.home / "starts").read_text() == "x\n" * 3


def test_a_programs_environment_holds_no_secret_of_ours(orders):
    script(orders, "leak", '#!/bin/sh\necho "\\"${KBEAT_API_TOKEN:-none}\\""\n')
    result = orders("consume", "orders", "-c", "1", "--exec", "./leak", env={"KBEAT_API_TOKEN": "hush"})
    assert result.rows[0]["result"] == "none"


def test_a_coprocess_is_started_once_and_answers_event_by_event(orders):
    python(orders, "answer", """
open("starts", "a").write("x")
for line in sys.stdin:
    event = json.loads(line)
    good = json.loads(event["payload"])["n"] == 1
    print(json.dumps({"id": event["id"], "outcome": "done" if good else "reject", "error": "too much",
                      "result": event["offset"]}))""")
    result = orders("consume", "orders", "-e", "--coprocess", "./answer")
    assert outcomes(result) == [("e1", "done", None), ("e2", "dead_letter", "too much")]
    assert result.rows[0]["result"] == 0
    assert (orders.home / "starts").read_text() == "x"


def test_a_coprocess_that_dies_is_started_again_and_its_event_is_not_lost(orders):
    python(orders, "dying", """
open("starts", "a").write("x")
for line in sys.stdin:
    if len(open("starts").read()) == 1:
        sys.exit(1)
    print(json.dumps({"id": json.loads(line)["id"], "outcome": "done"}))""")
    result = orders("consume", "orders", "-e", "--coprocess", "./dying", "--retry-delay", "1ms")
    assert sorted(outcomes(result)) == [("e1", "done", None), ("e2", "done", None)]
    assert (orders.home / "starts").read_text() == "xx"
    assert "dying: it died over an event; the next start is in 0.2s" in result.err


def test_waiting_for_a_coprocess_is_no_part_of_an_event_s_time(kbeat):
    kbeat("produce", "many", "-K", ":", stdin="".join(f"k{i}:{EVENT % (f'e{i}', 'MADE', i)}\n" for i in range(8)))
    python(kbeat, "slow", """
open("starts", "a").write("x")
for line in sys.stdin:
    time.sleep(0.5)
    print(json.dumps({"id": json.loads(line)["id"], "outcome": "done"}))""")
    result = kbeat("consume", "many", "-e", "--coprocess", "./slow", "-j", "8", "--handler-timeout", "2s",
                   "--retry", "none")
    assert [row["outcome"] for row in result.rows] == ["done"] * 8, result.err
    assert (kbeat.home / "starts").read_text() == "x"


def test_waiting_for_the_next_start_of_a_coprocess_uses_up_no_attempt(kbeat):
    kbeat("produce", "many", stdin="\n".join(EVENT % (f"e{i}", "MADE", i) for i in range(4)))
    script(kbeat, "learning", """#!/bin/sh
printf x >> starts
read -r line; id=${line#*'"id":"'}; id=${id%%'"'*}
[ "$(cat starts)" = xxxx ] && echo "{\\"id\\":\\"$id\\",\\"outcome\\":\\"done\\"}" || echo nonsense
""")
    result = kbeat("consume", "many", "-e", "--coprocess", "./learning", "--handler-timeout", "600ms", "--retry", "none")
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("dead_letter", 1)] * 3 + [("done", 1)]
    assert "the next start is in 0.8s" in result.err


@pytest.mark.parametrize("answer, fault", [
    ("nonsense", "the answer is not JSON"),
    ('{"id":"another","outcome":"done"}', "the id of another event"),
    ('{"id":"orders/MADE/e1","outcome":"maybe"}', "none of done, retry and reject"),
])
def test_a_coprocess_that_breaks_the_protocol_is_ended_and_named(orders, answer, fault):
    python(orders, "odd", f"for line in sys.stdin: print({answer!r})")
    result = orders("consume", "orders", "-c", "1", "--coprocess", "./odd", "--retry", "none")
    assert result.rows[0]["outcome"] == "dead_letter"
    assert "broke the protocol" in result.rows[0]["error"] and fault in result.rows[0]["error"]


def test_forwarded_events_keep_key_and_headers_and_have_an_id_of_their_own(kbeat):
    kbeat("produce", "orders", "-k", "k1", "-H", "trace=7", stdin=EVENT % ("e1", "MADE", 1))
    assert kbeat("consume", "orders", "-e", "--forward", "copies").code == 0
    record = kbeat("consume", "copies", "-e", "--print", "-J").rows[0]
    headers = {header["key"]: header["value"] for header in record["headers"]}
    assert record["key"] == "k1" and record["payload"] == EVENT % ("e1", "MADE", 1)
    assert headers["trace"] == "7" and headers["kbeat.event-id"] == "orders/MADE/e1/copies"


def test_what_comes_from_the_target_of_a_forward_is_not_forwarded_again(kbeat):
    for topic in ("orders", "orders-copy"):
        kbeat("produce", topic, stdin='{"type":"ORDER","payload":{}}')
    result = kbeat("consume", "^orders.*", "-e", "--route", "^orders.* forward orders-copy")
    assert {row["topic"]: row["outcome"] for row in result.rows} == {"orders": "done", "orders-copy": "dead_letter"}
    assert "forwarding orders-copy to itself would never end" in result.text


def test_forwarding_raw_values_keeps_tombstones_and_bytes(kbeat):
    kbeat("produce", "raw", "-Z", "-K", ":", stdin=b"a:\nb:\xff\xfe\n")
    assert kbeat("consume", "raw", "-e", "--forward", "copies", "--raw").code == 0
    records = kbeat("consume", "copies", "-e", "--print", "-J").rows
    assert [(record["key"], record["payload"]) for record in records] == [("a", None), ("b", "//4=")]


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), body))
        self.server.times.append(time.monotonic())
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if not self.server.body:
            self.send_header("Content-Length", "0")
        self.end_headers()
        with contextlib.suppress(OSError):  # nobody has to read it to its end
            self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.calls, server.times, server.answers, server.body = [], [], [], b""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_posts_the_value_with_an_idempotency_key(orders, hook):
    result = orders("consume", "orders", "-c", "1", "--webhook", hook.url + "/in", "--allow-private-addresses")
    assert (result.rows[0]["outcome"], result.rows[0]["result"]) == ("done", {"status": 200})
    path, headers, body = hook.calls[0]
    assert (path, body.decode()) == ("/in", EVENT % ("e1", "MADE", 1))
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "orders/MADE/e1"
    assert (headers["Kbeat-Topic"], headers["Kbeat-Offset"]) == ("orders", "0")


def test_a_webhooks_status_decides_between_retry_and_reject(orders, hook):
    hook.answers = [(503, {}), (200, {}), (422, {})]
    result = orders("consume", "orders", "-e", "--webhook", hook.url, "--allow-private-addresses", "--retry-delay", "1ms",
                    "--route", "orders:PAID webhook " + hook.url)
    # Both go to the same server: the first that fits is the route of the command line.
    rows = {row["id"]: row for row in result.rows}
    assert len(hook.calls) == 3
    assert sorted(row["outcome"] for row in rows.values()) == ["dead_letter", "done"]
    assert [row["error"] for row in rows.values() if row["error"]] == [f"{hook.url} answered with HTTP status 422"]


def test_a_webhook_is_called_again_no_sooner_than_its_server_asked(orders, hook):
    hook.answers = [(429, {"Retry-After": "2"})]
    result = orders("consume", "orders", "-c", "1", "--webhook", hook.url, "--allow-private-addresses",
                    "--retry-delay", "1ms", "--retry-max", "10ms", "--max-retries", "1")
    assert [(row["outcome"], row["attempts"]) for row in result.rows] == [("done", 2)]
    assert hook.times[1] - hook.times[0] >= 2


@pytest.mark.parametrize("length", [{}, {"Content-Length": str(3 << 20)}])
def test_a_webhooks_status_counts_however_long_its_body_is(orders, hook, length):
    hook.answers, hook.body = [(200, length), (503, length), (200, length)], b"x" * (3 << 20)
    result = orders("consume", "orders", "-e", "--webhook", hook.url, "--allow-private-addresses", "--retry-delay", "1ms")
    assert [(row["outcome"], row["result"]) for row in result.rows] == [("done", {"status": 200})] * 2
    assert len(hook.calls) == 3


def test_a_webhook_is_not_called_at_a_private_address_unless_told(orders, hook):
    result = orders("consume", "orders", "-c", "1", "--webhook", hook.url)
    assert "is not a public address" in result.rows[0]["error"]
    assert hook.calls == []


@pytest.mark.parametrize("flags, output, outcome", [
    (["--exec", "false", "--retry", "none", "--dlq-topic", "orders.dlq"], "orders.dlq", "dead_letter"),
    (["--forward", "orders.copy"], "orders.copy", "done"),
])
def test_a_pattern_does_not_bring_a_consumers_own_output_back(orders, flags, output, outcome):
    command = ["consume", "^orders", "-e", "-G", "circle", *flags]
    assert [(row["topic"], row["outcome"]) for row in orders(*command).rows] == [("orders", outcome)] * 2
    assert len(orders("consume", output, "--print", "-e", "-J").rows) == 2
    assert orders(*command).rows == []


def test_routes_of_the_config_go_by_topic_pattern_and_type(orders, hook):
    script(orders, "show", "#!/bin/sh\necho '\"shown\"'\n")
    (orders.home / "token").write_text("t0ken\n")
    (orders.home / "c.toml").write_text(f"""
[[route]]
topic = "orders"
type = "^PA.*"
handler = "webhook"
url = "{hook.url}/paid"
headers = {{ X-Team = "billing" }}
token_file = "token"
allow_private_addresses = true
timeout = "2s"

[[route]]
topic = "^ord.*"
handler = "exec"
command = ["./show", "two words"]
name = "shower"
""")
    result = orders("--config", "c.toml", "consume", "orders", "-e")
    assert {row["id"]: row["result"] for row in result.rows} == {"e1": "shown", "e2": {"status": 200}}
    path, headers, _ = hook.calls[0]
    assert (path, headers["X-Team"], headers["Authorization"]) == ("/paid", "billing", "Bearer t0ken")
    with sqlite3.connect(orders.data_dir / "store.db") as store:
        owners = {row[0] for row in store.execute("SELECT handler FROM mark_owners")}
    assert "shower" in owners and "t0ken" not in result.err + result.text


@pytest.mark.parametrize("route, fault", [
    ('topic = "a"\nhandler = "exec"\n', 'command of [[route]] is missing'),
    ('topic = "a"\nhandler = "lambda"\n', '"lambda" is no handler: use exec, coprocess, forward or webhook'),
    ('topic = "a"\nhandler = "exec"\ncommand = "./x"\ncomand = "y"\n', "did you mean command?"),
    ('topic = "a"\nhandler = "forward"\nto = "a"\n', "would never end"),
    ('topic = "^("\nhandler = "forward"\nto = "b"\n', "is no pattern"),
    ('topic = "a"\nhandler = "webhook"\nurl = "ftp://x"\n', "no http or https URL"),
    ('topic = "a"\nhandler = "exec"\ncommand = "no-such-program-here"\n', "there is no program"),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\ntoken_env = "NOPE"\n', "NOPE, which is not set"),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://:80/"\n', "names no host"),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\nheaders = { "a b" = "c" }\n', 'the header "a b" is no name'),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\nheaders = { "content-Length" = "3" }\n',
     'the header "content-Length" is one that kbeat sets itself'),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\nheaders = { a = "b\\r\\nc: d" }\n', 'the header "a" has control'),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\ntoken_env = "TWO_LINES"\n', "the token has control characters"),
    ('topic = "a"\nhandler = "webhook"\nurl = "http://x"\ntoken_file = "two"\n', "the token has control characters"),
])
def test_a_route_that_cannot_work_is_refused_at_the_start(kbeat, route, fault):
    (kbeat.home / "c.toml").write_text("[[route]]\n" + route)
    (kbeat.home / "two").write_text("hidden\r\nX-More: 1\n")
    result = kbeat("--config", "c.toml", "consume", "a", "-e", env={"TWO_LINES": "hidden\r\nX-More: 1"})
    assert result.code == 2 and fault in result.err, result.err
    assert "c.toml" in result.err and "hidden" not in result.err


@pytest.mark.parametrize("flags, fault", [
    (["--exec", "a 'b"], "quote that is not closed"),
    (["--exec", "./x", "--webhook", "http://x"], "both take every event"),
    (["--route", "a"], "give TOPIC[:TYPE]"),
    (["--route", "a forward b c"], "forward needs one topic"),
    (["--raw"], "--raw needs"),
    (["--webhook", "http://"], "the webhook's address names no host"),
    (["--route", "a webhook http:///in"], "the webhook's address names no host"),
    (["--forward", "a"], "forwarding a to itself would never end"),
    (["--exec", ""], "--exec is empty"),
    (["--print", "--exec", "/bin/true"], "--exec does not go with it"),
    (["-J", "--route", "a exec /bin/true"], "--route does not go with it"),
])
def test_a_route_of_the_command_line_is_refused_with_its_flag(kbeat, flags, fault):
    result = kbeat("consume", "a", "-e", *flags)
    assert result.code == 2 and fault in result.err, result.err
