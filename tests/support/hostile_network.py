"""A network of its own in which every address answers, so that a fetch that should not happen is seen.

    unshare --mount --net python3 hostile_network.py AUDIO COMMAND...

Runs COMMAND where the names of NAMES resolve through a name server of ours, and where a web server listens on every
address. It serves AUDIO under any path but /to?URL, which redirects there. Prints one JSON object: the command's exit
code, stdout and stderr, and which local addresses were connected to.
"""

import fcntl
import http.server
import itertools
import json
import os
import pathlib
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse

PUBLIC = "93.184.215.14"
OTHERS = ["10.9.8.7", "169.254.169.254", "192.168.7.7", "172.16.0.9", "100.64.0.1", "198.18.0.1"]

# What each name resolves to, one entry a question; the last one stays.
NAMES = {
    "public.test": [[PUBLIC]],
    "private.test": [["10.9.8.7"]],
    "metadata.test": [["169.254.169.254"]],
    "loopback.test": [["127.0.0.1"]],
    "10-9-8-7.wildcard.test": [["10.9.8.7"]],
    "mixed.test": [[PUBLIC, "127.0.0.1"]],
    "loopback6.test": [["::1"]],
    "mapped.test": [["::ffff:10.9.8.7"]],
    "rebind.test": [[PUBLIC], ["127.0.0.1"]],
}

_SIOCSIFFLAGS, _SIOCSIFADDR, _UP = 0x8914, 0x8916, 0x41


def _add_addresses():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for i, address in enumerate(["127.0.0.1", PUBLIC, *OTHERS]):
            name = b"lo" if i == 0 else f"lo:{i}".encode()
            if i > 0:
                inner = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(control, _SIOCSIFADDR, struct.pack("16s16s", name, inner))
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name, _UP))


def _name_of(question):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += question[at] + 1
    return ".".join(labels).lower(), struct.unpack_from(">H", question, at + 1)[0], at + 5


def _answer(question, turns):
    name, kind, end = _name_of(question)
    answers = []
    if name in NAMES:
        turn = min(turns.setdefault((name, kind), 0), len(NAMES[name]) - 1)
        turns[name, kind] += 1
        for address in NAMES[name][turn]:
            family, code = (socket.AF_INET6, 28) if ":" in address else (socket.AF_INET, 1)
            if code == kind:
                packed = socket.inet_pton(family, address)
                answers.append(struct.pack(">HHHIH", 0xC00C, code, 1, 0, len(packed)) + packed)
    flags = 0x8180 if name in NAMES else 0x8183
    head = question[:2] + struct.pack(">HHHHH", flags, 1, len(answers), 0, 0)
    return head + question[12:end] + b"".join(answers)


def _serve_names():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    turns = {}

    def run():
        while True:
            question, sender = server.recvfrom(1500)
            server.sendto(_answer(question, turns), sender)

    threading.Thread(target=run, daemon=True).start()


class _Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, target = self.path.partition("?")
        redirect = path == "/to"
        body = b"" if redirect else self.server.audio
        self.send_response(302 if redirect else 200)
        if redirect:
            self.send_header("Location", urllib.parse.unquote(target))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    visited = []

    def get_request(self):
        connection, sender = super().get_request()
        self.visited.append(connection.getsockname()[0])
        return connection, sender


    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer's asks the name server who we are


class _Server6(_Server):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


def _serve_web(audio):
    # Port 81 is closed at the public address: a client goes on to the next one of its list.
    places = itertools.chain([(_Server, ("0.0.0.0", 80)), (_Server6, ("::", 80))],
                             [(_Server, (address, 81)) for address in ["127.0.0.1", *OTHERS]])
    for kind, place in places:
        server = kind(place, _Web)
        server.audio = audio
        threading.Thread(target=server.serve_forever, daemon=True).start()


def _use_own_names():
    folder = pathlib.Path(tempfile.mkdtemp())
    for name, text in {"resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
                       "nsswitch.conf": "hosts: files dns\n", "hosts": "127.0.0.1 localhost\n::1 localhost\n"}.items():
        (folder / name).write_text(text)
        place = os.path.realpath(f"/etc/{name}")
        if os.path.exists(place):
            subprocess.run(["mount", "--bind", str(folder / name), place], check=True)


def main():
    _add_addresses()
    _use_own_names()
    _serve_names()
    _serve_web(pathlib.Path(sys.argv[1]).read_bytes())
    done = subprocess.run(sys.argv[2:], capture_output=True, text=True, timeout=100)
    print(json.dumps({"code": done.returncode, "out": done.stdout, "err": done.stderr, "visited": _Server.visited}))


if __name__ == "__main__":
    main()
