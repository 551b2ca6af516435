"""Help, versions, and arguments that are wrong."""

import os
import subprocess

import pytest


def test_no_arguments_print_the_help_and_fail(kbeat):
    result = kbeat()
    assert result.code == 2
    assert result.text.startswith("kbeat: ") and "Commands:" in result.text
    assert result.err == ""


def test_a_group_without_a_command_prints_its_help(kbeat):
    result = kbeat("topics")
    assert (result.code, result.err) == (2, "")
    assert "create" in result.text


def test_the_version_is_one_line_on_stdout(kbeat):
    result = kbeat("--version")
    assert (result.code, result.err) == (0, "")
    assert result.text.startswith("kbeat ") and result.text.count("\n") == 1


def all_commands(kbeat, words=()):
    """Every command with its help, from the program's own lists."""
    text = kbeat(*words, "--help").text
    yield words, text
    if "\nCommands:\n" in text:
        for line in text.split("\nCommands:\n")[1].split("\n\n")[0].splitlines():
            yield from all_commands(kbeat, (*words, line.split()[0]))


def test_every_help_has_examples_first_and_fits_a_screen(kbeat):
    texts = dict(all_commands(kbeat))
    assert {(), ("consume",), ("dlq", "retry"), ("store", "prune")} <= set(texts)
    for words, text in texts.items():
        assert text.startswith(" ".join(("kbeat", *words)) + ": ")
        assert text.index("\nExamples:\n") < text.index("\nUsage: "), words
        assert text.count("\n") <= 50, words
        assert max(map(len, text.splitlines())) <= 100, words


def test_help_all_says_what_every_flag_does(kbeat):
    brief, whole = kbeat("consume", "--help").text, kbeat("consume", "--help-all").text
    assert "Failures: --retry, --max-retries," in brief and "kbeat consume --help-all" in brief
    assert "  --max-retries N       tries after the first\n" in whole
    assert kbeat("health", "--help").text == kbeat("health", "--help-all").text


@pytest.mark.parametrize("arguments, complaint", [
    (["prodcue"], 'unknown command "prodcue"; did you mean produce? (see kbeat --help)'),
    (["topics", "lst"], 'unknown command "lst"; did you mean list? (see kbeat topics --help)'),
    (["produce", "t", "--patrition", "1"],
     'unknown flag "--patrition"; did you mean --partition? (see kbeat produce --help)'),
    (["topics", "list", "--broker=x"], 'unknown flag "--broker"; did you mean --brokers? (see kbeat topics list --help)'),
    (["config", "show", "-b", "a", "-b", "b"], "--brokers is given more than once (see kbeat config show --help)"),
    (["config", "show", "-b", "http://a:1"],
     'kafka.brokers (flag --brokers): "http://a:1" is a URL; give HOST:PORT, a comma list or a JSON list of them'),
    (["config", "show", "--timeout", "10 s"],
     'timeout (flag --timeout): "10 s" is not a span of time; give a span such as 10s'),
    (["config", "show", "--output", "xml"], '--output "xml": give table, json or csv'),
    (["config", "show", "-X", "linger.ms"], '-X "linger.ms" is not NAME=VALUE (-X list prints the names)'),
    (["config", "show", "-q", "-v"], "-q and -v contradict each other: give one"),
    (["consume", "-c", "-1"], "--count: Value -1 not in range 0 to 1000000000000000 (see kbeat consume --help)"),
    (["consume", "--print", "--tail", "99999999999999999999"],
     "--tail: Value 99999999999999999999 not in range 0 to 1000000000000000 (see kbeat consume --help)"),
])
def test_wrong_arguments_exit_2_with_one_line(kbeat, arguments, complaint):
    result = kbeat(*arguments)
    assert (result.code, result.text, result.err) == (2, "", f"kbeat: {complaint}\n")


def test_a_secret_on_the_command_line_is_refused_and_not_repeated(kbeat):
    result = kbeat("config", "show", "-X", "sasl.password=hunter2")
    assert result.code == 2
    assert "KAFKA_SASL_PASSWORD" in result.err
    assert "hunter2" not in result.err + result.text


def test_a_reader_that_goes_away_ends_it_quietly(kbeat):
    reading, writing = os.pipe()
    os.close(reading)
    process = kbeat.start("config", "show", stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 141


def test_a_full_disk_on_stdout_is_a_failure(kbeat):
    with open("/dev/full", "wb") as full:
        process = kbeat.start("config", "show", stdout=full, stderr=subprocess.PIPE)
        error = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert b"disk is full" in error


@pytest.mark.parametrize("arguments", [
    ["replay", "t", "--to", ""],
    ["replay", "t", "--to", "u", "--resume", ""],
    ["dlq", "retry", "--all", "--to=", "--yes"],
    ["consume", "--as", ""],
    ["topics", "list", "-b", ""],
])
def test_a_flag_whose_value_is_empty_is_refused(kbeat, arguments):
    result = kbeat(*arguments)
    assert (result.code, result.text) == (2, "") and "is empty: give a " in result.err, result


def test_an_empty_key_delimiter_or_text_is_a_value(kbeat):
    assert kbeat("produce", "t", "-k", "", "-K", "", "--correlation-id", "", stdin="x").code == 0
    assert kbeat("stream", "t", "-o", "beginning", "-e", "--key", "", "--grep", "", "-D", "").text == "x"
