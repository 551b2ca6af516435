"""Secrets go in by every door there is and come out by none."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from live_server import eventually

CANARY = "canary"
DEAD_BROKER = "127.0.0.1:1"


@pytest.fixture
def secrets(kbeat):
    """Flags and variables that carry a secret each."""
    files = {"client.properties": "ssl.key.password=canary-in-F\nsasl.oauthbearer.client.secret=canary-oauth\n",
             "password": "canary-in-file\n", "token": "canary-hook-token",
             "c.toml": f"""
                 api_token = "canary-api-in-config"
                 notify.webhook = "http://127.0.0.1:1/canary-notify"
                 alerts.webhook = "http://127.0.0.1:1/?token=canary-alert"
                 kafka.sasl_password = "canary-in-config"
                 kafka.sasl_username = "ann"
                 [kafka.properties]
                 "ssl.keystore.password" = "canary-keystore"
                 [[route]]
                 topic = "orders"
                 handler = "webhook"
                 url = "http://127.0.0.1:1/hook?key=canary-hook-key"
                 token_file = "{kbeat.home}/token"
                 allow_private_addresses = true
             """}
    for name, text in files.items():
        (kbeat.home / name).write_text(text)
        (kbeat.home / name).chmod(0o600)
    flags = ["--config", kbeat.home / "c.toml", "-F", kbeat.home / "client.properties", "-vv"]
    return flags, {"KAFKA_SASL_PASSWORD": "canary-in-env", "KBEAT_API_TOKEN": "canary-api"}


def assert_unseen(result, words):
    assert CANARY not in result.text + result.err, words


@pytest.mark.parametrize("words", [
    ["config", "show"], ["config", "show", "--output", "table"], ["config", "show", "--output", "csv"], ["-X", "dump"],
    ["topics", "list"], ["produce", "orders"], ["consume", "orders", "-e", "--connect-attempts", "1"],
    ["consume", "orders", "-e", "--print"], ["health", "--deep"], ["dlq", "inspect"], ["groups", "list"],
    ["config", "show", "--profile", "none"], ["consume", "--no-such-flag"],
], ids=" ".join)
def test_no_command_shows_a_secret_however_much_it_says(kbeat, secrets, words):
    flags, env = secrets
    result = kbeat(*words, *flags, "-b", DEAD_BROKER, "-X", "debug=all", "--timeout", "1s", env=env, stdin="x\n")
    assert result.text or result.err
    assert_unseen(result, words)


def test_a_handler_that_fails_leaves_no_secret_in_results_letters_and_files(kbeat, secrets):
    flags, env = secrets
    kbeat("produce", "orders", stdin='{"event_id":"e1","event_type":"T"}\n')
    result = kbeat("consume", "orders", "-e", "--max-retries", "0", "--breaker", "0", *flags, env=env)
    assert [row["outcome"] for row in result.rows] == ["dead_letter"], result
    assert_unseen(result, "consume")
    assert_unseen(kbeat("dlq", "inspect", "-J"), "dlq inspect")
    files = [file for file in kbeat.data_dir.rglob("*") if file.is_file()]
    assert len(files) >= 2
    for file in files:
        assert CANARY.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("words", [
    ["-X", "sasl.password=canary"], ["-X", "ssl.key.pem=canary"], ["-X", "sasl.oauthbearer.client.secret=canary"],
    ["--webhook", "http://u:canary@127.0.0.1/"],
])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(kbeat, words):
    result = kbeat("consume", "orders", "-e", *words)
    assert result.code == 2 and result.err.count("\n") == 1
    assert_unseen(result, words)


def test_a_registrys_login_is_used_and_not_shown(kbeat):
    kbeat("produce", "orders", stdin="\0\0\0\0\1x\n")
    for words in (["config", "show"], ["consume", "orders", "-e", "--max-retries", "0", "--as", "analytics-events", "-vv"]):
        result = kbeat(*words, env={"SCHEMA_REGISTRY_URL": "http://u:canary@127.0.0.1:1"})
        assert result.text
        assert_unseen(result, words)


def test_a_webhooks_url_with_a_password_is_refused(kbeat):
    config = kbeat.home / "c.toml"
    config.write_text('notify.webhook = "http://u:canary@127.0.0.1/"\n')
    result = kbeat("config", "show", "--config", config)
    assert (result.code, result.text) == (2, "") and "user name or password" in result.err
    assert_unseen(result, "notify.webhook")


def test_a_process_that_holds_a_secret_hides_its_memory_and_environment(kbeat):
    """As nobody, since root may look at everything; a process without a secret shows that the look itself works."""
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    program = kbeat.program
    home = pathlib.Path(tempfile.mkdtemp())  # not below tmp_path, which is root's alone
    home.chmod(0o777)
    try:
        for env, readable in (({}, True), ({"KAFKA_PASSWORD": "canary-env", "KAFKA_USERNAME": "ann"}, False)):
            process = subprocess.Popen([*as_nobody, program, "produce", "orders"], stdin=subprocess.PIPE,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=kbeat.environment(HOME=str(home), KBEAT_HOME=str(home / "data"), **env))
            eventually(lambda: list(home.glob("data/log.db")), "the log of a produce that waits for input")
            look = subprocess.run([*as_nobody, "cat", f"/proc/{process.pid}/environ"], capture_output=True, check=False)
            assert (look.returncode == 0) == readable, look.stderr
            assert CANARY.encode() not in pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
            process.communicate(b"{}\n", timeout=30)
            assert process.returncode == 0
            shutil.rmtree(home / "data")
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("mode, warned", [(0o600, False), (0o640, True), (0o604, True)])
def test_a_secret_that_others_can_read_is_warned_of(kbeat, mode, warned):
    file = kbeat.home / "password"
    file.write_text("canary-in-file\n")
    file.chmod(mode)
    config = kbeat.home / "c.toml"
    config.write_text(f'kafka.sasl_username = "ann"\nkafka.sasl_password_file = "{file}"\n')
    result = kbeat("topics", "list", "--config", config, "-b", DEAD_BROKER, "--timeout", "1s")
    assert result.code == 1
    assert_unseen(result, mode)
    assert (f"{file} holds a secret and can be read by others; run: chmod 600 {file}" in result.err) == warned
