"""Judges of others' making: the Autobahn cases for WebSockets, and a validator of OpenAPI documents."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[3]
TOOLS = ROOT / "build" / "tools" / "bin"


def tool(name):
    path = TOOLS / name
    assert path.is_file(), f"{path} is missing: ./dev test installs it"
    return str(path)


def test_the_autobahn_cases_pass(tmp_path):
    """All but those of sizes beyond a megabyte (9) and of compression, which is not offered (12, 13)."""
    folder = pathlib.Path(os.environ.get("KBEAT_TEST_PROGRAMS", ROOT / "build" / "dev" / "tests"))
    server = subprocess.Popen([folder / "kbeat_echo_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().strip()
    without = [word for group in ("9.*", "12.*", "13.*") for word in ("-x", group)]
    judged = subprocess.run([tool("kosoku"), *without, "-o", tmp_path, f"127.0.0.1:{port}"], capture_output=True,
                            text=True, timeout=120)
    server.stdin.close()
    assert server.wait(20) == 0
    assert judged.returncode == 0 and "247 cases passed" in judged.stdout, judged.stdout + judged.stderr


def test_the_description_is_a_valid_openapi_document(listen, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_bytes(listen("serve").get("/openapi.json").body)
    judged = subprocess.run([tool("python"), "-m", "openapi_spec_validator", document], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr
