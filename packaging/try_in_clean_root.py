#!/usr/bin/env python3
"""Installs a package into a root that holds nothing but the operating system, and uses it there as people do.

    packaging/try_in_clean_root.py PACKAGE.deb     (as root; needs mmdebstrap)

The root is made from the release and the mirror that this machine uses. There the package is installed with what it
depends on; its files are as packed; each unit's command line is started as it stands until it says that it is ready;
the demo runs; the README and the tutorials are followed word by word by an ordinary user; removing it leaves nothing.
All but the installing happens without a network.
"""

import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))

from tutorial_pages import matches, steps  # noqa: E402  (needs the path above)

# What the tutorials use besides kbeat, and what removing is looked at with.
TOOLS = "curl,jq"
USER = "1000:1000"
IN_NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--"]


def output(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def release():
    """The code name of this machine's release with the mirror and the components that apt gets it from."""
    name = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)[1]
    lines = [line.split() for line in output("apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
                                             "Created-By: Packages").splitlines()]
    found = [(site, component) for site, suite, component in lines if suite == name]
    if not found:
        sys.exit(f"apt knows no mirror of {name}: run apt-get update first")
    return name, found[0][0], sorted({component for _, component in found if component in ("main", "universe")})


def make_root(root, package):
    name, mirror, components = release()
    subprocess.run(
        ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={TOOLS}",
         "--aptopt=APT::Install-Recommends \"false\"", f"--customize-hook=copy-in {package} /root",
         f"--customize-hook=chroot \"$1\" apt-get -qq -y install /root/{package.name} >/dev/null",
         name, root, f"deb {mirror} {name} {' '.join(components)}"], check=True)


class Root:
    """Commands in the root. Used within namespaces of its own: nobody else sees mounts, processes and sockets."""

    def __init__(self, path):
        self.path = path
        for folder, kind in (("proc", "proc"), ("tmp", "tmpfs")):
            subprocess.run(["mount", "-t", kind, kind, path / folder], check=True)
        subprocess.run(["mount", "--rbind", "/dev", path / "dev"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.home = path / "home" / "user"
        self.home.mkdir()
        shutil.chown(self.home, 1000, 1000)

    def command(self, *words, user=USER, **variables):
        named = [f"{name}={value}" for name, value in {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                                                       "HOME": "/home/user", **variables}.items()]
        return ["chroot", f"--userspec={user}", str(self.path), "env", "-i", *named, *words]

    def run(self, *words, **options):
        done = subprocess.run(self.command(*words, **options), capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            sys.exit(f"{words[0]} ended with {done.returncode} in the clean root:\n{words}\n{done.stdout}{done.stderr}")
        return done.stdout


def start_unit(root, unit):
    """Starts the command line as it stands, with the unit's variables, until it is ready; then ends it."""
    text = unit.read_text()
    line = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1].replace("%i", "beats-events")
    variables = dict(word.split("=", 1) for word in re.search(r"^Environment=(.*)$", text, re.MULTILINE)[1].split())
    state = root.path / variables["KBEAT_HOME"].lstrip("/")
    state.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(state, 65534, 65534)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        address = root.path / "tmp" / "notify"
        manager.bind(str(address))
        address.chmod(0o666)
        manager.settimeout(30)
        process = subprocess.Popen(root.command(*shlex.split(line), user="65534:65534", NOTIFY_SOCKET="/tmp/notify", **variables),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            while manager.recv(4096) != b"READY=1":
                pass
        finally:
            process.terminate()
            said = process.communicate(timeout=60)[1]
        address.unlink()
    if process.returncode != 0:
        sys.exit(f"{unit.name}: ended with {process.returncode}: {said}")
    shutil.rmtree(state)


def follow(root, page, place):
    for commands, expected in steps(page):
        shown = root.run("bash", "-euo", "pipefail", "-c", f"cd {place}\n{commands}",
                         KBEAT_HOME=f"/home/user/data-{page.stem}")
        if expected is not None and not matches(shown, expected):
            sys.exit(f"{page.name} shows something else:\n{commands}\n{shown}")


def use(path):
    root = Root(path)
    root.run("dpkg", "--verify", "kbeat", user="0:0")
    print("installed:", root.run("kbeat", "--version").strip())
    for unit in sorted((path / "usr/lib/systemd/system").glob("kbeat-*.service")):
        start_unit(root, unit)
        print("started and stopped:", unit.name)
    root.run("/usr/share/kbeat/samples/demo", "/usr/bin/kbeat")
    print("ran: the demo")
    root.run("cp", "-r", "/usr/share/kbeat/samples", "/home/user/samples")
    documents = path / "usr/share/doc/kbeat"
    tutorials = sorted((documents / "tutorials").glob("*.md"))
    if not tutorials:
        sys.exit("the package holds no tutorials")
    for page in tutorials:
        follow(root, page, f"/home/user/samples/{page.stem}")
        print("followed:", page.name)
    follow(root, documents / "README.md", "/home/user")
    print("followed: README.md")
    root.run("dpkg", "--purge", "kbeat", user="0:0")
    left = root.run("find", "/", "-xdev", "-name", "*kbeat*", "-not", "-path", "/home/*", "-not", "-path", "/root/*", user="0:0")
    if left:
        sys.exit(f"removing leaves {left}")
    print("removed: nothing is left")


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--use":
        return use(pathlib.Path(sys.argv[2]))
    package = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="kbeat-root-") as folder:
        root = pathlib.Path(folder) / "root"
        make_root(root, package)
        subprocess.run([*IN_NAMESPACES, sys.executable, str(HERE), "--use", str(root)], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
