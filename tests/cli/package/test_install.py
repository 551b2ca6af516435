"""What `cmake --install` puts in place works from there: program, pages, units, library."""

import json
import os
import pathlib
import platform
import re
import shlex
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def root(program, tmp_path_factory):
    """A clean root with the build that is under test installed into it."""
    place = tmp_path_factory.mktemp("root")
    run("cmake", "--install", pathlib.Path(program).parent, "--prefix", "/usr", env={**os.environ, "DESTDIR": str(place)})
    return place


def test_everything_is_in_its_place(root):
    for path in ["usr/bin/kbeat", "usr/share/man/man1/kbeat.1", "usr/share/man/man1/kbeat-health.1",
                 "usr/share/bash-completion/completions/kbeat", "usr/share/zsh/vendor-completions/_kbeat",
                 "usr/share/fish/vendor_completions.d/kbeat.fish", "usr/lib/systemd/system/kbeat-consume@.service",
                 "etc/kbeat/config.toml", "usr/include/kbeat/pipeline/consume_loop.hpp",
                 "usr/share/kbeat/samples/demo", "usr/share/doc/kbeat/copyright"]:
        assert (root / path).is_file(), path
    assert not list((root / "usr/include").rglob("*.cpp"))


def test_the_builds_for_older_and_newer_processors_measure_alike(program, root, tmp_path):
    cache = (pathlib.Path(program).parent / "CMakeCache.txt").read_text()
    if platform.machine() != "x86_64" or "CMAKE_BUILD_TYPE:STRING=Release\n" not in cache:
        pytest.skip("only the release build for x86-64 is made twice")
    wide = root / "usr/lib/glibc-hwcaps/x86-64-v3/libkbeat_audio.so.0"
    assert wide.is_file()
    sounds = sorted((ROOT / "samples" / "audio").glob("beat-*"))
    analyze = [root / "usr/bin/kbeat", "-q", "analyze", "--metrics", "all", "--beats", *sounds]
    environment = {**os.environ, "KBEAT_HOME": str(tmp_path)}
    newer = run(*analyze, env=environment)
    wide.rename(tmp_path / "wide")
    try:
        assert run(*analyze, env=environment) == newer
    finally:
        (tmp_path / "wide").rename(wide)


def test_the_demo_runs_from_there(root, tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    shown = run(root / "usr/share/kbeat/samples/demo", root / "usr/bin/kbeat", env=environment, cwd=tmp_path)
    assert '"beat_id":"beat-90"' in shown


@pytest.mark.parametrize("unit", ["kbeat-consume@.service", "kbeat-schedule.service", "kbeat-serve.service"])
def test_a_unit_is_hardened_and_its_command_line_starts_as_it_stands(root, unit, tmp_path):
    file = root / "usr/lib/systemd/system" / unit
    run("systemd-analyze", "security", "--offline=true", "--threshold=30", file)
    text = file.read_text()
    command = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1].replace("%i", "generic_topic"))
    settings = dict(word.split("=", 1) for word in re.search(r"^Environment=(.*)$", text, re.MULTILINE)[1].split())
    assert command[0] == "/usr/bin/kbeat"
    command += ["--listen", "127.0.0.1:0"] if "serve" in command else []
    environment = {"HOME": str(tmp_path), "KBEAT_HOME": str(tmp_path / "state"),
                   "KBEAT_CONFIG": str(root / settings["KBEAT_CONFIG"].lstrip("/"))}
    import socket
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        process = subprocess.Popen([str(root / "usr/bin/kbeat"), *command[1:]], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**environment, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        said = manager.recv(4096).decode()
        process.terminate()
        while said != "STOPPING=1":
            said = manager.recv(4096).decode()
    assert process.wait(timeout=20) == 0


def test_pkg_config_knows_the_library(root):
    environment = {**os.environ, "PKG_CONFIG_PATH": str(next((root / "usr/lib").rglob("pkgconfig"))),
                   "PKG_CONFIG_SYSROOT_DIR": str(root)}
    assert "-lkbeat" in run("pkg-config", "--libs", "kbeat", env=environment)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("pkg-config", "--modversion", "kbeat", env=environment))


def test_a_program_of_one_s_own_builds_against_it_and_works(root, tmp_path):
    sources = root / "usr/share/kbeat/samples/library"
    run("cmake", "-S", sources, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={root / 'usr'}", "-G", "Ninja")
    run("cmake", "--build", tmp_path / "build")
    data = tmp_path / "data"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    run(root / "usr/bin/kbeat", "-q", "produce", "orders", "--data-dir", data, env=environment,
        input='{"type":"ORDER","payload":{"id":1}}\n{"type":"OTHER","payload":{}}\n')
    shown = run(tmp_path / "build/count_orders", data, env=environment)
    assert re.findall(r'"outcome":"(\w+)"', shown) == ["done", "dead_letter"]
    kept = run(root / "usr/bin/kbeat", "store", "query", "SELECT type FROM events", "--data-dir", data, env=environment)
    assert kept == '{"type":"ORDER"}\n'


def test_the_compose_file_is_well_formed(program):
    whole = yaml.safe_load((ROOT / "samples/docker/compose.yml").read_text())
    services = whole["services"]
    assert {"kafka", "consumer"} == set(services)
    consumer = services["consumer"]
    assert (ROOT / "samples/docker" / consumer["build"]["context"]).resolve() == ROOT
    assert (ROOT / consumer["build"]["dockerfile"]).is_file()
    assert set(consumer["depends_on"]) <= set(services)
    for service in services.values():
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(whole["volumes"])
        assert all(isinstance(value, str) for value in service["environment"].values())
    # The command line is one that the program understands: help is all that is asked for.
    run(program, *consumer["command"], "--help")


def test_the_dockerfile_is_well_formed(program):
    text = (ROOT / "samples/docker/Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {line.split()[0] for line in lines} <= known
    stages = [line.split()[-1] for line in lines if line.startswith("FROM") and " AS " in line]
    assert all(stage in stages for stage in re.findall(r"--from=(\S+)", text))
    for line in lines:
        instruction, rest = line.split(None, 1)
        if instruction == "RUN":  # a shell reads it
            run("bash", "-n", "-c", rest)
        if instruction in ("CMD", "ENTRYPOINT"):
            assert all(isinstance(word, str) for word in json.loads(rest))
    probe = json.loads(re.search(r"HEALTHCHECK.*CMD (\[.*\])", text)[1])
    assert probe[0] == "kbeat"
    run(program, *probe[1:], "--help")
