"""`kbeat config show`: every setting with its value and source."""

import csv
import io


def shown(result):
    assert (result.code, result.err) == (0, "")
    return {row["name"]: row for row in result.rows}


def test_defaults_are_named_as_such(kbeat):
    rows = shown(kbeat("config", "show"))
    assert rows["connect.max_retries"] == {"name": "connect.max_retries", "value": "10", "source": "default"}
    assert rows["kafka.brokers"]["value"] is None
    assert rows["data_dir"]["value"] == str(kbeat.data_dir)


def test_each_source_is_named(kbeat):
    config = kbeat.home / "c.toml"
    config.write_text('[batch]\nsize = 3\ntimeout = "9s"\n[profile.p.batch]\nsize = 4\n')
    rows = shown(kbeat("config", "show", "--config", config, "--profile", "p", "-b", "a",
                       env={"KAFKA_COOLDOWN": "5s"}))
    sources = {name: (rows[name]["value"], rows[name]["source"]) for name in
               ("batch.size", "batch.timeout", "connect.cooldown", "kafka.brokers")}
    assert sources == {"batch.size": ("4", "profile p"), "batch.timeout": ("9s", "config"),
                       "connect.cooldown": ("5s", "environment KAFKA_COOLDOWN"), "kafka.brokers": ("a", "flag --brokers")}


def test_each_property_is_shown_once_with_the_source_that_counts(kbeat):
    config = kbeat.home / "c.toml"
    config.write_text('[kafka.properties]\n"client.id" = "c"\n"linger.ms" = 3\n')
    rows = shown(kbeat("config", "show", "--config", config, "-b", "a", "-X", "linger.ms=9",
                       env={"KAFKA_PRODUCER_LINGER_MS": "5", "KAFKA_SSL_CAFILE": "/ca.pem"}))
    sources = {name.removeprefix("kafka.properties."): (row["value"], row["source"]) for name, row in rows.items()
               if name.startswith("kafka.properties.")}
    assert sources == {"client.id": ("c", "config"), "linger.ms": ("9", "flag -X"),
                       "ssl.ca.location": ("/ca.pem", "environment KAFKA_SSL_CAFILE"),
                       "security.protocol": ("ssl", "environment KAFKA_SSL_CAFILE")}


def test_secrets_are_masked_in_every_form(kbeat):
    properties = kbeat.home / "client.properties"
    properties.write_text("ssl.key.password=swordfish\n")
    properties.chmod(0o600)
    secrets = {"KAFKA_USERNAME": "u", "KAFKA_PASSWORD": "hunter2", "KBEAT_API_TOKEN": "tr0ub4dor", "KAFKA_BROKER": "localhost"}
    for form in ("table", "json", "csv"):
        result = kbeat("config", "show", "--output", form, "-F", properties, env=secrets)
        assert result.code == 0
        assert "sasl.password" in result.text and "ssl.key.password" in result.text
        for secret in ("hunter2", "tr0ub4dor", "swordfish"):
            assert secret not in result.text + result.err


def test_csv_has_a_header_and_reads_back(kbeat):
    result = kbeat("config", "show", "--output", "csv", env={"KAFKA_BROKER": '["a:1","b:2"]'})
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(result.text))}
    assert rows["kafka.brokers"]["value"] == '["a:1","b:2"]'


def test_a_table_has_a_title_line_and_aligned_columns(kbeat):
    lines = kbeat("config", "show", "--output", "table").text.splitlines()
    column = lines[0].index("value")
    assert lines[0].split() == ["name", "value", "source"]
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)


def test_a_wrong_config_names_file_line_and_key(kbeat):
    config = kbeat.home / "c.toml"
    config.write_text('[kafka]\nbrokerz = "a"\n')
    result = kbeat("config", "show", "--config", config)
    assert (result.code, result.text) == (2, "")
    assert result.err == (f"kbeat: config {config}, line 2: kafka.brokerz is no setting; did you mean kafka.brokers? "
                          "(kbeat config show lists them)\n")


def test_a_config_that_cannot_be_read_is_named(kbeat):
    for name in (kbeat.home / "missing.toml", kbeat.home):
        result = kbeat("config", "show", "--config", name)
        assert (result.code, result.text) == (2, "")
        assert str(name) in result.err and result.err.count("\n") == 1


def test_two_synonyms_that_differ_are_both_named(kbeat):
    result = kbeat("config", "show", env={"KAFKA_BROKERS": "a:1", "KAFKA_BROKER": "b:1"})
    assert result.code == 2
    assert result.err == ("kbeat: KAFKA_BROKERS and KAFKA_BROKER mean the same setting (kafka.brokers) and differ: "
                          "unset one of them\n")
