"""Listeners that ask who comes: PLAIN, SCRAM, TLS and mutual TLS on a real broker; secrets are seen by nobody."""

import pathlib
import subprocess

import pytest

from kafka_broker import KafkaBroker

PASSWORD = "p4ss-canary-7731"


def openssl(*arguments, **options):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options)


def certificate(folder, name, extension, authority=None):
    """Makes NAME.key and NAME.pem, signed by the authority or by itself."""
    key, request, pem = folder / f"{name}.key", folder / f"{name}.csr", folder / f"{name}.pem"
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
    issuer = ["-signkey", key] if authority is None else ["-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                                                          "-CAcreateserial"]
    (folder / "ext").write_text(extension)
    openssl("x509", "-req", "-in", request, *issuer, "-days", "2", "-out", pem, "-extfile", folder / "ext")
    return pem


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    certificate(folder, "ca", "basicConstraints=critical,CA:TRUE\n")
    certificate(folder, "server", "subjectAltName=IP:127.0.0.1\n", folder / "ca")
    certificate(folder, "client", "extendedKeyUsage=clientAuth\n", folder / "ca")
    certificate(folder, "other", "basicConstraints=critical,CA:TRUE\n")
    (folder / "keystore.pem").write_text((folder / "server.key").read_text() + (folder / "server.pem").read_text())
    return folder


@pytest.fixture(scope="module")
def guarded(certificates):
    """A broker with a listener of each kind, a user ann and a topic t with one record."""
    stores = {f"listener.name.{name}.ssl.{key}": value for name in ("tls", "mtls") for key, value in {
        "keystore.type": "PEM", "keystore.location": certificates / "keystore.pem", "truststore.type": "PEM",
        "truststore.location": certificates / "ca.pem"}.items()}
    broker = KafkaBroker(sasl={"bob": PASSWORD}, listeners={"SCRAM": "SASL_PLAINTEXT", "TLS": "SSL", "MTLS": "SSL"}, settings={
        **stores, "listener.name.mtls.ssl.client.auth": "required", "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.scram-sha-512.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"})
    broker.start()
    broker.tool("kafka-configs", "--alter", "--add-config", f"SCRAM-SHA-512=[password={PASSWORD}]", "--entity-type",
                "users", "--entity-name", "ann")
    broker.create_topic("t")
    yield broker
    broker.stop()


def scram(password=PASSWORD):
    return {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_SASL_USERNAME": "ann", "KAFKA_SASL_PASSWORD": password}


def tls(certificates, authority="ca", client=None):
    env = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CAFILE": str(certificates / f"{authority}.pem")}
    if client:
        env |= {"KAFKA_SSL_CERTFILE": str(certificates / f"{client}.pem"),
                "KAFKA_SSL_KEYFILE": str(certificates / f"{client}.key")}
    return env


def round_trip(kbeat, bootstrap, env, text):
    assert kbeat("produce", "t", "-b", bootstrap, env=env, stdin=text + "\n").code == 0
    result = kbeat("consume", "t", "--print", "-e", "-b", bootstrap, env=env)
    assert result.code == 0 and result.text.splitlines()[-1] == text, result


def test_plain_takes_the_password_from_the_environment_or_a_file(kbeat, guarded, tmp_path):
    where = guarded.sasl_bootstrap
    round_trip(kbeat, where, {"KAFKA_USERNAME": "bob", "KAFKA_PASSWORD": PASSWORD}, "by plain")
    secret, config, properties = (tmp_path / name for name in ("secret", "config.toml", "client.properties"))
    secret.write_text(PASSWORD + "\n")
    config.write_text(f"kafka.sasl_username = 'bob'\nkafka.sasl_password_file = '{secret}'\n")
    properties.write_text("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=bob\n"
                          f"sasl.password={PASSWORD}\n")
    for file in (secret, properties):
        file.chmod(0o600)
    for flags in (["--config", config], ["-F", properties]):
        result = kbeat("topics", "list", "-b", where, *flags)
        assert (result.code, result.err) == (0, ""), result
    wrong = kbeat("topics", "list", "-b", where, "--timeout", "5s",
                  env={"KAFKA_USERNAME": "bob", "KAFKA_PASSWORD": "wrong-canary"})
    assert (wrong.code, wrong.err.count("\n")) == (1, 1) and "canary" not in wrong.err, wrong


def test_a_protocol_that_the_listener_does_not_speak_is_named(kbeat, guarded, certificates):
    for where, env in ((guarded.bootstrap, tls(certificates)), (guarded.bootstrap_of("TLS"), {})):
        result = kbeat("topics", "list", "-b", where, "--timeout", "3s", env=env)
        assert (result.code, result.err.count("\n")) == (1, 1), result
        assert "KAFKA_SECURITY_PROTOCOL" in result.err or "security.protocol" in result.err, result


def test_scram_lets_the_right_password_in_where_librdkafka_can(kbeat, guarded):
    """kcat, on the same librdkafka, is the judge: Kafka 4 refuses the SCRAM of those before 2.6.1."""
    flags = [f"-X{name}={value}" for name, value in {
        "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "ann",
        "sasl.password": PASSWORD}.items()]
    judge = subprocess.run(["kcat", "-b", guarded.bootstrap_of("SCRAM"), "-L", "-m", "5", *flags], capture_output=True,
                           check=False)
    if judge.returncode == 0:
        round_trip(kbeat, guarded.bootstrap_of("SCRAM"), scram(), "by scram")
        return
    result = kbeat("topics", "list", "-b", guarded.bootstrap_of("SCRAM"), env=scram())
    assert result.code == 1 and "librdkafka before 2.6.1" in result.err, result


def test_tls_checks_the_brokers_certificate(kbeat, guarded, certificates):
    round_trip(kbeat, guarded.bootstrap_of("TLS"), tls(certificates), "by tls")


def test_mutual_tls_shows_a_certificate_of_ones_own(kbeat, guarded, certificates):
    round_trip(kbeat, guarded.bootstrap_of("MTLS"), tls(certificates, client="client"), "by mutual tls")


@pytest.mark.parametrize("listener, env", [
    ("SCRAM", lambda _: scram("wrong-canary-9")), ("TLS", lambda folder: tls(folder, authority="other")),
    ("MTLS", tls), ("MTLS", lambda folder: tls(folder, client="other")),
], ids=["a wrong password", "an unknown authority", "no certificate", "a certificate of another authority"])
def test_who_is_refused_is_told_within_the_timeout(kbeat, guarded, certificates, listener, env):
    result = kbeat("topics", "list", "-b", guarded.bootstrap_of(listener), "--timeout", "5s", env=env(certificates),
                   timeout=30)
    assert (result.code, result.text, result.err.count("\n")) == (1, "", 1), result
    assert "canary" not in result.err


def test_secrets_are_seen_nowhere(kbeat, guarded):
    for password in (PASSWORD, "wrong-canary-9"):
        for words in (["topics", "list"], ["-X", "dump"], ["config", "show"], ["produce", "t"]):
            result = kbeat(*words, "-b", guarded.bootstrap_of("SCRAM"), "-vv", "-X", "debug=all", "--timeout", "3s",
                           env=scram(password), stdin="x\n")
            assert "canary" not in result.text + result.err, words
    reading = kbeat.start("produce", "t", "-q", "-b", guarded.bootstrap_of("SCRAM"), env=scram(), stdin=subprocess.PIPE)
    assert b"canary" not in pathlib.Path(f"/proc/{reading.pid}/cmdline").read_bytes()
    reading.communicate(timeout=30)
    assert reading.returncode == 0
