"""Serves a folder of audio over HTTP on loopback, and answers what a hostile or broken server would."""

import http.server
import pathlib
import threading


class AudioServer:
    """Files of `folder` at /NAME; anything else is 404. Use as a context manager; `url(name)` names a file."""

    def __init__(self, folder):
        handler = lambda *args: _Handler(*args, folder=pathlib.Path(folder))  # noqa: E731
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def url(self, name):
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args, folder):
        self._folder = folder
        super().__init__(*args)

    def do_GET(self):
        path = self._folder / pathlib.Path(self.path).name
        body = path.read_bytes() if path.is_file() else b"no such file"
        self.send_response(200 if path.is_file() else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
